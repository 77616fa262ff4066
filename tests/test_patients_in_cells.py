"""Patients and cohorts where vectors lie in cells: exact while all can be compared, and said where they cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clinsearch.collection import Collection
from clinsearch.records import Filter
from clinsearch.retrieval import cohort_evidence, scanned, sought
from tests.support.large_collections import is_large
from tests.support.made_up_notes import ALL
from tests.test_patients import assert_best, indexed, made_up

pytestmark = pytest.mark.usefixtures("few_are_many")


@pytest.fixture(scope="module")
def notes(few_are_many: None, tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    collection = indexed(tmp_path_factory.mktemp("cells"), tiny_model, made_up())
    assert is_large(collection.location)["sentence"]
    return collection


def test_patients_are_exact_though_search_looks_into_some_cells_only(
    notes: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanned, "ROWS", 16)
    for query in ("fever", "chest pain"):
        found = notes.search(query, 5, level="patient", mode="vector", assertion="any")
        expected: dict[str, float] = {}
        with notes._reader.snapshot() as snapshot:
            keys = snapshot.catalog.all_keys("sentence")
            vector = notes._encoder_of(snapshot).encode_query(query)
            scores = dict(zip(keys.tolist(), (snapshot.vectors_of("sentence", keys) @ vector).tolist(), strict=True))
            for place in snapshot.catalog.places.each(keys.tolist(), Filter()):
                owner = place.note.patient_id or place.note.note_id
                expected[owner] = max(scores[place.sentence_key], expected.get(owner, -np.inf))
        assert_best(found, expected, 5)
        assert all(one.is_certain for one in found)


def test_where_too_many_would_have_to_be_compared_that_is_said(
    notes: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sought.Sought.__init__, "__kwdefaults__", {"is_part": False, "most_scanned": 3})
    monkeypatch.setattr(cohort_evidence, "MOST_SCANNED", 3)
    assert not any(one.is_certain for one in notes.search("fever", 3, level="patient"))
    cohort = notes.cohort({"all": [{"query": "fever"}, {"terms": ["fever"], "name": "by terms"}]})
    assert [one.is_complete for one in cohort.found] == [False, True]


def test_a_query_of_a_cohort_misses_nothing(notes: Collection) -> None:
    found = notes.cohort({"all": [{"query": "fever", "assertion": "any", "min_score": 0.1}]})
    assert found.found[0].is_complete
    assert len(found.members) == len(notes.search("fever", ALL, level="patient", assertion="any", min_score=0.1))
