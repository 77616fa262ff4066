"""Which rules texts are read by; a collection remembers it."""

from __future__ import annotations

# Change it whenever sections, sentences, assertions, terms or gists change for any text: a collection of another
# version is read anew by `clinsearch index`, and by nothing else.
LANGUAGE_VERSION = "2"
