"""File calls below a folder, counted and made to fail, in processes of their own.

The C library's calls are taken by a library that is loaded before it (calls.c), so that SQLite's and Python's both are.
"""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.faults.disk import PowerCut
from clinsearch.errors import ClinsearchError

SOURCE = Path(__file__).with_name("calls.c")
OFF, COUNT, KILL_BEFORE, KILL_AFTER, TORN, FAIL_ONCE, FAIL_FROM_THEN_ON = range(7)
LOADED = "CLINSEARCH_FAULTS"
SECONDS_OF_A_RUN = 180


@dataclass(frozen=True)
class Fault:
    """How the n-th call goes wrong. reads: whether calls that read are counted, too."""

    name: str
    mode: int
    code: int = 0
    reads: bool = False
    writes_alone: bool = False
    cut: PowerCut | None = None

    @property
    def kills(self) -> bool:
        return self.mode in (KILL_BEFORE, KILL_AFTER, TORN)


FAULTS = (
    Fault("killed before the call", KILL_BEFORE),
    Fault("killed after the call", KILL_AFTER),
    Fault("killed in the middle of a write", TORN, writes_alone=True),
    Fault("EIO once", FAIL_ONCE, errno.EIO),
    Fault("EIO from then on", FAIL_FROM_THEN_ON, errno.EIO),
    Fault("ENOSPC once", FAIL_ONCE, errno.ENOSPC),
    Fault("ENOSPC from then on", FAIL_FROM_THEN_ON, errno.ENOSPC),
)
POWER_CUTS = tuple(
    Fault(f"the power fails: {left}", COUNT, cut=cut)
    for left, cut in (
        ("only what was flushed is left", PowerCut(data=False, names=False)),
        ("all names are left", PowerCut(data=False, names=True)),
        ("all data is left", PowerCut(data=True, names=False)),
        ("chance leaves some", PowerCut(data=None, names=None)),
    )
)
READ_FAULTS = (
    Fault("EIO once, reads too", FAIL_ONCE, errno.EIO, reads=True),
    Fault("EIO from then on, reads too", FAIL_FROM_THEN_ON, errno.EIO, reads=True),
)


@dataclass(frozen=True)
class Ending:
    """How a process ended, and what it said: the error of the program, or that of none of its kinds."""

    status: int
    result: Any = None
    error: str = ""
    unforeseen: str = ""
    calls: int = 0
    kinds: bytes = b""


def start_again_with_faults(module: str) -> None:
    """Run a module again in a process whose file calls can be made to fail, and end with its status."""
    if os.environ.get(LOADED):
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        library = Path(folder) / "calls.so"
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler:
            sys.exit("No C compiler is at hand, by which file calls are made to fail. Install gcc.")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
        # A process of one thread may be forked. MKL keeps the memory of threads that are no more.
        single = {"OMP_NUM_THREADS": "1", "MKL_DISABLE_FAST_MM": "1", "TOKENIZERS_PARALLELISM": "false"}
        again = {**os.environ, **single, "HF_HUB_OFFLINE": "1", "CLINSEARCH_NO_SETTINGS": "1"}
        again |= {"CLINSEARCH_CACHE": folder, "LD_PRELOAD": str(library), LOADED: str(library)}
        sys.exit(subprocess.run([sys.executable, "-m", module, *sys.argv[1:]], env=again, check=False).returncode)


def run(
    work: Callable[[], Any],
    below: Path | None = None,
    fault: Fault | None = None,
    number: int = 0,
    *,
    share: float = 0.5,
    log: Path | None = None,
    kill_after_seconds: float | None = None,
) -> Ending:
    """Do some work in a process of its own. below: what the paths begin with whose calls count."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        _work(work, writing, below, fault, number, share, log)
    os.close(writing)
    if kill_after_seconds is not None:
        _kill_later(child, kill_after_seconds, reading)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    return Ending(ended, **pickle.loads(said)) if said else Ending(ended)


def _kill_later(child: int, seconds: float, reading: int) -> None:
    import select

    if not select.select([reading], [], [], seconds)[0]:
        os.kill(child, signal.SIGKILL)


def _work(
    work: Callable[[], Any],
    writing: int,
    below: Path | None,
    fault: Fault | None,
    number: int,
    share: float,
    log: Path | None,
) -> None:
    signal.alarm(SECONDS_OF_A_RUN)  # what hangs is killed, and is found by its status
    library = ctypes.CDLL(os.environ[LOADED])
    library.faults_count.restype = ctypes.c_long
    said: dict[str, Any] = {}
    status = 1
    try:
        if below:
            told = fault or Fault("none", COUNT)
            library.faults_arm(
                os.fsencode(below), ctypes.c_long(number), told.mode, told.code, int(told.reads),
                ctypes.c_double(share), os.fsencode(log) if log else None,
            )  # fmt: skip
        said["result"] = work()
        status = 0
    except ClinsearchError as error:
        said["error"] = f"{type(error).__name__}: {error}"
    except BaseException as error:
        said["unforeseen"] = "".join(traceback.format_exception(error))[-3000:]
    finally:
        library.faults_off()
        said["calls"] = library.faults_count()
        said["kinds"] = ctypes.string_at(library.faults_kinds(), 0) if not below else _kinds(library, said["calls"])
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickle.dumps(said))
        os._exit(status)


def _kinds(library: ctypes.CDLL, calls: int) -> bytes:
    library.faults_kinds.restype = ctypes.c_void_p
    return ctypes.string_at(library.faults_kinds(), calls + 1)
