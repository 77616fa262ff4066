"""Results on the screen and in files: one module a form, and no logic but that of showing."""
