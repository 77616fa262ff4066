"""A collection in a database of PostgreSQL with pgvector; imported only when one is opened."""
