"""What checks, backups and rescues came to, as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict

from clinsearch.records.backups import BackupReport, RescueReport
from clinsearch.records.verification import Verification
from clinsearch.rendering.records.formats import Record


def verification_record(found: Verification) -> Record:
    """Return what a check came to as a record."""
    return {**asdict(found), "is_sound": found.is_sound, "damages": damage_records(found)}


def damage_records(found: Verification) -> list[Record]:
    """Return what is damaged, a record each."""
    return [asdict(damage) for damage in found.damages]


def backup_record(report: BackupReport) -> Record:
    """Return what a backup came to as a record."""
    return asdict(report)


def rescue_record(report: RescueReport) -> Record:
    """Return what a rescue came to as a record."""
    lists = {"lost": list(report.lost), "unread_searches": list(report.unread_searches)}
    return {**asdict(report), **lists, "is_whole": report.is_whole}
