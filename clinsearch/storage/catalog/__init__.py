"""The SQLite catalog, which is the truth of a collection. The only home of SQLAlchemy and Alembic."""
