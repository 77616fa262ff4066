"""What a run of the indexer came to, for reading in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from clinsearch.records import Failure, IndexReport
from clinsearch.records.previews import Preview
from clinsearch.rendering.signs import tell
from clinsearch.rendering.terminal.layout import write

MOST_NAMED = 20
MOST_FIELDS_NAMED = 50
MOST_NAMED_OF_A_KIND = 5

# One and several of each kind of what was left out.
LEFT_OUT = {
    "no_text": ("record without a text", "records without a text"),
    "too_long": ("text that is too long", "texts that are too long"),
    "parts": ("note whose parts do not fit together", "notes whose parts do not fit together"),
    "id_taken": ("note whose id is another's", "notes whose ids are others'"),
    "columns": ("table without a column that is needed", "tables without a column that is needed"),
    "file": ("file that cannot be read", "files that cannot be read"),
    "malformed": ("malformed record", "malformed records"),
    "rtf": ("RTF document", "RTF documents"),
    "html": ("HTML document", "HTML documents"),
    "xml": ("XML document", "XML documents"),
    "cda": ("C-CDA document", "C-CDA documents"),
    "pdf": ("PDF", "PDFs"),
    "doc": ("old Office file", "old Office files"),
    "docx": ("Word document", "Word documents"),
    "odt": ("OpenDocument text", "OpenDocument texts"),
    "xlsx": ("Excel workbook", "Excel workbooks"),
    "office": ("Office file", "Office files"),
    "zip": ("zip archive", "zip archives"),
    "tar": ("tar archive", "tar archives"),
    "parquet": ("Parquet file", "Parquet files"),
    "arrow": ("Arrow or Feather file", "Arrow or Feather files"),
    "query": ("query that failed or gave nothing", "queries that failed or gave nothing"),
    "reader": ("file that its site's reader failed at", "files that their site's reader failed at"),
    "extra": ("file that needs an extra", "files that need extras"),
    "hl7": ("HL7 message", "HL7 messages"),
    "json": ("JSON document", "JSON documents"),
    "fhir": ("FHIR resource", "FHIR resources"),
    "scan": ("scan", "scans"),
    "encrypted": ("encrypted file", "encrypted files"),
    "attachment": ("message whose document cannot be read", "messages whose documents cannot be read"),
    "encoded": ("text of encoded data", "texts of encoded data"),
    "table": ("table that is named as a text", "tables that are named as texts"),
}
NOT_WALKED = {
    "link": ("link to a folder", "links to folders"),
    "collection": ("clinsearch collection", "clinsearch collections"),
    "member": ("link, device or badly named file in archives", "links, devices or badly named files in archives"),
}
WITHOUT_SENTENCE = "Notes without a word, which no search finds"
WITH_ENCODED_DATA = "Notes with base64 or hexadecimal data, which is left out"
NOT_READ = {"date": "Dates", "field": "Fields", "header": "Headers", "document": "Parts of documents"}
# What to do with files of these formats; of all others nothing is known.
REMEDIES = {
    "save them as plain text (.txt), one note a file": (".pages", ".wpd", ".wps"),
    "write their notes as .csv or .jsonl, one note a record": (
        *(".xls", ".xlsx", ".ods", ".sas7bdat", ".dta"),
        *(".sav", ".db", ".sqlite", ".pkl", ".rds", ".dat"),
    ),
    "unpack them": (".7z", ".rar", ".z", ".lz4"),
    "give them one, as .txt": ("without suffix",),
}


def print_report(report: IndexReport, *, enqueued: bool = False) -> None:
    """Show what an indexing run came to, and how much was left out for which reason.

    enqueued: new and changed notes wait in the queue.
    """
    parts = [
        f"{count:,} {name}"
        for name, count in (
            ("new", report.new),
            ("changed", report.changed),
            ("renamed", report.renamed),
            ("unchanged", report.unchanged),
            ("deleted", report.deleted),
            ("the same again", report.repeated),
            ("not usable", len(report.failures)),
        )
        if count
    ]
    write(f"Notes: {', '.join(parts) or 'none'}.")
    print_left_out(report.failures, report.doubts)
    for ids, what in ((report.without_sentence, WITHOUT_SENTENCE), (report.with_encoded_data, WITH_ENCODED_DATA)):
        if ids:
            write(f"{what}: {len(ids):,}.")
    if enqueued:
        waiting = report.new + report.changed
        write(f"In the queue: {waiting:,} notes, new and changed, for `clinsearch worker`, in {report.seconds:.1f} s.")
    else:
        write(f"Encoded {report.sentences_encoded:,} sentences in {report.seconds:.1f} s.")


def print_left_out(failures: Sequence[Failure], doubts: Sequence[Failure]) -> None:
    """Show how much was left out for which reason, and which values could not be read of notes that are kept."""
    if failures:
        write(f"Left out: {', '.join(_left_out(failures))}.")
    for kind, what in NOT_READ.items():
        alike = [doubt for doubt in doubts if doubt.kind == kind]
        if alike:
            write(f"{what} not read: {len(alike):,}, the first in {_place(alike[0])}; the notes are kept without.")
    if passed_over := [doubt for doubt in doubts if doubt.kind == "passed_over"]:
        named = "; ".join(f"{_place(one)}: {one.reason}" for one in passed_over[:MOST_NAMED_OF_A_KIND])
        more = len(passed_over) - MOST_NAMED_OF_A_KIND
        write(f"Records without a note: {named}{f'; and {more:,} more' if more > 0 else ''}.")


def print_notices(
    report: IndexReport, ignored_fields: Counter[str], presets: Mapping[Path, str], *, verbose: bool
) -> None:
    """Show, on stderr, what was not read and why, and what is in the collection but not on disk.

    Of what is alike a few are named, with `verbose` all. presets: the tables that are known ones, by what was found.
    """
    lines = [*_known(presets, verbose=verbose), *_not_read(report, ignored_fields, verbose=verbose)]
    if verbose:
        lines += [f"{WITHOUT_SENTENCE}: {note_id}" for note_id in report.without_sentence]
        lines += [f"{WITH_ENCODED_DATA}: {note_id}" for note_id in report.with_encoded_data]
    if report.missing:
        lines.append(f"{report.missing:,} notes are gone from their files; --delete-missing takes them out.")
    for line in lines:
        tell(line)


def print_notices_of_preview(preview: Preview, *, verbose: bool) -> None:
    """Show, on stderr, what would not be read and why."""
    for line in _not_read(preview, preview.ignored_fields, verbose=verbose):
        tell(line)


def _not_read(report: IndexReport | Preview, ignored_fields: Iterable[str], *, verbose: bool) -> Iterator[str]:
    unopened = [one for one in report.passed_over if one.kind not in NOT_WALKED]
    yield from _passed_over(unopened, verbose=verbose)
    for kind in NOT_WALKED:
        yield from _not_walked(kind, [one for one in report.passed_over if one.kind == kind], verbose=verbose)
    if ignored := sorted(ignored_fields):
        named = ignored if verbose else ignored[:MOST_FIELDS_NAMED]
        more = f" and {len(ignored) - len(named):,} more" if len(named) < len(ignored) else ""
        yield f"Fields that are not kept: {', '.join(named)}{more}."
    yield from _named(report.failures, verbose=verbose)
    if verbose:
        yield from (f"{_place(doubt)}: {doubt.reason}" for doubt in report.doubts)


def _left_out(failures: Iterable[Failure]) -> Iterator[str]:
    for kind, count in Counter(failure.kind for failure in failures).most_common():
        one, several = LEFT_OUT.get(kind, (f"of kind {kind}", f"of kind {kind}"))
        yield f"{count:,} {one if count == 1 else several}"


def _known(presets: Mapping[Path, str], *, verbose: bool) -> Iterator[str]:
    shown = list(presets.items()) if verbose else list(presets.items())[:MOST_NAMED_OF_A_KIND]
    yield from (f"{path}: read as {name}." for path, name in shown)
    if left := len(presets) - len(shown):
        yield f"… and {left:,} more tables that are known; --verbose names them all."


def _passed_over(files: Sequence[Failure], *, verbose: bool) -> Iterator[str]:
    if files:
        kinds = Counter(file.kind for file in files)
        counted = ", ".join(
            f"{count:,} {'without suffix' if k == 'no suffix' else k}" for k, count in kinds.most_common()
        )
        yield f"Not read, being of another format: {counted}."
    for remedy, suffixes in REMEDIES.items():
        met = sorted({file.kind.removesuffix(".gz") for file in files} & set(suffixes))
        if met:
            yield f"To read {', '.join(met)}: {remedy}."
    if verbose:
        yield from (f"{file.source}: {file.reason}" for file in files)


def _not_walked(kind: str, folders: Sequence[Failure], *, verbose: bool) -> Iterator[str]:
    if folders:
        one, several = NOT_WALKED[kind]
        yield f"Not walked: {len(folders):,} {one if len(folders) == 1 else several}."
        yield from _named(folders, verbose=verbose)


def _named(failures: Sequence[Failure], *, verbose: bool) -> Iterator[str]:
    """Name those that were left out, of each kind the first few."""
    named: Counter[str] = Counter()
    for failure in failures:
        if verbose or (named[failure.kind] < MOST_NAMED_OF_A_KIND and named.total() < MOST_NAMED):
            named[failure.kind] += 1
            yield f"{_place(failure)}: {failure.reason}"
    if left := len(failures) - named.total():
        yield f"… and {left:,} more; --verbose names them all."


def _place(failure: Failure) -> str:
    return f"{failure.source}, record {failure.record}" if failure.record else failure.source
