"""DOCX documents: what Word would show of them with all changes accepted, as lines."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.document import Document
from clinsearch.readers.documents import read_document
from clinsearch.readers.documents.docx import read_docx
from clinsearch.readers.outcomes import CannotRead
from tests.support.zipped import STRICT, docx, zipped

STYLES = """<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Eigene"><w:name w:val="Befund"/><w:basedOn w:val="berschrift1"/></w:style>
<w:style w:type="paragraph" w:styleId="Liste"><w:name w:val="List Bullet"/><w:pPr><w:numPr>
<w:numId w:val="2"/></w:numPr></w:pPr></w:style>
<w:style w:type="character" w:styleId="Weg"><w:name w:val="gone"/><w:rPr><w:vanish/></w:rPr></w:style>"""
NUMBERING = """<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>
<w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/>
<w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/>
</w:num><w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>
</w:lvlOverride></w:num>"""


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def paragraph(inside: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{inside if inside.startswith('<') else run(inside)}</w:p>"


def item(words: str, number: int, level: int = 0) -> str:
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return paragraph(words, properties)


def read(body: str, **others: str) -> Document:
    return read_docx(docx(body, **others))


def text(body: str, **others: str) -> str:
    return read(body, **others).text


def field(code: str, result: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText>{code}</w:instrText></w:r>{marks[1]}{result}{marks[2]}"


LETTER = (
    paragraph("History", '<w:pStyle w:val="Eigene"/>')
    + paragraph(run("Dry ") + run("cough.", "<w:b/>"))
    + item("Rest", 1)
    + item("Fluids", 1)
    + f"<w:tbl><w:tr><w:tc>{paragraph('Drug')}</w:tc><w:tc>{paragraph('Dose')}</w:tc></w:tr></w:tbl>"
)


def test_a_letter_is_read_as_it_is_shown() -> None:
    document = read_document("docx", docx(LETTER, styles=STYLES, numbering=NUMBERING))
    assert document.text == "History\nDry cough.\n1. Rest\n2. Fluids\nDrug | Dose"
    assert document.headings == ((0, 7),)
    assert document.fields == {"title": "Clinic letter"}
    assert document.doubts == ()


def test_a_document_with_the_strict_names_is_read_too() -> None:
    assert read_docx(docx(LETTER, space=STRICT, styles=STYLES)).text.startswith("History\nDry cough.\n")


def test_items_are_numbered_as_they_are_shown() -> None:
    body = item("a", 1) + item("b", 1, 1) + item("c", 1, 1) + item("d", 1) + item("e", 1, 1) + item("f", 2)
    body += item("g", 3) + item("h", 0) + paragraph("i", '<w:pStyle w:val="Liste"/>')
    shown = "1. a\n1.a) b\n1.b) c\n2. d\n2.a) e\n- f\n1. g\nh\n- i"
    assert text(body, styles=STYLES, numbering=NUMBERING) == shown


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (paragraph("a") + paragraph("b") + paragraph("") + paragraph("") + paragraph("c"), "a\nb\n\nc"),
        (paragraph("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/></w:r>"), "a\tb\nc-"),
        (paragraph("one\nline"), "one line"),
        (paragraph('<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:t> 5</w:t></w:r>'), "≥ 5"),
        (paragraph(f"<w:hyperlink>{run('a')}</w:hyperlink><w:smartTag>{run('b')}</w:smartTag>"), "ab"),
        (paragraph(f"<w:ins>{run('new')}</w:ins><w:moveTo>{run('er')}</w:moveTo>"), "newer"),
        (paragraph(run("a ") + field("MERGEFIELD x", run("b"))), "a b"),
        (paragraph(field("IF " + field("MERGEFIELD y", run("no")), run("yes"))), "yes"),
        (paragraph(f"<w:fldSimple>{run('5')}</w:fldSimple>"), "5"),
        (f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('filled in')}</w:sdtContent></w:sdt>", "filled in"),
        (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/><w:checked/>'
            '</w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
            + run(" pain")
            + "</w:p>",
            "[x] pain",
        ),
        (paragraph("a", "<w:rPr><w:del/></w:rPr>") + paragraph("b"), "ab"),
        (
            f"<w:p>{run('before')}<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent>{paragraph('box')}"
            f"</w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{paragraph('box')}"
            f"</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>{run(' after')}</w:p>",
            "before after\nbox",
        ),
        (
            f"<w:tbl><w:tr><w:tc>{paragraph('a')}<w:tbl><w:tr><w:tc>{paragraph('b')}</w:tc><w:tc>{paragraph('c')}"
            f"</w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
            "a\nb | c",
        ),
    ],
)
def test_what_is_shown_is_read(body: str, expected: str) -> None:
    document = read(body)
    assert document.text == expected
    assert document.doubts == ()


@pytest.mark.parametrize(
    ("body", "doubts"),
    [
        (f"<w:del>{run('x').replace('w:t', 'w:delText')}</w:del>", ("deleted text left out",)),
        (f"<w:moveFrom>{run('x')}</w:moveFrom>", ()),
        (run("x", "<w:vanish/>"), ("hidden text left out",)),
        (run("x", '<w:rStyle w:val="Weg"/>'), ("hidden text left out",)),
        ('<w:r><w:commentReference w:id="0"/></w:r>', ("comments left out",)),
        (
            "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            + run("Click here")
            + "</w:sdtContent></w:sdt>",
            (),
        ),
        ("<w:ruby><w:rt>" + run("x") + "</w:rt></w:ruby>", ()),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + run("x"), ("text of a field without an end left out",)),
    ],
)
def test_what_is_not_shown_is_not_read(body: str, doubts: tuple[str, ...]) -> None:
    document = read(paragraph(run("seen") + body), styles=STYLES)
    assert document.text == "seen"
    assert document.doubts == doubts


def test_what_a_change_of_style_replaced_does_not_count() -> None:
    body = (
        f'<w:p><w:pPr><w:pPrChange><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr></w:pPrChange></w:pPr>{run("a")}</w:p>'
    )
    assert read(body, styles=STYLES).headings == ()


def test_what_pages_repeat_comes_once_and_notes_come_below() -> None:
    document = read(
        paragraph("body"),
        header=paragraph("Oak Clinic") + paragraph("Oak Clinic") + paragraph("Page " + "1 of 3"),
        footer=paragraph("Tel 5"),
        footnotes=f'<w:footnote w:type="separator">{paragraph("x")}</w:footnote>'
        f"<w:footnote>{paragraph('By mouth.')}</w:footnote>",
    )
    assert document.text == "Oak Clinic\n\nbody\n\nBy mouth.\n\nTel 5"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"), "save it as .docx"),
        (zipped({"xl/workbook.xml": ""}), "save it as .csv"),
        (zipped({"a.txt": ""}), "no Word document"),
        (docx(LETTER)[:-40], "damaged"),
        (docx("<w:p>"), "damaged"),
        (docx("<w:p>" * 1000 + "</w:p>" * 1000), "nested deeper"),
        (zipped({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "declares entities"),
        (zipped({"word/document.xml": b"0" * 160_000_000}), "more than 150,000,000 bytes"),
        (zipped({str(number): "" for number in range(10_001)}), "more than 10,000 files"),
        (docx(paragraph("x" * 1000) * 10_001), "characters in one note"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once_and_why_is_said(data: bytes, reason: str) -> None:
    began = time.thread_time()
    with pytest.raises(CannotRead, match=reason):
        read_docx(data)
    assert time.thread_time() - began < 5


def test_cut_at_any_byte_a_document_is_refused() -> None:
    data = docx(LETTER, styles=STYLES, numbering=NUMBERING)
    for end in range(len(data)):
        with pytest.raises(CannotRead):
            read_docx(data[:end])


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_with_any_bytes_changed_a_document_is_read_or_refused(drawn: st.DataObject) -> None:
    data = bytearray(docx(LETTER, styles=STYLES, numbering=NUMBERING))
    for position in drawn.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=8)):
        data[position] ^= drawn.draw(st.integers(1, 255))
    with suppress(CannotRead):
        read_docx(bytes(data))
