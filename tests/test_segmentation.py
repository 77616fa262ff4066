"""Notes fall into sections and sentences: a gold set, and what must hold of any text."""

from __future__ import annotations

import gzip
import json
import textwrap
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.language.segmentation import segment
from clinsearch.records import Segmentation
from tests.support.segmented import (
    check_invariants,
    heading_spans,
    read_gold,
    sentence_spans,
    with_headings,
)

GOLD = Path(__file__).resolve().parent / "gold" / "segmentation"


REAL_NOTES = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical_notes.jsonl.gz"


# F1 of sentences (both ends exact), of their ends alone, and of headings (span and name).
THRESHOLDS = {"dev": (0.99, 0.99, 0.99), "heldout": (0.94, 0.97, 0.97)}


def score(half: str) -> list[tuple[int, int, int]]:
    """Count (correct, in the gold, found): sentences, their ends, headings, in half of the gold set."""
    totals = [(0, 0, 0)] * 3
    for path in sorted((GOLD / half).glob("*.txt")):
        text, sentences, headings = read_gold(path.read_bytes().decode())
        result = segment(text)
        found = sentence_spans(result)
        pairs: list[tuple[set[Any], set[Any]]] = [
            (expected := with_headings(sentences, headings), found),
            ({end for _, end in expected}, {end for _, end in found}),
            (headings, heading_spans(result)),
        ]
        totals = [
            (correct + len(gold & guess), in_gold + len(gold), in_guess + len(guess))
            for (correct, in_gold, in_guess), (gold, guess) in zip(totals, pairs, strict=True)
        ]
    return totals


@pytest.mark.parametrize("half", ["dev", "heldout"])
def test_the_gold_set_is_reproduced(half: str) -> None:
    counts = score(half)
    report = [f"P {c / f:.4f}, R {c / g:.4f}, F1 {2 * c / (g + f):.4f} of {g}" for c, g, f in counts]
    print(half, *report, sep="\n")
    for (correct, gold, found), threshold in zip(counts, THRESHOLDS[half], strict=True):
        assert 2 * correct / (gold + found) >= threshold, report


@pytest.fixture(scope="module")
def real_texts() -> list[str]:
    if not REAL_NOTES.exists():
        pytest.skip("the real notes are not at hand")
    with gzip.open(REAL_NOTES, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    assert len(texts) == 1501
    return texts


def test_no_word_of_the_real_notes_is_lost(real_texts: list[str]) -> None:
    for text in real_texts:
        check_invariants(text)


def test_wrapping_the_lines_of_real_notes_changes_hardly_a_sentence(real_texts: list[str]) -> None:
    kept = total = 0
    for text in real_texts:
        if "\n" in text:
            before = read_sentences(text)
            after = read_sentences("\n".join(wrap_line(line) for line in text.split("\n")))
            kept += 2 * (before & after).total()
            total += before.total() + after.total()
    assert kept / total >= 0.99, kept / total


def read_sentences(text: str) -> Counter[str]:
    """Count a note's sentences, white space made one."""
    return Counter(" ".join(text[s.start : s.end].split()) for s in segment(text).sentences)


def test_paragraphs_that_are_about_as_long_as_each_other_are_not_taken_for_wrapped_lines() -> None:
    paragraphs = [
        "Diagnosis: heart failure with reduced ejection fraction",
        "She sleeps on three pillows and wakes short of breath",
        "Follow up in two weeks with Dr. Smith",
    ]
    assert read_sentences("\n".join(paragraphs)) == Counter(paragraphs)


def wrap_line(line: str) -> str:
    return "\n".join(textwrap.wrap(line, 72, break_long_words=False, break_on_hyphens=False))


@settings(deadline=None)
@given(st.text(st.characters()))
def test_no_word_of_any_text_is_lost(text: str) -> None:
    check_invariants(text)


FRAGMENTS = [
    *"aAoxX1 .,:;?!)(#*|-_\n\t\"'•",
    *["\r\n", "\n\n", "  ", ". ", ".,", ":,", ": ,", "1. ", "2. ", "2) ", "a. ", "IV. ", "b.i.d.", "Dr. "],
    *["PLAN", "Meds:", "HPI:", "PMH", "The ", "well.The ", "end.ent, ", "[** **]", "[**", "**", "___"],
    *["\x0b", "\x1c", "\u2028", "\ud800", "\u05d0\u05d1", "\u202e", "\xa0", "---", "5.5", "x" * 2500],
]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
def test_no_word_of_any_run_of_marks_is_lost(text: str) -> None:
    check_invariants(text)


def test_an_empty_text_has_no_sections() -> None:
    assert segment("") == Segmentation((), ())


@pytest.mark.parametrize(
    "unit",
    ["a", " ", "A", ",", "\n", "a\n", "a. ", ".", "A: ", ":,", ".,A", "[**", "1) ", "A B: ", "aa.Aa"],
)
def test_time_is_linear_in_the_length_of_the_text(unit: str) -> None:
    def measure(times: int) -> float:
        text = unit * (times * 10_000 // len(unit))
        seconds = []
        for _ in range(3):
            started = time.thread_time()
            segment(text)
            seconds.append(time.thread_time() - started)
        return min(seconds)

    assert measure(4) < 10 * measure(1) + 0.05
