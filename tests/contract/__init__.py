"""What holds of a collection wherever it is kept: in a folder, or in a database of PostgreSQL."""
