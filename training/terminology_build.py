"""Brings lists and sources together: the lines of terms and groups that the package carries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from training.note_counts import key_of, learned_cues
from training.terminology_lists import Abbreviated, Meaning, british_parts
from training.terminology_material import Lists, senses_of

MOST_NAMES = 16
CERTAIN = 0.95  # the share of a sense that is the only one
LEAST_SHARE = 0.4  # of a sense, for its abbreviation to be a name of it
NEARLY = 0.6  # the weight of names that are not quite the same
FREQUENT = 10  # times that an abbreviation stands in notes, for it to be read in small letters
OF_KIND = 0.85  # the weight of what belongs to a kind
MOST_MEMBERS = 60  # of a kind, with their other names
OWN = 0.85  # the weight from which a group is from a list of this project, that others join


def abbreviation_lines(lists: Lists) -> Iterator[str]:
    """Give a line for each way to write an abbreviation: key, A, how it is read, how it is written, its senses."""
    for at, entry in enumerate(lists.abbreviations):
        cues = learned_cues(lists.counts, senses_of(entry)) if len(entry.meanings) > 1 else {}
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
    if any(form == form.lower() for form in forms):
        return "a"
    is_word = key in lists.words.ordinary or key in lists.capitals_only
    is_frequent = sum(lists.counts.written[form] for form in forms) >= FREQUENT
    return "a" if not is_word and (is_frequent or key in lists.small_letters or " " in key) else "c"


def _sense(meaning: Meaning, share: float, learned: Iterable[tuple[str, float]]) -> str:
    cues = dict(learned)
    for word, weight in meaning.cues:
        cues[word if word in "#%:" else key_of(word)] = weight
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


def kind_lines(lists: Lists, groups: int) -> tuple[list[str], list[str]]:
    """Give a line for each kind of things with what belongs to it, and for each of its names a line with its number.

    groups: how many groups of names stand before. Members are in the order of how often notes name them.
    """
    every_name = (lists.drug_names, lists.names)
    drugs, names_of = ({key_of(name): group.names for group in some for name in group.names} for some in every_name)
    written: list[str] = []
    numbers: dict[str, int] = {}
    for kind in lists.kinds:
        every = [name for member in kind.members for name in drugs.get(key_of(member), (member,))]
        members = sorted(dict.fromkeys(every), key=lambda name: -lists.counts.names[key_of(name)])[:MOST_MEMBERS]
        members += [name for name in kind.names if name not in members]
        named = [other for name in kind.names for other in names_of.get(key_of(name), (name,))]
        for key in dict.fromkeys(key_of(name) for name in [*kind.names, *named]):
            numbers.setdefault(key, groups + len(written))
        written.append("\t".join(["C", *(f"{name}={OF_KIND:.2f}" for name in members)]))
    return written, [f"{key}\tC\t{number}" for key, number in numbers.items()]


def _groups(lists: Lists) -> list[tuple[str, dict[str, float]]]:
    groups: list[tuple[str, dict[str, float]]] = []
    by_key: dict[str, int] = {}
    for kind, group in [
        *(("S", group) for group in [*lists.names, *lists.drug_names, *lists.other_names]),
        *(("V", group) for group in lists.forms),
    ]:
        names = dict.fromkeys(group.names, group.weight)
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
            if not key or share < LEAST_SHARE or entry.exact or is_plain_word:
                continue
            if key not in by_key:
                by_key[key] = len(groups)
                groups.append(("S", {meaning.text: 0.9}))
            group = groups[by_key[key]][1]
            group.setdefault(entry.written[0], round(0.9 * share, 2))


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
    """Give a line for each other spelling of a word (key, V, the word), and one for the word (key, W, all others)."""
    given: dict[str, tuple[str, str]] = {}
    for american, *spelt in lists.spellings:
        given |= {key_of(other): (american, other) for other in spelt if key_of(other) != key_of(american)}
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
