"""Results as records, for JSON, JSON lines and CSV."""
