"""What places say of the things that a query names: that they are so, are not, may be, were, or are someone else's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from clinsearch.language.assertions import find_assertions
from clinsearch.records import AssertedSpan, Said, Stance
from clinsearch.retrieval.agreement import SaidOf, by_other_names, said_of
from clinsearch.retrieval.question import Question
from clinsearch.storage.port import TextCatalog
from clinsearch.storage.values import Occurrence


class Stances:
    """Tells what places say of a query's terms. weights: how much each of these counts."""

    def __init__(self, texts: TextCatalog, asked: Question, weights: Mapping[str, float]) -> None:
        self._texts, self._weights, self._names = texts, weights, asked.names
        self.asked = said_of(asked.text, find_assertions(asked.text))

    def of(self, places: Sequence[Occurrence]) -> list[frozenset[Stance]]:
        """Return what each place says of the term that counts most of those it has.

        A place without any of them means them in other words: what it says of most of its own terms.
        """
        spans = self._texts.assertions(list({place.sentence_key for place in places}))
        return [self._of(place, spans[place.sentence_key]) for place in places]

    def _of(self, place: Occurrence, spans: Sequence[AssertedSpan]) -> frozenset[Stance]:
        if not place.is_read:
            return frozenset({"unread"})
        said = by_other_names(said_of(place.text, spans, place.section, place.heading), self._names)
        shared = [term for term in self.asked if term in said]
        if shared:
            return frozenset(map(stance, said[max(shared, key=lambda term: self._weights.get(term, 0.0))]))
        return frozenset({_mostly(said)})


def stance(said: Said) -> Stance:
    """Return what is said of something as one word; of what is someone else's only that."""
    return "other" if said.of_other else said.assertion


def _mostly(said: SaidOf) -> Stance:
    counts = Counter(stance(one) for of_term in said.values() for one in of_term)
    return counts.most_common(1)[0][0] if counts else "affirmed"
