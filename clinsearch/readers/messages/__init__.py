"""Streams of records in the formats that systems exchange: HL7 v2 messages and FHIR resources."""
