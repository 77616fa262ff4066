"""Runs commands of clinsearch where the kernel ends a process that asks for a socket, and tells what Python saw.

An audit hook sees only what goes through Python; the kernel sees what torch, OpenVINO or SQLite do by themselves, too.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import pkgutil
import platform
import socket
import struct
import sys
from typing import Any

# Numbers of machines and of system calls: linux/audit.h, asm/unistd.h.
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CALLS = {"x86_64": {"socket": 41, "connect": 42}, "aarch64": {"socket": 198, "connect": 203}}
WATCHED = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.startfile", "urllib.")
LOAD, EQUAL, ANSWER = 0x20, 0x15, 0x06  # linux/bpf_common.h
END, DENY, ALLOW = 0x8000_0000, 0x0005_0000, 0x7FFF_0000  # linux/seccomp.h
NO_NEW_PRIVILEGES, SECCOMP, FILTERED = 38, 22, 2  # linux/prctl.h
EACCES = 13
SEALED, SEEN = "the kernel looks: ", "seen: "


def refuse(call: str) -> bool:
    """Have the kernel refuse a call to this process and those that it starts; False where it has no such filter.

    socket: ends the process, unless the socket is a local one, by which the C library asks who the user is.
    connect: fails; whoever serves may still listen.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in MACHINES:
        return False
    refusal = END if call == "socket" else DENY | EACCES
    steps = [
        (LOAD, 0, 0, 4),
        (EQUAL, 1, 0, MACHINES[machine]),
        (ANSWER, 0, 0, END),
        (LOAD, 0, 0, 0),
        (EQUAL, 0, 3, CALLS[machine][call]),
        (LOAD, 0, 0, 16),
        (EQUAL, 1, 0, socket.AF_UNIX if call == "socket" else 0xFFFF_FFFF),
        (ANSWER, 0, 0, refusal),
        (ANSWER, 0, 0, ALLOW),
    ]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    given = Filter(len(steps), ctypes.addressof(program))
    libc = ctypes.CDLL(None)
    is_promised = libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    return is_promised and libc.prctl(SECCOMP, FILTERED, ctypes.byref(given), 0, 0) == 0


def watch() -> None:
    """Say on stderr at once, each in a line, what reaches for a network or another program."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(WATCHED):
            os.write(2, f"{SEEN}{json.dumps([event, *map(str, arguments[:2])])}\n".encode())

    sys.addaudithook(hook)


def import_all() -> None:
    import clinsearch

    for module in pkgutil.walk_packages(clinsearch.__path__, "clinsearch."):
        if not module.name.endswith(("__main__", "pattern_worker", "pdf_worker")):  # these are run, not imported
            importlib.import_module(module.name)


def run(*commands: list[str], refused: str) -> None:
    """Refuse, watch, and run commands; before them all modules are imported, where no socket may be opened."""
    print(f"{SEALED}{refuse(refused)}", file=sys.stderr)
    watch()
    if refused == "socket":
        import_all()
    from clinsearch.cli import main

    for command in commands:
        main(command, standalone_mode=False)


if __name__ == "__main__":
    run(*json.loads(sys.argv[2]), refused=sys.argv[1])
