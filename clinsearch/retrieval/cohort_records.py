"""What a cohort was found by as facts that can be compared, and how a run differs from an earlier one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from clinsearch.records.cohorts import (
    Change,
    CohortComparison,
    CohortMember,
    CohortRecord,
    CohortRun,
    Criterion,
    Difference,
    Group,
)

Unmet = Callable[[str | None, str | None], tuple[str, ...]]


def canonical(one: Criterion | Group) -> dict[str, Any]:
    """Write criteria in full, as they were read: what is not asked for is left out, what is the default is not."""
    if isinstance(one, Group):
        parts = {key: [canonical(each) for each in getattr(one, key)] for key in ("all", "any", "none")}
        return {key: each for key, each in parts.items() if each}
    fields = {name: value for name, value in asdict(one).items() if value not in (None, ())}
    return {name: _plain(value) for name, value in fields.items()}


def flat(criteria: Mapping[str, Any], at: str = "") -> dict[str, str]:
    """Return canonical criteria by the names of the criteria, each in one text, with the groups that it is in."""
    found: dict[str, str] = {}
    for key in ("all", "any", "none"):
        for number, one in enumerate(criteria.get(key, []), start=1):
            if "name" in one:
                found[one["name"]] = f"{at}{key}: " + ", ".join(f"{k} = {v}" for k, v in sorted(one.items()))
            else:
                found |= flat(one, f"{at}{key}[{number}].")
    return found


def facts_of(run: CohortRun) -> dict[str, str]:
    """Return what a run was found by but its criteria, as texts."""
    state = run.state
    return {
        "version": run.version,
        "model": f"{state.model} {state.fingerprint[:12]}",
        "language": state.language,
        "notes": f"{state.notes} notes, digest {state.digest[:12]}",
        "terms": run.terms_digest[:12] if run.terms_digest else "none",
    }


def compared(
    record: CohortRecord, members: tuple[CohortMember, ...], run: CohortRun, criteria: Group, unmet: Unmet
) -> CohortComparison:
    """Tell who came and who went since an earlier run, and what is otherwise."""
    now, before = {(one.patient_id, one.note_id): one for one in members}, set(record.members)
    went = sorted(before - now.keys(), key=_in_order)
    came = sorted(now.keys() - before, key=_in_order)
    differences = _differences("", facts_of(record.run), facts_of(run))
    differences += _differences("criterion ", flat(canonical(record.criteria)), flat(canonical(criteria)))
    return CohortComparison(
        at=record.run.at,
        came=tuple(Change(*ids) for ids in came),
        went=tuple(Change(*ids, unmet(*ids)) for ids in went),
        stayed=len(before & now.keys()),
        differences=tuple(differences),
    )


def _differences(prefix: str, before: Mapping[str, str], now: Mapping[str, str]) -> list[Difference]:
    names = dict.fromkeys([*before, *now])
    pairs = [(name, before.get(name, "none"), now.get(name, "none")) for name in names]
    return [Difference(prefix + name, then, this) for name, then, this in pairs if then != this]


def _in_order(ids: tuple[str | None, str | None]) -> tuple[str, str]:
    return ids[0] or "", ids[1] or ""


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
