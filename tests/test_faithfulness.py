"""The words with the largest shares carry the score: the claims of benchmarks/README.md, on some of its pairs."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

import pytest

from clinsearch.encoder.encoder import load_encoder
from tests.conftest import PROJECT, shared

SOME, MANY = 60, 150  # with 50 the ratios still move by a twentieth


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("faithfulness", PROJECT / "benchmarks" / "faithfulness.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "count", [pytest.param(SOME, marks=pytest.mark.slow), pytest.param(MANY, marks=pytest.mark.exhaustive)]
)
def test_shares_find_the_words_that_matter_at_a_hundredth_of_the_cost(count: int) -> None:
    sentences, faithfulness, encoder = shared("data/sentences.jsonl.gz"), benchmark(), load_encoder(device="cpu")
    pairs = faithfulness.sentence_pairs(encoder, sentences, count)
    assert len(set(pairs)) == count
    wanted = (faithfulness.SHARES, faithfulness.OCCLUSION, faithfulness.RANDOM)
    measured = faithfulness.measure(encoder, pairs, wanted)
    for half in (False, True):
        areas = {order: measured.area(order, half=half) for order in measured.whole}
        assert areas[faithfulness.SHARES] > 1.3 * areas[faithfulness.RANDOM]
        assert areas[faithfulness.SHARES] >= 0.9 * areas[faithfulness.OCCLUSION]
    assert measured.extra_cost <= 1 / 100
