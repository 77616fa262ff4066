"""A collection in a folder: a SQLite catalog, which is the truth, and FAISS files, which are made from it."""

from clinsearch.memory import require_memory

# FAISS and what comes with it take this much when they are loaded and first used, OpenBLAS its buffers too; where they
# cannot get it they end the process, without a word or with one of their own.
LOADED_BYTES = 280 << 20

require_memory(LOADED_BYTES, "open a collection")
