"""The names of the elements of DOCX documents, of the two sets of namespaces that there are."""

from __future__ import annotations

_OFFICE = "http://schemas.openxmlformats.org"
_STRICT = "http://purl.oclc.org/ooxml"
PREFIXES = {
    f"{_OFFICE}/wordprocessingml/2006/main": "w",
    f"{_STRICT}/wordprocessingml/main": "w",
    f"{_OFFICE}/officeDocument/2006/math": "m",
    f"{_STRICT}/officeDocument/math": "m",
    f"{_OFFICE}/markup-compatibility/2006": "mc",
    "http://purl.org/dc/elements/1.1/": "dc",
}
# Text that is not shown, and why that is said; what is said of nothing is not of the note.
SKIPPED = {
    "w:del": "deleted text",
    "w:moveFrom": "",
    "w:instrText": "",
    "w:delInstrText": "",
    "w:rt": "",
    **dict.fromkeys(
        ("w:pPrChange", "w:rPrChange", "w:tblPrChange", "w:tcPrChange", "w:trPrChange", "w:sectPrChange"), ""
    ),
    **dict.fromkeys(("w:numberingChange", "w:tblGridChange", "w:tblPrExChange"), ""),
}
SIGNS = {"w:tab": "\t", "w:ptab": "\t", "w:noBreakHyphen": "-"}
VALUES = frozenset({"w:pStyle", "w:outlineLvl", "w:numId", "w:ilvl"})
NOT_A_NOTE = frozenset({"separator", "continuationSeparator", "continuationNotice"})
