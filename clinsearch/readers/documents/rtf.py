"""RTF documents: what a word processor would show of them, as lines. Pictures and objects are left out."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field

from clinsearch.readers.document import Document
from clinsearch.readers.documents.code_pages import codec_of_page
from clinsearch.readers.documents.draft import BULLET, Line
from clinsearch.readers.documents.flows import Flow
from clinsearch.readers.documents.furniture import with_furniture
from clinsearch.readers.documents.rtf_state import (
    ACTS,
    BODY,
    BOX,
    CHANGES,
    FLOWS,
    FOOTER,
    HEADER,
    NOTES,
    PLACES,
    SHOWN,
    Place,
    State,
)
from clinsearch.readers.documents.rtf_tables import Fonts, Styles
from clinsearch.readers.documents.rtf_tokens import Kind, Token, tokens
from clinsearch.readers.outcomes import CannotRead

# What databases and Cerner put behind a document.
_PADDING, _END_MARK = "\0 \t\r\n", "ocf_blob"
_DEEPEST = 1000
_FORM_CHECKBOX, _AS_BY_DEFAULT = 1, 25
_PAGES = {"ansi": "cp1252", "mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_CONTROLS = dict.fromkeys([*range(9), *range(10, 32)], " ")
_SIGNS = {
    "emdash": "\u2014", "endash": "\u2013", "emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005",
    "bullet": "\u2022", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c", "rdblquote": "\u201d",
    "tab": "\t",
}  # fmt: skip
# What stands for a character by itself; "-" and ":" are for where a word may be parted, and for an index.
_SYMBOLS = {"\\": "\\", "{": "{", "}": "}", "~": "\xa0", "_": "-", "\t": "\t"}


def read_rtf(data: bytes) -> Document:
    """Read an RTF document."""
    source = _source(data)
    if not source.lstrip("\ufeff \t\r\n\0").startswith("{\\rtf"):
        raise CannotRead("not RTF, which begins with {\\rtf; save it again as RTF or plain text", kind="rtf")
    reader = _Reader()
    for token in tokens(source):
        reader.take(token)
    return reader.document()


def _source(data: bytes) -> str:
    """Return a document as text: RTF is ASCII, but programs pass it on in UTF-8, too."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@dataclass(slots=True)
class _Reader:
    """Takes the tokens of a document. data: bytes that are not decoded yet; units: characters given by number."""

    fonts: Fonts = field(default_factory=Fonts)
    styles: Styles = field(default_factory=Styles)
    flows: dict[str, Flow] = field(default_factory=lambda: defaultdict(Flow))
    state: State = field(default_factory=State)
    outer: list[State] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    marker: list[str] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    boxes: list[Line] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    to_skip: int = 0
    is_optional: bool = False

    def take(self, token: Token) -> None:
        """Take the next token."""
        match token.kind:
            case Kind.TEXT | Kind.BYTE:
                self._take_text(token.said)
            case Kind.WORD:
                self._take_word(token.said, token.value)
            case Kind.SYMBOL:
                self._take_symbol(token.said)
            case Kind.OPEN:
                self._open()
            case Kind.CLOSE:
                self._close()

    def document(self) -> Document:
        """Return what was shown."""
        self._flush()
        self._add_boxes()
        if self.outer:
            self.left_out.add("what may have come after the end of the file, which is cut off,")
        parts = {name: self.flows[name].finished() for name in (BODY, HEADER, NOTES, FOOTER)}
        whole = with_furniture(parts[BODY], headers=parts[HEADER], notes=parts[NOTES], footers=parts[FOOTER])
        title = " ".join("".join(self.title).split())
        return whole.document({"title": title} if title else {}, [f"{what} left out" for what in sorted(self.left_out)])

    def _add_boxes(self) -> None:
        """Add the lines of text boxes, which come after the paragraph that they are in."""
        self.flows[self.state.flow].draft(self.state.depth).add_lines(self.boxes)
        self.boxes.clear()

    def _open(self) -> None:
        self._flush()
        self.to_skip = 0
        if len(self.outer) >= _DEEPEST:
            raise CannotRead(f"groups nested deeper than {_DEEPEST:,}; save it as plain text", kind="rtf")
        if not self.outer:  # of several documents, one behind another, each begins on a line of its own
            self.flows[BODY].draft(0).end_paragraph()
        self.outer.append(self.state)

    def _close(self) -> None:
        self._flush()
        self.to_skip, self.is_optional = 0, False
        if not self.outer:
            return
        closed, self.state = self.state, self.outer.pop()
        if closed.place is Place.MARKER is not self.state.place:
            self._mark()
        elif closed.place is Place.CHECKBOX is not self.state.place:
            self._write_checkbox()
        if closed.flow == BOX != self.state.flow:
            self.boxes += self.flows.pop(BOX, Flow()).finished().lines
        elif closed.flow != self.state.flow:
            self.flows[closed.flow].draft(closed.depth).end_paragraph()

    def _take_text(self, text: str) -> None:
        if self.to_skip:
            skipped = min(self.to_skip, len(text))
            self.to_skip -= skipped
            text = text[skipped:]
        if not self.outer and text.strip(_PADDING) not in ("", _END_MARK):
            self.left_out.add("text behind the end of the document")
        if not text or not self.outer:
            return
        if self.units:
            self._flush()
        if text.isascii() or max(text) <= "\xff":
            self.data.append(text)
        else:
            self._flush()
            self._write(text)

    def _take_symbol(self, symbol: str) -> None:
        if symbol == "*":
            self.is_optional = True
        elif self.to_skip:
            self.to_skip -= 1
        elif symbol in "\r\n":
            self._take_word("par", None)
        elif sign := _SYMBOLS.get(symbol):
            self._flush()
            self._write(sign)

    def _take_word(self, word: str, value: int | None) -> None:
        is_optional, self.is_optional = self.is_optional, False
        if word == "u":
            self._take_unit(value or 0)
            return
        if self.to_skip and word in _SIGNS:
            self.to_skip -= 1
            return
        self.to_skip = 0
        self._flush()
        if word in FLOWS:
            self._enter(FLOWS[word])
        elif word in PLACES:
            self._place(word)
        elif is_optional and word not in SHOWN:
            self._leave_out(word)
        elif word in _SIGNS:
            self._write(_SIGNS[word])
        elif self.state.place is Place.TEXT:
            self._take_in_text(word, value)
        else:
            self._take_elsewhere(word, value)

    def _take_unit(self, value: int) -> None:
        if self.data:
            self._flush()
        code = value + 0x10000 if value < 0 else value
        if 0 < code <= sys.maxunicode:
            self.units.append(chr(code))
        self.to_skip = self.state.fallback

    def _enter(self, flow: str) -> None:
        if self.state.place is Place.TEXT:
            self.state = self.state._replace(flow=flow, depth=0, hidden=False)

    def _place(self, word: str) -> None:
        if self.state.place is not Place.NOTHING or word in ("formfield", "ud"):
            self.state = self.state._replace(place=PLACES[word])

    def _leave_out(self, word: str) -> None:
        if word == "annotation" and self.state.place is Place.TEXT:
            self.left_out.add("comments")
        self.state = self.state._replace(place=Place.NOTHING)

    def _take_in_text(self, word: str, value: int | None) -> None:
        if change := CHANGES.get(word):
            self.state = change(self.state, value)
        elif act := ACTS.get(word):
            act(self.flows[self.state.flow], self.state, is_heading=self._is_heading)
            if word == "par" and self.state.flow != BOX:
                self._add_boxes()
        elif word in ("plain", "deff"):
            self.fonts.default = (value or 0) if word == "deff" else self.fonts.default
            self.state = self.state._replace(font=self.fonts.default, hidden=False, deleted=False)
        elif word == "ansicpg":
            self.fonts.page = codec_of_page(value) or self.fonts.page
        elif word in _PAGES:
            self.fonts.page = _PAGES[word]

    def _take_elsewhere(self, word: str, value: int | None) -> None:
        if word == "title" and self.state.place is Place.INFO:
            self.state = self.state._replace(place=Place.TITLE)
        elif self.state.place is Place.FONTS:
            self.fonts.take_word(word, value)
        elif self.state.place is Place.STYLES:
            self.styles.take_word(word, value)
        elif self.state.place is Place.CHECKBOX:
            self.checked[word] = value or 0
        elif word in ("f", "uc"):
            self.state = CHANGES[word](self.state, value)

    @property
    def _is_heading(self) -> bool:
        return self.state.outlined or self.state.style in self.styles.headings

    def _flush(self) -> None:
        if self.data:
            data = "".join(self.data)
            self.data.clear()
            in_plain = self.state.place in (Place.FONTS, Place.STYLES)
            self._write(data if in_plain else self.fonts.decoded(data, self.state.font))
        if self.units:
            written = "".join(self.units)
            self.units.clear()
            if self.fonts.has_signs(self.state.font):
                written = "".join(self.fonts.sign(unit, self.state.font) for unit in written)
            self._write(written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))

    def _write(self, text: str) -> None:
        match self.state.place:
            case Place.TEXT if self.state.hidden or self.state.deleted:
                if not text.isspace():
                    self.left_out.add("hidden text" if self.state.hidden else "deleted text")
            case Place.TEXT:
                self.flows[self.state.flow].draft(self.state.depth).add(text.translate(_CONTROLS))
            case Place.FONTS:
                self.fonts.take_text(text)
            case Place.STYLES:
                self.styles.take_text(text)
            case Place.TITLE:
                self.title.append(text)
            case Place.MARKER:
                self.marker.append(text)

    def _mark(self) -> None:
        written = "".join(self.marker).strip()
        self.marker.clear()
        if self.state.place is Place.TEXT:
            has_words = any(map(str.isalnum, written))
            self.flows[self.state.flow].draft(self.state.depth).mark(f"{written} " if has_words else BULLET)

    def _write_checkbox(self) -> None:
        fields, self.checked = self.checked, {}
        if fields.get("fftype") == _FORM_CHECKBOX:
            result = fields.get("ffres", _AS_BY_DEFAULT)
            is_checked = fields.get("ffdefres", 0) if result == _AS_BY_DEFAULT else result
            self.flows[self.state.flow].draft(self.state.depth).add("[x]" if is_checked else "[ ]")
