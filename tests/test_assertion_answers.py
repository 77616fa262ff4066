"""Labels and their answers, headings, orders, other people, and words in their plain form."""

from __future__ import annotations

import pytest

from benchmarks.assertions import told, told_apart
from clinsearch.language.assertions import find_assertions
from tests.support.assertion_lines import lines_of

# What is asserted of the words in brackets in each line below; two strokes are a line break.
KINDS = {
    ("lists to call for are conditions", "hypothetical"): """
        Call if any noted: <bleeding>, rash
        Call if any noted: bleeding, <rash>
        Call if you develop any of these: bleeding, <pus>
        Notify provider of: <chest pain>, dyspnea
        Return to ER for worsening pain, <fever>.
        Warning signs: <numbness>, weakness
        Return if any of the following occur: <fever>, rash
        Go to the ER should <bleeding> occur.
        Should <symptoms> worsen, call us.
        Postpartum teaching: report heavy bleeding, <foul discharge>.
        He understands that <dehiscence> could occur.
        Possible side effects were explained: dizziness, <dry mouth>.
    """,
    ("what is to be done then is no condition", "affirmed"): """
        If fever, take <Tylenol>.
        Return for fever, continue <lisinopril>.
        The patient should be seen for <gout>.
    """,
    ("others tell of the patient", "affirmed"): """
        His coworkers found him <confused>.
        His neighbors found him <unresponsive>.
        Wife says he has <tremor>.
        The family reports <confusion>.
        Parents brought him in for <fever>.
    """,
    ("others have findings", "other"): """
        Mother is <diabetic>.
        His sister, who has <lupus>, visited.
        Son tested positive for <influenza>.
        Two children at daycare with <mumps>.
        Wife recently treated for <scabies>.
        Exposed to someone with <meningitis>.
        Father: <stroke> at 60
        Her sister was found to have <gout>.
        FHx + for <melanoma>, - for gout
    """,
    ("an answer decides about its label", "negated"): """
        <Rash>: none
        <Hematuria>: N
        <Smoking>: never
        <Fever>: denies
        <Fever>: denied
        <Allergies>: NKDA
        <ETOH>: none
        <HIV>: nonreactive
        <COVID>: not detected
        <Edema>: 0
        <Edema>: -
        <Edema>: (-)
        <JVD>: absent
        <Weight loss>: NEG
        <Sputum>: nil
        <Falls>: none in last 6 months
        <Numbness>: [ ] Yes [x] No
        <Tobacco>: never smoker
        <Fever>: no Chills: yes
        <fever> N, chills Y
        Fever: N <Chills>: N Cough: Y
    """,
    ("an answer affirms its label", "affirmed"): """
        <Palpitations>: yes
        <Dysuria>: Y
        <HIV>: positive
        <Constipation>: +
        <Hypertension>: controlled
        <Numbness>: [x] Yes [ ] No
        Fever: no <Chills>: yes
        fever N, <chills> Y
        Fever: N Chills: N <Cough>: Y
    """,
    ("an answer says that its label was", "historical"): """
        <MI>: remote
        <DVT>: resolved
        <Stroke>: past
        <Depression>: in remission
    """,
    ("an answer doubts its label", "possible"): """
        <PE>: possible
        <PE>: ?
        <PE>: likely
    """,
    ("an answer below a heading decides about it", "negated"): """
        <ALLERGIES>: // None.
        <Allergies>: // NKDA
        <COMPLICATIONS>: // None apparent.
        <Fevers> // Denies.
        HISTORY OF PRESENT ILLNESS: // He denies <fever>.
    """,
    ("a heading says nothing of what stands below", "affirmed"): """
        RULE OUT SEPSIS PROTOCOL: // <Lactate> drawn.
        RULE OUT <SEPSIS> PROTOCOL: // Lactate drawn.
        HISTORY: // 50-year-old man with <chest pain>.
        NEGATIVE PRESSURE THERAPY // <Granulation> good.
        <REVIEW OF SYSTEMS>: // Denies fever.
    """,
    ("cues are read in their plain form", "negated"): """
        N\u00ado <fever>.
        den\u200bies <cough>
        \uff2eo <rash>
        No\u00a0<edema>
        He doesn\u2019t have <asthma>.
    """,
}


@pytest.mark.parametrize(("marked", "assertion"), lines_of(KINDS))
def test_each_kind_is_told(marked: str, assertion: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    assert told(marked.replace("<", "").replace(">", ""), start, end) == assertion


@pytest.mark.parametrize(
    "marked",
    [
        "No family history of <colon cancer>.",
        "No known family history of <gout>.",
        "Denies family history of <gout>.",
        "Family history negative for <gout>.",
        "FH: negative for <gout>.",
        "<Colon cancer>: no family history.",
        "There is no <diabetes> in the family.",
        "His father never had <heart disease>.",
        "No one in the family has <gout>.",
        "No sick contacts with <fever>.",
        "Family hx sig for DM (mother), early MI (father at 45), no <stroke>.",
        "FHx: heart disease; negative for <cancer>.",
        "Family hx sig for CAD (father), DM (sister), no <cancer>.",
    ],
)
def test_what_is_denied_of_someone_else_is_both(marked: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    assert told_apart(marked.replace("<", "").replace(">", ""), start, end) == ("negated", True)


def test_the_places_of_a_folded_text_are_those_of_the_text() -> None:
    text = "N\u00ado \ufb01brosis\u200b."
    (span,) = find_assertions(text)
    assert text[span.cue_start : span.cue_end] == "N\u00ado"
    assert text[span.start : span.end] == "\ufb01brosis"
