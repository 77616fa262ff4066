"""What is worked out of a checkpoint once and kept in the user's cache: later starts need no torch, no transformers.

Everything in it can be made again from the checkpoint, and is, when a file of that has changed or a library whose
work it is. What other environments have made of the same checkpoint lies beside it, each in a folder of its own,
until nobody has used it for long. Where the cache cannot be written, all is worked out anew each time.
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
from clinsearch.settings import cache_folder

# What is kept, or how it is made: a change of either is another format.
FORMAT = 2
FACTS_FILE, TOKENIZER_FILE = "facts.json", "tokenizer.json"
DRAFT = "draft-"
UNUSED_DAYS = 30
SECONDS_PER_DAY = 86_400
LIBRARIES = ("openvino", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a tokenizer and a config say of themselves.

    hashes: of each file that decides the vectors. max_tokens: how many the model takes at once,
    special ones included. prefix, suffix: the ids that the tokenizer puts around a text. special: the ids that stand
    for no text. config: the model's own configuration.
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
        """Return what is kept of the tokenizer, or what `make` says it is, which is kept from then on."""
        with suppress(Exception):  # whatever a file that is missing or damaged makes those who read it raise
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
        """Have `save` write files to a folder, and move them here, that of this name last; None if that fails.

        Who finds the file of this name finds the others whole.
        """
        try:
            self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=DRAFT, dir=self.folder) as draft:
                save(Path(draft))
                written = sorted(Path(draft).iterdir(), key=lambda path: path.name == name)
                for path in written:
                    if path.is_dir():
                        shutil.rmtree(self.folder / path.name, ignore_errors=True)
                    path.replace(self.folder / path.name)
        except OSError:
            return None
        self._remove_unused()
        return self.folder / name

    def _read_facts(self) -> tuple[ModelFacts, BackendTokenizer]:
        values = json.loads((self.folder / FACTS_FILE).read_text(encoding="utf-8"))
        values |= {field: tuple(values[field]) for field in ("prefix", "suffix", "special")}
        values["hashes"] = tuple((name, digest) for name, digest in values["hashes"])
        tokenizer = BackendTokenizer.from_str((self.folder / TOKENIZER_FILE).read_text(encoding="utf-8"))
        return ModelFacts(**values), tokenizer

    def _note_use(self) -> None:
        """Keep when the folder was last used, to the day, as its time of change."""
        with suppress(OSError):
            if _days_since_use(self.folder) >= 1:
                os.utime(self.folder)

    def _remove_unused(self) -> None:
        """Remove what nobody has used for long, and drafts of processes that were killed."""
        others = [path for path in self.folder.parent.glob(f"{self._prefix}*") if path != self.folder]
        unused = [path for path in others if _days_since_use(path) > UNUSED_DAYS]
        drafts = [path for path in self.folder.glob(f"{DRAFT}*") if _days_since_use(path) > 1]
        for path in unused + drafts:
            shutil.rmtree(path, ignore_errors=True)


def _days_since_use(path: Path) -> float:
    """Return how long ago a folder was last used; one that has just gone is none to remove."""
    try:
        return (time.time() - path.stat().st_mtime) / SECONDS_PER_DAY
    except OSError:
        return 0.0


def _state(checkpoint: Checkpoint) -> str:
    """Hash what the preparation depends on: the checkpoint's files, by name, size and time of change; and libraries."""
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in checkpoint.files()]
    state = [FORMAT, checkpoint.max_tokens, files, [_version(library) for library in LIBRARIES]]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
