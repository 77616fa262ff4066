"""Lost and damaged words are noticed, and made again by a repair or the next run of the indexer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import CollectionDamaged
from clinsearch.language import terms_of
from clinsearch.storage.batches import Batch
from clinsearch.storage.folder.writer import Writer
from tests.support import word_collections
from tests.support.collections import flip_a_bit, hits_or_damage, overwrite, path_in_memory, truncate, vector_paths
from tests.support.word_collections import NOTES, QUERY, assert_words_of, words_found
from tests.support.word_files import ask, rows_by_key

pytestmark = pytest.mark.usefixtures("one_thread")

tmp_path = path_in_memory
form, notes, indexed = word_collections.form, word_collections.notes, word_collections.indexed


@pytest.mark.drawn(6)
@pytest.mark.parametrize("harm", [truncate, flip_a_bit, overwrite, Path.unlink])
@pytest.mark.parametrize("kind", ["word", "piece", "code"])
def test_repair_makes_the_same_words_again(
    indexed: Path, form: str, kind: str, harm: Callable[[Path], None], tiny_encoder: Encoder
) -> None:
    if (form, kind) == ("plain", "code"):
        return
    before = words_found(indexed), words_found(indexed, pieces=True)
    path = next(path for path in vector_paths(indexed) if path.name.startswith(kind))
    harm(path)
    assert Collection(indexed).repair() > 0
    assert (words_found(indexed), words_found(indexed, pieces=True)) == before
    assert Collection(indexed).repair() == 0
    assert_words_of(indexed, tiny_encoder)


@pytest.mark.drawn(4)
@pytest.mark.parametrize("harm", [truncate, Path.unlink])
@pytest.mark.parametrize("kind", ["word", "piece", "code"])
def test_indexing_heals_missing_and_truncated_words_by_itself(
    indexed: Path, notes: Path, form: str, kind: str, harm: Callable[[Path], None], tiny_encoder: Encoder
) -> None:
    if (form, kind) == ("plain", "code"):
        return
    harm(next(path for path in vector_paths(indexed) if path.name.startswith(kind)))
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Collection(indexed).search_tokens(QUERY)
    assert index(notes, indexed).unchanged == len(NOTES)
    assert_words_of(indexed, tiny_encoder)


def test_lost_words_are_noticed_when_as_many_dead_ones_are_there(
    indexed: Path, notes: Path, tiny_encoder: Encoder
) -> None:
    """The counts agree, the rows do not: a deletion was stopped before its scrub, and a file is lost."""
    (notes / "lost.txt").write_text("Chest pain and cough with fever at night and home today.", encoding="utf-8")
    index(notes, indexed)
    with Writer(indexed) as writer:
        with writer.catalog() as catalog:
            keys = [catalog.note("n00")[0]]
        writer.commit(Batch(removed=keys), terms_of)
    ((lost,),) = ask(indexed, "SELECT name FROM vector_files WHERE kind = 'word' AND rows = 11")
    (indexed / "vectors" / lost).unlink()
    with Writer(indexed) as writer:
        writer.forget_damaged_vectors(check_content=False)
    assert ask(indexed, "SELECT sum(words) FROM sentence_words") == [(len(rows_by_key(indexed, "word")),)]
    for how in ({}, {"same": True}):
        assert hits_or_damage(lambda how=how: Collection(indexed).search_tokens("fever [today]", 3, **how)) is None
    assert Collection(indexed).repair() == 1
    assert {place[1] for place in words_found(indexed)} == {*NOTES, "lost"} - {"n00"}
    assert_words_of(indexed, tiny_encoder, are_clean=False)
    index(notes, indexed)
    assert_words_of(indexed, tiny_encoder)
