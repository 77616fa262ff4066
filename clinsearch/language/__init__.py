"""What a note says, read by rules: sections, sentences, assertions, terms and gists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch.deferral import deferred
from clinsearch.records.readings import LANGUAGE_VERSION

if TYPE_CHECKING:
    from clinsearch.language.reading import read_note, read_sentences
    from clinsearch.language.terms import terms_of

__all__ = ["LANGUAGE_VERSION", "read_note", "read_sentences", "terms_of"]

__getattr__ = deferred(
    __name__,
    {
        "read_note": "reading",
        "read_sentences": "reading",
        "terms_of": "terms",
    },
)
