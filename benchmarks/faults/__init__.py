"""Faults of the machine under a collection: kills, calls that fail, torn writes, and what was not flushed."""
