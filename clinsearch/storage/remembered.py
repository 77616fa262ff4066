"""How a remembered search is written, wherever it is kept. Nothing depends on it: one that is not ours is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from clinsearch.errors import HitNotFound
from clinsearch.records import Evidence, Hit, LastSearch, MarkedText, ScoreParts, TermPart, ValuePart, WordHit
from clinsearch.records.digests import text_digest
from clinsearch.records.locations import Location

FORM = 7
MOST_HITS = 1000
HIT_FIELDS = ("score", "note_id", "start", "end")


def written(search: LastSearch) -> str:
    """Write a search as JSON, with at most its first 1,000 hits and no text of notes."""
    hits = [_record(hit) for hit in search.hits[:MOST_HITS]]
    asked: dict[str, Any] = {"asked": search.asked, "mark": None}
    if isinstance(search.asked, MarkedText):
        asked = {"asked": search.asked.text, "mark": [search.asked.start, search.asked.end]}
    record = {"form": FORM, **asked, "hits": hits}
    return json.dumps({**record, "digest": digest_of(record)})


def read(content: str) -> LastSearch | None:
    """Read what `written` made; None for anything else."""
    try:
        record = json.loads(content)
        if record["form"] != FORM or record.pop("digest") != digest_of(record):
            return None
        if record["mark"] is None:
            return LastSearch(record["asked"], tuple(map(_hit, record["hits"])))
        return LastSearch(MarkedText(record["asked"], *record["mark"]), tuple(map(_word_hit, record["hits"])))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def require_search(search: LastSearch | None, location: Location) -> LastSearch:
    """Return the remembered search. Raises HitNotFound if there is none."""
    if search is None:
        raise HitNotFound(
            f"No search is remembered in {location}, or text was deleted since. Run `clinsearch search` first."
        )
    return search


def hit_of(search: LastSearch, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
    """Return a remembered search's query, and its hit with this number. Raises HitNotFound."""
    if not 1 <= number <= len(search.hits):
        remembered = "1 hit is" if len(search.hits) == 1 else f"{len(search.hits):,} hits are"
        raise HitNotFound(f"Of the last search {remembered} remembered; there is no hit {number}.")
    return search.asked, search.hits[number - 1]


def digest_of(record: Mapping[str, Any]) -> str:
    """Hash a record as JSON has it, so that one that has changed on the disk is noticed."""
    return text_digest(json.dumps(record, sort_keys=True)).hex()


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
        kept["parts"] = ScoreParts(**parts | listed | {"lacking": tuple(parts["lacking"])})
    return Hit(**kept, title=None, patient_id=None, note_type=None, note_datetime=None)


def _word_hit(record: dict[str, Any]) -> WordHit:
    kept = {field: record[field] for field in HIT_FIELDS}
    unknown: dict[str, Any] = dict.fromkeys(("title", "patient_id", "note_type", "note_datetime", "section"))
    return WordHit(**kept, **unknown, word="", tokens=(), marked=MarkedText("", 0, 0), occurrences=0)
