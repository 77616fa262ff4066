"""Clinical abbreviations, names of one thing, drugs and right words: what is carried, and what a site adds."""

from clinsearch.language.terminology.terminology import Terminology

__all__ = ["Terminology"]
