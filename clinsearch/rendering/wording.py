"""What every form shows alike: numbers, whether a section has to be named, and what a residual is too small to say."""

from __future__ import annotations

from clinsearch.language.segmentation import heading_name

# What adding float32 numbers up leaves over; its exact size says nothing.
ROUNDING = 1e-6


def is_headed(section: str, sentence: str) -> bool:
    """Tell whether a sentence begins with the heading of its section."""
    label = sentence.partition(":")[0]
    return section in (heading_name(label), label.lower()) or sentence.lower().startswith(section)


def number(value: float, digits: int = 4) -> str:
    """Write a number with a true minus sign; a zero has none."""
    written = f"{value:.{digits}f}"
    return written.lstrip("-") if float(written) == 0 else written.replace("-", "\u2212")


def signed(value: float, digits: int) -> str:
    """Write a number with its sign; a zero has none."""
    written = number(value, digits)
    return f"+{written}" if float(f"{value:.{digits}f}") > 0 else written
