"""The text of OpenDocument texts: paragraphs, lists, tables, boxes; without what is deleted, hidden or a comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clinsearch.readers.documents.draft import BULLET, Draft
from clinsearch.readers.documents.odt_styles import Styles

_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
PREFIXES = {
    **{f"{_OASIS}:{name}:1.0": name for name in ("office", "text", "table", "style", "manifest")},
    f"{_OASIS}:drawing:1.0": "draw",
    "http://purl.org/dc/elements/1.1/": "dc",
}
# Text that is not shown, and why that is said; what is said of nothing is not of the note.
_SKIPPED = {
    "text:tracked-changes": "deleted text",
    "office:annotation": "comments",
    "office:annotation-end": "",
    "text:note-citation": "",
    "text:ruby-text": "",
    "office:meta": "",
    "office:scripts": "",
    "office:settings": "",
    "office:forms": "",
    "text:notes-configuration": "",
    "text:sequence-decls": "",
    "text:bibliography-configuration": "",
    "text:index-title-template": "",
}
_HIDING = frozenset({"text:hidden-text", "text:hidden-paragraph"})
_MOST_SPACES = 1000


@dataclass(slots=True)
class _List:
    style: str
    level: int
    number: int = 0


@dataclass(slots=True)
class Body:
    """Takes the events of a part with text: of the document, or of its pages' headers and footers.

    paragraphs: of each open paragraph whether it is a heading, and the text boxes in it. unseen: how many of the open
    elements are within one that is not shown.
    """

    styles: Styles
    headers: Draft = field(default_factory=Draft)
    footers: Draft = field(default_factory=Draft)
    notes: Draft = field(default_factory=Draft)
    drafts: list[Draft] = field(default_factory=lambda: [Draft()])
    left_out: set[str] = field(default_factory=set)
    rows: list[list[Draft]] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    paragraphs: list[list[Draft]] = field(default_factory=list)
    spans: list[bool] = field(default_factory=list)
    skipped: int = 0
    why: str = ""

    @property
    def draft(self) -> Draft:
        """What text goes into."""
        return self.drafts[-1]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if self.skipped:
            self.skipped += 1
        elif (why := self._why_skipped(name, attributes)) is not None:
            self.skipped, self.why = 1, why
        elif begin := _BEGIN.get(name):
            begin(self, attributes)

    def end(self, name: str) -> None:
        """End an element."""
        if self.skipped:
            self.skipped -= 1
        elif end := _END.get(name):
            end(self)

    def data(self, text: str) -> None:
        """Take text, which is shown within paragraphs only."""
        if self.skipped:
            if self.why and not text.isspace():
                self.left_out.add(self.why)
        elif self.paragraphs:
            self.draft.write(text)

    def _why_skipped(self, name: str, attributes: Mapping[str, str]) -> str | None:
        if name in _SKIPPED:
            return _SKIPPED[name]
        if name in _HIDING and attributes.get("is-hidden", "true") == "true":
            return "hidden text"
        is_hidden = attributes.get("display") == "none" or self.styles.is_hidden(attributes.get("style-name"))
        return "hidden text" if is_hidden and name.startswith("text:") and name != "text:list" else None

    def begin_paragraph(self, attributes: Mapping[str, str]) -> None:
        """Begin a paragraph."""
        self.paragraphs.append([])

    def end_paragraph(self, *, is_heading: bool = False) -> None:
        """End a paragraph, and give what its text boxes held."""
        boxes = self.paragraphs.pop()
        self.draft.end_paragraph(is_heading=is_heading)
        for box in boxes:
            self.draft.add_lines(box.lines)

    def end_heading(self) -> None:
        """End a heading."""
        self.end_paragraph(is_heading=True)

    def spaces(self, attributes: Mapping[str, str]) -> None:
        """Write spaces."""
        count = attributes.get("c", "1")
        self._add(" " * min(int(count) if count.isdecimal() and len(count) < 6 else 1, _MOST_SPACES))

    def tab(self, attributes: Mapping[str, str]) -> None:
        """Write a tab."""
        self._add("\t")

    def break_line(self, attributes: Mapping[str, str]) -> None:
        """Break the line."""
        if self.paragraphs:
            self.draft.break_line()

    def begin_list(self, attributes: Mapping[str, str]) -> None:
        """Begin a list; one within another has its style."""
        style = attributes.get("style-name") or (self.lists[-1].style if self.lists else "")
        self.lists.append(_List(style, len(self.lists) + 1))

    def begin_item(self, attributes: Mapping[str, str]) -> None:
        """Begin an item of a list."""
        if not self.lists:
            return
        of = self.lists[-1]
        start = attributes.get("start-value", "")
        of.number = int(start) if start.isdecimal() and len(start) < 6 else of.number + 1
        self.draft.mark(f"{of.number}. " if self.styles.is_numbered(of.style, of.level) else BULLET)

    def begin_cell(self, attributes: Mapping[str, str]) -> None:
        """Begin a cell."""
        self.drafts.append(Draft())

    def end_cell(self) -> None:
        """End a cell."""
        cell = self.drafts.pop()
        if self.rows:
            self.rows[-1].append(cell)
        else:
            self.draft.add_row([cell])

    def end_row(self) -> None:
        """End a row."""
        self.draft.add_row(self.rows.pop())

    def end_box(self) -> None:
        """End a text box: its lines come after the paragraph that it is in."""
        box = self.drafts.pop()
        box.end_line()
        if self.paragraphs:
            self.paragraphs[-1].append(box)
        else:
            self.draft.add_lines(box.lines)

    def end_note(self) -> None:
        """End a note."""
        note = self.drafts.pop()
        note.end_line()
        self.notes.add_lines(note.lines)

    def end_header(self) -> None:
        """End a header of pages."""
        self.headers.add_row([self.drafts.pop()])

    def end_footer(self) -> None:
        """End a footer of pages."""
        self.footers.add_row([self.drafts.pop()])

    def _add(self, text: str) -> None:
        if self.paragraphs:
            self.draft.add(text)


_ENDS_OF_HEADERS = dict.fromkeys(("style:header", "style:header-left", "style:header-first"), Body.end_header)
_ENDS_OF_FOOTERS = dict.fromkeys(("style:footer", "style:footer-left", "style:footer-first"), Body.end_footer)
_BEGIN: Mapping[str, Callable[[Body, Mapping[str, str]], None]] = {
    "text:p": Body.begin_paragraph,
    "text:h": Body.begin_paragraph,
    "text:s": Body.spaces,
    "text:tab": Body.tab,
    "text:line-break": Body.break_line,
    "text:list": Body.begin_list,
    "text:list-item": Body.begin_item,
    "table:table-row": lambda body, _: body.rows.append([]),
    **dict.fromkeys(("table:table-cell", "draw:text-box", "text:note-body"), Body.begin_cell),
    **dict.fromkeys((*_ENDS_OF_HEADERS, *_ENDS_OF_FOOTERS), Body.begin_cell),
}
_END: Mapping[str, Callable[[Body], None]] = {
    "text:p": Body.end_paragraph,
    "text:h": Body.end_heading,
    "text:list": lambda body: body.lists.__delitem__(-1),
    "text:list-item": lambda body: body.draft.end_item(),
    "table:table-cell": Body.end_cell,
    "table:table-row": Body.end_row,
    "draw:text-box": Body.end_box,
    "text:note-body": Body.end_note,
    **_ENDS_OF_HEADERS,
    **_ENDS_OF_FOOTERS,
}
