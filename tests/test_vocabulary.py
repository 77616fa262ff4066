"""Vocab, coverage and the model, against brute force and counts by hand."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.inspection.coverage import vocab_coverage
from clinsearch.inspection.patterns import matches
from clinsearch.inspection.vocabulary import Vocabulary, load_vocabulary
from clinsearch.records.inspection import SplitWord
from clinsearch.rendering.records.inspection import coverage_record
from clinsearch.rendering.terminal.inspection import print_coverage
from tests.support.command_line import as_json, run


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


@pytest.fixture(scope="module")
def vocabulary(tiny_model: Path) -> Vocabulary:
    return load_vocabulary(str(tiny_model))


def test_entries_are_found_by_what_they_hold(vocabulary: Vocabulary, tiny_model: Path) -> None:
    tokens = (tiny_model / "vocab.txt").read_text().split("\n")[:-1]
    assert [e.token for e in vocabulary.containing("in")] == sorted(t for t in tokens if "in" in t)
    assert [e.token for e in vocabulary.matching("^(?i:P)a|er$")] == sorted(
        t for t in tokens if t.startswith("pa") or t.endswith("er")
    )
    assert all(tokens[entry.id] == entry.token for entry in vocabulary.matching("."))


def test_pages_of_entries_make_up_the_whole(tiny_model: Path) -> None:
    whole = as_json("vocab", "--contains", "a", "--model", tiny_model)
    pages = [
        as_json("vocab", "--contains", "a", "--limit", 7, "--offset", offset, "--model", tiny_model)
        for offset in range(0, len(whole), 7)
    ]
    assert [entry for page in pages for entry in page] == whole
    shown = run("vocab", "--contains", "a", "--limit", 7, "--offset", 7, "--model", tiny_model).stdout
    assert shown.splitlines()[-1] == f"8-14 of {len(whole)}; the next with --offset 14"
    every = len(load_vocabulary(str(tiny_model)))
    table = run("vocab", "--regex", "", "--model", tiny_model).stdout.splitlines()
    assert (len(table), table[-1]) == (52, f"1-50 of {every}; the next with --offset 50")
    assert run("vocab", "--contains", "zzz", "--model", tiny_model).stdout == "No entry of the vocab is so.\n"


def test_a_page_for_a_file_says_beside_it_what_it_is(tiny_model: Path) -> None:
    result = run("vocab", "--contains", "a", "--limit", 2, "--format", "csv", "--model", tiny_model)
    assert len(list(csv.DictReader(io.StringIO(result.stdout)))) == 2
    assert result.stderr.startswith("1-2 of ")


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{99999999999}", "(?P<x>a)(?P<x>b)", "\\"])
def test_what_is_no_regular_expression_is_one_line(pattern: str) -> None:
    result = run("vocab", "--regex", pattern)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "regular expression" in result.stderr


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(?:(a?)b)+", "((x*))*", "(?:[)]+){2,}", "(a*)* b"])
def test_a_regular_expression_that_could_take_for_ever_is_refused(vocabulary: Vocabulary, pattern: str) -> None:
    with pytest.raises(InputError, match="for ever"):
        vocabulary.matching(pattern)


@pytest.mark.parametrize("pattern", [r"\(+", "[(+]*x+", "(ab)+", "(a+)b", "(?:a|b)c?", r"(?i)^##.*itis$", "[[:a]"])
def test_a_regular_expression_without_repeats_of_repeats_is_not_refused(vocabulary: Vocabulary, pattern: str) -> None:
    assert isinstance(vocabulary.matching(pattern), list)


def test_many_repeats_end_soon() -> None:
    begun = time.monotonic()
    assert load_vocabulary().matching(r"^.*.*.*.*\u0000$") == []
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("pattern", [".*" * 12 + r"\x00", r"(?:a?|b)" + "a?" * 30 + "a*" * 30 + r"\x00"])
def test_a_regular_expression_is_given_up_after_a_while(pattern: str) -> None:
    begun = time.monotonic()
    with pytest.raises(InputError, match=r"longer than 0\.5 s"):
        matches(pattern, ["a" * 60] * 1000, seconds=0.5)
    assert time.monotonic() - begun < 10


def test_neighbors_are_those_of_a_brute_force(default_encoder: Encoder) -> None:
    vocabulary = load_vocabulary()
    matrix = default_encoder.embedding_matrix.astype(np.float64)
    entry = vocabulary.by_token("fatigue")
    cosines = {id: cosine(matrix[entry.id], matrix[id]) for id in range(len(matrix)) if id != entry.id}
    expected = sorted(cosines, key=lambda id: -cosines[id])[:8]
    found = as_json("vocab", "--token", "fatigue", "--neighbors", "-k", 8)
    assert [near["id"] for near in found] == expected
    assert [near["cosine"] for near in found] == pytest.approx([cosines[id] for id in expected], abs=1e-5)
    assert [vocabulary.by_id(near["id"]).token for near in found] == [near["token"] for near in found]


def test_neighbors_are_of_one_entry() -> None:
    assert run("vocab", "--prefix", "a", "--neighbors").exit_code == 2


def test_coverage_is_as_counted_by_hand(vocabulary: Vocabulary, capsys: pytest.CaptureFixture[str]) -> None:
    def ids(*tokens: str) -> list[int]:
        return [vocabulary.by_token(token).id for token in tokens]

    words = [
        ("[CLS]", ids("[CLS]"), 9),
        ("fever", ids("fever"), 5),
        ("Fever", ids("fever"), 2),
        ("coughing", ids("cough", "##ing"), 3),
        ("Coughing", ids("cough", "##ing"), 4),
        ("lungs", ids("lung", "##s"), 8),
        ("cvs", ids("c", "##v", "##s"), 1),
        ("12", ids("1", "##2"), 6),
        ("☃", ids("[UNK]"), 2),
        (".", ids("."), 10),
    ]
    found = vocab_coverage(words, vocabulary)
    # 5 + 2 + 3 + 4 + 8 + 1 + 6 + 2 + 10 words; in tokens 7 + 2 x 7 + 2 x 8 + 3 + 2 x 6 + 2 + 10
    assert (found.words, found.tokens) == (41, 64)
    assert found.tokens_per_word == pytest.approx(64 / 41)
    assert found.most_split == (
        SplitWord("cvs", ("c", "##v", "##s"), 1),
        SplitWord("lungs", ("lung", "##s"), 8),
        SplitWord("Coughing", ("cough", "##ing"), 7),
    )
    assert (found.unknown, found.unknown_words) == (2, (SplitWord("☃", ("[UNK]",), 2),))
    # fever, cough, ##ing, lung, ##s, c, ##v, 1, ##2 and the full stop
    assert (found.used, found.vocab_size) == (10, len(vocabulary))
    assert found.share_used == 10 / len(vocabulary)
    assert vocab_coverage(words, vocabulary, top=1).most_split == found.most_split[:1]
    record = json.loads(json.dumps(coverage_record(found)))
    assert (record["tokens_per_word"], record["most_split"][0]["tokens"]) == (64 / 41, ["c", "##v", "##s"])
    print_coverage(found)
    shown = capsys.readouterr().out
    assert "41 in 64 tokens: 1.56 each" in shown
    assert re.search(r"8 +lungs +lung ##s", shown)


def test_coverage_of_nothing_is_nothing(vocabulary: Vocabulary) -> None:
    found = vocab_coverage([], vocabulary)
    assert (found.words, found.tokens_per_word, found.used, found.most_split) == (0, 0.0, 0, ())


def test_a_model_is_described_by_its_config_and_weights(default_encoder: Encoder) -> None:
    config = json.loads((default_encoder.checkpoint.folder / "config.json").read_text())
    found = clinsearch.describe(default_encoder)
    assert (found.num_hidden_layers, found.num_attention_heads) == (
        config["num_hidden_layers"],
        config["num_attention_heads"],
    )
    matrix = default_encoder.embedding_matrix
    assert np.array(found.embedding_slice) == pytest.approx(matrix[:3][:, [0, 1, 2, -3, -2, -1]])
    shown = run("model").stdout
    assert re.search(r"layers +6\n", shown)
    assert re.search(r"attention heads +12 a layer\n", shown)
    first = " ".join(f"{value: .4f}" for value in matrix[0, :3])
    last = " ".join(f"{value: .4f}" for value in matrix[0, -3:])
    assert f"[{first}  … {last}]" in shown
