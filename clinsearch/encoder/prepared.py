"""What is derived from a checkpoint once and kept in the user's cache: later starts need no torch or transformers.

All of it can be derived again, and is when a file of the checkpoint or a library involved has changed. Each environment
has its own folder, removed when unused for long. If the cache cannot be written, all is derived anew each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as BackendTokenizer

from clinsearch.encoder.checkpoint import Checkpoint, Hashes
from clinsearch.encoder.sums import note_sums, require_sums
from clinsearch.settings import cache_folder

# Raise when what is kept, or how it is made, changes.
FORMAT = 3
FACTS_FILE, TOKENIZER_FILE = "facts.json", "tokenizer.json"
DRAFT = "draft-"
UNUSED_DAYS = 30
SECONDS_PER_DAY = 86_400
LIBRARIES = ("openvino", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The facts about a tokenizer and a config that the encoder needs.

    hashes: of each file that determines the vectors. max_tokens: how many the model takes at once, special ones
    included. prefix, suffix: the ids that the tokenizer puts around a text. special: the ids of special tokens. config:
    the model's own configuration.
    """

    hashes: Hashes
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int | None
    max_tokens: int
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    padding: int
    unknown: int | None
    special: tuple[int, ...]
    config: dict[str, Any]


class Preparation:
    """A checkpoint's place in the cache."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        place = hashlib.sha256(str(checkpoint.folder).encode()).hexdigest()[:12]
        self._prefix = f"{checkpoint.folder.name}-{place}-"
        self.folder = cache_folder() / "models" / f"{self._prefix}{_state(checkpoint)}"

    def facts(self, make: Callable[[], tuple[ModelFacts, BackendTokenizer]]) -> tuple[ModelFacts, BackendTokenizer]:
        """Return the kept facts and tokenizer, or make them with `make` and keep them."""
        with suppress(Exception):  # a missing or damaged file may raise anything
            facts_and_tokenizer = self._read_facts()
            self._note_use()
            return facts_and_tokenizer
        facts, tokenizer = make()

        def save(folder: Path) -> None:
            tokenizer.save(str(folder / TOKENIZER_FILE))
            (folder / FACTS_FILE).write_text(json.dumps(asdict(facts)), encoding="utf-8")

        self.keep(FACTS_FILE, save)
        return facts, tokenizer

    def keep(self, name: str, save: Callable[[Path], None]) -> Path | None:
        """Let `save` write files to a folder, then move them here, the one of this name last; None if that fails.

        So if the file of this name is there, the others are complete.
        """
        try:
            for folder in (self.folder.parent.parent, self.folder.parent, self.folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=DRAFT, dir=self.folder) as draft:
                save(Path(draft))
                written = sorted(Path(draft).iterdir(), key=lambda path: path.name == name)
                for path in written:
                    if path.is_dir():
                        shutil.rmtree(self.folder / path.name, ignore_errors=True)
                    path.replace(self.folder / path.name)
                for path in (self.folder / one.name for one in written):
                    names = [path.name] if path.is_file() else [one.name for one in path.iterdir() if one.is_file()]
                    note_sums(self.folder if path.is_file() else path, names)
        except OSError:
            return None
        self._remove_unused()
        return self.folder / name

    def _read_facts(self) -> tuple[ModelFacts, BackendTokenizer]:
        require_sums(self.folder, FACTS_FILE, TOKENIZER_FILE)
        values = json.loads((self.folder / FACTS_FILE).read_text(encoding="utf-8"))
        values |= {field: tuple(values[field]) for field in ("prefix", "suffix", "special")}
        values["hashes"] = tuple((name, digest) for name, digest in values["hashes"])
        tokenizer = BackendTokenizer.from_str((self.folder / TOKENIZER_FILE).read_text(encoding="utf-8"))
        return ModelFacts(**values), tokenizer

    def _note_use(self) -> None:
        """Keep the day of the last use as the folder's modification time."""
        with suppress(OSError):
            if _days_since_use(self.folder) >= 1:
                os.utime(self.folder)

    def _remove_unused(self) -> None:
        """Remove folders unused for long, and drafts of killed processes."""
        others = [path for path in self.folder.parent.glob(f"{self._prefix}*") if path != self.folder]
        unused = [path for path in others if _days_since_use(path) > UNUSED_DAYS]
        drafts = [path for path in self.folder.glob(f"{DRAFT}*") if _days_since_use(path) > 1]
        for path in unused + drafts:
            shutil.rmtree(path, ignore_errors=True)


def _days_since_use(path: Path) -> float:
    """Return how many days ago a folder was last used; 0 if it has just been removed."""
    try:
        return (time.time() - path.stat().st_mtime) / SECONDS_PER_DAY
    except OSError:
        return 0.0


def _state(checkpoint: Checkpoint) -> str:
    """Hash what the preparation depends on: names, sizes and modification times of the files, and library versions."""
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in checkpoint.files()]
    state = [FORMAT, checkpoint.max_tokens, files, [_version(library) for library in LIBRARIES]]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
