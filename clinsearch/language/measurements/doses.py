"""Doses: which drug an amount is of."""

from __future__ import annotations

import re

from clinsearch.language.measurements.drugs import drug_names
from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Sentence
from clinsearch.language.measurements.units import dimension, factor
from clinsearch.language.measurements.wording import word_set

# The unit that a dose is kept in.
_KEPT_IN = {"mass": "mg", "volume": "mL", "insulin": "unit"}
_NUMERATORS = word_set("mg g mcg ng unit mEq mL mIU L Munit mmol tablet puff drop kunit kg")
_COUNTED = frozenset(("tablet", "puff", "drop"))
# Units in which laboratory values are, and doses are not.
_OF_LABORATORY = frozenset(("mass/volume", "amount/volume", "activity"))
_PASSED = word_set(
    """
    about around approximately dose doses dosed dosing dosage inject apply sig of at to the a an is was were be been
    from by on for po iv im sq sc sl pr p.o. p.r. oral orally intravenous intravenously tablet tablets tab tabs
    capsule capsules cap caps xr ds preparation er sr cr xl la hfa hcl ec odt extended release sustained delayed
    enteric coated drip gtt infusion bolus boluses push piggyback load loading loaded started start starting taper
    tapered tapering titrated titrate titration up down now then increased increase decreased decrease reduced
    raised lowered cut changed change switched continue continued resume resumed restarted maintained currently
    current home daily nightly bid tid qid q.d. b.i.d. t.i.d. q.i.d. qd prn patch patches inhaler inhalers nebulizer
    spray cream ointment solution suspension elixir syrup injection injections subcutaneous subcutaneously and or ,
    ( ) : = - / + . one two half x # another additional total single given received infused running rate ran his her
    so she he takes take taking plus with as once twice every day morning evening night bedtime sulfate succinate
    tartrate hydrochloride sodium acetate maleate iv/po generic
    """
)
_BETWEEN = frozenset(
    (
        "of",
        "iv",
        "po",
        "p.o.",
        "im",
        "sq",
        "the",
        "%",
        "plain",
        "a",
        "intravenous",
        "oral",
        "dose",
        "doses",
        "sc",
        "each",
        "and",
        "mixture",
        "1:1",
    )
)
_NO_DRUG = word_set(
    """
    dose doses about only with take takes taking took given gave give gives received receives receiving administered
    injected infiltrated instilled used using approximately roughly total additional another after before than less
    more over under least most each plus then were was been have from into until that this these those her his their
    patient daily weekly nightly twice once every increase increased decrease decreased reduced currently started
    continued home loading maintenance tablet tablets tablespoons solution mixture containing remaining removed
    aspirated drained placed drank consumed ingested infused bolused bolus drip diet restriction restricted protein
    fiber sodium salt fluid fluids urine blood output intake weighing weighed weighs weight specimen prostate
    placenta uterus spleen tumor mass receive units unit drops between taken extra upto week just suppository
    suppositories solutab diskus says label depo iron's capsules patch patches powder lotion syrup suspension drink
    drinking limit limited exceeding exceeds nearly almost around concentration strength of
    """
)
_FORMS = word_set("injection injections tablet tablets capsule capsules patch inhaler suspension cream")
_FOODS = word_set("salt sodium diet dietary fat fats caffeine cholesterol fiber carbohydrate carbohydrates intake")
_SALTS = word_set(
    """
    chloride acid oxide carbonate mononitrate dinitrate gluconate citrate phosphate cypionate pamoate acetate
    sulfate hydrochloride sodium maleate fumarate mesylate besylate tartrate succinate
    """
)
_FREQUENCY = re.compile(
    r"\s*,?\s*(?:i\.?v|i\.?m|p\.?o|p\.?r|s\.?q|q\.?\s?\d|q\.?[dahw]|qid|q\.i|b\.?i\.?d|t\.?i\.?d|daily|every|once|twice|"
    r"at bedtime|by mouth|orally|three times|two times|intraven|intramusc|x\s?\d|"
    r"\d times|four times|prior to|preop|was (?:given|administered))",
    re.IGNORECASE,
)
_WIDEST = 8
_FARTHEST_BACK, _FARTHEST_ON = 12, 6
_WORD = re.compile(r"[^\W\d_][^\W_]{3,}(?:['\u2019][^\W\d_]+)?")
_TIMES = re.compile(r"x\d{1,2}")
_RELEASE = word_set("xl xr er sr cr la ec hcl hfa cd")
_COMPARISON = word_set("than less more greater least most over above under below up higher")


def is_amount(quantity: Quantity) -> bool:
    """Tell whether a quantity has the unit of a dose."""
    above, _, below = quantity.unit.partition("/")
    if above not in _NUMERATORS or above == "kg":
        return False
    return dimension(quantity.unit) not in _OF_LABORATORY and below not in (
        "dL",
        "L",
        "mL",
        "uL",
        "hpf",
        "mmol",
        "mol",
        "g",
    )


def find_doses(sentence: Sentence) -> None:
    """Add the doses in a text, each under the name of its drug."""
    for place, quantity in enumerate(sentence.quantities):
        if not sentence.free(quantity):
            continue
        if is_amount(quantity):
            _find_dose(sentence, quantity)
        elif not quantity.unit and _opens_combination(sentence, place):
            _find_combination(sentence, place)
        elif not quantity.unit:
            _find_without_unit(sentence, quantity)


def _opens_combination(sentence: Sentence, place: int) -> bool:
    """Tell whether a slash and an amount follow: "5/325 mg"."""
    quantity, following = sentence.quantities[place], sentence.quantities[place + 1 : place + 2]
    joined = (
        bool(following) and sentence.marks.word(quantity.stop) in ("/", "-") and following[0].first == quantity.stop + 1
    )
    return joined and following[0].unit in ("mg", "mcg", "g") and sentence.free(following[0])


def _find_combination(sentence: Sentence, place: int) -> None:
    quantity, other = sentence.quantities[place : place + 2]
    quantity.unit, quantity.written_unit, quantity.end = other.unit, other.written_unit, other.end
    found = _drug_before(sentence, quantity)
    if found:
        sentence.claim(other)
        _add(sentence, quantity, *found, stop=other.stop)


def _find_without_unit(sentence: Sentence, quantity: Quantity) -> None:
    """Add a dose whose unit goes without saying: a known drug right before, how often right behind."""
    released = sentence.marks.word(quantity.lead - 1) in _RELEASE
    found = _drug_ending_at(sentence, quantity.lead - 1 - released)
    if (
        found
        and (sentence.asked or _FREQUENCY.match(sentence.marks.text, quantity.end))
        and _is_strength(sentence, quantity)
    ):
        quantity.unit = next((unit for name, unit in _UNSAID if found[0].startswith(name)), "mg")
        _add(sentence, quantity, *found)


def _is_strength(sentence: Sentence, quantity: Quantity) -> bool:
    """Tell a number of milligrams from a count of tablets, or the parts of a mixture."""
    return quantity.single and quantity.low not in (1, 2) and sentence.marks.word(quantity.stop) != "/"


_UNSAID = (("insulin", "unit"), ("heparin", "unit"), ("levothyroxine", "mcg"), ("fentanyl", "mcg"), ("vitamin", "unit"))


def _find_dose(sentence: Sentence, quantity: Quantity) -> None:
    of_volume = dimension(quantity.unit.partition("/")[0]) == "volume"
    behind = _drug_behind(sentence, quantity)
    often = _FREQUENCY.match(sentence.marks.text, quantity.end) is not None
    before = _drug_before(
        sentence, quantity, known=of_volume or ((quantity.unit == "g" or quantity.unit in _COUNTED) and not often)
    )
    follows = sentence.marks.word(quantity.stop) == "of" or quantity.stop in sentence.quantity_at
    if behind and (follows or not before):
        name, stop = behind
        _add(sentence, quantity, name, quantity.first, stop)
    elif before and not (of_volume and sentence.marks.word(quantity.stop) == "of"):
        _add(sentence, quantity, *before)
    elif quantity.unit.partition("/")[0] in ("mg", "mcg", "mEq", "unit") and _is_given(sentence, quantity):
        _add(sentence, quantity, "", quantity.first)


def _is_given(sentence: Sentence, quantity: Quantity) -> bool:
    """Tell whether an amount without a drug is one: not "2 units of blood", nor a restriction or a result."""
    if quantity.unit == "unit":
        return False
    words = sentence.marks.words
    if not _FOODS.isdisjoint(words[max(0, quantity.first - 6) : quantity.stop + 3]):
        return False
    return sentence.marks.word(quantity.stop) not in ("of", "stone", "%")


def _add(sentence: Sentence, quantity: Quantity, drug: str, first: int, stop: int = 0) -> None:
    unit = quantity.unit
    above, slash, below = unit.partition("/")
    if quantity.high > _WIDEST * quantity.low > 0 and above in ("mg", "mcg"):
        quantity.high = quantity.low  # a combination: "5-325 mg"
    kept = _KEPT_IN.get(dimension(above), above)
    if slash and below not in ("h", "d", "week"):
        kept = above
    if above == "mIU":
        kept = "mIU"
    size = factor(above, kept) or 1.0
    unit = ("mUnit" if kept == "mIU" else kept) + slash + below
    name = f"dose of {drug}" if drug else "dose"
    sentence.put(name, (quantity.low * size, quantity.high * size, unit), quantity, first, stop)


def _drug_before(sentence: Sentence, quantity: Quantity, *, known: bool = False) -> tuple[str, int] | None:
    """Return the drug before an amount and the mark it begins at: a known one, or any word right before."""
    marks = sentence.marks
    near = marks.word(quantity.lead - 1)
    named = _drug_ending_at(sentence, quantity.lead - 1 - (near in _FORMS)) is not None
    if not known and not named and (near in _FORMS or near not in _PASSED):
        unknown = _unknown_drug(sentence, quantity.lead - 1 - (near in _FORMS))
        if unknown:
            return unknown
    place = quantity.lead - 1
    while place >= 0 and quantity.lead - place <= _FARTHEST_BACK:
        name = _drug_ending_at(sentence, place)
        if name:
            return name
        word = marks.words[place]
        inside = sentence.quantity_at.get(place)
        if (
            inside is None
            and not _TIMES.fullmatch(word)
            and word not in _PASSED
            and word not in _COMPARISON
            and place not in sentence.name_at
        ):
            break
        if word == "." and marks.word(place + 1) not in _PASSED and place + 1 < quantity.lead:
            break
        place -= 1
    return None


def _unknown_drug(sentence: Sentence, place: int) -> tuple[str, int] | None:
    marks = sentence.marks
    word = marks.word(place)
    if place > 0 and word in _SALTS:
        known = _drug_ending_at(sentence, place - 1)
        return known or (f"{marks.word(place - 1)} {word}", place - 1)
    if place < 0 or not _WORD.fullmatch(word) or word in _NO_DRUG or word.endswith(("ing", "ly", "ed")):
        return None
    return word, place


def _drug_ending_at(sentence: Sentence, place: int) -> tuple[str, int] | None:
    """Return the known drug whose name ends at a mark, the longest."""
    marks, drugs = sentence.marks, drug_names()
    for length in (3, 2, 1):
        first = place - length + 1
        if first >= 0:
            words = marks.words[first : place + 1]
            name = drugs.get("".join(words)) if "-" in words else drugs.get(" ".join(words))
            if name:
                joined = marks.word(first - 1) in ("-", "/") and not marks.gap(first)
                return (_drug_ending_at(sentence, first - 2) if joined else None) or (name, first)
    return None


def _drug_behind(sentence: Sentence, quantity: Quantity) -> tuple[str, int] | None:
    """Return the drug behind an amount and the mark it ends at: "10 cc of 1% lidocaine"."""
    marks, place = sentence.marks, quantity.stop
    of = False
    while place < min(quantity.stop + _FARTHEST_ON, len(marks.words)):
        for length in (3, 2, 1):
            words = marks.words[place : place + length]
            joined = "".join(words) if "-" in words else " ".join(words)
            name = drug_names().get(joined)
            if name:
                following = sentence.quantity_at.get(place + len(words))
                has_own = following is not None and is_amount(following) and not of
                return None if has_own else (name, place + len(words))
        word = marks.words[place]
        of = of or word == "of"
        adjective = of and marks.word(place + 1) in drug_names()
        inside = sentence.quantity_at.get(place)
        if word not in _BETWEEN and not adjective and not (inside and (of or inside.unit == "%")):
            return _unknown_behind(sentence, quantity, place)
        place += 1
    return None


def _unknown_behind(sentence: Sentence, quantity: Quantity, place: int) -> tuple[str, int] | None:
    """Return an unknown word behind "mg of", or before "patch" and its like."""
    led = sentence.marks.word(place - 1) == "of"
    formed = place == quantity.stop and sentence.marks.word(place + 1) in _FORMS
    if not (led or formed) or quantity.unit not in ("mg", "mcg", "mg/kg"):
        return None
    found = _unknown_drug(sentence, place)
    return (found[0], place + 1) if found else None
