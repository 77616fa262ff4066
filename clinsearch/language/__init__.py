"""What a note says, read by rules: sections, sentences, assertions, terms and gists."""

from clinsearch.language.reading import read_note, read_sentences
from clinsearch.language.terms import terms_of
from clinsearch.records.readings import LANGUAGE_VERSION

__all__ = ["LANGUAGE_VERSION", "read_note", "read_sentences", "terms_of"]
