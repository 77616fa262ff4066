"""How queries are read: which words are left as they are."""

from __future__ import annotations

import pytest

from clinsearch.language.spelling import Speller
from clinsearch.language.terminology import Terminology
from clinsearch.retrieval import QueryReader


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("metformn", "metformin"),
        ('"metformn"', '"metformn"'),
        ('metformn and "metformn" or metformn*', 'metformin and "metformn" or metformn*'),
        ('the "wond infction" of metformn', 'the "wond infction" of metformin'),
    ],
)
def test_misspelt_words_are_put_right_but_not_in_quotation_marks(written: str, read: str) -> None:
    terminology = Terminology.carried()
    reader = QueryReader(terminology, Speller({"metformin": 9, "wound": 9, "infection": 9}, terminology))
    assert reader.read(written).text == read
    assert QueryReader(terminology).read(written).text == written
