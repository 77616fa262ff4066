"""OBX and NTE segments as the lines of a report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.messages.hl7.segments import Segment
from clinsearch.readers.messages.hl7.tables import FLAGS, SUFFIXES
from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, too_long

_TEXT = frozenset({"TX", "FT", "ST", ""})
_PARAGRAPHS = frozenset({"TX", "FT"})
_CODED = frozenset({"CE", "CWE", "CNE", "CF", "IS", "ID"})
_MEASURED = frozenset({"NM", "SN", "DT", "TM", "TS", "DTM", "CQ", "MO", "NR"})
_DOCUMENTS = frozenset({"ED", "RP"})
_LONG = 100
# "Path report.final diagnosis Spec", "Pathology report gross observation Narrative".
_LOINC_BEGINNING = re.compile(r"path(?:ology)? report[.: ]+(?=\w)", re.IGNORECASE)
_LOINC_ENDING = re.compile(r" (?:narrative|spec|doc)$", re.IGNORECASE)
# Deleted, and posted as wrong.
_WITHDRAWN = frozenset({"D", "W"})


@dataclass(slots=True)
class Observation:
    """An OBX segment, with the comments that follow it."""

    segment: Segment
    comments: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The type of its value: TX, NM, ED, …"""
        return self.segment.written(2).strip().upper()

    @property
    def code(self) -> str:
        """What it observes, as the sender's code."""
        return self.segment.written(3)

    @property
    def name(self) -> str:
        """What it observes, in words if it has any."""
        segment = self.segment
        components = segment.repetitions(3)[0]
        _, _, suffix = components[0].partition(segment.manner.delimiters.subcomponent)
        if suffix in SUFFIXES:
            return SUFFIXES[suffix]
        return _in_short(segment.first_of(3, 2, 5))

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was deleted or is known to be wrong."""
        return self.segment.component(11).upper() in _WITHDRAWN

    @property
    def is_document(self) -> bool:
        """Whether its value is a document, or points to one."""
        return self.kind in _DOCUMENTS

    @property
    def is_measured(self) -> bool:
        """Whether its value is a number, or a time."""
        return self.kind in _MEASURED

    @property
    def lines(self) -> list[str]:
        """The lines of its value; empty ones stand for blank lines."""
        if self.kind in _TEXT:
            if len(self.segment.written(5)) > MAX_NOTE_CHARACTERS:
                raise too_long(len(self.segment.written(5)))
            return list(_text_lines(self.segment, 5))
        if self.kind in _CODED:
            return [said for components in self.segment.repetitions(5) if (said := _coded(self.segment, components))]
        return [said] if self.kind in _MEASURED and (said := _measured(self)) else []

    @property
    def is_left_out(self) -> bool:
        """Whether it has a value of a kind that is not text: a person, an address, an id."""
        return bool(self.segment.written(5)) and self.kind not in _TEXT | _CODED | _MEASURED | _DOCUMENTS


def comment_lines(segment: Segment) -> list[str]:
    """Return the lines of an NTE segment."""
    return list(_text_lines(segment, 3))


def runs_of(observations: list[Observation]) -> list[list[Observation]]:
    """Return observations that follow one another and are of the same thing together."""
    return [list(run) for _, run in groupby(observations, key=lambda one: (one.is_document, one.code, one.is_measured))]


def write_run(run: list[Observation], draft: Draft, *, are_several: bool) -> None:
    """Write observations of the same thing; if there are several things, its name is a heading or a label."""
    name = run[0].name
    if run[0].is_measured or (_is_labelled(run) and name and are_several):
        _write_labelled(run, name, draft)
    else:
        _write_part([line for one in run for line in [*one.lines, *one.comments]], name if are_several else "", draft)


def _is_labelled(run: list[Observation]) -> bool:
    """Tell whether observations of one name are values to be named, rather than the text of a part."""
    if run[0].is_measured:
        return True
    if len(run) > 1 or run[0].kind in _PARAGRAPHS:
        return False
    return all(len(one.lines) <= 1 and len("".join(one.lines)) <= _LONG for one in run)


def _write_labelled(run: list[Observation], name: str, draft: Draft) -> None:
    for one in run:
        for line in one.lines:
            said = _held(one, line.strip())
            draft.write_as_is(f"{name}: {said}" if name else said)
            draft.end_line()
        _write_lines(one.comments, draft)


def _held(observation: Observation, value: str) -> str:
    """Add a value's unit, what it is held to be, and what is usual."""
    segment = observation.segment
    unit = segment.first_of(6, 1, 2)
    flag = FLAGS.get(segment.component(8).upper(), "")
    usual = segment.manner.text(segment.written(7)).strip()
    said = f"{value} {unit}".strip() + (f", {flag}" if flag else "")
    return f"{said} ({usual})" if usual else said


def _write_part(lines: list[str], name: str, draft: Draft) -> None:
    first = next((line for line in lines if line.strip()), "").strip().casefold()
    if name and first and not first.startswith(name.casefold()):
        draft.begin_heading()
        draft.write(name)
        draft.end_heading()
    elif name and first:
        draft.part()
    _write_lines(lines, draft)


def _write_lines(lines: list[str], draft: Draft) -> None:
    for line in lines:
        if line.strip():
            draft.write_as_is(line)
            draft.end_line()
        else:
            draft.part()


def _text_lines(segment: Segment, number: int) -> Iterator[str]:
    """Yield the lines of text: its repetitions are lines, and so is what its escapes part."""
    for line in _between_lines(segment.manner.delimiters.repetition).split(segment.written(number)):
        yield from segment.manner.text(line).split("\n")


@lru_cache(maxsize=32)
def _between_lines(mark: str) -> re.Pattern[str]:
    """Return what parts lines; not the sign for "about", as in "a mass of ~5 cm"."""
    mark = re.escape(mark)
    return re.compile(rf"{mark}(?!\d)|(?<! ){mark}")


def _coded(segment: Segment, components: list[str]) -> str:
    """Return the words of a coded value: the original text, the name, the other name or the code."""
    return next((said for which in (9, 2, 5, 1) if (said := segment.component_of(components, which))), "")


def _measured(observation: Observation) -> str:
    segment = observation.segment
    join = "" if observation.kind == "SN" else " "
    values = [join.join(part for part in components if part) for components in segment.repetitions(5)]
    return segment.manner.text(", ".join(filter(None, values))).strip()


def _in_short(name: str) -> str:
    """Return a name without what LOINC puts around the names of a report's parts."""
    said = _LOINC_ENDING.sub("", _LOINC_BEGINNING.sub("", name))
    return said[:1].upper() + said[1:] if said != name else name
