"""What a run would read: the files are read as by a run, but nothing is encoded or written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from clinsearch.indexing.faults import Faults, passed_over
from clinsearch.readers import NoteSource, Unreadable
from clinsearch.records import Note
from clinsearch.records.previews import FormatPreview, NoteMetadata, Preview, TablePreview

FIELDS = ("patient_id", "encounter_id", "note_type", "note_datetime", "title")


@dataclass(slots=True)
class _Counts:
    notes: int = 0
    filled: Counter[str] = field(default_factory=Counter)

    def add(self, note: Note) -> None:
        self.notes += 1
        self.filled.update(name for name in FIELDS if getattr(note, name) is not None)


def preview(source: NoteSource, *, own: Path | None = None, progress: Callable[[int], None] | None = None) -> Preview:
    """Read everything and say what there is; `own`: the folder of the collection. No text of a note is kept."""
    counts: dict[str, _Counts] = {}
    faults = Faults()
    first: NoteMetadata | None = None
    for number, outcome in enumerate(source, start=1):
        if isinstance(outcome, Unreadable):
            faults.add(outcome)
            continue
        form = source.formats.get(Path(str(outcome.source)), "")
        counts.setdefault(form, _Counts()).add(outcome)
        first = first or _metadata(outcome)
        if progress:
            progress(number)
    return Preview(
        notes=sum(count.notes for count in counts.values()),
        formats=tuple(_formats(source, counts)),
        tables=tuple(_tables(source)),
        first=first,
        ignored_fields=tuple(sorted(source.ignored_fields)),
        failures=tuple(faults.left_out),
        doubts=tuple(faults.doubts),
        passed_over=passed_over(source, own),
    )


def _formats(source: NoteSource, counts: dict[str, _Counts]) -> Iterator[FormatPreview]:
    files = Counter(source.formats.values())
    sizes = Counter[str]()
    for path, form in source.formats.items():
        sizes[form] += source.sizes.get(path, 0)
    for form, number in files.most_common():
        count = counts.get(form, _Counts())
        yield FormatPreview(form, number, sizes[form], count.notes, {name: count.filled[name] for name in FIELDS})


def _tables(source: NoteSource) -> Iterator[TablePreview]:
    alike: dict[tuple[str | None, tuple[tuple[str, tuple[str, ...]], ...]], list[Path]] = {}
    for path, fields in source.fields.items():
        alike.setdefault((source.presets.get(path), tuple(fields.items())), []).append(path)
    for (preset, columns), paths in alike.items():
        yield TablePreview(str(paths[0]), len(paths), preset, dict(columns))


def _metadata(note: Note) -> NoteMetadata:
    return NoteMetadata(
        note.note_id,
        note.patient_id,
        note.encounter_id,
        note.note_type,
        note.note_datetime,
        note.title,
        note.source,
        len(note.text),
    )
