"""The evaluation: sets as they are written down, measures against their formulas, and what a run shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from clinsearch.cli.main import main
from clinsearch.errors import InputError
from clinsearch.evaluation import Ranker, evaluate_sets
from clinsearch.evaluation.measures import estimate, measure, p_value
from clinsearch.evaluation.sets import JudgedSet, read_set

CORPUS = {"d1": "Chest pain on exertion.", "d2": "Denies chest pain.", "d3": "Knee swelling.", "d4": "No fever."}
QUERIES = {"q1": "chest pain", "q2": "swollen knee", "q3": "nothing is judged for this"}


def lines(texts: dict[str, str], key: str) -> str:
    return "".join(json.dumps({key: name, "text": text}) + "\n" for name, text in texts.items())


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "my_set"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(lines(CORPUS, "_id"))
    (folder / "queries.jsonl").write_text(lines(QUERIES, "_id"))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td3\t1\n")
    return folder


def test_a_set_of_beirs_form_is_read(beir: Path) -> None:
    judged = read_set(beir)
    assert judged.documents == CORPUS
    assert judged.queries == {"q1": "chest pain", "q2": "swollen knee"}
    assert judged.judgements == {"q1": {"d1": 2, "d2": 0}, "q2": {"d3": 1}}
    assert judged.relevant_from == 1


def test_judgements_of_trec_a_threshold_and_exclusions_are_read(beir: Path) -> None:
    (beir / "qrels" / "test.tsv").unlink()
    (beir / "qrels.txt").write_text("q1 0 d1 2\nq1 0 d2 0\nq2 0 d3 1\n")
    (beir / "meta.json").write_text('{"rel_threshold": 2}')
    (beir / "exclude.tsv").write_text("query_id\tdoc_id\nq1\td4\n")
    judged = read_set(beir)
    assert judged.judgements == {"q1": {"d1": 2, "d2": 0}, "q2": {"d3": 1}}
    assert judged.relevant_from == 2
    assert judged.excluded["q1"] == {"d4"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("corpus.jsonl", '{"_id": "d1"}\n', "line 1: no id or no text"),
        ("queries.jsonl", "chest pain\n", "line 1: no JSON object"),
        ("qrels/test.tsv", "a\tb\tc\nq1\td1\tgood\n", "line 2: no query, document and grade"),
        ("qrels/test.tsv", "q1\td1\t0\n", "no query to which"),
        ("qrels/test.tsv", "a\tb\tc\nq1\td1\tinf\n", "line 2: no query, document and grade"),
        ("exclude.tsv", "q1\n", "line 1: no query and document"),
        ("meta.json", "[]", "line 1: no JSON object"),
        ("meta.json", '{"rel_threshold": "high"}', "rel_threshold is no number"),
        ("corpus.jsonl", "\udcff", "damaged, or not in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named_without_its_text(beir: Path, name: str, content: str, said: str) -> None:
    (beir / name).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=said) as error:
        read_set(beir)
    assert "chest" not in str(error.value)


def test_a_folder_that_is_no_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"corpus\.jsonl"):
        read_set(tmp_path)


def ndcg(gains: list[int], ideal: list[int]) -> float:
    discounts = 1 / np.log2(np.arange(2, 12))
    return float(np.dot(gains, discounts[: len(gains)]) / np.dot(ideal, discounts[: len(ideal)]))


def test_measures_are_what_their_formulas_say() -> None:
    judged = JudgedSet(
        "s", {}, {"a": "", "b": "", "c": ""}, {"a": {"x": 3, "y": 1, "z": 0}, "b": {"x": 1}, "c": {"y": 2}}, 2
    )
    found = measure(judged, {"a": ["y", "z", "x"], "b": ["y", "x"], "c": ["u", "v"]})
    assert found["nDCG@10"] == pytest.approx([ndcg([1, 0, 3], [3, 1]), ndcg([0, 1], [1]), 0])
    np.testing.assert_allclose(found["MRR@10"], [1 / 3, np.nan, 0])
    np.testing.assert_allclose(found["recall@10"], [1, np.nan, 0])
    np.testing.assert_allclose(found["pairs"], [0.5, np.nan, np.nan])


def test_an_interval_holds_the_mean_and_narrows_with_more_queries() -> None:
    values = np.random.default_rng(0).normal(0.5, 0.1, 400)
    few, many = estimate(values[:40]), estimate(values)
    assert few.low < few.value < few.high
    assert many.high - many.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert few.high - few.low > 2 * (many.high - many.low)


def test_a_difference_is_told_from_chance() -> None:
    dice = np.random.default_rng(1)
    one = dice.normal(0.5, 0.1, 60)
    assert p_value(one, one) == 1.0
    assert p_value(one, one - 0.1) < 0.001
    assert p_value(one, one + dice.normal(0, 0.1, 60) - 0.0) > 0.05
    exact = np.array([0.2, 0.1, 0.3])
    assert p_value(exact, np.zeros(3)) == pytest.approx(2 / 8, abs=0.02)


def test_a_run_measures_every_mode_and_leaves_nothing_behind(beir: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["evaluate", str(beir), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    (found,) = json.loads(result.stdout)
    assert [(one["mode"], one["measures"]["nDCG@10"]["value"]) for one in found["modes"]] == [
        ("hybrid", 1.0),
        ("vector", 1.0),
        ("keyword", pytest.approx((1 / np.log2(3) + 1) / 2)),  # the shorter of two with both words comes first
    ]
    assert found["modes"][0]["measures"]["pairs"]["value"] == 1.0
    assert [(one["mode"], one["p"]) for one in found["comparisons"]] == [("vector", 1.0), ("keyword", 1.0)]
    shown = CliRunner().invoke(main, ["evaluate", str(beir), "--mode", "keyword"]).stdout
    assert "4 documents, 2 queries" in shown
    assert "hybrid" not in shown
    assert [path.name for path in tmp_path.iterdir()] == ["my_set"]


def test_a_run_tells_how_far_it_is(beir: Path) -> None:
    told: list[tuple[str, int, int]] = []

    def indexed(notes: Path, folder: Path, model: str, progress: Callable[[int], None]) -> Ranker:
        for done in range(1, len(notes.read_text().splitlines()) + 1):
            progress(done)
        return lambda query, k, mode: []

    evaluate_sets([beir], ["m"], ["hybrid"], indexed, lambda *one: told.append(one))
    indexing, asking = "my_set (1 of 1): indexing by m", "my_set (1 of 1): asking by m, hybrid"
    assert told == [(indexing, done, 4) for done in range(5)] + [(asking, done, 2) for done in range(3)]


def test_a_set_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["evaluate", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: No corpus.jsonl")
