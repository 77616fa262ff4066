"""What notes say of something, in words and signs; and patients by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinsearch.errors import InputError
from clinsearch.records import STANCES, NoteStance, PatientEvidence, PatientHit, Stance
from clinsearch.rendering.scores import SAID

# In the order of what matters most for whom it is about.
LEADING: tuple[Stance, ...] = ("affirmed", "historical", "possible", "hypothetical", "negated", "other", "unread")
WORDS: dict[str, str] = {
    "affirmed": "affirmed",
    **SAID,
    "unread": "not read (another language)",
    "none": "not mentioned",
}
SIGNS: dict[str, str] = {
    "affirmed": "+",
    "historical": "H",
    "possible": "?",
    "hypothetical": "if",
    "negated": "\u2212",
    "other": "F",
    "unread": "x",
    "none": "",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Patients whose notes say something of the nth thing asked for; is_only: and nothing else of it."""

    nth: int
    stance: str
    is_only: bool

    def __str__(self) -> str:
        return f"{self.nth}:{'only:' * self.is_only}{self.stance}"

    def fits(self, patient: PatientHit) -> bool:
        """Tell whether a patient is among them."""
        if not 1 <= self.nth <= len(patient.evidence):
            return False
        said = says(patient.evidence[self.nth - 1])
        return self.stance in said and not (self.is_only and len(said) > 1)


@dataclass(frozen=True, slots=True)
class Count:
    """How many patients there are whose notes say something, and with notes that say nothing else."""

    stance: str
    patients: int
    only: int


def chosen(written: Sequence[str]) -> list[Chosen]:
    """Read what patients are to be chosen by. Raises InputError."""
    found = []
    for text in written:
        number, _, stance = text.partition(":")
        is_only = stance.startswith("only:")
        stance = stance.removeprefix("only:")
        if not (number.isascii() and number.isdigit() and len(number) < 3) or stance not in WORDS:
            raise InputError(f"said is a number and one of {', '.join(WORDS)}: 1:affirmed, 1:only:other.")
        found.append(Chosen(int(number), stance, is_only))
    return found


def says(evidence: PatientEvidence) -> list[str]:
    """Return what a patient's notes say of something, most important first; none where no note speaks of it."""
    return [one for one in LEADING if evidence.said[one]] or ["none"]


def leading(note: NoteStance | None) -> str:
    """Return what a note says before all else."""
    return next((one for one in LEADING if note is not None and one in note.said), "none")


def in_words(note: NoteStance | None) -> str:
    """Say what a note says."""
    if note is None:
        return WORDS["none"]
    return ", ".join(WORDS[one] for one in LEADING if one in note.said)


def counted(patients: Sequence[PatientHit], part: int) -> list[Count]:
    """Count patients by what their notes say of one of the things asked for."""
    said = [says(patient.evidence[part]) for patient in patients if part < len(patient.evidence)]
    counts = [
        Count(stance, sum(stance in one for one in said), sum(one == [stance] for one in said))
        for stance in (*LEADING, "none")
    ]
    return [one for one in counts if one.patients]


assert set(LEADING) == set(STANCES)
