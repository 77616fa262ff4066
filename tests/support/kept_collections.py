"""Collections that are kept here as files, with what the program that made them answered.

Both are of 60 notes by `made_up_notes.written_note`, indexed in three runs, four of them deleted and not scrubbed:

- flat: its vectors corrected, words in half precision.
- coded: made with thresholds that a few dozen rows pass, so that its sentences, notes and openings lie in cells of
  bytes, its words in 16 cells of four bits, and dead rows in both.

They were made by the program at revision 0006, with one file of words and one of cells for each kind. What `similar`
answers was recorded again when notes came to be compared by openings, words and sentences.
"""

from __future__ import annotations

import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from clinsearch import Collection
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.records import FloatArray
from clinsearch.records.readings import LANGUAGE_VERSION
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.snapshot import Snapshot

KEPT = Path(__file__).resolve().parents[1] / "collections"
NAMES = ("flat", "coded")
QUERY = "patient denies fever and cough at night"
MARKED = "patient denies [fever] and cough at night"
WHERES: tuple[dict[str, Any], ...] = (
    {},
    {"note_type": "consult"},
    {"patient_id": "P3"},
    {"section": "plan"},
    {"since": "2024-03-20"},
)
HOWS: tuple[dict[str, Any], ...] = ({}, {"same": True}, {"same": False}, {"pieces": True})
DEPTHS = (1, 10, 1000)


def unpacked(name: str, folder: Path) -> Path:
    """Unpack a collection, and its model beside it; read by whatever rules, it counts as read by today's."""
    with tarfile.open(KEPT / f"{name}.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    (folder / "collection" / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "collection" / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE collection SET language = ?", (LANGUAGE_VERSION,))
    with Writer(folder / "collection"):
        pass  # a later schema is migrated to here
    return folder / "collection"


def kept_answers(name: str) -> dict[str, Any]:
    """Return what was answered when the collection was made."""
    found: dict[str, Any] = json.loads((KEPT / f"{name}.json").read_text(encoding="utf-8"))
    return found


def reference_encoder(folder: Path) -> Encoder:
    """Load a kept collection's model in float32: the fastest engine and precision differ by machine."""
    return load_encoder(str(folder.parent / "model"), engine="torch")


def opened(folder: Path, encoder: Encoder) -> Collection:
    collection = Collection(folder)
    collection._encoder.loaded = encoder
    return collection


def answers(folder: Path) -> dict[str, Any]:
    """Ask all that is kept: searches of every kind, filtered and not, vectors read back, and hits explained."""
    encoder = reference_encoder(folder)
    asked = opened(folder, encoder)
    with Reader(folder).snapshot() as snapshot:
        return json.loads(json.dumps({**of_texts(asked), "vectors": of_vectors(snapshot)}))


def of_texts(asked: Collection) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for where in WHERES:
        for level in ("sentence", "note"):
            for k in (3, 25):
                hits = asked.search(QUERY, k, level=level, mode="vector", assertion="any", **where)
                found[f"{level} {k} {where}"] = [shown(hit) for hit in hits]
        for how in HOWS:
            found[f"token {how} {where}"] = [shown(hit) for hit in asked.search_tokens(MARKED, 8, **how, **where)]
    first = asked.search(QUERY, 3, mode="vector", assertion="any")
    found["similar"] = [shown(hit) for hit in asked.similar(first[0].note_id, 10)]
    found["explained"] = [explained(asked.explain_hit(QUERY, hit)) for hit in first]
    word = asked.search_tokens(MARKED, 1)[0]
    found["explained word"] = explained(asked.explain_hit(MARKED, word))
    return found


def shown(hit: Any) -> list[Any]:
    text = hit.sentence if hasattr(hit, "sentence") else hit.word
    return [float(hit.score), hit.note_id, text, hit.start, hit.end, hit.occurrences]


def explained(why: Any) -> list[Any]:
    return [float(why.score), why.note_id, why.text.contributions.astype(float).tolist()]


def queries(width: int) -> FloatArray:
    drawn = np.random.default_rng(7).normal(size=(3, width)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def of_vectors(snapshot: Snapshot) -> dict[str, Any]:
    """Search the vectors by themselves: the keys and scores that the collection's files give."""
    found: dict[str, Any] = {}
    for kind in ("sentence", "note", "opening"):
        vectors = snapshot.spaces[kind]
        keys = np.sort(vectors.keys)
        found[f"keys {kind}"] = keys.tolist()
        found[f"read {kind}"] = vectors.of(keys[::9]).astype(float).tolist()
        for number, query in enumerate(queries(snapshot.encoder.hidden_size)):
            for among in (None, keys[::3]):
                for k in DEPTHS:
                    name = f"{kind} {number} {k} {'all' if among is None else 'some'}"
                    found[name] = [part.tolist() for part in vectors.search(query, k, among)]
    for kind in ("word", "piece"):
        for number, query in enumerate(queries(2 * snapshot.encoder.hidden_size)):
            for k in DEPTHS:
                found[f"{kind} {number} {k}"] = [part.tolist() for part in snapshot.spaces[kind].search(query, k)]
    return found
