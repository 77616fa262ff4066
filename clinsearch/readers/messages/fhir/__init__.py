"""FHIR resources (R4, R5) in JSON: documents, reports and what else is written in words; Bundles and bulk exports."""

from clinsearch.readers.messages.fhir.files import read_fhir

__all__ = ["read_fhir"]
