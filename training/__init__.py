"""Makes what the program carries and does not make by itself. Not part of the wheel."""
