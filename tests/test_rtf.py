"""RTF documents: what a word processor would show of them, as lines."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.documents import read_document
from clinsearch.readers.documents.rtf import read_rtf
from clinsearch.readers.outcomes import CannotRead
from tests.conftest import shared

LETTER = rb"""{\rtf1\ansi\ansicpg1252\deff0\uc1
{\fonttbl{\f0\froman\fcharset0 Times New Roman{\*\falt Times};}{\f1\fcharset161 Arial Greek;}{\f2\fcharset2 Symbol;}
{\f3\fcharset128 MS Mincho;}}
{\colortbl;\red0\green0\blue0;}{\stylesheet{\ql Normal;}{\s1\outlinelevel0\sbasedon0 heading 1;}{\*\cs2 Strong;}}
{\info{\title Clinic letter}{\author Dr A}{\creatim\yr2020}}{\*\generator Riched20 10.0;}
{\header\pard Oak Clinic\par Page {\field{\*\fldinst PAGE}{\fldrslt 1}}\par}
\pard\plain\s1 History\par
\pard\plain\f0 Dry cough for {\b three} days,
 temp 38\'b0C, CRP \f2\'b3\f0  5, \f1\'e1\f0 -blocker\'85 \u8211-\line
{\v secret}{\deleted gone}Denies \ldblquote chills\rdblquote .\par
{\listtext\f2\'b7\tab}\pard\ls1 Rest\par
{\pntext 2.\tab}Fluids{\footnote\pard By mouth.}\par
\trowd\cellx1\cellx2\pard\intbl Drug\cell Dose\cell\row
\trowd\cellx1\cellx2\pard\intbl ASA\cell 81 mg\line daily\cell\row
\pard{\pict\pngblip 89504e47}See {\field{\*\fldinst HYPERLINK "http://x.org"}{\fldrslt the leaflet}}.\par}"""


def text(markup: bytes) -> str:
    return read_rtf(markup).text


def test_a_letter_is_read_as_it_is_shown() -> None:
    document = read_document("rtf", LETTER)
    assert document.text.splitlines() == [
        "Oak Clinic",
        "",
        "History",
        "Dry cough for three days, temp 38°C, CRP ≥ 5, \u03b1-blocker… \u2013",
        "Denies “chills”.",
        "- Rest",
        "2. Fluids",
        "Drug | Dose",
        "ASA | 81 mg daily",
        "See the leaflet.",
        "",
        "By mouth.",
    ]
    assert [document.text[start:end] for start, end in document.headings] == ["History"]
    assert document.fields == {"title": "Clinic letter"}
    assert document.doubts == ("deleted text left out", "hidden text left out")


def test_the_letter_of_the_shared_case_is_read() -> None:
    data = (shared("cases/rtf-letter") / "letter.rtf").read_bytes()
    assert text(data) == "HPI: Dry cough for three days.\nNo fever; temp 38°C. Patient\u2019s wife well.\nPLAN: Rest."


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (rb"{\rtf1\ansi\ansicpg1251 \'cf\'ee}", "\u041f\u043e"),
        (rb"{\rtf1\ansi\ansicpg932 \'93\'fa\'96\'7b \'83A}", "日本 ア"),
        (rb"{\rtf1\ansi\ansicpg936 \'d6\'d0}", "中"),
        (rb"{\rtf1\mac \'8e}", "é"),
        (rb"{\rtf1\pca \'82}", "é"),
        ("{\\rtf1\\ansi 38 °C}".encode(), "38 °C"),
        (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}{\f1\fcharset128 MS Mincho;}}\f1\'93\'fa\f0\'e9}", "日é"),
        (rb"{\rtf1\uc0{\uc2\u960 pp}\u960x\u960\'3f}", "ππxπ?"),
        (rb"{\rtf1\uc1\u-10179?\u-8704?}", "\U0001f600"),
        (rb"{\rtf1{\fonttbl{\f0 Symbol;}}\u-3917?}", "≥"),
        (rb"{\rtf1\upr{wrong}{\*\ud right}}", "right"),
        (rb"{\rtf1 {\upr{wrong}{\*\ud right}}}", "right"),
    ],
)
def test_characters_are_those_of_their_code_page_and_their_font(markup: bytes, expected: str) -> None:
    assert text(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (rb"{\rtf1 a{\*\unheard of{\b x}}b}", "ab"),
        (b"{\\rtf1 a{\\pict\\bin5 }}{{\\}b}", "ab"),
        (b"{\\rtf1 a\r\nb\\par\r\nc\\\nd}", "ab\nc\nd"),
        (rb"{\rtf1 a{\*\shppict{\pict 00}}{\nonshppict{\pict 00}}b{\object{\*\objdata 00}{\result c}}}", "abc"),
        (rb"{\rtf1 {\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres1}}}{\fldrslt}} yes}", "[x] yes"),
        (rb"{\rtf1 a\par\par\par b\sect c}", "a\n\nb\n\nc"),
        (rb"{\rtf1 a{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt box\par}}{\shprslt x}}b\par c}", "ab\nbox\nc"),
        (rb"{\rtf1 a{\*\do\dptxbx{\dptxbxtext\pard box}}b}", "ab\nbox"),
        (
            b"{\\rtf1\\ansi\\cocoartf1{\\fonttbl\\f0\\fcharset0 Helvetica;\\f1\\fcharset161 Arial;}\\f1 \\'e1\\\nb}",
            "\u03b1\nb",
        ),
        (rb"{\rtf1\pard\intbl A\cell B\cell\row C\cell\cell\row\pard after}", "A | B\nC\nafter"),
        (
            rb"{\rtf1\pard\intbl\itap2 in\nestcell 1\nestcell{\*\nesttableprops\trowd\nestrow}{\nonesttables\par}"
            rb"\pard\intbl\cell out\cell\row}",
            "in | 1 | out",
        ),
    ],
)
def test_what_is_around_the_text_is_not_in_it(markup: bytes, expected: str) -> None:
    assert text(markup) == expected


def test_a_document_that_is_cut_off_is_read_as_far_as_it_goes_and_it_is_said() -> None:
    document = read_rtf(LETTER[:-80])
    assert "Fluids" in document.text
    assert "cut off" in document.doubts[-1]


def test_what_is_not_rtf_is_refused() -> None:
    with pytest.raises(CannotRead, match="not RTF"):
        read_rtf(b"Dry cough.")


@pytest.mark.parametrize("data", [b"{\\rtf1 " + b"{" * 1_000_000, b"{\\rtf1 " + b"\\u8211" * 200_000])
def test_a_hostile_document_takes_no_time(data: bytes) -> None:
    began = time.thread_time()
    with suppress(CannotRead):
        read_rtf(data)
    assert time.thread_time() - began < 5


def test_cut_at_any_byte_a_document_is_read_or_refused() -> None:
    for end in range(len(LETTER)):
        if end >= len(b"{\\rtf"):
            read_rtf(LETTER[:end])


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(LETTER) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_with_any_bytes_changed_a_document_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(LETTER)
    for position, value in changes:
        data[position] = value
    with suppress(CannotRead):
        assert "\0" not in text(bytes(data))


def test_documents_one_behind_another_begin_on_lines_of_their_own() -> None:
    first, second = (rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}" + words + b"}" for words in (b"No fever.", b"Rest."))
    assert text(first + second) == text(first + b"\r\n" + second) == "No fever.\nRest."


@pytest.mark.parametrize("behind", [b"zyxwarfarin", b"\r\n zyxwarfarin", b"} zyxwarfarin}"])
def test_text_behind_the_end_is_told(behind: bytes) -> None:
    document = read_rtf(rb"{\rtf1\ansi Cough.}" + behind)
    assert (document.text, document.doubts) == ("Cough.", ("text behind the end of the document left out",))


@pytest.mark.parametrize("behind", [b"", b"\0\0", b"\r\n", b"ocf_blob", b"ocf_blob\0"])
def test_padding_behind_the_end_is_no_text(behind: bytes) -> None:
    document = read_rtf(rb"{\rtf1\ansi Cough.}" + behind)
    assert (document.text, document.doubts) == ("Cough.", ())
