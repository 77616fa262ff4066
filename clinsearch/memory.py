"""How much memory this process may take where that is limited, and which errors come of too little.

Libraries made in C and C++ do not all ask whether they got memory: some crash without a word. So there has to be room
for what they are known to take before they are loaded.
"""

from __future__ import annotations

import errno
import re
import resource
from pathlib import Path

from clinsearch.errors import NotEnoughMemory

# torch, OpenVINO, FAISS and the loader of libraries have no exception type for this, only messages.
SIGNS_OF_FULL_MEMORY = (
    *("bad_alloc", "alloc_cpu", "allocate memory", "out of memory", "not enough memory"),
    *("failed to map segment", "can't start new thread"),
)
# A process that has taken this share of what it may have may have failed for lack of more.
NEAR = 0.6
MB = 1 << 20


def require_memory(more_bytes: int, what: str) -> None:
    """Raise NotEnoughMemory if a limit leaves no room for so much more address space."""
    limit = limit_bytes()
    if limit is not None and _taken_bytes("VmSize") + more_bytes > limit:
        raise NotEnoughMemory(f"There is not enough memory to {what}{_limited(limit)}.")


def limit_bytes() -> int | None:
    """Return how much address space the process may take, None without a limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def lacks_memory(error: BaseException | None) -> bool:
    """Tell whether an error, or one of its causes, says that there was not enough memory."""
    if error is None:
        return False
    says_so = isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM
    is_said = any(sign in str(error).lower() for sign in SIGNS_OF_FULL_MEMORY)
    return says_so or is_said or lacks_memory(error.__cause__ or error.__context__)


def is_near_limit() -> bool:
    """Tell whether the process has come near a limit of memory, so that whatever fails may fail by that."""
    limit = limit_bytes()
    return limit is not None and _taken_bytes("VmPeak") > NEAR * limit


def shortage(what: str = "for this") -> str:
    """Return the line that says that there is not enough memory, and what the limit is."""
    limit = limit_bytes()
    return f"There is not enough memory {what}{'' if limit is None else _limited(limit)}."


def _limited(limit: int) -> str:
    return f": this process may take {limit // MB:,} MB, by a limit as `ulimit -v` sets it. Raise it"


def _taken_bytes(field: str) -> int:
    """Return how much address space the process has, VmSize, or has had, VmPeak; 0 where that is not told."""
    try:
        found = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    except (OSError, ValueError):
        return 0
    return int(found[1]) << 10 if found else 0
