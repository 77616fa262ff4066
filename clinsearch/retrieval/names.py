"""What else the words of a query are called: of each group of names the one that a text has the most of counts.

"SOB" is looked for as "shortness of breath" too. A text with both is no better for it than a text with one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinsearch.language.terms import placed_phrases, terms_of
from clinsearch.records import FloatArray
from clinsearch.records.expansions import Expansion
from clinsearch.records.phrases import Phrase

# What says less of what is meant is a loose relation: "abrupt" of "acute".
LEAST_WEIGHT = 0.7


@dataclass(frozen=True, slots=True)
class Names:
    """Phrases of a query that name one thing, and other phrases for it, each with its weight relative to theirs.

    is_abbreviation: whether the query's own is an abbreviation, which counts as the thing does, not as rare letters.
    """

    own: tuple[Phrase, ...]
    others: Mapping[Phrase, float]
    is_abbreviation: bool


def read_names(query: str, expansions: Sequence[Expansion]) -> tuple[list[Phrase], list[Names]]:
    """Read a query's phrases, without words that only say how (s/p, r/o, with), and the other names of some of them."""
    placed = placed_phrases(query)
    spans = [(one.start, one.end) for one in expansions if one.kind == "function"]
    phrases = [phrase for phrase, start, end in placed if not _is_within(start, end, spans)]
    names = []
    for one in expansions:
        own = tuple(phrase for phrase, start, end in placed if _is_within(start, end, [(one.start, one.end)]))
        if one.kind != "function" and own:
            names.append(Names(own, _others(one, own), one.kind == "abbreviation"))
    return phrases or [phrase for phrase, _, _ in placed], [one for one in names if one.others]


def _others(expansion: Expansion, own: Collection[Phrase]) -> dict[Phrase, float]:
    found: dict[Phrase, float] = {}
    for one in expansion.alternatives:
        terms = tuple(terms_of(one.text))
        phrase = Phrase(terms, written=one.text, stands_for=expansion.written, is_meant=one.is_meant)
        is_loose = expansion.kind == "synonym" and one.weight < LEAST_WEIGHT
        if phrase.terms and phrase not in own and not is_loose:
            found.setdefault(phrase, one.weight)
    return found


def _is_within(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(low <= start and end <= high for low, high in spans)


@dataclass(frozen=True, slots=True, eq=False)
class NameColumns:
    """The columns of scores, (texts, phrases), that are of one thing: of the query's own phrases and of others."""

    own: NDArray[np.int64]
    others: NDArray[np.int64]

    def only_best(self, scores: FloatArray) -> None:
        """Set to zero, in place, all but the name with the highest score of each text; own phrases are one name."""
        own, others = scores[:, self.own].sum(axis=1), scores[:, self.others]
        best = others.argmax(axis=1)
        is_other = others[np.arange(len(others)), best] > own
        scores[np.ix_(is_other, self.own)] = 0
        kept = np.zeros(others.shape, dtype=bool)
        kept[np.arange(len(others)), best] = is_other
        scores[:, self.others] = np.where(kept, others, 0)
