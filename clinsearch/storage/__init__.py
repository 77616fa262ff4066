"""The collection folder: a SQLite catalog, which is the truth, and FAISS files, which are made from it.

The only home of sqlalchemy, alembic and faiss.
"""
