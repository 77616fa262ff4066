"""The answer that the page of a hit opens with: in a sentence why it was found, and its score as a sum in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinsearch.records import QueryExplanation, ScoreParts, TermPart
from clinsearch.records.hits import NEAREST_BY_CHANCE, WORDS_BY_CHANCE
from clinsearch.rendering.accounts import DIGITS, adding_up, decimals
from clinsearch.rendering.pages.page import isolated, length, shown
from clinsearch.rendering.reasons import SAID
from clinsearch.rendering.scores import told
from clinsearch.rendering.wording import signed

# Of words that a hit shares with a query so many are named.
WORDS_NAMED, WORDS_LISTED = 4, 12
SPANS_NAMED = 2
# A cosine of two sentences that say much the same, measured on clinical notes.
SAYS_THE_SAME = 0.8
NEARNESS = (
    "says nearly the same as the query",
    "is near to the query in meaning",
    "is not near to the query in meaning",
)


@dataclass(frozen=True, slots=True)
class Summand:
    """A part of a score, in words, as HTML."""

    share: float
    says: str


def found_because(explanation: QueryExplanation) -> str:
    """Return in one sentence why a hit was found."""
    if explanation.marks:
        asked, found = (f"<b>{isolated(word.text)}</b>" for word in explanation.marks)
        return _lede(
            f"Found because {found} is used here much as {asked} is in the query: {decimals(explanation.score)}."
        )
    parts = explanation.parts
    if parts is None:
        said = f"{_nearness(explanation.score)}, with a cosine of {decimals(explanation.score)}"
        other = _otherwise(explanation)
        return _lede(f"The sentence {said}.{f' Here {other}.' if other else ''}")
    words, near = _words(parts), _nearness(parts.cosine) if parts.cosine is not None else ""
    values = [f"{isolated(one.name)} {isolated(one.value)}" for one in parts.values if one.meets]
    because = [f"it has {_listed(words)}"] if words else []
    because += [f"it measures {_listed(values)}, as asked"] if values else []
    because += [f"it {near}"] if near and (not because or near != NEARNESS[2]) else []
    # A search that takes all assertions alike does not look at what is said of its words.
    said = _denied(parts) or _otherwise(explanation)
    lost = f" {'But here' if parts.assertion else 'Here'} {said}." if said else ""
    chance = " It has hardly any of the words, and is no nearer than chance would have it." if _is_chance(parts) else ""
    return _lede(f"Found because {' and '.join(because) or 'nothing is nearer'}.{lost}{chance}")


def score_in_words(explanation: QueryExplanation) -> str:
    """Return the score of a hit as a sum in words; empty where it is a cosine alone."""
    parts, score = explanation.parts, explanation.hit_score
    if parts is None or score is None:
        return ""
    summands = _summands(parts)
    shares = adding_up([one.share for one in summands], round(score, DIGITS))
    most = max(*map(abs, shares), 1e-9)
    rows = "".join(_row(share, one, most) for share, one in zip(shares, summands, strict=True) if share)
    evidence = "".join(
        f"<li><b>{isolated(one.asked)}</b> {said}"
        f"{f' {decimals(one.score)}: {isolated(one.sentence)}' if is_shown else ''}</li>"
        for one, said, is_shown in told(parts.evidence)
    )
    asked = f"<h3>What says each thing that was asked for</h3><ul>{evidence}</ul>" if evidence else ""
    read = f"The query was read as {isolated(parts.meant)}. " if parts.meant else ""
    read += f"The sentence is nearest to it in other words: {isolated(parts.wording)}." if parts.wording else ""
    meant = f'<p class="remark">{read}</p>' if read else ""
    return (
        f'<h2>What its score is made of</h2><p class="score"><strong>{decimals(round(score, DIGITS))}</strong>'
        f'<span>is the sum of</span></p>{meant}<table class="sum">{rows}</table>{asked}'
    )


def quoted(explanation: QueryExplanation) -> str:
    """Return the sentence that was found."""
    place = explanation.place
    section = f"<small>{isolated(place.section)}</small> " if place.section else ""
    return f'<blockquote class="quoted" dir="auto">{section}{shown(place.sentence)}</blockquote>'


def standing(explanation: QueryExplanation) -> str:
    """Say what the sentence says otherwise than that it is so, and in how many other notes it stands."""
    text = explanation.place.sentence
    lines = [
        f"<li>{isolated(text[span.start : span.end])} is {SAID[span.assertion]} here, by "
        f"{isolated(text[span.cue_start : span.cue_end])}.</li>"
        for span in explanation.assertions
    ]
    others = explanation.other_notes
    where = "no other note" if not others else f"{others:,} other note{'' if others == 1 else 's'}"
    return f'<ul class="said">{"".join(lines)}<li>The sentence stands in {where}.</li></ul>'


def _lede(said: str) -> str:
    return f'<p class="lede">{said}</p>'


def _summands(parts: ScoreParts) -> list[Summand]:
    listed = sorted(parts.terms, key=lambda term: -term.score)[:WORDS_LISTED]
    cosine = f" (cosine {decimals(parts.cosine)})" if parts.cosine is not None else ""
    rest = parts.keyword - sum(term.score for term in listed)
    summands = [Summand(parts.vector, f"how near the sentence is in meaning{cosine}")]
    summands += [Summand(term.score, _term(term)) for term in listed]
    summands.append(Summand(rest, "other words"))
    measured = ", ".join(
        f"{shown(one.name)} {shown(one.value)}{'' if one.meets else ', not as asked'}" for one in parts.values
    )
    summands.append(Summand(parts.value, f"values: {measured}"))
    summands.append(Summand(parts.required, "for having all that was asked for"))
    said = _denied(parts) or "what is asked for is said otherwise"
    summands.append(Summand(parts.assertion, f"lost, as here {said}"))
    return summands


def _term(term: TermPart) -> str:
    kind = "phrase" if " " in term.term else "word"
    instead = f", another name for {isolated(term.stands_for)}" if term.stands_for else ""
    said = f", {_said(term)} here" if _is_otherwise(term) else ""
    return f"the {kind} <b>{isolated(term.term)}</b>{instead}{said}"


def _words(parts: ScoreParts) -> list[str]:
    """Name the words of a query that a hit has, those that bring most first."""
    single = sorted((term for term in parts.terms if " " not in term.term), key=lambda term: -term.score)
    named = [
        f"<b>{isolated(term.term)}</b>{f', another name for {isolated(term.stands_for)},' if term.stands_for else ''}"
        for term in single[:WORDS_NAMED]
    ]
    more = len(single) - len(named)
    return [*named, f"{more} more of its words"] if more else named


def _is_otherwise(term: TermPart) -> bool:
    return term.assertion is not None or term.of_other


def _said(term: TermPart) -> str:
    said = [SAID[term.assertion]] if term.assertion else []
    return ", ".join([*said, *([SAID["other"]] if term.of_other else [])])


def _denied(parts: ScoreParts) -> str:
    """Say of words that are not simply so what they are: "fever and chills: denied"; empty if all are so."""
    words: dict[str, list[str]] = {}
    for term in parts.terms:
        if _is_otherwise(term) and " " not in term.term:
            words.setdefault(_said(term), []).append(isolated(term.term))
    return "; ".join(
        f"{_listed(of_this)} {'are' if len(of_this) > 1 else 'is'} {said}" for said, of_this in words.items()
    )


def _otherwise(explanation: QueryExplanation) -> str:
    """Say what of the sentence is not simply so: "“fever and chills” is denied"; empty if all of it is so."""
    text = explanation.place.sentence
    return "; ".join(
        f"{isolated(text[span.start : span.end])} is {SAID[span.assertion]}"
        for span in explanation.assertions[:SPANS_NAMED]
    )


def _nearness(cosine: float) -> str:
    return NEARNESS[0 if cosine >= SAYS_THE_SAME else 1 if cosine >= NEAREST_BY_CHANCE else 2]


def _is_chance(parts: ScoreParts) -> bool:
    if parts.cosine is None or parts.values or parts.evidence:
        return False
    return parts.cosine < NEAREST_BY_CHANCE and parts.keyword < WORDS_BY_CHANCE


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _row(share: float, of: Summand, most: float) -> str:
    drawn = f'<i class="{"negative " if share < 0 else ""}{length(share, most)}"></i>'
    return f'<tr><td class="number">{signed(share, DIGITS)}</td><td class="bar">{drawn}</td><td>{of.says}</td></tr>'
