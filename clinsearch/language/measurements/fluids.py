"""Other fluids than blood: what is measured in them has a name of its own."""

from __future__ import annotations

import re

from clinsearch.language.measurements.sentence import Named, Sentence

_FLUIDS = (
    ("urine", r"urin\w*|ua|u/a"),
    ("cerebrospinal fluid", r"csf|cerebrospinal|lumbar puncture|\blp\b"),
    ("pleural fluid", r"pleural fluid|thoracentesis"),
    ("ascitic fluid", r"ascit\w+ fluid|ascites fluid|paracentesis|peritoneal fluid"),
    ("synovial fluid", r"synovial|joint fluid|arthrocentesis|aspirate"),
    ("lavage fluid", r"bal|bronchoalveolar"),
)
_FLUID = re.compile(r"\b(?:" + "|".join(f"({pattern})" for _, pattern in _FLUIDS) + r")\b", re.IGNORECASE)
_BLOOD = re.compile(
    r"\b(?:blood|serum|cbc|hemogram|bmp|cmp|chem\w*|labs|electrolytes|hgb|hemoglobin|creatinine|sodium|na)\b",
    re.IGNORECASE,
)
_FARTHEST = 240
_IN_FLUIDS = frozenset(
    (
        "white blood cell count",
        "red blood cell count",
        "glucose",
        "albumin",
        "total protein",
        "lactate dehydrogenase",
        "amylase",
        "neutrophils",
        "lymphocytes",
        "creatinine",
        "monocytes",
        "eosinophils",
    )
)


def fluid_of(sentence: Sentence, name: Named) -> str:
    """Return the fluid that a name is said of, the empty text for blood."""
    if name.analyte.name not in _IN_FLUIDS:
        return ""
    start = sentence.marks.starts[name.first]
    before = sentence.marks.text[max(0, start - _FARTHEST) : start]
    found = max(_FLUID.finditer(before), key=re.Match.end, default=None)
    if found is None or _BLOOD.search(before, found.end()):
        return ""
    return next(fluid for (fluid, _), part in zip(_FLUIDS, found.groups(), strict=True) if part)
