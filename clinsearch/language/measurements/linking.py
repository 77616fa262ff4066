"""Leads from the name of something measured to its values: over the words that may stand between them."""

from __future__ import annotations

from clinsearch.language.measurements.analytes import Analyte
from clinsearch.language.measurements.marks import APART, DATE
from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Named, Sentence, analyte_named
from clinsearch.language.measurements.units import dimension

# What says that a value comes; after it any of the words below may still follow.
_LINKING = frozenset(
    "is was were are be been : = of at reads read reading measured measures showed shows recorded to equals = @ "
    "calculated estimated registered hit reached reaches averaging averages averaged remains remained stayed".split()
)
_PASSED = _LINKING | frozenset(
    """
    a an the her his their its this that which has had have being came come comes back returned returning found noted
    reported documented obtained checked drawn taken seen approximately about around roughly nearly almost approx ~ < > <=
    >= ≤ ≥ ≈ + ( [ - – — -> less greater more lower higher than over above under below least most not no up down at
    exceeding exceeds exceeded within between from for in on by as only just still also again now today tonight yesterday
    currently current presently initially initial previously prior recent recently most last latest repeat repeated
    rechecked recheck subsequently then morning afternoon evening night overnight a.m. p.m. am pm day visit time admission
    arrival discharge presentation transfer follow followup baseline level levels value values count total result results
    high low elevated normal abnormal stable improved improving improves worsened worsening suppressed decreased
    decreasing increased increasing rose risen rising fell fallen falling fall drop dropped drops dropping declined
    declining climbed climbing peaked peak peaking trended trending trend went gone got cleared corrected normalized
    jumped spiked shot crept dipped dips dipping dip bottomed nadir ran runs run running well controlled mildly
    moderately markedly significantly slightly severely critically relatively home office clinic er ed icu hospital triage
    outside lab random fasting nonfasting serum plasma venous arterial postprandial preop postop preoperative
    postoperative pre post op maximum max min minimum consistently usually typically generally he she it we there pt
    patient patient's here since predicted known best sitting standing supine lying resting rest rectal oral axillary
    tympanic right left bilaterally arm od os ou repleted treated as far tested score scored scores rated rates rating
    intensity severity scale with reaching reach oxygenating holding hovering hovers stays staying mostly even some good
    bolused while when without out estimated average mean median during awake asleep sleep exercise ambulation ambulating exertion exercising walking activity ranging ranged ranges
    range varies varying vary fluctuates fluctuating fluctuated mid upper middle excess reduced depressed
    moved improvement drifted settled settles brought ' " monday tuesday wednesday thursday friday saturday sunday past
    earlier later after before until week weeks month months year years days hours ago
    """.split()
)
_FOLLOWED_BY_COMMA = frozenset((":", "which", "today", "yesterday", "now", "initially", "arrival", "admission", DATE))
_FARTHEST, _MOST_UNKNOWN = 16, 4
# What leads from one value on to the next of the same name.
_ONWARD = frozenset(
    """
    to from -> --> => ---> was were then now baseline previously prior repeat repeated rechecked recheck later yesterday
    today down up and or but , ( ; is = : at of by on in is it has had been came back after before since last initially
    admission discharge arrival presentation scene improved dropped fell rose decreased increased > peaked nadir most
    recent recently over the a his her with next day morning this that subsequently od os ou right left eye lying
    sitting standing supine minutes minute 1 5 10 one five ten hours hour week weeks month months ago respectively units
    approximately about around less greater more than < ≤ ≥ ~ night overnight current currently went gone only just
    still again low mid high upper lower
    """.split()
)
_LEADS_ON = frozenset(
    "to from -> --> => ---> was then now baseline previously prior repeat repeated rechecked recheck later and or up "
    "down initially nadir most last is yesterday today".split()
)
_MAY_FOLLOW = _ONWARD | frozenset(
    ". ) ] respectively preop postop pre post respectively on for with when while who which ; / % w/ ra room "
    "bilaterally if as per and without despite yet so".split()
)
_FARTHEST_ON = 9
_CHANGES = {"up": "weight gain", "gain": "weight gain", "down": "weight loss", "loss": "weight loss"}
_DIFFERENTIAL = frozenset("neutrophils bands lymphocytes monocytes eosinophils basophils blasts".split())
_GOALS = frozenset(("goal", "target", "goals", "targets", "aim", "aiming", "targeted", "targeting"))
_JOINING = frozenset(("/", "and", "&", ",", "-"))
_NOT_COUNTED = frozenset(
    "times weeks days doses sets patients children episodes beats occasions visits samples vessel vessels steps runs "
    "cycles sticks views flights stents bottles meals glasses packs drinks cups lesions nodes brothers sisters attempts "
    "pillows pillow staples sutures places".split()
)


def link_names(sentence: Sentence) -> None:
    """Give each name of a text its values."""
    _link_differentials(sentence)
    at = 0
    while at < len(sentence.names):
        group = _group_at(sentence, at)
        if len(group) > 1 and _link_group(sentence, group):
            at += len(group)
            continue
        _link(sentence, sentence.names[at])
        at += 1


def _link_differentials(sentence: Sentence) -> None:
    """Give white cells the numbers right before them where these do not stand behind another name: "10 segs, 82 lymphs"."""
    for name in sentence.names:
        before = sentence.quantity_at.get(name.first - 1)
        if name.analyte.name not in _DIFFERENTIAL or before is None or before.unit not in ("", "%"):
            continue
        behind = range(before.lead - 3 if sentence.marks.word(before.lead - 1) in _LINKING else before.lead - 1, before.lead)
        named = any(place in sentence.name_at and sentence.name_at[place].analyte.name in _DIFFERENTIAL for place in behind)
        if not named and sentence.free(before):
            sentence.add(name.analyte, before, before.lead, name.stop)


def _group_at(sentence: Sentence, at: int) -> list[Named]:
    """Return the names from one on that are joined: "AST and ALT", "BUN/creatinine"."""
    names, group = sentence.names, [sentence.names[at]]
    for name in names[at + 1 :]:
        between = sentence.marks.words[group[-1].stop : name.first]
        if not between or len(between) > 2 or not _JOINING.issuperset(between) or name.analyte.pair:
            break
        group.append(name)
    return [] if group[0].analyte.pair else group


def _link_group(sentence: Sentence, group: list[Named]) -> bool:
    """Give joined names as many joined values, in the same order."""
    first = _first_value(sentence, group[-1], None)
    if first is None:
        return False
    values = [first]
    while len(values) < len(group):
        place = values[-1].stop
        while sentence.marks.word(place) in _JOINING:
            place += 1
        following = sentence.quantity_at.get(place)
        if following is None or place == values[-1].stop or following is values[-1]:
            return False
        values.append(following)
    added = [sentence.add(name.analyte, value, group[0].first) for name, value in zip(group, values, strict=True)]
    return any(added)


def _link(sentence: Sentence, name: Named) -> None:
    if _is_goal(sentence, name):
        return
    value = _first_value(sentence, name, name.analyte)
    if value is None:
        return
    analyte = _of_value(sentence, name, value)
    if analyte.pair:
        _link_pair(sentence, analyte.pair, value, name.first)
        return
    analyte = _gained_or_lost(sentence, analyte, value)
    if sentence.add(analyte, _over(sentence, analyte, value), name.first):
        _link_onward(sentence, analyte, value)


def _gained_or_lost(sentence: Sentence, analyte: Analyte, value: Quantity) -> Analyte:
    """Tell a weight from a change of it: "weight up 6 pounds"."""
    change = _CHANGES.get(sentence.marks.word(value.lead - 1))
    return analyte_named(change) if analyte.name == "weight" and change and value.unit else analyte


def _is_goal(sentence: Sentence, name: Named) -> bool:
    words = sentence.marks.words
    return not _GOALS.isdisjoint(words[max(0, name.first - 1) : name.first] + words[name.stop : name.stop + 1])


def _of_value(sentence: Sentence, name: Named, value: Quantity) -> Analyte:
    """Return what a name stands for with this value: a blood pressure of one number is the systolic one."""
    pair = name.analyte.pair
    if pair and _partner(sentence, value) is None:
        return analyte_named(pair[0])
    if name.analyte.name == "hemoglobin" and (other := _partner(sentence, value)) and other.low > value.high:
        return analyte_named("hemoglobin & hematocrit")
    return name.analyte


def _first_value(sentence: Sentence, name: Named, analyte: Analyte | None) -> Quantity | None:
    """Return the first quantity behind a name that can be a value of it."""
    marks, unknown, farthest = sentence.marks, 0, name.stop + (7 if name.spelling.adjacent else _FARTHEST)
    place = name.stop
    while place < min(farthest, len(marks.words)):
        quantity = sentence.quantity_at.get(place)
        if quantity is not None:
            fits = sentence.free(quantity) and _fits(sentence, analyte, quantity)
            if fits and (not unknown or quantity.decade or marks.word(quantity.lead - 1) in _LINKING):
                return quantity
            if fits or not _passes(quantity):
                return None
            place = quantity.stop
            continue
        word = marks.words[place]
        if word in (DATE, APART):
            unknown += word == APART
        elif place in sentence.name_at:
            if not _same_name(sentence.name_at[place], name):
                return None
        elif word == ",":
            if marks.word(place - 1) not in _FOLLOWED_BY_COMMA and marks.word(place + 1) not in ("which", "at", "now"):
                return None
        elif word == ")":
            if "(" not in marks.words[name.stop : place]:
                return None
        elif word == ".":
            if len(marks.word(place - 1)) > 4 or marks.word(place - 1) in _PASSED or place > name.stop:
                return None
        elif word not in _PASSED:
            unknown += 1
            if not word[0].isalpha() or unknown > _MOST_UNKNOWN or name.spelling.adjacent:
                return None
        place += 1
    return None


def _same_name(other: Named, name: Named) -> bool:
    return other.analyte is name.analyte or other.analyte.name in ("temperature", "pain score") and other is name


def _passes(quantity: Quantity) -> bool:
    """Tell whether a quantity is a time or a flow of oxygen, over which a name can have its value."""
    return dimension(quantity.unit) in ("time", "volume", "flow") if quantity.unit else False


def _fits(sentence: Sentence, analyte: Analyte | None, quantity: Quantity) -> bool:
    marks = sentence.marks
    after = marks.word(quantity.stop)
    if after in _NOT_COUNTED or (after == "+" and not (quantity.unit or sentence.asked or _adds_up(analyte))):
        return False
    if analyte is None or analyte.pair:
        return not quantity.unit or quantity.unit in ("mmHg", "g/dL", "%", "s")
    return _can_be(analyte, quantity)


def _adds_up(analyte: Analyte | None) -> bool:
    return analyte is not None and "gleason" in analyte.traits


def _can_be(analyte: Analyte, quantity: Quantity) -> bool:
    from clinsearch.language.measurements.conversion import value_in_usual_unit

    if "several" in analyte.traits and quantity.unit == "%":
        return False
    return value_in_usual_unit(analyte, quantity.low, quantity.unit) is not None


def _partner(sentence: Sentence, value: Quantity) -> Quantity | None:
    """Return the quantity behind a slash or its like: "142/88", "104 over 62"."""
    marks = sentence.marks
    if marks.word(value.stop) not in ("/", "over", "and", "\\"):
        return None
    other = sentence.quantity_at.get(value.stop + 1)
    return other if other is not None and (not value.unit or value.unit == other.unit or value.unit == "%") else None


def _link_pair(sentence: Sentence, pair: tuple[str, str], value: Quantity, first: int) -> None:
    """Add two values that stand side by side, and further ones behind them."""
    other = _partner(sentence, value)
    if other is None or not add_pair(sentence, pair, (value, other), first):
        return
    for _ in range(4):
        value = _next_value(sentence, None, other)  # type: ignore[assignment]
        if value is None or (other := _partner(sentence, value)) is None:  # type: ignore[redundant-expr]
            return
        if not add_pair(sentence, pair, (value, other), value.first):
            return


def add_pair(sentence: Sentence, pair: tuple[str, str], values: tuple[Quantity, Quantity], first: int) -> bool:
    """Add two values under two names, both with the whole of the mention."""
    one, other = values
    if pair[0] == "hemoglobin" and one.low > other.low:
        pair = (pair[1], pair[0])
    elif pair[0] != "hemoglobin" and not one.low >= other.low:
        return False
    other.lead, other.comparator = one.lead, one.comparator
    one.end = other.end
    if not all(_can_be(analyte_named(name), value) for name, value in zip(pair, values, strict=True)):
        return False
    for name, value in zip(pair, values, strict=True):
        sentence.add(analyte_named(name), value, first)
    return True


def _link_onward(sentence: Sentence, analyte: Analyte, value: Quantity) -> None:
    """Add the further values of a name: "8.9, then 8.5", "8.5 (was 9.2)", "from 8.5 to 7.6"."""
    following = _next_value(sentence, analyte, value)
    while following is not None and sentence.add(analyte, following, following.first):
        following = _next_value(sentence, analyte, following)


def _next_value(sentence: Sentence, analyte: Analyte | None, value: Quantity) -> Quantity | None:
    marks, place, leads = sentence.marks, value.stop, analyte is None
    while place < min(value.stop + _FARTHEST_ON, len(marks.words)):
        quantity = sentence.quantity_at.get(place)
        if quantity is not None and quantity is not value:
            if _passes(quantity) and not _fits(sentence, analyte, quantity):
                place = quantity.stop
                continue
            same = bool(value.unit) and value.unit == quantity.unit and "," in marks.words[value.stop : place]
            ends = (leads or same) and sentence.free(quantity) and _fits(sentence, analyte, quantity)
            return quantity if ends and _is_last_word(sentence, quantity, analyte) else None
        word = marks.words[place]
        if place in sentence.name_at or (word not in _ONWARD and word != DATE):
            if not (analyte and "several" in analyte.traits and word == "/"):
                return None
            leads = True
        leads = leads or word in _LEADS_ON or (word == "," and analyte is not None and "several" in analyte.traits)
        place += 1
    return None


def _is_last_word(sentence: Sentence, quantity: Quantity, analyte: Analyte | None) -> bool:
    """Tell whether what follows a value lets it stand by itself, not count something: "and 2 stents"."""
    following = sentence.marks.word(quantity.stop)
    if quantity.unit and analyte is not None:
        return True
    return not following or following in _MAY_FOLLOW or not following[0].isalpha() or following in (DATE, APART)


def _over(sentence: Sentence, analyte: Analyte, value: Quantity) -> Quantity:
    """Pass what a score is out of, or what else stands behind a slash or adds up to the value."""
    marks = sentence.marks
    out_of = value.stop + (2 if marks.words[value.stop : value.stop + 2] == ["out", "of"] else 1)
    if marks.word(value.stop) not in ("/", "out", "+"):
        return value
    other = sentence.quantity_at.get(out_of)
    if other is None or ("several" in analyte.traits and other.low < 14):
        return value
    sentence.claim(other)
    value.stop, value.end = other.stop, other.end
    if "gleason" in analyte.traits:
        total = value.low + other.low
        if marks.word(other.stop) == "=" and (equal := sentence.quantity_at.get(other.stop + 1)):
            sentence.claim(equal)
            value.stop, value.end = equal.stop, equal.end
        value.low = value.high = total
    return value
