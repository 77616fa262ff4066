"""A query and a sentence of a note, or two notes: their sentences' shares, and these taken apart into tokens.

All is made from the texts, in float32. The vectors of a collection, which search ranks by, may be of a lower
precision: their scores are the same to about three decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.pooling import unit
from clinsearch.errors import HitNotFound, InputError
from clinsearch.explanation.content import mean_vector
from clinsearch.explanation.reasons import Side, find_reasons, read_side, split_score
from clinsearch.explanation.text_pairs import explain_texts, require_few_pairs
from clinsearch.language.assertions import find_assertions
from clinsearch.records import (
    FloatArray,
    Hit,
    NoteExplanation,
    PlacedSentence,
    QueryExplanation,
    ScoreParts,
    SentencePair,
    by_share,
)
from clinsearch.records.readings import parted
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.likeness import NoteLikeness
from clinsearch.retrieval.question import Question
from clinsearch.retrieval.wordings import Wordings
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Occurrence

TINY = float(np.finfo(np.float32).tiny)
# Of a pair with a smaller cosine the share cannot be told by words.
SMALLEST_COSINE = 1e-3


def explain_query(snapshot: Snapshot, encoder: Encoder, asked: Question, note_id: str) -> QueryExplanation:
    """Explain why a query finds a note: the score of the note's best sentence, as a search for notes ranks them.

    Of the query's wordings that can count for the note the nearest is explained.
    """
    _, note = snapshot.catalog.note(note_id)
    sentences = _sentences(snapshot, note_id)
    # Each once: rows that are equal need not have equal products in one product of matrices.
    first = {sentence.sentence_key: sentence for sentence in reversed(sentences)}
    keys = np.array(list(first), dtype=np.int64)
    keywords = Keywords(snapshot.catalog.keywords("note"), asked.text, asked.expansions)
    wordings = Wordings(asked, keywords)
    counting = wordings.counting(keywords.saturation([note.text]) > 0)
    query = snapshot.corrected("sentence", wordings.encoded(encoder))
    _, nearness, nearest = wordings.nearest(snapshot.vectors_of("sentence", keys), query, counting)
    best = int(nearness.argmax())
    return _explained_query(snapshot, encoder, wordings.texts[int(nearest[best])], first[int(keys[best])])


def explain_place(snapshot: Snapshot, encoder: Encoder, query: str, hit: Hit) -> QueryExplanation:
    """Explain why a query finds the very sentence of a hit, at its place. Raises HitNotFound if it is gone."""
    sentences = _sentences(snapshot, hit.note_id)
    for sentence in sentences:
        is_place = (sentence.start, sentence.end) == (hit.start, hit.end)
        if is_place and hit.sentence in (None, sentence.text):
            explained = _explained_query(snapshot, encoder, query, sentence)
            return replace(explained, hit_score=hit.score, parts=hit.parts and _with_text(hit.parts, sentences))
    raise HitNotFound(f"Note {hit.note_id} has changed, and this hit is not in it any more. Search again.")


def _with_text(parts: ScoreParts, sentences: Sequence[Occurrence]) -> ScoreParts:
    """Give evidence that was kept without its text that text again."""
    texts = {(sentence.start, sentence.end): sentence.text for sentence in sentences}
    evidence = tuple(
        replace(one, sentence=one.sentence or texts.get((one.start, one.end), "")) for one in parts.evidence
    )
    return replace(parts, evidence=evidence)


def explain_notes(snapshot: Snapshot, encoder: Encoder, left_id: str, right_id: str, *, pairs: int) -> NoteExplanation:
    """Explain the score by which the second note is like the first; `pairs` pairs of sentences down to tokens."""
    left, right = _both_sides(snapshot, encoder, left_id, right_id)
    likeness = NoteLikeness(snapshot, left_id)
    split = split_score(snapshot, likeness, left, right, right.sentences[0].note.note_key)
    reasons = find_reasons(snapshot, split, left, right)
    leading, shares = [reason.pairs[0] for reason in reasons], split.shares.astype(np.float32)
    shown = [*leading, *(pair for pair in by_share(shares) if pair not in leading)][:pairs]
    explained = _explained_notes(snapshot, encoder, left, right, shares, shown)
    return replace(
        explained,
        score=split.score,
        parts=split.parts,
        background=split.background,
        reasons=reasons,
        unplaced=split.unplaced,
    )


def explain_sums(snapshot: Snapshot, encoder: Encoder, left_id: str, right_id: str, *, pairs: int) -> NoteExplanation:
    """Explain the cosine of the vectors of two notes, the sums of their sentences': each pair has its plain share."""
    left, right = _both_sides(snapshot, encoder, left_id, right_id)
    left_sum, right_sum = left.vectors.sum(axis=0), right.vectors.sum(axis=0)
    lengths = np.linalg.norm(left_sum) * np.linalg.norm(right_sum)
    weight = np.float32(1 / max(float(lengths), TINY))
    shares = left.vectors @ right.vectors.T * weight
    explained = _explained_notes(snapshot, encoder, left, right, shares, by_share(shares)[:pairs])
    return replace(explained, score=float(unit(left_sum) @ unit(right_sum)))


def _both_sides(snapshot: Snapshot, encoder: Encoder, left_id: str, right_id: str) -> list[Side]:
    both = [_sentences(snapshot, note_id) for note_id in (left_id, right_id)]
    require_few_pairs(*map(len, both))
    vectors = [snapshot.corrected("sentence", _vectors(encoder, sentences)) for sentences in both]
    return [read_side(snapshot, encoder, *of_note) for of_note in zip(both, vectors, strict=True)]


def _explained_notes(
    snapshot: Snapshot, encoder: Encoder, left: Side, right: Side, shares: FloatArray, pairs: Sequence[tuple[int, int]]
) -> NoteExplanation:
    """Take these pairs of sentences apart by their shares, (left, right); the score they add up to is not known yet."""
    cosines, mean = left.vectors @ right.vectors.T, mean_vector(snapshot, "sentence") if pairs else None

    def taken_apart(i: int, j: int) -> SentencePair:
        correction = snapshot.corrections.get("sentence")
        text = explain_texts(encoder, left.sentences[i].text, right.sentences[j].text, correction, mean)
        weight = float(shares[i, j]) / text.score if abs(text.score) > SMALLEST_COSINE else 0.0
        return SentencePair(i, j, text, share=float(shares[i, j]), weight=weight)

    return NoteExplanation(
        score=0.0,
        left_note_id=left.sentences[0].note.note_id,
        right_note_id=right.sentences[0].note.note_id,
        left=tuple(map(_placed, left.sentences)),
        right=tuple(map(_placed, right.sentences)),
        contributions=shares.astype(np.float32),
        cosines=cosines,
        pairs=tuple(taken_apart(i, j) for i, j in pairs),
        left_other_notes=_other_notes(snapshot, left.sentences),
        right_other_notes=_other_notes(snapshot, right.sentences),
        sentences=len(snapshot.catalog.all_keys("sentence")),
    )


def _explained_query(snapshot: Snapshot, encoder: Encoder, query: str, sentence: Occurrence) -> QueryExplanation:
    (other_notes,) = _other_notes(snapshot, [sentence])
    mean = mean_vector(snapshot, "sentence")
    text = explain_texts(encoder, query, sentence.text, snapshot.corrections.get("sentence"), mean)
    said = find_assertions(parted(sentence.text, sentence.heading)) if sentence.is_read else ()
    return QueryExplanation(sentence.note.note_id, _placed(sentence), text, other_notes, assertions=said)


def _vectors(encoder: Encoder, sentences: Sequence[Occurrence]) -> FloatArray:
    """Encode a note's sentences, each distinct one once, (n, hidden_size)."""
    texts = list(dict.fromkeys(sentence.text for sentence in sentences))
    row = {text: number for number, text in enumerate(texts)}
    vectors: FloatArray = encoder.encode(texts)[[row[sentence.text] for sentence in sentences]]
    return vectors


def _sentences(snapshot: Snapshot, note_id: str) -> list[Occurrence]:
    """Return a note's sentences in order. Raises InputError if it has none."""
    note_key, _ = snapshot.catalog.note(note_id)
    sentences = snapshot.catalog.note_sentences(note_key)
    if not sentences:
        raise InputError(f"Note {note_id} has no sentence to compare.")
    return sentences


def _other_notes(snapshot: Snapshot, sentences: Sequence[Occurrence]) -> tuple[int, ...]:
    """Count for each sentence the notes beside its own in which it stands too."""
    notes = snapshot.catalog.notes_with({sentence.sentence_key for sentence in sentences})
    return tuple(notes[sentence.sentence_key] - 1 for sentence in sentences)


def _placed(sentence: Occurrence) -> PlacedSentence:
    return PlacedSentence(sentence.text, sentence.start, sentence.end, sentence.section)
