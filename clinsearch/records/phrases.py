"""What a query looks for in the terms of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand one after another; with `is_prefix` the last of them need only begin so.

    written: the phrase as the query has it. stands_for: the words of the query that it is another name for. is_meant:
    of letters with several meanings, tells among the terms of a text, at a place, whether this one can be meant.
    """

    terms: tuple[str, ...]
    is_prefix: bool = False
    written: str = field(default="", compare=False)
    stands_for: str = field(default="", compare=False)
    is_meant: Callable[[Sequence[str], int], bool] | None = field(default=None, compare=False, repr=False)

    @property
    def is_term(self) -> bool:
        """Whether it is one whole term."""
        return len(self.terms) == 1 and not self.is_prefix

    def count_in(self, terms: Sequence[str]) -> int:
        """Count the places in a list of terms where the phrase stands."""
        if self.is_term and self.is_meant is None:
            return terms.count(self.terms[0])
        starts = range(len(terms) - len(self.terms) + 1)
        places = [start for start in starts if self._stands(terms[start : start + len(self.terms)])]
        return sum(self.is_meant is None or self.is_meant(terms, place) for place in places)

    def _stands(self, terms: Sequence[str]) -> bool:
        is_last = terms[-1].startswith(self.terms[-1]) if self.is_prefix else terms[-1] == self.terms[-1]
        return is_last and tuple(terms[:-1]) == self.terms[:-1]
