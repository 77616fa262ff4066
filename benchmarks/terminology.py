"""How well queries are read by the terminology, and how long it takes.

    python -m benchmarks.terminology [--half apart]

On the gold set of queries: how many abbreviations come with the right long form first, how many synonyms are among the
alternatives, how many words that mean themselves stay untouched, how many queries are written out as they should be.
Of ambiguous abbreviations, where the notes are: how often the sense is told by the words around, with abbreviations put
in place of their long forms; and on a set of occurrences in articles, many of senses that notes do not have, how often
two of one sense are read alike, and two of different senses are not.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clinsearch.language.terminology import Terminology
from clinsearch.language.terminology.carried import FOLDER
from clinsearch.language.terms import terms_of
from clinsearch.records.expansions import Expansion

PROJECT = Path(__file__).resolve().parents[1]
QUERIES = PROJECT / "tests" / "gold" / "terminology" / "queries.jsonl"
PAIRS = PROJECT.parent / "shared" / "eval" / "abbr_sense_dev"
NOTES = PROJECT.parent / "shared" / "eval" / "mtsamples_desc_dev" / "corpus.jsonl"
BESIDE = 150  # characters on either side
LEAST_CELLS = 4  # how it is read, how it is written, two senses
HALVES = ("tune", "apart")
MEASURES = ("long_forms", "synonyms", "untouched", "long_form")


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def judgements(row: dict[str, Any], terminology: Terminology) -> Iterator[tuple[str, str, bool]]:
    """Yield what is asked of a query: the measure, the words, and whether it is met."""
    query = row["query"]
    found = terminology.expansions(query)
    for written, long in row.get("long_forms", {}).items():
        expansion = _of(found, written)
        first = expansion.alternatives[0].text if expansion else ""
        yield "long_forms", written, _says(first, long)
    for written, names in row.get("synonyms", {}).items():
        expansion = _of(found, written)
        given = [one.text for one in expansion.alternatives] if expansion else []
        for name in names:
            yield "synonyms", f"{written}: {name}", any(_says(text, name) for text in given)
    for word in row.get("untouched", ()):
        yield "untouched", word, not any(word in one.written.split() for one in found)
    if "long_form" in row:
        yield "long_form", query, terminology.long_form(query) == row["long_form"]


def _of(found: list[Expansion], written: str) -> Expansion | None:
    """Return the expansion of some words, or the one of a longer entry that begins with them."""
    wanted = written.rstrip(".")
    return next((one for one in found if one.written.startswith(wanted)), None)


def _says(text: str, name: str) -> bool:
    return terms_of(text)[: len(terms_of(name))] == terms_of(name)


def scores(half: str, terminology: Terminology) -> dict[str, tuple[int, int]]:
    """Return for each measure how many are right, of how many."""
    counted = dict.fromkeys(MEASURES, (0, 0))
    for row in rows(QUERIES):
        if row["half"] == half:
            for measure, _, is_right in judgements(row, terminology):
                right, of = counted[measure]
                counted[measure] = (right + is_right, of + 1)
    return counted


def milliseconds(terminology: Terminology) -> tuple[float, float]:
    """Return the median and the longest time that a query takes, of the gold set's queries, each once."""
    taken = []
    for row in rows(QUERIES):
        started = time.perf_counter()
        terminology.expansions(row["query"])
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken), max(taken)


def sense_pairs(terminology: Terminology) -> tuple[float, float, int]:
    """Return how often two occurrences of one sense are read alike, of different senses differently; and how many."""
    read = {row["id"]: _sense(row, terminology) for row in rows(PAIRS / "corpus.jsonl")}
    of_query = {f"q{name}": sense for name, sense in read.items()}
    alike: list[bool] = []
    apart: list[bool] = []
    with (PAIRS / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            one, other = of_query.get(row["query_id"], ""), read[row["doc_id"]]
            if one and other:
                (alike if int(row["grade"]) else apart).append((one == other) == bool(int(row["grade"])))
    return sum(alike) / max(1, len(alike)), sum(apart) / max(1, len(apart)), len(alike) + len(apart)


def _sense(row: dict[str, Any], terminology: Terminology) -> str:
    found = [one for one in terminology.expansions(row["text"]) if one.start == row["start"]]
    return found[0].alternatives[0].sense if found else ""


def ambiguous() -> dict[str, list[tuple[str, bool]]]:
    """Return the long forms, of two words and more, of abbreviations of several senses.

    With each abbreviation of a long form goes whether it is the likeliest.
    """
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for line in (FOLDER / "terms.txt").read_text(encoding="utf-8").splitlines():
        _, kind, *rest = line.split("\t")
        if kind != "A" or len(rest) < LEAST_CELLS:
            continue
        senses = [(float(sense.split("|")[1]), sense.split("|")[0].lower()) for sense in rest[2:]]
        for _, long in senses:
            if " " in long:
                found[long].append((rest[1].split("|")[0], long == max(senses)[1]))
    return found


def senses_in_notes(terminology: Terminology) -> tuple[int, int, int, int]:
    """Put abbreviations in place of their long forms, in sentences of notes that no sense was learned from.

    Return how often the right sense comes first, how often it would by its frequency alone, how often it is one of
    the two that are kept, and of how many.
    """
    long_forms = ambiguous()
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, sorted(long_forms, key=len, reverse=True)))})\b", re.IGNORECASE)
    first = likeliest = kept = of = 0
    for row in rows(NOTES):
        for sentence in re.split(r"(?<=[.;])\s+", row["text"]):
            for match in pattern.finditer(sentence):
                before, after = sentence[: match.start()][-BESIDE:], sentence[match.end() :][:BESIDE]
                for short, is_likeliest in long_forms[match[0].lower()]:
                    read = terminology.expansions(f"{before}{short}{after}")
                    senses = [
                        one.sense.lower() for part in read if part.start == len(before) for one in part.alternatives
                    ]
                    first += senses[:1] == [match[0].lower()]
                    kept += match[0].lower() in senses
                    likeliest += is_likeliest
                    of += 1
    return first, likeliest, kept, of


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=HALVES, help="with what is missed")
    half = parser.parse_args().half
    started = time.perf_counter()
    terminology = Terminology.carried()
    terminology.expansions("SOB")
    print(f"first query after {1000 * (time.perf_counter() - started):.1f} ms")
    print("a query, each once: median {:.2f} ms, at most {:.2f} ms".format(*milliseconds(terminology)))
    for name in HALVES:
        told = ", ".join(f"{measure} {right} of {of}" for measure, (right, of) in scores(name, terminology).items())
        print(f"{name:6} {told}")
    for row in rows(QUERIES) if half else ():
        for measure, words, is_right in judgements(row, terminology):
            if row["half"] == half and not is_right:
                print(f"  missed {measure}: {words} in {row['query']}")
    if PAIRS.exists():
        alike, apart, of = sense_pairs(terminology)
        print(
            f"pairs of one sense read alike {alike:.3f}, of different senses differently {apart:.3f}, of {of:,} pairs"
        )
    else:
        print("Pairs skipped: not beside the project.")
    if NOTES.exists():
        print(
            "senses: first {} by the words around, {} by frequency, {} kept, of {:,}".format(
                *senses_in_notes(terminology)
            )
        )
    else:
        print("Senses skipped: not beside the project.")


if __name__ == "__main__":
    main()
