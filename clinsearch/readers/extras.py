"""What has to be installed besides for some formats."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra of clinsearch's, and the module that it brings."""

    name: str
    module: str

    @property
    def is_installed(self) -> bool:
        """Whether it is there; nothing is loaded for the answer."""
        return find_spec(self.module) is not None

    @property
    def command(self) -> str:
        """What installs it."""
        return f'pip install "clinsearch[{self.name}]"'


PARQUET = Extra("parquet", "pyarrow")
PDF = Extra("pdf", "pypdfium2")
ZSTD = Extra("zstd", "zstandard")
