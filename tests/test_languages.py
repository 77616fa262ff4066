"""Texts in other languages than English are told, and the rules of English are not applied to them."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch import Collection, index
from clinsearch.cli import main
from clinsearch.language import LANGUAGE_VERSION, read_note, read_sentences
from clinsearch.language.frequent_words import ambiguous, english, others
from clinsearch.language.identification import language_of
from clinsearch.language.segmentation import segment, sentence_texts
from clinsearch.language.terms import terms_of
from clinsearch.records import Note
from clinsearch.records.readings import SentenceText, is_english
from clinsearch.rendering.wording import language_name
from tests.conftest import PROJECT
from tests.support.collections import path_in_memory

tmp_path = path_in_memory

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
PARAGRAPHS = [json.loads(line) for line in (PROJECT / "tests/gold/languages/paragraphs.jsonl").read_text().splitlines()]

SPANISH = (
    "Paciente de 67 años que acude por dolor torácico de 3 horas de evolución. No refiere disnea ni fiebre. "
    "No edema. No Hgb 9.2 g/dL. Se decide ingreso para estudio y tratamiento."
)
ENGLISH = (
    "HPI: He has had chest pain for three hours and denies any dyspnea. No edema. No Hgb 9.2 g/dL. "
    "PLAN: Admit for workup."
)
BILINGUAL = f"{ENGLISH}\nINSTRUCCIONES: No tome alcohol con este medicamento. Llame si tiene fiebre o dolor de pecho."


def told(text: str) -> str | None:
    return language_of(text, terms_of(text))


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda one: f"{one['language']}-{one['text'][:12]}")
def test_a_paragraph_of_another_language_is_told(paragraph: dict[str, str]) -> None:
    assert told(paragraph["text"]) == paragraph["language"]
    assert told(paragraph["text"].upper()) not in (None, "en")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Pt c/o CP, SOB x 3 d. PMH: HTN, DM2. Meds: ASA 81 mg PO QD, Lasix 40 mg PO BID. A/P: ACS r/o. Trop x3.",
        "ASPIRIN 81 MG PO DAILY\nMETFORMIN 500 MG PO BID\nLASIX 40 MG IV\nLISINOPRIL 5 MG IM OS OD",
        "Musculus quadriceps femoris, os coxae, arteria carotis communis, vena cava inferior, per os, post mortem",
        "S. aureus, E. coli, C. difficile, de novo, en bloc, la belle indifference, petit mal, cafe au lait",
        "Dr. de la Cruz, Dr. van der Berg, El Paso, Los Angeles, San Diego, La Jolla, Des Moines, Le Mars",
        "Ménière's, Sjögren's, Guillain-Barré, Behçet's, Raynaud's, café-au-lait, José Núñez García",
        "patient’s temp 98°F, doesn’t, can’t, won’t".encode().decode("latin-1"),  # noqa: RUF001
        "\u03b1-fetoprotein 5 \u03bcg, \u03b2-hCG < 1, \u0394 0.2, \u03b3-GT 45, \u03bb free light chains",
        "K 4.1 Na 138 Cl 101 CO2 24 BUN 12 Cr 0.9 Glu 101 Ca 9.1 Mg 2.0",
    ],
)
def test_telegraphic_english_is_no_other_language(text: str) -> None:
    assert told(text) in (None, "en")


def test_no_english_note_is_taken_for_another_language() -> None:
    path = SHARED / "clinical_notes.jsonl.gz"
    if not path.exists():
        pytest.skip("the real notes are not at hand")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    assert [number for number, text in enumerate(texts) if told(text) not in (None, "en")] == []


@pytest.mark.slow
def test_no_sentence_of_english_notes_is_taken_for_another_language() -> None:
    path = SHARED / "clinical_notes.jsonl.gz"
    if not path.exists():
        pytest.skip("the real notes are not at hand")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    sentences = {sentence for text in texts for sentence in sentence_texts(text, segment(text))}
    others = [one for one in sentences if told(one) not in (None, "en") or told(one.upper()) not in (None, "en")]
    assert len(others) <= len(sentences) / 1000


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("\u0645\u0631\u064a\u0636 \u0628\u0633\u0628\u0628 \u0623\u0644\u0645 \u0391\u0392", "ar"),
        ("\u0430\u0431\u0432\u0433 \u0434\u0435\u0436\u0437 \u0391\u0392", "ru"),
        ("\u0f40\u0f41\u0f42\u0f44\u0f45\u0f46\u0f47\u0f49\u0f4f", "und"),
    ],
)
def test_the_script_with_the_most_letters_counts(text: str, language: str) -> None:
    assert told(text) == language


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert told(text) is None or 2 <= len(str(told(text))) <= 3


def test_no_word_of_english_speaks_for_another_language() -> None:
    assert not english() & others().keys()
    assert ambiguous() & others().keys()
    listed = {language for languages in others().values() for language in languages}
    assert all("another" not in language_name(code) for code in listed)
    assert language_name("und") == "another language than English"


@pytest.mark.parametrize(
    ("of_sentence", "of_note", "is_read"),
    [(None, None, True), ("en", "es", True), ("es", None, False), (None, "es", False), ("es", "en", False)],
)
def test_a_sentence_is_read_by_its_own_language_or_that_of_its_note(
    of_sentence: str | None, of_note: str | None, is_read: bool
) -> None:
    assert is_english(of_sentence, of_note) is is_read


def test_what_is_clear_of_a_sentence_goes_before_what_its_note_is() -> None:
    assert read_note(Note("a", SPANISH), b"").language == "es"
    assert read_note(Note("a", ENGLISH), b"").language is None
    assert read_note(Note("a", BILINGUAL), b"").language is None
    texts = ["No tome alcohol con este medicamento.", "No edema.", "He has no edema of the legs."]
    read = {one.text: one for one in read_sentences(map(SentenceText.of, texts)).values()}
    assert [read[text].language for text in texts] == ["es", None, "en"]
    assert [bool(read[text].assertions) for text in texts] == [False, True, True]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in {"en": ENGLISH, "es": SPANISH, "both": BILINGUAL}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path, notes: Path, tiny_model: Path) -> Path:
    index([notes], tmp_path / "c", model=str(tiny_model))
    return tmp_path / "c"


def places(folder: Path, query: str, **how: str) -> set[tuple[str, str]]:
    asked = Collection(folder)
    hits = asked.search(query, 20, mode="keyword", **how)  # type: ignore[arg-type]
    every = (place for hit in hits for place in asked.places(hit, query=query, mode="keyword", **how))  # type: ignore[arg-type]
    return {(place.note_id, place.sentence or "") for place in every}


def test_a_filter_by_assertion_finds_no_sentence_of_another_language(folder: Path) -> None:
    shared = {("en", "No edema."), ("both", "No edema."), ("es", "No edema.")}
    assert places(folder, "edema", assertion="any") == shared
    assert places(folder, "edema", assertion="negated") == shared - {("es", "No edema.")}
    assert places(folder, "edema", assertion="affirmed") == set()
    for assertion in ("affirmed", "negated"):
        assert places(folder, "alcohol", assertion=assertion) == set()
        assert places(folder, "disnea", assertion=assertion) == set()
    assert {note for note, _ in places(folder, "alcohol")} == {"both"}


def test_notes_in_other_languages_are_found_and_not_judged(folder: Path) -> None:
    (hit,) = Collection(folder).search("no disnea", mode="keyword")
    assert hit.parts is not None
    assert (hit.note_id, hit.parts.assertion) == ("es", 0.0)
    (found,) = Collection(folder).search("edema", level="note", mode="keyword", assertion="negated", note_type=[])[:1]
    assert found.note_id in ("en", "both")


def test_nothing_is_said_to_be_asserted_in_another_language(folder: Path) -> None:
    asked = Collection(folder)
    assert asked.explain_query("disnea", "es").assertions == ()
    assert {(one.note_id, one.assertion) for one in asked.values("hemoglobin")} == {
        ("en", "negated"),
        ("both", "negated"),
        ("es", None),
    }
    assert not any(one.left.assertions for one in asked.explain("es", "en", pairs=1).reasons)


def test_status_and_show_name_the_language(folder: Path) -> None:
    assert Collection(folder).status().languages == {"es": 1}
    assert [Collection(folder).note(name).language for name in ("en", "es", "both")] == [None, "es", None]
    run = CliRunner()
    assert "1 in Spanish" in run.invoke(main, ["status", "--collection", str(folder)]).stdout
    assert "Spanish" in run.invoke(main, ["show", "es", "--collection", str(folder)]).stdout
    assert "language" not in run.invoke(main, ["show", "en", "--collection", str(folder)]).stdout
    record = json.loads(run.invoke(main, ["show", "es", "--collection", str(folder), "--format", "json"]).stdout)
    assert record["language"] == "es"
    status = json.loads(run.invoke(main, ["status", "--collection", str(folder), "--format", "json"]).stdout)
    assert status["languages"] == [{"language": "es", "notes": 1}]


def stored(folder: Path) -> list[list[tuple[object, ...]]]:
    queries = (
        "SELECT note_id, language FROM languages JOIN notes ON key = note ORDER BY 1",
        "SELECT text, language FROM sentences ORDER BY 1",
        "SELECT text, assertion FROM assertions JOIN sentences ON key = sentence ORDER BY 1, position",
    )
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        return [catalog.execute(query).fetchall() for query in queries]


def test_read_anew_languages_are_told_again(folder: Path, notes: Path) -> None:
    before = stored(folder)
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE collection SET language = ?", (f"not {LANGUAGE_VERSION}",))
        catalog.execute("UPDATE sentences SET language = 'fr'")
        catalog.execute("UPDATE languages SET language = 'fr'")
    index([notes], folder)
    assert stored(folder) == before


def test_a_note_that_changes_or_goes_takes_its_language_along(folder: Path, notes: Path) -> None:
    (notes / "es.txt").write_text(ENGLISH.replace("three", "two"))
    index([notes], folder)
    assert Collection(folder).status().languages == {}
    (notes / "es.txt").write_text(SPANISH)
    index([notes], folder)
    (notes / "es.txt").unlink()
    index([notes], folder, delete_missing=True)
    assert Collection(folder).status().languages == {}
