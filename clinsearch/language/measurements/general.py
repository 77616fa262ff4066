"""Quantities of what no table names: the words before a value with its unit are its name."""

from __future__ import annotations

from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Sentence
from clinsearch.language.measurements.units import dimension
from clinsearch.language.measurements.wording import word_set

# Units that only a value of something has.
_TELLING = frozenset(
    ("mass/volume", "amount/volume", "activity", "count", "pressure", "flow", "radiation", "osmolality", "rate", "area")
)
_ALSO_TELLING = frozenset(("ms", "copies/mL", "fL", "dB", "mIU/L", "cmH2O", "mV"))
# Nouns of quantities: what they name may have any unit, some of them none.
_OF_QUANTITIES = word_set(
    """
    output volume gradient pressure area thickness depth count concentration capacity angle clearance velocity titer
    uptake fraction intake residual flow time interval resistance diameter length width score scores quotient index
    level gap ratio
    """
)
_WITHOUT_UNIT = word_set("quotient score scores index ratio titer")
_LINKS = word_set(
    """
    of was is were are at : = to measured estimated calculated found be being had a only now today came back been
    approximately about ( , elevated low high normal stable as
    """
)
_STOPS = word_set(
    """
    the a an his her their this that these and or with was is were are had has have be been showed shows revealed
    found of in on at to from by for per we she he it they who which there no not then also but so as its patient
    serum plasma blood recent last latest most elevated repeat initial total admission today increased decreased any
    some each other another both all approximately about than over under between set up down using got normal when
    while current
    """
)
_NO_NAMES = word_set(
    """
    chance risk probability likelihood time times percent solution concentration lidocaine marcaine dextrose up rate
    excess applied inserted placed adjusted turned calibrated receiving least than improvement relief better
    compliance effort efficacy increase decrease reduction volume of
    """
)
_GOING_ON = frozenset(("to", "-", "/", "disc", "of"))
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
    if quantity.lead == 0 or not (telling or quantity.unit in ("", "%")):
        return
    words, first = _name_before(sentence, quantity)
    if words and words[-1] not in _NO_NAMES and (telling or _is_named(sentence, quantity, words)):
        _put(sentence, quantity, words, first)


def _is_named(sentence: Sentence, quantity: Quantity, words: list[str]) -> bool:
    """Tell whether the words before a percentage or a bare number name what it is of."""
    of_quantity = words[-1] in _OF_QUANTITIES and len(words) > 1
    if quantity.unit:
        return of_quantity or sentence.marks.word(quantity.lead - 1) in (":", "=")
    return of_quantity and words[-1] in _WITHOUT_UNIT and sentence.marks.word(quantity.stop) not in _GOING_ON


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
