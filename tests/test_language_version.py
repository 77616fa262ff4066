"""The version of the language rules: it is raised whenever they give other values for any of many texts.

What they give is kept beside the version, as digests. To keep them anew: python -m tests.test_language_version
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clinsearch.language import LANGUAGE_VERSION, read_note, read_sentences
from clinsearch.language.assertions.cues import all_cues, fillings
from clinsearch.language.segmentation import abbreviations, heading_names
from clinsearch.records import Note
from clinsearch.records.readings import SentenceText
from tests.conftest import PROJECT

KEPT = PROJECT / "tests" / "language_version.json"
GOLD = PROJECT / "tests" / "gold"
KINDS = ("texts", "sections", "terms", "languages", "assertions", "gists")
RENEW = f"python -m tests.{Path(__file__).stem}"


def given_texts() -> Iterator[str]:
    """Give the sample notes and the gold sets."""
    for folder, pattern in ((PROJECT / "sample_notes", "*.txt"), (GOLD / "segmentation", "*/*.txt")):
        for path in sorted(folder.glob(pattern)):
            yield path.read_bytes().decode()
    for path in sorted((GOLD / "assertions").glob("*.jsonl")):
        yield "\n\n".join(dict.fromkeys(json.loads(line)["text"] for line in path.read_text().splitlines()))


def tried_texts() -> Iterator[str]:
    """Give a text for every heading, abbreviation and cue that the rules know."""
    for spelling in sorted(heading_names._NAMES):
        yield f"Seen.\n{spelling.upper()}: Well, no fever.\n"
    for kind in ("_BEFORE_A_WORD", "_SELDOM_LAST", "_OFTEN_LAST", "_GO_ON"):
        for word in sorted(getattr(abbreviations, kind)):
            yield f"He had {word}. Fever and {word}. the cough."
    for phrase in sorted({cue.phrase for cue in all_cues()}):
        filled = next(fillings(phrase))
        yield f"Cough {filled} fever.\n\n{filled.capitalize()} zoster, though pain.\n\nHas rash {filled}."


def digests() -> dict[str, str]:
    """Return a digest of the texts, and of each kind of values that the rules give for them."""
    found: dict[str, Any] = {kind: hashlib.sha256() for kind in KINDS}
    given = list(given_texts())
    found["texts"].update(repr(given).encode())
    for text in [*given, *tried_texts()]:
        read = read_note(Note("a", text), b"")
        found["sections"].update(repr((read.segmentation, [one.parted for one in read.sentences])).encode())
        found["terms"].update(repr(read.terms).encode())
        found["languages"].update(repr(read.language).encode())
        # Each line as a sentence, too, so that where sentences end makes no difference to the others.
        lines = [SentenceText.of(line) for line in text.splitlines() if line]
        for sentence in read_sentences(lines).values():
            found["terms"].update(repr(sentence.terms).encode())
            found["languages"].update(repr(sentence.language).encode())
            found["assertions"].update(repr(sentence.assertions).encode())
            found["gists"].update(repr(sentence.gist).encode())
    return {kind: digest.hexdigest() for kind, digest in found.items()}


def complaint(now: dict[str, str]) -> str | None:
    """Say what to do where the rules give other values than those kept, None where they give the same."""
    kept = json.loads(KEPT.read_text())
    changed = [kind for kind in now if now[kind] != kept[kind]]
    if not changed and kept["version"] == LANGUAGE_VERSION:
        return None
    if kept["version"] == LANGUAGE_VERSION and "texts" not in changed:
        return (
            f"The rules of clinsearch/language give other {' and '.join(changed)} than those of version "
            f"{LANGUAGE_VERSION}: raise LANGUAGE_VERSION in clinsearch/records/readings.py and run `{RENEW}`."
        )
    return f"The texts or the version have changed. Run `{RENEW}`."


def test_rules_do_not_change_without_their_version() -> None:
    assert (said := complaint(digests())) is None, said


@pytest.mark.drawn(2)
@pytest.mark.parametrize(
    ("where", "rule", "kinds"),
    [
        ("clinsearch.language.identification._LEAST_ENGLISH", 9, "languages"),
        ("clinsearch.language.gists.HABIT", frozenset({"the"}), "gists"),
        ("clinsearch.language.terms.SHORTEST_PLURAL", 4, "terms"),
        ("clinsearch.language.segmentation.headings._LONGEST_HEADING", 12, "sections"),
        ("clinsearch.language.assertions.scopes._CUT_BY_VERBS", frozenset(), "assertions"),
    ],
)
def test_a_changed_rule_is_noticed(monkeypatch: pytest.MonkeyPatch, where: str, rule: object, kinds: str) -> None:
    from clinsearch.language import terms

    terms._term.cache_clear()
    monkeypatch.setattr(where, rule)
    said = complaint(digests())
    terms._term.cache_clear()
    assert said is not None
    assert kinds in said
    assert f"raise LANGUAGE_VERSION in clinsearch/records/readings.py and run `{RENEW}`" in said


if __name__ == "__main__":
    now = digests()
    if KEPT.exists() and "raise" in (complaint(now) or ""):
        sys.exit(complaint(now))
    KEPT.write_text(json.dumps({"version": LANGUAGE_VERSION, **now}, indent=2) + "\n")
