"""What checks, backups and rescues came to, for reading in a terminal."""

from __future__ import annotations

from clinsearch.records.backups import BackupReport, RescueReport
from clinsearch.records.verification import Verification
from clinsearch.rendering.signs import one_line, tell
from clinsearch.rendering.terminal.layout import columns, write

MOST_NAMED = 20


def print_verification(found: Verification) -> None:
    """Say that all is sound, or name what is damaged and what mends it, a line each."""
    looked_at = ", ".join(f"{number:,} {name}" for name, number in found.checked.items() if number)
    if found.is_sound:
        print(one_line(f"Sound: {looked_at}, in {found.seconds:,.1f} s."))
    for damage in found.damages:
        print(one_line(f"{damage.name}: {damage.wrong}. Mend it with: {damage.remedy}"))


def print_backup(report: BackupReport) -> None:
    """Say what was copied where."""
    table = columns(count=2)
    table.add_row("backup", report.backup)
    table.add_row("notes", f"{report.notes:,}")
    table.add_row("sentences", f"{report.sentences:,}")
    table.add_row("saved searches", f"{report.saved_searches:,}")
    table.add_row("size", f"{report.bytes / 1e6:,.1f} MB, {report.files:,} files of vectors")
    table.add_row("checked", f"sound, in {report.seconds:,.1f} s")
    write(table)


def print_rescue(report: RescueReport) -> None:
    """Say what was saved, and what was not."""
    table = columns(count=2)
    table.add_row("rescued to", report.rescued)
    table.add_row("notes", f"{report.notes:,}")
    table.add_row("sentences", f"{report.sentences_encoded:,}, encoded by {report.model}")
    table.add_row("saved searches", f"{report.saved_searches:,}")
    write(table)
    if report.lost:
        more = f" and {len(report.lost) - MOST_NAMED:,} more" if len(report.lost) > MOST_NAMED else ""
        tell(f"Not as they were written, and not saved: {', '.join(report.lost[:MOST_NAMED])}{more}.")
    if report.not_found:
        tell(f"Not found: {report.not_found:,} more notes that the catalog counted.")
    if report.not_found is None:
        tell("How many notes there were cannot be read.")
    if report.unread_searches:
        tell(f"Saved searches that cannot be read: {', '.join(report.unread_searches)}.")
    if not report.is_whole:
        tell("Index the notes' files into the new collection: what is lacking comes with them.")
