"""Reads what a collection keeps of words past all code of clinsearch: the catalog by SQL, the files by FAISS."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import faiss
import numpy as np
from numpy.typing import NDArray

KINDS = ("word", "piece")


@dataclass(frozen=True)
class StoredWords:
    """What there is of a sentence's words: its tokens, and the rows of its words and wordpieces, in order."""

    token_ids: list[int]
    lengths: list[int]
    words: NDArray[np.float32]
    pieces: NDArray[np.float32]


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{quote(str(folder / 'catalog.db'))}?mode=ro", uri=True)) as catalog:
        return catalog.execute(query).fetchall()


def the_code(folder: Path) -> Any:
    """Return the index that says how to read codes, None if there is none."""
    names = ask(folder, "SELECT name FROM vector_files WHERE kind = 'code'")
    assert len(names) <= 1
    return faiss.read_index(str(folder / "vectors" / names[0][0])) if names else None


def is_coded(folder: Path) -> bool:
    return any(name.endswith(".lists") for (name,) in ask(folder, "SELECT name FROM vector_files"))


def file_rows(path: Path, code: Any) -> dict[int, NDArray[np.float32]]:
    """Return the rows of a file by their keys; codes as the vectors that they stand for."""
    if path.suffix != ".lists":
        opened = faiss.read_index(str(path))
        keys = faiss.vector_to_array(opened.id_map).tolist()
        assert len(set(keys)) == len(keys) == opened.ntotal
        return dict(zip(keys, opened.index.reconstruct_n(0, opened.ntotal), strict=True))
    lists = faiss.read_InvertedLists(faiss.FileIOReader(str(path)))
    cells = faiss.downcast_index(faiss.extract_index_ivf(code))
    assert lists.nlist == cells.nlist
    rows: dict[int, NDArray[np.float32]] = {}
    for number in range(lists.nlist):
        if size := lists.list_size(number):
            keys = faiss.rev_swig_ptr(lists.get_ids(number), size).tolist()
            codes = faiss.rev_swig_ptr(lists.get_codes(number), size * lists.code_size).reshape(size, -1)
            centre = cells.quantizer.reconstruct(number) if cells.by_residual else 0
            assert not rows.keys() & set(keys)
            assert len(set(keys)) == len(keys)
            turned = cells.sq.decode(codes.copy()) + centre
            rows.update(zip(keys, code.chain.at(0).reverse_transform(turned), strict=True))
    return rows


def rows_by_key(folder: Path, kind: str) -> dict[int, NDArray[np.float32]]:
    """Return every row of a kind, of whatever file; no key may stand in two."""
    code, rows = the_code(folder), {}
    for name, count in ask(folder, f"SELECT name, rows FROM vector_files WHERE kind = '{kind}'"):
        of_file = file_rows(folder / "vectors" / name, code)
        assert len(of_file) == count
        assert not rows.keys() & of_file.keys(), "a word twice"
        rows |= of_file
    return rows


def stored_words(folder: Path) -> dict[str, StoredWords]:
    """Return what there is of the words of every sentence, by its text."""
    rows = {kind: rows_by_key(folder, kind) for kind in KINDS}
    columns = "text, first_word, words, first_piece, pieces, token_ids, lengths"
    found = {}
    for text, first_word, words, first_piece, pieces, token_ids, lengths in ask(
        folder, f"SELECT {columns} FROM sentence_words JOIN sentences ON sentence = key"
    ):
        found[text] = StoredWords(
            np.frombuffer(token_ids, "<u4").tolist(),
            np.frombuffer(lengths, "<i4").tolist(),
            np.array([rows["word"][first_word + n] for n in range(words)]),
            np.array([rows["piece"][first_piece + n] for n in range(pieces)]),
        )
    return found


def assert_whole_words(folder: Path) -> None:
    """Check that each word key of the catalog has one row in the files of its kind, if words are kept at all."""
    kept = [recipe for (recipe,) in ask(folder, "SELECT words FROM collection")]
    of_sentences = ask(
        folder, "SELECT sentence, first_word, words, first_piece, pieces, token_ids, lengths FROM sentence_words"
    )
    if kept in ([], [None]):
        assert of_sentences == []
        assert ask(folder, "SELECT name FROM vector_files WHERE kind NOT IN ('sentence', 'note', 'opening')") == []
        return
    assert [row[0] for row in of_sentences] == [key for (key,) in ask(folder, "SELECT key FROM sentences ORDER BY key")]
    for *_, words, _, pieces, token_ids, lengths in of_sentences:
        of_words = np.frombuffer(lengths, "<i4")
        assert np.abs(of_words).sum() == len(np.frombuffer(token_ids, "<u4"))
        assert ((of_words > 0).sum(), of_words[of_words > 1].sum()) == (words, pieces)
    next_keys = ask(folder, "SELECT next_word, next_piece FROM collection")[0]
    for kind, first, next_key in zip(KINDS, (1, 3), next_keys, strict=True):
        keys = [row[first] + n for row in of_sentences for n in range(row[first + 1])]
        assert len(set(keys)) == len(keys), "a key given twice"
        assert max(keys, default=-1) < next_key
        assert set(keys) <= rows_by_key(folder, kind).keys()


def assert_same_words(now: dict[str, StoredWords], then: dict[str, StoredWords], *, least: float = 0.95) -> None:
    """Check that two collections keep the same words, with vectors whose cosine is no less than `least`."""
    assert now.keys() == then.keys()
    for text, one in now.items():
        other = then[text]
        assert (one.token_ids, one.lengths) == (other.token_ids, other.lengths)
        for mine, its in ((one.words, other.words), (one.pieces, other.pieces)):
            assert mine.shape == its.shape
            assert ((mine * its).sum(axis=-1) >= least * norms(mine) * norms(its)).all()


def norms(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.linalg.norm(rows, axis=-1)
