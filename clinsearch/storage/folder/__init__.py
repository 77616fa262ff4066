"""A collection in a folder: a SQLite catalog, which is the truth, and FAISS files, which are made from it."""

from clinsearch.memory import require_memory

# FAISS and what comes with it take this much when they are loaded, and end the process without a word if they cannot.
LOADED_BYTES = 220 << 20

require_memory(LOADED_BYTES, "open a collection")
