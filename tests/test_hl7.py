"""HL7 v2 messages: what becomes text, what is known of it, and what damage does."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.dates import parse_datetime
from clinsearch.readers.document import Document
from clinsearch.readers.messages.hl7 import read_hl7
from clinsearch.readers.outcomes import CannotRead
from tests.conftest import shared

HEADER = r"MSH|^~\&|RIS|H|EHR|H|20240101120000-0500||{}|M1|P|2.5"
PATIENT = "PID|1||77^^^X^PI~123456^^^H^MR||DOE^JANE\rPV1|1|I|||||||||||||||||V99"
ORDER = "OBR|1|P1|ACC1^RIS|71020^CHEST 2 VIEWS^CPT|||20240101113000"


def message(*segments: str, kind: str = "ORU^R01", end: str = "\r") -> bytes:
    lines = [HEADER.format(kind), *PATIENT.split("\r"), *segments]
    return (end.join(lines) + end).encode()


def everything(data: bytes | Iterable[bytes], **how: str) -> tuple[list[Document], list[CannotRead], set[str]]:
    """Return the notes, what cannot be read, and what was passed over."""
    outcomes = list(read_hl7([data] if isinstance(data, bytes) else data, **how))
    documents = [one for one in outcomes if isinstance(one, Document)]
    faults = [one for one in outcomes if isinstance(one, CannotRead)]
    passed_over = {one.reason.removesuffix(" passed over") for one in faults if one.kind == "passed_over"}
    return documents, [one for one in faults if one.kind != "passed_over"], passed_over


def only(data: bytes, **how: str) -> Document:
    documents, faults, _ = everything(data, **how)
    assert faults == []
    (document,) = documents
    return document


def text_of(value: str, kind: str = "TX") -> str:
    return only(message(ORDER, f"OBX|1|{kind}|||{value}||||||F")).text


def headings(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.headings]


def test_a_report_is_one_note_with_its_lines_in_order() -> None:
    document = only(message(ORDER, "OBX|1|TX|A^B||No acute||||||F", "OBX|2|TX|A^B||disease.||||||F"))
    assert document.text == "No acute\ndisease."
    assert document.record == 1
    assert document.fields == {
        "noteid": "ACC1",
        "patientid": "123456",
        "encounterid": "V99",
        "notetype": "CHEST 2 VIEWS",
        "title": "CHEST 2 VIEWS",
        "notedatetime": "20240101113000",
    }


def test_a_note_without_a_date_of_its_own_has_that_of_its_message_without_the_zone() -> None:
    document = only(message("OBR|1|||X", "OBX|1|TX|||text||||||F"))
    assert parse_datetime(str(document.fields["notedatetime"])) == datetime(2024, 1, 1, 12)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"fever \T\ cough", "fever & cough"),
        (r"a\F\b\S\c\R\d\E\e", "a|b^c~d\\e"),
        (r"PLAN:\.br\Rest\.br\\.br\Fluids", "PLAN:\nRest\n\nFluids"),
        (r"one\.BR\two", "one\ntwo"),
        (r"one\.sp\two\.sp2\three", "one\ntwo\n\nthree"),
        (r"\.in+4\\.ti-2\a\.ce\b\.sk3\c", "a\nb   c"),
        (r"\H\BOLD\N\ plain", "BOLD plain"),
        (r"one\X0D0A\two\X41\ caf\XC3A9\\X00\.", "one\ntwoA café."),
        (r"in C:\temp\x and a \ b", r"in C:\temp\x and a \ b"),
        ("first~second", "first\nsecond"),
        ("a mass of ~5 cm", "a mass of ~5 cm"),
        ('""', ""),
    ],
)
def test_escapes_are_what_they_stand_for(written: str, read: str) -> None:
    assert text_of(f"Note.~{written}", "FT") == f"Note.\n{read}".rstrip()


def test_what_cannot_be_kept_of_an_escape_is_said() -> None:
    document = only(message(ORDER, r"OBX|1|FT|||a\Z01\b \C2842\c \M244242\d||||||F"))
    assert document.text == "ab c d"
    assert len(document.doubts) == 2


@pytest.mark.parametrize(
    ("written", "date"), [("2024", "2024-01-01"), ("202403", "2024-03-01"), ("20240302", "20240302")]
)
def test_dates_may_end_with_the_year_or_the_month(written: str, date: str) -> None:
    document = only(message(f"OBR|1||A|X|||{written}", "OBX|1|TX|||text||||||F"))
    assert document.fields["notedatetime"] == date


def test_parts_of_a_report_have_headings() -> None:
    document = only(
        message(
            ORDER,
            "OBX|1|TX|71020&GDT^CHEST||Clear lungs.||||||F",
            "OBX|2|TX|71020&IMP^CHEST||1. No disease.||||||F",
            "OBX|3|TX|71020&IMP^CHEST||2. Granuloma.||||||F",
            "OBX|4|TX|22638-1^Comments^LN||Comments: seen with Dr. X||||||F",
        )
    )
    assert document.text == (
        "Description\nClear lungs.\n\nImpression\n1. No disease.\n2. Granuloma.\n\nComments: seen with Dr. X"
    )
    assert headings(document) == ["Description", "Impression"]


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("Path report.final diagnosis Spec", "Final diagnosis"),
        ("Pathology report gross observation Narrative", "Gross observation"),
        ("Pathology report", "Pathology report"),
        ("Clinical information", "Clinical information"),
    ],
)
def test_headings_are_without_what_loinc_puts_around_them(name: str, heading: str) -> None:
    document = only(message(ORDER, f"OBX|1|TX|1^{name}^LN||Colitis.||||||F", "OBX|2|TX|2^Other^L||None.||||||F"))
    assert headings(document) == [heading, "Other"]


def test_values_have_names_units_and_what_they_are_held_to_be() -> None:
    document = only(
        message(
            ORDER,
            "OBX|1|NM|2823-3^Potassium^LN||3.1|mmol/L|3.5-5.1|L|||F",
            "NTE|1||hemolysed",
            "OBX|2|SN|2345-7^Glucose^LN||>^600|mg/dL||HH|||F",
            "OBX|3|SN|1^Titre^L||1^:^128||||||F",
            "OBX|4|CWE|5778-6^Color^LN||Y^Yellow^L||||||F",
            "OBX|6|ST|3^Ampicillin^L||<=2|ug/mL||S|||F",
            "OBX|5|CE|2^Organism^L||^^^X^Staphylococcus aureus^L||||||F",
        )
    )
    assert document.text.splitlines() == [
        "Potassium: 3.1 mmol/L, low (3.5-5.1)",
        "hemolysed",
        "Glucose: >600 mg/dL, critically high",
        "Titre: 1:128",
        "Color: Yellow",
        "Ampicillin: <=2 ug/mL, susceptible",
        "Organism: Staphylococcus aureus",
    ]


def test_each_order_is_a_note_with_an_id_of_its_own() -> None:
    data = message(
        ORDER,
        "OBX|1|TX|||one||||||F",
        "OBR|2|P1|ACC1^RIS|2^CT|||2024",
        "OBX|1|TX|||two||||||F",
        "OBR|3||ACC2|3^MR",
        "OBX|1|TX|||three||||||F",
    )
    documents, _, _ = everything(data)
    assert [(one.fields["noteid"], one.fields["title"], one.text) for one in documents] == [
        ("ACC1", "CHEST 2 VIEWS", "one"),
        ("ACC1#2", "CT", "two"),
        ("ACC2", "MR", "three"),
    ]


def test_what_was_deleted_or_called_off_is_passed_over_and_counted() -> None:
    cancelled = "OBR|2||ACC2|9^CT" + "|" * 21 + "X"
    data = message(
        ORDER,
        "OBX|1|TX|||kept||||||C",
        "OBX|2|TX|||deleted||||||D",
        "OBX|3|TX|||wrong||||||W",
        cancelled,
        "OBX|1|TX|||never done||||||X",
    )
    documents, faults, passed_over = everything(data + message("TXA|1|DS", kind="MDM^T11"))
    assert [one.text for one in documents] == ["kept"]
    assert faults == []
    assert passed_over == {
        "HL7 OBX (deleted or wrong): 2",
        "HL7 ORU^R01 (cancelled or deleted): 1",
        "HL7 MDM^T11 (cancelled): 1",
    }


@pytest.mark.parametrize(
    ("txa_2", "obx_3", "read"),
    [
        ("DS^Discharge Summary^L", "x", "Discharge Summary"),
        ("CN", "11488-4^Consult note^LN", "Consult note"),
        ("OP", "x^Body^L", "Operative report"),
        ("QQ", "x", "QQ"),
    ],
)
def test_a_document_has_the_type_that_txa_names(txa_2: str, obx_3: str, read: str) -> None:
    txa = f"TXA|1|{txa_2}|TX|20240302||||||||DOC7^H|||||AU||OB"
    document = only(message(ORDER, txa, f"OBX|1|TX|{obx_3}||Text.||||||F", kind="MDM^T02"))
    assert document.fields["notetype"] == read
    assert document.fields["noteid"] == "DOC7"
    assert document.fields["notedatetime"] == "20240302"
    assert str(document.fields["title"]).endswith(" (superseded)")


def test_versions_of_a_report_do_not_take_each_others_ids() -> None:
    def version(status: str, control_id: str) -> bytes:
        return message(ORDER + "|" * 18 + status, "OBX|1|TX|||text " + status).replace(
            b"|M1|", f"|{control_id}|".encode()
        )

    documents, _, _ = everything(version("P", "M1") + version("F", "M2") + version("C", "M3"))
    assert [(one.fields["noteid"], one.fields["title"]) for one in documents] == [
        ("ACC1/M1", "CHEST 2 VIEWS (preliminary)"),
        ("ACC1", "CHEST 2 VIEWS"),
        ("ACC1/M3", "CHEST 2 VIEWS"),
    ]


def test_a_segment_may_be_continued_in_another() -> None:
    assert only(message(ORDER, "OBX|1|TX|||Dry ", "ADD|cough.||||||F")).text == "Dry cough."


def test_messages_without_text_are_counted_by_their_kind() -> None:
    documents, faults, passed_over = everything(message(kind="ADT^A08") * 3)
    assert (documents, faults) == ([], [])
    assert passed_over == {"HL7 ADT^A08 without text: 3"}


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_frames_batches_and_line_ends_of_all_kinds(end: str) -> None:
    one = message(ORDER, "OBX|1|TX|||text||||||F", end=end)
    framed = b"\x0b" + one + b"\x1c\r"
    batch = f"FHS|^~\\&|x{end}BHS|^~\\&|x{end}".encode() + framed + one + f"BTS|2{end}FTS|1{end}".encode()
    for size in (1, 7, 100_000):
        chunks = [batch[start : start + size] for start in range(0, len(batch), size)]
        documents, faults, _ = everything(chunks)
        assert [document.text for document in documents] == ["text", "text"]
        assert [document.record for document in documents] == [1, 2]
        assert faults == []


def test_text_broken_into_lines_belongs_to_its_segment() -> None:
    assert only(message(ORDER, "OBX|1|TX|||first\nsecond, no segment||||||F")).text == "first\nsecond, no segment"


def test_other_delimiters_are_those_of_the_message() -> None:
    data = b"MSH#*@!%#A#B#C#D#20240101##ORU*R01#M1\rOBR#1##ACC*X#1*CT\rOBX#1#FT#a*b##one!.br!two !T! x@y######F\r"
    document = only(data)
    assert document.text == "one\ntwo % x\ny"
    assert document.fields["noteid"] == "ACC"


@pytest.mark.parametrize(
    ("charset", "codec", "doubts"),
    [
        ("8859/1", "latin-1", 0),
        ("8859/15", "iso8859-15", 0),
        ("UNICODE UTF-8", "utf-8", 0),
        ("ASCII~8859/1", "latin-1", 0),
        ("", "utf-8", 0),
        ("", "cp1252", 1),
        ("ASCII", "utf-8", 1),
        ("ASCII", "cp1252", 1),
    ],
)
def test_the_character_set_is_what_msh_18_says(charset: str, codec: str, doubts: int) -> None:
    header = HEADER.format("ORU^R01") + "||||||" + charset
    document = only(f"{header}\r{ORDER}\rOBX|1|TX|||Größe, café||||||F\r".encode(codec))
    assert document.text == "Größe, café"
    assert len(document.doubts) == doubts


def test_utf_16_is_known_by_its_mark() -> None:
    data = message(ORDER, "OBX|1|TX|||Größe||||||F").decode().encode("utf-16")
    documents, _, _ = everything([data[start : start + 5] for start in range(0, len(data), 5)])
    assert [document.text for document in documents] == ["Größe"]


PAGE = b"<html><body><h1>HPI</h1><p>Dry cough &amp; wheeze</p></body></html>"


@pytest.mark.parametrize(
    "segment",
    [
        "OBX|1|ED|PDF^Report||^TEXT^HTML^Base64^" + base64.b64encode(PAGE).decode(),
        "OBX|1|ED|x||X^text^html^Hex^" + PAGE.hex(),
        "OBX|1|ED|x||X^application^octet-stream^Base64^" + base64.b64encode(PAGE).decode(),
        "OBX|1|ED|x||X^TEXT^HTML^A^" + PAGE.decode().replace("&", "\\T\\"),
        "OBX|1|TX|x||" + PAGE.decode().replace("&", "\\T\\"),
    ],
)
def test_a_document_within_a_message_is_read(segment: str) -> None:
    document = only(message("TXA|1|DS", segment, kind="MDM^T02"))
    assert document.text == "HPI\nDry cough & wheeze"
    assert headings(document) == ["HPI"]


def test_a_document_in_pieces_is_put_together() -> None:
    written = base64.b64encode(PAGE.replace(b"<p>", b"<p>" + b"very " * 30)).decode()
    pieces = [written[start : start + 50] for start in range(0, len(written), 50)]
    document = only(message("TXA|1|DS", *(f"OBX|1|ED|x||^TEXT^HTML^Base64^{piece}" for piece in pieces)))
    assert document.text.endswith("very very Dry cough & wheeze")


def test_what_cannot_be_read_of_a_message_is_said_beside_its_text() -> None:
    pointed, damaged, image = (
        "OBX|1|RP|x||http://x/a.pdf",
        "OBX|2|ED|y||^AP^PDF^Base64^!!",
        "OBX|3|ED|z||^IM^PNG^Base64^",
    )
    document = only(message("TXA|1|DS", pointed, damaged, image, "OBX|4|TX|t||Text.", kind="MDM^T02"))
    assert document.text == "Text."
    assert len(document.doubts) == 3
    _, (fault,), _ = everything(message("TXA|1|DS", pointed, kind="MDM^T02"))
    assert "pointed to" in fault.reason
    assert fault.record == 1


def test_names_of_patients_are_never_text() -> None:
    data = message(ORDER, "OBX|1|XPN|a^Name||DOE^JANE", "OBX|2|TX|||text", "PID|2||8||ROE^RICHARD")
    documents, _, passed_over = everything(data)
    assert [one.text for one in documents] == ["text"]
    assert passed_over == {"HL7 OBX without text: 1"}


def test_a_file_without_a_message_is_refused() -> None:
    with pytest.raises(CannotRead, match="no MSH"):
        everything(b"The patient was seen.\nMSH\n")


def test_a_message_cut_anywhere_or_damaged_gives_no_traceback() -> None:
    data = shared("real/hl7v2/sample_unix.hl7").read_bytes() + b"\n" + message(ORDER, "OBX|1|FT|||a\\.br\\b||||||F")
    for end in range(len(data)):
        try:
            everything(data[:end])
        except CannotRead:
            assert end < 10
    for place in range(0, len(data), 3):
        for byte in (0, 13, 124, 92, 255):
            everything(b"MSH|^~\\&|A\r" + data[:place] + bytes([byte]) + data[place + 1 :])


@given(
    st.lists(st.sampled_from(["MSH|^~\\&|", "MSH", "OBX|1|", "ED|", "^", "~", "\\", "|", "\r", "X", "NTE", "é", "\0"]))
)
@settings(deadline=None, max_examples=300)
def test_no_message_whatever_gives_a_traceback(parts: list[str]) -> None:
    everything(("MSH|^~\\&|A\r" + "".join(parts)).encode())


def test_zeros_are_no_delimiters() -> None:
    assert only(b"MSH\0\0\r" + message(ORDER, "OBX|1|TX|||te\0xt||||||F")).text == "text"


def test_a_message_without_end_is_refused_and_the_next_is_read() -> None:
    endless = [b"OBX|1|TX|||line of text||||||F\r" * 10_000] * 60
    documents, (fault,), _ = everything([message(ORDER), *endless, message(ORDER, "OBX|1|TX|||text||||||F")])
    assert fault.kind == "too_long"
    assert [one.text for one in documents] == ["text"]


def test_a_line_without_end_is_left_in_time() -> None:
    endless = [message(ORDER) + b"OBX|1|TX|||", *[b"x" * 100_000] * 400, b"\r", message(ORDER, "OBX|1|TX|||text")]
    documents, (fault,), _ = everything(endless)
    assert fault.kind == "too_long"
    assert [one.text for one in documents] == ["text"]


def test_the_real_messages_are_read() -> None:
    document = only(shared("real/hl7v2/ORU-multiline-short-mixed.hl7").read_bytes())
    assert document.text.endswith("ED Encounter Arrival Date: [ADDRESS] [PERSONALNAME]:")
    for name in ("sample_unix.hl7", "sample_win.hl7"):
        document = only(shared(f"real/hl7v2/{name}").read_bytes())
        assert document.text == "ECHOCARDIOGRAPHIC REPORT"
        assert document.fields["patientid"] == "PID1234"


def test_names_of_segments_may_be_written_small() -> None:
    data = message(ORDER, "OBX|1|TX|||pid|||||F", "OBX|2|TX|||No acute||||||F", "NTE|1||seen by R.")
    for name in (b"PID", b"PV1", b"OBR", b"OBX", b"NTE"):
        data = data.replace(name + b"|", name.lower() + b"|")
    document = only(data)
    assert document.text == "pid\nNo acute\nseen by R."
    assert document.fields["patientid"] == "123456"
    assert only(data.replace(b"MSH|", b"msh|")).text == document.text


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_that_stand_in_no_text_are_told(end: str) -> None:
    broken = message(ORDER, "OBX|1|TX|||No acute||||||F", "zyxwarfarin", "OBX|2|TX|||disease.||||||F", end=end)
    (document,), faults, _ = everything(broken)
    assert document.text == "No acute\ndisease."
    assert faults == []
    assert document.doubts == ("lines that stand in no text are left out",)
    split = message(ORDER, f"OBX|1|TX|||No acute{end}disease.||||||F", end=end)
    assert only(split).text == "No acute\ndisease."


@pytest.mark.parametrize(("command", "text"), [("sp 2", "a\n\nb"), ("in 4", "ab"), ("sk 3", "a   b"), ("ti +2", "ab")])
def test_commands_may_have_a_blank_before_their_number(command: str, text: str) -> None:
    assert text_of(f"a\\.{command}\\b", "FT") == text
