"""A collection in PostgreSQL, the second implementation of the storage's port."""
