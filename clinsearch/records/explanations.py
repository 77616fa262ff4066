"""Why texts, or notes, have the score that they have: shares that add up to it, and what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.display import Shown
from clinsearch.records.assertions import AssertedSpan
from clinsearch.records.hits import ScoreParts
from clinsearch.records.notes import FloatArray, PlacedSentence, Token


@dataclass(frozen=True, slots=True)
class Word:
    """The tokens, by position, that make up one word of a text; a special token stands for itself."""

    text: str
    start: int
    end: int
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CommonWord:
    """A word form that both texts have: the positions of its words, and what their pairs share of the score."""

    form: str
    left: tuple[int, ...]
    right: tuple[int, ...]
    share: float


@dataclass(frozen=True, slots=True)
class WordsInCommon:
    """The word forms that two texts have in common, the largest share first.

    Forms are compared without regard to case; punctuation and special tokens are no words. `forms` counts those
    of both texts together, `share` is of the score.
    """

    words: tuple[CommonWord, ...]
    forms: int

    @property
    def share(self) -> float:
        """What the pairs of the same word share of the score."""
        return sum(word.share for word in self.words)

    @property
    def jaccard(self) -> float:
        """The part of all word forms that is common, 0 to 1."""
        return len(self.words) / self.forms if self.forms else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ContentShares:
    """The shares of content words in a score, what other words and special tokens hold handed on to them.

    left, right: the positions of each text's content words. shares: (left, right), which with the background, what any
    two sentences of the collection have in common, add up to the score.
    """

    background: float
    left: tuple[int, ...]
    right: tuple[int, ...]
    shares: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TextExplanation(Shown):
    """Why two texts have the score that they have, in parts that add up to it.

    contributions: (tokens of left, tokens of right), the share of each pair of tokens.
    word_contributions: (words of left, words of right), the same summed over the tokens of words.
    content: the shares of content words alone, which add up to it, too.
    """

    score: float
    left: str
    right: str
    left_tokens: tuple[Token, ...]
    right_tokens: tuple[Token, ...]
    left_words: tuple[Word, ...]
    right_words: tuple[Word, ...]
    contributions: FloatArray
    word_contributions: FloatArray
    content: ContentShares

    @property
    def residual(self) -> float:
        """What the shares leave unexplained of the score: rounding, nothing else."""
        return self.score - _total(self.contributions)

    @property
    def content_residual(self) -> float:
        """What background and shares of content words leave of the score."""
        return self.score - self.content.background - _total(self.content.shares)

    @property
    def word_residual(self) -> float:
        """What the shares of words leave of the score."""
        return self.score - _total(self.word_contributions)

    @property
    def token_residual(self) -> float:
        """The most that the shares of its tokens leave of any pair of words, as a size."""
        by_tokens = block_sums(self.contributions.astype(np.float64), self.left_words, self.right_words)
        return float(np.abs(self.word_contributions - by_tokens).max(initial=0.0))

    @property
    def in_common(self) -> WordsInCommon:
        """The words that both texts have, which a vector does not tell from words of like meaning."""
        left = _forms(self.left_words, self.left_tokens)
        right = _forms(self.right_words, self.right_tokens)
        words = (
            CommonWord(form, left[form], right[form], _total(self.word_contributions[np.ix_(left[form], right[form])]))
            for form in left.keys() & right.keys()
        )
        ranked = sorted(words, key=lambda word: (-word.share, word.form))
        return WordsInCommon(tuple(ranked), len(left.keys() | right.keys()))


@dataclass(frozen=True, slots=True, eq=False)
class QueryExplanation(Shown):
    """Why a query found a note: by which of its sentences, and by which tokens of that.

    `other_notes` counts the other notes in which the sentence stands. `marks`: where a word was searched for, the
    query's and the one that was found, whose vectors' score is explained in place of the texts'. `hit_score` and
    `parts`: of the hit that is explained, whose cosine is only a part of its score. `assertions`: what the sentence
    says otherwise than that it is so.
    """

    note_id: str
    place: PlacedSentence
    text: TextExplanation
    other_notes: int
    marks: tuple[Word, Word] | None = None
    hit_score: float | None = None
    parts: ScoreParts | None = None
    assertions: tuple[AssertedSpan, ...] = ()

    @property
    def score(self) -> float:
        """The cosine of the query and the sentence, or of a word in each."""
        return self.text.score

    @property
    def residual(self) -> float:
        """What the shares leave unexplained of the score: rounding, nothing else."""
        return self.text.residual


@dataclass(frozen=True, slots=True, eq=False)
class SentencePair:
    """A pair of sentences of two notes, by their positions, with its tokens' shares of their own cosine.

    `share` is the pair's of the notes' score, and `weight` what turns shares of its cosine into shares of that.
    """

    left: int
    right: int
    text: TextExplanation
    share: float
    weight: float

    @property
    def contributions(self) -> FloatArray:
        """The share of each pair of tokens in the notes' score; they add up to `share`."""
        return self.text.contributions * np.float32(self.weight)

    @property
    def word_contributions(self) -> FloatArray:
        """The share of each pair of words in the notes' score; they add up to `share`."""
        return self.text.word_contributions * np.float32(self.weight)

    @property
    def residual(self) -> float:
        """What the shares of words leave of the pair's share: rounding, nothing else."""
        return self.share - _total(self.word_contributions)


@dataclass(frozen=True, slots=True)
class LikenessParts:
    """A score of two notes, or a part of one, by what it comes from: their openings, words, and sentences."""

    openings: float
    words: float
    sentences: float

    @property
    def total(self) -> float:
        """The sum of the three."""
        return self.openings + self.words + self.sentences


@dataclass(frozen=True, slots=True)
class Unusual:
    """How unusual a sentence is, and it being as near to its partner as it is.

    nearer: how many of the collection's other sentences are nearer to it than its partner, at most NEARER_COUNTED.
    other_notes: how many notes beside its own have it, or a sentence in nearly the same words. assertions: what it
    says otherwise than that it is so.
    """

    nearer: int
    other_notes: int
    assertions: tuple[AssertedSpan, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason why two notes are alike: a pair of sentences, by their positions, with others that say the same.

    share: of the notes' score, of all its pairs. pairs: all of them, the one that stands for them first. is_template:
    whether one of that pair's sentences stands in so many notes that it tells little.
    """

    pairs: tuple[tuple[int, int], ...]
    share: float
    left: Unusual
    right: Unusual
    is_template: bool


# Sentences nearer than a partner are counted up to here.
NEARER_COUNTED = 100
# So many notes, and that is template: it tells little that two of them have it.
TEMPLATE_NOTES = 10


@dataclass(frozen=True, slots=True, eq=False)
class NoteExplanation(Shown):
    """Why two notes have the score that they have, in parts that add up to it.

    contributions: (sentences of left, sentences of right), the share of each pair of sentences.
    cosines: the same shape, how near the two are taken by themselves.
    pairs: pairs taken apart into tokens: those of the reasons, then those with the largest shares.
    left_other_notes, right_other_notes: in how many notes beside its own each sentence stands.

    sentences: how many there are in the collection.

    The rest is of the score that `similar` ranks by, and empty for the cosine of two sums of sentences' vectors, which
    belongs to pairs whole. parts: what it comes from. background: what of it any two notes of the collection have in
    common. reasons: best first. unplaced: what belongs to no pair of sentences.
    """

    score: float
    left_note_id: str
    right_note_id: str
    left: tuple[PlacedSentence, ...]
    right: tuple[PlacedSentence, ...]
    contributions: FloatArray
    cosines: FloatArray
    pairs: tuple[SentencePair, ...]
    left_other_notes: tuple[int, ...]
    right_other_notes: tuple[int, ...]
    parts: LikenessParts | None = None
    background: LikenessParts | None = None
    reasons: tuple[Reason, ...] = ()
    unplaced: float = 0.0
    sentences: int = 0

    @property
    def residual(self) -> float:
        """What background and shares leave unexplained of the score: rounding, nothing else."""
        return self.score - self.in_common - self.unplaced - _total(self.contributions)

    @property
    def in_common(self) -> float:
        """What of the score any two notes of the collection have in common."""
        return self.background.total if self.background else 0.0


Explanation: TypeAlias = TextExplanation | QueryExplanation | NoteExplanation


def taken_apart(explanation: Explanation) -> tuple[TextExplanation, ...]:
    """Return the pairs of texts that an explanation takes apart into words."""
    match explanation:
        case TextExplanation():
            return (explanation,)
        case QueryExplanation():
            return (explanation.text,)
        case NoteExplanation():
            return tuple(pair.text for pair in explanation.pairs)


def by_share(shares: FloatArray) -> list[tuple[int, int]]:
    """Return the positions of all pairs, the largest share first."""
    order = np.argsort(-shares, axis=None, kind="stable")
    rows, columns = np.unravel_index(order, shares.shape)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def block_sums(shares: NDArray[Any], left: Sequence[Word], right: Sequence[Word]) -> NDArray[Any]:
    """Sum shares of tokens (tokens, tokens) over the tokens of words, which follow each other: (words, words)."""
    rows, columns = (np.array([word.tokens[0] for word in words], dtype=np.intp) for words in (left, right))
    return np.add.reduceat(np.add.reduceat(shares, rows, axis=0), columns, axis=1)


def _total(shares: FloatArray) -> float:
    return float(shares.sum(dtype=np.float64))


def _forms(words: Sequence[Word], tokens: Sequence[Token]) -> dict[str, tuple[int, ...]]:
    """Return where each word form of a text stands, by the positions of its words."""
    at: dict[str, list[int]] = {}
    for position, word in enumerate(words):
        if tokens[word.tokens[0]].word is not None and any(map(str.isalnum, word.text)):
            at.setdefault(word.text.casefold(), []).append(position)
    return {form: tuple(positions) for form, positions in at.items()}
