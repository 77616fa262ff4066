"""HTML documents: what a browser would show of them, as lines."""

from __future__ import annotations

import pytest

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
        ("<table><tr><th>Drug<th>Dose<tr><td>ASA<td>81<br>mg</table>", "Drug | Dose\nASA | 81 mg"),
        ("<table><tr><td><p>a</p><p>b</p></td></tr></table>", "a\nb"),
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


def test_elements_within_elements_without_end_are_refused() -> None:
    with pytest.raises(CannotRead, match="nested deeper"):
        read_html(b"<div>" * 100_000)
