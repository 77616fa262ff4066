"""Remembers the latest search of a collection, so that its hits can be referred to by number.

A query is patient data: it is kept only in the collection's folder, in a file that only its owner can read, and is
removed when text is deleted from the collection. Nothing depends on it: if the folder cannot be written to, or the
file cannot be read, no search is remembered.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from clinsearch.errors import HitNotFound
from clinsearch.records import Evidence, Hit, LastSearch, MarkedText, ScoreParts, TermPart, ValuePart, WordHit

LAST_SEARCH_FILE = "last_search.json"
UNFINISHED = f"{LAST_SEARCH_FILE}.*"
FORM = 5
MOST_HITS = 1000
HIT_FIELDS = ("score", "note_id", "start", "end")


def remember_search(folder: Path, search: LastSearch) -> None:
    """Replace the remembered search atomically; keeps at most its first 1,000 hits."""
    hits = [_record(hit) for hit in search.hits[:MOST_HITS]]
    asked: dict[str, Any] = {"asked": search.asked, "mark": None}
    if isinstance(search.asked, MarkedText):
        asked = {"asked": search.asked.text, "mark": [search.asked.start, search.asked.end]}
    content = json.dumps({"form": FORM, **asked, "hits": hits})
    with suppress(OSError):
        _remove(folder, UNFINISHED)
        handle, unfinished = tempfile.mkstemp(prefix=UNFINISHED[:-1], dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        Path(unfinished).replace(folder / LAST_SEARCH_FILE)


def last_search(folder: Path) -> LastSearch | None:
    """Return the remembered search, if there is one."""
    try:
        if not stat.S_ISREG((folder / LAST_SEARCH_FILE).lstat().st_mode):
            return None
        record = json.loads((folder / LAST_SEARCH_FILE).read_text(encoding="utf-8"))
        if record["form"] != FORM:
            return None
        if record["mark"] is None:
            return LastSearch(record["asked"], tuple(map(_hit, record["hits"])))
        return LastSearch(MarkedText(record["asked"], *record["mark"]), tuple(map(_word_hit, record["hits"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remembered_search(folder: Path) -> LastSearch:
    """Return the remembered search. Raises HitNotFound if there is none."""
    search = last_search(folder)
    if search is None:
        raise HitNotFound(
            f"No search is remembered in {folder}, or text was deleted since. Run `clinsearch search` first."
        )
    return search


def remembered_hit(folder: Path, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
    """Return the remembered search's query, and its hit with this number. Raises HitNotFound."""
    search = remembered_search(folder)
    if not 1 <= number <= len(search.hits):
        remembered = "1 hit is" if len(search.hits) == 1 else f"{len(search.hits):,} hits are"
        raise HitNotFound(f"Of the last search {remembered} remembered; there is no hit {number}.")
    return search.asked, search.hits[number - 1]


def forget_search(folder: Path) -> None:
    """Remove the remembered search, and what killed processes have left of one."""
    _remove(folder, f"{LAST_SEARCH_FILE}*")


def _record(hit: Hit | WordHit) -> dict[str, Any]:
    parts = asdict(_without_text(hit.parts)) if isinstance(hit, Hit) and hit.parts else None
    return {**{field: getattr(hit, field) for field in HIT_FIELDS}, "parts": parts}


def _without_text(parts: ScoreParts) -> ScoreParts:
    return replace(parts, evidence=tuple(replace(one, sentence="") for one in parts.evidence))


def _hit(record: dict[str, Any]) -> Hit:
    kept = {field: record[field] for field in HIT_FIELDS}
    if parts := record["parts"]:
        kinds = {"terms": TermPart, "values": ValuePart, "evidence": Evidence}
        listed = {name: tuple(kind(**one) for one in parts[name]) for name, kind in kinds.items()}
        kept["parts"] = ScoreParts(**parts | listed)
    return Hit(**kept, title=None, patient_id=None, note_type=None, note_datetime=None)


def _word_hit(record: dict[str, Any]) -> WordHit:
    kept = {field: record[field] for field in HIT_FIELDS}
    unknown: dict[str, Any] = dict.fromkeys(("title", "patient_id", "note_type", "note_datetime", "section"))
    return WordHit(**kept, **unknown, word="", tokens=(), marked=MarkedText("", 0, 0), occurrences=0)


def _remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink(missing_ok=True)
