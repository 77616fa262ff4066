"""Results in a notebook: as HTML, as plain records, and as a DataFrame. The only module that knows pandas."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from clinsearch.display import Results
from clinsearch.errors import InputError
from clinsearch.records import (
    CollectionStatus,
    Contrast,
    Hit,
    IndexReport,
    MeasuredName,
    MeasuredValue,
    NoteExplanation,
    NoteView,
    PatientHit,
    QueryExplanation,
    TextEmbedding,
    TextExplanation,
    WordHit,
)
from clinsearch.records.cohorts import Cohort
from clinsearch.records.inspection import ModelDescription, VocabEntry
from clinsearch.records.listings import ListedNote, NoteCount
from clinsearch.records.maps import CollectionMap
from clinsearch.records.passages import Passage
from clinsearch.rendering.pages.cohorts import cohort_page
from clinsearch.rendering.pages.contrasts import contrast_page
from clinsearch.rendering.pages.explanations import explanation_page
from clinsearch.rendering.pages.maps import map_page
from clinsearch.rendering.pages.page import framed, isolated, shown
from clinsearch.rendering.records.cohorts import cohort_record
from clinsearch.rendering.records.collection import passage_record, status_record
from clinsearch.rendering.records.contrasts import contrast_rows
from clinsearch.rendering.records.explanations import explanation_rows
from clinsearch.rendering.records.formats import Record
from clinsearch.rendering.records.hits import hit_records, word_hit_records
from clinsearch.rendering.records.inspection import embedding_records, model_record, vocab_records
from clinsearch.rendering.records.listings import count_records, listed_records
from clinsearch.rendering.records.maps import map_records
from clinsearch.rendering.records.patients import patient_records
from clinsearch.rendering.records.reports import report_record
from clinsearch.rendering.records.values import name_records, value_records
from clinsearch.rendering.wording import number

if TYPE_CHECKING:
    import pandas

ROWS_SHOWN = 100
NUMBERS_SHOWN = 3
PAGE_HEIGHT = 640
NOTES_HEIGHT = 860
MAP_HEIGHT = 780


def records(result: Any) -> list[Record]:
    """Return a result as plain records: an explanation's pairs, a note's sentences, else what JSON has of it."""
    match result:
        case Results():
            return [record for each in result for record in records(each)]
        case Hit():
            return hit_records([result])
        case Cohort():
            return [cohort_record(result)]
        case PatientHit():
            return patient_records([result])
        case WordHit():
            return word_hit_records([result])
        case MeasuredValue():
            return value_records([result])
        case MeasuredName():
            return name_records([result])
        case ListedNote():
            return list(listed_records([result]))
        case Passage():
            return [passage_record(result)]
        case NoteCount():
            return count_records([result])
        case VocabEntry():
            return vocab_records([result])
        case TextExplanation() | QueryExplanation() | NoteExplanation():
            return explanation_rows(result)
        case Contrast():
            return contrast_rows(result) or [dict(result.parts)]
        case NoteView():
            return [{"note_id": result.note.note_id, **asdict(sentence)} for sentence in result.sentences]
        case TextEmbedding():
            return embedding_records(result)
        case CollectionMap():
            return map_records(result)
    return [_single_record(result)]


def dataframe(result: Any) -> pandas.DataFrame:
    """Return a result's records as a DataFrame. Raises InputError where pandas is not installed."""
    try:
        import pandas
    except ImportError:
        raise InputError("A DataFrame needs pandas. Install it with `pip install pandas`.") from None
    return pandas.DataFrame.from_records(records(result))


def html(result: Any) -> str:
    """Return a result as HTML: explanations, contrasts and maps as pages, a note as its text, all else as a table."""
    match result:
        case TextExplanation() | QueryExplanation():
            return framed(explanation_page(result), PAGE_HEIGHT)
        case NoteExplanation():
            return framed(explanation_page(result), NOTES_HEIGHT)
        case Contrast():
            return framed(contrast_page(result), NOTES_HEIGHT)
        case Cohort():
            return framed(cohort_page(result), NOTES_HEIGHT)
        case CollectionMap():
            return framed(map_page(result, "type"), MAP_HEIGHT)
        case NoteView():
            known = _known({**asdict(result.note), "language": result.language}, but=("text", "headings"))
            return _fields(known) + _note_text(result)
        case CollectionStatus() | IndexReport() | ModelDescription():
            return _fields(_single_record(result))
    return _table(records(result))


def _single_record(result: CollectionStatus | IndexReport | ModelDescription) -> Record:
    match result:
        case CollectionStatus():
            return status_record(result)
        case IndexReport():
            return report_record(result)
    return model_record(result)


def _known(record: Record, *, but: Collection[str]) -> Record:
    return {name: value for name, value in record.items() if value is not None and name not in but}


def _fields(record: Record) -> str:
    rows = "".join(
        f'<tr><th style="text-align: left">{shown(name)}</th><td style="text-align: left">{_cell(value)}</td></tr>'
        for name, value in record.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def _table(rows: Sequence[Record]) -> str:
    if not rows:
        return "<p>Nothing found.</p>"
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    head = "".join(f'<th style="text-align: left">{shown(name)}</th>' for name in names)
    body = "".join(_row([row[name] for name in names]) for row in rows[:ROWS_SHOWN])
    more = f"<p>… and {len(rows) - ROWS_SHOWN:,} more</p>" if len(rows) > ROWS_SHOWN else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _row(values: Sequence[Any]) -> str:
    cells = "".join(f'<td style="text-align: left">{_cell(value)}</td>' for value in values)
    return f"<tr>{cells}</tr>"


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case float():
            return number(value)
        case datetime():
            return value.isoformat(" ", "minutes")
        case list() | tuple() if len(value) > NUMBERS_SHOWN and all(isinstance(each, float) for each in value):
            return f"{' '.join(number(each, 3) for each in value[:NUMBERS_SHOWN])} … ({len(value)})"
    return isolated(value)


def _note_text(view: NoteView) -> str:
    """Show a note's text with its headings bold and every second sentence on a shade."""
    marks: list[tuple[int, int, str]] = [
        (section.start, section.start + len(section.heading) + 1, "font-weight: bold")
        for section in view.sections
        if section.heading
    ]
    marks += [(sentence.start, sentence.end, "background: rgb(74 155 232 / .14)") for sentence in view.sentences[::2]]
    pieces, end = [], 0
    for start, stop, style in sorted(marks):
        if start < end:
            continue
        pieces.append(
            f'{shown(view.note.text[end:start])}<span style="{style}">{shown(view.note.text[start:stop])}</span>'
        )
        end = stop
    pieces.append(shown(view.note.text[end:]))
    return f'<div dir="auto" style="white-space: pre-wrap; max-width: 60em; text-align: start">{"".join(pieces)}</div>'
