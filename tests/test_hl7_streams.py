"""HL7 v2 messages as they come: frames, batches, character sets, and what damage does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.outcomes import CannotRead
from tests.conftest import shared
from tests.support.hl7 import HEADER, ORDER, everything, message, only, text_of


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
