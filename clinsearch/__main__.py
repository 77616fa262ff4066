"""Lets `python -m clinsearch` do what `clinsearch` does."""

from clinsearch.cli import main

main(prog_name="clinsearch")
