"""How well a vocab fits the words of some texts: what it splits, what it cannot spell, how much of it is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from clinsearch.inspection.vocabulary import Vocabulary
from clinsearch.records.inspection import SplitWord, VocabCoverage


def vocab_coverage(
    words: Iterable[tuple[str, Sequence[int], int]], vocabulary: Vocabulary, *, top: int = 20
) -> VocabCoverage:
    """Count how a vocab fits words, given as text, token ids, and how often the word occurs.

    Forms that become the same tokens, as capitals do where the tokenizer lower-cases, are named once, by the most
    frequent of them; words that the vocab cannot spell are named each. `top`: how many words to name of each kind.
    """
    forms: defaultdict[tuple[tuple[int, ...], str], Counter[str]] = defaultdict(Counter)
    for text, ids, count in words:
        if not vocabulary.special.issuperset(ids):
            forms[tuple(ids), text if vocabulary.unknown in ids else ""][text] += count
    tokens: Counter[int] = Counter()
    for (ids, _), of_form in forms.items():
        for id in ids:
            tokens[id] += of_form.total()
    named = [_named(ids, of_form, vocabulary) for (ids, _), of_form in forms.items()]
    cannot_spell = [vocabulary.unknown in ids for ids, _ in forms]
    return VocabCoverage(
        words=sum(word.count for word in named),
        tokens=tokens.total(),
        most_split=_most_split([word for word in named if len(word.tokens) > 1 and _has_letter(word)])[:top],
        unknown=0 if vocabulary.unknown is None else tokens[vocabulary.unknown],
        unknown_words=_most_frequent([word for word, is_so in zip(named, cannot_spell, strict=True) if is_so])[:top],
        used=len(tokens.keys() - vocabulary.special - {vocabulary.unknown}),
        vocab_size=len(vocabulary),
    )


def _named(ids: Sequence[int], forms: Counter[str], vocabulary: Vocabulary) -> SplitWord:
    commonest = min(forms, key=lambda form: (-forms[form], form))
    return SplitWord(commonest, tuple(vocabulary.by_id(id).token for id in ids), forms.total())


def _has_letter(word: SplitWord) -> bool:
    return any(character.isalpha() for character in word.word)


def _most_split(words: list[SplitWord]) -> tuple[SplitWord, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word.tokens), -word.count, word.word)))


def _most_frequent(words: list[SplitWord]) -> tuple[SplitWord, ...]:
    return tuple(sorted(words, key=lambda word: (-word.count, word.word)))
