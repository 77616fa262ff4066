"""Walks from the name of something measured to its values: over the words that may stand between them."""

from __future__ import annotations

import re

from clinsearch.language.measurements.analytes import Analyte
from clinsearch.language.measurements.conversion import value_in_usual_unit
from clinsearch.language.measurements.marks import APART, DATE
from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Named, Sentence
from clinsearch.language.measurements.units import dimension
from clinsearch.language.measurements.wording import word_set

# What says that a value comes; after it any of the words below may still follow.
LINKING = word_set(
    """
    is was were are be been : = of at reads read reading measured measures showed shows recorded to equals equal @
    calculated estimated registered hit reached reaches averaging averages averaged remains remained stayed
    """
)
_PASSED = LINKING | word_set(
    """
    a an the her his their its this that which has had have being came come comes back returned returning found
    noted reported documented obtained checked drawn taken seen approximately about around roughly nearly almost
    approx ~ < > <= >= ≤ ≥ ≈ + ( [ - \u2013 \u2014 -> less greater more lower higher than over above under below
    least most not no up down at exceeding exceeds exceeded within between from for in on by as only just still also
    again now today tonight yesterday currently current presently initially initial previously prior recent recently
    last latest repeat repeated rechecked recheck subsequently then morning afternoon evening night overnight a.m.
    p.m. am pm day visit time admission arrival discharge presentation transfer follow followup baseline level
    levels value values count total result results high low elevated normal abnormal stable improved improving
    improves worsened worsening suppressed decreased decreasing increased increasing rose risen rising fell fallen
    falling fall drop dropped drops dropping declined declining climbed climbing peaked peak peaking trended
    trending trend went gone got cleared corrected normalized jumped spiked shot crept dipped dips dipping dip
    bottomed nadir ran runs run running well controlled mildly moderately markedly significantly slightly severely
    critically relatively home office clinic er ed icu hospital triage outside lab random fasting nonfasting serum
    plasma venous arterial postprandial preop postop preoperative postoperative pre post op maximum max min minimum
    consistently usually typically generally he she it we there pt patient patient's here since predicted known best
    sitting standing supine lying resting rest rectal oral axillary tympanic right left bilaterally arm od os ou
    repleted treated far tested score scored scores rated rates rating intensity severity scale with reaching reach
    oxygenating holding hovering hovers stays staying mostly even some good bolused while when without out estimated
    average mean median per ventilator or during awake asleep sleep exercise ambulation ambulating exertion
    exercising walking activity ranging ranged ranges range varies varying vary fluctuates fluctuating fluctuated
    b/l rapidly gradually quickly slowly steadily subtherapeutic supratherapeutic therapeutic borderline irregular
    regular anywhere like into but mid upper middle excess reduced depressed moved improvement drifted settled
    settles brought ' " monday tuesday wednesday thursday friday saturday sunday past earlier later after before
    until week weeks month months year years days hours ago
    """
)
_FOLLOWED_BY_COMMA = frozenset((":", "which", "today", "yesterday", "now", "initially", "arrival", "admission", DATE))
_FOLLOWING_COMMA = frozenset(("which", "at", "now", "but"))
_COMPARED = word_set(
    """
    + * < > <= >= ~ less greater more than over above under below at least most max today now ( - ;
    """
)
_ON_A_SCALE = re.compile(r"\s?(?:/|out of|(?:on|in|using) (?:a|an|the)\b.{0,30}\bscale)", re.IGNORECASE)
_FLAGS = frozenset(("L", "H"))
_CLAUSE_ENDS = frozenset(("", ",", ".", ";"))
_SIDES = word_set("right left od os ou r l")
_PUNCTUATION = frozenset(".,;)|")
_LONGEST_ABBREVIATION, _MOST_COLUMNS = 4, 8
_FARTHEST, _FARTHEST_OF_SHORT, _MOST_UNKNOWN = 16, 7, 4
# What leads from one value on to the next of the same name.
_ONWARD = word_set(
    """
    b/l to from -> --> => ---> was were then now baseline previously prior repeat repeated rechecked recheck later
    yesterday today down up and or but , ( ; is = : at of by on in it has had been came back after before since last
    initially admission discharge arrival presentation scene improved dropped fell rose decreased increased > peaked
    nadir most recent recently over the a his her with next day morning this that subsequently od os ou right left
    eye lying sitting standing supine minutes minute 1 5 10 one five ten hours hour week weeks month months ago
    respectively units approximately about around less greater more than < ≤ ≥ ~ night overnight current currently
    went gone only just still again low mid high upper lower
    """
)
_LEADS_ON = word_set(
    """
    b/l to from -> --> => ---> was then now baseline previously prior repeat repeated rechecked recheck later and or
    up down initially nadir most last is yesterday today
    """
)
_MAY_FOLLOW = _ONWARD | word_set(
    """
    . ) ] respectively preop postop pre post on for with when while who which ; / % w/ ra room bilaterally if as per
    and without despite yet so
    """
)
_FARTHEST_ON = 9
_NOT_COUNTED = word_set(
    """
    times weeks days doses sets patients children episodes beats occasions visits samples vessel vessels steps runs
    cycles sticks views flights stents bottles meals glasses packs drinks cups lesions nodes brothers sisters
    attempts pillows pillow staples sutures places
    """
)


def first_value(sentence: Sentence, name: Named, analyte: Analyte | None) -> Quantity | None:
    """Return the first quantity behind a name that can be a value of it."""
    marks, unknown, place = sentence.marks, 0, name.stop
    farthest = min(len(marks.words), name.stop + (_FARTHEST_OF_SHORT if name.spelling.adjacent else _FARTHEST))
    while place < farthest:
        quantity = sentence.quantity_at.get(place)
        if quantity is not None:
            _drop_flag(analyte, quantity)
            fits = sentence.free(quantity) and _fits(sentence, analyte, quantity) and _scored(sentence, name, quantity)
            if fits and (not unknown or quantity.decade or _is_led_to(sentence, quantity)):
                return quantity
            if fits or not _passes(quantity):
                return None
            place = quantity.stop
            continue
        if _ends(sentence, name, place):
            return None
        if not _is_passed(sentence, name, place):
            unknown += 1
            if not marks.words[place][0].isalpha() or unknown > _MOST_UNKNOWN or name.spelling.adjacent:
                return None
        place += 1
    return None


def _is_led_to(sentence: Sentence, quantity: Quantity) -> bool:
    """Tell whether the words before a quantity say that it is a value: "was", "to", "to the"."""
    marks, before = sentence.marks, sentence.marks.word(quantity.lead - 1)
    return before in LINKING or before == "to" or (before == "the" and marks.word(quantity.lead - 2) == "to")


def _drop_flag(analyte: Analyte | None, quantity: Quantity) -> None:
    """Take the flag of a high or low result off a quantity, which looks like a unit: "8.9L", "5.6 H"."""
    if analyte is None or quantity.written_unit not in _FLAGS or can_be(analyte, quantity):
        return
    written, quantity.unit, quantity.written_unit = (quantity.unit, quantity.written_unit), "", ""
    if not can_be(analyte, quantity):
        quantity.unit, quantity.written_unit = written


def columns(sentence: Sentence, value: Quantity) -> list[Quantity]:
    """Return the values in the columns behind one, of which there is nothing but these: "Creatinine 0.9 1.0 1.1"."""
    found: list[Quantity] = []
    place, end = value.stop, len(sentence.marks.words)
    while place < end:
        quantity = sentence.quantity_at.get(place)
        if quantity is None or not quantity.single or quantity.unit or len(found) == _MOST_COLUMNS:
            return []
        found.append(quantity)
        place = quantity.stop
    return found


def _ends(sentence: Sentence, name: Named, place: int) -> bool:
    """Tell whether no value of a name can stand behind a mark: another name, the end of a clause."""
    marks, word = sentence.marks, sentence.marks.words[place]
    before, after = marks.word(place - 1), marks.word(place + 1)
    if place in sentence.name_at:
        return sentence.name_at[place].analyte is not name.analyte
    if word == "|":
        return place > name.stop or place + 1 not in sentence.quantity_at
    if word == ",":
        value = sentence.quantity_at.get(place + 1) if place == name.stop else None
        alone = value is not None and marks.word(value.stop) in _CLAUSE_ENDS
        return before not in _FOLLOWED_BY_COMMA and after not in _FOLLOWING_COMMA and not alone
    if word == ")":
        return "(" not in marks.words[name.stop : place]
    if word == ";":
        return place > name.stop or not after[:1].isdigit()
    return word == "." and (place > name.stop or len(before) > _LONGEST_ABBREVIATION)


def _is_passed(sentence: Sentence, name: Named, place: int) -> bool:
    word = sentence.marks.words[place]
    if name.spelling.adjacent and len(name.spelling.exact) == 1 and word not in LINKING and word not in _COMPARED:
        return False
    return word in _PASSED or word in _PUNCTUATION or word == DATE or place in sentence.name_at


def next_value(sentence: Sentence, analyte: Analyte | None, value: Quantity) -> Quantity | None:
    """Return the next value of the same name behind one: "8.9, then 8.5", "8.5 (was 9.2)"."""
    marks, place, leads = sentence.marks, value.stop, analyte is None
    several = analyte is not None and "several" in analyte.traits
    while place < min(value.stop + _FARTHEST_ON, len(marks.words)):
        quantity, word = sentence.quantity_at.get(place), marks.words[place]
        if quantity is not None and quantity is not value:
            if _passes(quantity) and not _fits(sentence, analyte, quantity):
                place = quantity.stop
                continue
            leads = leads or _is_listed(sentence, value, quantity)
            fits = leads and sentence.free(quantity) and _fits(sentence, analyte, quantity)
            return quantity if fits and _is_last_word(sentence, quantity, analyte) else None
        if place in sentence.name_at or (word not in _ONWARD and word != DATE and not (several and word == "/")):
            return None
        leads = leads or word in _LEADS_ON or (several and word in ("/", ","))
        place += 1
    return None


def _is_listed(sentence: Sentence, value: Quantity, following: Quantity) -> bool:
    """Tell whether commas list two values: with the same unit, with a date, with as many decimals."""
    words = sentence.marks.words
    between, after = words[value.stop : following.lead], sentence.marks.word(following.stop)
    if "," not in between:
        return False
    if (value.unit and value.unit == following.unit) or DATE in between:
        return True
    if _SIDES.issuperset(between[:-1]) and between[-1] == "," and after in _SIDES:
        return True
    ends_clause = after in _CLAUSE_ENDS or after in (")", "and")
    return between == [","] and value.step == following.step < 1 and not following.unit and ends_clause


def _fits(sentence: Sentence, analyte: Analyte | None, quantity: Quantity) -> bool:
    marks = sentence.marks
    after = marks.word(quantity.stop)
    if after in _NOT_COUNTED or (after == "+" and not (quantity.unit or sentence.asked or _adds_up(analyte))):
        return False
    if analyte is not None and "angle" in analyte.traits and not quantity.unit and after == "/":
        return False  # a grade of strength
    if analyte is None or analyte.pair:
        return not quantity.unit or quantity.unit in ("mmHg", "g/dL", "%", "s")
    return can_be(analyte, quantity)


def can_be(analyte: Analyte, quantity: Quantity) -> bool:
    """Tell whether something can have a quantity as its value."""
    if "several" in analyte.traits and quantity.unit == "%":
        return False
    return value_in_usual_unit(analyte, quantity.low, quantity.unit) is not None


def _scored(sentence: Sentence, name: Named, quantity: Quantity) -> bool:
    """Tell whether a number behind "pain" is a score: out of ten, or behind "pain score"."""
    told = name.stop > name.first + 1 or sentence.asked or "pain" not in name.analyte.traits
    return told or _ON_A_SCALE.match(sentence.marks.text, quantity.end) is not None


def _passes(quantity: Quantity) -> bool:
    """Tell whether a quantity is a time or a flow of oxygen, over which a name can have its value."""
    return dimension(quantity.unit) in ("time", "volume", "flow") if quantity.unit else False


def _adds_up(analyte: Analyte | None) -> bool:
    return analyte is not None and "gleason" in analyte.traits


def _is_last_word(sentence: Sentence, quantity: Quantity, analyte: Analyte | None) -> bool:
    """Tell whether what follows a value lets it stand by itself, not count something: "and 2 stents"."""
    following = sentence.marks.word(quantity.stop)
    if quantity.unit and analyte is not None:
        return True
    if sentence.marks.word(quantity.lead - 1) == "(" and following == ")":
        return False
    return not following or following in _MAY_FOLLOW or not following[0].isalpha() or following in (DATE, APART)
