"""Two words in their contexts: the shares of their sentences' tokens in the score of the words' vectors."""

from __future__ import annotations

from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.words import marked_span, words_of
from clinsearch.errors import HitNotFound
from clinsearch.explanation.text_pairs import explain_embeddings
from clinsearch.inspection.tokenization import places_in_note
from clinsearch.records import (
    MarkedText,
    PlacedSentence,
    QueryExplanation,
    TextEmbedding,
    TextExplanation,
    Word,
    WordHit,
)
from clinsearch.storage.port import Snapshot


def explain_words(encoder: Encoder, left: MarkedText, right: MarkedText) -> tuple[TextExplanation, tuple[Word, Word]]:
    """Explain the score of two words in their contexts; return with it the words. Raises InputError."""
    one, other = (encoder.embed_word(text.text, text.start, text.end) for text in (left, right))
    explanation = explain_embeddings(one, other)
    return explanation, (_marked(one, left), _marked(other, right))


def explain_found_word(snapshot: Snapshot, encoder: Encoder, asked: MarkedText, hit: WordHit) -> QueryExplanation:
    """Explain why a marked word finds the one at a hit's place. Raises HitNotFound if it is not there any more."""
    start, end = hit.start, hit.end
    key, note = snapshot.catalog.note(hit.note_id)
    for sentence in snapshot.catalog.note_sentences(key):
        if hit.marked.text not in ("", sentence.text) or not sentence.start <= start < end <= sentence.end:
            continue
        places = places_in_note(note.text, sentence.start, sentence.end)
        if start in places and end - 1 in places:
            found = MarkedText(sentence.text, places.index(start), places.index(end - 1) + 1)
            text, marks = explain_words(encoder, asked, found)
            place = PlacedSentence(sentence.text, sentence.start, sentence.end, sentence.section)
            others = snapshot.catalog.notes_with({sentence.sentence_key})[sentence.sentence_key] - 1
            return QueryExplanation(hit.note_id, place, text, others, marks)
    raise HitNotFound(f"Note {hit.note_id} has changed, and this hit is not in it any more. Search again.")


def _marked(embedding: TextEmbedding, marked: MarkedText) -> Word:
    """Return what was marked as one word, however many it is."""
    first, last = marked_span(embedding.tokens, marked.start, marked.end)
    start, end = embedding.tokens[first].start, embedding.tokens[last].end
    inside = [word for word in words_of(embedding.text, embedding.tokens) if start <= word.start < end]
    tokens = tuple(position for word in inside for position in word.tokens)
    return Word(embedding.text[start:end], start, end, tokens)
