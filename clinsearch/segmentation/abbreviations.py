"""Whether a full stop ends a sentence or belongs to an abbreviation."""

from __future__ import annotations

import re

# Never at the end of a sentence: something always follows.
_BEFORE_A_WORD = frozenset(
    [
        "dr",
        "drs",
        "mr",
        "mrs",
        "ms",
        "prof",
        "st",
        "mt",
        "vs",
        "e.g",
        "i.e",
        "cf",
        "fig",
        "figs",
        "approx",
        "viz",
        "dept",
    ]
)

# Seldom at the end: only a word that can hardly be anything but the start of a sentence ends one.
_SELDOM_LAST = frozenset(
    [
        "rt",
        "lt",
        "pt",
        "pts",
        "y.o",
        "yo",
        "occ",
        "neg",
        "pos",
        "abd",
        "ext",
        "tol",
        "dsg",
        "cont",
        "hgb",
        "hct",
        "wt",
        "ht",
        "temp",
        "resp",
        "alk",
        "phos",
        "bili",
        "sig",
        "inc",
        "jr",
        "sr",
        "hosp",
        "rm",
        "ave",
        "tab",
        "tabs",
        "cap",
        "caps",
        "subq",
        "subcu",
        "ab",
        "esp",
        "incl",
        "max",
        "min",
        "vol",
        "est",
        "ant",
        "lat",
        "prox",
        "bilat",
        "resid",
        "ref",
        "eval",
        "gen",
        "surg",
        "med",
        "meds",
        "dx",
        "hx",
        "tx",
        "rx",
        "incr",
        "decr",
        "perc",
        "al",
        "no",
        "nos",
        "gtt",
        "co",
        "ltd",
    ]
)

# Often at the end: any capitalised word starts the next sentence.
_OFTEN_LAST = frozenset(
    [
        "mg",
        "mcg",
        "kg",
        "gm",
        "gms",
        "ml",
        "cc",
        "cm",
        "mm",
        "oz",
        "lb",
        "lbs",
        "yd",
        "ft",
        "yr",
        "yrs",
        "mo",
        "mos",
        "wk",
        "wks",
        "hr",
        "hrs",
        "sec",
        "secs",
        "mins",
        "in.",
        "etc",
        "tbsp",
        "tsp",
        "bid",
        "tid",
        "qid",
        "qd",
        "qhs",
        "prn",
        "po",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "mon",
        "tues",
        "wed",
        "thurs",
        "fri",
    ]
)
_DOTTED = re.compile(r"(?:[a-z]{1,2}\.)+-?[\w-]{1,6}|q\.?\d[\w-]*h|\d?-?\d+h")

_SUBJECTS = frozenset(
    [
        "the",
        "this",
        "that",
        "these",
        "those",
        "there",
        "he",
        "she",
        "it",
        "they",
        "we",
        "i",
        "you",
        "his",
        "her",
        "its",
        "their",
        "our",
        "my",
        "patient",
        "no",
        "denies",
        "reports",
        "states",
        "she's",
        "he's",
        "please",
        "return",
    ]
)
_OPENERS = _SUBJECTS | frozenset(
    [
        "a",
        "an",
        "after",
        "all",
        "also",
        "although",
        "any",
        "as",
        "at",
        "before",
        "both",
        "but",
        "by",
        "during",
        "each",
        "for",
        "from",
        "given",
        "however",
        "if",
        "in",
        "is",
        "was",
        "once",
        "on",
        "other",
        "otherwise",
        "our",
        "since",
        "so",
        "some",
        "then",
        "today",
        "upon",
        "when",
        "while",
        "will",
        "with",
        "would",
        "continue",
        "discussed",
        "follow",
        "followed",
        "plan",
        "has",
        "had",
        "did",
        "does",
        "family",
        "mother",
        "father",
        "wife",
        "husband",
        "mom",
    ]
)
# Capitals behind a dose or a time that go on with it: "2 g. IV", "10 a.m. EST".
_ROUTES = frozenset(
    [
        "iv",
        "im",
        "po",
        "pr",
        "sc",
        "sq",
        "sl",
        "ng",
        "pt",
        "est",
        "cst",
        "mst",
        "pst",
        "edt",
        "od",
        "os",
        "ou",
    ]
)
_NEXT_WORD = re.compile(r"[\"'“‘(\[]*([^\W\d_][\w']*(?!\.))?")


def ends_sentence(word: str, rest: str) -> bool:
    """Tell whether the full stop behind `word` ends a sentence that `rest` would follow."""
    key = word.lower()
    if key in _BEFORE_A_WORD:
        return False
    if key == "no":
        return not rest[:1].isdigit()
    if key in _SELDOM_LAST or (len(key) == 1 and key.isalpha()):
        return _opens(_next_word(rest))
    dotted = _DOTTED.fullmatch(key) is not None
    if not (dotted or key in _OFTEN_LAST):
        return True
    next_word = _next_word(rest)
    if word.isupper():
        return _opens(next_word)
    return next_word[:1].isupper() and next_word.lower() not in _ROUTES


def _next_word(rest: str) -> str:
    match = _NEXT_WORD.match(rest)
    return match[1] or "" if match else ""


def _opens(word: str) -> bool:
    # Among capitals a preposition is no sign of a new sentence: "T.I.D. WITH FOOD".
    openers = _SUBJECTS if len(word) > 1 and word.isupper() else _OPENERS
    return word[:1].isupper() and word.lower() in openers
