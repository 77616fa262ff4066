"""A collection and its notes for reading in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from clinsearch.records import CollectionStatus, NoteView, SearchQuality
from clinsearch.records.passages import Passage
from clinsearch.records.queues import QueueCounts
from clinsearch.records.servers import ServerStatus
from clinsearch.rendering.signs import one_line, visible
from clinsearch.rendering.terminal.layout import columns, in_passage, write
from clinsearch.rendering.wording import language_name

WHEN_NOBODY_READS = "`clinsearch optimize` takes it off once no other process reads the collection."


def print_status(status: CollectionStatus) -> None:
    """Show what is in a collection."""
    table = columns(count=2)
    table.add_row("collection", status.collection)
    table.add_row("notes", f"{status.notes:,}")
    for number, (shard, count) in enumerate(status.shards.items()):
        table.add_row("" if number else "of these in", f"{shard}: {count:,}")
    table.add_row("sentences", f"{status.sentences:,} distinct, {status.occurrences:,} in all")
    table.add_row("model", f"{status.model}, {status.pooling} pooling, {status.hidden_size} dimensions")
    if status.corrected_on is not None:
        table.add_row("vectors", f"centred and whitened, fitted on {status.corrected_on:,} sentences")
    table.add_row("fingerprint", status.fingerprint[:16])
    table.add_row("size", f"{status.bytes / 1e6:,.1f} MB")
    for number, (note_type, count) in enumerate(status.note_types.items()):
        table.add_row("" if number else "types", one_line(f"{count:,} {note_type or 'of no type'}"))
    for language, count in status.languages.items():
        table.add_row("", one_line(f"{count:,} in {language_name(language)}"))
    for quality in status.search:
        table.add_row(f"search of {quality.vectors}s", _how_searched(quality))
    if status.server:
        _add_server(table, status.server)
    for shard, server in status.servers.items():
        table.add_row("shard", one_line(shard))
        _add_server(table, server)
    if status.queue:
        _add_queue(table, status.queue)
    if status.has_remains:
        table.add_row("deleted", "text may still be on the disk; `clinsearch optimize` takes it off")
    write(table)


def _add_server(table: Table, server: ServerStatus) -> None:
    graphs = f", {server.graphs:,} graph{'s' * (server.graphs > 1)} of vectors" if server.graphs else ""
    table.add_row("server", one_line(f"PostgreSQL {server.version}, pgvector {server.pgvector}{graphs}"))
    if server.is_replica:
        behind = "" if server.behind_s is None else f", {server.behind_s:.1f} s behind its primary"
        table.add_row("", f"a replica{behind}")
    for replica in server.replicas:
        behind = "" if replica.behind_bytes is None else f", {replica.behind_bytes / 1e6:.1f} MB behind"
        table.add_row("replica", one_line(f"{replica.name}: {replica.state}, {replica.sync}{behind}"))
    for one in server.building:
        share = f", {one.done / one.total:.0%}" if one.total else ""
        table.add_row("building", one_line(f"a graph of {one.vectors}s: {one.phase}{share}"))


def _add_queue(table: Table, queue: QueueCounts) -> None:
    """Show what waits, if the queue is in use."""
    if queue.waiting or queue.leased or queue.workers or queue.set_aside:
        failed = f", {queue.set_aside:,} failed: see `clinsearch queue`" if queue.set_aside else ""
        leased = f"{queue.leased:,} leased to {queue.workers:,} workers"
        table.add_row("queue", f"{queue.waiting:,} notes waiting, {leased}{failed}")


def print_optimized(search: Sequence[SearchQuality], *, has_remains: bool) -> None:
    """Show how a collection is searched, and whether deleted text could not be taken off the disk."""
    table = columns(count=2)
    for quality in search:
        table.add_row(f"search of {quality.vectors}s", _how_searched(quality))
    write(table)
    if has_remains:
        write(f"Deleted text is still in the files: {WHEN_NOBODY_READS}")


def _how_searched(quality: SearchQuality) -> str:
    if quality.graphs is not None:
        found = "" if quality.recall is None else f", which found {quality.recall:.1%} of the ten nearest"
        through = f"{quality.graphs:,} graph{'s' * (quality.graphs > 1)}"
        candidates = f", {quality.candidates:,} candidates in each" if quality.candidates else ""
        return f"through {through}{candidates}{found}, of {quality.rows:,}"
    if quality.cells is None:
        return f"exact, all {quality.rows:,}"
    return (
        f"{quality.probes:,} of {quality.cells:,} cells, which found {quality.recall:.1%} of the ten nearest "
        f"of {quality.rows:,}"
    )


def print_note(view: NoteView) -> None:
    """Show a note: what is known of it, and its text with headings and sentences told apart."""
    note = view.note
    table = columns(count=2)
    for name in ("note_id", "patient_id", "encounter_id", "note_type", "note_datetime", "title", "source"):
        value = getattr(note, name)
        if value is not None:
            table.add_row(name, one_line(str(value)))
    if view.language:
        table.add_row("language", one_line(f"{language_name(view.language)}: what it asserts is not read"))
    table.add_row("sentences", f"{len(view.sentences):,}")
    write(table)
    text = Text(visible(note.text))
    for section in view.sections:
        if section.heading:
            text.stylize("bold cyan", section.start, section.start + len(section.heading) + 1)
    for number, sentence in enumerate(view.sentences):
        text.stylize("default" if number % 2 else "bright_white", sentence.start, sentence.end)
    write("")
    write(text)


def print_passage(passage: Passage) -> None:
    """Show a place of a note, in brackets, with the sentences around it, under its section's heading."""
    day = passage.note_datetime.date().isoformat() if passage.note_datetime else None
    about = " · ".join(part for part in (passage.title or passage.note_type, day, passage.patient_id) if part)
    write(Text(one_line(passage.note_id), style="bold").append(one_line(f"  {about}"), style="not bold dim"))
    marks = ", ".join(f"{start}-{end}" for start, end in passage.marks)
    if passage.heading and passage.heading not in passage.text:
        write(Text(one_line(passage.heading), style="bold cyan"))
    write(in_passage(passage))
    write(Text(f"{marks} of {passage.start}-{passage.end}", style="dim"))


def print_deleted(notes: int, *, has_remains: bool) -> None:
    """Show how many notes were deleted, and what takes their text off the disk."""
    later = f" Their text is still in the files: {WHEN_NOBODY_READS}" if has_remains else ""
    write(f"Deleted {notes:,} {'note' if notes == 1 else 'notes'}.{later}")


def print_repaired(sentences: int) -> None:
    """Show how many sentences had to be encoded again."""
    write(f"All vectors are there, as they were written. Encoded {sentences:,} sentences again.")
