"""The wordpieces of two texts with their ids, and the plain share of each in the score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinsearch.records import FloatArray, TextExplanation, Token
from clinsearch.rendering.pages.page import isolated
from clinsearch.rendering.wording import number

# A page is for reading: a program takes the others from the JSON.
ROWS = 200
DIGITS = 5


def token_tables(texts: Sequence[TextExplanation], names: tuple[str, str], more: str) -> str:
    """Return the tokens of texts as tables, folded; `more`: the address of all of them as JSON, as HTML."""
    if not texts:
        return ""
    tables = "".join(_both(text, names, ROWS // len(texts)) for text in texts)
    return (
        '<details class="tokens"><summary>Tokens with their ids</summary><p class="remark">The plain share of a token '
        "is the sum of its pairs with all tokens of the other text, with nothing handed on; those of either text add "
        f'up to their cosine. <a href="{more}">All of it as JSON</a></p>{tables}</details>'
    )


def _both(text: TextExplanation, names: tuple[str, str], rows: int) -> str:
    shares = [text.contributions.sum(axis=axis, dtype=np.float64).astype(np.float32) for axis in (1, 0)]
    sides = zip(names, (text.left_tokens, text.right_tokens), shares, strict=True)
    return f'<div class="both-tables">{"".join(_table(name, tokens, of, rows) for name, tokens, of in sides)}</div>'


def _table(name: str, tokens: Sequence[Token], shares: FloatArray, rows: int) -> str:
    lines = "".join(
        f'<tr><td class="number">{token.id}</td><td>{isolated(token.token)}</td>'
        f'<td class="number">{number(float(share), DIGITS)}</td></tr>'
        for token, share in zip(tokens[:rows], shares[:rows], strict=True)
    )
    left = len(tokens) - rows
    rest = (
        f'<p class="remark">and {left:,} more with {number(float(shares[rows:].sum()), DIGITS)}</p>' if left > 0 else ""
    )
    return (
        f"<div><table><caption>{isolated(name)}: {len(tokens):,} tokens</caption><thead><tr>"
        '<th class="number" scope="col">id</th><th scope="col">token</th><th class="number" scope="col">share</th></tr>'
        f"</thead><tbody>{lines}</tbody></table>{rest}</div>"
    )
