"""What is tried with hostile inputs: each target makes an input, and reads it as the program does."""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.inputs import MOTES, hostile, hostile_bytes
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.evaluation.sets import read_set
from clinsearch.explanation.text_pairs import explain_texts
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.language.assertions import find_assertions, said_at
from clinsearch.language.segmentation import segment
from clinsearch.language.spelling import Speller
from clinsearch.language.terminology import Terminology
from clinsearch.readers import NoteFiles, Unreadable, parse_datetime
from clinsearch.readers.cohorts import read_cohort
from clinsearch.readers.headers import read_header
from clinsearch.readers.requests import make_filter, read_mark
from clinsearch.records import Filter, Note
from clinsearch.records.digests import note_digest
from clinsearch.retrieval.question import ask
from clinsearch.retrieval.reading import QueryReader
from tests.conftest import PROJECT
from tests.support import fhir, hl7, pdfs, zipped

QUOTED = re.compile(r'"[^"\n]*"')
QUERIES = (
    "no history of diabetes", '"chest pain" and fever', "A1c > 9", "EF < 40 %", "pt w/ SOB or DOE, denies CP", "lasix*",
    "purulent [discharge] from the wound", "what is the blood pressure?", "[a] [b]", "chf or mi not stroke", "feever",
)  # fmt: skip
HEADERS = (
    "---\npatient_id: P1\nnote_type: consult\nnote_datetime: 2024-03-31T18:00\n---\nText.\n",
    "Patient ID: 7\nDate: 03/31/2024\nTitle: Letter\n\nHISTORY:\nNo fever.\n",
)
COHORT = PROJECT / "docs" / "cohort.md"

Read = Callable[[random.Random], object]


@dataclass(frozen=True)
class Target:
    """share: of a thousand inputs, how many. read: makes an input and reads it; returns whether it was refused."""

    name: str
    share: int
    read: Read


def targets(folder: Path, make_encoder: Callable[[], Encoder], chosen: tuple[str, ...] = ("",)) -> list[Target]:
    """Return the targets whose names begin so; folder: where files may be written."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((PROJECT / "sample_notes").glob("*.txt"))]
    texts += [*HEADERS, *QUERIES]
    reader = QueryReader(Terminology.carried(), Speller(lambda term: len(term) % 3, Terminology.carried()))
    of_text: list[tuple[str, int, Callable[[str], object]]] = [
        ("header blocks", 190, read_header),
        ("segmentation", 110, _segmented),
        ("assertions", 100, _asserted),
        ("whole notes", 36, _read_whole),
        ("marks", 150, read_mark),
        ("dates", 93, parse_datetime),
    ]
    found = [Target(name, share, partial(_of_text, read, texts)) for name, share, read in of_text]
    found.append(Target("queries", 42, partial(_of_text, partial(_asked, reader), [*QUERIES, *QUERIES, texts[0]])))
    found.append(Target("filters", 130, _filtered))
    cohorts = [part.split("```")[0] for part in COHORT.read_text(encoding="utf-8").split("```toml\n")[1:]]
    found.append(Target("cohorts", 30, partial(_cohort, folder / "cohort.toml", cohorts)))
    found.append(Target("evaluation sets", 30, partial(_judged, folder / "set")))
    if "explanation".startswith(chosen):  # what makes an encoder takes seconds
        found.append(Target("explanation", 3, partial(_explained, make_encoder(), texts)))
    for suffix, share, seeds in files(texts):
        found.append(Target(f"files {suffix}", share, partial(_file, folder / f"note{suffix}", seeds)))
    return [target for target in found if target.name.startswith(chosen)]


def files(texts: list[str]) -> Iterator[tuple[str, int, list[bytes]]]:
    """Give good files of each format, by suffix, with the share of inputs."""
    some = [text[:1500] for text in texts[:5]]
    rows = [
        {"note_id": f"n{n}", "patient_id": "P", "note_type": "consult", "text": text} for n, text in enumerate(some)
    ]
    table = "note_id,patient_id,text\n" + "".join(
        f'{r["note_id"]},P,"{r["text"].replace(chr(34), "")}"\n' for r in rows
    )
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    html = (
        "<html><head><title>T</title></head><body><h1>PLAN</h1><p>No fever.<table><tr><td>a<td>b</table></body></html>"
    )
    xml = f"<?xml version='1.0'?><notes><note id='1'><text>{'No fever. ' * 9}</text></note></notes>"
    cda = (
        "<?xml version='1.0'?><ClinicalDocument xmlns='urn:hl7-org:v3'><id root='1'/><component><structuredBody>"
        "<component><section><title>Plan</title><text><paragraph>No fever.</paragraph></text></section></component>"
        "</structuredBody></component></ClinicalDocument>"
    )
    rtf = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 A;}}\f0 HX:\par No \b fever\b0 \'e9 \u233? {\*\x y}\trowd a\cell}"
    body = "<w:p><w:r><w:t>HISTORY: no fever.</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    open_text = "<text:h text:outline-level='1'>Plan</text:h><text:p>No fever.<text:s text:c='3'/></text:p>"
    yield ".txt", 12, [text.encode() for text in some]
    yield ".csv", 8, [table.encode(), table.replace(",", "\t").encode()]
    yield ".json", 6, [json.dumps(rows).encode(), json.dumps(fhir.bundle(fhir.REPORT, fhir.reference())).encode()]
    yield ".jsonl", 8, [lines.encode(), (json.dumps(fhir.reference()) + "\n").encode()]
    yield ".html", 8, [html.encode()]
    yield ".xml", 8, [xml.encode(), cda.encode()]
    yield ".rtf", 10, [rtf.encode()]
    yield ".hl7", 8, [hl7.message(hl7.ORDER, "OBX|1|TX|||No fever.||||||F")]
    yield ".docx", 5, [zipped.docx(body), _stored(zipped.docx(body))]
    yield ".odt", 4, [zipped.odt(open_text)]
    yield ".zip", 3, [_zip({"a.txt": "No fever.", "b.csv": table})]
    yield ".txt.gz", 3, [gzip.compress(some[0].encode())]
    yield ".parquet", 2, [_parquet(rows)]
    yield ".pdf", 1, [pdfs.pdf(pdfs.content(pdfs.column(["HISTORY:", "No fever."])))]


def _zip(parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return stream.getvalue()


def _stored(data: bytes) -> bytes:
    """Return the same parts stored plainly, so that changed bytes reach what reads them, past the decompressor."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(stream, "w") as plain:
        for name in file.namelist():
            plain.writestr(name, file.read(name))
    return stream.getvalue()


def _parquet(rows: list[dict[str, str]]) -> bytes:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        return b"PAR1" + bytes(40) + b"PAR1"
    stream = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), stream)
    return stream.getvalue()


def _of_text(read: Callable[[str], object], seeds: list[str], rng: random.Random) -> bool:
    read(hostile(rng, seeds))
    return False


def _segmented(text: str) -> None:
    found = segment(text)
    done = 0
    for sentence in found.sentences:
        assert done <= sentence.start < sentence.end <= len(text), "sentences overlap, or are not in the text"
        done = sentence.end
    assert [section.start for section in found.sections[1:]] == [section.end for section in found.sections[:-1]]


def _asserted(text: str) -> None:
    spans = find_assertions(text[:4000])
    for span in spans:
        assert 0 <= span.start <= span.end <= len(text), "what is asserted is not in the text"
    said_at(spans, 0, min(5, len(text)), None)


def _read_whole(text: str) -> None:
    note = Note("n", text.encode("utf-8", "replace").decode())
    read = read_note(note, note_digest(note))
    read_sentences(read.sentences)


def _asked(reader: QueryReader, text: str) -> None:
    if not text.strip():
        raise InputError("")
    asked = ask(text, reader, "hybrid", None, Filter())
    terms_of(asked.text)


def _filtered(rng: random.Random) -> bool:
    def value() -> Any:
        text = hostile(rng, [*QUERIES, "2024-03-31", "03/31/2024", "2024-03", "consult", "plan", "P1"])[:400]
        return rng.choice(
            (text, [text], [text, "a"], b"\xff", 10**30, None, 1.5, ["", b"a"]) if rng.random() < 0.3 else (text,)
        )

    fields = (
        "patient_id",
        "encounter_id",
        "note_type",
        "section",
        "since",
        "until",
        "where",
        "exclude_type",
        "nothing",
    )
    make_filter(**{field: value() for field in rng.sample(fields, rng.choice((1, 1, 2)))})
    return False


def _cohort(path: Path, cohorts: list[str], rng: random.Random) -> bool:
    good = rng.choice(cohorts)
    if rng.random() < 0.5:  # one value of many, so that the rest is still read
        values = QUOTED.findall(good)
        made = good.replace(rng.choice(values), json.dumps(hostile(rng, QUERIES)[:300]), 1)
    else:
        made = hostile(rng, [good])
    path.write_text(made, encoding="utf-8", errors="surrogatepass")
    read_cohort(path)
    return False


def _judged(folder: Path, rng: random.Random) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    good = {
        "corpus.jsonl": b'{"_id": "d0", "text": "No fever."}\n{"_id": "d1", "title": "T", "text": "Cough."}\n',
        "queries.jsonl": b'{"_id": "q0", "text": "fever"}\n',
        "qrels.tsv": b"query-id\tcorpus-id\tscore\nq0\td0\t1\n",
        "meta.json": b'{"relevant_from": 1}',
        "exclude.tsv": b"query_id\tdoc_id\nq0\td1\n",
    }
    hit = rng.choice(sorted(good))
    for name, content in good.items():
        (folder / name).write_bytes(hostile_bytes(rng, [content]) if name == hit else content)
    read_set(folder)
    return False


def _explained(encoder: Encoder, texts: list[str], rng: random.Random) -> bool:
    explain_texts(encoder, hostile(rng, texts)[:600], rng.choice((hostile(rng, texts)[:200], rng.choice(MOTES))))
    return False


def _file(path: Path, seeds: list[bytes], rng: random.Random) -> bool:
    deeper = _INSIDES.get(path.suffix)
    if deeper and rng.random() < 0.6:
        path.write_bytes(deeper(rng, rng.choice(seeds)))
    else:
        path.write_bytes(hostile_bytes(rng, seeds))
    outcomes = list(NoteFiles([path]))
    return any(isinstance(one, Unreadable) for one in outcomes)


def _hostile_part(rng: random.Random, data: bytes) -> bytes:
    """Change one part of a zip file, so that it gets past the checksums."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    hit = rng.choice(sorted(parts))
    return zipped.zipped({name: hostile_bytes(rng, [part]) if name == hit else part for name, part in parts.items()})


def _hostile_value(rng: random.Random, data: bytes) -> bytes:
    """Change a value or a name, or put another kind of value there, so that it is still JSON."""
    lines = data.decode().splitlines()
    line = rng.randrange(len(lines))
    lines[line] = json.dumps(_other(rng, json.loads(lines[line])))
    return "\n".join(lines).encode()


def _other(rng: random.Random, value: Any) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        put = name if rng.random() < 0.9 else hostile(rng, [name])
        return {**{key: one for key, one in value.items() if key != name}, put: _other(rng, value[name])}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        return [*value[:at], _other(rng, value[at]), *value[at + 1 :]]
    return rng.choice((hostile(rng, [str(value)])[:3000], None, True, 10**40, -1.5, [], {}, [value] * 3, {"a": value}))


_INSIDES = {
    ".docx": _hostile_part,
    ".odt": _hostile_part,
    ".zip": _hostile_part,
    ".json": _hostile_value,
    ".jsonl": _hostile_value,
}
