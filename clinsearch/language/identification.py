"""Tells which language a text is in; what matters is whether that is English, whose rules no other text is read by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from clinsearch.language.frequent_words import ambiguous, english, others
from clinsearch.records.readings import ENGLISH

# Another language than English, but which one is not known; ISO 639-2.
UNDETERMINED = "und"

# What is looked at of a long text, from beginning to end: first so many words, which tell most English notes.
_FIRST_TERMS, _MOST_TERMS, _MOST_CHARACTERS = 100, 500, 5000
_LEAST_OF_FIRST, _SHARE_OF_FIRST = 10, 1 / 6
# English if so many of its words are frequent in English, and the share of them.
_LEAST_ENGLISH, _SHARE_OF_ENGLISH = 2, 1 / 10
# Another language if so many words, different ones, are frequent in it or have letters with marks, the share of them,
# and how many times as many they are as the English ones.
_LEAST_OTHER, _LEAST_DIFFERENT, _SHARE_OF_OTHER, _TIMES_ENGLISH = 3, 3, 1 / 14, 1.5
# Of few words so many different ones are enough if they are such a share.
_LEAST_OF_FEW, _SHARE_OF_FEW = 2, 2 / 5
# Words with letters that English has not; in capitals, if all are: others are eponyms and people. Four letters do not
# count that stand in UTF-8 read as Latin-1.
_MARKED = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[^\W\d_]+")
_MISREAD = re.compile(r"[\u00c2\u00c3\u00e2\u00ef]")

# Letters of other scripts; a third of all letters must be, and so many. One that stands for a word counts for two.
_LETTERS = re.compile(r"[^\W\d_]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1cff\u1f00-\u1fff\u2e80-\ud7ff\uf900-\ufb4f\uff66-\uffdc]")
_SYLLABLE = re.compile(r"[\u3040-\u9fff\uac00-\ud7ff]")
_LEAST_LETTERS, _SHARE_OF_LETTERS = 8, 1 / 3
# The scripts: their letters; the languages that have letters of their own, with these; what else it is.
_SCRIPTS = tuple(
    (re.compile(f"[{letters}]"), tuple((code, re.compile(f"[{own}]")) for code, own in languages), other)
    for letters, languages, other in (
        (r"\u3040-\u30ff\u3400-\u9fff", (("ja", r"\u3040-\u30ff"),), "zh"),
        (r"\u1100-\u11ff\uac00-\ud7ff", (), "ko"),
        (r"\u0370-\u03ff\u1f00-\u1fff", (), "el"),
        (
            r"\u0400-\u04ff",
            (
                ("uk", r"\u0456\u0457\u0454\u0491"),
                ("sr", r"\u0452\u0458-\u045b\u045f"),
                ("ru", r"\u044b\u044d"),
                ("bg", r"\u044a"),
            ),
            "ru",
        ),
        (r"\u0590-\u05ff", (), "he"),
        (r"\u0600-\u06ff", (("ur", r"\u0679\u0688\u0691\u06d2"), ("fa", r"\u067e\u0686\u0698\u06af")), "ar"),
        (r"\u0904-\u0939", (), "hi"),
        (r"\u0980-\u09ff", (), "bn"),
        (r"\u0b80-\u0bff", (), "ta"),
        (r"\u0e00-\u0e7f", (), "th"),
        (r"\u10a0-\u10ff", (), "ka"),
        (r"\u0530-\u058f", (), "hy"),
    )
)


def language_of(text: str, terms: Sequence[str]) -> str | None:
    """Return the language of a text with these terms, by its code in ISO 639-1 or `und`; None if it is not clear."""
    first = _spread(terms, _FIRST_TERMS)
    if sum(map(english().__contains__, first)) >= max(_LEAST_OF_FIRST, _SHARE_OF_FIRST * len(first)):
        return ENGLISH
    marked: list[str] = []
    if not text.isascii():
        some = text[:_MOST_CHARACTERS]
        if script := _by_script(some):
            return script
        marked = list(_marked(some))
    terms = _spread(terms, _MOST_TERMS)
    of_english = sum(map(english().__contains__, terms))
    if of_english >= max(_LEAST_ENGLISH, _SHARE_OF_ENGLISH * len(terms)):
        return ENGLISH
    return _other(terms, marked, _TIMES_ENGLISH * of_english)


def _spread(terms: Sequence[str], most: int) -> Sequence[str]:
    """Return every so manieth term, and so many at most."""
    return terms[:: -(-len(terms) // most) or 1]


def _marked(text: str) -> Iterator[str]:
    is_shouted = text.isupper()
    for word in _WORD.findall(text):
        if word.isascii() or not (is_shouted or word[0].islower()):
            continue
        if _MARKED.search(word) and not _MISREAD.search(word):
            yield word


def _other(terms: Sequence[str], marked: Sequence[str], least: float) -> str | None:
    """Return the language that enough of these terms, and words with marked letters, are of; None if there is none."""
    known, unclear = others(), ambiguous()
    totals: Counter[str] = Counter()
    signs: Counter[str] = Counter()
    for term, count in Counter(filter(known.__contains__, terms)).items():
        totals.update(dict.fromkeys(known[term], count))
        signs.update(dict.fromkeys(known[term], term not in unclear))
    best = max(totals, key=lambda language: (totals[language], signs[language]), default=UNDETERMINED)
    total, different = totals[best] + len(marked), signs[best] + len(set(marked))
    are_few = total >= _SHARE_OF_FEW * len(terms)
    if total < max(_LEAST_OTHER, _SHARE_OF_OTHER * len(terms), least):
        return None
    if different < (_LEAST_OF_FEW if are_few else _LEAST_DIFFERENT):
        return None
    return best if signs[best] else UNDETERMINED


def _by_script(text: str) -> str | None:
    """Return the language of a text in another script than Latin, None of one in Latin."""
    own = "".join(_OTHER_SCRIPT.findall(text))
    size = len(own) + len(_SYLLABLE.findall(own))
    if size < _LEAST_LETTERS or size < _SHARE_OF_LETTERS * (len(_LETTERS.findall(text)) + size - len(own)):
        return None
    lower = own.lower()
    counts = [len(letters.findall(lower)) for letters, _, _ in _SCRIPTS]
    if not any(counts):
        return UNDETERMINED
    _, languages, other = _SCRIPTS[counts.index(max(counts))]
    return next((language for language, letters in languages if letters.search(lower)), other)
