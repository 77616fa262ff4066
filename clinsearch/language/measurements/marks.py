"""The words, numbers and signs of a text with their offsets, and which numbers are dates and the like."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|(?<![\d.])\.\d+)"
    r"|(?P<word>(?<=\d)[^\W\d_]+|(?:bp|hr|rr|wt|hgb|wbc|plt|temp|hct|bmi|gcs|inr|bun|age)(?=\d)|t(?=\d{2,3}\.\d)"
    r"|b/l\b|(?:p|a|b|t|q)\.(?:[a-z]\.)+|[^\W\d_][^\W_]*(?:['\u2019][^\W\d_]+)?)"
    r"|(?P<sign>-+>|=+>|[<>]=|[^\w\s])",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR, _DAY = r"(?:19|20)\d\d", r"(?:[012]?\d|3[01])"
# What is no value: dates, times, ratios, telephone numbers, sizes of sutures, levels of the spine.
_APART = re.compile(
    rf"(?P<date>\b(?:{_DAY}[/-]{_DAY}[/-](?:{_YEAR}|\d\d)|{_YEAR}-\d{{1,2}}-\d{{1,2}}"
    rf"|\d{{1,2}}/{_YEAR}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s{_YEAR})?|\d{{1,2}}\s{_MONTH}\s{_YEAR}"
    rf"|{_MONTH},?\s(?:of\s)?{_YEAR}"
    rf"|(?<=\bon\s)\d{{1,2}}[/-]\d{{1,2}}|(?<=\b(?:in)\s)\d{{1,2}}/\d\d|(?<=\()\d{{1,2}}/\d{{1,2}}(?=\))"
    rf"|(?<=\bsince\s)\d{{1,2}}/\d{{1,2}}|(?<=\bfrom\s)\d{{1,2}}/\d{{1,2}}(?<!/10)"
    rf"|(?<=\b(?:in|of)\s){_YEAR}|(?<=\bsince\s){_YEAR}|(?<=\b(?:late|year)\s){_YEAR}|(?<=\bearly\s){_YEAR})\b(?![/%.]\d))"
    r"|\d{1,2}:\d\d(?::\d\d)?|(?<!\d)\d{1,6}:\d[\d,]*|(?<=\bat\s)(?:[01]\d|2[0-3])[0-5]\d\b(?!\s?(?:m[gclm]|cc|g\b|u\b|units?|iu|k\b|kg|ng|pg|/|%|cal|copies|cm))|\b0\d{3}\b"
    r"|\(?\d{3}\)?[-. ]\d{3}[-.]\d{4}|\b\d{3}-\d{4}\b"
    r"|#?\b\d{1,2}-0\b(?!\.)|\b[CTLS]\d{1,2}\s?(?:-|/|through|to)\s?[CTLS]?\d{1,2}\b|\b[A-Z]\d+-\d+\b",
    re.IGNORECASE,
)
# A longer number is a code.
_LONGEST = 15
_MAYBE_APART = re.compile(r"\d[-/:.]\s?[\dCTLS(]|[a-z.]\s\(?\d|\b0\d|[a-z]\d", re.IGNORECASE)


@dataclass(slots=True)
class Marks:
    """The words, numbers and signs of a text; values: of a number what it says, of all else None.

    A date or other stretch that is no value is one mark, which is "<date>" or "<apart>".
    """

    text: str
    words: list[str]
    values: list[float | None]
    starts: list[int]
    ends: list[int]

    def written(self, first: int, stop: int) -> str:
        """Return the text from one mark up to another."""
        return self.text[self.starts[first] : self.ends[stop - 1]]

    def word(self, place: int) -> str:
        """Return the mark at a place, the empty text beyond either end."""
        return self.words[place] if 0 <= place < len(self.words) else ""

    def gap(self, place: int) -> bool:
        """Tell whether there is a gap between a mark and the one before."""
        return 0 < place < len(self.words) and self.starts[place] > self.ends[place - 1]


DATE, APART = "<date>", "<apart>"


def read_marks(text: str) -> Marks:
    """Take a text apart."""
    marks = Marks(text, [], [], [], [])
    apart = _APART.finditer(text) if _MAYBE_APART.search(text) else iter(())
    place = 0
    for stretch in apart:
        _read(marks, place, stretch.start())
        _add(marks, DATE if stretch["date"] else APART, None, *stretch.span())
        place = stretch.end()
    _read(marks, place, len(text))
    return marks


def _read(marks: Marks, start: int, end: int) -> None:
    for found in _TOKEN.finditer(marks.text, start, end):
        word = found[0].lower()
        value = float(word.replace(",", "")) if found.lastgroup == "number" and len(word) <= _LONGEST else None
        _add(marks, word, value, *found.span())


def _add(marks: Marks, word: str, value: float | None, start: int, end: int) -> None:
    marks.words.append(word)
    marks.values.append(value)
    marks.starts.append(start)
    marks.ends.append(end)


def words_of(name: str) -> list[str]:
    """Return the words of a name, without its hyphens and points."""
    return [word for word in (found[0].lower() for found in _TOKEN.finditer(name)) if word not in "-."]
