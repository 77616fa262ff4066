"""HL7 v2 messages: what becomes text, and what is known of it."""

from __future__ import annotations

import base64
from datetime import datetime

import pytest

from clinsearch.readers.dates import parse_datetime
from tests.support.hl7 import ORDER, everything, headings, message, only, text_of


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
