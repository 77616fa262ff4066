"""Leave-one-word-out as records; the keys are documented in docs/json.md and its schema."""

from __future__ import annotations

from collections.abc import Sequence

from clinsearch.records import (
    Explanation,
    FloatArray,
    NoteExplanation,
    Occlusion,
    QueryExplanation,
    TextExplanation,
    Word,
)
from clinsearch.rendering.records.explanations import found_place_record, pair_place_record
from clinsearch.rendering.records.formats import Record


def occlusion_record(explanation: Explanation, occlusions: Sequence[Occlusion]) -> Record:
    """Return how far the score drops without each word: of the texts that an explanation takes apart."""
    match explanation:
        case TextExplanation():
            return {"explains": "texts", "method": "occlusion", **_drops_record(occlusions[0])}
        case QueryExplanation():
            place = found_place_record(explanation)
            return {"explains": "query", "method": "occlusion", **place, **_drops_record(occlusions[0])}
        case NoteExplanation():
            pairs = [
                {**pair_place_record(explanation, pair), **_drops_record(occlusion)}
                for pair, occlusion in zip(explanation.pairs, occlusions, strict=True)
            ]
            ids = {"left_note_id": explanation.left_note_id, "right_note_id": explanation.right_note_id}
            return {"explains": "notes", "method": "occlusion", **ids, "pairs": pairs}


def occlusion_rows(occlusions: Sequence[Occlusion]) -> list[Record]:
    """Return the words of both sides of each pair of texts, with how far the score drops without them."""
    return [
        {"pair": number, "side": side, **word}
        for number, occlusion in enumerate(occlusions)
        for side, words in (("left", _left_drops(occlusion)), ("right", _right_drops(occlusion)))
        for word in words
    ]


def _drops_record(occlusion: Occlusion) -> Record:
    return {
        "score": occlusion.score,
        "adds_up": False,
        "left": {"text": occlusion.left, "words": _left_drops(occlusion)},
        "right": {"text": occlusion.right, "words": _right_drops(occlusion)},
    }


def _left_drops(occlusion: Occlusion) -> list[Record]:
    return _dropped_words(occlusion.left_words, occlusion.left_drops)


def _right_drops(occlusion: Occlusion) -> list[Record]:
    return _dropped_words(occlusion.right_words, occlusion.right_drops)


def _dropped_words(words: Sequence[Word], drops: FloatArray) -> list[Record]:
    return [
        {"text": word.text, "start": word.start, "end": word.end, "drop": drop}
        for word, drop in zip(words, drops.tolist(), strict=True)
    ]
