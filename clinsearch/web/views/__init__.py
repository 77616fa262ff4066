"""The pages, one module each: what an operation found, laid out by a template."""
