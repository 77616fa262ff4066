"""Inputs that are made hostile, and what reads them."""
