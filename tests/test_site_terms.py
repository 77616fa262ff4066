"""A site's own file of terms, which may hold anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinsearch.errors import InputError
from clinsearch.language.spelling import Speller
from clinsearch.language.terminology import Terminology
from clinsearch.records.expansions import Expansion

CARRIED = Terminology.carried()


def with_rows(folder: Path, *rows: str) -> Terminology:
    path = folder / "terms.tsv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return CARRIED.with_file(path)


def only(terminology: Terminology, query: str) -> Expansion:
    (expansion,) = terminology.expansions(query)
    return expansion


def test_an_abbreviation_of_the_site_comes_before_the_carried_one(tmp_path: Path) -> None:
    terminology = with_rows(
        tmp_path, "term\texpansion\tweight", "# ours", "", "PE\tplanned evaluation", "ZQV\tzone quality visit"
    )
    assert only(terminology, "PE").sense == "planned evaluation"
    assert terminology.long_form("after ZQV") == "after zone quality visit"
    assert only(CARRIED, "PE").sense == "pulmonary embolism"


def test_names_are_given_for_each_other_with_their_weight(tmp_path: Path) -> None:
    terminology = with_rows(tmp_path, "blue folder clinic\tward seven\t0.5")
    one, other = only(terminology, "blue folder clinic"), only(terminology, "ward seven")
    assert [(it.text, it.weight) for it in one.alternatives] == [("ward seven", 0.5)]
    assert [(it.text, it.weight) for it in other.alternatives] == [("blue folder clinic", 0.5)]


def test_the_site_adds_names_to_what_is_carried(tmp_path: Path) -> None:
    terminology = with_rows(tmp_path, "dyspnea\tpuffed out")
    texts = [one.text for one in only(terminology, "dyspnea").alternatives]
    assert "puffed out" in texts
    assert "shortness of breath" in texts


def test_a_word_in_small_letters_is_no_abbreviation_of_the_site(tmp_path: Path) -> None:
    terminology = with_rows(tmp_path, "WARD\twomen and red dots")
    assert terminology.expansions("the ward round") == []
    assert only(terminology, "the WARD today").sense == "women and red dots"


def test_words_of_the_site_are_right_and_may_be_meant(tmp_path: Path) -> None:
    terminology = with_rows(tmp_path, "xylofrobine\tfrobinal")
    speller = Speller({}, terminology)
    assert speller.correct("xylofrobine") is None
    found = speller.correct("xylofrobin")
    assert found is not None
    assert found.corrected == "xylofrobine"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"SOB\n", "Line 1 of .* has 1 columns"),
        (b"a\tb\tc\td\n", "Line 1 of .* has 4 columns"),
        (b"SOB\tshortness of breath\nfoo\t...\n", "Line 2 of .* without a letter"),
        (b"SOB\tshortness\tmany\n", "Line 1 of .* weight"),
        (b"SOB\tshortness\tnan\n", "Line 1 of .* weight"),
        (b"SOB\tshortness\t-1\n", "Line 1 of .* weight"),
        (b"SOB\tshortness\t1e9\n", "Line 1 of .* weight"),
        (b"SOB\t" + b"x" * 300 + b"\n", "Line 1 of .* too long"),
        (b"SOB\t" + b"x " * 90 + b"\n", "Line 1 of .* too long"),
        (b"SOB\tshort\x00ness\n", "Line 1 of .* no text"),
        (b"ok\tfine\n\xff\xfe\tbad\n", "Line 2 of .* UTF-8"),
        (b"a\tb\n" * 60_000, "more than 50,000 lines"),
        (b"a" * 5_000_001, "larger than 5 MB"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "terms.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as error:
        CARRIED.with_file(path)
    assert "shortness" not in str(error.value)
    assert len(str(error.value)) < 400


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.tsv", tmp_path):
        with pytest.raises(InputError, match=str(path)):
            CARRIED.with_file(path)


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert with_rows(tmp_path, "").expansions("SOB") == CARRIED.expansions("SOB")
