"""The formats that are read: what they are called, how they are recognised, and what reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from clinsearch.readers.archives import Members, tar_members, zip_members
from clinsearch.readers.columns import Columns
from clinsearch.readers.compression import ENDINGS as COMPRESSED
from clinsearch.readers.contents import Content
from clinsearch.readers.decoding import encoding_mark
from clinsearch.readers.document import Document
from clinsearch.readers.documents import read_document
from clinsearch.readers.extras import PARQUET, PDF, Extra
from clinsearch.readers.markup import foreign, kind_by_beginning, kind_of_bytes, kind_of_zipped
from clinsearch.readers.messages.fhir import read_fhir
from clinsearch.readers.messages.hl7 import read_hl7
from clinsearch.readers.outcomes import CannotRead, FileFacts
from clinsearch.readers.parquet import columnar_records
from clinsearch.readers.plugins import plugged_in, read_plugged_in
from clinsearch.readers.records import Record, Records, csv_records, json_records

Rows: TypeAlias = Callable[[Content, Columns, FileFacts], Iterator[Record]]
Documents: TypeAlias = Callable[[Content], Iterator[Document | CannotRead]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files; a file is known by its content if that tells, else by the ending of its name.

    rows: reads the records of a table. documents: reads the documents of a file. members: finds the files in an
    archive. Plain text has none of these. is_one_note: whether a file of it is a single note. or_text: whether a file
    that is only called so is plain text. extra: what has to be installed for it. is_plugin: whether a site brings its
    reader; the ending alone tells of it.
    """

    name: str
    what: str
    endings: tuple[str, ...]
    rows: Rows | None = None
    documents: Documents | None = None
    members: Members | None = None
    is_one_note: bool = False
    or_text: bool = False
    extra: Extra | None = None
    is_plugin: bool = False


def _of_text(records: Records, *, may_hold_nul: bool = False) -> Rows:
    """Return what reads a table that is written as text."""
    return lambda content, columns, facts: records(content.characters(may_hold_nul=may_hold_nul), columns, facts)


def _columnar(content: Content, columns: Columns, facts: FileFacts) -> Iterator[Record]:
    return columnar_records(content.file(), columns, facts, progress=content.report)


def _document(name: str, what: str, *endings: str, or_text: bool = False, extra: Extra | None = None) -> Format:
    """Return a format whose files are one document each."""

    def read(content: Content) -> Iterator[Document | CannotRead]:
        charset = None if content.encoding == "utf-8" else content.encoding
        yield read_document(name, content.whole(), charset=charset, ocr=content.ocr)

    return Format(name, what, endings, documents=read, is_one_note=True, or_text=or_text, extra=extra)


def _hl7(content: Content) -> Iterator[Document | CannotRead]:
    return read_hl7(content.chunks(), encoding=content.encoding)


def _xml(content: Content) -> Iterator[Document | CannotRead]:
    from clinsearch.readers.documents.xml import read_xml_file  # which imports lxml, and few runs need it

    return read_xml_file(content.chunks(), encoding=content.encoding)


def _fhir(content: Content) -> Iterator[Document | CannotRead]:
    folder = content.attachments
    is_in_folder = folder is not None and folder.holds(content.path)
    return read_fhir(content.characters(), folder=folder, is_in_folder=is_in_folder)


TEXT = Format("text", "plain text", (".txt", ".md"), is_one_note=True)
FORMATS = (
    TEXT,
    Format("csv", "CSV", (".csv",), rows=_of_text(csv_records, may_hold_nul=True)),
    Format("tsv", "TSV", (".tsv",), rows=_of_text(partial(csv_records, delimiter="\t"), may_hold_nul=True)),
    Format("jsonl", "JSON Lines", (".jsonl", ".ndjson"), rows=_of_text(partial(json_records, are_lines=True))),
    Format("json", "JSON", (".json",), rows=_of_text(partial(json_records, are_lines=False))),
    Format("fhir", "FHIR, in .json or .ndjson", (), documents=_fhir),
    Format("hl7", "HL7 v2", (".hl7", ".hl7v2"), documents=_hl7),
    Format("parquet", "Parquet", (".parquet", ".pq"), rows=_columnar, extra=PARQUET),
    Format("arrow", "Arrow or Feather", (".arrow", ".feather", ".ipc"), rows=_columnar, extra=PARQUET),
    _document("cda", "C-CDA", ".cda", ".ccda", ".ccd"),
    Format("xml", "XML, C-CDA among it", (".xml",), documents=_xml),
    _document("html", "HTML", ".html", ".htm", ".xhtml"),
    # Electronic records write RTF under the name of Word's old format, which itself is not read.
    _document("rtf", "RTF", ".rtf", ".doc", or_text=True),
    _document("docx", "Word", ".docx", ".docm"),
    _document("odt", "OpenDocument text", ".odt"),
    _document("pdf", "PDF", ".pdf", extra=PDF),
    Format("zip", "zip archive", (".zip",), members=zip_members),
    Format("tar", "tar archive", (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tzst"), members=tar_members),
)
BY_NAME = {form.name: form for form in FORMATS}
BY_ENDING = {ending: form for form in FORMATS for ending in form.endings}
ENDINGS = tuple(BY_ENDING)
SUFFIXES = frozenset(ending + end for ending in ENDINGS for end in ("", *COMPRESSED))


def is_read(suffix: str) -> bool:
    """Tell whether files with this suffix are read, by clinsearch or by a reader that a site brings."""
    return suffix in SUFFIXES or suffix in plugged_in()


def format_of_name(suffix: str) -> Format:
    """Return the format that a suffix says, of a compressed file the one inside."""
    ending = re.sub(rf"({'|'.join(map(re.escape, COMPRESSED))})$", "", suffix)
    return BY_ENDING[ending] if ending in BY_ENDING else _of_plugin(suffix)


def _of_plugin(ending: str) -> Format:
    point = plugged_in()[ending]

    def read(content: Content) -> Iterator[Document | CannotRead]:
        return read_plugged_in(point, content.path)

    return Format(ending, f"read by {point.value}", (ending,), documents=read, is_plugin=True)


def recognised(content: Content, suffix: str) -> Format:
    """Return the format of a file by its content if that tells, else by its name.

    Raises CannotRead for one that is not read.
    """
    named = format_of_name(suffix)
    if named.is_plugin:
        return named
    kind = kind_of_bytes(content.beginning) or kind_by_beginning(_beginning(content))
    kind = kind_of_zipped(content.file()) if kind == "office" else kind
    if kind is None and named.or_text:
        return TEXT
    if kind is None or (kind == "json" and named.name in ("json", "jsonl")):
        return named
    if kind not in BY_NAME or kind == "json":
        raise foreign(kind)
    return BY_NAME[kind]


def _beginning(content: Content) -> str:
    encoding = encoding_mark(content.beginning) or content.encoding
    try:
        return content.beginning.decode(encoding, errors="replace")
    except UnicodeError:  # of an encoding that cannot replace
        return ""
