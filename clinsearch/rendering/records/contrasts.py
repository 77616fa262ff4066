"""Contrasts as records for JSON and CSV."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from clinsearch.records import Contrast, NoteExplanation
from clinsearch.rendering.records.explanations import explanation_record
from clinsearch.rendering.records.formats import Record


def contrast_record(contrast: Contrast) -> Record:
    """Return why one is nearer than another: `parts` add up to `difference`, and so do `sentences` and `elsewhere`."""
    return {
        "explains": "contrast",
        "method": "shares",
        "difference": contrast.difference,
        "parts": dict(contrast.parts),
        "sentences": contrast_rows(contrast),
        "elsewhere": contrast.elsewhere,
        "words": [{**asdict(word), "difference": word.difference} for word in contrast.by_word],
        "nearer": explanation_record(contrast.nearer),
        "other": explanation_record(contrast.other),
    }


def contrast_rows(contrast: Contrast) -> list[Record]:
    """Return what each sentence of the note that both are compared with adds to the difference, the most first."""
    if not isinstance(contrast.nearer, NoteExplanation):
        return []
    shares = contrast.by_sentence
    return [
        {"left": int(at), "sentence": contrast.nearer.left[at].sentence, "difference": float(shares[at])}
        for at in np.argsort(-np.abs(shares), kind="stable")
    ]
