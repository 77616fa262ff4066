"""Makes vectors again, from the catalog's text, whose files are missing or damaged."""

from __future__ import annotations

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.storage.commits import Writer

SENTENCES_PER_COMMIT = 4096
WORDS_PER_COMMIT = 1024  # sentences; each brings the vectors of all its words


def repair(writer: Writer, encoder: Encoder, *, check_content: bool) -> int:
    """Make missing and damaged vectors again; return the number of sentences encoded.

    With `check_content` every file is read and compared with its checksum, else only its size is.
    """
    writer.forget_damaged_vectors(check_content=check_content)
    texts = writer.sentences_without_vector()
    keys = np.array(sorted(texts), dtype=np.int64)
    for start in range(0, len(keys), SENTENCES_PER_COMMIT):
        some = keys[start : start + SENTENCES_PER_COMMIT]
        writer.restore_sentence_vectors(some, encoder.encode([texts[key] for key in some.tolist()]))
    writer.restore_note_vectors()
    return len(keys) + _add_missing_words(writer, encoder)


def _add_missing_words(writer: Writer, encoder: Encoder) -> int:
    """Make the words' vectors that a collection should keep and lacks; return the number of sentences encoded."""
    texts = writer.sentences_without_words()
    keys = sorted(texts)
    for start in range(0, len(keys), WORDS_PER_COMMIT):
        some = keys[start : start + WORDS_PER_COMMIT]
        _, words = encoder.encode_words([texts[key] for key in some])
        writer.add_words(dict(zip(some, words, strict=True)))
    return len(keys)
