"""OpenDocument texts: what LibreOffice would show of them, as lines."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.documents import read_document
from clinsearch.readers.documents.odt import read_odt
from clinsearch.readers.outcomes import CannotRead
from tests.support.zipped import odt, zipped

STYLES = """<text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1"/>
<text:list-level-style-bullet text:level="2"/></text:list-style>
<style:style style:name="H"><style:text-properties text:display="none"/></style:style>
<style:style style:name="H2" style:parent-style-name="H"/>"""
LETTER = """<text:h text:outline-level="1">History</text:h><text:p>Dry<text:s text:c="2"/><text:span>cough</text:span>.
</text:p><text:list text:style-name="N"><text:list-item><text:p>Rest</text:p></text:list-item><text:list-item>
<text:p>Fluids</text:p><text:list><text:list-item><text:p>tea</text:p></text:list-item></text:list></text:list-item>
</text:list><table:table><table:table-row><table:table-cell><text:p>Drug</text:p></table:table-cell><table:table-cell>
<text:p>Dose</text:p></table:table-cell></table:table-row></table:table><text:p>See<text:note><text:note-citation>1
</text:note-citation><text:note-body><text:p>By mouth.</text:p></text:note-body></text:note>.</text:p>"""
PAGES = "<style:header><text:p>Oak Clinic</text:p></style:header><style:footer><text:p>2</text:p></style:footer>"


def text(body: str) -> str:
    return read_odt(odt(body, styles=STYLES)).text


def test_a_letter_is_read_as_it_is_shown() -> None:
    document = read_document("odt", odt(LETTER, styles=STYLES, pages=PAGES))
    assert document.text.splitlines() == [
        "Oak Clinic",
        "",
        "History",
        "Dry  cough.",
        "1. Rest",
        "2. Fluids",
        "- tea",
        "Drug | Dose",
        "See.",
        "",
        "By mouth.",
    ]
    assert [document.text[start:end] for start, end in document.headings] == ["History"]
    assert document.fields == {"title": "Clinic letter"}
    assert document.doubts == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<text:p>a\n  b</text:p><text:p/><text:p/><text:p>c</text:p>", "a b\n\nc"),
        ("<text:p>a<text:tab/>b<text:line-break/>c</text:p>", "a\tb\nc"),
        ("<text:p>a<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame>b</text:p>", "ab\nbox"),
        ("<text:p>a<text:a>b</text:a><text:date>1 May</text:date></text:p>", "ab1 May"),
    ],
)
def test_what_is_shown_is_read(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    ("body", "doubt"),
    [
        ("<text:tracked-changes><text:p>x</text:p></text:tracked-changes>", "deleted text left out"),
        ("<text:p><office:annotation><text:p>x</text:p></office:annotation></text:p>", "comments left out"),
        ('<text:p text:style-name="H2">x</text:p>', "hidden text left out"),
        ('<text:p><text:span text:style-name="H">x</text:span></text:p>', "hidden text left out"),
        ('<text:section text:display="none"><text:p>x</text:p></text:section>', "hidden text left out"),
        ("<text:p><text:hidden-text>x</text:hidden-text></text:p>", "hidden text left out"),
    ],
)
def test_what_is_not_shown_is_not_read_and_it_is_said(body: str, doubt: str) -> None:
    document = read_odt(odt("<text:p>seen</text:p>" + body, styles=STYLES))
    assert document.text == "seen"
    assert document.doubts == (doubt,)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (odt(LETTER, manifest="<manifest:encryption-data/>"), "encrypted"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "save it as .csv"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "without its part content.xml"),
        (odt("<text:section>" * 300 + "</text:section>" * 300), "nested deeper"),
        (zipped({"content.xml": '<!DOCTYPE a [<!ENTITY b SYSTEM "/etc/passwd">]><a>&b;</a>'}), "declares entities"),
    ],
)
def test_what_cannot_be_read_is_refused_and_why_is_said(data: bytes, reason: str) -> None:
    with pytest.raises(CannotRead, match=reason):
        read_odt(data)


def test_cut_at_any_byte_a_document_is_refused() -> None:
    data = odt(LETTER, styles=STYLES, pages=PAGES)
    for end in range(len(data)):
        with pytest.raises(CannotRead):
            read_odt(data[:end])


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_with_any_bytes_changed_a_document_is_read_or_refused(drawn: st.DataObject) -> None:
    data = bytearray(odt(LETTER, styles=STYLES, pages=PAGES))
    for position in drawn.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=8)):
        data[position] ^= drawn.draw(st.integers(1, 255))
    with suppress(CannotRead):
        read_odt(bytes(data))
