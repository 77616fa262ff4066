"""Terms that notes are to name, each as one phrase, with the other names that mean the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinsearch.language.terminology import Terminology
from clinsearch.language.terms import phrases_of, placed_terms
from clinsearch.records.notes import Span
from clinsearch.records.phrases import Phrase

# What says so much of what a term means is another name of it.
LEAST_WEIGHT = 0.85


@dataclass(frozen=True, slots=True)
class TermsSought:
    """The phrases that are looked for. searched: as they are written; unclear: abbreviations with several meanings,
    whose long forms are not looked for."""

    phrases: tuple[Phrase, ...]
    searched: tuple[str, ...]
    unclear: tuple[str, ...]

    @classmethod
    def read(cls, terms: Sequence[str], terminology: Terminology | None) -> TermsSought:
        """Read terms; without a terminology they are looked for as they are."""
        found: dict[Phrase, str] = {}
        unclear: list[str] = []
        for term in terms:
            others = _other_names(term, terminology, unclear) if terminology else ()
            for text in (term, *others):
                for phrase in phrases_of(f'"{text}"'):
                    found.setdefault(phrase, text)
        return cls(tuple(found), tuple(found.values()), tuple(dict.fromkeys(unclear)))

    def spans(self, text: str) -> list[Span]:
        """Return where a text names any of them."""
        placed = placed_terms(text)
        terms = [term for term, _, _ in placed]
        return [
            (placed[at][1], placed[at + len(phrase.terms) - 1][2])
            for phrase in self.phrases
            for at in range(len(terms) - len(phrase.terms) + 1)
            if phrase.count_in(terms[at : at + len(phrase.terms)])
        ]


def _other_names(term: str, terminology: Terminology, unclear: list[str]) -> Iterator[str]:
    """Yield a term with each of its parts that has other names replaced by these in turn."""
    for one in terminology.expansions(term):
        if one.kind == "function":
            continue
        if one.kind == "abbreviation" and not one.sense:
            unclear.append(one.written)
            continue
        for other in one.alternatives:
            if other.weight >= LEAST_WEIGHT:
                yield f"{term[: one.start]}{other.text}{term[one.end :]}".replace('"', " ")
