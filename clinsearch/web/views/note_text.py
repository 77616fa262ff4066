"""The text of a note as HTML: every character of it, in order, with headings, sentences, places and what is not so."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from clinsearch.inspection.tokenization import places_in_note
from clinsearch.language.assertions import find_assertions, section_assertion
from clinsearch.records import NoteView, PlacedSentence, Section
from clinsearch.records.notes import Span
from clinsearch.rendering.pages.page import shown
from clinsearch.rendering.reasons import SAID


@dataclass(frozen=True, slots=True)
class Part:
    """A section as a page shows it; `number` is its position in the note, `says` what holds for all that is in it."""

    number: int
    name: str
    says: str
    is_headed: bool
    content: Markup
    marks: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of a note that is shown otherwise: a hit, the place that was asked for, or what is not simply so."""

    start: int
    end: int
    kind: str
    says: str = ""


def parts_of(view: NoteView, place: Span | None, hits: Sequence[Span]) -> list[Part]:
    """Return a note section by section; together they hold all of its text."""
    wanted = [Mark(*span, "hit here" if span == place else "hit") for span in {*hits, *([place] if place else [])}]
    numbered = list(enumerate(view.sentences))
    starts = [sentence.start for sentence in view.sentences]
    parts = []
    for number, section in enumerate(view.sections):
        own = numbered[bisect_left(starts, section.start) : bisect_left(starts, section.end)]
        parts.append(_part(view, number, section, own, wanted))
    return parts


def _part(
    view: NoteView, number: int, section: Section, own: Sequence[tuple[int, PlacedSentence]], hits: Sequence[Mark]
) -> Part:
    text, begin = view.note.text, _end_of_heading(view, section)
    is_headed = begin > section.start
    says = _by_section(view, section)
    holds = f' data-says="{says}"' if says else ""
    heading = f'<h3 id="heading-{number}"{holds}>{_pieces(text, section.start, begin, hits)}</h3>'
    content = [heading] if is_headed else []
    at = begin
    for position, sentence in own:
        start, end = max(at, sentence.start), max(at, min(sentence.end, section.end))
        marks = [*(hit for hit in hits if hit.start < end and hit.end > start), *_said(view, sentence)]
        content.append(_pieces(text, at, start, hits))
        content.append(
            f'<span class="s" id="s{position}" data-start="{sentence.start}" data-from="{start}">'
            f"{_pieces(text, start, end, marks)}</span>"
        )
        at = end
    content.append(_pieces(text, at, section.end, hits))
    count = sum(hit.start < section.end and hit.end > section.start for hit in hits)
    return Part(number, section.heading or "", says, is_headed, Markup("".join(content)), count)


def _end_of_heading(view: NoteView, section: Section) -> int:
    """Return where the heading of a section ends, with its colon; where it begins, if it is not written there."""
    heading, text = section.heading or "", view.note.text
    end = section.start + len(heading)
    if not heading or text[section.start : end] != heading:
        return section.start
    return end + 1 if text[end : end + 1] == ":" and end < section.end else end


def _by_section(view: NoteView, section: Section) -> str:
    says = None if view.language else section_assertion(section.name)
    return f"{SAID[says]} unless it says otherwise" if says else ""


def _said(view: NoteView, sentence: PlacedSentence) -> Iterator[Mark]:
    """Yield what a sentence says otherwise than that it is so, at its places in the note."""
    if view.language:
        return
    spans = find_assertions(sentence.sentence)
    if not spans:
        return
    at = places_in_note(view.note.text, sentence.start, sentence.end)
    for span in spans:
        # The number of a line of a list says nothing.
        if span.end <= len(at) and any(map(str.isalpha, sentence.sentence[span.start : span.end])):
            cue = sentence.sentence[span.cue_start : span.cue_end]
            says = f"{SAID[span.assertion]}, by \u201c{cue}\u201d"
            yield Mark(at[span.start], at[span.end - 1] + 1, f"said {span.assertion}", says)


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> str:
    """Return a piece of text, cut where a mark begins or ends, so that marks may overlap."""
    if start >= end:
        return ""
    here = [mark for mark in marks if mark.start < end and mark.end > start]
    if not here:
        return shown(text[start:end])
    edges = {edge for mark in here for edge in (mark.start, mark.end) if start < edge < end}
    cuts = sorted({start, end, *edges})
    return "".join(_piece(text, one, other, here) for one, other in pairwise(cuts))


def _piece(text: str, start: int, end: int, marks: Sequence[Mark]) -> str:
    over = [mark for mark in marks if mark.start <= start and end <= mark.end]
    if not over:
        return shown(text[start:end])
    kinds = dict.fromkeys(word for mark in over for word in mark.kind.split())
    said = "; ".join(dict.fromkeys(mark.says for mark in over if mark.says))
    title = f' title="{shown(said)}"' if said else ""
    ends = [mark for mark in over if mark.says and mark.end == end]
    badge = (
        f' data-said="{shown(", ".join(dict.fromkeys(mark.says.partition(",")[0] for mark in ends)))}"' if ends else ""
    )
    tag = "mark" if "hit" in kinds else "span"
    return f'<{tag} class="{" ".join(kinds)}"{title}{badge}>{shown(text[start:end])}</{tag}>'
