"""A collection that cannot be written to, or whose disk is full, is searched all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinsearch import Collection
from tests.support.hostile import contents, run
from tests.support.sound import killed_after, own, sound

__all__ = ["own", "sound"]

READING = (("search", "no fever", "--format", "json"), ("show", "n3"), ("status",), ("verify", "--full"), ("notes",))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Callable[[str], None]]]:
    """A disk of its own, in memory, and a function that mounts it anew with other options."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("no disk can be mounted here: that takes root")
    yield place, lambda options: subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)  # type: ignore[misc]
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_collection_on_a_read_only_disk_is_read_and_one_line_refuses_to_write(
    own: Path, disk: tuple[Path, Callable[[str], None]]
) -> None:
    place, mount = disk
    folder = Path(shutil.copytree(own, place / "c"))
    answers = [run(own, *command).stdout for command in READING[:2]]
    mount("ro")
    before = contents(folder)
    for command in READING:
        assert run(folder, *command).exit_code == 0, command
    assert [run(folder, *command).stdout for command in READING[:2]] == answers
    for command in (("repair",), ("delete", "n1"), ("optimize",)):
        result = run(folder, *command)
        assert result.exit_code == 1
        assert "cannot be written to" in result.stderr
    assert run(folder, "backup", str(own.with_name("backup"))).exit_code == 0
    assert contents(folder) == before


def test_what_a_killed_writer_left_in_the_log_is_read_from_a_read_only_disk(
    own: Path, disk: tuple[Path, Callable[[str], None]]
) -> None:
    place, mount = disk
    folder = Path(shutil.copytree(killed_after(own, "n1", "n2"), place / "c"))
    mount("ro")
    assert Collection(folder).status().notes == 41
    for command in READING:
        assert run(folder, *command).exit_code == 0, command


def test_a_full_disk_is_searched(own: Path, disk: tuple[Path, Callable[[str], None]]) -> None:
    place, mount = disk
    folder = Path(shutil.copytree(own, place / "c"))
    mount(f"size={-(-shutil.disk_usage(place).used // 4096) * 4096}")
    assert shutil.disk_usage(place).free == 0
    for command in READING:
        assert run(folder, *command).exit_code == 0, command
