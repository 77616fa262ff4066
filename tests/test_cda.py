"""Clinical documents in XML: narrative, headings, fields, bodies of other formats, and hostile ones."""

from __future__ import annotations

import base64
import re

import pytest
from lxml import etree

from clinsearch.readers.document import Document
from clinsearch.readers.documents import read_document
from clinsearch.readers.outcomes import CannotRead
from tests.conftest import shared

HEADER = """<id root="1.2.3" extension="doc7"/><code code="11506-3" displayName="Progress note"/><title>Visit</title>
<effectiveTime value="20240302214000-0500"/><recordTarget><patientRole>{ids}<patient><name>DOE</name></patient>
</patientRole></recordTarget><componentOf><encompassingEncounter><id root="9" extension="E5"/></encompassingEncounter>
</componentOf>"""
WITHOUT_NARRATIVE = "sections of coded entries without narrative are left out: 1"


def document_with(*sections: str, ids: str = '<id root="9" extension="p7"/>', before: str = "") -> bytes:
    body = "".join(f"<component>{section}</component>" for section in sections)
    body = f"<component><structuredBody>{body}</structuredBody></component>"
    return (
        f'{before}<ClinicalDocument xmlns="urn:hl7-org:v3">{HEADER.format(ids=ids)}{body}</ClinicalDocument>'.encode()
    )


def section(text: str, title: str = "<title>HPI</title>", rest: str = "") -> str:
    return f"<section>{title}<text>{text}</text>{rest}</section>"


def read(data: bytes) -> Document:
    return read_document("cda", data)


def text_of(narrative: str) -> str:
    return read(document_with(section(narrative))).text.removeprefix("HPI\n")


def headings(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.headings]


def test_the_header_says_what_is_known_of_the_note_and_is_no_text() -> None:
    document = read(document_with(section("Dry cough.")))
    assert document.text == "HPI\nDry cough."
    assert document.fields == {
        "patientid": "p7",
        "encounterid": "E5",
        "notetype": "Progress note",
        "title": "Visit",
        "notedatetime": "20240302214000-0500",
    }


@pytest.mark.parametrize(
    ("ids", "patient"),
    [
        ('<id root="2.16.840.1.113883.4.1" extension="111-00-1234"/><id root="9" extension="77"/>', "77"),
        ('<id root="2.16.840.1.113883.4.1" extension="111-00-1234"/>', "111-00-1234"),
        ('<id nullFlavor="UNK"/><id root="1.2.3"/>', "1.2.3"),
        ('<id nullFlavor="UNK"/>', None),
    ],
)
def test_a_social_security_number_identifies_a_patient_for_want_of_better(ids: str, patient: str | None) -> None:
    assert read(document_with(section("x"), ids=ids)).fields.get("patientid") == patient


@pytest.mark.parametrize(
    ("narrative", "text"),
    [
        ("Dry\n      cough", "Dry cough"),
        ("Dry cough\nNo fever", "Dry cough\nNo fever"),
        ("<paragraph>One<br/>two</paragraph><paragraph>Three</paragraph>", "One\ntwo\nThree"),
        ("<paragraph><content styleCode='Bold'>H</content><sub>2</sub>O</paragraph>", "H2O"),
        ("<list><item>No fever</item><item>No chills</item></list>", "- No fever\n- No chills"),
        (
            "<list listType='ordered'><caption>Plan</caption><item>Rest</item><item>Fluids</item></list>",
            "Plan\n1. Rest\n2. Fluids",
        ),
        ("<list><item>A<list><item>B</item></list></item></list>", "- A\n- B"),
        (
            "<table><thead><tr><th>Drug</th><th>Dose</th></tr></thead>"
            "<tbody><tr><td>Metformin</td><td>500 mg</td></tr></tbody></table>",
            "Drug | Dose\nMetformin | 500 mg",
        ),
        (
            "<table><tbody><tr><td><list><item>A</item><item>B</item></list></td><td>x</td></tr></tbody></table>",
            "A; B | x",
        ),
        ("Text<footnote>a remark</footnote>.", "Text [a remark]."),
        ("<linkHtml href='#x'>Pneumonia</linkHtml>", "Pneumonia"),
        ("Seen<content styleCode='invisible'>secret</content>", "Seen"),
        ("Seen<content revised='delete'>struck</content><content revised='insert'> now</content>", "Seen now"),
        ("A &amp; B &lt; C <!-- remark -->D", "A & B < C D"),
    ],
)
def test_narrative_becomes_lines(narrative: str, text: str) -> None:
    assert text_of(narrative) == text


def test_coded_entries_are_no_text() -> None:
    entry = (
        '<entry><observation><text>JUNK<reference value="#a"/></text><code displayName="JUNK"/></observation></entry>'
    )
    document = read(document_with(section("Text.", rest=entry), f"<section><title>Results</title>{entry}</section>"))
    assert document.text == "HPI\nText.\n\nResults"
    assert document.doubts == (WITHOUT_NARRATIVE,)


def test_sections_within_sections_have_headings_of_their_own() -> None:
    inner = "<component><section><title>Chest <content>X-ray</content></title><text>Clear.</text></section></component>"
    document = read(document_with(f"<section><title>Results</title><text>See below.</text>{inner}</section>"))
    assert document.text == "Results\nSee below.\n\nChest X-ray\nClear."
    assert headings(document) == ["Results", "Chest X-ray"]


@pytest.mark.parametrize("title", ["", '<title nullFlavor="NI"/>', "<title> </title>"])
def test_a_section_without_title_has_the_name_of_its_code(title: str) -> None:
    code = '<code code="11348-0" displayName="Past medical history"/>'
    assert read(document_with(section("None.", title=code + title))).text == "Past medical history\nNone."


def test_pictures_are_said() -> None:
    document = read(
        document_with(section("<renderMultiMedia referencedObject='MM1'><caption>Fig</caption></renderMultiMedia>"))
    )
    assert document.text == "HPI\nFig"
    assert document.doubts == ("pictures are left out: 1",)


def with_body(text: str) -> bytes:
    body = f"<component><nonXMLBody>{text}</nonXMLBody></component>"
    ids = '<id extension="p7"/>'
    return f'<ClinicalDocument xmlns="urn:hl7-org:v3">{HEADER.format(ids=ids)}{body}</ClinicalDocument>'.encode()


@pytest.mark.parametrize(
    "body",
    [
        '<text mediaType="text/plain">Dry cough.\nNo fever.</text>',
        '<text mediaType="text/plain" representation="B64">{}</text>',
        '<text mediaType="text/html" representation="B64">{}</text>',
    ],
)
def test_a_body_that_is_no_xml_is_read(body: str) -> None:
    plain = "<p>Dry cough.</p><p>No fever.</p>" if "html" in body else "Dry cough.\nNo fever."
    document = read(with_body(body.format(base64.encodebytes(plain.encode()).decode())))
    assert document.text == "Dry cough.\nNo fever."
    assert document.fields["patientid"] == "p7"
    assert document.fields["title"] == "Visit"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<text mediaType="application/pdf"><reference value="UD.pdf"/></text>', "another file"),
        ('<text mediaType="application/pdf" representation="B64">!</text>', "base64"),
        ('<text mediaType="image/jpeg" representation="B64">/9j/4AAQ</text>', "image"),
        ('<text mediaType="text/plain" representation="B64" compression="DF">eJw=</text>', "compressed"),
        ("<text/>", "no text"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_the_reason(body: str, said: str) -> None:
    with pytest.raises(CannotRead, match=said):
        read(with_body(body))


def test_damage_cut_anywhere_gives_no_traceback_and_no_half_of_a_note() -> None:
    data = document_with(section("<table><tr><td>a</td></tr></table>"), section("b"), before="<!-- x -->")
    for end in range(len(data)):
        with pytest.raises(CannotRead):
            read(data[:end])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (document_with(section("&b;"), before='<!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]>'), "entities"),
        (document_with(section("&b;"), before='<!DOCTYPE x SYSTEM "file:///etc/passwd">'), "well-formed"),
        (
            document_with(
                section("&b;"), before='<!DOCTYPE x PUBLIC "a" "b" [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
            ),
            "ent",
        ),
        (document_with(section("<content>" * 10_000)), "nested"),
        (b"<section>" * 10_000, "nested"),
        (document_with(section("x")) * 2, "several"),
        (b"", "no element"),
        (b"<" * 1000, "no element"),
        (document_with(section("word " * 2_100_000)), "split it"),
        (document_with("<section><title>Results</title></section>").replace(b"Results", b" "), "no narrative"),
    ],
)
def test_hostile_documents_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(CannotRead, match=said):
        read(data)


@pytest.mark.parametrize(
    ("declared", "codec", "doubts"),
    [
        ("", "utf-8", 0),
        ("ISO-8859-1", "latin-1", 0),
        ("UTF-8", "cp1252", 1),
        ("UTF-16", "utf-16", 0),
        ("", "utf-16", 0),
    ],
)
def test_the_encoding_is_what_the_document_declares(declared: str, codec: str, doubts: int) -> None:
    before = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    document = read(document_with(section("Größe café"), before=before).decode().encode(codec))
    assert document.text == "HPI\nGröße café"
    assert len(document.doubts) == doubts


def real_documents() -> list[str]:
    try:
        return sorted(path.name for path in shared("real/ccda").iterdir())
    except pytest.skip.Exception:
        return []


@pytest.mark.parametrize("name", real_documents())
def test_real_documents_keep_every_word_of_their_narrative(name: str) -> None:
    """Of those with a declared namespace lxml's own tree is the oracle, and for fragments one that recovers."""
    data = shared(f"real/ccda/{name}").read_bytes()
    tree = etree.fromstring(data, etree.XMLParser(recover=True, remove_comments=True))
    texts = tree.xpath("//*[local-name()='section']/*[local-name()='text']")
    titles = tree.xpath("//*[local-name()='section']/*[local-name()='title']/text()")
    if not texts:  # a header alone, or a body that is no XML
        if b"nonXMLBody" not in data:
            with pytest.raises(CannotRead, match="no narrative"):
                read(data)
        return
    document = read(data)
    words = [word for text in texts for word in re.findall(r"\w+", " ".join(text.itertext()))]
    said = re.findall(r"\w+", document.text)
    assert {*words} <= {*said}
    assert {*said} <= {*words, *(word for title in titles for word in re.findall(r"\w+", title)), *map(str, range(30))}
    assert headings(document) == [" ".join(title.split()) for title in titles]
