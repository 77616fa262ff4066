"""Explanations as records for JSON and CSV; the keys are documented in docs/json.md and its schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from clinsearch.language.assertions import section_assertion
from clinsearch.records import (
    Explanation,
    FloatArray,
    NoteExplanation,
    PlacedSentence,
    QueryExplanation,
    SentencePair,
    TextExplanation,
    Token,
    Word,
    by_share,
)
from clinsearch.rendering.records.formats import Record
from clinsearch.rendering.records.inspection import token_records


def explanation_record(explanation: Explanation) -> Record:
    """Return an explanation, and beside it what it explains and by which method."""
    match explanation:
        case TextExplanation():
            return {"explains": "texts", "method": "shares", **text_explanation_record(explanation)}
        case QueryExplanation():
            return {"explains": "query", "method": "shares", **query_explanation_record(explanation)}
        case NoteExplanation():
            return {"explains": "notes", "method": "shares", **note_explanation_record(explanation)}


def explanation_rows(explanation: Explanation) -> list[Record]:
    """Return the pairs of tokens, or of two notes the pairs of sentences, the largest share first."""
    match explanation:
        case TextExplanation():
            return text_explanation_rows(explanation)
        case QueryExplanation():
            return text_explanation_rows(explanation.text)
        case NoteExplanation():
            return note_explanation_rows(explanation)


def text_explanation_record(explanation: TextExplanation) -> Record:
    """Return why two texts match: `contributions`, by tokens, and the residual add up to `score`."""
    return {
        "score": explanation.score,
        "residual": explanation.residual,
        "word_residual": explanation.word_residual,
        "token_residual": explanation.token_residual,
        "left": _side(explanation.left, explanation.left_tokens, explanation.left_words),
        "right": _side(explanation.right, explanation.right_tokens, explanation.right_words),
        "contributions": text_explanation_rows(explanation),
        "word_contributions": pair_records(
            explanation.word_contributions,
            [word.text for word in explanation.left_words],
            [word.text for word in explanation.right_words],
        ),
        "in_common": _in_common_record(explanation),
        "content": _content_record(explanation),
    }


def text_explanation_rows(explanation: TextExplanation) -> list[Record]:
    """Return the pairs of tokens of two texts, the largest share first."""
    return pair_records(
        explanation.contributions,
        [token.token for token in explanation.left_tokens],
        [token.token for token in explanation.right_tokens],
    )


def query_explanation_record(explanation: QueryExplanation) -> Record:
    """Return why a query found a note: by one of its sentences, taken apart into tokens."""
    text = text_explanation_record(explanation.text)
    marks = None
    if explanation.marks:
        marks = dict(zip(("left", "right"), map(asdict, explanation.marks), strict=True))
    beside = {
        "other_notes": explanation.other_notes,
        "marks": marks,
        "hit_score": explanation.hit_score,
        "parts": asdict(explanation.parts) if explanation.parts else None,
        "assertions": [asdict(span) for span in explanation.assertions],
        "section_assertion": section_assertion(explanation.place.section),
    }
    return {**found_place_record(explanation), **beside, **text}


def note_explanation_record(explanation: NoteExplanation) -> Record:
    """Return why two notes match: `background`, `contributions`, by sentences, `unplaced` and the residual add up to
    `score`."""
    return {
        "score": explanation.score,
        "residual": explanation.residual,
        "parts": asdict(explanation.parts) if explanation.parts else None,
        "background": asdict(explanation.background) if explanation.background else None,
        "unplaced": explanation.unplaced,
        "sentences": explanation.sentences,
        "reasons": [asdict(reason) for reason in explanation.reasons],
        "left": _note_side(explanation.left_note_id, explanation.left, explanation.left_other_notes),
        "right": _note_side(explanation.right_note_id, explanation.right, explanation.right_other_notes),
        "contributions": [
            {**record, "cosine": float(explanation.cosines[record["left"], record["right"]])}
            for record in pair_records(explanation.contributions)
        ],
        "pairs": [_sentence_pair_record(explanation, pair) for pair in explanation.pairs],
    }


def note_explanation_rows(explanation: NoteExplanation) -> list[Record]:
    """Return the pairs of sentences of two notes with their texts, the largest share first."""
    return pair_records(
        explanation.contributions,
        [place.sentence for place in explanation.left],
        [place.sentence for place in explanation.right],
    )


def pair_records(
    shares: FloatArray, left: Sequence[str] | None = None, right: Sequence[str] | None = None
) -> list[Record]:
    """Return every pair's share, the largest first: positions, and beside them the texts at these."""
    records = []
    for i, j in by_share(shares):
        record: Record = {"left": i, "right": j, "contribution": float(shares[i, j])}
        if left and right:
            record |= {"left_text": left[i], "right_text": right[j]}
        records.append(record)
    return records


def _sentence_pair_record(explanation: NoteExplanation, pair: SentencePair) -> Record:
    """Return a pair of sentences: its place, its share of the notes' score, and its own parts."""
    sections = explanation.left[pair.left].section, explanation.right[pair.right].section
    record = text_explanation_record(pair.text)
    for kind in ("contributions", "word_contributions"):
        for row in record[kind]:
            row["note_contribution"] = row["contribution"] * pair.weight
    return {
        **pair_place_record(explanation, pair),
        "share": pair.share,
        "share_residual": pair.residual,
        "same_section": None if None in sections else sections[0] == sections[1],
        **record,
    }


def pair_place_record(explanation: NoteExplanation, pair: SentencePair) -> Record:
    """Return which sentences of two notes a pair is of, and where they stand."""
    left, right = explanation.left[pair.left], explanation.right[pair.right]
    return {
        "left_sentence": pair.left,
        "right_sentence": pair.right,
        "left_place": asdict(left),
        "right_place": asdict(right),
    }


def _content_record(explanation: TextExplanation) -> Record:
    """Return the shares of content words, the largest first: with `background` they add up to the score."""
    content = explanation.content
    return {
        "background": content.background,
        "shares": [
            {"left": content.left[i], "right": content.right[j], "contribution": float(content.shares[i, j])}
            for i, j in by_share(content.shares)
        ],
    }


def _in_common_record(explanation: TextExplanation) -> Record:
    common = explanation.in_common
    words = [asdict(word) for word in common.words]
    return {"words": words, "forms": common.forms, "share": common.share, "jaccard": common.jaccard}


def found_place_record(explanation: QueryExplanation) -> Record:
    """Return by which sentence, and where, a query found a note."""
    return {"note_id": explanation.note_id, **asdict(explanation.place)}


def _side(text: str, tokens: Sequence[Token], words: Sequence[Word]) -> Record:
    return {"text": text, "tokens": token_records(tokens), "words": [asdict(word) for word in words]}


def _note_side(note_id: str, sentences: Sequence[PlacedSentence], other_notes: Sequence[int]) -> Record:
    standing = zip(sentences, other_notes, strict=True)
    return {"note_id": note_id, "sentences": [{**asdict(place), "other_notes": others} for place, others in standing]}
