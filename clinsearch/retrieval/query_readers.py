"""Readers of queries for one user: with the carried terms and a site's own, by the words of the notes at hand."""

from __future__ import annotations

import os
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from clinsearch.errors import InputError
from clinsearch.records.phrases import Phrase
from clinsearch.settings import terms_file

if TYPE_CHECKING:
    from clinsearch.language.terminology import Terminology
    from clinsearch.retrieval.reading import QueryReader
    from clinsearch.storage.port import Catalog


class QueryReaders:
    """Makes readers of queries. The terms are read when they are first needed."""

    def __init__(self, terms: str | os.PathLike[str] | None = None) -> None:
        """terms: a file of a site's own abbreviations and names, by default that of CLINSEARCH_TERMS."""
        self._terms = terms

    def of(self, catalog: Catalog, *, synonyms: bool = True, exact: bool = False) -> QueryReader:
        """Return what reads queries by the words of one commit; synonyms, exact: as in Collection.search."""
        # How queries are read takes a while to import: what opens a collection need not search.
        from clinsearch.language.spelling import Speller
        from clinsearch.retrieval.reading import QueryReader

        index = catalog.keywords("sentence")
        speller = Speller(lambda term: index.frequency(Phrase((term,))), self.terminology)
        return QueryReader(self.terminology if synonyms else None, None if exact else speller)

    @cached_property
    def terminology(self) -> Terminology:
        """The carried terms, and a site's own before them. Raises InputError if its file cannot be used."""
        from clinsearch.language.terminology import Terminology

        carried, own = Terminology.carried(), terms_file(self._terms)
        return carried if own is None else carried.with_file(own)

    @property
    def terms_digest(self) -> str | None:
        """The digest of the site's own terms as they are written; None without. Raises InputError."""
        own = terms_file(self._terms)
        try:
            return None if own is None else sha256(own.read_bytes()).hexdigest()
        except OSError:
            raise InputError(f"{own} cannot be read.") from None
