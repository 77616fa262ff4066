"""Reads which measured things a text names, without values of them."""

from __future__ import annotations

from clinsearch.language.measurements.drugs import drug_names
from clinsearch.language.measurements.marks import read_marks
from clinsearch.language.measurements.sentence import find_names


def names_in(text: str) -> list[str]:
    """Return the usual names of what a text names, in order: "BP" is two; a drug is the dose of it."""
    of_analytes = [one.analyte for one in find_names(read_marks(text), asked=True)]
    found = [name for analyte in of_analytes for name in (analyte.pair or (analyte.name,))]
    if not found and (drug := drug_names().get(text.strip().lower())):
        found = [f"dose of {drug}"]
    return list(dict.fromkeys(found))
