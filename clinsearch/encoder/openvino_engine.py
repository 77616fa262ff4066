"""The engine for CPUs: OpenVINO, in float32, or in bulk in bfloat16.

It gives only the hidden states that a checkpoint was prepared for: those after the word layer and after the last.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from clinsearch.encoder.checkpoint import Checkpoint
from clinsearch.encoder.conversion import converted, without
from clinsearch.encoder.loading import require_room_for_torch
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.prepared import ModelFacts, Preparation
from clinsearch.encoder.protocol import EngineName, LayerStates, TokenBatch
from clinsearch.encoder.sums import Blobs, require_sums
from clinsearch.encoder.threads import processors
from clinsearch.encoder.words import word_layer
from clinsearch.errors import ModelError, NotEnoughMemory
from clinsearch.memory import is_near_limit, lacks_memory, shortage
from clinsearch.records import FloatArray

if TYPE_CHECKING:
    from clinsearch.encoder.torch_engine import TorchEngine

Precision: TypeAlias = Literal["f32", "bf16"]

MODEL_FILE, WEIGHTS_FILE, STATIC_FILE = "model.xml", "model.bin", "static.npy"
SETTINGS_FILE, COMPILED_FOLDER = "openvino.json", "compiled"
TOKENS_PER_BATCH = 1024
REQUESTS_PER_STREAM = 2
# To be used, a precision must be this much faster than float32, and its vectors this near. Smaller models take so
# little time that chance would decide which is faster.
WORTHWHILE = 1.15
LEAST_PARAMETERS = 1_000_000
LOWEST_COSINE = 0.9995
PROBE_RUNS, PROBE_TEXTS, PROBE_WIDTH, PROBE_IDS = 5, 16, 32, 100


@dataclass(frozen=True, slots=True)
class PreparedModel:
    """What was found when the model was prepared. `precisions`: the fastest, by processor."""

    layers: tuple[int, ...]
    parameters: int
    precisions: dict[str, Precision]


class OpenVinoEngine:
    """Runs a prepared model; safe to use from several threads."""

    name: EngineName = "openvino"
    tokens_per_batch = TOKENS_PER_BATCH

    def __init__(self, folder: Path, prepared: PreparedModel, in_bulk: Precision) -> None:
        self._folder, self._prepared, self._in_bulk = folder, prepared, in_bulk
        self._requests: dict[Precision, _Requests] = {}
        self._lock = Lock()

    @property
    def parameters(self) -> int:
        """How many weights the transformer has."""
        return self._prepared.parameters

    def runs(self, layers: Sequence[int]) -> bool:
        """Tell whether the model was prepared for the hidden states after these layers."""
        return set(layers) <= set(self._prepared.layers)

    def run(self, batches: Iterable[TokenBatch], layers: Sequence[int], *, bulk: bool) -> Iterator[LayerStates]:
        """Yield each batch's hidden states after each of the layers, valid until the next batch's.

        Takes batches as requests become free, so that each thread always has one waiting.
        """
        outputs = [self._prepared.layers.index(layer) for layer in layers]
        requests = self._requests_for(self._in_bulk if bulk else "f32")
        running: deque[Any] = deque()
        try:
            for batch in batches:
                if len(running) == REQUESTS_PER_STREAM * processors():
                    yield _states(running[0], outputs)
                    requests.give_back(running.popleft())
                running.append(requests.take())
                running[-1].start_async(list(batch))
            while running:
                yield _states(running[0], outputs)
                requests.give_back(running.popleft())
        finally:
            for request in running:
                request.wait()
                requests.give_back(request)

    def static_vectors(self) -> FloatArray:
        """Return the embedding matrix, (vocab_size, hidden_size)."""
        return self._static

    @cached_property
    def _static(self) -> FloatArray:
        self._require_sums(STATIC_FILE)
        matrix: FloatArray = np.load(self._folder / STATIC_FILE, mmap_mode="r")
        return matrix

    def _requests_for(self, precision: Precision) -> _Requests:
        with self._lock:
            if precision not in self._requests:
                self._requests[precision] = _Requests(self._compiled(precision))
            return self._requests[precision]

    def _compiled(self, precision: Precision) -> Any:
        """Compile the model, or load it as it was compiled before if that is as it was written."""
        blobs = Blobs(self._folder / COMPILED_FOLDER)
        try:
            compiled = _compile(self._folder / MODEL_FILE, precision)
        except RuntimeError as error:
            self._require_sums(MODEL_FILE, WEIGHTS_FILE)
            if lacks_memory(error) or is_near_limit():
                raise NotEnoughMemory(shortage("to run the model")) from None
            raise ModelError(
                f"The prepared model in {self._folder} is as it was written and cannot be run. Is there enough memory? "
                "If so, remove that folder; it is made again."
            ) from None
        if blobs.were_made():  # of the model's files, which were read for it
            self._require_sums(MODEL_FILE, WEIGHTS_FILE)
        blobs.note()
        return compiled

    def _require_sums(self, *names: str) -> None:
        try:
            require_sums(self._folder, *names)
        except ValueError:
            raise ModelError(
                f"The prepared model in {self._folder} is damaged. Remove that folder; it is made again."
            ) from None


class _Requests:
    """A pool of a compiled model's requests.

    OpenVINO sometimes crashes when two threads create requests at the same time.
    """

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._free: list[Any] = []
        self._lock = Lock()

    def take(self) -> Any:
        """Return a request that is not in use."""
        with self._lock:
            return self._free.pop() if self._free else self._compiled.create_infer_request()

    def give_back(self, request: Any) -> None:
        """Return a request that is done to the pool."""
        self._free.append(request)


def open_openvino(checkpoint: Checkpoint, facts: ModelFacts, preparation: Preparation) -> OpenVinoEngine | None:
    """Open a checkpoint's prepared model, preparing it first if necessary; None if that is not possible."""
    try:
        processor = _processor()
    except ImportError:
        return None
    settings = preparation.folder / SETTINGS_FILE
    try:
        require_sums(settings.parent, settings.name)
        kept = json.loads(settings.read_text(encoding="utf-8"))
        if kept is not None:
            _require_files(settings.parent)
    except (OSError, ValueError):
        kept = _prepare(checkpoint, facts, preparation)
    if kept is None:
        return None
    prepared = PreparedModel(**kept | {"layers": tuple(kept["layers"])})
    if processor not in prepared.precisions:
        fastest = {processor: _fastest(settings.parent, prepared.parameters)}
        prepared = replace(prepared, precisions=prepared.precisions | fastest)
        preparation.keep(SETTINGS_FILE, lambda folder: _write_settings(folder, prepared))
    return OpenVinoEngine(preparation.folder, prepared, prepared.precisions[processor])


def _processor() -> str:
    """Name this machine's processor and its features, some of which a virtual machine may hide."""
    name, capabilities = (_core().get_property("CPU", of) for of in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES"))
    return f"{name}: {' '.join(sorted(capabilities))}"


def _prepare(checkpoint: Checkpoint, facts: ModelFacts, preparation: Preparation) -> dict[str, Any] | None:
    """Convert a checkpoint to OpenVINO and try it; return what was found, None if it does not work.

    That it does not work is kept, so that no start tries it again; not so a full memory or disk: that may be gone.
    """
    require_room_for_torch()
    from clinsearch.encoder.torch_engine import TorchEngine

    reference = TorchEngine(checkpoint, "cpu")
    layers = (word_layer(facts.num_hidden_layers), facts.num_hidden_layers)

    def save(folder: Path) -> None:
        np.save(folder / STATIC_FILE, reference.static_vectors())
        _write_settings(folder, _tried_out(reference, layers, folder))

    try:
        found = preparation.keep(SETTINGS_FILE, save)
    except Exception:  # any fault of OpenVINO's; torch runs the model this time
        return None
    kept: dict[str, Any] | None = json.loads(found.read_text(encoding="utf-8")) if found else None
    return kept


def _require_files(folder: Path) -> None:
    """Raise FileNotFoundError if a file of a prepared model is gone."""
    for name in (MODEL_FILE, WEIGHTS_FILE, STATIC_FILE):
        (folder / name).stat()


def _write_settings(folder: Path, prepared: PreparedModel | None) -> None:
    (folder / SETTINGS_FILE).write_text(json.dumps(asdict(prepared) if prepared else None), encoding="utf-8")


def _tried_out(reference: TorchEngine, layers: tuple[int, ...], folder: Path) -> PreparedModel | None:
    """Convert a model, write it to a folder and try it there; None if OpenVINO cannot convert or run it."""
    model = converted(reference, layers)
    if model is None:
        return None
    _openvino().save_model(model, folder / MODEL_FILE, compress_to_fp16=False)
    if _lowest_cosine(reference, folder, layers) < LOWEST_COSINE:
        return None
    fastest = _fastest(folder, reference.parameters)
    return PreparedModel(layers, reference.parameters, {_processor(): fastest})


def _fastest(folder: Path, parameters: int) -> Precision:
    """Return the precision that is the fastest on this processor and near enough to float32."""
    if parameters < LEAST_PARAMETERS or "BF16" not in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return "f32"
    exact, exact_seconds = _tried(folder, "f32")
    reduced, reduced_seconds = _tried(folder, "bf16")
    is_near = all(_cosines(one, other).min() >= LOWEST_COSINE for one, other in zip(exact, reduced, strict=True))
    return "bf16" if is_near and exact_seconds > WORTHWHILE * reduced_seconds else "f32"


def _tried(folder: Path, precision: Precision) -> tuple[LayerStates, float]:
    """Run a batch a few times; return its states and the shortest time, in seconds."""
    request = _compile(folder / MODEL_FILE, precision).create_infer_request()
    times = []
    for _ in range(PROBE_RUNS):
        started = time.perf_counter()
        request.infer(list(_probe()))
        times.append(time.perf_counter() - started)
    return [tensor.data.copy() for tensor in request.output_tensors], min(times)


def _lowest_cosine(reference: TorchEngine, folder: Path, layers: Sequence[int]) -> float:
    """Return the lowest cosine between states of a prepared model in float32 and the reference's."""
    (expected,) = reference.run([_probe()], layers, bulk=False)
    found, _ = _tried(folder, "f32")
    return min(float(_cosines(one, other).min()) for one, other in zip(expected, found, strict=True))


def _probe() -> TokenBatch:
    """Make a batch of tokens that every vocab has, some of them padding."""
    width = PROBE_WIDTH
    input_ids = np.arange(PROBE_TEXTS * width, dtype=np.int64).reshape(PROBE_TEXTS, width) % PROBE_IDS
    mask = np.ones_like(input_ids)
    mask[-1, width // 2 :] = 0
    return input_ids, mask


def _cosines(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the cosines of the probe's pooled states."""
    weights = _probe()[1][:, :, None].astype(np.float32)
    pooled = [unit((states * weights).sum(axis=1)) for states in (one, other)]
    cosines: FloatArray = (pooled[0] * pooled[1]).sum(axis=1)
    return cosines


def _states(request: Any, outputs: Sequence[int]) -> LayerStates:
    request.wait()
    return [request.get_output_tensor(output).data for output in outputs]


def _compile(path: Path, precision: Precision) -> Any:
    """Compile a model to run as many batches in parallel as there are processors, one thread each.

    Several threads on one batch wait for each other, and long if the machine is busy.
    """
    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "NUM_STREAMS": str(processors()),
        "INFERENCE_NUM_THREADS": str(processors()),
        "CACHE_DIR": str(path.parent / COMPILED_FOLDER),
    }
    return _core().compile_model(path, "CPU", settings)


@cache
def _core() -> Any:
    return _openvino().Core()


@cache
def _openvino() -> Any:
    """Import OpenVINO. Raises ImportError.

    Leaves out its converter, which takes long to import, and its telemetry, which would report each import to its
    makers; OpenVINO then uses its own stub.
    """
    with without("openvino_telemetry", "openvino.tools.ovc"):
        import openvino

        return openvino
