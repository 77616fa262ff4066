"""The page of a contrast: each table adds up to the difference as it stands, and text is text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.records import Contrast, NoteExplanation
from clinsearch.records.contrasts import whole_score
from clinsearch.rendering.accounts import account_of
from clinsearch.rendering.pages.contrasts import LETTERS_OF_SENTENCE, contrast_page
from tests.support.browser import Page, assert_harmless, chromium, opened
from tests.support.command_line import run
from tests.support.pages import HOSTILE, Element, assert_needs_nothing_else, data_of, read

QUERY = "no cough but short of breath at night"
LONG = "cough and edema at night " * 600
NOTES = {
    "asked": "PLAN:\nShort of breath lying flat.\nNo cough at night.\nThe wound was stable.\nMild edema.\n",
    "first": f"PLAN:\nShort of breath lying flat again.\n{HOSTILE}\nNo cough today.\nThe wound was stable.\n",
    "<script>alert(2)</script>": f"LABS <b>:\nCough at night, {HOSTILE}\nChest pain.\nNo edema.\n{LONG[:1500]}\n",
}
HOSTILE_ID = "<script>alert(2)</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    place = tmp_path_factory.mktemp("contrast")
    (place / "notes").mkdir()
    rows = [json.dumps({"note_id": name, "text": text}) for name, text in NOTES.items()]
    (place / "notes" / "notes.jsonl").write_text("\n".join(rows))
    clinsearch.index(place / "notes", place / "collection", model=str(tiny_model))
    return place / "collection"


@pytest.fixture(scope="module")
def of_notes(folder: Path) -> Contrast:
    return Collection(folder).contrast("asked", "first", HOSTILE_ID)


@pytest.fixture(scope="module")
def of_hits(folder: Path) -> Contrast:
    notes = Collection(folder)
    hits = notes.search(QUERY, 20)
    one, other = (notes.explain_hit(QUERY, hits[at]) for at in (0, 5))
    return Contrast(one, other)


def thousandths(text: str) -> int:
    return round(float(text.replace("\u2212", "-")) * 1000)


def tables(root: Element) -> dict[str, list[Element]]:
    names = [each.text for each in root.all("h2")]
    return dict(zip(names, (table.all("tr") for table in root.all("table", "apart")), strict=False))


def difference(contrast: Contrast) -> int:
    return round(whole_score(contrast.nearer) * 1000) - round(whole_score(contrast.other) * 1000)


def summed(rows: list[Element]) -> int:
    return sum(thousandths(row.all("td", "number")[0].text) for row in rows)


def test_of_notes_each_table_adds_up_to_the_difference_as_it_stands(of_notes: Contrast) -> None:
    root = read(contrast_page(of_notes))
    found = tables(root)
    assert list(found) == ["By parts", "By sentences", "By reasons", "By words"]
    assert thousandths(root.all("strong")[0].text) == difference(of_notes)
    assert {name: summed(rows) for name, rows in found.items()} == dict.fromkeys(found, difference(of_notes))


def test_of_hits_parts_add_up_to_the_difference_and_words_to_that_of_the_cosines(of_hits: Contrast) -> None:
    root = read(contrast_page(of_hits))
    found = tables(root)
    assert list(found) == ["By parts", "By words of the query"]
    assert summed(found["By parts"]) == difference(of_hits)
    cosines = [round(one.score * 1000) for one in (of_hits.nearer, of_hits.other)]
    assert summed(found["By words of the query"]) == cosines[0] - cosines[1]
    assert len(root.all("div", "view")) == len(data_of(root)["views"]) == 2


def test_signs_come_with_a_word(of_notes: Contrast, of_hits: Contrast) -> None:
    for contrast in (of_notes, of_hits):
        root = read(contrast_page(contrast))
        for row in root.all("table", "apart")[0].all("tr") + root.all("table", "apart")[1].all("tr"):
            written = row.all("td", "number")[0].text
            side = {"+": "first", "\u2212": "second"}.get(written[0], "")
            assert row.all("td", "whose")[0].text == side
            assert [each for each in row.classes if each != "rest"] == ([side] if side else [])


def test_reasons_stand_on_the_side_of_their_note(of_notes: Contrast) -> None:
    assert isinstance(of_notes.nearer, NoteExplanation)
    assert isinstance(of_notes.other, NoteExplanation)
    accounts = account_of(of_notes.nearer), account_of(of_notes.other)
    assert all(accounts)
    rows = tables(read(contrast_page(of_notes)))["By reasons"]
    shown = sorted(thousandths(row.all("td", "number")[0].text) for row in rows if "rest" not in row.classes)
    meant = [
        round(sign * 1000 * share) for sign, one in zip((1, -1), accounts, strict=True) if one for share in one.shares
    ]
    assert shown == sorted(share for share in meant if share)


def test_the_other_way_round_it_is_farther(of_notes: Contrast) -> None:
    assert of_notes.difference
    both = [contrast_page(of_notes), contrast_page(Contrast(of_notes.other, of_notes.nearer))]
    titles = sorted(read(each).all("title")[0].text for each in both)
    assert sum(" is nearer to asked than " in title for title in titles) == 1
    assert sum(" is farther from asked than " in title for title in titles) == 1
    turned = both[1]
    assert thousandths(read(turned).all("strong")[0].text) == -difference(of_notes)


def test_a_page_needs_nothing_else_shows_hostile_text_as_text_and_is_small(
    of_notes: Contrast, of_hits: Contrast
) -> None:
    for contrast in (of_notes, of_hits, Contrast(of_hits.other, of_hits.other)):
        content = contrast_page(contrast)
        assert_needs_nothing_else(content)
        assert len(content.encode()) < 1_000_000
        root = read(content)
        assert len(root.all("script")) == 2
        seen = "".join(each.text for each in root.all("body")) + str(data_of(root))
        assert not set(seen) & {"\x1b", "\x07", "\u2028", "\u202e"}
    assert "<script>alert(2)</script>" in read(contrast_page(of_notes)).all("title")[0].text


def test_of_a_query_of_thousands_of_words_the_sentences_are_shown_and_cut(folder: Path) -> None:
    notes = Collection(folder)
    contrast = Contrast(*(notes.explain_query(LONG, note_id) for note_id in (HOSTILE_ID, "asked")))
    content = contrast_page(contrast)
    assert len(content.encode()) < 1_000_000
    root = read(content)
    assert not root.all("div", "view")
    assert max(len(each.text) for each in root.all("span", "sentence")) == LETTERS_OF_SENTENCE + 1


def test_the_command_line_and_a_notebook_have_the_page(folder: Path, tmp_path: Path, of_notes: Contrast) -> None:
    page = tmp_path / "apart.html"
    asked = ("explain", "asked", "first", "--against", HOSTILE_ID, "--collection", folder)
    result = run(*asked, "--html", page)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"Wrote {page}.\n")
    assert "By words" in page.read_text(encoding="utf-8")
    assert '"contrast"' in run(*asked, "--html", page, "--format", "json").stdout
    refused = run(*asked, "--png", page)
    assert refused.exit_code == 2
    assert "--html FILE" in refused.stderr
    run("search", QUERY, "--collection", folder)
    run("explain", "--hit", "1", "--against", "2", "--collection", folder, "--html", page)
    assert "By words of the query" in page.read_text(encoding="utf-8")
    (frame,) = read(of_notes._repr_html_()).all("iframe")
    assert frame.attributes["srcdoc"] == contrast_page(of_notes)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_it_is_harmless_and_fits_a_telephone(
    page: Page, of_notes: Contrast, of_hits: Contrast, tmp_path: Path, scheme: str
) -> None:
    for contrast in (of_notes, of_hits):
        for width in (1200, 360):
            opened(page, tmp_path, contrast_page(contrast), width=width, scheme=scheme)
            assert not page.run("document.documentElement.scrollWidth > innerWidth")
            assert_harmless(page)
    page.click(".view .w")
    assert " by its partners" in page.run("document.querySelector('.partners h3').textContent")
