"""Explanations for reading in a terminal: the two texts with their words shaded, and the strongest pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rich.padding import Padding
from rich.text import Text

from clinsearch.records import (
    Explanation,
    FloatArray,
    NoteExplanation,
    PlacedSentence,
    QueryExplanation,
    SentencePair,
    TextExplanation,
    Word,
    by_share,
)
from clinsearch.rendering.accounts import account_of
from clinsearch.rendering.scores import score_line, section_line
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.assertions import assertion_lines
from clinsearch.rendering.terminal.content import print_content, shaded
from clinsearch.rendering.terminal.layout import columns, in_section, write
from clinsearch.rendering.terminal.reasons import print_reasons
from clinsearch.rendering.wording import ROUNDING


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of an explanation is shown: the `top` pairs of each table, None for all, words' `pieces`, `raw` ones."""

    top: int | None = 10
    pieces: bool = False
    raw: bool = False


def print_explanation(explanation: Explanation, detail: Detail) -> None:
    """Show why two texts, a query and a sentence, or two notes match."""
    match explanation:
        case TextExplanation():
            print_text_explanation(explanation, detail)
        case QueryExplanation():
            print_query_explanation(explanation, detail)
        case NoteExplanation():
            print_note_explanation(explanation, detail)


def print_text_explanation(explanation: TextExplanation, detail: Detail) -> None:
    """Show why two texts match."""
    write(f"{_sum_line(explanation.score, explanation.word_residual)}\n")
    _print_words(explanation, detail)
    _print_in_common(explanation, detail)


def print_query_explanation(explanation: QueryExplanation, detail: Detail) -> None:
    """Show why a query found a note."""
    print_found_place(explanation)
    if explanation.parts and explanation.hit_score is not None:
        write(f"found with the score {score_line(explanation.hit_score, explanation.parts)}; of this cosine:")
    print_text_explanation(explanation.text, detail)
    for line in assertion_lines(explanation.place.sentence, explanation.assertions):
        write(Padding(line, (0, 0, 0, 4)))
    if by_section := section_line(explanation.place.section):
        _remark(by_section)
    _remark(f"The sentence stands in {_notes(explanation.other_notes)}.")


def print_note_explanation(explanation: NoteExplanation, detail: Detail) -> None:
    """Show why two notes match: reasons, or the strongest pairs of sentences, and these by their words."""
    print_note_names(explanation)
    if account := account_of(explanation):
        print_reasons(explanation, account)
    else:
        _print_shares(explanation, detail)
    for number, pair in enumerate(explanation.pairs, start=1):
        _print_pair(explanation, number, pair, detail)


def _print_shares(explanation: NoteExplanation, detail: Detail) -> None:
    write(_sum_line(explanation.score, explanation.residual))
    write("\nSentence pairs by their share in the score (and how near they are by themselves):")
    table = columns(right=[0, 1], count=3)
    for i, j in by_share(explanation.contributions)[: detail.top]:
        share, cosine = explanation.contributions[i, j], explanation.cosines[i, j]
        table.add_row(f"{share:.6f}", f"{cosine:.3f}", _both(explanation.left[i], explanation.right[j]))
    write(Padding(table, (0, 0, 0, 2)))
    _print_rest(explanation.contributions, detail)


def print_found_place(explanation: QueryExplanation) -> None:
    """Show by which sentence, and where, a query found a note."""
    write(f"{visible(explanation.note_id)}, by its sentence at {explanation.place.start}-{explanation.place.end}:")
    write(in_section(explanation.place.section, explanation.place.sentence))
    if explanation.marks:
        asked, found = (visible(word.text) for word in explanation.marks)
        write(f"The score is that of two words in context, [{asked}] of the query and [{found}] of the sentence.")


def print_note_names(explanation: NoteExplanation) -> None:
    """Show which two notes are explained."""
    write(Text(visible(f"{explanation.left_note_id} and {explanation.right_note_id}"), style="bold"))


def _print_pair(explanation: NoteExplanation, number: int, pair: SentencePair, detail: Detail) -> None:
    """Show a pair of sentences by its words, each with its share in the notes' score and in the pair's own."""
    write(f"\nPair {number} by its words, with their shares in the notes' score and in the pair's own:")
    by_words, rest = pair.share - pair.residual, _rest(pair.residual, ROUNDING * pair.weight)
    write(f"share {pair.share:.6f} = {by_words:.6f} in shares, residual {rest}; own score {pair.text.score:.4f}\n")
    _print_words(pair.text, detail, pair)
    _print_in_common(pair.text, detail)
    left, right = explanation.left[pair.left].section, explanation.right[pair.right].section
    compared = "not to be compared" if None in (left, right) else "the same" if left == right else "different"
    _remark(f"Sections: {left or 'none'} and {right or 'none'}, {compared}.")
    one, other = explanation.left_other_notes[pair.left], explanation.right_other_notes[pair.right]
    _remark(f"The first sentence stands in {_notes(one)}, the second in {_notes(other)}.")


def _remark(text: str) -> None:
    """Write a line beside the shares, of what these do not say."""
    write(Padding(Text(visible(text)), (0, 0, 0, 4)))


def _notes(others: int) -> str:
    return "no other note" if not others else f"{others:,} other note{'s' if others > 1 else ''}"


def _sum_line(score: float, residual: float) -> str:
    return f"score {score:.4f} = {score - residual:.4f} in shares, residual {_rest(residual, ROUNDING)}"


def _rest(residual: float, rounding: float) -> str:
    return f"below {rounding:.0e}" if abs(residual) < rounding else f"{residual:.1e}"


def _both(left: PlacedSentence, right: PlacedSentence) -> Text:
    shown = [in_section(place.section, place.sentence) for place in (left, right)]
    return Text("\n").join(shown)


def _print_words(explanation: TextExplanation, detail: Detail, pair: SentencePair | None = None) -> None:
    """Show two texts shaded by their words' shares, and pairs of words; those of a pair with both its shares."""
    shares, weight = explanation.word_contributions, pair.weight if pair else None
    print_content(explanation, detail.top)
    if not (detail.raw or detail.pieces or detail.top is None):
        return
    write("")
    write(shaded(explanation.left, explanation.left_words, shares.sum(axis=1)))
    write(shaded(explanation.right, explanation.right_words, shares.sum(axis=0)))
    table = columns(right=[0, 1] if pair else [0], count=5 if pair else 4)
    for i, j in by_share(shares)[: detail.top]:
        left, right = explanation.left_words[i], explanation.right_words[j]
        table.add_row(*_shares(shares[i, j], weight), Text(visible(left.text)), "~", Text(visible(right.text)))
        for share, one, other in _pieces(explanation, left, right) if detail.pieces else ():
            table.add_row(*_shares(share, weight), one, "~", other, style="dim")
    write(Padding(table, (0, 0, 0, 4)))
    _print_rest(shares, detail)
    if detail.pieces:
        _remark(f"Words are the sums of their wordpieces, residual {_rest(explanation.token_residual, ROUNDING)}.")


def _shares(share: float, weight: float | None) -> list[str]:
    """Write a share of the score; of a pair of sentences, of the notes' score and of the pair's own."""
    return [f"{share:.4f}"] if weight is None else [f"{share * weight:.2e}", f"{share:.4f}"]


def _pieces(explanation: TextExplanation, left: Word, right: Word) -> Iterator[tuple[float, Text, Text]]:
    """Give the pairs of wordpieces of two words, the largest share first, unless both are one piece each."""
    shares = explanation.contributions[np.ix_(left.tokens, right.tokens)]
    for i, j in by_share(shares) if shares.size > 1 else ():
        one, other = explanation.left_tokens[left.tokens[i]], explanation.right_tokens[right.tokens[j]]
        yield float(shares[i, j]), Text(f"  {visible(one.token)}"), Text(f"  {visible(other.token)}")


def _print_in_common(explanation: TextExplanation, detail: Detail) -> None:
    """Show which words both texts have, and what these pairs alone share of the score."""
    common = explanation.in_common
    if not common.words:
        _remark(f"None of {common.forms} words in common.")
        return
    named = ", ".join(f"{word.form} {word.share:.4f}" for word in common.words[: detail.top])
    more = ", …" if len(common.words) > len(common.words[: detail.top]) else ""
    counted = f"{len(common.words)} of {common.forms} words in common (Jaccard {common.jaccard:.2f})"
    _remark(f"{counted}, {common.share:.4f} of {explanation.score:.4f}: {named}{more}")


def _print_rest(shares: FloatArray, detail: Detail) -> None:
    shown = shares.size if detail.top is None else detail.top
    others = np.sort(shares, axis=None)[: max(0, shares.size - shown)]
    if len(others):
        write(f"    {float(others.sum()):.4f}  in {len(others):,} other pairs")
