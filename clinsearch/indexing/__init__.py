"""Brings a collection up to date with files of notes: reads, segments, encodes what is new, commits in batches."""

from clinsearch.indexing.repair import repair
from clinsearch.indexing.run import Progress, index_files

__all__ = ["Progress", "index_files", "repair"]
