"""Concepts with their names, and which of them are kept for probes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PROBE_SHARE = 8  # one in so many
LONGEST_NAME = 45  # characters


@dataclass(frozen=True, slots=True)
class Concept:
    """A finding or a disease: its names, the first of which it is known by."""

    names: tuple[str, ...]
    kind: str  # "finding" or "disease"

    @property
    def name(self) -> str:
        """The name that it is known by."""
        return self.names[0]


def make_concepts(
    named: Mapping[str, Sequence[str]], harvested: Sequence[str], diseases: Mapping[str, Sequence[str]]
) -> list[Concept]:
    """Put findings and diseases together; a disease that is among the findings is not taken twice."""
    findings = [Concept(tuple(names), "finding") for names in named.values()]
    findings += [Concept((term,), "finding") for term in harvested]
    known = {name.lower() for concept in findings for name in concept.names}
    usable = ([name for name in names if len(name) <= LONGEST_NAME] for names in diseases.values())
    return findings + [
        Concept(tuple(names), "disease") for names in usable if names and not known & {name.lower() for name in names}
    ]


def is_probed(concept: Concept) -> bool:
    """Tell whether a concept is kept for probes: by its name alone, whatever others there are."""
    return zlib.crc32(concept.name.lower().encode()) % PROBE_SHARE == 0


def split_probed(concepts: Iterable[Concept]) -> tuple[list[Concept], list[Concept]]:
    """Return the concepts for training and those for probes; no name is on both sides."""
    concepts = list(concepts)
    probed = [concept for concept in concepts if is_probed(concept)]
    names = {name.lower() for concept in probed for name in concept.names}
    return [concept for concept in concepts if not names & {name.lower() for name in concept.names}], probed
