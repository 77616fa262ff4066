"""What a text says of a treatment: that it is stopped, started, restarted, continued, increased, decreased, not taken,
or that there is an allergy to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from clinsearch.language.terms import placed_terms, terms_of
from clinsearch.records.assertions import TreatmentStatus
from clinsearch.records.notes import Span

# By status, the ways to say it, the first the plainest.
_WRITTEN: dict[TreatmentStatus, str] = {
    "stopped": (
        "stopped, discontinued, held, stop, discontinue, hold, off, stopping, discontinuing, holding, discontinuation,"
        "withheld, withhold, ceased, suspended, withdrawn, weaned off, wean off, tapered off, taken off, came off,"
        "no longer on, no longer taking, d/c'd, dc'd"
    ),
    "started": (
        "started, began, initiated, start, begin, initiate, begun, starting, beginning, initiating, initiation,"
        "placed on, put on, added, commenced"
    ),
    "restarted": "restarted, resumed, restart, resume, restarting, resuming, reinitiated, started back on, back on",
    "continued": "continued, continue, maintained, continuing, remains on, remained on, still on, still taking, kept",
    "increased": "increased, increase, raised, raise, uptitrated, increasing, titrated up, titrate up, went up on",
    "decreased": (
        "decreased, decrease, reduced, reduce, lowered, tapered, taper, weaned, wean, tapering, weaning,"
        "cut back, cut down"
    ),
    "not taken": (
        "not on, not taking, not currently on, not currently taking, not presently on, not presently taking,"
        "not receiving, never on, never taken, never took, no indication for, no immediate indication for,"
        "not a candidate for, avoid, avoided, avoiding, refused, refuses, declined, declines, contraindicated,"
        "contraindication to, non"
    ),
    "allergy": (
        "allergic to, allergy to, allergy, allergic, intolerance, intolerant, anaphylaxis to, cannot tolerate,"
        "can not tolerate, could not tolerate, not tolerate, not tolerating, unable to tolerate, adverse reaction to"
    ),
}
FORMS: dict[TreatmentStatus, tuple[str, ...]] = {
    status: tuple(form.strip() for form in forms.split(",")) for status, forms in _WRITTEN.items()
}
# Statuses by which a treatment is not only named but changed.
# Of those that say more than that it is taken: words that stand for each other in a query.
_NAMES: dict[TreatmentStatus, tuple[tuple[str, ...], ...]] = {
    "not taken": (("refused", "refuses", "declined", "declines"), ("avoid", "avoided", "avoiding")),
    "allergy": (("allergy", "allergic", "intolerance", "intolerant"),),
}
CHANGES: tuple[TreatmentStatus, ...] = ("stopped", "started", "restarted", "continued", "increased", "decreased")
# How far apart two statuses are, either way round; of others 1. What was taken may have been changed in any way.
_APART: dict[frozenset[TreatmentStatus], float] = {
    frozenset({"started", "restarted"}): 0.3,
    frozenset({"started", "continued"}): 0.3,
    frozenset({"started", "increased"}): 0.5,
    frozenset({"restarted", "continued"}): 0.3,
    frozenset({"restarted", "increased"}): 0.5,
    frozenset({"continued", "increased"}): 0.5,
    frozenset({"continued", "decreased"}): 0.5,
    frozenset({"stopped", "decreased"}): 0.5,
    frozenset({"stopped", "not taken"}): 0.3,
    **{frozenset({"taken", change}): 0.0 for change in CHANGES},
}
# How far a text is that names the treatment and says nothing of it, or that does not name it, from a change of it.
UNSAID, UNNAMED = 0.7, 0.5
FURTHEST = 6  # terms between a status and the treatment
_CLAUSE_ENDS = re.compile(r"[.;:]\s|\n")
_NEXT_CLAUSE = frozenset({"but", "then", "however", "while", "although"})
_NOT = frozenset({"not", "never", "no", "without", "cannot", "cant", "couldnt", "unable"})
_IS = frozenset({"is", "are", "was", "were", "be", "been", "being"})
_AND = frozenset({"and", "or"})
_WHICH = frozenset({"which", "that"})
_WHEN = frozenset({"recently", "just", "now", "then", "today", "yesterday", "also", "temporarily", "subsequently"})
# What stands between something else that is done and a treatment.
_APART_FROM = frozenset({"by", "after", "which", "because", "due", "until", "than", "procedure", "need", "using"})
# What names again the treatment of the clause before.
_AGAIN = frozenset({"it", "this", "that", "them", "these"})
_ALLERGIES = "allerg"

Terms: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is said of a treatment that has these names; where a text says it, and where that and the treatment.

    Of one that a query only names, its status is "taken".
    """

    status: TreatmentStatus
    start: int
    end: int
    place: Span
    names: tuple[Terms, ...]

    @property
    def is_said(self) -> bool:
        """Whether more is said than that it is taken."""
        return self.status != "taken"

    def others(self, written: str) -> tuple[str, ...]:
        """Return what else may be written for a word by which a query says it."""
        if self.status in CHANGES:
            return FORMS[self.status]
        of_word = (names for names in _NAMES.get(self.status, ()) if terms_of(written)[0] in names)
        return next(of_word, ())

    def apart(self, text: str, section: str | None = None) -> tuple[float, TreatmentStatus | None]:
        """Return how far what a text says of the treatment is from this, from 0 to 1, and what it says, if otherwise.

        section: in which the text stands; under allergies it names what the patient is allergic to.
        """
        is_named = any(_mentions([term for term, _, _ in placed_terms(text)], self.names))
        if not is_named:
            return (UNNAMED if self.is_said else 0.0), None
        said: set[TreatmentStatus] = {one.status for one in treatments_in(text, self.names)}
        if any(one.lower().startswith(_ALLERGIES) for one in (section or "", text)):
            said = {"allergy"}
        if not said:
            return (0.0 if self.status == "taken" else 1.0 if self.status == "not taken" else UNSAID), None
        far = {one: _APART.get(frozenset({one, self.status}), float(one != self.status)) for one in said}
        nearest = min(far, key=lambda one: (far[one], one))
        return far[nearest], nearest if far[nearest] else None


def treatments_in(text: str, names: Sequence[Terms]) -> Iterator[Treatment]:
    """Give what a text says of each mention of a treatment: the nearest in the same clause, mostly before it.

    A clause that changes "it" goes on from the one before.
    """
    named: Sequence[tuple[str, int, int]] = ()
    for clause in _clauses(text):
        terms = [term for term, _, _ in clause]
        done = [one for one in _done(terms) if _NOT.isdisjoint(terms[max(0, one[1] - 3) : one[1]])]
        mentions = list(_mentions(terms, names))
        for first, last in mentions:
            for status, start, end in _done_with(terms, done, first, last):
                yield _treatment(status, clause[start:end], clause[first:last], names)
        if named and not mentions:
            for status, start, end in done:
                if status in CHANGES and not _AGAIN.isdisjoint(terms[max(0, start - 3) : end + 1]):
                    yield _treatment(status, clause[start:end], named, names)
        named = clause[slice(*mentions[-1])] if mentions else ()


# By its first term, each way to say a status, the longest first.
_STATUSES: dict[str, list[tuple[Terms, TreatmentStatus]]] = {}
for _status, _forms in FORMS.items():
    for _form in _forms:
        _terms = tuple(terms_of(_form))
        _STATUSES.setdefault(_terms[0], []).append((_terms, _status))
for _known in _STATUSES.values():
    _known.sort(key=lambda one: -len(one[0]))
_Done: TypeAlias = tuple[TreatmentStatus, int, int]
_Placed: TypeAlias = Sequence[tuple[str, int, int]]


def _treatment(status: TreatmentStatus, said: _Placed, named: _Placed, names: Sequence[Terms]) -> Treatment:
    start, end = said[0][1], said[-1][2]
    return Treatment(status, start, end, (min(start, named[0][1]), max(end, named[-1][2])), tuple(names))


def _done(terms: Sequence[str]) -> Iterator[_Done]:
    """Give what is said, with the places of its first term and behind its last."""
    at = 0
    while at < len(terms):
        found = [
            (form, status) for form, status in _STATUSES.get(terms[at], ()) if tuple(terms[at : at + len(form)]) == form
        ]
        if found:
            form, status = found[0]
            yield status, at, at + len(form)
        at += len(found[0][0]) if found else 1


def _mentions(terms: Sequence[str], names: Iterable[Terms]) -> Iterator[tuple[int, int]]:
    for name in names:
        for start in range(len(terms) - len(name) + 1):
            if name and tuple(terms[start : start + len(name)]) == name:
                yield start, start + len(name)


def _done_with(terms: Sequence[str], done: Iterable[_Done], first: int, last: int) -> list[_Done]:
    """Return what is said of a mention of a treatment: the nearest; and besides what "which" or "it" is said of."""
    before = [one for one in done if 0 <= first - one[2] <= FURTHEST and _reaches(terms[one[1]], terms[one[2] : first])]
    after = [one for one in done if 0 <= one[1] - last <= FURTHEST and _is_of_subject(terms[last : one[1]])]
    besides = [one for one in after if not _WHICH.isdisjoint(terms[last : one[1]])]
    besides += [one for one in done if last <= one[1] and not _AGAIN.isdisjoint(terms[one[2] : one[2] + 1])]
    far = [(first - one[2], one) for one in before] + [(one[1] - last + 0.5, one) for one in after]
    nearest = [min(far)[1]] if far else []
    return list(dict.fromkeys([*nearest, *besides]))


def _reaches(first: str, between: Sequence[str]) -> bool:
    """Tell whether what is said before, with this term first, is said of a treatment behind those between."""
    if between[:2] == ["and", "on"] or (first == "non" and between):  # off and on; non-insulin
        return False
    uses_another = any(one in _AND and other in ("use", "take") for one, other in pairwise(between))
    return _APART_FROM.isdisjoint(between) and not uses_another


def _is_of_subject(between: Sequence[str]) -> bool:
    """Tell whether a treatment before these terms is the subject of what is said behind them."""
    if not between or _WHEN.issuperset(between):
        return True
    begins_anew = any(one in _AND and other in _IS for one, other in pairwise(between))
    is_joined = not _AND.isdisjoint(between)
    is_passive = not _IS.isdisjoint(between) and not begins_anew
    return is_passive or (not is_joined and not _WHICH.isdisjoint(between))


def _clauses(text: str) -> Iterator[list[tuple[str, int, int]]]:
    placed = placed_terms(text)
    ends = [
        at
        for at, ((_, _, end), (term, start, _)) in enumerate(pairwise(placed), start=1)
        if _CLAUSE_ENDS.search(text[end : start + 1]) or term in _NEXT_CLAUSE
    ]
    yield from (placed[low:high] for low, high in pairwise([0, *ends, len(placed)]))
