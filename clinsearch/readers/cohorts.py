"""Reads the criteria of a cohort as they are written in a TOML file, or in a mapping like it: strictly, and with every
error naming the key."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from clinsearch.errors import InputError
from clinsearch.language.terms import terms_of
from clinsearch.readers.requests import make_filter
from clinsearch.records.cohorts import WANTED, CohortDefinition, Criterion, Group, Wanted

MOST_BYTES = 1 << 20
MOST_DEPTH, MOST_CRITERIA, MOST_TERMS = 10, 200, 1000
MOST_K = 100_000
JOINING = ("all", "any", "none")
# A key that may be shown in an error; another may be text of a note.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")

T = TypeVar("T")
Table = Mapping[str, Any]


def read_cohort(given: str | os.PathLike[str] | Table) -> CohortDefinition:
    """Read the criteria of a cohort, from a file or a mapping. Raises InputError, naming the key."""
    if isinstance(given, Mapping):
        return _definition(given, "cohort")
    path = Path(given)
    return _definition(_parsed(path), path.stem)


def _parsed(path: Path) -> Table:
    try:
        if not path.is_file():
            raise InputError(f"{path} is not a file. Give a file of criteria in TOML.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or 'it failed').lower()}.") from None
    if len(content) > MOST_BYTES:
        raise InputError(f"{path} has more than {MOST_BYTES:,} bytes; criteria are shorter.")
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not in UTF-8. Save it so.") from None
    except RecursionError:
        raise InputError(f"{path} is nested too deeply.") from None
    except ValueError as error:
        place = re.search(r"at line \d+, column \d+|at end of document", str(error))
        raise InputError(f"{path} is not TOML{' ' + place[0] if place else ''}.") from None


def _definition(table: Table, name: str) -> CohortDefinition:
    _require_known(table, ("name", "description", *JOINING), "")
    criteria = read_criteria({key: table[key] for key in JOINING if key in table})
    return CohortDefinition(_text(table, "name", "") or name, _text(table, "description", ""), criteria)


def read_criteria(table: Table) -> Group:
    """Read criteria and the groups that they stand in. Raises InputError, naming the key."""
    criteria = _group(table, "", 0)
    count = sum(1 for _ in criteria.criteria())
    if count > MOST_CRITERIA:
        raise InputError(f"There are {count} criteria; {MOST_CRITERIA} are the most.")
    _require_references(criteria)
    return criteria


def _group(table: Table, at: str, depth: int) -> Group:
    if depth > MOST_DEPTH:
        raise InputError(f"{at or 'The file'}: groups are nested in more than {MOST_DEPTH} others.")
    joined: dict[str, tuple[Criterion | Group, ...]] = {}
    for key in JOINING:
        given = table.get(key, [])
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            raise InputError(f"{at}{key} has to be a list of criteria: [[{key}]].")
        joined[key] = tuple(_item(one, f"{at}{key}[{number}].", depth) for number, one in enumerate(given, start=1))
    if not any(joined.values()):
        raise InputError(f"{at.rstrip('.') or 'The file'} has no criterion. Write one under [[all]], for example.")
    return Group(**joined)


def _item(table: Table, at: str, depth: int) -> Criterion | Group:
    if any(key in table for key in JOINING):
        _require_known(table, JOINING, at)
        return _group(table, at, depth + 1)
    return _criterion(table, at)


def _criterion(table: Table, at: str) -> Criterion:
    _require_known(table, tuple(Criterion.__dataclass_fields__), at)
    terms, query, where = _texts(table, "terms", at), _text(table, "query", at), _texts(table, "where", at)
    if sum(map(bool, (terms, query))) > 1 or not (terms or query or where):
        raise InputError(f"{at.rstrip('.')} needs one of `terms` and `query`, or `where`.")
    _require_terms(terms, at)
    since, until = _dates(table, at, where)
    criterion = Criterion(
        name=_text(table, "name", at) or query or (terms or where)[0],
        terms=terms,
        query=query,
        where=where,
        assertion=_choice(table, "assertion", at),
        sections=_texts(table, "sections", at),
        note_types=_texts(table, "note_types", at),
        since=since,
        until=until,
        at_least=_number(table, "at_least", at, 1, MOST_K) or 1,
        min_score=_score(table, at),
        k=_number(table, "k", at, 1, MOST_K),
        within_days=_number(table, "within_days", at, 0, 1_000_000),
        of=_text(table, "of", at),
        synonyms=_typed(table, "synonyms", at, bool, "true or false") is not False,
    )
    _require_fitting(criterion, at)
    return criterion


def _require_fitting(one: Criterion, at: str) -> None:
    """Raise InputError for keys that do not go together."""
    if one.query is None and (one.min_score is not None or one.k is not None):
        raise InputError(f"{at}{'k' if one.k else 'min_score'} goes with `query` alone.")
    if one.min_score is not None and one.k is not None:
        raise InputError(f"{at}k and {at}min_score: give one of them.")
    if (one.within_days is None) != (one.of is None):
        raise InputError(f"{at}within_days and {at}of go together: within so many days of the criterion of that name.")
    if one.since and one.until and one.since > one.until:
        raise InputError(f"{at}since is later than {at}until: no note can be of such a time.")


def _require_terms(terms: tuple[str, ...], at: str) -> None:
    if len(terms) > MOST_TERMS:
        raise InputError(f"{at}terms has more than {MOST_TERMS:,} terms.")
    for number, term in enumerate(terms, start=1):
        if '"' in term or not terms_of(term):
            raise InputError(f"{at}terms[{number}] has no word, or a quotation mark.")


def _require_references(criteria: Group) -> None:
    """Raise InputError for a name that two criteria have, and for an `of` that names none, or leads back to itself."""
    listed = list(criteria.criteria())
    places = {id(one): at for one, at in _places(criteria, "")}
    by_name: dict[str, Criterion] = {}
    for one in listed:
        if one.name in by_name:
            raise InputError(f"{places[id(one)]}name: another criterion has this name. Give each a `name` of its own.")
        by_name[one.name] = one
    for one in listed:
        seen, now = {one.name}, one
        while now.of is not None:
            if now.of not in by_name:
                raise InputError(f"{places[id(now)]}of names no criterion.")
            if now.of in seen:
                raise InputError(f"{places[id(one)]}of leads back to itself.")
            seen.add(now.of)
            now = by_name[now.of]


def _places(group: Group, at: str) -> Iterator[tuple[Criterion, str]]:
    for key in JOINING:
        for number, one in enumerate(getattr(group, key), start=1):
            where = f"{at}{key}[{number}]."
            if isinstance(one, Group):
                yield from _places(one, where)
            else:
                yield one, where


def _dates(table: Table, at: str, where: tuple[str, ...]) -> tuple[datetime | None, datetime | None]:
    """Read the dates, and see whether the values can be read."""
    for key in ("since", "until"):
        value = table.get(key)
        if value is not None and not isinstance(value, str | date):
            raise InputError(f"{at}{key} has to be a date, such as 2024-03-31.")
        if isinstance(value, datetime) and value.tzinfo is not None:
            raise InputError(f"{at}{key} has a time zone; the dates of notes have none.")
    try:
        found = make_filter(since=table.get("since"))
    except InputError:
        raise InputError(f"{at}since is not a date. Write 2024-03-31, a month or a year.") from None
    try:
        found = replace(found, until=make_filter(until=table.get("until")).until)
    except InputError:
        raise InputError(f"{at}until is not a date. Write 2024-03-31, a month or a year.") from None
    try:
        make_filter(where=where)
    except InputError as error:
        raise InputError(f"{at}where cannot be read. {str(error).replace('--where', 'It')}") from None
    return found.since, found.until


def _typed(table: Table, key: str, at: str, kind: type[T] | tuple[type[T], ...], named: str) -> T | None:
    value = table.get(key)
    is_right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    if value is not None and not is_right:
        raise InputError(f"{at}{key} has to be {named}.")
    return value


def _text(table: Table, key: str, at: str) -> str | None:
    value = _typed(table, key, at, str, "a text")
    if value is not None and not value.strip():
        raise InputError(f"{at}{key} is empty.")
    _require_unicode([value or ""], key, at)
    return value.strip() if value is not None else None


def _texts(table: Table, key: str, at: str) -> tuple[str, ...]:
    value = table.get(key)
    if value is None:
        return ()
    listed = [value] if isinstance(value, str) and key == "where" else value
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) and one.strip() for one in listed):
        raise InputError(f"{at}{key} has to be a list of texts.")
    if not listed:
        raise InputError(f"{at}{key} is empty.")
    _require_unicode(listed, key, at)
    return tuple(dict.fromkeys(one.strip() for one in listed))


def _require_unicode(texts: Sequence[str], key: str, at: str) -> None:
    """Raise InputError for halves of characters, which a mapping may hold."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise InputError(f"{at}{key} is not text in UTF-8.") from None


def _number(table: Table, key: str, at: str, least: int, most: int) -> int | None:
    value = _typed(table, key, at, int, "a whole number")
    if value is not None and not least <= value <= most:
        raise InputError(f"{at}{key} has to be from {least} to {most:,}.")
    return value


def _score(table: Table, at: str) -> float | None:
    value: float | None = _typed(table, "min_score", at, (int, float), "a number from 0 to 1")
    if value is not None and not 0 <= value <= 1:
        raise InputError(f"{at}min_score has to be a number from 0 to 1.")
    return None if value is None else float(value)


def _choice(table: Table, key: str, at: str) -> Wanted | None:
    value = _text(table, key, at)
    chosen = next((one for one in WANTED if one == value), None)
    if value is not None and chosen is None:
        raise InputError(f"{at}{key} has to be one of {', '.join(WANTED)}.")
    return chosen


def _require_known(table: Table, known: tuple[str, ...], at: str) -> None:
    for key in table:
        if key not in known:
            named = f"{at}{key}" if _NAME.fullmatch(str(key)) else f"A key of {at.rstrip('.') or 'the file'}"
            raise InputError(f"{named} is not known. There are: {', '.join(known)}.")
