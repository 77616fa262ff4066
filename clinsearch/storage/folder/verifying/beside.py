"""Checks what lies beside the catalog and the vectors: saved searches, and the last one."""

from __future__ import annotations

from pathlib import Path

from clinsearch.storage.folder.last_search import LAST_SEARCH_FILE, last_search
from clinsearch.storage.folder.saved_searches import read_saved, saved_names
from clinsearch.storage.folder.seal import SEAL_FILE, read_seal
from clinsearch.storage.folder.verifying.findings import Findings


def check(folder: Path, findings: Findings) -> None:
    """Read every saved search, the last search and the seal."""
    for name in saved_names(folder):
        findings.count("saved searches", 1)
        with findings.naming(f"saved search {name}", f"clinsearch saved --delete {name}"):
            read_saved(folder, name)
    if (folder / LAST_SEARCH_FILE).exists() and last_search(folder) is None:
        findings.add(LAST_SEARCH_FILE, "it is not as it was written", "clinsearch search again")
    if (folder / SEAL_FILE).exists() and read_seal(folder) is None:
        findings.add(SEAL_FILE, "it is not as it was written", "clinsearch optimize")
