"""Makes hostile inputs of good ones: texts and bytes, changed at places drawn by chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

# What has made readers stumble: ends of lines, marks without width, halves of characters, numbers and depths past all
# bounds, and the signs of the formats.
MOTES = (
    "\0", "\r", "\n\n\n", "\u2028", "\x85", "\x0c", "\ufeff", "\u200b", "\u202e", "\u2066", "\ud800", "\udcff",
    "\x1b]0;t\x07",
    "\u0301" * 40, "\U0001f469\u200d\U0001f52c", "\u0130", "\u1e9e",
    "\ufb03", "\u06dd", "\u0661\u0662", "\u00bd", "\u2160",
    "9" * 400, "1e999", "-0", "0x1f", "1_000",
    "nan", "99999999999999999999", "10/10/0000", "2024-13-45", "00:61",
    "[" * 60,
    "]" * 60, "(" * 200, "{" * 60, '"' * 9, "'" * 9, "<" * 30, "&#x110000;", "&" * 20, "]]>", "<!--",
    "<![CDATA[",
    "\\" * 9, "\\u'", "\\bin99999999 ", "^~\\&", "|" * 40, "\t" * 40, ";" * 40, "," * 40, "---\n", ": " * 40, "=" * 30,
    "a" * 3000, " " * 3000, "-" * 3000, ". " * 900, "no " * 600, "mg " * 600, "HX:" * 300, "aA1" * 600, "\u00e9" * 900,
    "no", "denies", "without", "family history of", "HISTORY:", "PLAN:\n", "A1c > 9", "< 40 %",
    "120/80", "2024", "1.", "b)",
)  # fmt: skip
MOST_CHARACTERS = 30_000
# Of long texts there are few: one takes as long as thirty short ones, and meets little that those do not.
EXCERPTS, LENGTHS = 0.9, (3, 30, 200, 1500)


def hostile(rng: random.Random, seeds: Sequence[str]) -> str:
    """Return a text that was made of good ones by a few changes."""
    text = rng.choice(seeds)
    start = rng.randrange(max(1, len(text)))
    text = text[start : start + rng.choice(LENGTHS)] if rng.random() < EXCERPTS else text
    for _ in range(rng.choice((1, 1, 2, 4, 9))):
        text = rng.choice(_CHANGES)(rng, text, seeds)[:MOST_CHARACTERS]
    return text


def hostile_bytes(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Return bytes that were made of good ones by a few changes."""
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice((1, 4, 60, 2000)))
        match rng.randrange(6):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at:to]
            case 2:
                data[at:at] = rng.choice(MOTES).encode("utf-8", "surrogatepass")
            case 3:
                data[at:at] = data[at:to] * rng.choice((2, 20, 300))
            case 4:
                del data[at:]
            case 5:
                other = rng.choice(seeds)
                data[at:to] = other[at:to] or other[:20]
        del data[4 * MOST_CHARACTERS :]
    return bytes(data)


def _insert(rng: random.Random, text: str, _: Sequence[str]) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(MOTES) + text[at:]


def _replace(rng: random.Random, text: str, _: Sequence[str]) -> str:
    at = rng.randrange(len(text) + 1)
    return (
        text[:at]
        + chr(rng.choice((rng.randrange(128), rng.randrange(0x3000), rng.randrange(0x110000))))
        + text[at + 1 :]
    )


def _remove(rng: random.Random, text: str, _: Sequence[str]) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + text[at + rng.choice((1, 5, 60)) :]


def _repeat(rng: random.Random, text: str, _: Sequence[str]) -> str:
    at = rng.randrange(len(text) + 1)
    part = text[at : at + rng.choice((1, 2, 7, 40, 400))]
    return text[:at] + part * rng.choice((2, 10, 100, 2000)) + text[at:]


def _splice(rng: random.Random, text: str, seeds: Sequence[str]) -> str:
    other = rng.choice(seeds)
    at, to = rng.randrange(len(text) + 1), rng.randrange(len(other) + 1)
    return text[:at] + other[to : to + 300]


def _shuffle(rng: random.Random, text: str, _: Sequence[str]) -> str:
    words = text.split(" ")
    rng.shuffle(words)
    return " ".join(words)


def _turn_case(rng: random.Random, text: str, _: Sequence[str]) -> str:
    return rng.choice((str.upper, str.lower, str.title, str.swapcase))(text)


_CHANGES: tuple[Callable[[random.Random, str, Sequence[str]], str], ...] = (
    _insert, _insert, _replace, _remove, _repeat, _splice, _shuffle, _turn_case,
)  # fmt: skip
