"""What a collection holds on the disk, read without any code of clinsearch, and checks of it."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import faiss
import numpy as np

from clinsearch.encoder.pooling import unit
from clinsearch.language import terms_of
from clinsearch.records import FloatArray
from tests.support.collections import vector_of, vector_paths
from tests.support.word_files import ask, rows_by_key

VECTOR_KINDS = ("sentence", "note", "opening")
WORD_KINDS = ("word", "piece")
A_CODES = 0.025  # difference from its vector, with codes as wide as they are here


def live_keys(folder: Path, kind: str) -> list[int]:
    """Return the keys of all that should have a vector, in order."""
    if kind in WORD_KINDS:
        rows = ask(folder, f"SELECT first_{kind}, {kind}s FROM sentence_words")
        return sorted(first + number for first, of_it in rows for number in range(of_it))
    query = "SELECT key FROM sentences" if kind == "sentence" else "SELECT DISTINCT note FROM occurrences"
    return sorted(key for (key,) in ask(folder, query))


def dead_keys(folder: Path, kind: str) -> list[int]:
    rows = ask(folder, f"SELECT first, rows FROM dead_rows WHERE kind = '{kind}'")
    return sorted(first + number for first, of_it in rows for number in range(of_it))


def the_cells(folder: Path, kind: str) -> Any:
    """Return the index that says how to read a kind's codes, None if it has none."""
    names = ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}-cells'")
    assert len(names) <= 1
    return faiss.read_index(str(folder / "vectors" / names[0][0])) if names else None


def stored(folder: Path, kind: str) -> dict[int, FloatArray]:
    """Return every row of the files of a kind, codes as the vectors they stand for; no key may be in two files."""
    if kind in WORD_KINDS:
        return rows_by_key(folder, kind)
    rows, its_cells = {}, the_cells(folder, kind)
    for name, of_it in ask(folder, f"SELECT name, rows FROM vector_files WHERE kind = '{kind}'"):
        path = folder / "vectors" / name
        if its_cells is None:
            flat = faiss.read_index(str(path))
            keys, vectors = faiss.vector_to_array(flat.id_map), flat.index.reconstruct_n(0, flat.ntotal)
        else:
            keys, codes = codes_in(path)
            vectors = its_cells.sq.decode(codes)
        assert len(keys) == of_it
        assert not rows.keys() & set(keys.tolist()), "a vector twice"
        rows |= dict(zip(keys.tolist(), vectors, strict=True))
    return rows


def codes_in(path: Path) -> tuple[Any, Any]:
    """Read the keys and the codes of a file of lists."""
    lists: Any = faiss.read_InvertedLists(faiss.FileIOReader(str(path)))
    sizes = [(number, lists.list_size(number)) for number in range(lists.nlist) if lists.list_size(number)]
    keys = [faiss.rev_swig_ptr(lists.get_ids(n), size).copy() for n, size in sizes]
    codes = [faiss.rev_swig_ptr(lists.get_codes(n), size * lists.code_size).copy() for n, size in sizes]
    return np.concatenate(keys), np.concatenate(codes).reshape(-1, lists.code_size)


def assert_counted(folder: Path) -> None:
    """Check the counts, and that every row of a file is either in use or known to be dead."""
    counted = dict(ask(folder, "SELECT name, rows FROM counts"))
    assert counted == {
        "notes": ask(folder, "SELECT count(*) FROM notes")[0][0],
        "notes_with_sentences": ask(folder, "SELECT count(DISTINCT note) FROM occurrences")[0][0],
        "sentences": ask(folder, "SELECT count(*) FROM sentences")[0][0],
        "sentences_with_words": ask(folder, "SELECT count(*) FROM sentence_words")[0][0],
        "occurrences": ask(folder, "SELECT count(*) FROM occurrences")[0][0],
        "words": ask(folder, "SELECT coalesce(sum(words), 0) FROM sentence_words")[0][0],
        "pieces": ask(folder, "SELECT coalesce(sum(pieces), 0) FROM sentence_words")[0][0],
        "sentence_terms": sum(len(terms_of(text)) for (text,) in ask(folder, "SELECT text FROM sentences")),
        "note_terms": sum(len(terms_of(text)) for (text,) in ask(folder, "SELECT text FROM notes")),
    }
    for kind in (*VECTOR_KINDS, *WORD_KINDS):
        live, dead = live_keys(folder, kind), dead_keys(folder, kind)
        assert len(set(dead)) == len(dead)
        assert sorted(stored(folder, kind)) == sorted(live + dead)


def assert_whole(folder: Path, *, may_hold_stray_files: bool = False) -> None:
    """Check that catalog and files agree, and the counts with both."""
    with closing(sqlite3.connect(f"file:{quote(str(folder / 'catalog.db'))}?mode=ro", uri=True)) as catalog:
        assert catalog.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert catalog.execute("PRAGMA foreign_key_check").fetchall() == []
    named = ask(folder, "SELECT name, bytes, sha256 FROM vector_files")
    for name, size, sha256 in named:
        content = (folder / "vectors" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256)
        assert (folder / "vectors" / name).stat().st_mode & 0o777 == 0o600
    if not may_hold_stray_files:
        assert [path.name for path in vector_paths(folder)] == sorted(name for name, *_ in named)
    for kind in VECTOR_KINDS:
        its_cells = the_cells(folder, kind)
        suffixes = {
            Path(name).suffix for (name,) in ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}'")
        }
        assert suffixes <= ({".lists"} if its_cells else {".faiss"})
    assert_counted(folder)


def assert_measured(folder: Path) -> None:
    """Check that the recall of each kind was measured with the cells that it has now."""
    for kind in VECTOR_KINDS:
        its_cells = the_cells(folder, kind)
        measured = {cells for (cells,) in ask(folder, f"SELECT cells FROM probes WHERE kind = '{kind}'")}
        assert measured == ({its_cells.nlist} if its_cells else set())


def assert_vectors(folder: Path) -> None:
    """Check that sentences have the vectors of their texts, and notes those of their sentences, but for coding."""
    texts = dict(ask(folder, "SELECT key, text FROM sentences"))
    rows = stored(folder, "sentence")
    own = {key: vector_of(text) for key, text in texts.items()}
    its_cells = the_cells(folder, "sentence")
    for key, vector in own.items():
        assert_coded(its_cells, rows[key], vector)
    of_notes: dict[int, list[int]] = {}
    for note, sentence in ask(folder, "SELECT note, sentence FROM occurrences"):
        of_notes.setdefault(note, []).append(sentence)
    whole, its_cells = stored(folder, "note"), the_cells(folder, "note")
    for note, sentences in of_notes.items():
        total = np.sum([own[key] for key in sentences], axis=0)
        # A note is made of what was stored of its sentences, as codes or before, or was about to be.
        difference = sum(max(A_CODES, float(np.linalg.norm(rows[key] - own[key]))) for key in sentences)
        assert_coded(its_cells, whole[note], unit(total), 2 * difference / float(np.linalg.norm(total)))


def assert_coded(its_cells: Any, near: FloatArray, vector: FloatArray, difference: float = 0.0) -> None:
    """Check that this vector is stored, up to a difference and the rounding of its code, if it has one."""
    if its_cells is None:
        assert np.abs(near - vector).max() <= difference
        return
    smallest, width = faiss.vector_to_array(its_cells.sq.trained).reshape(2, -1)
    # Codes are learnt from few here: what comes later may lie outside of them.
    inside = vector.clip(smallest, smallest + width)
    assert (np.abs(near - inside) <= width / 255 * 0.501 + 1e-6 + difference).all()


def lists_of(folder: Path, kind: str) -> list[Path]:
    names = ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}'")
    return [folder / "vectors" / name for (name,) in names]


def codes_of(folder: Path, kind: str) -> dict[tuple[str, int], bytes]:
    """Return the bytes of each key's code."""
    rows = {}
    for path in lists_of(folder, kind):
        keys, codes = codes_in(path)
        rows |= {(kind, key): code.tobytes() for key, code in zip(keys.tolist(), codes, strict=True)}
    return rows


def centres_of(folder: Path) -> FloatArray:
    its_cells = the_cells(folder, "sentence")
    centres: FloatArray = faiss.downcast_index(its_cells.quantizer).reconstruct_n(0, its_cells.nlist)
    return centres
