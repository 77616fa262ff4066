"""Segmentation against the gold set, the real notes, arbitrary text, and each phenomenon by hand."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinsearch.records import Segmentation
from clinsearch.segmentation import SEGMENTATION_VERSION, segment
from clinsearch.segmentation.sentences import MAX_SENTENCE_CHARACTERS

GOLD = Path(__file__).resolve().parent / "gold" / "segmentation"
REAL_NOTES = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical_notes.jsonl.gz"

# F1 of sentences (both ends exact), of their ends alone, and of headings (span and name).
THRESHOLDS = {"dev": (0.99, 0.99, 0.98), "heldout": (0.90, 0.90, 0.90)}

MARKUP = re.compile(r"⟦|⟧|⟪|\|([^⟪⟫|]*)⟫")
# What may stand outside sentences and headings: no word, and no number but a list's.
BETWEEN = re.compile(
    r"(?:[\s,.:;*=~#|+_\u2022\u00b7\u25e6\u25aa\u25cf\u25a0\u2023\u25ba\u27a2\u2013\u2014-]"
    r"|\#?\(?\d{1,3}[.)]|\(?[A-Za-z]\)|[a-eA-H]\.|[ivx]{1,4}[.)])*"
)

Spans = set[tuple[object, ...]]


def read_gold(marked: str) -> tuple[str, Spans, Spans]:
    """Take marked text apart: the note, its sentences, its headings (without colon) with their names."""
    text, sentences, headings = "", set(), set()
    start = position = 0
    for mark in MARKUP.finditer(marked):
        text += marked[position : mark.start()]
        position = mark.end()
        if mark[0] in "⟦⟪":
            start = len(text)
        elif mark[0] == "⟧":
            sentences.add((start, len(text)))
        else:
            headings.add((start, start + len(text[start:].removesuffix(":").rstrip()), mark[1]))
    return text + marked[position:], sentences, headings


def heading_spans(result: Segmentation) -> Spans:
    return {(s.start, s.start + len(s.heading), s.name) for s in result.sections if s.heading is not None}


def score(half: str) -> tuple[tuple[int, int, int], ...]:
    """Count (correct, gold, found) for sentences, sentence ends and headings over one half of the gold set."""
    totals = [[0, 0, 0] for _ in range(3)]
    for path in sorted((GOLD / half).glob("*.txt")):
        text, sentences, headings = read_gold(path.read_bytes().decode())
        result = segment(text)
        found = {(s.start, s.end) for s in result.sentences}
        pairs = (sentences, found), ({s[1:] for s in sentences}, {s[1:] for s in found}), (headings, heading_spans(result))
        for total, (gold, guess) in zip(totals, pairs, strict=True):
            for place, count in enumerate((len(gold & guess), len(gold), len(guess))):
                total[place] += count
    return tuple((a, b, c) for a, b, c in totals)


@pytest.mark.parametrize("half", ["dev", "heldout"])
def test_the_gold_set_is_reproduced(half: str) -> None:
    counts = score(half)
    report = [f"P {c / f:.4f} R {c / g:.4f} F1 {2 * c / (g + f):.4f} of {g}" for c, g, f in counts]
    print(half, *report, sep="\n")
    for (correct, gold, found), threshold in zip(counts, THRESHOLDS[half], strict=True):
        assert 2 * correct / (gold + found) >= threshold, report
