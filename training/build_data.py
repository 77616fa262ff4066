"""Makes the material that the encoder is trained on: files of JSON lines in training/material.

    python -m training.build_data

The same files each time, byte for byte. What they are made from: training/README.md.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.assertion_groups import Rendering, render, turn
from training.clusters import Cluster, clusters
from training.concepts import Concept, make_concepts, split_probed
from training.dialogues import spoken_sections
from training.examples import Terms, make_examples, read_terms
from training.findings import SOURCES, harvest, named_findings
from training.passages import Pair, neighbours, note_pairs, same_procedures
from training.questions import Asked, Names, answered, other_names, paraphrased
from training.sources import (
    SHARED,
    Judged,
    Report,
    Sentence,
    read_judged,
    read_judged_synonyms,
    read_questions,
    read_reports,
    read_sentences,
)
from training.synonyms import abbreviated_pairs, entry_pairs, named_pairs, stated_pairs
from training.terminologies import Entry, read_terminologies
from training.wordings import probed, trained

MATERIAL = Path(__file__).parent / "material"
MANIFEST = "manifest.json"
NO_MATERIAL = "No material yet. Make it with `python -m training.build_data`."
SEED = 11
NEIGHBOURS = 12_000
PROBED_DISEASES = 60
# The files of what people wrote; the rest is made of terms and wordings of our own.
OF_TEXTS = ("turned", "questions", "paraphrases", "notes", "words", "general")
WORDS_AROUND = 90  # characters on either side of a term that stay


@dataclass(frozen=True, slots=True)
class Sources:
    """All that is read; judged: what the development sets hold, of which no text may be left in what is written.

    asked: the synonyms that a development set asks for.
    """

    sentences: Sequence[Sentence]
    reports: Sequence[Report]
    questions: Sequence[tuple[str, str]]
    terms: Terms
    concepts: Sequence[Concept]
    entries: Sequence[Entry] = ()
    asked: frozenset[str] = frozenset()
    judged: Judged = field(default_factory=lambda: Judged([]))


def main() -> None:
    """Write every file, and a manifest of them."""
    if not SHARED.exists():
        sys.exit("There is no training material beside the project; training/README.md says what it is.")
    build(read_sources(), MATERIAL)


def read_sources() -> Sources:
    """Read the material beside the project, without what the development sets hold."""
    judged, ids = read_judged()
    sentences = read_sentences(judged, ids)
    terms = read_terms(SHARED / "train")
    named = named_findings()
    harvested = harvest((sentence.text for sentence in sentences if sentence.source in SOURCES), named)
    concepts = make_concepts(named, harvested, terms.names)
    questions, reports = read_questions(judged), read_reports(judged, ids)
    return Sources(sentences, reports, questions, terms, concepts, read_terminologies(), read_judged_synonyms(), judged)


def build(sources: Sources, folder: Path) -> None:
    """Write the material of some sources to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {}
    for name, make in MAKERS.items():
        # Each file has its own draws: a change of one leaves the others as they are.
        made = map(dataclasses.asdict, make(sources, random.Random(f"{SEED} {name}")))
        rows = [json.dumps(row) for row in made if name not in OF_TEXTS or not _is_judged(row, sources.judged)]
        content = "".join(f"{row}\n" for row in rows).encode()
        (folder / f"{name}.jsonl").write_bytes(content)
        manifest[name] = {"rows": len(rows), "sha256": hashlib.sha256(content).hexdigest()}
        print(f"{name}: {len(rows):,}", flush=True)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _is_judged(row: Mapping[str, Any], judged: Judged) -> bool:
    """Tell whether a text of a row is, or was cut so that it is, one of the development sets'."""
    texts = [row[side] for side in ("text", "one", "other", "same") if side in row]
    return any(map(judged.has, [*texts, *row.get("texts", ())]))


def _assertions(sources: Sources, rng: random.Random) -> Iterator[Rendering]:
    concepts, _ = split_probed(sources.concepts)
    return render(concepts, trained(), rng)


def _probes(sources: Sources, rng: random.Random) -> Iterator[Rendering]:
    _, concepts = split_probed(sources.concepts)
    findings = [concept for concept in concepts if concept.kind == "finding"]
    diseases = [concept for concept in concepts if concept.kind == "disease"]
    return render([*findings, *rng.sample(diseases, min(PROBED_DISEASES, len(diseases)))], probed(), rng)


def _turned(sources: Sources, rng: random.Random) -> Iterator[Any]:
    """Turn real sentences, but for those that name a finding kept for probes."""
    _, concepts = split_probed(sources.concepts)
    names = [name.lower() for concept in concepts if concept.kind == "finding" for name in concept.names]
    named = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b") if names else re.compile(r"(?!)")
    texts = (sentence.text for sentence in sources.sentences if sentence.source in SOURCES)
    return turn((text for text in texts if not named.search(text.lower())), rng)


def _synonyms(sources: Sources, rng: random.Random) -> Iterator[Pair]:
    yield from named_pairs(sources.concepts, rng)
    yield from abbreviated_pairs(sources.terms.abbreviations, rng)
    yield from stated_pairs((sentence.text for sentence in sources.sentences), rng)
    yield from entry_pairs(sources.entries, sources.asked, rng)


def _questions(sources: Sources, rng: random.Random) -> Iterator[Asked]:
    return answered(sources.questions, _names(sources), rng)


def _paraphrases(sources: Sources, rng: random.Random) -> Iterator[Asked]:
    return paraphrased((question for question, _ in sources.questions), _names(sources), rng)


def _notes(sources: Sources, rng: random.Random) -> Iterator[Pair]:
    yield from note_pairs(sources.reports, rng)
    yield from same_procedures(sources.reports, rng)
    yield from spoken_sections(sources.reports, rng)
    yield from neighbours(sources.sentences, rng, NEIGHBOURS)


def _words(sources: Sources, rng: random.Random) -> Iterator[Any]:
    """Give words in context, each with no more of its sentence than bears on it."""
    texts = [sentence.text for sentence in sources.sentences if 5 <= len(sentence.text.split()) <= 60]
    for example in make_examples(texts, sources.terms, rng.randrange(2**31)):
        start = example.text.find(" ", max(0, example.start - WORDS_AROUND)) + 1 if example.start > WORDS_AROUND else 0
        start = min(start, example.start)
        end = example.text.rfind(" ", example.end, example.end + WORDS_AROUND)
        end = len(example.text) if len(example.text) - example.end <= WORDS_AROUND or end < 0 else end
        yield dataclasses.replace(
            example, text=example.text[start:end], start=example.start - start, end=example.end - start
        )


def _general(sources: Sources, rng: random.Random) -> Iterator[Cluster]:
    # Of whole notes only what is nowhere in the development sets: nearly each has some stock phrase that is.
    reports = [dataclasses.replace(one, text=sources.judged.without(one.text)) for one in sources.reports]
    return clusters(sources.sentences, sources.questions, _names(sources), reports, rng)


def _names(sources: Sources) -> Names:
    """Return other names of what is asked about, but for the concepts of the probes."""
    concepts, _ = split_probed(sources.concepts)
    return other_names(concept.names for concept in concepts)


MAKERS: dict[str, Callable[[Sources, random.Random], Iterable[Any]]] = {
    "assertions": _assertions,
    "turned": _turned,
    "probes": _probes,
    "synonyms": _synonyms,
    "questions": _questions,
    "paraphrases": _paraphrases,
    "notes": _notes,
    "words": _words,
    "general": _general,
}

if __name__ == "__main__":
    main()
