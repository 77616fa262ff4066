"""PDFs: the text of their pages in the order in which it is read, and what has no text is said."""

from __future__ import annotations

import shutil
import time
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from clinsearch.errors import InputError
from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers.documents import ocr, read_document
from clinsearch.readers.documents.pdf import read_pdf
from clinsearch.readers.documents.pdf_process import picture
from clinsearch.readers.outcomes import CannotRead
from clinsearch.records import Note
from tests.conftest import shared
from tests.support.pdfs import PICTURE, column, content, pdf

PROSE = [
    "The patient is a woman of 63 who came with a cough that she has had for the last three",
    "weeks. It is dry, worse at night, and woke her twice. There has been no fever. She has never",
    "smoked. On examination she was well, with no wheeze, and her chest was clear all through-",
    "out. Follow-up in six weeks.",
]


def text(*pages: bytes, more: str = "") -> str:
    return read_pdf(pdf(*pages, more=more)).text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("crazyones-pdfa.pdf", "The misfits. The rebels."),  # written with ligatures
        ("minimal-document.pdf", "no sea takimata sanctus est Lorem"),  # with a hyphen at the end of a line
        ("google-doc-document.pdf", "Indonesia | Germany | Austria | France | Vatican"),
        ("libreoffice-form.pdf", "First Name | Last Name\nBirthday"),  # the labels of a form are not in order there
        ("annotated_pdf.pdf", "Line 1\nLine 2"),
        (
            "mistitled_outlines_example.pdf",
            "9 Baz | 4\n1 Foo\n\nHello, here is",
        ),  # over the end of a page, its number out
        (
            "pdflatex-4-pages.pdf",
            "If you read this text, you will get no information. Really? Is there no information?",
        ),
        ("libre-office-link.pdf", "This is a link to an awesome blog."),
    ],
)
def test_the_text_of_a_pdf_is_what_one_reads(name: str, expected: str) -> None:
    assert expected in read_document("pdf", (shared("real/pdf") / name).read_bytes()).text


def test_that_a_file_is_attached_to_a_pdf_is_said() -> None:
    document = read_pdf((shared("real/pdf") / "with-attachment.pdf").read_bytes())
    assert document.doubts == ("1 attached file left out",)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("imagemagick-lzw.pdf", "no text in it: a scan; --ocr reads it where Tesseract is installed"),
        ("imagemagick-CCITTFaxDecode.pdf", "no text in it: a scan"),
        ("libreoffice-writer-password.pdf", "encrypted; save it without a password"),
    ],
)
def test_a_pdf_without_text_is_refused_and_why_is_said(name: str, reason: str) -> None:
    with pytest.raises(CannotRead, match=reason):
        read_pdf((shared("real/pdf") / name).read_bytes())


def test_lines_that_the_width_of_the_page_divided_are_one() -> None:
    assert text(content(column(PROSE))) == " ".join(PROSE).replace("through- out", "throughout")


def test_a_heading_an_item_and_a_line_that_ends_early_are_lines_of_their_own() -> None:
    told = [PROSE[0], f"{PROSE[1]}."]
    lines = [*told, "Plan", PROSE[0], "2. fluids", "PLAN: rest"]
    assert text(content(column(lines))).splitlines() == [
        " ".join(told),
        "Plan",
        PROSE[0],
        "2. fluids",
        "PLAN: rest",
    ]


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("has been followed-", "up since", "followed-up since"),
        ("which is in the medi-", "astinum", "mediastinum"),
        ("a pressure that is non-", "invasive", "non-invasive"),
        ("her results for HbA-", "1c were", "HbA-1c"),
        ("with the words re-", "lated and related and related", "related and related"),
    ],
)
def test_a_word_divided_at_the_end_of_a_line_is_one_and_a_compound_keeps_its_hyphen(
    above: str, below: str, expected: str
) -> None:
    assert expected in text(content(column([PROSE[0], f"{PROSE[1][: 88 - len(above)]} {above}", below])))


def test_a_sentence_goes_on_over_the_end_of_a_page_and_what_pages_repeat_comes_once() -> None:
    pages = [
        content([(72, 760, "Oak Clinic"), *column(lines), (72, 30, "Tel 5"), (300, 20, f"Page {number} of 3")])
        for number, lines in enumerate((PROSE[:1], PROSE[1:2], PROSE[2:]), 1)
    ]
    words = " ".join(PROSE).replace("through- out", "throughout")
    assert text(*pages) == f"Oak Clinic\n\n{words}\n\nTel 5"


def test_what_only_stands_at_the_top_of_two_of_five_pages_stays_where_it_is() -> None:
    pages = [
        content(column(["Bloods" if number in (1, 3) else f"Day {number} was uneventful."])) for number in range(5)
    ]
    assert text(*pages).count("Bloods") == 2


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    left = [
        "She came with a dry cough",
        "and no fever for a week,",
        "was given fluids to take",
        "and sent home to rest.",
    ]
    right = ["Her mother had asthma as", "a child and an aunt has", "it still. Her father was", "well until his death."]
    across = [place for pair in zip(column(left), column(right, left=330), strict=True) for place in pair]
    assert text(content([(72, 760, "Letter"), *across])).replace("\n\n", " ").replace("\n", " ") == " ".join(
        ["Letter", *left, *right]
    )


@pytest.mark.parametrize("shown", [0, 90, 180, 270])
@pytest.mark.parametrize("matrix", ["1 0 0 1 0 0", "0 1 -1 0 612 0", "-1 0 0 -1 612 792", "0 -1 1 0 0 792"])
def test_a_page_that_lies_on_its_side_is_read_as_it_was_written(matrix: str, shown: int) -> None:
    written = f"q {matrix} cm ".encode() + content(column(["No cough.", "No fever.", "Rest."], top=500)) + b" Q"
    assert text(written, more=f"/Rotate {shown}") == "No cough.\nNo fever.\nRest."


def test_the_values_of_a_form_stand_beside_their_labels_whatever_was_written_first() -> None:
    labels, values = column(["Name:", "Ward:", "Allergies"]), column(["J. Doe", "5B", "Penicillin"], left=200)
    assert text(content([*labels, *values])) == "Name: J. Doe\nWard: 5B\nAllergies | Penicillin"


def test_a_page_that_is_shown_turned_is_read_as_it_is_shown() -> None:
    turned = b"q 0 1 -1 0 612 0 cm " + content(column([*PROSE[:2], PROSE[1]], top=500)) + b" Q"
    assert text(turned, more="/Rotate 90") == " ".join([*PROSE[:2], PROSE[1]])


def test_of_pages_some_of_which_are_scans_these_are_counted_and_said() -> None:
    document = read_pdf(pdf(content(column(PROSE)), PICTURE, PICTURE, b"", content(column(["Rest."])), PICTURE))
    assert document.text.endswith("six weeks.\nRest.")
    assert document.doubts == (
        "3 pages (2-3, 6) left out: no text, but pictures; --ocr reads them where Tesseract is installed",
    )


def test_where_tesseract_is_not_installed_it_is_said_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="there is no command tesseract"):
        NoteFiles([tmp_path], ocr=True)


def test_a_scan_is_named_and_the_other_pdfs_of_a_folder_are_notes(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf(PICTURE))
    (tmp_path / "letter.pdf").write_bytes(pdf(content(column(PROSE))))
    fault, note = sorted(NoteFiles([tmp_path]), key=lambda one: isinstance(one, Note))
    assert isinstance(fault, Unreadable)
    assert fault.reason == "no text in it: a scan; --ocr reads it where Tesseract is installed"
    assert isinstance(note, Note)
    assert note.note_id == "letter"


def test_a_page_is_drawn_for_tesseract_with_300_points_an_inch() -> None:
    drawn = picture(pdf(PICTURE), 0, dpi=300)
    _, width, height, _ = (int(said) if said.isdigit() else 0 for said in drawn[:20].split()[:4])
    assert (width, height) == (pytest.approx(2550, abs=2), pytest.approx(3300, abs=2))
    assert len(drawn.partition(b" 255\n")[2]) == width * height
    assert {drawn[-1], drawn[-width * height // 2]} == {0xFF, 0x80}


def test_what_tesseract_reads_becomes_lines_as_on_other_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tesseract itself is not part of this: what it would write is given."""
    monkeypatch.setattr(
        "clinsearch.readers.documents.pdf.words_of", lambda drawn: "\n".join(["Plan", "", *PROSE]) + "\n"
    )
    document = read_pdf(pdf(content(column(["Letter"])), PICTURE), ocr=True)
    assert document.text == "Letter\nPlan\n\n" + " ".join(PROSE)
    assert document.doubts == ()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
def test_tesseract_reads_a_drawn_page() -> None:
    assert "dry, worse at night" in ocr.words_of(picture(pdf(content(column(PROSE))), 0, dpi=300))


def test_without_the_library_the_command_that_installs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinsearch.readers.extras.find_spec", lambda name: None)
    with pytest.raises(CannotRead, match=r'pip install "clinsearch\[pdf\]"'):
        read_pdf(pdf(PICTURE))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"%PDF-1.4 not one", zlib.compress(b"x" * 1000)])
def test_what_is_no_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(CannotRead, match="damaged"):
        read_pdf(data)


def test_a_small_file_that_would_take_all_memory_is_refused_and_the_program_goes_on() -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"q " * (1 << 20)) for _ in range(40)) + packer.flush()
    data = pdf(packed).replace(b">>stream", b"/Filter/FlateDecode>>stream")
    began = time.perf_counter()
    with pytest.raises(CannotRead):
        read_pdf(data)
    assert time.perf_counter() - began < 30


def test_cut_or_changed_anywhere_a_pdf_is_read_or_refused() -> None:
    data = pdf(content(column(PROSE)), compressed=True)
    for place in range(0, len(data), len(data) // 5):
        with suppress(CannotRead):
            read_pdf(data[:place])
        with suppress(CannotRead):
            read_pdf(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])


@pytest.mark.parametrize(
    "apart", [pytest.param(17, marks=pytest.mark.slow), pytest.param(5, marks=pytest.mark.exhaustive)]
)
def test_cut_or_changed_in_many_places_a_pdf_is_read_or_refused(apart: int) -> None:
    data = pdf(content(column(PROSE)), compressed=True)
    for place in range(0, len(data), apart):
        with suppress(CannotRead):
            read_pdf(data[:place])
        with suppress(CannotRead):
            read_pdf(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :])
