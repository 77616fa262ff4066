"""The assertions of a sentence: which of its parts are negated, possible, historical, hypothetical or another person's.

The rules follow ConText (Harkema et al. 2009, after Chapman's NegEx, 2001): a cue, its scope, and what ends the scope.
Offsets are into the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch.deferral import deferred
from clinsearch.language.assertions.said import assertion_at, said_at
from clinsearch.language.assertions.sections import section_assertion

if TYPE_CHECKING:
    from clinsearch.language.assertions.finding import find_assertions

__all__ = ["assertion_at", "find_assertions", "said_at", "section_assertion"]

# With the cues and their scopes.
__getattr__ = deferred(__name__, {"find_assertions": "finding"})
