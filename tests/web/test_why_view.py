"""Why something was found, as a page and as files: what is shown is the library's, and adds up."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from lxml import html

from clinsearch.records import Contrast, Hit
from clinsearch.rendering.accounts import DIGITS
from clinsearch.rendering.pages.explanations import explanation_page
from clinsearch.rendering.records.contrasts import contrast_record
from clinsearch.rendering.records.explanations import explanation_record
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.wording import number
from clinsearch.web.operations.explanations import EXPLAIN, PAIRS, name_of
from tests.support.pages import assert_needs_nothing_else
from tests.support.selecting import select, text_of
from tests.support.served import HOSTILE_NOTE, Served

QUERY = "fever and chills"


def hits_of(served: Served) -> list[Hit]:
    return list(served.collection.search(QUERY, 10))


def address(hit: Hit, **more: Any) -> dict[str, Any]:
    return {"q": QUERY, "note": hit.note_id, "start": hit.start, "end": hit.end, **more}


def numbers(page: html.HtmlElement, table: html.HtmlElement) -> list[float]:
    cells = select(table, "td.number")
    return [float(text_of(cell).replace("\u2212", "-")) for cell in cells]


@pytest.mark.parametrize("place", [0, 4])
def test_the_parts_of_a_hit_s_score_add_up_as_they_are_shown(served: Served, place: int) -> None:
    hit = hits_of(served)[place]
    page = served.page("/why", address(hit))
    (table,) = select(page, "table.sum")
    assert sum(numbers(page, table)) == pytest.approx(round(hit.score, DIGITS))
    assert text_of(select(page, "strong")[0]) == number(hit.score, DIGITS)


def test_the_page_begins_with_the_answer(served: Served) -> None:
    hit = next(hit for hit in hits_of(served) if hit.parts and hit.parts.terms)
    page = served.page("/why", address(hit))
    (lede,) = select(page, "p.lede")
    assert text_of(lede).startswith("Found because it has ")
    named = {text_of(word) for word in select(lede, "bdi")}
    assert named & {term.term for term in hit.parts.terms}
    first = next(
        one for one in select(page, "main")[0] if one.tag in ("p", "table") and one.get("class") != "ways noprint"
    )
    assert first is lede


def test_a_sentence_that_denies_is_said_to(served: Served) -> None:
    hits = served.collection.search(QUERY, 20, assertion="any")
    hit = next(hit for hit in hits if hit.sentence and "denies fever" in hit.sentence)
    page = served.page("/why", address(hit, assertion="any", k=20))
    assert text_of(select(page, "p.lede")[0]).endswith("Here fever and chills is denied.")
    assert "Patient denies fever and chills." in text_of(select(page, "blockquote")[0])


def test_shares_of_words_are_those_of_the_library(served: Served) -> None:
    hit = hits_of(served)[0]
    explanation = served.collection.explain_hit(QUERY, hit)
    page = served.page("/why", address(hit))
    content = explanation.text.content
    total = float(content.shares.sum(dtype=float)) + content.background
    assert total == pytest.approx(explanation.score, abs=1e-4)
    shown = [number(float(word.get("data-part"))) for word in page.xpath("//*[@data-side='right']//*[@data-part]")]
    assert len(shown) == len(content.right)


def test_two_notes_open_with_reasons_and_are_the_exported_page(served: Served) -> None:
    page = served.page("/why", {"left": "n01", "right": "n02"})
    explanation = served.collection.explain("n01", "n02", pairs=PAIRS)
    (exported,) = html.fromstring(explanation_page(explanation)).xpath("//main")
    alone = "".join(re.sub(r"\s", "", text_of(one)) for one in exported)
    served_text = re.sub(r"\s", "", text_of(select(page, "main")[0]))
    assert alone.removeprefix(re.sub(r"\s", "", text_of(exported[0]))) in served_text
    assert len(select(page, "p.s")) == len(explanation.left) + len(explanation.right)


def test_no_style_and_no_script_stands_in_a_page(served: Served) -> None:
    for asked in (address(hits_of(served)[0]), {"left": "n01", "right": "n02"}):
        page = served.page("/why", asked)
        assert not page.xpath("//*[@style] | //style")
        assert all(one.get("src") or one.get("id") == "data" for one in select(page, "script"))


def test_another_hit_is_held_against_it(served: Served) -> None:
    one, other = hits_of(served)[:2]
    page = served.page("/why", address(one))
    options = {option.get("value") for option in select(page, "option")}
    assert name_of(other) in options
    assert name_of(one) not in options
    compared = served.page("/why", address(one, against=name_of(other)))
    assert select(compared, "p.whose-sign")
    contrast = Contrast(*(served.collection.explain_hit(QUERY, hit) for hit in (one, other)))
    answer = served.ask("/api/v1/explain", address(one, against=name_of(other)))
    assert answer.text == dumps(contrast_record(contrast), "json")


def test_a_note_is_held_against_another(served: Served) -> None:
    record = served.json("explain", {"left": "n01", "right": "n02", "against": "n05"})
    assert record == json.loads(
        dumps(contrast_record(served.collection.contrast("n01", "n02", "n05", pairs=PAIRS)), "json")
    )


def test_a_place_that_the_search_does_not_find_is_explained_by_its_cosine(served: Served) -> None:
    view = served.collection.note("n08")
    last = view.sentences[-1]
    asked = {"q": QUERY, "k": 1, "note": "n08", "start": last.start, "end": last.end}
    page = served.page("/why", asked)
    assert "does not find this place" in text_of(page.xpath("//p[@role='status']")[0])
    assert not select(page, "table.sum")
    assert served.json("explain", asked)["hit_score"] is None


def test_tokens_stand_underneath_with_their_ids(served: Served) -> None:
    hit = hits_of(served)[0]
    page = served.page("/why", address(hit))
    explanation = served.collection.explain_hit(QUERY, hit)
    (tokens,) = select(page, "details.tokens")
    assert tokens.get("open") is None
    rows = [[text_of(cell) for cell in row] for row in tokens.xpath(".//tbody/tr")]
    text = explanation.text
    assert [int(row[0]) for row in rows] == [token.id for token in (*text.left_tokens, *text.right_tokens)]
    assert sum(float(row[2].replace("\u2212", "-")) for row in rows) == pytest.approx(2 * explanation.score, abs=1e-3)


def test_an_explanation_is_exported(served: Served) -> None:
    asked = {"left": "n01", "right": "n02"}
    page, record, picture = (served.ask(f"/why.{suffix}", asked) for suffix in ("html", "json", "png"))
    for answer, suffix in ((page, "html"), (record, "json"), (picture, "png")):
        assert answer.status == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="clinsearch-why.{suffix}"'
        assert answer.headers["cache-control"] == "no-store"
    explanation = served.collection.explain("n01", "n02", pairs=PAIRS)
    assert page.text == explanation_page(explanation)
    assert record.text == dumps(explanation_record(explanation), "json")
    assert picture.body.startswith(b"\x89PNG")
    assert_needs_nothing_else(served.ask("/why.html", address(hits_of(served)[0])).text)


def test_hostile_ids_are_text_and_in_no_file_name(served: Served) -> None:
    asked = {"left": HOSTILE_NOTE["note_id"], "right": "n07"}
    page = served.page("/why", asked)
    assert HOSTILE_NOTE["note_id"] in text_of(select(page, "h1")[0])
    assert not page.xpath("//img | //*[@onerror]")
    assert served.ask("/why.html", asked).headers["content-disposition"].isascii()


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"left": "n01"}, 400),
        ({"left": "n01", "right": "a/b'\"%ü"}, 404),
        ({"q": QUERY, "note": "nowhere"}, 404),
        ({"q": QUERY, "note": "n01", "start": 1, "end": 2}, 404),
        ({"q": QUERY, "note": "n01", "start": "one", "end": 2}, 400),
    ],
)
def test_what_cannot_be_explained_is_refused_in_a_line(served: Served, asked: dict[str, Any], status: int) -> None:
    answer = served.ask("/why", asked)
    assert answer.status == status
    assert QUERY not in text_of(select(answer.page(), "main")[0])


def test_every_parameter_says_what_it_is() -> None:
    assert all(one.says.endswith(".") for one in EXPLAIN.parameters)
