"""How far scores of two notes fall without a sentence: against notes that are written without it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.encoder.encoder import Encoder
from clinsearch.explanation.left_out import LeftOut, falls_of_openings, falls_of_words, leave_out_each
from clinsearch.records import FloatArray
from clinsearch.retrieval.keywords import Keywords
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.port import KeywordIndex, Snapshot

# Long enough that the tiny model's opening, of 64 wordpieces, ends in the third sentence.
LEFT = [
    "Patient has weakness and weight loss since the fall. ",
    "Denies fever, chills, cough, chest pain at night. ",
    "Mild edema and wound drainage on the left, short of breath lying flat. ",
    "Needs three pillows to sleep.",
]
RIGHT = [
    "Wound drainage on the left, mild edema. ",
    "No history of weight loss or weakness. ",
    "Weakness again. ",
    "Needs pillows at night, denies cough.",
]
OTHERS = ["Heart stable.", "Lungs are clear.", "No chest pain, no fever.", "Wound is clean."]


def places(sentences: list[str]) -> list[tuple[int, int]]:
    ends = np.cumsum([len(sentence) for sentence in sentences]).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


def without(sentences: list[str], at: int) -> str:
    return "".join(sentences[:at] + sentences[at + 1 :])


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Iterator[Snapshot]:
    folder = tmp_path_factory.mktemp("left-out")
    texts = ["".join(LEFT), "".join(RIGHT), *OTHERS]
    lines = [json.dumps({"note_id": str(number), "text": text}) for number, text in enumerate(texts)]
    (folder / "notes.jsonl").write_text("\n".join(lines))
    clinsearch.index(folder / "notes.jsonl", folder / "c", model=str(tiny_model), tokens=False)
    with Reader(folder / "c").snapshot() as opened:
        yield opened


@pytest.fixture(scope="module")
def sides(snapshot: Snapshot, tiny_encoder: Encoder) -> list[LeftOut]:
    return [leave_out_each(snapshot, tiny_encoder, "".join(own), places(own)) for own in (LEFT, RIGHT)]


def test_what_is_left_out_is_left_out_and_nothing_else(sides: list[LeftOut]) -> None:
    for side, own in zip(sides, (LEFT, RIGHT), strict=True):
        assert list(side.sentences) == own
        assert list(side.texts) == [without(own, at) for at in range(len(own))]


def test_openings_fall_as_the_encoder_says(snapshot: Snapshot, tiny_encoder: Encoder, sides: list[LeftOut]) -> None:
    def opening(text: str) -> FloatArray:
        return snapshot.corrected("opening", tiny_encoder.encode([tiny_encoder.opening(text)]))[0]

    left, right = opening("".join(LEFT)), opening("".join(RIGHT))
    found = falls_of_openings(*sides)
    for falls, own, other in ((found[0], LEFT, right), (found[1], RIGHT, left)):
        cosines = [float(opening(without(own, at)) @ other) for at in range(len(own))]
        expected = [max(float(left @ right) - cosine, 0.0) for cosine in cosines]
        assert falls == pytest.approx(np.array(expected), abs=1e-5)
    assert max(map(float, found[0])) > 0


def test_what_no_opening_has_makes_it_fall_by_nothing(snapshot: Snapshot, tiny_encoder: Encoder) -> None:
    long = [*LEFT * 3, "Heart stable."]
    side = leave_out_each(snapshot, tiny_encoder, "".join(long), places(long))
    other = leave_out_each(snapshot, tiny_encoder, "".join(RIGHT), places(RIGHT))
    assert falls_of_openings(side, other)[0][-1] == pytest.approx(0, abs=1e-6)


def words(index: KeywordIndex, one: str, other: str) -> float:
    """Return how much of the words of a note another has, by the score for a query of its whole text."""
    keywords = Keywords(index, one)
    of_other, of_one = keywords.scores([other, one]).sum(axis=1, dtype=np.float64).tolist()
    return math.sqrt(of_other / max(of_other, of_one))


def test_words_fall_as_for_the_shorter_note(snapshot: Snapshot, sides: list[LeftOut]) -> None:
    index = snapshot.catalog.keywords("note")
    left, right = "".join(LEFT), "".join(RIGHT)
    whole = words(index, left, right)
    of_left, of_right = falls_of_words(Keywords(index, left), *sides)
    assert of_right == pytest.approx(
        np.array([max(whole - words(index, left, without(RIGHT, at)), 0.0) for at in range(len(RIGHT))]), abs=1e-5
    )
    expected = [max(whole - words(index, without(LEFT, at), right), 0.0) for at in range(len(LEFT))]
    # Without a sentence in the middle those around it come to be neighbours, whose pair is not looked for here.
    assert of_left[[0, -1]] == pytest.approx(np.array(expected)[[0, -1]], abs=1e-5)
    assert of_left == pytest.approx(np.array(expected), abs=0.02)
    assert max(map(float, of_left)) > 0.02


def test_without_the_words_in_common_nothing_is_left_of_the_score(snapshot: Snapshot, tiny_encoder: Encoder) -> None:
    one, other = ["Heart stable. ", "Lungs are clear."], ["Lungs are clear.", " Mild edema."]
    sides = [leave_out_each(snapshot, tiny_encoder, "".join(own), places(own)) for own in (one, other)]
    index = snapshot.catalog.keywords("note")
    of_left, of_right = falls_of_words(Keywords(index, "".join(one)), *sides)
    whole = words(index, "".join(one), "".join(other))
    assert of_left.tolist() == pytest.approx([0.0, whole], abs=1e-6)
    assert of_right.tolist() == pytest.approx([whole, 0.0], abs=1e-6)
