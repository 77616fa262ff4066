"""The text of DOCX documents: paragraphs, tables, text boxes, fields; without what is deleted, hidden or a comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from clinsearch.readers.documents.docx_names import NOT_A_NOTE, SIGNS, SKIPPED, VALUES
from clinsearch.readers.documents.docx_numbering import Numbering
from clinsearch.readers.documents.docx_styles import Styles, is_level_of_heading, is_on
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.documents.symbol_fonts import sign_of


@dataclass(slots=True)
class _Paragraph:
    """A paragraph that is open.

    values: of its properties, by the elements' names. joins: its end is deleted or hidden; the next one continues it.
    """

    values: dict[str, str] = field(default_factory=dict)
    joins: bool = False
    boxes: list[Draft] = field(default_factory=list)

    @property
    def style(self) -> str:
        """The id of its style."""
        return self.values.get("w:pStyle", "")


@dataclass(slots=True)
class Body:
    """Takes the events of a part with text.

    open: the names of the elements that are. skipped: how many are within one that is not shown. fields: of each open
    field, whether its result has begun. in_code: whether text came before that. choices: of each open choice among
    forms of the same, whether one was taken.
    """

    styles: Styles
    numbering: Numbering
    drafts: list[Draft] = field(default_factory=lambda: [Draft()])
    left_out: set[str] = field(default_factory=set)
    open: list[str] = field(default_factory=list)
    rows: list[list[Draft]] = field(default_factory=list)
    paragraphs: list[_Paragraph] = field(default_factory=list)
    fields: list[bool] = field(default_factory=list)
    choices: list[bool] = field(default_factory=list)
    placeholders: list[bool] = field(default_factory=list)
    skipped: int = 0
    why: str = ""
    is_hidden: bool = False
    is_joined: bool = False
    in_code: bool = False
    checkbox: bool | None = None

    @property
    def draft(self) -> Draft:
        """What text goes into."""
        return self.drafts[-1]

    @property
    def doubts(self) -> set[str]:
        """What was left out."""
        return self.left_out | ({"text of a field without an end"} if self.in_code else set())

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if self.skipped:
            self.skipped += 1
        elif (why := self._why_skipped(name, attributes)) is not None:
            self.skipped, self.why = 1, why
        else:
            if begin := _BEGIN.get(name):
                begin(self, attributes)
            elif name in VALUES and self.paragraphs:
                self.paragraphs[-1].values[name] = attributes.get("val", "")
            elif name in SIGNS and self.open[-1:] == ["w:r"]:
                self.write(SIGNS[name])
            self.open.append(name)

    def end(self, name: str) -> None:
        """End an element."""
        if self.skipped:
            self.skipped -= 1
            return
        self.open.pop()
        if end := _END.get(name):
            end(self)

    def data(self, text: str) -> None:
        """Take text."""
        if self.skipped:
            if self.why and not text.isspace():
                self.left_out.add(self.why)
        elif self.open and self.open[-1] in ("w:t", "m:t"):
            self.write(text.replace("\n", " "))

    def write(self, text: str) -> None:
        """Write text, unless it is hidden or within the code of a field."""
        if not all(self.fields):
            self.in_code |= not text.isspace()
            return
        if self.is_hidden:
            if not text.isspace():
                self.left_out.add("hidden text")
            return
        self.draft.write_as_is(text)

    def _why_skipped(self, name: str, attributes: Mapping[str, str]) -> str | None:
        if name == "w:del" and self.open[-1:] in (["w:rPr"], ["w:trPr"]):
            return None
        if name in ("mc:Choice", "mc:Fallback") and self.choices:
            was_chosen, self.choices[-1] = self.choices[-1], True
            return "" if was_chosen else None
        if name == "w:sdtContent" and self.placeholders and self.placeholders[-1]:
            return ""
        if name in ("w:footnote", "w:endnote") and attributes.get("type") in NOT_A_NOTE:
            return ""
        return SKIPPED.get(name)

    def begin_paragraph(self, attributes: Mapping[str, str]) -> None:
        """Begin a paragraph."""
        self.paragraphs.append(_Paragraph())

    def end_properties(self) -> None:
        """End the properties of a paragraph: what it is is known."""
        if self.is_joined or not self.paragraphs or self.open[-1:] != ["w:p"]:
            return
        paragraph = self.paragraphs[-1]
        by_style = self.styles.numbering(paragraph.style) or (None, "0")
        number = paragraph.values.get("w:numId", by_style[0])
        if number is not None:
            level = paragraph.values.get("w:ilvl", by_style[1])
            self.draft.mark(self.numbering.marker(number, level))

    def end_paragraph(self) -> None:
        """End a paragraph, and give what its text boxes held."""
        paragraph = self.paragraphs.pop()
        self.is_joined = paragraph.joins
        if not paragraph.joins:
            level = paragraph.values.get("w:outlineLvl")
            outlined = self.styles.is_heading(paragraph.style) if level is None else is_level_of_heading(level)
            self.draft.end_paragraph(is_heading=outlined)
        for box in paragraph.boxes:
            self.draft.add_lines(box.lines)

    def delete_mark(self, attributes: Mapping[str, str]) -> None:
        """Take it that the end of a paragraph is deleted."""
        if self.open[-2:] == ["w:pPr", "w:rPr"] and self.paragraphs:
            self.paragraphs[-1].joins = True

    def begin_run(self, attributes: Mapping[str, str]) -> None:
        """Begin a run of characters."""
        self.is_hidden = bool(self.paragraphs) and self.styles.is_hidden(self.paragraphs[-1].style)

    def run_style(self, attributes: Mapping[str, str]) -> None:
        """Take the style of a run."""
        if self.open[-2:] == ["w:r", "w:rPr"]:
            self.is_hidden |= self.styles.is_hidden(attributes.get("val", ""))

    def hide(self, attributes: Mapping[str, str]) -> None:
        """Take it that a run, or the end of a paragraph before another on its line, is hidden."""
        if self.open[-2:] == ["w:r", "w:rPr"]:
            self.is_hidden = is_on(attributes)

    def join(self, attributes: Mapping[str, str]) -> None:
        """Take it that a paragraph goes on in the next one's style."""
        if self.open[-2:] == ["w:pPr", "w:rPr"] and self.paragraphs:
            self.paragraphs[-1].joins = is_on(attributes)

    def end_run(self) -> None:
        """End a run."""
        self.is_hidden = False

    def break_line(self, attributes: Mapping[str, str]) -> None:
        """Break the line."""
        self.write("\n")

    def sign(self, attributes: Mapping[str, str]) -> None:
        """Write a sign by its font and its code."""
        code = attributes.get("char", "")
        if code and len(code) <= 4 and all(digit in "0123456789abcdefABCDEF" for digit in code):
            self.write(sign_of(attributes.get("font", ""), int(code, 16)))

    def field_mark(self, attributes: Mapping[str, str]) -> None:
        """Begin or end a field, or begin its result."""
        match attributes.get("fldCharType"):
            case "begin":
                self.fields.append(False)
            case "separate" if self.fields:
                self.fields[-1] = True
            case "end" if self.fields:
                self.fields.pop()
                self.in_code &= bool(self.fields)

    def begin_checkbox(self, attributes: Mapping[str, str]) -> None:
        """Begin a box to check."""
        self.checkbox = False

    def check(self, attributes: Mapping[str, str]) -> None:
        """Take whether a box is checked: as it is, which follows as it is by default."""
        if self.open[-1:] == ["w:checkBox"]:
            self.checkbox = is_on(attributes)

    def end_checkbox(self) -> None:
        """End a box to check, which is within the mark of a field that has no result."""
        if self.checkbox is not None and all(self.fields[:-1]):
            self.draft.add("[x]" if self.checkbox else "[ ]")
        self.checkbox = None

    def begin_placeholder(self, attributes: Mapping[str, str]) -> None:
        """Take it that what is in a form to fill in was not filled in."""
        if self.placeholders:
            self.placeholders[-1] = True

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
            self.paragraphs[-1].boxes.append(box)
        else:
            self.draft.add_lines(box.lines)

    def leave_comment(self, attributes: Mapping[str, str]) -> None:
        """Take it that there is a comment."""
        self.left_out.add("comments")

    def leave_chunk(self, attributes: Mapping[str, str]) -> None:
        """Take it that there is a document of another format within this one."""
        self.left_out.add("a document within the document")


_BEGIN: Mapping[str, Callable[[Body, Mapping[str, str]], None]] = {
    "w:p": Body.begin_paragraph,
    "w:del": Body.delete_mark,
    "w:specVanish": Body.join,
    "w:r": Body.begin_run,
    "w:rStyle": Body.run_style,
    "w:vanish": Body.hide,
    "w:br": Body.break_line,
    "w:cr": Body.break_line,
    "w:sym": Body.sign,
    "w:fldChar": Body.field_mark,
    "w:checkBox": Body.begin_checkbox,
    "w:checked": Body.check,
    "w:default": Body.check,
    "mc:AlternateContent": lambda body, _: body.choices.append(False),
    "w:sdt": lambda body, _: body.placeholders.append(False),
    "w:showingPlcHdr": Body.begin_placeholder,
    "w:tr": lambda body, _: body.rows.append([]),
    "w:tc": Body.begin_cell,
    "w:txbxContent": Body.begin_cell,
    "w:commentReference": Body.leave_comment,
    "w:altChunk": Body.leave_chunk,
}
_END: Mapping[str, Callable[[Body], None]] = {
    "w:p": Body.end_paragraph,
    "w:pPr": Body.end_properties,
    "w:r": Body.end_run,
    "w:checkBox": Body.end_checkbox,
    "mc:AlternateContent": lambda body: body.choices.__delitem__(-1),
    "w:sdt": lambda body: body.placeholders.__delitem__(-1),
    "w:tr": Body.end_row,
    "w:tc": Body.end_cell,
    "w:txbxContent": Body.end_box,
}
