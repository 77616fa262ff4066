"""HTML and XHTML, whole pages and fragments: what a browser would show, as lines. Nothing is fetched or run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from clinsearch.readers.document import Document
from clinsearch.readers.documents.charsets import decoded
from clinsearch.readers.documents.css import StyleSheet
from clinsearch.readers.documents.draft import BULLET, Draft
from clinsearch.readers.outcomes import CannotRead

_DEEPEST, _DEEPEST_CELL = 5000, 100  # pages leave elements without an end
_BEGINNING = 4096
_PIECE_CHARACTERS = 1 << 14
_DECLARED = re.compile(
    rb"""<(?:meta\b[^>]{0,500}?\bcharset|\?xml\b[^>]{0,200}?\bencoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Word writes the bullets and the numbers of its lists as text of this style.
_MARKS_ITEM = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_MARKER = "marker"
_BLOCK_NAMES = """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
figcaption figure footer form header hgroup hr legend li listing main menu nav ol p plaintext pre section summary table
tbody tfoot thead tr ul xmp"""
_BLOCKS = _HEADINGS | frozenset(_BLOCK_NAMES.split())
_NOT_TEXT_NAMES = """applet audio button canvas datalist embed iframe map noembed noframes noscript object script style
svg template title video"""
_NOT_TEXT = frozenset(_NOT_TEXT_NAMES.split())
# What stands in boxes of its own, between which a page has no blanks.
_BOXES = frozenset({"select", "option", "textarea"})


def read_html(data: bytes, *, charset: str | None = None) -> Document:
    """Read an HTML page or a fragment; `charset` is what it came with, such as that of a content type."""
    declared = _DECLARED.search(data[:_BEGINNING])
    # A page that can be read so far is not in UTF-16, whatever it says.
    named = declared[1].decode("ascii") if declared else ""
    text = decoded(data, charset, None if named.lower().startswith("utf-16") else named)
    page = _Page()
    parser = etree.HTMLParser(target=page, encoding="utf-8", remove_pis=True, no_network=True)
    try:
        # In pieces, as the parser does not stop within one where an element is refused.
        for start in range(0, max(len(text), 1), _PIECE_CHARACTERS):
            parser.feed(text[start : start + _PIECE_CHARACTERS].replace("\0", "").encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError:
        raise CannotRead("not HTML that can be read; save it as plain text", kind="html") from None
    return page.document()


@dataclass(slots=True)
class _Page:
    """Takes the elements of a page in order; libxml2 closes each that is open, so that ends match starts.

    rows: for each open table the cells of its row, and a list for what is outside of tables. numbers: of each open list
    the next number, None if it has bullets. unseen: why each open element is not shown, the outermost of them first.
    keeping: for each open element that is shown, whether its line breaks count.
    """

    styles: StyleSheet = field(default_factory=StyleSheet)
    title: list[str] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=lambda: [Draft()])
    rows: list[list[Draft]] = field(default_factory=lambda: [[]])
    numbers: list[int | None] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    depth: int = 0
    unseen: list[str] = field(default_factory=list)
    keeping: list[bool] = field(default_factory=list)
    style: list[str] = field(default_factory=list)
    marker: list[str] = field(default_factory=list)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self.depth += 1
        if self.depth > _DEEPEST or len(self.drafts) > _DEEPEST_CELL:
            raise CannotRead(f"elements nested deeper than {_DEEPEST:,}; save it as plain text", kind="html")
        if self.unseen or (why := self._why_unseen(tag, attributes)):
            self.unseen.append(tag if self.unseen else why)
            return
        self.keeping.append(bool(self.keeping and self.keeping[-1]) or self.styles.keeps_lines(tag, attributes))
        if tag in _BLOCKS:
            self._start_block(tag, attributes)
        elif tag == "br":
            self.drafts[-1].break_line()
        elif tag in ("td", "th"):
            self.drafts.append(Draft())
        elif tag == "input":
            self._write_input(attributes)
        elif tag in _BOXES:
            self.drafts[-1].write(" ")

    def end(self, tag: str) -> None:
        """End an element."""
        self.depth -= 1
        if self.unseen:
            self._end_unseen(tag, self.unseen.pop())
            return
        self.keeping.pop()
        if tag in _BLOCKS:
            self._end_block(tag)
        elif tag in ("td", "th"):
            self.rows[-1].append(self.drafts.pop())
        elif tag in _BOXES:
            self.drafts[-1].write(" ")

    def data(self, text: str) -> None:
        """Take text."""
        if not self.unseen:
            draft = self.drafts[-1]
            if self.keeping and self.keeping[-1]:
                draft.write_as_is(text)
            else:
                draft.write(text)
        elif self.unseen[-1] == "title":
            self.title.append(text)
        elif self.unseen[-1] == "style":
            self.style.append(text)
        elif self.unseen[0] == _MARKER:
            self.marker.append(text)
        elif self.unseen[0] in ("del", "hidden") and not text.isspace():
            self.left_out.add("deleted" if self.unseen[0] == "del" else "hidden")

    def close(self) -> None:
        """End the page."""

    def document(self) -> Document:
        """Return what was shown."""
        self._end_row()
        title = " ".join("".join(self.title).split())
        doubts = [f"{kind} text left out" for kind in sorted(self.left_out)]
        return self.drafts[0].document({"title": title} if title else {}, doubts)

    def _why_unseen(self, tag: str, attributes: Mapping[str, str]) -> str:
        if tag in _NOT_TEXT or tag == "del" or (tag == "option" and "selected" not in attributes):
            return tag
        if _MARKS_ITEM.search(attributes.get("style", "")):
            return _MARKER
        return "hidden" if self.styles.hides(tag, attributes) else ""

    def _end_unseen(self, tag: str, why: str) -> None:
        if tag == "style":
            self.styles.add("".join(self.style))
            self.style.clear()
        elif why == _MARKER:
            written = "".join(self.marker).strip()
            self.marker.clear()
            is_number = len(written) > 1 and any(map(str.isalnum, written))
            self.drafts[-1].mark(f"{written} " if is_number else BULLET)

    def _start_block(self, tag: str, attributes: Mapping[str, str]) -> None:
        draft = self.drafts[-1]
        draft.end_line()
        if tag in _HEADINGS:
            draft.begin_heading()
        elif tag in ("ul", "ol", "menu", "dir"):
            self.numbers.append(_number(attributes.get("start"), 1) if tag == "ol" else None)
        elif tag == "li":
            draft.mark(self._marker(attributes))
        elif tag == "hr":
            draft.part()
        elif tag == "table":
            self.rows.append([])
        elif tag == "tr":
            self._end_row()

    def _end_block(self, tag: str) -> None:
        draft = self.drafts[-1]
        draft.end_line()
        if tag in _HEADINGS:
            draft.end_heading()
        elif tag == "li":
            draft.end_item()
        elif tag in ("ul", "ol", "menu", "dir"):
            self.numbers.pop()
        elif tag == "table":
            self._end_row()
            self.rows.pop()
        elif tag == "tr":
            self._end_row()

    def _end_row(self) -> None:
        if self.rows[-1]:
            self.drafts[-1].add_row(self.rows[-1])
            self.rows[-1] = []

    def _marker(self, attributes: Mapping[str, str]) -> str:
        number = self.numbers[-1] if self.numbers else None
        if number is None:
            return BULLET
        number = _number(attributes.get("value"), number)
        self.numbers[-1] = number + 1
        return f"{number}. "

    def _write_input(self, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("type", "text").lower()
        if kind in ("checkbox", "radio"):
            self.drafts[-1].write(" [x] " if "checked" in attributes else " [ ] ")
        elif kind in ("text", "number", "date", "time", "datetime-local", "tel", "email", "url", "search"):
            self.drafts[-1].write(f" {attributes.get('value', '')} ")


def _number(written: str | None, otherwise: int) -> int:
    return int(written) if written and re.fullmatch(r"[0-9]{1,6}", written) else otherwise
