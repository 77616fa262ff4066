"""What HL7 v2's tables say: codes that senders give without their names."""

from __future__ import annotations

# 0270, document type.
DOCUMENT_TYPES = {
    "AR": "Autopsy report",
    "CD": "Cardiodiagnostics",
    "CN": "Consultation",
    "DI": "Diagnostic imaging",
    "DS": "Discharge summary",
    "ED": "Emergency department report",
    "HP": "History and physical examination",
    "OP": "Operative report",
    "PC": "Psychiatric consultation",
    "PH": "Psychiatric history and physical examination",
    "PN": "Procedure note",
    "PR": "Progress note",
    "SP": "Surgical pathology",
    "TS": "Transfer summary",
}

# 0078, interpretation codes.
FLAGS = {
    "L": "low",
    "H": "high",
    "LL": "critically low",
    "HH": "critically high",
    "<": "below the scale",
    ">": "above the scale",
    "A": "abnormal",
    "AA": "critically abnormal",
    "R": "resistant",
    "S": "susceptible",
    "I": "intermediate",
}

# Suffixes of observation ids, as in 71020&IMP: what part of a report they are.
SUFFIXES = {
    "IMP": "Impression",
    "REC": "Recommendation",
    "GDT": "Description",
    "MDT": "Microscopic description",
    "ADT": "Addendum",
    "TCM": "Technician's comment",
}

# 0211, character sets; 8859/1 is in practice Windows-1252, which has it within.
CODECS = {
    "ASCII": "ascii",
    "8859/1": "cp1252",
    **{f"8859/{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)},
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "UNICODE": "utf-8",
    "ISO IR6": "ascii",
    "ISO IR14": "iso2022_jp",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "WINDOWS-1252": "cp1252",
    "ISO-8859-1": "cp1252",
    "ISO-8859-15": "iso8859-15",
}
