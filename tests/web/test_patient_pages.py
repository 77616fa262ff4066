"""Patients as pages: what the library says of each, its notes on a line of time, and nothing that a text could do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from clinsearch.rendering.pictures.timelines import CELL, placed_in_time, placed_values
from tests.support.chromiums import assert_accessible, themes, widths
from tests.support.selecting import select, texts
from tests.support.served import HOSTILE_NOTE, Served


def test_a_search_shows_the_patients_that_the_library_finds(served: Served) -> None:
    page = served.page("/patients", {"q": "fever"})
    found = served.collection.search("fever", 20, level="patient")
    expected = [one.patient_id or f"a note without a patient id: {one.note_id}" for one in found]
    assert texts(page, ".patient h2 a") == expected
    assert HOSTILE_NOTE["patient_id"] in expected
    records = served.json("patients", {"q": "fever", "k": 20})
    assert [one["patient_id"] for one in records] == [one.patient_id for one in found]


def test_notes_are_marked_by_what_they_say_and_lead_there(served: Served) -> None:
    page = served.page("/patients", {"q": "fever", "patient": "p1", "mode": "keyword"})
    marks = {one.get("aria-label"): one.get("href") for one in select(page, ".timeline a")}
    assert marks == {
        "2024-01-05, progress note: denied": marks["2024-01-05, progress note: denied"],
        "2024-02-11, progress note: affirmed": marks["2024-02-11, progress note: affirmed"],
        "2024-02-20, discharge summary: affirmed": marks["2024-02-20, discharge summary: affirmed"],
    }
    (patient,) = served.collection.search("fever", level="patient", mode="keyword", patient_id="p1")
    places = [f"/note?id={one.note_id}&start={one.start}&end={one.end}" for one in patient.evidence[0].in_notes]
    assert list(marks.values()) == places
    rows = texts(page, ".as-table tbody tr")
    assert rows[0] == "2024-01-05progress noten01denied"
    assert len(rows) == 3


def test_patients_are_counted_and_chosen_by_what_their_notes_say(served: Served) -> None:
    asked = {"q": "fever", "mode": "keyword"}
    page = served.page("/patients", asked)
    found = served.collection.search("fever", 20, level="patient", mode="keyword")
    denied = [one for one in found if one.evidence[0].said["negated"]]
    only = [one for one in denied if sum(map(bool, one.evidence[0].said.values())) == 1]
    assert 0 < len(only) < len(denied) < len(found)
    assert f"\u2212 denied {len(denied)}" in texts(page, ".choice")
    assert f"denied only so {len(only)}" in texts(page, ".choice")
    chosen_page = served.page("/patients", {**asked, "said": "1:only:negated"})
    (chosen,) = chosen_page.xpath("//a[@aria-current='true']")
    assert " ".join(chosen.text_content().split()) == f"denied only so {len(only)}"
    shown = texts(chosen_page, ".patient h2 a")
    assert shown == [one.patient_id for one in only]


@pytest.mark.parametrize("said", ["affirmed", "0", "x:negated", "1:sure", "99999:negated", "²:negated"])
def test_what_is_no_choice_is_refused(served: Served, said: str) -> None:
    answer = served.ask("/patients", {"q": "fever", "said": said})
    assert answer.status in (200, 400)
    assert (answer.status == 200) == (said == "0:negated")


def test_without_a_question_all_patients_are_listed(served: Served) -> None:
    page = served.page("/patients")
    counts = served.collection.counts("patient")
    assert len(select(page, ".everyone li")) == len(counts)
    assert page.xpath("//a[@href='/patient?id=p1']")


def test_a_patient_has_all_notes_and_values(served: Served) -> None:
    page = served.page("/patient", {"id": "p2", "q": "edema of the lung"})
    assert texts(page, "h1") == ["Patient p2"]
    notes = served.collection.notes(patient_id="p2")
    by_type = [one.get("href") for one in select(page, ".lanes .timeline a")]
    assert sorted(by_type) == sorted(f"/note?id={one.note_id}" for one in notes)
    assert "only possible in 1" in texts(page, ".badge.possible")
    measured = page.xpath("//section[@aria-labelledby='measured']//a[contains(@href, 'name=')]")
    assert [one.text_content() for one in measured] == [one.name for one in served.collection.measured(patient_id="p2")]
    chosen = served.page("/patient", {"id": "p2", "name": "hemoglobin a1c"})
    assert "9.4 %" in texts(chosen, ".chart td")


def test_a_hostile_patient_is_text(served: Served) -> None:
    name = HOSTILE_NOTE["patient_id"]
    page = served.page("/patient", {"id": name, "q": "<script>alert(6)</script> cough"})
    assert texts(page, "h1") == [f"Patient {name}"]
    assert not page.xpath("//main//script | //main//img | //*[@onload or @onerror or @style]")
    assert all(one.startswith("/static/") for one in page.xpath("//script/@src"))


def test_who_is_not_there_is_said(served: Served) -> None:
    answer = served.ask("/patient", {"id": "nobody"})
    assert answer.status == 400
    assert "no such patient" in answer.text
    assert "nobody" not in select(answer.page(), "main")[0].text_content()
    assert served.page("/patient").xpath("//input[@name='id']")


def test_no_two_marks_share_a_place_and_time_goes_to_the_right() -> None:
    first = datetime(2020, 1, 1)
    times = [first + timedelta(days=day) for day in (0, 0, 0, 0, 0, 0, 0, 1, 500, 900, 900)] + [None] * 7
    found = placed_in_time(times)
    assert len(set(found.places)) == len(times)
    dated = [x for (x, _), time in zip(found.places, times, strict=True) if time]
    assert dated == sorted(dated)
    assert all(x > max(dated) + CELL for (x, _), time in zip(found.places, times, strict=True) if time is None)
    assert all(0 < x < found.width and 0 < y < found.height for x, y in found.places)
    many = placed_in_time([first + timedelta(hours=hour % 7) for hour in range(400)])
    assert len(set(many.places)) == 400


def test_values_stand_by_their_size() -> None:
    days = [datetime(2020, 1, day) for day in (1, 2, 11)]
    found = placed_values(days, [5.0, 9.0, 7.0])
    (x0, y0), (x1, y1), (x2, y2) = found.places
    assert (x1 - x0) * 9 == pytest.approx(x2 - x1, rel=0.05)
    assert y0 - y1 == pytest.approx(2 * (y0 - y2), abs=0.2)
    assert placed_values(days, [3.0, 3.0, 3.0]).places[0][1] == pytest.approx(48, abs=1)


@themes
@widths
def test_a_line_of_time_is_one_stop_of_tab(browser_page: Any) -> None:
    browser_page.goto("/patients?q=fever&mode=keyword&patient=p1")
    assert_accessible(browser_page)
    marks = browser_page.locator("[data-line] a")
    assert marks.count() == 3
    assert browser_page.locator("[data-line] a[tabindex='0']").count() == 1
    marks.nth(0).focus()
    browser_page.keyboard.press("ArrowRight")
    assert marks.nth(1).evaluate("mark => mark === document.activeElement")
    assert "affirmed" in browser_page.locator("#tip").inner_text()
    browser_page.keyboard.press("End")
    assert marks.nth(2).evaluate("mark => mark === document.activeElement")


@themes
@widths
def test_a_patient_can_be_read_by_all(browser_page: Any) -> None:
    browser_page.goto("/patient?id=p2&q=edema")
    assert_accessible(browser_page)
