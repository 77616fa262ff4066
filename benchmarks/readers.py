"""How fast each format is read beside the encoder, and whether memory grows with the notes.

    python -m benchmarks.readers [--notes 2000] [--times 8] [--formats jsonl fhir] [--json FILE]

The sample notes, numbered and repeated, are written in each format by the plainest writer that makes it: records in one
file, documents in files of their own. Each is read in a process of its own, and once more with `--times` as many notes:
characters of notes a second, as a ratio to the encoder's on the same notes, the highest memory, and how much more that
is with more notes. No reader should be slower than a tenth of the encoder.
"""

from __future__ import annotations

import argparse
import base64
import csv
import html
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine, write_results
from clinsearch.readers import NoteFiles, NoteSource, Unreadable

SAMPLE_NOTES = Path(__file__).resolve().parents[1] / "sample_notes"
DATABASE, QUERY = "notes.db", "SELECT note_id, patient_id, text FROM notes"
LINE_CHARACTERS, PAGE_LINES = 90, 60
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "urn:oasis:names:tc:opendocument:xmlns"

Writer = Callable[[Path, Iterator[str]], None]


def texts(count: int) -> Iterator[str]:
    """Yield so many different notes."""
    samples = [path.read_text(encoding="utf-8") for path in sorted(SAMPLE_NOTES.glob("*.txt"))]
    for number in range(count):
        yield f"{samples[number % len(samples)]}\nNumber {number}."


def documents(suffix: str, write: Callable[[Path, str], None]) -> Writer:
    """Return what writes each note to a file of its own."""

    def written(folder: Path, notes: Iterator[str]) -> None:
        for number, text in enumerate(notes):
            write(folder / f"{number}{suffix}", text)

    return written


def records(name: str, form: Callable[[int, str], str], head: str = "") -> Writer:
    """Return what writes all notes to one file, a record each."""

    def written(folder: Path, notes: Iterator[str]) -> None:
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            file.write(head)
            file.writelines(form(number, text) for number, text in enumerate(notes))

    return written


def csv_row(number: int, text: str) -> str:
    row = io.StringIO()
    csv.writer(row).writerow([number, number % 100, text])
    return row.getvalue()


def json_line(number: int, text: str) -> str:
    return json.dumps({"note_id": str(number), "patient_id": str(number % 100), "text": text}) + "\n"


def fhir_line(number: int, text: str) -> str:
    data = base64.b64encode(text.encode()).decode()
    attachment = {"contentType": "text/plain; charset=utf-8", "data": data}
    subject = {"reference": f"Patient/{number % 100}"}
    resource_ = {"resourceType": "DocumentReference", "id": str(number), "status": "current", "subject": subject}
    return json.dumps({**resource_, "content": [{"attachment": attachment}]}) + "\n"


def hl7_message(number: int, text: str) -> str:
    escaped = text.replace("\\", "\\E\\").replace("|", "\\F\\").replace("^", "\\S\\")
    escaped = escaped.replace("&", "\\T\\").replace("~", "\\R\\")
    lines = [f"OBX|{at}|TX|||{line}" for at, line in enumerate(escaped.split("\n"), start=1)]
    head = [f"MSH|^~\\&|A|B|||20240302||MDM^T02|{number}|P|2.5.1", f"PID|1||{number % 100}"]
    return "\r".join([*head, f"TXA|1|CN|TX|20240302||||||||D{number}", *lines]) + "\r"


def write_cda(path: Path, text: str) -> None:
    lines = "".join(f"<paragraph>{html.escape(line)}</paragraph>" for line in text.split("\n"))
    section = f"<section><title>Note</title><text>{lines}</text></section>"
    body = f"<component><structuredBody><component>{section}</component></structuredBody></component>"
    path.write_text(f'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Note</title>{body}</ClinicalDocument>')


def write_html(path: Path, text: str) -> None:
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n"))
    path.write_text(f"<!DOCTYPE html><html><head><meta charset=utf-8></head><body>{lines}</body></html>")


def write_rtf(path: Path, text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}")
    characters = (sign if ord(sign) < 128 else f"\\u{ord(sign)}?" for sign in escaped)
    path.write_text("{\\rtf1\\ansi " + "".join(characters).replace("\n", "\\par\n") + "}", encoding="ascii")


def write_zip(path: Path, parts: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)


def write_docx(path: Path, text: str) -> None:
    lines = "".join(f"<w:p><w:r><w:t>{html.escape(line)}</w:t></w:r></w:p>" for line in text.split("\n"))
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    part = f'<Override PartName="/word/document.xml" ContentType="{main}"/>'
    write_zip(
        path,
        {
            "[Content_Types].xml": f'<Types xmlns="{types}">{part}</Types>',
            "word/document.xml": f"<w:document {WORD}><w:body>{lines}</w:body></w:document>",
        },
    )


def write_odt(path: Path, text: str) -> None:
    lines = "".join(f"<text:p>{html.escape(line)}</text:p>" for line in text.split("\n"))
    names = f'xmlns:office="{OFFICE}:office:1.0" xmlns:text="{OFFICE}:text:1.0"'
    body = f"<office:body><office:text>{lines}</office:text></office:body>"
    content = f"<office:document-content {names}>{body}</office:document-content>"
    write_zip(path, {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def write_pdf(path: Path, text: str) -> None:
    """Write pages of Helvetica; signs that it lacks are left out."""
    plain = text.encode("latin-1", "ignore").decode("latin-1")
    lines = [line[at : at + LINE_CHARACTERS] for line in plain.split("\n") for at in range(0, len(line) or 1, 90)]
    pages = [lines[at : at + PAGE_LINES] for at in range(0, len(lines), PAGE_LINES)]
    numbers = [4 + 2 * number for number in range(len(pages))]
    objects = ["<</Type/Catalog/Pages 2 0 R>>"]
    objects.append(f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{n} 0 R' for n in numbers)}]>>")
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    for number, page in zip(numbers, pages, strict=True):
        shown = "".join(f"({_in_pdf(line)}) Tj T*\n" for line in page)
        stream = f"BT /F 9 Tf 40 800 Td 12 TL\n{shown}ET"
        box = "/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R{box}/Contents {number + 1} 0 R>>")
        objects.append(f"<</Length {len(stream.encode('latin-1'))}>>stream\n{stream}\nendstream")
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF"
    path.write_bytes(made + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode())


def _in_pdf(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").replace("\r", "")


def write_parquet(folder: Path, notes: Iterator[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("note_id", pa.string()), ("patient_id", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(folder / "notes.parquet", schema) as file:
        number = 0
        while rows := [(str(number + at), str((number + at) % 100), t) for at, t in enumerate(islice(notes, 1000))]:
            file.write_table(pa.table([list(column) for column in zip(*rows, strict=True)], schema=schema))
            number += len(rows)


def write_database(folder: Path, notes: Iterator[str]) -> None:
    connection = sqlite3.connect(folder / DATABASE)
    with connection:
        connection.execute("CREATE TABLE notes (note_id TEXT, patient_id TEXT, text TEXT)")
        rows = ((str(number), str(number % 100), text) for number, text in enumerate(notes))
        connection.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows)
    connection.close()


def archived(name: str, form: str) -> Writer:
    def written(folder: Path, notes: Iterator[str]) -> None:
        inside = folder / "inside"
        inside.mkdir()
        documents(".txt", write_text)(inside, notes)
        if form == "zip":
            shutil.make_archive(str(folder / name), "zip", inside)
        else:
            with tarfile.open(folder / f"{name}.tar.gz", "w:gz") as file:
                file.add(inside, arcname=".")
        shutil.rmtree(inside)

    return written


def write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


WRITERS: dict[str, Writer] = {
    "text": documents(".txt", write_text),
    "csv": records("notes.csv", csv_row, "note_id,patient_id,text\r\n"),
    "jsonl": records("notes.jsonl", json_line),
    "parquet": write_parquet,
    "sql": write_database,
    "fhir": records("DocumentReference.ndjson", fhir_line),
    "hl7": records("notes.hl7", hl7_message),
    "cda": documents(".xml", write_cda),
    "html": documents(".html", write_html),
    "rtf": documents(".rtf", write_rtf),
    "docx": documents(".docx", write_docx),
    "odt": documents(".odt", write_odt),
    "pdf": documents(".pdf", write_pdf),
    "zip": archived("notes", "zip"),
    "tar.gz": archived("notes", "tar"),
}
# Each starts a process of its own for every file: with fewer notes the figure is the same.
SLOW = {"pdf": 10}


def source_of(folder: Path) -> NoteSource:
    if not (folder / DATABASE).exists():
        return NoteFiles([folder])
    from clinsearch.readers.sql import QueryNotes

    return QueryNotes(f"sqlite:///{folder / DATABASE}", QUERY)


def measure(folder: Path) -> dict[str, float]:
    """Read all notes once: how many, their characters, the seconds, and the most memory, in MB."""
    started, notes, characters = time.perf_counter(), 0, 0
    for one in source_of(folder):
        if isinstance(one, Unreadable):
            sys.exit(f"{one.path.name}: {one.reason}")
        notes, characters = notes + 1, characters + len(one.text)
    seconds = time.perf_counter() - started
    return {"notes": notes, "characters": characters, "seconds": seconds, "memory MB": most_memory()}


def most_memory() -> float:
    """Return the most memory this process has held, in MB; getrusage would count what started it, too."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def run(form: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        WRITERS[form](Path(folder), texts(count))
        command = [sys.executable, "-m", "benchmarks.readers", "--read", folder]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ).stdout
    found: dict[str, float] = json.loads(printed.splitlines()[-1])
    if found["notes"] != count:
        sys.exit(f"{form}: {found['notes']:.0f} notes of {count} were read.")
    return found


def encoder_rate(count: int) -> float:
    """Return how many characters of notes are encoded in a second."""
    from clinsearch.encoder.encoder import load_encoder
    from clinsearch.language.segmentation import segment, sentence_texts

    encoder, notes = load_encoder(), list(texts(min(count, 60)))
    sentences = [sentence for text in notes for sentence in sentence_texts(text, segment(text))]
    encoder.encode(sentences[:64], bulk=True)
    started = time.perf_counter()
    encoder.encode(sentences, bulk=True)
    return sum(map(len, notes)) / (time.perf_counter() - started)


def print_table(measured: Sequence[dict[str, Any]]) -> None:
    print("| format | notes | characters a second | beside the encoder | memory, MB | with more notes |")
    print("|---|---|---|---|---|---|")
    for one in measured:
        first, more = one["first"], one["more"]
        print(
            f"| {one['format']} | {first['notes']:,.0f} | {one['rate']:,.0f} | {one['ratio']:.1f} | "
            f"{first['memory MB']:.0f} | {more['memory MB']:.0f} with {more['notes']:,.0f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--notes", type=int, default=2000)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--formats", nargs="*", choices=WRITERS, default=list(WRITERS))
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        print(json.dumps(measure(asked.read)))
        return
    measured: list[dict[str, Any]] = []
    for form in asked.formats:
        count = max(1, asked.notes // SLOW.get(form, 1))
        first, more = run(form, count), run(form, count * asked.times)
        measured.append({"format": form, "rate": more["characters"] / more["seconds"], "first": first, "more": more})
    encoded = encoder_rate(asked.notes)
    measured = [one | {"ratio": one["rate"] / encoded} for one in measured]
    print(f"The encoder: {encoded:,.0f} characters a second.\n")
    print_table(measured)
    if asked.json:
        write_results(asked.json, {"machine": describe_machine("openvino", "lxml"), "measured": measured})


if __name__ == "__main__":
    main()
