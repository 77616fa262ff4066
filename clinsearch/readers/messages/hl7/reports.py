"""The parts of a message that each make a note: what TXA or OBR says of it, and its observations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clinsearch.readers.messages.hl7.observations import Observation, comment_lines
from clinsearch.readers.messages.hl7.segments import Message, Segment
from clinsearch.readers.messages.hl7.tables import DOCUMENT_TYPES
from clinsearch.readers.truncated_dates import completed

_DELETED, _OBSOLETE = "CA", "OB"
_CANCELLED_ORDER = "X"
_PRELIMINARY = frozenset({"P", "R", "A"})
_CORRECTED = "C"
_LOINC = frozenset({"LN", "LOINC"})


@dataclass(slots=True)
class Report:
    """The segments of one note; `order` is its OBR, `document` its TXA, where there is one."""

    patient: Segment | None
    visit: Segment | None
    document: Segment | None = None
    order: Segment | None = None
    comments: list[str] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)

    @property
    def is_cancelled(self) -> bool:
        """Whether the document was deleted, or the order called off."""
        if self.document:
            return _DELETED in (self.document.component(19).upper(), self.document.component(17).upper())
        return self.order is not None and self.order.component(25).upper() == _CANCELLED_ORDER

    @property
    def is_preliminary(self) -> bool:
        """Whether a final version is to come."""
        return self.document is None and self.order is not None and self.order.component(25).upper() in _PRELIMINARY

    @property
    def is_corrected(self) -> bool:
        """Whether it takes the place of a final version."""
        return self.document is None and self.order is not None and self.order.component(25).upper() == _CORRECTED

    def add(self, segment: Segment) -> None:
        """Add an OBX or NTE segment."""
        if segment.name == "OBX":
            self.observations.append(Observation(segment))
        elif self.observations:
            self.observations[-1].comments += comment_lines(segment)
        else:
            self.comments += comment_lines(segment)

    def fields(self, header: Segment) -> dict[str, object]:
        """Return what is known of the note, by the names that tables have."""
        title = self._title()
        if mark := "superseded" if self._is_obsolete else "preliminary" if self.is_preliminary else "":
            title = f"{title or self._type()} ({mark})"
        found = {
            "patientid": _patient_id(self.patient),
            "encounterid": self._encounter_id(),
            "notetype": self._type(),
            "notedatetime": completed(self._date() or header.component(7)),
            "title": title,
        }
        return {name: value for name, value in found.items() if value}

    def id(self) -> str:
        """Return the id of the document or of the report; empty if it has none."""
        if self.document and (said := self.document.component(12)):
            return said
        return (self.order.component(3) or self.order.component(2)) if self.order else ""

    @property
    def _is_obsolete(self) -> bool:
        return self.document is not None and self.document.component(19).upper() == _OBSOLETE

    def _encounter_id(self) -> str:
        visit = self.visit.component(19) if self.visit else ""
        return visit or (self.patient.component(18) if self.patient else "")

    def _type(self) -> str:
        if self.document:
            code = self.document.component(2)
            return self.document.component(2, 2) or self._loinc_name() or DOCUMENT_TYPES.get(code.upper(), code)
        return self._title() or self._loinc_name()

    def _title(self) -> str:
        title = self.document.component(25) if self.document else ""
        return title or (self.order.first_of(4, 2, 5, 1, 4) if self.order else "")

    def _loinc_name(self) -> str:
        """Return the name that all observations have, if it is LOINC's."""
        names = {one.segment.component(3, 2) for one in self.observations}
        systems = {one.segment.component(3, 3).upper() for one in self.observations}
        return names.pop() if len(names) == 1 and systems and systems <= _LOINC else ""

    def _date(self) -> str:
        if self.document and (said := self._first_date(self.document, 4, 6, 7, 8)):
            return said
        return self._first_date(self.order, 7, 22, 14, 6) if self.order else ""

    @staticmethod
    def _first_date(segment: Segment, *numbers: int) -> str:
        return next((said for number in numbers if (said := segment.component(number))), "")


def reports(message: Message) -> Iterator[Report]:
    """Yield the reports of a message in order: of a document its one, else one for each OBR."""
    is_document = any(segment.name == "TXA" for segment in message.segments)
    report = Report(None, None)
    for segment in message.segments[1:]:
        begins = segment.name == "PID" or (segment.name == ("TXA" if is_document else "OBR"))
        if begins and (report.observations or report.order or report.document):
            yield report
            report = Report(report.patient, report.visit)
        if segment.name == "PID":
            report.patient, report.visit = segment, None
        elif segment.name == "PV1":
            report.visit = segment
        elif segment.name == "TXA":
            report.document = segment
        elif segment.name == "OBR":
            report.order = segment
        else:
            report.add(segment)
    yield report


def _patient_id(patient: Segment | None) -> str:
    """Return the medical record number, or else the first id there is."""
    if patient is None:
        return ""
    listed = patient.repetitions(3)
    numbers = [one for one in listed if patient.component_of(one, 5).upper() == "MR"]
    found = (patient.component_of(one, 1) for one in [*numbers, *listed])
    return next(filter(None, found), "") or patient.component(2) or patient.component(4)
