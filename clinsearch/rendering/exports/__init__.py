"""Notes written to files, from which `clinsearch index` makes the same collection again."""
