"""The search page against the library's own answers: the same hits, in the same order, with the same scores."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from lxml.html import HtmlElement

from clinsearch.rendering.signs import visible
from tests.support.selecting import select
from tests.support.served import Served

QUERIES = ["short of breath lying flat", "no chest pain", "fever and chills", "A1c above 9", '"lung was clear"']


def told(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def hits_of(page: HtmlElement) -> list[HtmlElement]:
    return list(select(page, "[data-item]"))


def place_of(hit: HtmlElement) -> tuple[str, int, int]:
    named = parse_qs(urlsplit(select(hit, "[data-open]")[0].get("href")).query)
    return named["id"][0], int(named["start"][0]), int(named["end"][0])


def score_of(hit: HtmlElement) -> str:
    return told(select(hit, ".score")[0]).removeprefix("Score ")


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize(
    "more", [{}, {"type": "progress note"}, {"mode": "keyword"}, {"level": "note"}, {"diverse": 1}]
)
def test_the_page_has_the_hits_of_the_library_in_its_order(served: Served, query: str, more: dict[str, Any]) -> None:
    shown = hits_of(served.page("/", {"q": query, **more}))
    options = {{"type": "note_type"}.get(name, name): value for name, value in more.items()}
    found = served.collection.search(query, 10, **{**options, "diverse": bool(more.get("diverse"))})
    assert [place_of(hit) for hit in shown] == [(hit.note_id, hit.start, hit.end) for hit in found]
    assert [score_of(hit) for hit in shown] == [f"{hit.score:.3f}" for hit in found]
    assert [told(select(hit, ".found")[0]) for hit in shown] == [
        " ".join(visible(one.sentence or "").split()) for one in found
    ]


def test_a_hit_leads_to_its_note_at_its_place_and_to_why(served: Served) -> None:
    asked = {"q": "fever", "type": "progress note", "synonyms": 0}
    hit = hits_of(served.page("/", asked))[0]
    note, start, end = place_of(hit)
    text = served.collection.note(note).note.text
    assert "fever" in text[start:end]
    why = dict(parse_qsl(urlsplit(select(hit, "[data-key=e]")[0].get("href")).query))
    assert why == {
        "note": note,
        "start": str(start),
        "end": str(end),
        "q": "fever",
        "type": "progress note",
        "synonyms": "0",
    }


def test_a_sentence_stands_in_its_note_among_its_neighbours(served: Served) -> None:
    for around in (0, 1, 2):
        for hit in hits_of(served.page("/", {"q": "needs three pillows", "context": around})):
            note, start, end = place_of(hit)
            passage = served.collection.passage(note, start, end, sentences=around)
            assert told(select(hit, ".passage")[0]).replace(" ", "") == "".join(passage.text.split())


def test_words_that_bring_something_are_shaded_and_told(served: Served) -> None:
    hit = hits_of(served.page("/", {"q": "short of breath lying flat"}))[0]
    marked = {told(one): one.get("title") for one in select(hit, "mark")}
    parts = served.collection.search("short of breath lying flat", 1)[0].parts
    assert parts is not None
    assert {part.score for part in parts.terms if part.score > 0}
    assert marked
    assert all(f"{part.score:.3f}" in " ".join(map(str, marked.values())) for part in parts.terms)


def test_what_is_denied_is_said_to_be_in_words(served: Served) -> None:
    shown = hits_of(served.page("/", {"q": "no chest pain"}))
    denied = next(hit for hit in shown if "denies chest pain" in told(select(hit, ".found")[0]))
    assert "denied here" in told(select(denied, ".badge.negated")[0])


def test_the_parts_of_a_score_add_up_to_it(served: Served) -> None:
    for hit in hits_of(served.page("/", {"q": "A1c above 9"})):
        *parts, total = [float(told(cell).replace("\u2212", "-")) for cell in select(hit, ".sum td")]
        assert sum(parts) == pytest.approx(total, abs=0.0005 * (len(parts) + 1))


def test_facets_count_the_notes_that_pass_all_other_filters(served: Served) -> None:
    page = served.page("/", {"q": "fever", "type": "progress note", "patient": "p1"})
    for by, names in (("type", {"patient_id": "p1"}), ("patient", {"note_type": "progress note"})):
        shown = {
            field.get("value"): int(told(select(field.getparent().getparent(), ".count")[0]).split()[0])
            for field in select(page, f"input[type=checkbox][name={by}]")
        }
        assert shown == {one.value: one.notes for one in served.collection.counts(by, **names) if one.value}  # type: ignore[arg-type]
    chosen = {field.get("value") for field in select(page, "input[type=checkbox][name][checked]")}
    assert chosen == {"progress note", "p1"}


def test_a_chosen_filter_is_a_chip_that_takes_it_away(served: Served) -> None:
    asked = {"q": "fever", "type": ["progress note", "consult"], "since": "2023", "where": "A1c > 9", "mode": "keyword"}
    chips = select(served.page("/", asked), ".chip")
    assert [told(chip) for chip in chips] == [
        "type: progress note \u00d7 remove",
        "type: consult \u00d7 remove",
        "since: 2023 \u00d7 remove",
        "where: A1c > 9 \u00d7 remove",
    ]
    left = parse_qs(urlsplit(chips[0].get("href")).query)
    assert left == {"q": ["fever"], "type": ["consult"], "since": ["2023"], "where": ["A1c > 9"], "mode": ["keyword"]}


def test_the_form_has_what_the_address_says(served: Served) -> None:
    asked = {
        "q": "no <b>fever</b>", "level": "note", "mode": "vector", "assertion": "affirmed", "exact": "1",
        "synonyms": "0",
        "diverse": "1", "min_score": "0.1", "context": "2", "since": "2023", "until": "2024-05", "where": "A1c > 5",
        "encounter": "e1", "exclude_type": "consult", "type": "progress note", "section": "plan", "patient": "p1",
    }  # fmt: skip
    page = served.page("/", asked)
    filled = {}
    for field in select(page, "input[name], select[name]"):
        if field.tag == "select":
            filled[field.get("name")] = next(one.get("value") for one in select(field, "option[selected]"))
        elif field.get("type") in ("checkbox", "radio"):
            if field.get("checked") is not None:
                filled[field.get("name")] = field.get("value")
        elif field.get("value"):
            filled[field.get("name")] = field.get("value")
    assert filled == asked


def test_a_value_that_no_note_has_is_named_with_the_nearest(served: Served) -> None:
    page = served.page("/", {"q": "fever", "type": "progres note"})
    assert "No note is of the type progres note. The nearest there are: progress note." in told(page)
    assert "Nothing found" in told(select(page, "[data-announce]")[0])
    assert select(page, ".results a[href*=q=fever]")


def test_more_results_follow_where_these_end(served: Served) -> None:
    page = served.page("/", {"q": "patient"})
    (more,) = select(page, "a[data-key=m]")
    address = more.get("href")
    assert address.endswith("#hit-11")
    longer = hits_of(served.page(address.partition("#")[0]))
    assert [place_of(hit) for hit in longer[:10]] == [place_of(hit) for hit in hits_of(page)]
    assert longer[10].get("id") == "hit-11"


@pytest.mark.parametrize(("asked", "says"), [({"q": "fever", "k": "many"}, "whole number"), ({"q": "[a] [b]", "level": "token"}, "square brackets"), ({"q": "fever", "since": "soon"}, "not a date"), ({"q": "fever", "nothing": "1"}, "no parameter")])  # fmt: skip  # noqa: E501
def test_what_cannot_be_read_is_told_and_the_form_stays_filled(
    served: Served, asked: dict[str, str], says: str
) -> None:
    answer = served.ask("/", asked)
    assert answer.status == 400
    page = answer.page()
    assert says in told(select(page, "[role=alert]")[0])
    assert select(page, "input[name=q]")[0].get("value") == asked["q"]


def test_patients_have_a_page_of_their_own(served: Served) -> None:
    answer = served.ask("/", {"q": "fever", "level": "patient", "type": "consult", "k": "20"})
    assert (answer.status, answer.headers["location"]) == (303, "/patients?q=fever&type=consult")


def test_text_of_notes_is_text(served: Served) -> None:
    page = served.page("/", {"q": "Patient bold alert fever", "k": 50, "context": 2})
    assert not select(page, "main script, main img, main svg, main b b")
    hostile = [hit for hit in hits_of(page) if place_of(hit)[0].startswith("</title>")]
    assert hostile
    assert "<script>alert(1)</script>" in told(hostile[0]) or "onerror" in told(hostile[0])
    for sign in "\u2028\u202e\x1b\x07":
        assert sign not in page.text_content()


def test_without_a_query_the_page_says_what_can_be_asked(served: Served) -> None:
    page, most = served.page("/"), served.collection.counts("type")[0]
    assert f"{served.collection.count()} notes are here: {most.notes} {most.value}" in told(page)
    for example in select(page, ".examples a"):
        assert served.ask(example.get("href")).status == 200


def test_every_page_has_the_stamp_of_what_it_shows(served: Served) -> None:
    stamp = served.json("stamp")["stamp"]
    assert stamp == served.collection.stamp()
    assert select(served.page("/", {"q": "fever"}), "body")[0].get("data-stamp") == stamp


def test_a_note_like_another_leads_to_why_the_two_are_alike(served: Served) -> None:
    hits = served.collection.similar("n01", 3)
    shown = hits_of(served.page("/similar", {"id": "n01", "k": 3}))
    why = [dict(parse_qsl(urlsplit(select(hit, "[data-key=e]")[0].get("href")).query)) for hit in shown]
    assert why == [{"left": "n01", "right": hit.note_id} for hit in hits]
