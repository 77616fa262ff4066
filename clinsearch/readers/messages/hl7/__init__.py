"""HL7 v2 messages: reports, documents and notes; each OBR, or each TXA, makes a note."""

from clinsearch.readers.messages.hl7.messages import read_hl7

__all__ = ["read_hl7"]
