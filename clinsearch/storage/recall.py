"""What the recall of search is measured with, on a collection's own vectors."""

from __future__ import annotations

from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray

# The numbers of best vectors that are measured; a search for more than the last looks at all there are.
DEPTHS = (10, 100, 300, 1000)


def queries_between(vectors: FloatArray) -> FloatArray:
    """Make queries (n, hidden_size) between each of the first and one of the last of vectors (2 n, hidden_size).

    Vectors of the collection itself would find themselves and their like too easily. With real sentences from
    elsewhere recall was slightly higher than with these; see benchmarks/notes.md.
    """
    half = len(vectors) // 2
    return unit(vectors[:half] + vectors[half : 2 * half])
