"""Headings and the ends of sentences, one kind at a time."""

from __future__ import annotations

import base64
import random
import textwrap

import pytest

from clinsearch.language.segmentation import legible, segment, sentence_texts
from clinsearch.language.segmentation.sentences import MAX_SENTENCE_CHARACTERS
from clinsearch.records import Section
from tests.support.segmented import (
    check_invariants,
    heading_spans,
    read_gold,
    sentence_spans,
    with_headings,
)


def check_marked(marked: str) -> None:
    """Check that the note under the marks is segmented as the marks say."""
    text, sentences, headings = read_gold(marked)
    result = segment(text)
    assert heading_spans(result) == headings
    assert sentence_spans(result) == with_headings(sentences, headings), [
        text[s.start : s.end] for s in result.sentences
    ]
    check_invariants(text)


def test_text_before_the_first_heading_is_a_section_without_name() -> None:
    text = "Seen today.\nPLAN: Rest."
    assert segment(text).sections == (Section(None, None, 0, 12), Section("plan", "PLAN", 12, len(text)))


def test_headings_are_found_whatever_their_case_and_given_one_name() -> None:
    check_marked("⟪PMH:|past medical history⟫ ⟦Gout.⟧\n⟪Past Medical Hx:|past medical history⟫ ⟦None.⟧")
    check_marked("⟪neuro:|neurologic⟫ ⟦alert.⟧\n⟪Code status:|code status⟫ ⟦Full⟧")


def test_an_unknown_heading_is_named_by_its_own_words() -> None:
    check_marked("⟪TOURNIQUET  TIME:|tourniquet time⟫ ⟦31 minutes.⟧")
    check_marked("⟪Admission Date:|admission date⟫ ⟦3/4/2021⟧")


def test_headings_run_on_inside_a_line() -> None:
    check_marked("⟪PMH:|past medical history⟫ ⟦HTN.⟧ ⟪Meds:|medications⟫ ⟦ASA.⟧ ⟪All:|allergies⟫ ⟦NKDA.⟧")
    check_marked("⟪ANESTHESIA:|anesthesia⟫ ⟦General⟧ ⟪COMPLICATIONS:|complications⟫ ⟦None.⟧")
    check_marked("⟪Exam:|physical examination⟫ ⟪General:|general⟫ ⟦Well.⟧ ⟪Lungs:|respiratory⟫ ⟦Clear.⟧")


def test_capitals_alone_on_a_line_are_a_heading() -> None:
    check_marked("⟪OPERATIVE REPORT|operative report⟫\n\n⟪IMAGING|imaging⟫\n⟦WRIST FILMS normal.⟧")
    check_marked("⟪CHIEF COMPLAINT|chief complaint⟫\n\n⟦FELL OFF LADDER⟧\n\n⟪PLAN|plan⟫\n\n⟦Rest.⟧")


def test_capitals_before_a_numbered_list_are_a_heading() -> None:
    check_marked("⟦Seen.⟧ ⟪OPERATIONS PERFORMED|procedure⟫ 1. ⟦Fusion, C4.⟧ 2. ⟦Graft.⟧")


def test_markdown_headings_are_found_and_hashes_left_out() -> None:
    check_marked("# ⟪Progress Note|progress note⟫\n\n## ⟪Plan|plan⟫\n\n⟦Rest.⟧\n\n---")
    check_marked("**⟪Labs:|laboratory⟫** ⟦None.⟧\n\n**⟪Plan|plan⟫**\n⟦Rest.⟧")


def test_line_breaks_that_became_commas_are_line_breaks() -> None:
    check_marked(
        "⟪PREOPERATIVE DIAGNOSIS:|preoperative diagnosis⟫, ⟦Left hernia.⟧,"
        "⟪POSTOPERATIVE DIAGNOSES:|postoperative diagnosis⟫ , ,1.  ⟦Left hernia.⟧,2.  ⟦Cyst, small⟧,"
        "⟪PROCEDURE:|procedure⟫ ,⟦The patient was prepped.⟧  ⟦Skin was closed.⟧,⟦She left, well.⟧,"
        "⟪PHYSICAL EXAMINATION|physical examination⟫,⟪LUNGS:|respiratory⟫  ⟦Clear.⟧,"
    )


def test_the_keywords_behind_a_report_are_no_part_of_its_last_sentence() -> None:
    check_marked("⟪PLAN:|plan⟫, ⟦He went home.⟧⟦ent - otolaryngology, tonsils, adenoids⟧,")


@pytest.mark.parametrize(
    "line",
    [
        "Note: she did well.",
        "Patient states: it hurts.",
        "Seen at 10:30 today.",
        "The ratio was 2:1.",
        "- Lisinopril: 10 mg daily",
        "Lisinopril: 10 mg daily",
        "BP: 120/80",
        "Weight: 84.2 kg",
        "# SBP: Tap showed 500 polys.",
        "Dear Dr. Osei:",
        "Here is the PLAN B we made.",
    ],
)
def test_labels_and_prose_are_no_headings(line: str) -> None:
    assert heading_spans(segment(line)) == set()


def test_hard_wrapped_lines_are_one_sentence() -> None:
    check_marked(
        "⟦He was sent over by his primary care physician,\nDr. Quint, for a swelling of both of his legs"
        " that has been\r\ngetting worse since spring.⟧  ⟦He is otherwise well and takes\nno medicines.⟧"
    )
    check_marked("- ⟦Cirrhosis, with varices (banded in [**2099**])\n  and ascites⟧\n- ⟦Gout⟧")
    check_marked("⟦She has smoked since the age of\n16.⟧ ⟦She stopped.⟧")


def test_items_and_lines_of_a_table_are_kept_apart() -> None:
    check_marked("1. ⟦Gout⟧\n2) ⟦Asthma.⟧ ⟦Stable.⟧\n* ⟦Fall⟧\na. ⟦at home⟧\n(b) ⟦at work⟧")
    check_marked("⟪Labs:|laboratory⟫\n⟦Na 141  K 3.4⟧\n⟦WBC 13.1  Hgb 8.2⟧\n⟦sodium 140⟧\n⟦potassium 4.1⟧")
    check_marked("| ⟦Time | Temp⟧ |\n|------|:---:|\n| ⟦06:00 | 37.4⟧ |")


def test_numbers_inside_a_line_divide_it_where_they_make_a_list() -> None:
    check_marked("⟪A/P:|assessment and plan⟫ 1) ⟦CP - rule out MI⟧ 2) ⟦HTN⟧ 3) ⟦DM.⟧")
    check_marked("⟪MEDS:|medications⟫ 1. ⟦Lasix b.i.d.⟧ 2. ⟦Aspirin daily.⟧")
    check_marked("⟦For two reasons: (1) cost and (2) time.⟧ ⟦How many?⟧ ⟦30.⟧")


@pytest.mark.parametrize(
    "sentence",
    [
        "Seen by Dr. A. R. Finch Jr. in St. Austell.",
        "Takes 5.5 mg p.o. b.i.d. with food, e.g. at 8 a.m. and 8 p.m. every day.",
        "Pt. c/o Lt. flank pain, approx. 3 hrs. in all, vs. none before.",
        "A No. 11 blade, a 9 cm. cut and 2 g. IV cefazolin.",
        "TAKES ALBUTEROL P.R.N. ONLY, FROM 9:40 A.M. ON.",
        "Cultures grew E. coli and S. aureus at 100 F. in each.",
        "Dr. [**Last Name (STitle) 77**] saw ___ on [**2-18**] in [**Hospital? 3**] again.",
        '"Am I ill?" she asked ... and left (at once.) without us.',
        "Chest film: ? infiltrate.",
    ],
)
def test_abbreviations_and_marks_do_not_end_a_sentence(sentence: str) -> None:
    check_marked(f"⟦{sentence}⟧ ⟦He left.⟧")


def test_an_abbreviation_may_be_the_last_word_of_a_sentence() -> None:
    check_marked("⟦She takes it b.i.d.⟧ ⟦She denies pain.⟧ ⟦Any?⟧ ⟦No.⟧ ⟦Seen by Dr. X.⟧ ⟦Labs sent.⟧")
    check_marked("⟦Low vitamin D.⟧ ⟦Calcium fine.⟧ ⟦Lives on Main St.⟧ ⟦He drives.⟧ ⟦Wt. 70 kg.⟧ ⟦Well.⟧")


def test_a_full_stop_divides_without_space_and_before_lower_case() -> None:
    check_marked("⟦He did well.⟧⟦The patient left.⟧ ⟦no bm this shift.⟧ ⟦foley patent; urine clear.⟧")


def test_semicolons_and_colons_do_not_divide() -> None:
    check_marked("⟦The duct was clipped; the artery was tied: both held.⟧")


def test_a_sentence_without_end_is_divided_at_white_space() -> None:
    text = "word " * 1000
    lengths = [sentence.end - sentence.start for sentence in segment(text).sentences]
    assert len(lengths) == 3
    assert max(lengths) <= MAX_SENTENCE_CHARACTERS == 2000
    commas = segment("one two, " * 1000)
    assert all("one two, "[(sentence.end - 1) % 9] == "," for sentence in commas.sentences)
    assert len(segment("x" * 5000).sentences) == 3
    check_invariants("x" * 5000 + " " + "y" * 1999 + " z")


def test_a_sentence_knows_its_section() -> None:
    result = segment("Seen.\nPMH: Gout.\nPLAN:\nRest. Ice.")
    assert [(s.name, s.heading) for s in result.sections] == [
        (None, None),
        ("past medical history", "PMH"),
        ("plan", "PLAN"),
    ]
    assert [sentence.section for sentence in result.sentences] == [0, 1, 2, 2]


def test_a_wrapped_line_that_goes_on_in_lower_case_opens_no_section() -> None:
    text = (
        "HPI: The fluctuation went on through the night and the temperature reached\n"
        "100.2 F. She received no antipsychotic and no benzodiazepine. Total opioid since\n"
        "surgery: oxycodone 7.5 mg. A Foley catheter had been in place.\n"
    )
    assert [section.name for section in segment(text).sections] == ["history of present illness"]


@pytest.mark.parametrize(
    "line",
    [
        "Syphilis: nonreactive",
        "Tobacco: never",
        "Vision changes: denies",
        "Melena: N",
        "HCV: positive",
        "Asthma: controlled",
        "Prior transfusion: none, per family",
    ],
)
def test_a_label_and_its_answer_are_one_sentence(line: str) -> None:
    check_marked(f"⟪REVIEW:|review⟫\n⟦Asked today.⟧\n⟦{line}⟧\n⟦Gout: resolved⟧")
    check_marked(f"⟦{line}⟧")


def test_lines_of_a_table_are_no_headings_whatever_their_values() -> None:
    check_marked(
        "⟪SOCIAL HISTORY:|social history⟫\n⟦Alcohol: two beers on weekends⟧\n⟦Occupation: retired welder⟧\n"
        "⟦Lives with: daughter⟧\n\n⟪PLAN:|plan⟫ ⟦Home.⟧"
    )
    check_marked("⟦Rubella: immune⟧\n⟦Blood group: A positive⟧\n⟦GBS: pending⟧")


@pytest.mark.parametrize("note", ["PATIENT EXPIRED", "NKDA", "DNR/DNI", "HIV NEGATIVE", "CODE BLUE CALLED"])
def test_a_line_of_capitals_that_says_something_is_a_sentence(note: str) -> None:
    assert segment(note).sections[0].name is None
    check_marked(f"⟦{note}⟧")
    check_marked(f"⟪PLAN:|plan⟫ ⟦Rest.⟧\n\n⟦{note}⟧")


def test_what_goes_on_below_capitals_belongs_to_no_section_of_that_name() -> None:
    check_marked("⟦NSTEMI⟧\n⟦to the cath lab⟧")
    check_marked("⟦FAMILY NOTIFIED⟧\n\n⟦They are on their way.⟧")


def test_a_heading_is_read_with_the_sentence_that_follows_it() -> None:
    text = "ALLERGIES:  Sulfa.  Hives.\n\nExam\n\nLUNGS:\n- Clear\nPLAN:Rest"
    result = segment(text)
    spans = [text[sentence.start : sentence.end] for sentence in result.sentences]
    assert spans == ["ALLERGIES:  Sulfa.", "Hives.", "Exam", "LUNGS:\n- Clear", "PLAN:Rest"]
    assert sentence_texts(text, result) == ("ALLERGIES:\nSulfa.", "Hives.", "Exam", "LUNGS:\n- Clear", "PLAN:Rest")


def test_capitals_behind_the_name_of_an_imaging_study_open_no_section() -> None:
    check_marked("⟪IMAGING:|imaging⟫ ⟦MRI A/P: normal.⟧")
    check_marked("⟪Results:|diagnostics⟫ ⟦CXR CHEST: clear and CT HEAD: no bleed.⟧")
    check_marked("⟦Admitted to rule out PE: CTA was negative.⟧")
    check_marked("⟦Seen.⟧ ⟪A/P:|assessment and plan⟫ ⟦Gout.⟧")


@pytest.mark.parametrize("what", ["MRI BRAIN", "Chest, two views", "Renal ultrasound", "CT of the abdomen"])
def test_what_a_radiologist_examines_is_imaging(what: str) -> None:
    check_marked(f"⟪EXAMINATION:|imaging⟫ ⟦{what}⟧\n⟪FINDINGS:|findings⟫ ⟦Normal.⟧")
    check_marked(f"⟪EXAM|imaging⟫\n⟦{what}⟧\n⟪FINDINGS:|findings⟫ ⟦Normal.⟧")
    check_marked("⟪EXAMINATION:|physical examination⟫ ⟦Well, no distress.⟧")


def test_line_breaks_that_are_written_out_are_line_breaks_where_there_are_no_others() -> None:
    text = r"ED NOTE\r\n\r\nHPI: Cut hand.\r\nPLAN: Suture.\r\nNo fever."
    result = segment(text)
    assert sentence_texts(text, result) == ("ED NOTE", "HPI:\nCut hand.", "PLAN:\nSuture.", "No fever.")
    assert [section.name for section in result.sections] == ["ed note", "history of present illness", "plan"]
    kept = r"Saved in C:\notes\new by him."
    assert legible(kept + "\n") == kept + "\n"
    assert legible(r"One \n alone.") == r"One \n alone."


@pytest.mark.parametrize("wrapped", [False, True])
def test_blocks_of_encoded_data_are_left_out_and_named(wrapped: bool) -> None:
    data = base64.b64encode(random.Random(4).randbytes(600)).decode()
    block = "\n".join(textwrap.wrap(data, 76)) if wrapped else data
    text = f"Wound seen. Photo: {block}\nNo pus."
    result = segment(text)
    assert sentence_texts(text, result) == ("Wound seen.", "Photo:", "No pus.")
    assert [text[start:end].replace("\n", "") for start, end in result.blocks] == [data]
    check_invariants(text)
    hexadecimal = random.Random(4).randbytes(100).hex()
    assert segment(f"Hash {hexadecimal} kept.").blocks == ((5, 205),)


@pytest.mark.parametrize("text", ["_" * 300, "=" * 300, "x" * 300, "ABC" * 100, "/usr/share/doc/notes" * 6, "9" * 300])
def test_rules_and_long_words_are_no_encoded_data(text: str) -> None:
    assert segment(text).blocks == ()


def test_a_heading_is_not_read_with_what_stands_after_a_block() -> None:
    block = base64.b64encode(bytes(range(256)) * 8).decode()
    text = f"Meds: {block}\nAspirin 81 mg."
    result = segment(text)
    assert sentence_texts(text, result) == ("Meds", "Aspirin 81 mg.")
    assert result.blocks == ((6, 6 + len(block)),)
