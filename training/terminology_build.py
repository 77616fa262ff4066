"""Brings lists and sources together: the lines of terms and groups that the package carries."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from clinsearch.retrieval.stop_words import STOP_WORDS
from training.note_counts import Counts, count, key_of, learned_cues
from training.sources import SHARED, read_judged_synonyms
from training.terminologies import DIAGNOSES, packaged, diagnoses
from training.terminology_lists import (
    Abbreviated,
    Meaning,
    Names,
    british_parts,
    read_abbreviations,
    read_drugs,
    read_functions,
    read_names,
    read_word_forms,
)
from training.terminology_words import WordLists

MOST_NAMES, SHORTEST_NAME, LONGEST_NAME = 16, 5, 8
FEWEST_IN_NOTES, FEWEST_ANYWHERE = 2, 12  # of a long form that only ADAM has
MOST_SENSES = 4
CERTAIN = 0.95  # the share of a sense that is the only one
LEAST_SHARE = 0.4  # of a sense, for its abbreviation to be a name of it
NEARLY = 0.6  # the weight of names that are not quite the same
OWN = 0.85  # the weight from which a group is from a list of this project, that others join
COUNTED = 0.2  # the power of counts beside priors
_SHORT = re.compile(r"[A-Z][A-Za-z0-9-]{1,6}")
_NO_NAME = re.compile(r"[,;/]|\b(?:NOS|NEC|other|unspecified|classified|with|without|non-neoplastic|due to)\b", re.I)
_BRACKETED = re.compile(r"\s*[\[(].*?[\])]")


@dataclass
class Lists:
    """All that is read, and what was counted."""

    words: WordLists
    abbreviations: list[Abbreviated]
    functions: list[Abbreviated]
    names: list[Names]
    other_names: list[Names]
    forms: list[Names]
    spellings: list[tuple[str, ...]]
    drug_names: list[Names]
    drugs: list[str]
    counts: Counts

    @classmethod
    def read(cls, folder: Path) -> Lists:
        """Read everything; count in the notes."""
        words = WordLists.read(folder)
        own = merged(read_abbreviations())
        others = _from_adam({key_of(written) for entry in own for written in entry.written})
        forms, spellings = read_word_forms()
        drug_names, drugs = read_drugs()
        names, other_names = read_names(), [*_diseases(), *_diagnoses()]
        keys = {key_of(name) for group in [*names, *other_names, *forms, *drug_names] for name in group.names}
        senses = {key_of(meaning.text) for entry in [*own, *others] for meaning in entry.meanings}
        counts = count(keys | senses, {key for entry in own for key in _senses(entry)})
        kept = [*own, *(found for entry in others if (found := _that_stands(entry, counts)))]
        return cls(words, kept, read_functions(), names, other_names, forms, spellings, drug_names, drugs, counts)

    @cached_property
    def shares(self) -> dict[int, list[float]]:
        """The share of each sense of an abbreviation, by the abbreviation's place."""
        found = {}
        for at, entry in enumerate(self.abbreviations):
            rated = [
                meaning.prior * (1 + self.counts.names[key_of(meaning.text)] if meaning.text else 30) ** COUNTED
                for meaning in entry.meanings
            ]
            found[at] = [one / sum(rated) for one in rated]
        return found

    @cached_property
    def abbreviation_keys(self) -> frozenset[str]:
        """The keys of all abbreviations."""
        entries = [*self.abbreviations, *self.functions]
        return frozenset(key_of(written) for entry in entries for written in entry.written)


def merged(entries: Iterable[Abbreviated]) -> list[Abbreviated]:
    """Join entries of one way of writing: senses of later ones come after."""
    found: dict[tuple[str, bool], Abbreviated] = {}
    for entry in entries:
        key = (entry.written[0] if entry.exact else key_of(entry.written[0]), entry.exact)
        before = found.get(key)
        if before is None:
            found[key] = entry
            continue
        known = {key_of(meaning.text) for meaning in before.meanings}
        new = tuple(meaning for meaning in entry.meanings if key_of(meaning.text) not in known)
        found[key] = Abbreviated((*before.written, *entry.written), (*before.meanings, *new), entry.exact, entry.is_own)
    return list(found.values())


def abbreviation_lines(lists: Lists) -> Iterator[str]:
    """Give a line for each way to write an abbreviation: key, A, how it is read, how it is written, its senses."""
    for at, entry in enumerate(lists.abbreviations):
        cues = learned_cues(lists.counts, _senses(entry)) if len(entry.meanings) > 1 else {}
        shares = lists.shares[at]
        senses = [
            _sense(meaning, share, cues.get(key_of(meaning.text), ()))
            for meaning, share in zip(entry.meanings, shares, strict=True)
        ]
        yield from _written_lines(entry, "A", senses, lists)
    for entry in lists.functions:
        yield from _written_lines(entry, "F", [_sense(entry.meanings[0], 1.0, ())], lists)


def _written_lines(entry: Abbreviated, kind: str, senses: list[str], lists: Lists) -> Iterator[str]:
    by_key: dict[str, list[str]] = defaultdict(list)
    for written in entry.written:
        by_key[key_of(written)].append(written)
    for key, forms in by_key.items():
        if key:
            yield "\t".join([key, kind, _case(key, forms, entry, lists), "|".join(forms), *senses])


def _case(key: str, forms: list[str], entry: Abbreviated, lists: Lists) -> str:
    """Return x, as it is written alone; c, in capitals alone, since it is an ordinary word without; or a, any."""
    if entry.exact:
        return "x"
    if not entry.is_own:
        return "c"
    lower = any(form == form.lower() for form in forms)
    is_word = key in lists.words.ordinary
    return "c" if not lower and (is_word or key in CAPITALS_ONLY) else "a"


# Words, names, titles and units when they are in small letters.
CAPITALS_ONLY = frozenset(
    """ms mr dr st co la de ma pa va al el en et vs ca nc sc il ia pr ti ar oh me ss
    mg mm cm ml kg gm lb ft dl km oz am pm mcg meq mmhg""".split()
)


def _sense(meaning: Meaning, share: float, learned: Iterable[tuple[str, float]]) -> str:
    cues = dict(learned)
    for word, weight in meaning.cues:
        cues[word if word in "#:" else key_of(word)] = weight
    rated = ",".join(f"{word}={weight:.1f}" for word, weight in cues.items() if word and " " not in word)
    return f"{meaning.text}|{share:.3f}|{meaning.says}|{rated}"


def group_lines(lists: Lists) -> tuple[list[str], list[str]]:
    """Give a line for each group of names, and for each name a line with the numbers of its groups."""
    groups = _groups(lists)
    members: dict[str, list[int]] = defaultdict(list)
    written = []
    for number, (kind, names) in enumerate(groups):
        ordered = _ordered(names, lists)
        written.append("\t".join([kind, *(f"{name}={weight:.2f}" for name, weight in ordered)]))
        for name, _ in ordered:
            key = key_of(name)
            if key and key not in lists.abbreviation_keys and number not in members[key]:
                members[key].append(number)
    return written, [f"{key}\tG\t{','.join(map(str, numbers))}" for key, numbers in members.items()]


def _groups(lists: Lists) -> list[tuple[str, dict[str, float]]]:
    groups: list[tuple[str, dict[str, float]]] = []
    by_key: dict[str, int] = {}
    for kind, group in [
        *(("S", group) for group in [*lists.names, *lists.drug_names, *lists.other_names]),
        *(("V", group) for group in lists.forms),
    ]:
        names = {name: group.weight for name in group.names}
        known = Counter(by_key[key] for name in names if (key := key_of(name)) in by_key)
        if kind == "S" and group.weight < OWN and known:
            place = by_key.get(key_of(group.names[0]), known.most_common(1)[0][0])
            for name, weight in names.items():
                groups[place][1].setdefault(name, weight)
            continue
        if kind == "S" and group.weight > NEARLY:
            by_key |= {key_of(name): len(groups) for name in names if key_of(name) not in by_key}
        groups.append((kind, names))
    _add_abbreviations(lists, groups, by_key)
    return groups


def _add_abbreviations(lists: Lists, groups: list[tuple[str, dict[str, float]]], by_key: dict[str, int]) -> None:
    for at, entry in enumerate(lists.abbreviations):
        for meaning, share in zip(entry.meanings, lists.shares[at], strict=True):
            key = key_of(meaning.text)
            is_plain_word = key in lists.words.common and (share < CERTAIN or len(entry.written[0]) == 2)
            if not key or share < LEAST_SHARE or entry.exact or is_plain_word or not entry.is_own:
                continue
            if key not in by_key:
                by_key[key] = len(groups)
                groups.append(("S", {meaning.text: 0.9}))
            group = groups[by_key[key]][1]
            group.setdefault(entry.written[0], round(0.9 * share**0.5, 2))


def _ordered(names: dict[str, float], lists: Lists) -> list[tuple[str, float]]:
    """Put the first name first, then what notes say most; each key once."""
    seen: dict[str, tuple[str, float]] = {}
    for name, weight in names.items():
        key = key_of(name)
        if key in lists.words.common and len(seen):
            weight *= 0.6
        if key and (key not in seen or len(name) < len(seen[key][0])):
            seen.setdefault(key, (name, weight))
    first, *rest = seen.items()
    rest.sort(key=lambda item: -item[1][1] * (1 + _often(item[0], item[1][0], lists)) ** 0.3)
    return [first[1], *(named for _, named in rest[: MOST_NAMES - 1])]


def _often(key: str, name: str, lists: Lists) -> int:
    return lists.counts.written[name] if key in lists.abbreviation_keys else lists.counts.names[key]


def spelling_lines(lists: Lists) -> Iterator[str]:
    """Give a line for each other spelling of a word (key, V, the word), and for each word that has one (key, W, all)."""
    given: dict[str, tuple[str, str]] = {}
    for american, *others in lists.spellings:
        given |= {key_of(other): (american, other) for other in others if key_of(other) != key_of(american)}
    for word in sorted(lists.words.every | frozenset(lists.counts.words)):
        for british in _british(word, lists):
            if key_of(british) not in lists.abbreviation_keys:
                given.setdefault(key_of(british), (word, british))
    others: dict[str, list[str]] = defaultdict(list)
    for key, (word, other) in given.items():
        if " " not in key and key != key_of(word):
            others[key_of(word)].append(other)
            yield f"{key}\tV\t{word}"
    yield from (f"{key}\tW\t{'|'.join(found)}" for key, found in others.items())


def _british(word: str, lists: Lists) -> Iterator[str]:
    for american, british in british_parts():
        if american == british or len(word) < 5:
            continue
        found = ""
        if word.startswith(american):
            found = british + word[len(american) :]
        elif word.endswith(american):
            found = word[: -len(american)] + british
        if not found or found == word:
            continue
        medical = "ae" in british or "oe" in british
        if found in lists.words.every or (medical and lists.counts.words_everywhere[word] >= 5):
            yield found


def _senses(entry: Abbreviated) -> list[str]:
    return [key for meaning in entry.meanings if (key := key_of(meaning.text))] if len(entry.meanings) > 1 else []


def _that_stands(entry: Abbreviated, counts: Counts) -> Abbreviated | None:
    """Return an entry of ADAM with the senses that stand in notes, or often elsewhere; none if none do."""
    kept = [
        (number, meaning)
        for meaning in entry.meanings
        if counts.names[key := key_of(meaning.text)] >= FEWEST_IN_NOTES or counts.everywhere[key] >= FEWEST_ANYWHERE
        for number in [1 + counts.names[key] + counts.everywhere[key] / 10]
    ]
    if not kept:
        return None
    kept.sort(key=lambda one: -one[0])
    return Abbreviated(entry.written, tuple(Meaning(one.text, number) for number, one in kept[:MOST_SENSES]), is_own=False)


def _from_adam(known: set[str]) -> list[Abbreviated]:
    senses: dict[str, dict[str, str]] = defaultdict(dict)
    for short, long in _rows("abbreviations.tsv"):
        key = key_of(short)
        if _SHORT.fullmatch(short) and sum(map(str.isupper, short)) >= 2 and key not in known and _fits(short, long):
            senses[short].setdefault(key_of(long), long)
    return merged(
        Abbreviated((short,), tuple(Meaning(long, 1.0) for long in longs.values()), is_own=False) for short, longs in senses.items()
    )


def _fits(short: str, long: str) -> bool:
    """Tell whether the letters of an abbreviation stand in order in its long form, at beginnings of words mostly."""
    letters = [letter.lower() for letter in short if letter.isalpha()]
    initials = iter([word[0].lower() for word in re.findall(r"[A-Za-z]+", long)])
    return all(letter in initials for letter in letters) and 2 <= len(long.split()) <= 6


def _diseases() -> list[Names]:
    names: dict[str, list[str]] = defaultdict(list)
    for name, synonym in _rows("disease_synonyms.tsv"):
        names[_plain(name)].append(_plain(synonym))
    return [group for name, others in names.items() if (group := _named([name, *others], 0.8))]


def _diagnoses() -> Iterator[Names]:
    asked = read_judged_synonyms()
    for entry in diagnoses(packaged(*DIAGNOSES).read_text(encoding="utf-8")):
        names = [name for name in entry.names if name not in asked]
        if group := _named(names, 0.75):
            yield group


def _named(names: list[str], weight: float) -> Names | None:
    distinct = {key_of(name): name for name in reversed(names)}
    usable = [name for name in reversed(distinct.values()) if _is_usable(name)]
    return Names(tuple(usable), weight) if len(usable) > 1 else None


def _is_usable(name: str) -> bool:
    key = key_of(name)
    ends = {key.split(" ")[0], key.split(" ")[-1]}
    is_name = not name.isupper() and not _NO_NAME.search(name) and ends.isdisjoint(STOP_WORDS)
    return is_name and len(key) >= SHORTEST_NAME and len(key.split()) <= LONGEST_NAME


def _plain(name: str) -> str:
    return _BRACKETED.sub("", name).strip()


def _rows(name: str) -> Iterator[tuple[str, str]]:
    with (SHARED / "train" / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        for row in rows:
            yield row[0], row[1]
