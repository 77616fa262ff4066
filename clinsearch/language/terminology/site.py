"""A site's own terms, read from a file that may hold anything."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from clinsearch.errors import InputError
from clinsearch.language.terminology.carried import Abbreviation, Found, Group, Sense
from clinsearch.language.terminology.spans import Terms
from clinsearch.language.terminology.words import CarriedWords
from clinsearch.language.terms import terms_of

MOST_BYTES = 5_000_000
MOST_ROWS = 50_000
LONGEST_CELL = 200  # characters
LONGEST_NAME = 12  # terms
LONGEST_ABBREVIATION = 10  # characters
LONGEST_IN_SMALL = 5  # of one in small letters
WEIGHT = 0.95
LOWEST_WEIGHT = 0.001
HEADS = frozenset({"term", "abbreviation", "synonym", "name", "short"})
ROW = "a term, what it is the same as, and if wanted a weight from 0 to 1, with tabs between"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: two names of one thing, and how nearly they are the same."""

    term: str
    other: str
    weight: float

    def is_abbreviation(self, known: CarriedWords) -> bool:
        """Tell whether the first name is read as an abbreviation of the other: it is short, and no known word."""
        if len(self.term.split()) > 1 or len(self.term) > LONGEST_ABBREVIATION:
            return False
        is_written_so = not self.term.isalpha() or not self.term[1:].islower()
        return is_written_so or (self.term not in known and len(self.term) <= LONGEST_IN_SMALL)


@dataclass(slots=True)
class SiteTerms:
    """The terms of a site's file, before those of another terminology."""

    base: Terms
    own: dict[str, Found] = field(default_factory=dict)
    beginnings: set[str] = field(default_factory=set)
    words: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path, base: Terms, known: CarriedWords) -> SiteTerms:
        """Read a file. Raises InputError, which names the line, if there is anything wrong with it."""
        rows = read_rows(path)
        site = cls(base, words=frozenset(word for row in rows for word in f"{row.term} {row.other}".lower().split()))
        abbreviations: dict[str, list[Abbreviation]] = defaultdict(list)
        names: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for row in rows:
            key, other = " ".join(terms_of(row.term)), " ".join(terms_of(row.other))
            if row.is_abbreviation(known):
                abbreviations[key].append(_abbreviation(row, known))
            else:
                names[key].append((row.other, row.weight))
            names[other].append((row.term, row.weight))
        for key in {*abbreviations, *names}:
            groups = (Group(tuple(names[key])),) if key in names else ()
            site.own[key] = Found(tuple(abbreviations[key]) if key in abbreviations else (), groups)
        site.beginnings = {key[:at] for key in site.own for at in range(len(key)) if key[at] == " "}
        return site

    def find(self, key: str) -> Found:
        """Return what is known of a key: the site's abbreviations alone if it has it, its names before others."""
        own, other = self.own.get(key), self.base.find(key)
        if own is None:
            return other
        return replace(other, abbreviations=own.abbreviations or other.abbreviations, groups=own.groups + other.groups)

    def begins(self, key: str) -> bool:
        """Tell whether a longer key begins so."""
        return key in self.beginnings or self.base.begins(key)


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a file; a first line of heads, empty lines and lines that begin with # are passed over."""
    lines = _text(path).splitlines()
    if len(lines) > MOST_ROWS:
        raise InputError(f"{path} has more than {MOST_ROWS:,} lines. Keep the terms that are needed.")
    rows = []
    for number, line in enumerate(lines, start=1):
        cells = [" ".join(cell.split()) for cell in line.split("\t")]
        is_head = number == 1 and cells[0].lower() in HEADS
        if not line.strip() or line.startswith("#") or is_head:
            continue
        rows.append(_row(cells, f"Line {number} of {path}"))
    return rows


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or 'no such file'}. Name a file with tabs.") from None
    except ValueError:
        raise InputError("The path of the file of terms is not one. Name a file with tabs.") from None
    if len(content) > MOST_BYTES:
        raise InputError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB. Keep the terms that are needed.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"Line {number} of {path} is not UTF-8. Save the file as UTF-8 text.") from None


def _row(cells: list[str], where: str) -> Row:
    while len(cells) > 2 and not cells[-1]:
        cells.pop()
    if len(cells) not in (2, 3):
        raise InputError(f"{where} has {len(cells)} columns. Write {ROW}.")
    for cell in cells[:2]:
        if not terms_of(cell):
            raise InputError(f"{where} has a name without a letter or digit. Write {ROW}.")
        if len(cell) > LONGEST_CELL or len(terms_of(cell)) > LONGEST_NAME or not cell.isprintable():
            raise InputError(f"{where} has a name that is too long or no text. Give it at most {LONGEST_NAME} words.")
    return Row(cells[0], cells[1], _weight(cells[2], where) if len(cells) > 2 else WEIGHT)


def _weight(cell: str, where: str) -> float:
    try:
        weight = float(cell)
    except ValueError:
        weight = -1.0
    if not LOWEST_WEIGHT <= weight <= 1:
        raise InputError(f"{where} has a weight that is no number above 0 and up to 1. Write one, or leave it out.")
    return weight


def _abbreviation(row: Row, known: CarriedWords) -> Abbreviation:
    is_word = row.term.isupper() and row.term.lower() in known
    return Abbreviation((row.term,), (Sense(row.other, row.weight),), "capitals" if is_word else "any")
