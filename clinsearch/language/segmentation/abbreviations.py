"""Whether a full stop ends a sentence or belongs to an abbreviation."""

from __future__ import annotations

import re


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Never the last word of a sentence.
_BEFORE_A_WORD = _words("dr drs mr mrs ms prof vs e.g i.e cf fig figs approx viz dept")

# Seldom the last: after these only a word that hardly ever stands elsewhere than first begins a sentence.
_SELDOM_LAST = _words(
    """
    st mt rt lt pt pts y.o yo occ neg pos abd ext tol dsg cont hgb hct wt ht temp resp alk phos bili diff sig
    inc co ltd jr sr hosp rm ave tab tabs cap caps subq subcu ab esp incl max min vol est ant lat prox bilat
    eval surg med meds dx hx tx rx incr decr perc al nos gtt
    """
)

# Often the last: any capitalised word may begin the next sentence.
_OFTEN_LAST = _words(
    """
    mg mcg kg gm gms ml cc cm mm oz lb lbs yd ft yr yrs mo mos wk wks hr hrs sec secs mins etc tbsp tsp
    bid tid qid qd qhs prn po jan feb mar apr jun jul aug sep sept oct nov dec mon tues wed thurs fri
    """
)
_DOTTED = re.compile(r"(?:[a-z]{1,2}\.)+-?[\w-]{1,6}|q\.?\d[\w-]*h|\d?-?\d+h")
_LETTERED = re.compile(
    r"(?:\b(?:vitamin|hepatitis|influenza|type|grade|class|stage|group|degrees|part|plan) [A-Z]|\d ?[CF])\Z",
    re.IGNORECASE,
)

_SUBJECTS = _words(
    """
    the this that these those there he she it they we i you his her its their our my patient no denies
    reports states she's he's please return
    """
)
_OPENERS = _SUBJECTS | _words(
    """
    a an after all also although any as at before both but by did does during each family father follow
    followed for from given had has however husband if in is mom mother on once other our plan since so some
    then today upon was when while wife will with would continue discussed
    """
)
# Capitals after a dose or a time that do not begin a sentence: "2 g. IV", "10 a.m. EST".
_GO_ON = _words("iv im po pr sc sq sl ng pt est cst mst pst edt od os ou")
_NEXT_WORD = re.compile(r"[\"'(\[\u2018\u201c]*([^\W\d_][\w']*(?!\.))?")


def ends_sentence(before: str, after: str) -> bool:
    """Tell whether a full stop ends a sentence, from a few words before and after it."""
    word = before.split()[-1].lstrip("([\"'\u2018\u201c") if before.strip() else ""
    key = word.lower()
    if key in _BEFORE_A_WORD:
        return False
    if key == "no":
        return not after[:1].isdigit()
    # De-identified notes put X, Y and Z for a whole name: "seen by Dr. X. Preference was given".
    if word in ("X", "Y", "Z") or _LETTERED.search(before):
        return not after[:1].islower()
    initial = len(word) == 1 and word.isalpha()
    if key in _SELDOM_LAST or (initial and word.isupper()):
        return _opens(_next_word(after))
    if not (initial or key in _OFTEN_LAST or _DOTTED.fullmatch(key)):
        return True
    next_word = _next_word(after)
    if word.isupper():
        return _opens(next_word)
    return next_word[:1].isupper() and next_word.lower() not in _GO_ON


def _next_word(after: str) -> str:
    match = _NEXT_WORD.match(after)
    return match[1] or "" if match else ""


def _opens(word: str) -> bool:
    # In all capitals a preposition does not show a new sentence: "T.I.D. WITH FOOD".
    openers = _SUBJECTS if len(word) > 1 and word.isupper() else _OPENERS
    return word[:1].isupper() and (word.lower() in openers or word.endswith("ly"))
