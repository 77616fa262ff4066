"""Vectors in files, made from what the catalog says. The only home of FAISS."""
