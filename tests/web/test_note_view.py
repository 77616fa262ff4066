"""A note's page: all of its text, as text, with the place that was asked for, and what the library says of it."""

from __future__ import annotations

import pytest
from lxml import html

from clinsearch.language.assertions import find_assertions
from clinsearch.records import Note, NoteView, PlacedSentence, Section
from clinsearch.rendering.records.collection import note_record, passage_record
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.signs import visible
from clinsearch.web.static_files import static_address
from clinsearch.web.views.note_text import parts_of
from tests.support.pages import HOSTILE
from tests.support.selecting import select, text_of
from tests.support.served import HOSTILE_NOTE, NOTES, Served

ALL_IDS = [note["note_id"] for note in (*NOTES, HOSTILE_NOTE)]


def shown_text(page) -> str:
    return text_of(*page.xpath("//article/section"))


@pytest.mark.parametrize("note_id", ALL_IDS)
def test_the_text_stands_as_it_is(served: Served, note_id: str) -> None:
    page = served.page("/note", {"id": note_id})
    assert shown_text(page) == visible(served.collection.note(note_id).note.text)


def test_sections_are_named_at_the_side_and_lead_to_their_headings(served: Served) -> None:
    page = served.page("/note", {"id": "n03"})
    links = page.xpath("//nav[@class='sections']//a")
    assert [text_of(link) for link in links] == ["HOSPITAL COURSE", "FAMILY HISTORY", "PLAN"]
    for link in links:
        (section,) = page.xpath(f"//section[@id='{link.get('href')[1:]}']")
        (heading,) = section.xpath(f"//*[@id='{section.get('aria-labelledby')}']")
        assert text_of(heading) == f"{text_of(link)}:"


def test_the_place_that_is_asked_for_is_marked(served: Served) -> None:
    text = served.collection.note("n02").note.text
    start = text.index("fever")
    page = served.page("/note", {"id": "n02", "start": start, "end": start + 15})
    assert text_of(*select(page, "mark.here")) == text[start : start + 15]
    assert not page.xpath("//*[@role='alert']")


def test_a_server_that_changes_nothing_does_not_offer_to(served: Served) -> None:
    page = served.page("/note", {"id": "n02"})
    assert not page.xpath("//*[contains(@href, '/delete') or contains(@action, '/delete')]")
    assert served.ask("/delete", {"id": "n02"}).status == 403


def test_a_word_of_a_note_leads_back_to_the_note(served: Served) -> None:
    asked = {"level": "token", "word": "fever", "of": "n02"}
    hit = served.collection.search_tokens(served.collection.token("fever", "n02"), 1)[0]
    why = served.page("/why", {**asked, "note": hit.note_id, "start": hit.start, "end": hit.end})
    note = served.page("/note", {**asked, "id": hit.note_id, "start": hit.start, "end": hit.end})
    for page in (why, note):
        assert page.xpath("//a[@data-key='u']/@href") == ["/note?id=n02"]


def test_a_place_that_is_not_there_is_said_to_be_lost(served: Served) -> None:
    page = served.page("/note", {"id": "n02", "start": 5, "end": 5000})
    assert "is not in the note any more" in text_of(page.xpath("//*[@role='alert']")[0])
    assert not select(page, "mark")


def test_the_hits_of_the_search_that_led_here_are_marked(served: Served) -> None:
    hits = served.collection.search("fever and chills", 5)
    view = served.collection.note("n02")
    meant = [one for one in view.sentences if one.sentence in {hit.sentence for hit in hits}]
    assert meant, "the search finds nothing in this note, and proves nothing"
    page = served.page("/note", {"id": "n02", "q": "fever and chills", "k": 5})
    marked = text_of(*select(page, "mark"))
    assert marked == "".join(view.note.text[one.start : one.end] for one in meant)
    assert text_of(select(page, "p.found")[0]).lstrip().startswith(f"{len(meant)} place")
    assert page.xpath("//a[contains(., 'Back to the search')]")[0].get("href") == "/?q=fever+and+chills&k=5"


def test_what_is_not_so_is_said_where_it_stands(served: Served) -> None:
    sentence = "Patient denies fever and chills."
    (span,) = find_assertions(sentence)
    page = served.page("/note", {"id": "n01"})
    (said,) = select(select(page, "article")[0], ".negated")
    assert text_of(said) == sentence[span.start : span.end]
    assert said.get("title") == f"denied, by \u201c{sentence[span.cue_start : span.cue_end]}\u201d"
    assert said.get("data-said") == "denied"


def test_a_section_says_what_holds_for_all_that_is_in_it(served: Served) -> None:
    page = served.page("/note", {"id": "n03"})
    (section,) = page.xpath("//section[@data-says]")
    assert section.get("data-says") == "of someone else unless it says otherwise"
    assert "FAMILY HISTORY" in text_of(section)


def test_the_notes_of_the_same_patient_are_led_to(served: Served) -> None:
    page = served.page("/note", {"id": "n02"})
    beside = [link.get("href") for link in page.xpath("//nav[@class='beside']//a")]
    assert beside == ["/similar?id=n02", "/note?id=n01", "/note?id=n03"]
    (patient,) = page.xpath("//dt[.='Patient']/following-sibling::dd")
    assert text_of(patient).split() == ["p1", "2", "other", "notes"]


def test_a_hostile_note_is_text_everywhere(served: Served) -> None:
    page = served.page("/note", {"id": HOSTILE_NOTE["note_id"]})
    assert text_of(select(page, "h1")[0]).startswith(HOSTILE_NOTE["title"])
    assert not page.xpath("//img | //svg | //*[@style] | //@onerror | //@onload")
    assert {one.get("src") or one.get("id") for one in select(page, "script")} >= {"data", static_address("note.js")}
    assert all(one.get("src", "").startswith("/static/") or one.get("id") == "data" for one in select(page, "script"))
    assert "\u202e" not in text_of(page)


def test_a_note_that_is_not_there_is_not_found(served: Served) -> None:
    answer = served.ask("/note", {"id": "a/b'\"%ü"})
    assert answer.status == 404
    assert served.ask("/note").status == 400


def test_the_json_is_what_the_library_gives(served: Served) -> None:
    view = served.collection.note("n05")
    assert served.ask("/api/v1/note", {"id": "n05"}).text == dumps(note_record(view), "json")
    passage = served.collection.passage("n05", 30, 40, sentences=1)
    asked = {"id": "n05", "start": 30, "end": 40, "sentences": 1}
    assert served.ask("/api/v1/passage", asked).text == dumps(passage_record(passage), "json")


def test_sentences_like_one_of_a_note_leave_it_out(served: Served) -> None:
    first = served.collection.note("n01").sentences[0]
    found_there = served.json("note/alike", {"id": "n01", "start": first.start, "k": 4})
    hits = [hit for hit in served.collection.search(first.sentence, 5) if (hit.note_id, hit.start) != ("n01", 0)]
    assert [(one["note_id"], one["start"], one["score"]) for one in found_there] == [
        (hit.note_id, hit.start, pytest.approx(hit.score)) for hit in hits[:4]
    ]
    assert served.ask("/api/v1/note/alike", {"id": "n01", "start": 3}).status == 400


def view_of(text: str, *spans: tuple[int, int]) -> NoteView:
    sentences = tuple(PlacedSentence(" ".join(text[a:b].split()), a, b, None) for a, b in spans)
    return NoteView(Note("x", text), (Section(None, None, 0, len(text)),), sentences)


def test_marks_may_overlap_and_cross_sentences() -> None:
    text = "No fever.\n\nNo cough."
    view = view_of(text, (0, 9), (11, 20))
    (part,) = parts_of(view, (3, 14), [(0, 9), (12, 13)])
    root = html.fragment_fromstring(part.content, create_parent="div")
    assert text_of(root) == text
    assert text_of(*select(root, "mark.here")) == text[3:14]
    assert text_of(*select(root, "mark")) == text[:14]


def test_a_line_of_a_megabyte_is_shown_whole_and_soon() -> None:
    line = f"{HOSTILE} no fever " * 5_600
    step = 10_000
    view = view_of(line, *((at, min(at + step, len(line))) for at in range(0, len(line), step)))
    (part,) = parts_of(view, (500_000, 500_020), [])
    assert part.marks == 1
    assert text_of(html.fragment_fromstring(part.content, create_parent="div")) == visible(line)
