"""Why two notes are alike: what of the score any two have in common, reasons, and that all of it adds up."""

from __future__ import annotations

import json
import random
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.language.assertions import find_assertions
from clinsearch.records import Hit, NoteExplanation
from clinsearch.storage.folder.snapshots import Reader
from tests.conftest import PROJECT, small_vocab, write_model
from tests.support import indexed
from tests.support.likeness import Likeness
from tests.support.made_up_notes import ALL, ROUNDING, gist, random_sentence, written_note

small = indexed.small

NOTES = 40
# What stands in so many notes is template.
MANY = 10
# Sentences of one note so near to each other say the same.
SAME = 0.8


class MadeUp:
    """Notes of which some sentences stand in many, their explanations, and all their vectors in double precision."""

    def __init__(self, folder: Path, model: Path) -> None:
        dice = random.Random(17)
        pool = [random_sentence(dice) for _ in range(6)] + ["Patient denies chest pain.", "No chest pain."]
        written = [written_note(dice, number, pool)[0] for number in range(NOTES)]
        written.append({**written[3], "note_id": "copy"})
        # Two notes with little but what many have.
        for note_id, own in (("usual", "Cough at home."), ("as usual", "Left lung is clear.")):
            written.append({"note_id": note_id, "text": "\n\n".join([*pool, own])})
        (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, written)))
        clinsearch.index(folder / "notes.jsonl", folder / "collection", model=str(model))
        self.notes = Collection(folder / "collection")
        self.ids = [str(record["note_id"]) for record in written]
        self.sentences = {key: [place.sentence for place in self.notes.note(key).sentences] for key in self.ids}
        with Reader(self.notes.location).snapshot() as snapshot:
            keys = snapshot.catalog.all_keys("sentence")
            texts = snapshot.catalog.sentence_texts(keys.tolist())
            rows = snapshot.vectors_of("sentence", keys).astype(np.float64)
            self.vectors = {texts[key]: row for key, row in zip(keys.tolist(), rows, strict=True)}
            note_keys = np.array([snapshot.catalog.note(key)[0] for key in self.ids])
            rows = snapshot.vectors_of("opening", note_keys).astype(np.float64)
            self.openings = dict(zip(self.ids, rows, strict=True))
        of_notes = {str(record["note_id"]): str(record["text"]) for record in written}
        self.likeness = Likeness(of_notes, self.sentences, self.openings, self.vectors)
        dice = random.Random(2)
        asked = [("note-003", "copy"), ("note-005", "note-005"), ("usual", "as usual"), ("note-005", "usual")]
        asked += [(one, other) for one, other in (dice.sample(self.ids, 2) for _ in range(10))]
        self.explained = [self.notes.explain(one, other, pairs=15) for one, other in asked]

    def hit(self, one: NoteExplanation) -> Hit:
        return next(hit for hit in self.notes.similar(one.left_note_id, ALL) if hit.note_id == one.right_note_id)

    def notes_with(self, sentence: str) -> int:
        """Count the notes with a sentence in nearly the same words."""
        return sum(any(gist(sentence) == gist(other) for other in own) for own in self.sentences.values())


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    # Only by vectors that are corrected do sentences of such a model differ.
    model = write_model(tmp_path_factory.mktemp("models") / "plain", small_vocab(), for_similarity=False)
    return MadeUp(tmp_path_factory.mktemp("made-up"), model)


def test_the_score_is_that_of_the_hit_and_so_are_its_parts(made_up: MadeUp) -> None:
    for explained in made_up.explained:
        parts = explained.parts
        assert parts is not None
        assert explained.score == pytest.approx(parts.total, abs=1e-9)
        if explained.left_note_id == explained.right_note_id:
            continue
        hit = made_up.hit(explained)
        assert hit.parts is not None
        assert explained.score == pytest.approx(hit.score, abs=ROUNDING)
        assert parts.openings == pytest.approx(hit.parts.cosine / 2.1, abs=ROUNDING)
        assert parts.openings + parts.sentences == pytest.approx(hit.parts.vector, abs=ROUNDING)
        assert parts.words == pytest.approx(hit.parts.keyword, abs=ROUNDING)


def test_background_shares_and_what_is_unplaced_add_up_to_the_score(made_up: MadeUp) -> None:
    for explained in made_up.explained:
        total = explained.in_common + explained.contributions.sum(dtype=np.float64) + explained.unplaced
        assert total == pytest.approx(explained.score, abs=1e-6)
        assert abs(explained.residual) < 1e-6
        assert 0 <= explained.in_common <= explained.score <= 1 + 1e-6


def test_all_that_a_note_has_is_a_reason_why_it_is_like_itself_or_its_copy(made_up: MadeUp) -> None:
    for explained in made_up.explained[:2]:
        assert explained.score == pytest.approx(1, abs=1e-3)
        assert explained.sentences == len(made_up.vectors)
        first = explained.reasons[0].pairs[0]
        assert explained.left[first[0]].sentence == explained.right[first[1]].sentence


def test_in_common_is_what_is_near_to_the_mean_and_words_that_many_notes_have(made_up: MadeUp) -> None:
    mean = np.mean(list(made_up.openings.values()), axis=0)
    of_sentences = np.mean(list(made_up.vectors.values()), axis=0)
    for explained in made_up.explained:
        one, other, background = explained.left_note_id, explained.right_note_id, explained.background
        assert background is not None
        assert explained.parts is not None
        openings = (made_up.openings[one] + made_up.openings[other]) @ mean / 2
        most = explained.parts.openings * 2.1
        assert background.openings == pytest.approx(min(max(openings, 0), most) / 2.1, abs=ROUNDING)
        words = made_up.likeness.common_words(one, other, part=0.1)
        assert background.words == pytest.approx(words / 2.1, abs=ROUNDING)
        near = [made_up.vectors[text] @ of_sentences for text in {*made_up.sentences[one], *made_up.sentences[other]}]
        assert min(near) * 0.1 / 2.1 <= background.sentences + ROUNDING
        assert background.sentences <= max(near) * 0.1 / 2.1 + ROUNDING


def test_a_reason_has_the_shares_of_its_pairs_and_no_pair_of_another(made_up: MadeUp) -> None:
    for explained in made_up.explained:
        assert 0 < len(explained.reasons) <= 10
        pairs = [pair for reason in explained.reasons for pair in reason.pairs]
        assert len(set(pairs)) == len(pairs)
        for reason in explained.reasons:
            share = sum(float(explained.contributions[pair]) for pair in reason.pairs)
            assert reason.share == pytest.approx(share, abs=1e-6)
            assert reason.share >= 0


def test_pairs_of_one_reason_say_the_same(made_up: MadeUp) -> None:
    for explained in made_up.explained:
        left, right = (
            [made_up.vectors[place.sentence] for place in side] for side in (explained.left, explained.right)
        )
        for reason in explained.reasons:
            (i, j), *others = reason.pairs
            assert all(left[i] @ left[a] > SAME - ROUNDING for a, _ in others)
            assert all(right[j] @ right[b] > SAME - ROUNDING for _, b in others)


def test_how_many_sentences_are_nearer_is_what_a_brute_force_counts(made_up: MadeUp) -> None:
    counted = []
    for explained in made_up.explained:
        for reason in explained.reasons:
            i, j = reason.pairs[0]
            own = explained.left[i].sentence, explained.right[j].sentence
            others = np.array([vector for text, vector in made_up.vectors.items() if text not in own])
            for text, side in zip(own, (reason.left, reason.right), strict=True):
                nearer = others @ made_up.vectors[text] - explained.cosines[i, j]
                least, most = (min(int((nearer > by).sum()), 100) for by in (ROUNDING, -ROUNDING))
                assert least <= side.nearer <= most
                counted.append(side.nearer)
    assert min(counted) == 0
    assert max(counted) > 20


def test_what_stands_in_many_notes_is_template_and_behind_all_else(made_up: MadeUp) -> None:
    templates = 0
    for explained in made_up.explained:
        is_template = [reason.is_template for reason in explained.reasons]
        assert is_template == sorted(is_template)
        templates += sum(is_template)
        for reason in explained.reasons:
            i, j = reason.pairs[0]
            notes = [made_up.notes_with(side.sentence) for side in (explained.left[i], explained.right[j])]
            assert [reason.left.other_notes + 1, reason.right.other_notes + 1] == notes
            assert reason.is_template == (max(notes) >= MANY)
    assert templates > 5


def test_the_pairs_shown_are_those_of_the_reasons_and_then_those_with_the_largest_shares(made_up: MadeUp) -> None:
    for explained in made_up.explained:
        leading = [reason.pairs[0] for reason in explained.reasons]
        shown = [(pair.left, pair.right) for pair in explained.pairs]
        assert shown[: len(leading)] == leading
        shares = [pair.share for pair in explained.pairs[len(leading) :]]
        assert shares == sorted(shares, reverse=True)
        left = np.ones(explained.contributions.shape, dtype=bool)
        left[tuple(np.transpose(shown))] = False
        assert len(shown) == min(15, left.size)
        assert not shares or explained.contributions[left].max(initial=-1) <= shares[-1]


def test_the_words_of_a_pair_add_up_to_its_share(made_up: MadeUp) -> None:
    for explained in made_up.explained:
        for pair in explained.pairs:
            assert pair.share == explained.contributions[pair.left, pair.right]
            assert pair.word_contributions.sum(dtype=np.float64) == pytest.approx(pair.share, abs=1e-6)
            assert abs(pair.residual) < 1e-6


def of_default_model(folder: Path, *texts: str) -> Collection:
    records = [{"note_id": f"{number}", "text": text} for number, text in enumerate(texts)]
    (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    clinsearch.index(folder / "notes.jsonl", folder / "c", tokens=False)
    return Collection(folder / "c")


def test_what_one_side_denies_is_told(tmp_path: Path) -> None:
    others = ["Mild edema of the left leg.", "Lives with his wife.", "Warfarin was held.", "Uses a cane to walk."]
    notes = of_default_model(tmp_path, "Patient denies chest pain at night.", "Has chest pain at night.", *others)
    for one, other in permutations("01"):
        explained = notes.explain(one, other, pairs=1)
        (reason,) = explained.reasons
        for place, side in zip((explained.left[0], explained.right[0]), (reason.left, reason.right), strict=True):
            assert side.assertions == find_assertions(place.sentence)
            denied = [span.assertion for span in side.assertions]
            assert denied == (["negated"] if "denies" in place.sentence else [])


def test_a_note_that_has_a_sentence_in_two_spellings_counts_once(small) -> None:
    notes = small("Patient denies fever. No fevers. Heart stable.", "Denies fever. Mild edema.", "No fever.", "Cough.")
    explained = notes.explain("00", "01")
    (reason,) = (reason for reason in explained.reasons if (0, 0) in reason.pairs)
    assert (reason.left.other_notes, reason.right.other_notes) == (2, 2)


PLANTED = ("p05", "p07", "p11", "p15", "p27", "p29", "p33", "p47", "p51", "p55")
TEMPLATE = "The patient was seen and examined."


def test_a_planted_paraphrase_is_among_the_first_three_reasons_and_a_template_is_not(tmp_path: Path) -> None:
    """Of the pairs to choose by, some that stand first in other notes as well, between notes of other patients."""
    lines = (PROJECT / "tests" / "gold" / "planted_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = {pair["id"]: pair for pair in map(json.loads, lines) if pair["half"] == "tune"}
    paths = sorted((PROJECT / "sample_notes").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8").split("---\n", 2)[2].split("\n\n") for path in paths]
    long = [paragraphs for paragraphs in texts if len(paragraphs) > 4]
    chosen = [*long[:12], *long[-12:]]
    for number, name in enumerate(PLANTED):
        chosen[number].insert(2, pairs[name]["a"])
        chosen[-1 - number].insert(3, pairs[name]["b"])
    notes = of_default_model(tmp_path, *("\n\n".join([*text[:-1], TEMPLATE, text[-1]]) for text in chosen))
    for number, name in enumerate(PLANTED):
        explained = notes.explain(f"{number}", f"{23 - number}", pairs=0)
        leading = [reason.pairs[0] for reason in explained.reasons[:3]]
        shown = [(explained.left[i].sentence, explained.right[j].sentence) for i, j in leading]
        assert (pairs[name]["a"], pairs[name]["b"]) in shown
        assert not any(TEMPLATE in pair for pair in shown)
