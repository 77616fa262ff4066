"""Vectors in files, as recorded in the catalog. The only home of FAISS."""
