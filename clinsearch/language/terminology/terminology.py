"""Reads a query by a terminology: abbreviations, names of one thing, and spellings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from clinsearch.language.terminology.carried import Abbreviation, CarriedTerms, Found, Group, Sense
from clinsearch.language.terminology.senses import CLEAR, NEAR, chosen, may_mean
from clinsearch.language.terminology.site import SiteTerms
from clinsearch.language.terminology.spans import Span, Terms, Word, find_spans, words_of
from clinsearch.language.terminology.words import CarriedWords
from clinsearch.language.terms import terms_of
from clinsearch.records.expansions import Alternative, Expansion, ExpansionKind

MOST_ALTERNATIVES = 6
MOST_MEMBERS = 40  # of a kind of things
MOST_TERMS = 400  # of a query: what is longer is a text, which says itself what it means
OTHER_SPELLING = 0.95
SEVERAL = 2
# What heads a section is no question, unless what stands beside it tells so.
SELDOM_ASKED = frozenset({"physical examination"})
MOSTLY = 0.6  # the share of a sense by which an abbreviation tells the sense of others
_NUMBER_FOLLOWS = re.compile(r"\s*(?:#|=|is|of|was|:|>|<)?\s*\d")


class Terminology:
    """Abbreviations, names and words that are known; the carried ones, and a site's own before them."""

    def __init__(self, terms: Terms, words: CarriedWords, own_words: frozenset[str] = frozenset()) -> None:
        self.words = words
        self._terms = terms
        self._own_words = own_words

    @classmethod
    def carried(cls) -> Terminology:
        """Return the terminology that comes with the program."""
        return cls(CarriedTerms(), CarriedWords())

    def with_file(self, path: str | Path) -> Terminology:
        """Return the terminology with the terms of a site's file, which come before all others.

        A row has a term or abbreviation, what it is the same as, and if wanted a weight from 0 to 1, with tabs
        between. Raises InputError if the file cannot be used.
        """
        site = SiteTerms.read(Path(path), self._terms, self.words)
        return Terminology(site, self.words, self._own_words | site.words)

    def knows(self, word: str) -> bool:
        """Tell whether a word is right: of the language, of the terminology, a drug's name."""
        lower = word.lower()
        terms = terms_of(word)
        return lower in self.words or lower in self._own_words or any(map(self._terms.find, [*terms, " ".join(terms)]))

    def has_term(self, word: str) -> bool:
        """Tell whether a word is a name of something, or another form or spelling of one."""
        return bool(self._terms.find(_key(word)))

    def plain_spelling(self, word: str) -> str:
        """Return the American spelling of a word that is in another; empty if it is not."""
        return self._terms.find(_key(word)).plain

    def is_drug(self, word: str) -> bool:
        """Tell whether a word is the name of a drug."""
        return self.words.is_drug(word.lower())

    @property
    def own_words(self) -> frozenset[str]:
        """The words of the site's file."""
        return self._own_words

    def expansions(self, query: str) -> list[Expansion]:
        """Return the known spans of a query, outside quotation marks, with what else they may be called."""
        words = words_of(query, self._terms)
        if len(words) > MOST_TERMS:
            return []
        spans = list(find_spans(query, words, self._terms))
        clear = [(span, _clear_terms(span)) for span in spans]
        read = (self._read(query, span, self._context(query, span, words, clear)) for span in spans)
        return [expansion for expansion in read if expansion and expansion.alternatives]

    def long_form(self, query: str) -> str:
        """Return a query with the abbreviations of a clear sense written out."""
        parts, done = [], 0
        for expansion in self.expansions(query):
            if expansion.kind not in ("abbreviation", "function") or not expansion.sense:
                continue
            glued = expansion.written.endswith("/") and query[expansion.end : expansion.end + 1].isalnum()
            parts += [query[done : expansion.start], expansion.alternatives[0].text, " " if glued else ""]
            done = expansion.end
        return "".join([*parts, query[done:]])

    def _read(self, query: str, span: Span, context: frozenset[str]) -> Expansion | None:
        written = query[span.start : span.end]
        if span.abbreviations:
            return self._read_abbreviation(span, written, context)
        alternatives, of_names = self._named(span.found, _key(written))
        members = _members(span.found)
        kind: ExpansionKind = "synonym" if (of_names and not span.found.plain) or members else "spelling variant"
        return Expansion(span.start, span.end, written, kind, _with_members(_most(alternatives, written), members))

    def _read_abbreviation(self, span: Span, written: str, context: frozenset[str]) -> Expansion | None:
        senses = _joined(span.abbreviations)
        asked = [one for one in senses if one.text not in SELDOM_ASKED or not context.isdisjoint(one.cues)]
        kept = chosen(asked or senses, context)
        if not kept:
            return None
        is_function = all(abbreviation.is_function for abbreviation in span.abbreviations)
        sense = kept[0][0].says or kept[0][0].text if len(kept) == 1 and kept[0][1] >= CLEAR else ""
        alternatives = [
            Alternative(one.text, round(1.0 if sense else share, 3), one.says or one.text) for one, share in kept
        ]
        if not is_function:
            for one, share in kept:
                alternatives += self._other_names(one, 1.0 if sense else share, len(kept))
        kind: ExpansionKind = "function" if is_function else "abbreviation"
        names = _most(alternatives, written, len(kept))
        members = () if is_function or not sense else _members(self._terms.find(_key(sense)))
        return Expansion(span.start, span.end, written, kind, _with_members(names, members), sense)

    def _other_names(self, sense: Sense, share: float, senses: int) -> list[Alternative]:
        found, _ = self._named(self._terms.find(_key(sense.text)), _key(sense.text))
        room = MOST_ALTERNATIVES // senses - 1
        return [replace(one, weight=round(one.weight * share, 3), sense=sense.text) for one in found[:room]]

    def _named(self, found: Found, key: str) -> tuple[list[Alternative], bool]:
        """Return the names of a thing but one, and whether any is more than another form of a word."""
        spelt = [Alternative(text, OTHER_SPELLING) for text in filter(None, (found.plain, *found.others))]
        if found.plain:
            found = Found(found.abbreviations, (*found.groups, *self._terms.find(_key(found.plain)).groups))
        names = list(_of_groups(group for group in found.groups if not group.of_forms))
        forms = list(_of_groups(group for group in found.groups if group.of_forms))
        best: dict[str, Alternative] = {}
        for one in [*spelt, *names, *forms]:
            best.setdefault(_key(one.text), one)
        best.pop(key, None)
        ordered = sorted(best.values(), key=lambda one: -one.weight)
        return [self._told_apart(one, {key, *best}) for one in ordered], bool(names)

    def _told_apart(self, name: Alternative, names: Collection[str]) -> Alternative:
        """Have letters with several senses, one of which has one of these names, told apart in texts."""
        senses = _joined(self._terms.find(_key(name.text)).abbreviations)
        own = frozenset(sense.text for sense in senses if _key(sense.text) in names)
        if len(senses) < SEVERAL or not own:
            return name
        return replace(name, is_meant=partial(may_mean, senses, own))

    def _context(
        self, query: str, span: Span, words: list[Word], clear: list[tuple[Span, frozenset[str]]]
    ) -> frozenset[str]:
        """Return what tells the sense of a span: the terms near it, those of clear abbreviations written out."""
        if len(_joined(span.abbreviations)) < SEVERAL:
            return frozenset()
        near = words[max(0, span.first - NEAR) : span.first] + words[span.last : span.last + NEAR]
        written_out = [
            terms for other, terms in clear if other is not span and terms and abs(other.first - span.first) <= NEAR
        ]
        return _marks_around(query, span).union((word.term for word in near), *written_out)


def _clear_terms(span: Span) -> frozenset[str]:
    """Return the terms of the long form of an abbreviation whose sense is mostly one."""
    likeliest = max(_joined(span.abbreviations), key=lambda sense: sense.prior, default=None)
    return frozenset(terms_of(likeliest.text)) if likeliest and likeliest.prior >= MOSTLY else frozenset()


def _marks_around(query: str, span: Span) -> frozenset[str]:
    """Return the marks for what stands beside a span and is no term: a number that follows, one before, a colon."""
    rest, before = query[span.end :], query[: span.start].rstrip()
    is_there = {"#": _NUMBER_FOLLOWS.match(rest), "%": before[-1:].isdigit(), ":": rest.lstrip().startswith(":")}
    return frozenset(mark for mark, found in is_there.items() if found)


def _joined(abbreviations: Iterable[Abbreviation]) -> list[Sense]:
    return [sense for abbreviation in abbreviations for sense in abbreviation.senses]


def _of_groups(groups: Iterable[Group]) -> Iterator[Alternative]:
    for group in groups:
        for name, weight in group.names:
            yield Alternative(name, weight)


def _members(found: Found) -> tuple[Alternative, ...]:
    """Return what belongs to the kind of things that something is the name of."""
    members = list(_of_groups(found.kinds))
    return _most(members, members[0].text, always=1, most=MOST_MEMBERS) if members else ()


def _with_members(names: tuple[Alternative, ...], members: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
    """Put members behind the first of a kind's other names: a query is encoded with the first few of these."""
    return (*names[:1], *members, *names[1:])


def _most(
    alternatives: list[Alternative], written: str, always: int = 0, most: int = MOST_ALTERNATIVES
) -> tuple[Alternative, ...]:
    """Return the first alternatives; none that has all words of what is written, or of one before, and more.

    always: so many are long forms, and are given whatever words they have.
    """
    kept = alternatives[:always]
    seen = [frozenset(terms_of(text)) for text in (written, *(one.text for one in kept))]
    for one in alternatives[always:]:
        terms = frozenset(terms_of(one.text))
        if len(kept) < most and not any(before <= terms for before in seen):
            seen.append(terms)
            kept.append(one)
    return tuple(kept)


def _key(text: str) -> str:
    return " ".join(terms_of(text))
