"""What reading a note gives: one value a note, one a distinct sentence, and which rules they were made by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clinsearch.records.assertions import AssertedSpan
from clinsearch.records.digests import text_digest
from clinsearch.records.measurements import Measurement
from clinsearch.records.notes import Note, Segmentation

# The version of the values below, which a collection remembers. Raise it whenever the rules of `language` give other
# values for any text: a collection of another version is read anew by `clinsearch index`, and by nothing else.
LANGUAGE_VERSION = "6"
# The language whose rules are known, by its code in ISO 639-1.
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class SentenceText:
    """A sentence in one line, as it is encoded and kept.

    heading: how many of its first characters are its section's heading with what parts that from the rest.
    """

    text: str
    heading: int
    digest: bytes

    @classmethod
    def of(cls, parted: str) -> SentenceText:
        """Make one of a sentence in which a line break parts the heading, if it begins with one, from the rest."""
        text = parted.replace("\n", " ")
        return cls(text, parted.find("\n") + 1, text_digest(text))

    @property
    def parted(self) -> str:
        """The sentence with a line break behind its heading."""
        return parted(self.text, self.heading)


@dataclass(frozen=True, slots=True)
class ReadSentence(SentenceText):
    """A sentence with what is kept of it: the terms it is found by, and what follows from its words.

    assertions: what it says otherwise than that it is so. gist: an int64 that nearly the same sentences share.
    language: its code in ISO 639-1 or `und`, None if it is not clear from the sentence alone.
    """

    assertions: tuple[AssertedSpan, ...]
    terms: tuple[str, ...]
    gist: int | None
    measurements: tuple[Measurement, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note taken apart. `sentences` has the texts of `segmentation.sentences`, in their order.

    language: its code in ISO 639-1 or `und` if it is clearly in another language than English, else None.
    """

    note: Note
    digest: bytes
    segmentation: Segmentation
    sentences: tuple[SentenceText, ...]
    terms: tuple[str, ...]
    language: str | None = None


def is_english(of_sentence: str | None, of_note: str | None) -> bool:
    """Tell whether a sentence is read by the rules of English: by its own language or, if not clear, by its note's."""
    return (of_sentence or of_note or ENGLISH) == ENGLISH


def parted(text: str, heading: int) -> str:
    """Return a sentence with a line break behind the heading, of so many characters, that it begins with."""
    return f"{text[: heading - 1]}\n{text[heading:]}" if heading else text


def distinct(sentences: Iterable[SentenceText]) -> dict[bytes, SentenceText]:
    """Return each distinct sentence once, by digest, in the order of their texts.

    Of one that begins with a heading in one place and not in another, what has none is kept.
    """
    return {sentence.digest: sentence for sentence in sorted(set(sentences), key=lambda one: one.parted)}
