"""Vectors laid out in the plane."""
