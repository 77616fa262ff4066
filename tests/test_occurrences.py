"""Where tokens stand in a collection, and how well its vocab fits, against counts over the notes' own texts."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from tests.conftest import small_vocab, write_model
from tests.support.command_line import json_on, run_on

NOTES = {
    "a": "HISTORY:\nNo fevers; fevers\n   denied ☤ again.\nPLAN:\nPatient is stable.\n",
    "b": "PLAN:\nPatient is stable.\n\nWounded, wounds ☤☤ and ½ xqxq.\n",
    "c": "Patient is stable. Patient is stable.\n",
    "d": "Fever.\n",
}
ALL = 10_000
TOKENS = dict(enumerate(small_vocab()))
# A line that repeats a token gives it its id.
VOCAB = {token: id for id, token in TOKENS.items()}


@dataclass(frozen=True)
class Spot:
    """A token where it stands: its id, its place in the note, and the tokens of its word."""

    note_id: str
    token_id: int
    start: int
    end: int
    word: tuple[int, ...]
    is_first: bool


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("occurrences") / "model", small_vocab())


@pytest.fixture(scope="module")
def folder(model: Path) -> Path:
    (model.parent / "notes").mkdir()
    for note_id, text in NOTES.items():
        (model.parent / "notes" / f"{note_id}.txt").write_text(text, encoding="utf-8")
    clinsearch.index(model.parent / "notes", model.parent / "c", model=str(model))
    return model.parent / "c"


@pytest.fixture(scope="module")
def spots(folder: Path, model: Path) -> list[Spot]:
    """Every token of every sentence, by plain transformers: a sentence here is tokenized as it stands in its note."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    found = []
    for note_id in NOTES:
        view = Collection(folder).note(note_id)
        for place in view.sentences:
            text = view.note.text[place.start : place.end]
            encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
            words: dict[int, list[int]] = {}
            for id, word in zip(encoding["input_ids"], encoding.word_ids(), strict=True):
                words.setdefault(word, []).append(id)
            before = None
            for id, word, (start, end) in zip(
                encoding["input_ids"], encoding.word_ids(), encoding["offset_mapping"], strict=True
            ):
                spot = (note_id, id, place.start + start, place.start + end, tuple(words[word]), word != before)
                found.append(Spot(*spot))
                before = word
    return found


def refused(result: Result, code: int = 1) -> str:
    assert (result.exit_code, result.stdout) == (code, "")
    assert code == 2 or result.stderr.count("\n") == 1
    return result.stderr


def spelt(ids: tuple[int, ...]) -> str:
    tokens = [TOKENS[id] for id in ids]
    return "".join(token.removeprefix("##") for token in tokens)


# Occurrences.


def test_every_entry_of_the_vocab_stands_where_the_notes_have_it(folder: Path, spots: list[Spot]) -> None:
    notes = Collection(folder)
    for token, token_id in VOCAB.items():
        expected = sorted(
            (spot for spot in spots if spot.token_id == token_id),
            key=lambda spot: (list(NOTES).index(spot.note_id), spot.start),
        )
        found = notes.occurrences(token_id, limit=ALL)
        assert (found.entry.id, found.entry.token) == (token_id, token)
        assert found.occurrences == len(found.places) == len(expected)
        assert found.notes == len({spot.note_id for spot in expected})
        assert [(place.note_id, place.start, place.end) for place in found.places] == [
            (spot.note_id, spot.start, spot.end) for spot in expected
        ]
        for place in found.places:
            text = notes.note(place.note_id).note.text
            marked = place.marked
            assert text[place.start : place.end] == marked.text[marked.start : marked.end]
    assert len(spots) > 40


def test_occurrences_name_the_words_that_hold_a_token(folder: Path, spots: list[Spot]) -> None:
    for token in ("fever", "##s", "wound", "x", "##q", "stable", "."):
        token_id = VOCAB[token]
        # A word that holds it twice is one word.
        expected = Counter(spelt(spot.word) for spot in spots if spot.is_first and token_id in spot.word)
        words = Collection(folder).occurrences(token_id).words
        assert dict(words) == expected
        assert [count for _, count in words] == sorted(expected.values(), reverse=True)


def test_a_sentence_that_stands_in_many_places_counts_as_often(folder: Path) -> None:
    found = Collection(folder).occurrences(VOCAB["stable"])
    assert (found.occurrences, found.sentences, found.notes) == (4, 2, 3)  # one of them begins with a heading
    assert [place.section for place in found.places] == ["plan", "plan", None, None]


def test_special_tokens_stand_nowhere(folder: Path) -> None:
    for token in ("[PAD]", "[CLS]", "[SEP]", "[MASK]"):
        found = Collection(folder).occurrences(VOCAB[token])
        assert (found.occurrences, found.sentences, found.notes, found.words, found.places) == (0, 0, 0, (), ())


def test_pages_are_parts_of_the_whole(folder: Path) -> None:
    token_id = VOCAB["patient"]
    notes = Collection(folder)
    whole = notes.occurrences(token_id, limit=ALL)
    assert whole.occurrences == 4
    for limit in (1, 3, 4, 9):
        pages = [notes.occurrences(token_id, limit=limit, offset=offset) for offset in range(0, 6, limit)]
        assert tuple(place for page in pages for place in page.places) == whole.places
        assert {page.occurrences for page in pages} == {4}
        assert [page.offset for page in pages] == list(range(0, 6, limit))


@pytest.mark.parametrize("token_id", [-1, 10_000])
def test_an_id_beyond_the_vocab_is_one_line(folder: Path, token_id: int) -> None:
    with pytest.raises(InputError) as caught:
        Collection(folder).occurrences(token_id)
    message = str(caught.value)
    assert "\n" not in message
    assert str(token_id) in message.replace(",", "")


def test_the_forms_of_occurrences_say_the_same(folder: Path) -> None:
    asked = ("vocab", "--token", "patient", "--occurrences")
    record = json_on(folder, *asked)
    found = Collection(folder).occurrences(VOCAB["patient"])
    assert (record["token"], record["id"], record["occurrences"]) == ("patient", found.entry.id, 4)
    assert (record["sentences"], record["notes"], record["words"]) == (2, 3, [{"word": "patient", "count": 4}])
    assert [(row["note_id"], row["start"], row["sentence"]) for row in record["places"]] == [
        (place.note_id, place.start, place.marked.text) for place in found.places
    ]
    rows = list(csv.DictReader(io.StringIO(run_on(folder, *asked, "--format", "csv").stdout)))
    assert [(row["note_id"], int(row["token_start"])) for row in rows] == [
        (row["note_id"], row["token_start"]) for row in record["places"]
    ]
    assert json_on(folder, "vocab", "--id", record["id"], "--occurrences") == record
    table = run_on(folder, *asked).stdout
    assert f"patient ({record['id']}): 4 places in 3 notes" in table
    assert table.count("[Patient] is stable.") == 4
    page = run_on(folder, *asked, "--limit", 1, "--offset", 1).stdout
    assert "2-2 of 4; the next with --offset 2" in page
    assert re.findall(r"^(\w) \d+-\d+", page, re.MULTILINE) == ["b"]


def test_a_token_that_stands_nowhere_is_said_to(folder: Path) -> None:
    assert "0 places in 0 notes" in run_on(folder, "vocab", "--token", "pillows", "--occurrences").stdout
    assert json_on(folder, "vocab", "--token", "pillows", "--occurrences")["places"] == []


def test_tokens_that_are_none_are_one_line(folder: Path) -> None:
    refused(run_on(folder, "vocab", "--token", "nonesuch", "--occurrences"))
    refused(run_on(folder, "vocab", "--id", 99_999, "--occurrences"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--occurrences"],
        ["--prefix", "fe", "--occurrences"],
        ["--token", "fever", "--occurrences", "--neighbors"],
        ["--token", "fever", "--coverage"],
        ["--coverage", "--occurrences"],
    ],
    ids=str,
)
def test_wrong_usage_exits_with_2(folder: Path, arguments: list[str]) -> None:
    refused(run_on(folder, "vocab", *arguments), 2)


# Coverage.


def test_coverage_is_a_count_over_the_notes(folder: Path, spots: list[Spot]) -> None:
    found = Collection(folder).coverage(top=ALL)
    unknown = VOCAB["[UNK]"]
    words = [spot.word for spot in spots if spot.is_first]
    assert (found.words, found.tokens) == (len(words), len(spots))
    assert found.tokens_per_word == pytest.approx(len(spots) / len(words))
    assert found.vocab_size == len(VOCAB)
    assert found.used == len({spot.token_id for spot in spots} - {unknown})
    assert found.unknown == sum(spot.token_id == unknown for spot in spots) > 2
    split = Counter(word for word in words if len(word) > 1 and any(map(str.isalpha, spelt(word))))
    assert {(tuple(word.tokens), word.count) for word in found.most_split} == {
        (tuple(TOKENS[id] for id in word), count) for word, count in split.items()
    }
    lengths = [len(word.tokens) for word in found.most_split]
    assert lengths == sorted(lengths, reverse=True)


def test_words_that_the_vocab_cannot_spell_are_named_as_the_notes_spell_them(folder: Path) -> None:
    unknown = {word.word: word.count for word in Collection(folder).coverage().unknown_words}
    assert unknown == {"☤": 1, "☤☤": 1, "½": 1}


def test_coverage_counts_each_place_of_a_sentence(folder: Path, tmp_path: Path, model: Path) -> None:
    before = Collection(folder).coverage()
    (tmp_path / "more.txt").write_text("Patient is stable. Fever.", encoding="utf-8")
    clinsearch.index([folder.parent / "notes", tmp_path / "more.txt"], tmp_path / "c", model=str(model))
    after = Collection(tmp_path / "c").coverage()
    assert (after.words - before.words, after.tokens - before.tokens) == (6, 6)
    assert after.used == before.used


def test_top_says_how_many_words_are_named(folder: Path) -> None:
    whole = Collection(folder).coverage(top=ALL)
    some = Collection(folder).coverage(top=2)
    assert (some.most_split, some.unknown_words) == (whole.most_split[:2], whole.unknown_words[:2])


def test_the_forms_of_coverage_say_the_same(folder: Path) -> None:
    found = Collection(folder).coverage()
    record = json_on(folder, "vocab", "--coverage")
    for name in ("words", "tokens", "unknown", "used", "vocab_size", "tokens_per_word", "share_used"):
        assert record[name] == getattr(found, name)
    assert [word["word"] for word in record["most_split"]] == [word.word for word in found.most_split]
    table = run_on(folder, "vocab", "--coverage").stdout
    assert f"{found.words} in {found.tokens} tokens: {found.tokens_per_word:.2f} each" in table
    assert "☤" in table


def test_coverage_of_an_empty_collection_is_nothing(tmp_path: Path, model: Path) -> None:
    (tmp_path / "a.txt").write_text("Fever.", encoding="utf-8")
    clinsearch.index(tmp_path / "a.txt", tmp_path / "c", model=str(model))
    Collection(tmp_path / "c").delete(["a"])
    found = Collection(tmp_path / "c").coverage()
    assert (found.words, found.tokens, found.used, found.tokens_per_word) == (0, 0, 0, 0.0)
    assert Collection(tmp_path / "c").search_tokens("[fever]") == []
    assert Collection(tmp_path / "c").occurrences(7).places == ()
