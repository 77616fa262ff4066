"""Search for words in context against a brute force over all words, and what is said where it cannot be done."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import HitNotFound, InputError, NoteNotFound
from clinsearch.records import MarkedText, QueryExplanation
from clinsearch.storage.folder.spaces.codecs import four_bits
from tests.support.all_words import MARKED, AllWords
from tests.support.made_up_notes import ALL, COMBINATIONS, combined, everything, written_note
from tests.support.word_files import is_coded

pytestmark = pytest.mark.usefixtures("one_thread")

QUERY = "patient denies [fever] and cough at night"
# Of several wordpieces each, but for the vocab's own.
POOL = [
    "No fevers, chills or xq7.",
    "The wounded patient was discharged home.",
    "Fever and coughing at night; denies chest pain.",
    "FEVER was mild.",
    "Denies fever/chills.",
    "12.5 mg at night - stable.",
    "…",
]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_encoder: Encoder):
    """60 made-up notes: the folder of their collection, indexed in three runs, and the brute force over them."""
    dice = random.Random(12)
    written = [written_note(dice, number, POOL) for number in range(60)]
    folder = tmp_path_factory.mktemp("made-up")
    for part in range(3):
        lines = [json.dumps(record) for record, _ in written[part * 20 : part * 20 + 20]]
        (folder / f"{part}.jsonl").write_text("\n".join(lines))
        clinsearch.index(folder / f"{part}.jsonl", folder / "collection", model=str(tiny_model))
    return folder, AllWords(tiny_encoder, [place for _, own in written for place in own])


@pytest.fixture(scope="module")
def notes(made_up) -> Collection:
    return Collection(made_up[0] / "collection")


@pytest.fixture(scope="module")
def brute(made_up) -> AllWords:
    return made_up[1]


@pytest.fixture
def small(tmp_path: Path, tiny_model: Path) -> Callable[..., Collection]:
    """Return a function that makes a collection of a few notes, one run after another."""

    def make(*texts: str, **options: Any) -> Collection:
        (tmp_path / "notes").mkdir(exist_ok=True)
        for number, text in enumerate(texts):
            path = tmp_path / "notes" / f"{number:02}.txt"
            path.write_text(text, encoding="utf-8")
            clinsearch.index(path, tmp_path / "small", model=str(tiny_model), **options)
        return Collection(tmp_path / "small")

    return make


# Rankings.


@pytest.mark.drawn(10)
@pytest.mark.parametrize("k", [1, 2, 5, 30, ALL])
@pytest.mark.parametrize("same", [None, True, False])
@pytest.mark.parametrize("pieces", [False, True])
def test_every_ranking_is_that_of_all_words(
    notes: Collection, brute: AllWords, k: int, same: bool | None, pieces: bool
) -> None:
    hits = notes.search_tokens(QUERY, k, same=same, pieces=pieces)
    brute.assert_found(hits, k, same=same, pieces=pieces)


def test_with_any_filters_the_ranking_is_that_of_what_passes(notes: Collection, brute: AllWords) -> None:
    for turn, choices in enumerate(random.Random(1).sample(COMBINATIONS, 30)):
        where, passes = combined(choices)
        k, same, pieces = (3, 12, 1, ALL)[turn % 4], (None, True, False)[turn % 3], turn % 5 == 0
        hits = notes.search_tokens(QUERY, k, same=same, pieces=pieces, **where)
        brute.assert_found(hits, k, passes, same=same, pieces=pieces)


@pytest.mark.parametrize(
    "where", [{"patient_id": "nobody"}, {"section": "none such"}, {"since": "2031-01-01"}], ids=str
)
@pytest.mark.parametrize("same", [None, True])
def test_a_filter_that_nothing_passes_gives_nothing(notes: Collection, where: dict[str, str], same: bool) -> None:
    assert notes.search_tokens(QUERY, same=same, **where) == []


def test_a_word_that_is_nowhere_has_none_the_same(notes: Collection) -> None:
    assert notes.search_tokens("[zzz] at night", same=True) == []
    assert notes.search_tokens("[fever and cough] at night", same=True) == []


def test_several_words_are_searched_for_together(notes: Collection, brute: AllWords) -> None:
    marked = MarkedText("denies chest pain at night", 7, 17)
    brute.assert_found(notes.search_tokens("denies [chest pain] at night", 20), 20, marked=marked)
    brute.assert_found(notes.search_tokens(marked, 20), 20, marked=marked)


def test_a_word_alone_needs_no_mark(notes: Collection, brute: AllWords) -> None:
    brute.assert_found(notes.search_tokens(" fever ", 20), 20, marked=MarkedText("fever", 0, 5))
    assert notes.search_tokens("[fever]", 20) == notes.search_tokens("fever", 20)


def test_neither_punctuation_nor_special_tokens_are_found(notes: Collection) -> None:
    for pieces in (False, True):
        hits = notes.search_tokens("wait [...] for it", ALL, pieces=pieces)
        assert all(any(map(str.isalnum, hit.word)) for hit in hits)
        assert all(token.word is not None for hit in hits for token in hit.tokens)
        assert len(hits) > 100


def test_a_hits_tokens_are_its_wordpieces(notes: Collection) -> None:
    (hit,) = notes.search_tokens("the [wounded] patient", 1, same=True)
    assert [token.token for token in hit.tokens] == ["wound", "##ed"]
    assert [hit.marked.text[token.start : token.end] for token in hit.tokens] == ["wound", "ed"]
    pieces = notes.search_tokens("the [wounded] patient", ALL, pieces=True)
    assert {len(hit.tokens) for hit in pieces} == {1}
    assert {"##ed", "##s", "##q", "##7"} <= {hit.tokens[0].token for hit in pieces}


def test_a_word_of_several_pieces_is_the_same_wherever_it_stands(small) -> None:
    notes = small("Wounded at night.", "Was wounded.", "Wound, not wounds.")
    assert {hit.note_id for hit in notes.search_tokens("the [wounded] patient", ALL, same=True)} == {"00", "01"}


def test_words_that_score_the_same_stand_in_the_order_of_their_sentences(small) -> None:
    notes = small("Fever.", "FEVER.", "fever.", "Cough.")
    for query in ("fever", "No [fever]."):
        hits = notes.search_tokens(query, 3)
        assert [hit.note_id for hit in hits] == ["00", "01", "02"]
        assert hits[0].score == pytest.approx(hits[2].score, abs=1e-6)


def test_codes_find_nearly_what_exact_vectors_find_and_give_exact_scores(
    tmp_path: Path, tiny_model: Path, made_up, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, brute = made_up
    monkeypatch.setattr(four_bits, "CELLS", 8)
    monkeypatch.setattr(four_bits, "LEAST_ROWS", 400)
    clinsearch.index([folder / f"{part}.jsonl" for part in range(3)], tmp_path / "coded", model=str(tiny_model))
    assert is_coded(tmp_path / "coded")
    coded, exact = Collection(tmp_path / "coded"), Collection(folder / "collection")
    brute.assert_found(coded.search_tokens(QUERY, ALL), ALL)
    shared = []
    for hit in exact.search_tokens(QUERY, 500)[::50]:
        marked = hit.marked
        scores = brute.scores(marked, everything, None, False)
        hits = coded.search_tokens(marked, 10)
        for found in hits:
            spot = (found.marked.text, found.marked.start, found.marked.end)
            assert found.score == pytest.approx(scores[spot], abs=1e-5)
        assert [found.score for found in hits] == sorted((found.score for found in hits), reverse=True)
        tenth = sorted(scores.values())[-10]
        shared.append(sum(found.score >= tenth - 1e-5 for found in hits) / 10)
    assert len(shared) == 10
    assert np.mean(shared) > 0.8  # a code that few words of a random model have taught


# A word of a note.


def test_a_word_of_a_note_is_marked_in_its_sentence_and_is_not_found_itself(notes: Collection, brute: AllWords) -> None:
    place = next(place for place in brute.places if place.sentence == POOL[2])
    marked = notes.token("FEVER", place.note_id)
    assert (marked.text[marked.start : marked.end].lower(), marked.note_id) == ("fever", place.note_id)
    for pieces in (False, True):
        brute.assert_found(notes.search_tokens(marked, ALL, pieces=pieces), ALL, marked=marked, pieces=pieces)
    as_text = replace(marked, note_id=None)
    assert notes.search_tokens(as_text, 1)[0].score == pytest.approx(1, abs=1e-5)
    assert notes.search_tokens(as_text, 1)[0].marked == as_text


def test_no_wordpiece_of_the_marked_word_is_found(small) -> None:
    notes = small("Mild xqz at night.", "The xqz was mild.")
    hits = notes.search_tokens(notes.token("xqz", "00"), ALL, pieces=True)
    assert {(hit.word, hit.note_id) for hit in hits if hit.word in "xqz"} == {(piece, "01") for piece in "xqz"}


def test_the_place_says_which_of_several_words_is_meant(small) -> None:
    text = "HISTORY:\nNo fever at night, but\n  fever at home.\n\nPLAN:\nFever chart.\n"
    notes = small(text)
    starts = [found.start() for found in re.finditer("(?i)fever", text)]
    assert notes.token("fever", "00").text == "HISTORY: No fever at night, but fever at home."
    assert notes.token("fever", "00").start == 12
    for start in starts:
        marks = [notes.token("fever", "00", at=at) for at in (start, start + 4)]
        assert marks[0] == marks[1]
        assert marks[0].text[marks[0].start : marks[0].end].lower() == "fever"
    assert [notes.token("fever", "00", at=start).start for start in starts] == [12, 32, 6]


@pytest.mark.parametrize(
    ("word", "at"),
    [("cough", None), ("fever", 0), ("fever", 8), ("fever", 17), ("fever", 10_000), ("fev", 12), ("No fever", None)],
)
def test_a_word_that_is_not_there_is_one_line_that_says_how_to_see_the_words(small, word: str, at: int | None) -> None:
    notes = small("HISTORY:\nNo fever, mild.\n")
    assert notes.token("fever", "00", at=12).start == 12
    with pytest.raises(InputError, match="clinsearch tokens --note") as caught:
        notes.token(word, "00", at=at)
    message = str(caught.value)
    assert "fever" not in message
    assert "\n" not in message
    assert at is None or f"character {at}" in message


def test_a_word_of_no_note_is_an_error(notes: Collection) -> None:
    with pytest.raises(NoteNotFound):
        notes.token("fever", "none such")


# Where words stand.


@pytest.mark.parametrize(
    "text",
    [
        "The wound was\n   stable\tat night,\n\n\nand clear.",
        "PLAN: the wound\nwas\u00a0stable  at\r\nnight.",
        "שלום the wound was 😀\nstable at night.",
        "  Naïve e\u0301dema of the wound\n  was stable.\n",
    ],
)
def test_places_lead_to_the_word_wherever_lines_were_wrapped(small, text: str) -> None:
    notes = small(text)
    stored = notes.note("00").note.text
    hits = notes.search_tokens("wound", ALL)
    assert {"wound", "stable"} <= {hit.word for hit in hits}
    for hit in hits:
        assert stored[hit.start : hit.end] == hit.word
        marked = notes.token(hit.word, "00", at=hit.start)
        assert marked == replace(hit.marked, note_id="00")


# Explained.


@pytest.mark.parametrize("pieces", [False, True])
def test_a_hit_is_explained_with_its_score_and_shares_that_sum_to_it(notes: Collection, pieces: bool) -> None:
    for marked in (QUERY, MARKED, notes.search_tokens("the [wounded] patient", 1)[0].marked):
        for hit in notes.search_tokens(marked, 40, pieces=pieces)[::8]:
            explained = notes.explain_hit(marked, hit)
            assert isinstance(explained, QueryExplanation)
            assert explained.text.score == pytest.approx(hit.score, abs=1e-5)
            for shares in (explained.text.contributions, explained.text.word_contributions):
                assert shares.sum(dtype=np.float64) == pytest.approx(hit.score, abs=1e-4)
            assert explained.marks is not None
            assert explained.text.right == hit.marked.text
            assert explained.note_id == hit.note_id
            assert explained.marks[1].start == hit.marked.start


def test_a_hit_in_wrapped_lines_is_explained(small) -> None:
    notes = small("The wound was\n   stable at\nnight.", "Denies fever.")
    for hit in notes.search_tokens("was [stable] at home", ALL):
        assert notes.explain_hit("was [stable] at home", hit).text.score == pytest.approx(hit.score, abs=1e-5)


def test_a_hit_whose_note_has_changed_since_is_not_explained_by_another_word(small) -> None:
    (hit,) = small("The wound was stable.").search_tokens("wound", 1, same=True)
    notes = small("The chest was clear.")
    with pytest.raises(HitNotFound, match="Search again"):
        notes.explain_hit("wound", hit)


# What cannot be asked.


@pytest.mark.parametrize(
    "query", ["secret fever at night", "[secret] and [fever]", "[] secret", "secret [ ]", "secret ] [", "  "]
)
def test_a_query_without_one_mark_is_one_line_that_shows_how(notes: Collection, query: str) -> None:
    with pytest.raises(InputError) as caught:
        notes.search_tokens(query)
    message = str(caught.value)
    assert "\n" not in message
    assert "secret" not in message
    assert not query.strip() or "[discharge]" in message


@pytest.mark.parametrize("k", [0, -1])
@pytest.mark.parametrize("query", [QUERY, MARKED], ids=["text", "marked"])
def test_no_results_cannot_be_asked_for(notes: Collection, query: str | MarkedText, k: int) -> None:
    with pytest.raises(InputError, match="1 or more"):
        notes.search_tokens(query, k)


def test_a_mark_beside_every_word_is_one_line(notes: Collection) -> None:
    with pytest.raises(InputError, match="characters 50 to 60") as caught:
        notes.search_tokens(MarkedText(MARKED.text, 50, 60))
    message = str(caught.value)
    assert "fever" not in message


def test_a_collection_without_words_names_the_remedy(small) -> None:
    notes = small("Denies fever.", tokens=False)
    for ask in (
        lambda: notes.search_tokens("fever"),
        lambda: notes.occurrences(7),
        notes.coverage,
    ):
        with pytest.raises(InputError, match="clinsearch index --tokens"):
            ask()
    assert notes.token("fever", "00").start == 7
