"""A collection in a folder: a SQLite catalog, which is the truth, and FAISS files, which are made from it."""
