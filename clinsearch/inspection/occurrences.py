"""What a collection's notes make of a vocab: the words they hold, and where one of its tokens stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from clinsearch.encoder.tokenizer import Tokenizer
from clinsearch.encoder.words import words_of
from clinsearch.errors import InputError
from clinsearch.inspection.tokenization import places_in_note
from clinsearch.records import Filter, MarkedText
from clinsearch.records.inspection import TokenOccurrences, TokenPlace, VocabEntry
from clinsearch.storage.catalog.notes import Occurrence
from clinsearch.storage.catalog.words import WordCatalog
from clinsearch.storage.snapshots import Snapshot


def words_in(snapshot: Snapshot, tokenizer: Tokenizer) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Give each word of the notes, as text, tokens' ids, and how often it stands there.

    A word is spelt as its tokens are; one that the vocab cannot spell, as its notes do.
    """
    words: Counter[tuple[int, ...]] = Counter()
    unspelt: Counter[tuple[str, tuple[int, ...]]] = Counter()
    catalog = _kept(snapshot)
    places = catalog.places()
    for sentence in catalog.tokens():
        count = places[sentence.sentence_key]
        if tokenizer.unknown in sentence.token_ids:
            (text,) = snapshot.catalog.sentence_texts([sentence.sentence_key]).values()
            for word, ids in _spoken(text, tokenizer):
                unspelt[word, ids] += count
        else:
            for ids in sentence.words():
                words[ids] += count
    yield from ((tokenizer.spelt(ids), ids, count) for ids, count in words.items())
    yield from ((word, ids, count) for (word, ids), count in unspelt.items())


def find_token(
    snapshot: Snapshot, tokenizer: Tokenizer, entry: VocabEntry, *, limit: int, offset: int
) -> TokenOccurrences:
    """Find where a token stands: counts of all its places, in the order of the notes, and some of these."""
    catalog = _kept(snapshot)
    words: Counter[tuple[int, ...]] = Counter()
    times: dict[int, int] = {}
    counts = catalog.places()
    for sentence in catalog.tokens():
        found = int((sentence.token_ids == entry.id).sum())
        if found:
            times[sentence.sentence_key] = found
            for ids in sentence.words():
                words[ids] += counts[sentence.sentence_key] * (entry.id in ids)
    standing = snapshot.catalog.occurrences(list(times), Filter())
    standing.sort(key=lambda place: (place.note.note_key, place.start))
    every = [(place, nth) for place in standing for nth in range(times[place.sentence_key])]
    return TokenOccurrences(
        entry=entry,
        occurrences=len(every),
        sentences=len(times),
        notes=len({place.note.note_key for place in standing}),
        words=tuple((tokenizer.spelt(ids), count) for ids, count in words.most_common() if count),
        places=tuple(_place(snapshot, tokenizer, entry, *one) for one in every[offset : offset + limit]),
        offset=offset,
    )


def _kept(snapshot: Snapshot) -> WordCatalog:
    if not snapshot.has_words:
        raise InputError("This collection keeps no words. Add them: `clinsearch index --tokens` and its notes' folder.")
    return snapshot.word_catalog


def _spoken(text: str, tokenizer: Tokenizer) -> Iterator[tuple[str, tuple[int, ...]]]:
    tokens = tokenizer.tokens(text)
    for word in words_of(text, tokens):
        if tokens[word.tokens[0]].word is not None:
            yield word.text, tuple(tokens[position].id for position in word.tokens)


def _place(snapshot: Snapshot, tokenizer: Tokenizer, entry: VocabEntry, place: Occurrence, nth: int) -> TokenPlace:
    """Say where in a note the nth such token of a sentence stands."""
    tokens = tokenizer.tokens(place.text)
    token = [token for token in tokens if token.id == entry.id and token.word is not None][nth]
    in_note = places_in_note(snapshot.catalog.note(place.note.note_id)[1].text, place.start, place.end)
    return TokenPlace(
        note_id=place.note.note_id,
        section=place.section,
        start=in_note[token.start],
        end=in_note[token.end - 1] + 1,
        marked=MarkedText(place.text, token.start, token.end),
    )
