"""Gives names their values: one after the other, in groups, in pairs, in series."""

from __future__ import annotations

from clinsearch.language.measurements.analytes import Analyte
from clinsearch.language.measurements.conversion import usual_unit, value_in_usual_unit
from clinsearch.language.measurements.fluids import fluid_of
from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Named, Sentence, analyte_named
from clinsearch.language.measurements.walking import LINKING, can_be, columns, first_value, next_value
from clinsearch.language.measurements.wording import word_set

_CHANGES = {"up": "weight gain", "gain": "weight gain", "down": "weight loss", "loss": "weight loss"}
_DIFFERENTIAL = word_set("neutrophils bands lymphocytes monocytes eosinophils basophils blasts")
_GOALS = frozenset(("goal", "target", "goals", "targets", "aim", "aiming", "targeted", "targeting"))
_JOINING = frozenset(("/", "and", "&", ",", "-"))
_LARGEST_GROUP, _MOST_PAIRS = 6, 5


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
    """Give white cells the numbers before them where these are of no other name: "10 segs, 82 lymphs"."""
    for name in sentence.names:
        before = sentence.quantity_at.get(name.first - 1)
        if name.analyte.name not in _DIFFERENTIAL or before is None or before.unit not in ("", "%"):
            continue
        behind = range(
            before.lead - 3 if sentence.marks.word(before.lead - 1) in LINKING else before.lead - 1, before.lead
        )
        named = any(
            place in sentence.name_at and sentence.name_at[place].analyte.name in _DIFFERENTIAL for place in behind
        )
        if not named and sentence.free(before):
            fluid = fluid_of(sentence, name)
            if fluid:
                sentence.put(
                    f"{fluid} {name.analyte.name}", (before.low, before.high, "%"), before, before.lead, name.stop
                )
            else:
                sentence.add(name.analyte, before, before.lead, name.stop)


def _group_at(sentence: Sentence, at: int) -> list[Named]:
    """Return the names from one on that are joined: "AST and ALT", "BUN/creatinine"."""
    group = [sentence.names[at]]
    for name in sentence.names[at + 1 : at + _LARGEST_GROUP]:
        between = sentence.marks.words[group[-1].stop : name.first]
        if not between or len(between) > 2 or not _JOINING.issuperset(between) or name.analyte.pair:
            break
        group.append(name)
    return [] if group[0].analyte.pair else group


def _link_group(sentence: Sentence, group: list[Named]) -> bool:
    """Give joined names as many joined values, in the same order."""
    first = first_value(sentence, group[-1], None)
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
    fluid = fluid_of(sentence, name)
    counted = bool(fluid) and name.analyte.name.endswith("cell count")
    value = first_value(sentence, name, None if counted else name.analyte)
    if value is None:
        return
    analyte = _of_value(sentence, name, value)
    if analyte.pair:
        _link_pair(sentence, analyte.pair, value, name.first)
        return
    if fluid:
        _link_in_fluid(sentence, name, value, fluid)
        return
    analyte = _gained_or_lost(sentence, analyte, value)
    value = _signed(sentence, analyte, value)
    _add_minutes(sentence, value)
    if sentence.add(analyte, _over(sentence, analyte, value), name.first):
        _link_onward(sentence, analyte, value)


def _link_in_fluid(sentence: Sentence, name: Named, value: Quantity, fluid: str) -> None:
    """Add a value that is not of blood; cells are counted by the microliter, or by the field."""
    low, high, unit = value.low, value.high, value.unit
    usual_low, usual_high = (value_in_usual_unit(name.analyte, one, unit) for one in (low, high))
    if name.analyte.name.endswith("cell count"):
        unit = "/hpf" if fluid == "urine" else "/uL"
    elif usual_low is not None and usual_high is not None:
        low, high, unit = usual_low, usual_high, usual_unit(name.analyte, unit)
    sentence.put(f"{fluid} {name.analyte.name}", (low, high, unit), value, name.first)


def _gained_or_lost(sentence: Sentence, analyte: Analyte, value: Quantity) -> Analyte:
    """Tell a weight from a change of it: "weight up 6 pounds"."""
    change = _CHANGES.get(sentence.marks.word(value.lead - 1))
    return analyte_named(change) if analyte.name == "weight" and change and value.unit else analyte


def _signed(sentence: Sentence, analyte: Analyte, value: Quantity) -> Quantity:
    """Take a minus before a value as its sign where there can be values below zero: "T-score -2.7"."""
    marks, sign = sentence.marks, value.first - 1
    if analyte.lowest < 0 and marks.word(sign) in ("-", "\u2212") and marks.gap(sign) and not marks.gap(value.first):
        value.low, value.high, value.start = -value.high, -value.low, marks.starts[sign]
    return value


def _add_minutes(sentence: Sentence, value: Quantity) -> None:
    """Add the minutes behind hours to them: "1 hour 12 minutes"."""
    following = sentence.quantity_at.get(value.stop + (sentence.marks.word(value.stop) == "and"))
    if value.unit == "h" and following is not None and following.unit == "min" and value.single:
        value.low = value.high = 60 * value.low + following.low
        value.unit, value.stop, value.end = "min", following.stop, following.end
        sentence.claim(following)


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


def _partner(sentence: Sentence, value: Quantity) -> Quantity | None:
    """Return the quantity behind a slash or its like: "142/88", "104 over 62"."""
    marks = sentence.marks
    if marks.word(value.stop) not in ("/", "over", "and", "\\"):
        return None
    other = sentence.quantity_at.get(value.stop + 1)
    return other if other is not None and (not value.unit or value.unit == other.unit or value.unit == "%") else None


def _link_pair(sentence: Sentence, pair: tuple[str, str], value: Quantity, first: int) -> None:
    """Add two values that stand side by side, and further ones behind them."""
    following: Quantity | None = value
    for _ in range(_MOST_PAIRS):
        other = _partner(sentence, following) if following is not None else None
        if following is None or other is None or not add_pair(sentence, pair, (following, other), first):
            return
        following = next_value(sentence, None, other)
        first = following.first if following is not None else 0


def add_pair(sentence: Sentence, pair: tuple[str, str], values: tuple[Quantity, Quantity], first: int) -> bool:
    """Add two values under two names, both with the whole of the mention."""
    one, other = values
    if pair[0] == "hemoglobin" and one.low > other.low:
        pair = (pair[1], pair[0])
    elif pair[0] != "hemoglobin" and not one.low >= other.low:
        return False
    other.lead, other.comparator = one.lead, one.comparator
    one.end = other.end
    if not all(can_be(analyte_named(name), value) for name, value in zip(pair, values, strict=True)):
        return False
    for name, value in zip(pair, values, strict=True):
        sentence.add(analyte_named(name), value, first)
    return True


def _link_onward(sentence: Sentence, analyte: Analyte, value: Quantity) -> None:
    """Add the further values of a name: "8.9, then 8.5", "8.5 (was 9.2)", "from 8.5 to 7.6"."""
    for column in columns(sentence, value):
        if not sentence.add(analyte, column, column.first):
            return
        value = column
    following = next_value(sentence, analyte, value)
    while following is not None and sentence.add(
        _gained_or_lost(sentence, analyte, following), _signed(sentence, analyte, following), following.first
    ):
        following = next_value(sentence, analyte, following)


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
