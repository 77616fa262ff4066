"""Keyword search by the index against an exhaustive scorer, with every limit of its work set very low."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import clinsearch
from clinsearch.cli.main import main
from clinsearch.collection import Collection
from clinsearch.language.assertions import find_assertions
from clinsearch.language.gists import gist_of
from clinsearch.language.terminology import Terminology
from clinsearch.readers.requests import make_filter
from clinsearch.records import Hit
from clinsearch.records.readings import parted
from clinsearch.retrieval import QueryReader, keyword_search
from clinsearch.retrieval.agreement import (
    MOST_APART,
    MOST_LOST,
    asked_of,
    by_other_names,
    disagreement,
    said_of,
    sureness,
)
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.question import Question
from clinsearch.storage.folder.keywords import KeywordIndex
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.values import Occurrence
from tests.conftest import WORDS

HEADINGS = ("HISTORY OF PRESENT ILLNESS", "FAMILY HISTORY", "PAST MEDICAL HISTORY", "PLAN")
# The first words are in nearly every sentence, the last in next to none.
WEIGHTS = [1 / (rank + 1) for rank in range(len(WORDS[:40]))]
QUERIES = [
    "patient",
    "patient pain edema",
    "no fever and chills",
    "history of weakness",
    '"weight change" pain',
    "wea* drain*",
    "mild wound drainage of the left lung",
    "patient patient has weight weight change change loss of appetite or weakness denies fever chills cough",
    "the of or",
    "family history of fatigue",
    "unheard-of",
]
# Of these words the notes have other names, some in next to none and some in nearly all.
NAMED = ["pyrexia", "swelling of the patient", "no rigors or tussis", "loss of appetite", "SOB at night"]
FILTERS: list[dict[str, Any]] = [
    {},
    {"patient_id": "P1"},
    {"patient_id": ["P1", "P2", "P3"], "section": ["plan", "family history"]},
    {"note_type": "consult"},
    {"encounter_id": ["E4", "E5"]},
    {"section": "past medical history"},
    {"since": "2024-03", "until": "2024-04"},
]


def written_note(dice: random.Random, number: int) -> dict[str, Any]:
    text = ""
    for heading in dice.sample(HEADINGS, 3):
        text += f"{heading}:\n\nReviewed {number} {heading.lower()} here.\n\n"
        for _ in range(dice.randint(1, 4)):
            words = dice.choices(WORDS[:40], WEIGHTS, k=dice.randint(1, 9))
            text += f"{' '.join(words).capitalize()}.\n\n"
    return {
        "note_id": f"n{number:03}",
        "text": text,
        "patient_id": f"P{number % 12}",
        "encounter_id": f"E{number % 30}",
        "note_type": dice.choice(["consult", "progress"]),
        "note_datetime": f"2024-{1 + number % 6:02}-10",
    }


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    dice = random.Random(3)
    folder = tmp_path_factory.mktemp("keyword-search")
    lines = [json.dumps(written_note(dice, number)) for number in range(120)]
    (folder / "notes.jsonl").write_text("\n".join(lines))
    clinsearch.index(folder / "notes.jsonl", folder / "c", model=str(tiny_model), tokens=False)
    return Collection(folder / "c")


@pytest.fixture(autouse=True)
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing is found by reading everything."""
    monkeypatch.setattr(keyword_search, "FEW", {"sentence": 3, "note": 1})
    monkeypatch.setattr(keyword_search, "ROWS", 5)
    monkeypatch.setattr(keyword_search, "ROWS_BESIDE_VECTORS", 5)
    monkeypatch.setattr(keyword_search, "FIRST_LOOK", 1)
    monkeypatch.setattr(Question, "candidates", property(lambda asked: asked.k + 1))


TERMINOLOGY = Terminology.carried()
spans_of = cache(find_assertions)


def exhaustive(
    notes: Collection, query: str, choice: str, where: dict[str, Any], *, by_note: bool, synonyms: bool = False
) -> list[float]:
    """Score everything that passes, of all its places the best, and of sentences nearly the same the best.

    Scores are parts of the most that a text could have.
    """
    read = QueryReader(TERMINOLOGY if synonyms else None).read(query)
    asked = Question(query, 1, mode="keyword", assertion=choice, expansions=read.expansions)  # type: ignore[arg-type]
    with Reader(notes.location).snapshot() as snapshot:
        catalog, passing = snapshot.catalog, snapshot.catalog.spelt(make_filter(**where))
        keywords = Keywords(KeywordIndex(catalog.connection, "note" if by_note else "sentence"), query, read.expansions)
        places = catalog.occurrences(catalog.sentence_keys(passing).tolist(), passing)
        texts = {key: catalog.note(f"n{key - 1:03}")[1].text for key in {place.note.note_key for place in places}}
    saying = asked_of(asked)

    def agreeing(place: Occurrence, score: float) -> float:
        if not asked.weighs_assertions:
            return score
        said = said_of(place.text, spans_of(parted(place.text, place.heading)), place.section, place.heading)
        apart = disagreement(saying, by_other_names(said, asked.names), keywords.weight_of_terms)[0]
        is_wanted = not asked.wants_one_assertion or apart < MOST_APART
        return score * (1 - MOST_LOST * sureness(saying, asked.text) * apart) if is_wanted else 0.0

    def scored(text: str) -> float:
        return float(keywords.scores([text]).sum()) / keywords.most

    best: dict[Any, float] = {}
    if by_note:
        for key, whole in texts.items():
            own = [place for place in places if place.note.note_key == key]
            text = "\n".join(place.text for place in own) if passing.section else whole
            shown = max(own, key=lambda place: scored(place.text)).text
            best[key] = max(agreeing(place, scored(text)) for place in own if place.text == shown)
    else:
        for place in places:
            gist = gist_of(place.text, spans_of(parted(place.text, place.heading))) or place.text
            best[gist] = max(best.get(gist, 0.0), agreeing(place, scored(place.text)))
    return sorted((score for score in best.values() if score > 0), reverse=True)


@pytest.mark.drawn(20)
@pytest.mark.parametrize("level", ["sentence", "note"])
@pytest.mark.parametrize("choice", ["any", "match", "affirmed", "negated"])
@pytest.mark.parametrize("query", QUERIES)
def test_the_best_of_what_passes_are_found_in_their_order(
    notes: Collection, query: str, choice: str, level: str
) -> None:
    first = QUERIES.index(query)
    for number, where in enumerate(FILTERS[(first + turn) % len(FILTERS)] for turn in (0, 2, 3)):
        expected = exhaustive(notes, query, choice, where, by_note=level == "note")
        for k in (1 + 2 * number, (1000, 10, 40)[number]):
            hits = notes.search(query, k, mode="keyword", level=level, assertion=choice, synonyms=False, **where)
            assert [hit.score for hit in hits] == pytest.approx(expected[:k], rel=1e-5), (where, k)


@pytest.mark.drawn(8)
@pytest.mark.parametrize("level", ["sentence", "note"])
@pytest.mark.parametrize("choice", ["any", "match"])
@pytest.mark.parametrize("query", NAMED)
def test_the_best_are_found_by_other_names_too(notes: Collection, query: str, choice: str, level: str) -> None:
    assert QueryReader(TERMINOLOGY).read(query).expansions
    for where in FILTERS[:2]:
        expected = exhaustive(notes, query, choice, where, by_note=level == "note", synonyms=True)
        for k in (5, 1000):
            hits = notes.search(query, k, mode="keyword", level=level, assertion=choice, exact=True, **where)
            assert [hit.score for hit in hits] == pytest.approx(expected[:k], rel=1e-5), (where, k)


def test_a_frequent_word_is_found_where_a_filter_leaves_only_it(notes: Collection) -> None:
    """The rare word of the query stands in notes of others."""
    for mode in ("keyword", "hybrid"):
        hits = notes.search("patient heart", 5, mode=mode, patient_id="P7")
        assert len(hits) == 5
        assert any("atient" in str(hit.sentence) for hit in hits)


def test_a_rare_word_does_not_leave_fewer_hits_than_there_are(notes: Collection) -> None:
    hits = notes.search("lying patient", 30, mode="keyword")
    assert len(hits) == 30


def hit_ids(hits: list[Hit]) -> list[tuple[str, int | None]]:
    return [(hit.note_id, hit.start) for hit in hits]


def test_the_limits_change_nothing(notes: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    found: Callable[[], list[Any]] = lambda: [  # noqa: E731
        hit_ids(notes.search(query, 7, mode="keyword", patient_id=["P1", "P2"])) for query in QUERIES
    ]
    low = found()
    monkeypatch.undo()
    assert low == found()


@pytest.fixture
def without_model(notes: Collection, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection whose model is nowhere to be found."""
    copy = notes.location.parent / "no-model"
    if not copy.exists():
        import shutil
        import sqlite3

        shutil.copytree(notes.location, copy)
        (copy / "catalog.seal").unlink(missing_ok=True)
        with sqlite3.connect(copy / "catalog.db") as connection:
            connection.execute("UPDATE collection SET model = ?, fingerprint = 'gone'", ("/nowhere/at-all",))
        connection.close()
    return copy


@pytest.mark.parametrize("extra", [(), ("--why",), ("--format", "json"), ("--level", "note"), ("--every-place",)])
def test_a_search_by_words_needs_no_model(without_model: Path, extra: tuple[str, ...]) -> None:
    arguments = ["search", "mild edema", "--mode", "keyword", "--collection", str(without_model), *extra]
    found = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert found.exit_code == 0, found.stderr
    assert "dema" in found.stdout
    by_meaning = CliRunner().invoke(main, ["search", "mild edema", "--collection", str(without_model)])
    assert by_meaning.exit_code == 1


def test_a_search_by_vectors_reads_no_text_of_candidates(notes: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(Keywords, "scores", lambda self, texts: read.extend(texts))
    for level in ("sentence", "note"):
        assert notes.search("mild edema", 5, mode="vector", level=level, assertion="match")
    assert read == []
