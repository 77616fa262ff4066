"""Checks every file of vectors against its checksum, and the keys in the files against the catalog."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.errors import CollectionError
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.words import live_keys
from clinsearch.storage.folder.spaces.files import VectorFile, file_sha256, has_size
from clinsearch.storage.folder.spaces.space import Space, read_codec
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.folder.verifying.findings import REPAIR, Findings
from clinsearch.storage.values import KINDS, VECTOR_KINDS, Kind

NAMES: dict[Kind, str] = {
    "sentence": "vectors of sentences",
    "note": "vectors of notes",
    "opening": "vectors of openings",
    "word": "vectors of words",
    "piece": "vectors of wordpieces",
}


def check(connection: Connection, folder: Path, findings: Findings) -> None:
    """Check files, then the rows of each kind whose files are sound."""
    in_catalog = VectorCatalog(connection)
    with findings.naming("list of the files of vectors", findings.rescue):
        damaged = {file.kind for file in in_catalog.files() if not _is_sound(folder, file, findings)}
        keeps_words = Catalog(connection).word_recipe() == WORD_RECIPE
        for kind in KINDS if keeps_words else VECTOR_KINDS:
            learned = in_catalog.learned_file(kind)
            if kind not in damaged and (learned is None or learned.kind not in damaged):
                _check_keys(connection, folder, kind, findings)


def _is_sound(folder: Path, file: VectorFile, findings: Findings) -> bool:
    path = folder / file.name
    findings.count("files of vectors", 1)
    try:
        if has_size(path, file) and file_sha256(path) == file.sha256:
            return True
        findings.add(f"vectors/{file.name}", "it is not as it was written", REPAIR)
    except FileNotFoundError:
        findings.missing.append(file.name)
        findings.add(f"vectors/{file.name}", "it is missing", REPAIR)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CollectionError(f"The vectors in {path} cannot be read: {reason}.") from None
    return False


def _check_keys(connection: Connection, folder: Path, kind: Kind, findings: Findings) -> None:
    """Check that there is one row for each key that is in use or deleted, and no other."""
    in_catalog = VectorCatalog(connection)
    with findings.naming(NAMES[kind], REPAIR):
        codec = read_codec(folder, kind, in_catalog.learned_file(kind), in_catalog.probes_by_depth(kind))
        space = Space(folder, in_catalog.files(kind), codec)
        keys = np.sort(space.keys)
        live, deleted = live_keys(connection, kind), in_catalog.deleted_keys(kind)
        findings.count(NAMES[kind], len(live))
        if kind in VECTOR_KINDS and not space.widths <= {Catalog(connection).hidden_size()}:
            findings.add(NAMES[kind], "they have another number of dimensions than the model's", REPAIR)
        if lacking := len(np.setdiff1d(live, keys, assume_unique=False)):
            findings.add(NAMES[kind], f"{lacking} are missing", REPAIR)
        elif not np.array_equal(keys, np.union1d(live, deleted)):
            findings.add(NAMES[kind], "there are some that belong to nothing", REPAIR)
