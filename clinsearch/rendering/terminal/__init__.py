"""Results for reading in a terminal. The only home of rich."""
