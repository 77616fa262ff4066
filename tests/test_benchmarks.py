"""Every command that the documents publish for measuring runs: here on so little that its figures say nothing."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

from clinsearch.language.segmentation import segment
from tests.conftest import PROJECT

pytestmark = pytest.mark.slow

PUBLISHED = re.compile(r"python -m (benchmarks\.\w+)")
DOCUMENTS = ("README.md", "benchmarks/README.md", "docs/*.md", "training/README.md", "benchmarks/run", ".ci/run")
# What each is asked for here. `check`, whose figures say something, is a step of its own in .ci/run.
SMALL: dict[str, list[str]] = {
    "benchmarks.asserted": ["--set", "ward", "--show", "no rash"],
    "benchmarks.assertions": [],
    "benchmarks.cluster": [
        *("search", "indexing", "writers", "--size", "200", "--queries", "2"),
        *("--notes", "2", "--rounds", "1", "--writers", "2"),
    ],
    "benchmarks.correction": ["tiny"],
    "benchmarks.damage": ["--trials", "1", "--of-model", "1", "--model", "tiny"],
    "benchmarks.default_search": ["--sizes", "200", "--queries", "4"],
    "benchmarks.encoding": ["--sentences", "20", "--rounds", "1", "--square", "64"],
    "benchmarks.endurance": ["--points", "7", "--commands", "delete"],
    "benchmarks.faithfulness": ["--pairs", "1"],
    "benchmarks.first_answer": ["--notes", "2", "--rounds", "1"],
    "benchmarks.fuzz": ["--inputs", "500", "--targets", "header", "dates"],  # all: test_hostile_inputs
    "benchmarks.indexing": ["--notes", "1", "--rounds", "1"],
    "benchmarks.measurements": [],
    "benchmarks.memory": ["--notes", "1", "2"],
    "benchmarks.note_faithfulness": ["--pairs", "1"],
    "benchmarks.queries": [],
    "benchmarks.readers": ["--notes", "2", "--times", "2"],
    "benchmarks.reasons": ["--worlds", "1", "--others", "1", "--most", "1"],
    "benchmarks.search": ["--sizes", "200", "--quick"],
    "benchmarks.serve": ["--small"],
    "benchmarks.spelling": [],
    "benchmarks.terminology": [],
    "benchmarks.token_search": ["--notes", "2", "--queries", "20"],
    "benchmarks.word_reasons": ["--notes", "2"],
    "benchmarks.word_senses": [],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """A copy of the benchmarks with made-up texts beside it, in the places and forms of the real ones."""
    place = tmp_path_factory.mktemp("published")
    copied = shutil.copytree(PROJECT / "benchmarks", place / "project" / "benchmarks")
    shutil.copytree(PROJECT / "tests" / "gold", place / "project" / "tests" / "gold")
    shutil.copytree(PROJECT / "sample_notes", place / "project" / "sample_notes")
    shutil.copytree(tiny_model, place / "project" / "tiny")
    texts = [path.read_text(encoding="utf-8") for path in sorted((PROJECT / "sample_notes").glob("*.txt"))]
    found = (" ".join(text[s.start : s.end].split()) for text in texts for s in segment(text).sentences)
    sentences = list(dict.fromkeys(found))[:300]
    data, sets = place / "shared" / "data", place / "shared" / "eval"
    data.mkdir(parents=True)
    write_lines(data / "clinical_notes.jsonl.gz", [{"id": f"n{n}", "text": text} for n, text in enumerate(texts[:4])])
    write_lines(data / "mixed_notes.jsonl.gz", [{"id": f"n{n}", "text": text} for n, text in enumerate(texts)])
    lines = [{"id": f"s{n}", "source": "mtsamples", "text": text} for n, text in enumerate(sentences)]
    write_lines(data / "sentences.jsonl.gz", lines)
    write_set(sets / "tiny", sentences[:6], "fever and cough")
    for name in ("mtsamples_same_dev", "mtsamples_desc_dev"):
        write_set(sets / name, texts[:4], texts[1])
    write_senses(sets)
    return copied.parent


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_set(folder: Path, texts: list[str], query: str) -> None:
    folder.mkdir(parents=True)
    write_lines(folder / "corpus.jsonl", [{"id": f"d{n}", "text": text} for n, text in enumerate(texts)])
    write_lines(folder / "queries.jsonl", [{"id": "q0", "text": query}])
    (folder / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\nq0\td0\t1\n", encoding="utf-8")


def write_senses(sets: Path) -> None:
    """Write uses of a word, every other in one sense, and a pair of each kind."""
    uses = [use for n in range(6) for use in (f"MS was seen at the valve {n}.", f"Her MS relapsed {n} times.")]
    places = [{"text": text, "start": text.index("MS"), "end": text.index("MS") + 2} for text in uses]
    folder = sets / "abbr_sense_dev"
    folder.mkdir()
    write_lines(folder / "corpus.jsonl", [{"id": f"d{n}", **place} for n, place in enumerate(places)])
    (folder / "exclude.tsv").write_text("query_id\tdoc_id\n" + "".join(f"q{n}\td{n}\n" for n in range(len(uses))))
    judged = ((one, other, int((one - other) % 2 == 0)) for one, other in permutations(range(len(uses)), 2))
    rows = "".join(f"q{one}\td{other}\t{grade}\n" for one, other, grade in judged)
    (folder / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\n" + rows)
    (sets / "biowic_dev").mkdir()
    pairs = [
        {f"{name}{side}": places[at][name] for side, at in ((1, 0), (2, other)) for name in ("text", "start", "end")}
        | {"label": int(other == 2)}
        for other in (1, 2)
    ]
    write_lines(sets / "biowic_dev" / "pairs.jsonl", pairs)


def test_every_published_command_has_a_small_run() -> None:
    texts = [path.read_text(encoding="utf-8") for name in DOCUMENTS for path in sorted(PROJECT.glob(name))]
    published = {command for text in texts for command in PUBLISHED.findall(text)}
    parts = re.findall(r"^part (\w+)", (PROJECT / "benchmarks" / "run").read_text(), re.MULTILINE)
    assert published | {f"benchmarks.{part}" for part in parts} == SMALL.keys() | {"benchmarks.check"}


@pytest.mark.parametrize("command", SMALL)
def test_a_published_command_runs_on_a_small_input(project: Path, command: str) -> None:
    asked = [sys.executable, "-m", command, *SMALL[command]]
    paths = os.pathsep.join([str(project), str(PROJECT)])
    done = subprocess.run(asked, cwd=project, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths})
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Skipped" not in done.stdout + done.stderr
    assert len(done.stdout.splitlines()) > 1
