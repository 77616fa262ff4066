"""From a document's bytes to its characters: byte order marks, charsets by name, and what to do without one."""

from __future__ import annotations

import codecs
import re

from clinsearch.readers.decoding import encoding_mark

# Python's names that are not charsets (idna, rot13, unicode_escape) are not among these.
_CHARSET = re.compile(
    r"(?:utf-?8|utf-?16(?:le|be)?|utf-?32(?:le|be)?|(?:cp|windows-?|ibm)-?\d{3,5}|iso-?8859-?\d{1,2}|latin-?\d{1,2}"
    r"|koi8-[rut]|gb2312|gbk|gb18030|big5(?:-?hkscs)?|euc-(?:jp|kr)|iso-2022-(?:jp|kr)|shift[_-]?jis|tis-?620"
    r"|(?:us-)?ascii|mac[-_]?(?:roman|greek|cyrillic|turkish|latin2|iceland)|johab)",
)
_OTHER_NAMES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    # Whatever says that it is one of these is in Windows-1252, which has more.
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
}
# Windows-1252 leaves five bytes without a meaning, which are read as in Latin-1.
_BY_BYTE = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]
_WINDOWS = dict(enumerate(_BY_BYTE))


def codec_named(name: str | None) -> str | None:
    """Return Python's name of a charset, None if it is none that documents are written in."""
    said = (name or "").strip().strip("\"'").casefold()
    if said in _OTHER_NAMES:
        return _OTHER_NAMES[said]
    if not _CHARSET.fullmatch(said):
        return None
    try:
        return codecs.lookup(said).name
    except LookupError:
        return None


def decoded(data: bytes, *charsets: str | None) -> str:
    """Return bytes as text: by its first bytes, the first charset that fits, UTF-8 or else Windows-1252."""
    for codec in [encoding_mark(data), *map(codec_named, charsets), "utf-8"]:
        if codec is not None:
            try:
                return data.decode(codec)
            except UnicodeError:
                continue
    return data.decode("latin-1").translate(_WINDOWS)
