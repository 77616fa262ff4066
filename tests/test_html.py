"""HTML documents: what a browser would show of them, as lines."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.documents import read_document
from clinsearch.readers.documents.html import read_html
from clinsearch.readers.outcomes import CannotRead
from tests.conftest import shared


def text(markup: str) -> str:
    return read_html(markup.encode()).text


def test_the_note_of_the_shared_case_has_its_section_and_its_list() -> None:
    document = read_document("html", (shared("cases/html-note") / "note.html").read_bytes())
    assert document.text == "HPI\nDry cough & wheeze.\n- No fever\n- No chills"
    assert document.headings == ((0, 3),)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Na <5 mmol & K<3 <b>ok</b>", "Na <5 mmol & K<3 ok"),
        ("<p>one\n  two</p><p>three</p>", "one two\nthree"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<pre>BP  120\n  HR\t80</pre>", "BP  120\n  HR\t80"),
        ('<div style="white-space: pre-wrap">a\n  b</div>', "a\n  b"),
        ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
        ("<ul><li><p>a</p><p>b</p></ul>", "- a\nb"),
        (
            "<p><![if !supportLists]><span style='mso-list:Ignore'>o<i>&nbsp;</i></span><![endif]>a<o:p></o:p></p>"
            "<p><span style='mso-list:Ignore'>2.<i>&nbsp;</i></span>b</p>",
            "- a\n2. b",
        ),
        ("<textarea>a\n b</textarea><button>Save</button>", "a\n b"),
        ("<h3>A<br>B</h3><p>c</p><hr><p>d</p>", "A\nB\nc\n\nd"),
        ("<table><tr><td>No fever<br>No chills<td>x</table>", "No fever; No chills | x"),
        ("<table><tr><th>Drug<th>Dose<tr><td>ASA<td>81<br>mg</table>", "Drug | Dose\nASA | 81 mg"),
        ("<table><tr><td>Ward:<td>5B<td>Bed:<td>2</table>", "Ward: 5B | Bed: 2"),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\nb"),
        (
            "Drug<select><option>ASA<option selected>Statin</select><textarea>daily</textarea><input value=new>ok",
            "Drug Statin daily new ok",
        ),
        ("<input type=checkbox checked>Asthma <input type=checkbox>COPD", "[x] Asthma [ ] COPD"),
        ("<select><option>No<option selected>Yes</select>", "Yes"),
        ("a&nbsp;b&#8217;s &lt;b&gt;", "a\xa0b\u2019s <b>"),
    ],
)
def test_what_is_shown_is_read_as_it_is_shown(markup: str, expected: str) -> None:
    assert text(markup) == expected


@pytest.mark.parametrize(
    "markup",
    [
        "seen<script>var a = '<b>secret</b>'</script>",
        "seen<!-- secret -->",
        "<style>.secret{color:red}</style>seen",
        "seen<span hidden>secret</span>",
        "seen<div style='display: none'>secret<div>secret</div></div>",
        "<style>.h, p.i { display:none }</style>seen<b class='a h'>secret</b><p class=i>secret</p>",
        "seen<p style='mso-hide:all'>secret</p>",
        "seen<del>secret</del>",
    ],
)
def test_what_is_not_shown_is_not_read(markup: str) -> None:
    assert text(markup) == "seen"


def test_that_hidden_and_deleted_text_is_left_out_is_said() -> None:
    document = read_html(b"<p hidden>a</p><del>b</del><p hidden> </p>c")
    assert document.doubts == ("deleted text left out", "hidden text left out")


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("38 °C \u2014 fièvre".encode("cp1252"), None),
        ("38 °C \u2014 fièvre".encode("cp1252"), "iso-8859-1"),
        ("38 °C \u2014 fièvre".encode(), None),
        ("38 °C \u2014 fièvre".encode("utf-16"), "utf-8"),
        (b"<meta charset=macintosh>" + "38 °C \u2014 fièvre".encode("mac_roman"), None),
        (b"<meta charset=utf-16>" + "38 °C \u2014 fièvre".encode(), None),
        ("38 °C \u2014 fièvre".encode(), "rot13"),
    ],
)
def test_a_page_is_decoded_by_what_it_says(data: bytes, charset: str | None) -> None:
    assert read_html(data, charset=charset).text == "38 °C \u2014 fièvre"


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>A &amp; B</title><style>.h{display:none}</style>
</head><body><h2>HPI</h2><p class="h">x</p><p style="white-space:pre">a  b</p><ol><li>c<li>d</ol>
<table><tr><td>e<td>f</table><select><option selected>g</select><!-- i --><script>"</b>"</script><del>j</del>38\u00b0C
&lt;5 &#8217;</body></html>""".encode()


def test_cut_at_any_byte_a_page_is_read() -> None:
    for end in range(len(PAGE)):
        read_html(PAGE[:end])


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(PAGE) - 1), st.integers(0, 255)), min_size=1, max_size=20))
def test_with_any_bytes_changed_a_page_is_read(changes: list[tuple[int, int]]) -> None:
    data = bytearray(PAGE)
    for position, value in changes:
        data[position] = value
    lines = read_html(bytes(data)).text.split("\n")
    assert all(line == line.rstrip() and "\0" not in line for line in lines)


@pytest.mark.parametrize(
    "piece", [b"<b>a</i>", b"<", b"&", b"<p>a", b"<!--", b"<style>@a@", b"<td>a", b"<meta ", b"<a b="]
)
def test_a_hostile_page_takes_no_time(piece: bytes) -> None:
    began = time.thread_time()
    with suppress(CannotRead):
        read_html(piece * 100_000)
    assert time.thread_time() - began < 5


def test_elements_within_elements_without_end_are_refused() -> None:
    with pytest.raises(CannotRead, match="nested deeper"):
        read_html(b"<div>" * 100_000)
