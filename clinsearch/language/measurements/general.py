"""Quantities of what no table names: the words before a value with its unit are its name."""

from __future__ import annotations

from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Sentence
from clinsearch.language.measurements.units import dimension

# Units that only a value of something has.
_TELLING = frozenset(
    ("mass/volume", "amount/volume", "activity", "count", "pressure", "flow", "radiation", "osmolality", "rate", "area")
)
_ALSO_TELLING = frozenset(("ms", "copies/mL", "fL", "dB", "mIU/L", "cmH2O", "mV"))
# Nouns of quantities: what they name may have any unit, some of them none.
_OF_QUANTITIES = frozenset(
    "output volume gradient pressure area thickness depth count concentration capacity angle clearance velocity titer uptake fraction "
    "intake residual flow time interval resistance diameter length width score scores index level gap ratio".split()
)
_WITHOUT_UNIT = frozenset("score scores index ratio titer".split())
_LINKS = frozenset(
    "of was is were are at : = to measured estimated calculated found be being had a only now today came back been "
    "approximately about ( , elevated low high normal stable as".split()
)
_STOPS = frozenset(
    """
    the a an his her their this that these and or with was is were are had has have be been showed shows revealed found of
    in on at to from by for per we she he it they who which there no not then also but so as his its patient serum plasma
    blood recent last latest most her elevated repeat initial total admission today increased decreased an any some each
    other another both all approximately about than over under between set up down using got normal when while current
    """.split()
)
_NO_NAMES = frozenset(
    "chance risk probability likelihood time times percent solution concentration lidocaine marcaine dextrose up rate "
    "excess applied inserted placed adjusted turned calibrated receiving least than improvement relief better compliance effort efficacy increase decrease reduction volume of".split()
)
_LONGEST_NAME = 4


def find_general(sentence: Sentence) -> None:
    """Add quantities of telling units under the words before them."""
    for quantity in sentence.quantities:
        if sentence.free(quantity):
            _find(sentence, quantity)


def find_general_volumes(sentence: Sentence) -> None:
    """Add quantities of any unit behind a noun such as "output"."""
    for quantity in sentence.quantities:
        if sentence.free(quantity) and dimension(quantity.unit) in ("volume", "time", "area", "length"):
            words, first = _name_before(sentence, quantity)
            if len(words) > 1 and words[-1] in _OF_QUANTITIES - {"gap", "interval"}:
                _put(sentence, quantity, words, first)


def _find(sentence: Sentence, quantity: Quantity) -> None:
    telling = dimension(quantity.unit) in _TELLING or quantity.unit in _ALSO_TELLING
    if not telling and quantity.unit not in ("", "%"):
        return
    words, first = _name_before(sentence, quantity)
    if not words or not _NO_NAMES.isdisjoint(words[-1:]) or (words[-1] == "level" and len(words) == 1):
        return
    if not telling and not (words[-1] in _OF_QUANTITIES and len(words) > 1 and (quantity.unit or words[-1] in _WITHOUT_UNIT)):
        if quantity.unit != "%" or sentence.marks.word(quantity.lead - 1) not in (":", "was", "is", "="):
            return
    if not quantity.unit and sentence.marks.word(quantity.stop) in ("to", "-", "/", "disc", "of") or quantity.lead == 0:
        return
    _put(sentence, quantity, words, first)


def _put(sentence: Sentence, quantity: Quantity, words: list[str], first: int) -> None:
    if words[-1] in ("level", "levels", "value") and len(words) > 1:
        words = words[:-1]
    while words[-1] == "-":
        words = words[:-1]
    name = " ".join(words).replace(" - ", "-")
    sentence.put(name, (quantity.low, quantity.high, quantity.unit), quantity, first)


def _name_before(sentence: Sentence, quantity: Quantity) -> tuple[list[str], int]:
    """Return the words before a quantity that can be its name, and the mark they begin at."""
    marks, place = sentence.marks, quantity.lead - 1
    for _ in range(4):
        if marks.word(place) not in _LINKS or place <= 0:
            break
        place -= 1
    words: list[str] = []
    while place >= 0 and len(words) < 2 * _LONGEST_NAME:
        word = marks.words[place]
        if word != "-" or not words:
            joined = marks.word(place - 1) == "-" and not marks.gap(place) and bool(words)
            if word in _STOPS or place in sentence.quantity_at or place in sentence.name_at:
                break
            if not (_is_name(word) or joined):
                break
        words.append(word)
        place -= 1
    while words and words[-1] == "-":
        words.pop()
        place += 1
    words.reverse()
    if sum(word != "-" for word in words) > _LONGEST_NAME:
        return [], 0
    return words, place + 1


def _is_name(word: str) -> bool:
    return word[0].isalpha() and (len(word) > 1)
