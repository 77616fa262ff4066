"""XML of other kinds than clinical documents: where its notes are, what is known of them, and damage."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, repeat

import pytest

from clinsearch.readers.document import Document
from clinsearch.readers.documents.xml import read_xml, read_xml_file
from clinsearch.readers.outcomes import CannotRead

NOTE = "HPI: Dry cough.\n\n  No fever.\n"
READ = "HPI: Dry cough.\n\n  No fever."


def documents(*chunks: str) -> list[Document]:
    found = list(read_xml_file(chunk.encode() for chunk in chunks))
    assert all(isinstance(one, Document) for one in found)
    return [one for one in found if isinstance(one, Document)]


def only(text: str) -> Document:
    (document,) = documents(text)
    return document


def headings(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.headings]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (f"<root><TEXT><![CDATA[{NOTE}]]></TEXT><TAGS><DATE id='P0' start='0' end='3' text='HPI'/></TAGS></root>", {}),
        (f'<ROOT><RECORD ID="641"><SMOKING STATUS="UNKNOWN"/><TEXT>{NOTE}</TEXT></RECORD></ROOT>', {"id": "641"}),
        (f'<docs><doc id="7"><text>{NOTE}</text></doc></docs>', {"id": "7"}),
        (f"<notes><note><id>7</id><patient_id>p1</patient_id><note_text>{NOTE}</note_text></note></notes>",
         {"id": "7", "patientid": "p1"}),
        (f"<row><note_text>{NOTE}</note_text><note_id>7</note_id></row>", {"noteid": "7"}),
        (f'<patient id="p1"><encounter id="e1"><note date="2024-03-02" type="ED">{NOTE}</note></encounter></patient>',
         {"patientid": "p1", "encounterid": "e1", "date": "2024-03-02", "type": "ED"}),
        (f"<r><patient><id>p1</id></patient><report_id>7</report_id><text>{NOTE}</text></r>",
         {"patientid": "p1", "reportid": "7"}),
        (f"<x:a xmlns:x='urn:x'><x:Report_Text>{NOTE}</x:Report_Text></x:a>", {}),
        (f"<report><title>CT</title><body>{NOTE}</body></report>", {"title": "CT"}),
        ("<TEXT>HPI: <PHI TYPE='X'>Dry</PHI> cough.\n\n  No fever.\n</TEXT>", {}),
    ],
)  # fmt: skip
def test_the_text_is_in_the_element_that_is_called_so(text: str, fields: dict[str, str]) -> None:
    document = only(text)
    assert document.text == READ
    assert {name: value for name, value in document.fields.items() if value in fields.values()} == fields
    assert document.record is None


def test_rows_as_databases_write_them_have_their_text_in_an_attribute() -> None:
    document = only('<data><row NOTE_ID="7" PATIENT_ID="p" NOTE_TEXT="Dry cough.&#10;No fever."/></data>')
    assert document.text == "Dry cough.\nNo fever."
    assert document.fields == {"noteid": "7", "patientid": "p"}


@pytest.mark.parametrize(
    "records",
    [
        [f'<RECORD ID="{number}"><TEXT>Note {number}.</TEXT></RECORD>' for number in range(1, 4)],
        [f"<doc><id>{number}</id><text>Note {number}.</text></doc>" for number in range(1, 4)],
        [f'<note id="{number}">Note {number}.</note>' for number in range(1, 4)],
    ],
)
def test_each_record_is_a_note_with_its_own_fields(records: list[str]) -> None:
    found = documents("<all>", *records, "</all>")
    assert [(one.text, one.fields["id"], one.record) for one in found] == [
        (f"Note {number}.", str(number), number) for number in range(1, 4)
    ]


@pytest.mark.parametrize("record", ["<note>Note.</note>", "<text>Note.</text>", "<doc><text>Note.</text></doc>"])
def test_records_without_ids_are_notes_too(record: str) -> None:
    assert [one.text for one in documents(f"<all>{record * 3}</all>")] == ["Note."] * 3
    assert [one.text for one in documents(f"<all><set>{record * 3}</set></all>")] in (
        ["Note."] * 3,
        ["Note.\n\nNote.\n\nNote."],
    )


def test_parts_of_one_text_are_one_note_with_their_labels_as_headings() -> None:
    parts = "".join(
        f'<AbstractText Label="{part}">{part.lower()} text.</AbstractText>' for part in ("FINDINGS", "IMPRESSION")
    )
    document = only(f'<eCitation><uId id="CXR1"/><Article><Abstract>{parts}</Abstract></Article></eCitation>')
    assert document.text == "FINDINGS\nfindings text.\n\nIMPRESSION\nimpression text."
    assert headings(document) == ["FINDINGS", "IMPRESSION"]


def test_elements_named_for_what_they_say_are_sections() -> None:
    document = only(
        "<note><id>1</id><chiefComplaint>Cough.</chiefComplaint><plan_of_care><p>Rest.</p></plan_of_care></note>"
    )
    assert document.text == "Chief complaint\nCough.\n\nPlan of care\nRest."
    assert headings(document) == ["Chief complaint", "Plan of care"]
    assert document.fields == {"id": "1"}


LONG = "The lungs are clear, and the heart is of normal size. " * 20


@pytest.mark.parametrize(
    ("text", "read", "ignored", "doubts"),
    [
        ("<r><author>Dr. X</author><text>A.</text><site>Y</site></r>", "A.", {"author": "Dr. X", "site": "Y"}, 0),
        ("<note><author>Dr. X</author><text>A.</text></note>", "A.", {"author": "Dr. X"}, 0),
        (f"<r><text>A.</text><findings>{LONG}</findings></r>", "A.", {}, 1),
        (f"<report><text>A.</text><findings>{LONG}</findings></report>", "A.", {}, 1),
        (
            f"<report><findings>{LONG}</findings><note>B.</note></report>",
            f"Findings\n{LONG.strip()}\n\nNote\nB.",
            {},
            0,
        ),
    ],
)
def test_what_is_beside_a_text_is_kept_or_said_to_be_left_out(
    text: str, read: str, ignored: dict[str, str], doubts: int
) -> None:
    document = only(text)
    assert document.text == read
    assert document.fields == ignored
    assert len(document.doubts) == doubts


def test_paragraphs_lists_and_tables_become_lines() -> None:
    document = only(
        """<TEI><teiHeader><title>Corpus</title></teiHeader><text><body><head>History</head>
        <p>Dry cough<lb/>and
           fever.</p><list><item>A</item><item>B</item></list>
        <table><row><cell>Na</cell><cell>140</cell></row></table></body></text></TEI>"""
    )
    assert document.text == "History\nDry cough\nand fever.\n- A\n- B\nNa | 140"
    assert headings(document) == ["History"]


def test_html_that_is_quoted_is_read_as_such() -> None:
    assert only(
        "<topic><full-summary>&lt;p&gt;Dry cough.&lt;/p&gt;&lt;p&gt;Fever&lt;/p&gt;</full-summary></topic>"
    ).text == ("Dry cough.\nFever")


def test_prose_is_a_text_whatever_its_elements_are_called() -> None:
    prose = "The patient presents with a dry cough of three days and no fever at all, and no chills."
    assert only(f"<x><y>{prose}</y><z>{prose}</z></x>").text.count("dry cough") == 2
    with pytest.raises(CannotRead, match="known to hold a text"):
        documents('<diseaseset><doc id="1" judgment="U"/><value>140</value></diseaseset>')


def test_a_clinical_document_is_read_as_one_even_in_part() -> None:
    section = "<section><templateId root='1'/><title>HPI</title><text><list><item>Cough</item></list></text></section>"
    assert only(section).text == only(f"<!-- remark -->{section}").text == "HPI\n- Cough"
    with pytest.raises(CannotRead, match="JSON"):
        documents('<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>')
    with pytest.raises(CannotRead, match="delimiters"):
        documents('<ORU_R01 xmlns="urn:hl7-org:v2xml"><MSH><MSH.1>|</MSH.1></MSH></ORU_R01>')


def test_a_document_within_another_is_one_note() -> None:
    assert read_xml(b"<note><text>Cough.</text></note>").text == "Cough."
    with pytest.raises(CannotRead, match="several"):
        read_xml(b"<all><note>a</note><note>b</note></all>")


def test_a_great_many_records_are_read_one_after_another() -> None:
    def chunks() -> Iterable[bytes]:
        record = b'<RECORD ID="1"><TEXT>' + b"Dry cough. " * 10 + b"</TEXT></RECORD>"
        return chain([b"<ROOT>"], repeat(record * 100, 200), [b"</ROOT>"])

    assert sum(isinstance(one, Document) for one in read_xml_file(chunks())) == 20_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a>" * 10_000, "nested"),
        ('<!DOCTYPE a [<!ENTITY b "x">]><note>&b;</note>', "entities"),
        ("<note>&b;</note>", "well-formed"),
        ("<note>" + "word " * 2_100_000 + "</note>", "split it"),
        ("<note>" + "<b/>" * 300_000 + "</note>", "split it"),
        ("not XML", "no element"),
    ],
)
def test_hostile_files_are_refused(text: str, said: str) -> None:
    with pytest.raises(CannotRead, match=said):
        documents(text)


def test_files_cut_anywhere_are_refused() -> None:
    whole = '<?xml version="1.0"?><ROOT><RECORD ID="1"><TEXT>a</TEXT></RECORD></ROOT>'
    for end in range(len(whole)):
        with pytest.raises(CannotRead):
            documents(whole[:end])


def test_elements_that_stand_side_by_side_are_not_written_together() -> None:
    parts = "<hosp>Oak</hosp><complaint>Dry <b>cough</b>s and a fever that has lasted for three days.</complaint>"
    document = only(
        f"<patient>{parts}<plan>Rest, fluids, and come back in a week or when it is worse.</plan></patient>"
    )
    assert "Oak Dry coughs and a fever" in document.text
    assert "days. Rest" in document.text


@pytest.mark.parametrize(
    ("row", "cell"), [("row", '<field name="{}">'), ("ROW", '<COLUMN NAME="{}">'), ("record", '<property name="{}">')]
)
def test_the_columns_of_rows_may_be_attributes(row: str, cell: str) -> None:
    tag = cell.split()[0][1:]
    fields = {"NOTE_ID": "7", "person_id": "p1", "note_text": "Dry cough."}
    rows = "".join(
        f"<{row}>" + "".join(f"{cell.format(key)}{said}</{tag}>" for key, said in fields.items()) + f"</{row}>"
        for _ in range(2)
    )
    found = documents(f'<dump><table name="note">{rows}</table></dump>')
    assert [(one.text, one.fields["noteid"], one.fields["personid"]) for one in found] == [
        ("Dry cough.", "7", "p1")
    ] * 2


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_references_of_pages_are_known_and_those_to_no_character_left_out(size: int) -> None:
    written = "<note><text>38&nbsp;&deg;C&#11; &eacute;t&#x1F;at &lt;5 &amp;amp; R&amp;D &#8805; a&#xA;b</text></note>"
    chunks = [written[start : start + size] for start in range(0, len(written), size)]
    assert [one.text for one in documents(*chunks)] == ["38\xa0°C état <5 &amp; R&D ≥ a\nb"]


@pytest.mark.parametrize("reference", ["&unknown;", "&", "&nbsp", "&#;", "&#xZ;", "&lt"])
def test_other_references_are_still_faults(reference: str) -> None:
    with pytest.raises(CannotRead, match="not well-formed"):
        list(read_xml_file([f"<note><text>Cough {reference} fever</text></note>".encode()]))
