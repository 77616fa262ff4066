"""What stands at the beginning of an RTF document: its fonts and its styles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from clinsearch.readers.documents.code_pages import SIGNS, WINDOWS, codec_of_charset, codec_of_page
from clinsearch.readers.documents.symbol_fonts import is_symbol_font, sign_of

_HEADING = re.compile(r"(?:heading|title)\b", re.IGNORECASE)
LEVELS_OF_HEADINGS = range(9)  # of \outlinelevel; 9 is that of text


@dataclass(slots=True)
class Fonts:
    """The fonts by number; `page` is the codec of the document, for fonts that have none of their own."""

    page: str = WINDOWS
    default: int = 0
    codecs: dict[int, str | None] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    _number: int = 0

    def take_word(self, word: str, value: int | None) -> None:
        """Take a control word of the table of fonts."""
        if word == "f":
            self._number = value or 0
            self.names[self._number] = ""
        elif word == "fcharset":
            self.codecs[self._number] = codec_of_charset(value)
        elif word == "cpg" and codec_of_page(value):
            self.codecs[self._number] = codec_of_page(value)

    def take_text(self, text: str) -> None:
        """Take a part of a font's name, which ends in a semicolon."""
        name = (self.names.get(self._number, "") + text)[:100]
        self.names[self._number] = name
        if is_symbol_font(name.partition(";")[0]):
            self.codecs[self._number] = SIGNS

    def has_signs(self, font: int) -> bool:
        """Tell whether a font shows signs for letters."""
        return self.codecs.get(font) == SIGNS

    def sign(self, character: str, font: int) -> str:
        """Return the sign that such a font shows."""
        return sign_of(self.names.get(font, "").partition(";")[0], ord(character))

    def decoded(self, data: str, font: int) -> str:
        """Return bytes, given as the characters with their numbers, as a font shows them."""
        if self.has_signs(font):
            return "".join(self.sign(byte, font) for byte in data)
        codec = self.codecs.get(font) or self.page
        return data.encode("latin-1", "replace").decode(codec, "replace")


@dataclass(slots=True)
class Styles:
    """The numbers of the paragraph styles that are for headings."""

    headings: set[int] = field(default_factory=set)
    _number: int | None = 0
    _name: str = ""

    def take_word(self, word: str, value: int | None) -> None:
        """Take a control word of the style sheet."""
        if word == "s":
            self._number = value or 0
        elif word in ("cs", "ds", "ts"):
            self._number = None
        elif word == "outlinelevel" and self._number is not None and value in LEVELS_OF_HEADINGS:
            self.headings.add(self._number)

    def take_text(self, text: str) -> None:
        """Take a part of a style's name, which ends in a semicolon; the style without a number is number 0."""
        name, semicolon, _ = text.partition(";")
        self._name = (self._name + name)[:100]
        if self._number is not None and _HEADING.match(self._name.strip()):
            self.headings.add(self._number)
        if semicolon:
            self._number, self._name = 0, ""
