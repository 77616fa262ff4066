"""A model taken apart: its vocab, tokens and layers, and where they stand in the notes."""
