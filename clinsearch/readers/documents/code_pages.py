"""The code pages of RTF: of a document, and of its fonts."""

from __future__ import annotations

import codecs

WINDOWS = "cp1252"
SIGNS = "signs"  # of a font whose letters are signs
_OTHERS = {10000: "mac_roman", 65001: "utf-8", 1361: "johab", 936: "gb18030", 20127: WINDOWS, 28591: WINDOWS}
_OF_CHARSETS = {
    0: 1252, 77: 10000, 78: 932, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258,
    177: 1255, 178: 1256, 179: 1256, 180: 1256, 181: 1255, 186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437,
    255: 850,
}  # fmt: skip
_SIGNS_CHARSET = 2


def codec_of_page(number: int | None) -> str | None:
    """Return the codec of a code page, None if there is none."""
    if number is None:
        return None
    name = _OTHERS.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None


def codec_of_charset(number: int | None) -> str | None:
    """Return the codec of a font's charset, SIGNS if it has signs, None if it is that of the document."""
    return SIGNS if number == _SIGNS_CHARSET else codec_of_page(_OF_CHARSETS.get(-1 if number is None else number))
