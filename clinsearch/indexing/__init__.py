"""Brings a collection up to date with files of notes: reads, segments, encodes what is new, commits in batches."""
