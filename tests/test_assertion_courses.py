"""What is over, what is to come, and what is still there."""

from __future__ import annotations

import pytest

from benchmarks.assertions import told
from tests.support.assertion_lines import lines_of

# What is asserted of the words in brackets in each line below.
KINDS = {
    ("what has come to its resolution is over", "historical"): """
        Interval clearing of the right upper lobe <pneumonia>.
        There has been interval resolution of <pulmonary edema>.
        Complete clearing of the <infiltrate>.
        Interval resolution of the left <effusion>.
        There has been clearing of the <opacities>.
        There has been complete resolution of the <hematoma>.
        There has been resolution of her <rash>.
        Interval disappearance of the <nodule>.
        Interval healing of the <rib fracture>.
        Interval resolution of the previously seen <pneumothorax>.
        Interval near complete clearing was followed by interval resolution of the <empyema>.
        Full resolution of the <hydronephrosis>.
        There has been interval clearing of the <retrocardiac opacity>.
    """,
    ("what has stopped is over", "historical"): """
        <Pneumonia> seen on 2/2 has cleared completely.
        <Mediastinal widening> previously attributed to hematoma has normalized.
        The <rash> has cleared.
        The <opacity> noted on admission has resolved.
        Her <headaches> have stopped.
        His <hiccups> stopped.
        <Nausea> settled with ondansetron.
        The <nausea> has settled.
        <Bleeding> stopped with pressure.
        <Epistaxis> stopped after packing.
        <Hyperkalemia> has normalised with treatment.
        <Hyponatremia> corrected with saline.
        <Diarrhea> has gone.
        Vomited, then <nausea> gone.
        <Headache> gone after coffee.
        <Itch> gone since the cream.
        The <nausea> and headaches she had with the old tablet have both stopped.
        The nausea and <headaches> she had with the old tablet have both stopped.
        The <cough> he had last month has cleared.
        <Thrombocytopenia> has recovered.
        <Shingles> treated in March, now better.
        The <consolidation> noted at the right base on the prior film has cleared.
        Her <tachycardia> has normalized.
        <Hypokalemia> has now corrected.
        Her <wheezing> has stopped.
        <Vomiting> stopped after ondansetron.
        The <itching> is gone since the cream was started.
        The <vertigo> she had in the spring has resolved.
        <Bleeding> settled with packing.
    """,
    ("what is in remission is over", "historical"): """
        <Alcohol use disorder>, in sustained remission.
        <Depression>, in full sustained remission.
        <Lymphoma> in complete remission.
        <Opioid use disorder> in early remission.
        <Leukemia>, currently in remission.
        Her <diabetes> has gone into remission.
        Her <diabetes> and hypertension have gone into remission.
        Following surgery her diabetes and <hypertension> have gone into remission and all medication was stopped.
        <Crohn's disease> is now in remission.
        <AML> went into remission after induction.
        <Bipolar disorder>, currently in partial remission.
        <Graves disease> in remission since 2019.
        <Rheumatoid arthritis> is in sustained remission.
        <Ulcerative colitis> went into remission on mesalamine.
    """,
    ("what was seen earlier and is not seen now is over", "historical"): """
        <Cardiomegaly> seen on the prior radiograph is no longer apparent.
        <Effusion> noted on the prior CT is no longer seen.
        Previously seen <nodule> is no longer visible.
        <Nodule> previously described is not seen today.
        <Hiatal hernia> previously reported is not seen on today's exam after repair.
        The former <hiatal hernia> is not seen post repair.
        The previous <effusion> is not seen.
        The <infiltrate> seen on the previous film is no longer present.
        The previously noted <mass> is not seen.
    """,
    ("what has not come back is over", "historical"): """
        Had an episode of <chest pain> last month, none since.
        <Seizure> in 2010, none since.
        One <seizure> as an infant, none since then.
        Had <palpitations> in the spring, but none since.
        <UTI> treated 2 wks ago with cipro, symptoms gone.
        <Cellulitis> treated last month, now clear.
        <Sinusitis> treated 3 weeks ago, symptoms resolved.
        Had R sided <stroke> in Feb w/ full recovery.
        Had a <stroke> in March with full recovery.
        <Bell's palsy> last year with complete recovery.
        One <syncopal> episode in May, none since.
        <Gout> flare last winter, no recurrence.
        <Strep throat> treated in March, symptoms resolved.
    """,
    ("who is free of it since a treatment had it before", "historical"): """
        <Headache> free since starting topiramate.
        <Seizure> free since 2015.
        <Seizure>-free since starting Keppra.
        <Angina> free since her surgery.
        <Migraine> free for two years.
        <Pain>-free since surgery.
        <Migraine> free since starting propranolol.
        <Seizure> free for two years.
    """,
    ("an answer says that it is over", "historical"): """
        <Chest pain>? A little, gone now.
        <Nausea>? Some, settled now.
        <Cough>? Yes, but gone now.
        <Hiccups>? Better, gone today.
        <Cough>? Some, gone now.
        <Hematuria>? Yesterday, resolved.
    """,
    ("what is screened for may be found", "hypothetical"): """
        Screening HRCT for <emphysema>.
        Annual low dose CT for <lung nodule> screening.
        Annual mammogram for <breast cancer> screening.
        Due for <colon cancer> screening.
        Screening colonoscopy for <colon cancer>.
        Screening ultrasound for <aneurysm>.
        <Diabetic retinopathy> screening due.
        Screening ultrasound for <abdominal aortic aneurysm>.
        Here for <cervical cancer> screening.
        Due for <osteoporosis> screening.
    """,
    ("a question asks whether", "hypothetical"): """
        Reason for study: reflux symptoms, does she have a <hiatal hernia>?
        Reason for exam: does he have <pneumonia>?
        Is there a <fracture>?
        Cough and fever, is there <pneumonia>?
        Reason: chest pain, does he have <aortic dissection>?
        Fell, is there a <hip fracture>?
    """,
    ("what is prevented is to come", "hypothetical"): """
        <DVT> ppx: SCDs.
        <DVT> ppx with heparin.
        <PCP> ppx: Bactrim
        <GI> ppx: PPI
        <DVT> prophylaxis: lovenox.
        Avoid <hypotension>.
        Avoid <hypoglycemia> and hyponatremia.
        Maintain MAP, avoid <hypoxia>.
        <VTE> ppx: heparin SQ.
        <Stress ulcer> ppx
        PJP ppx for <HIV>.
        Avoid <hypoxia>.
    """,
    ("what a drug is for as needed is to come", "hypothetical"): """
        PRNs: acetaminophen for <headache>, ondansetron for nausea.
        PRNs: acetaminophen for headache, ondansetron for <nausea>.
        PRN: senna for constipation, Ativan for <anxiety>.
        PRN meds: Tylenol for <fever>.
        As needed: albuterol for <wheezing>.
        For <chest pain> take nitroglycerin SL q5 min x3.
        For <headache>, take Tylenol.
        For <wheezing> use albuterol.
        For <constipation>, use senna.
        For <fever> give ibuprofen.
        For <pain>: take oxycodone.
        PRNs: Tylenol for pain, Zofran for <nausea>, Haldol for agitation.
        For <anxiety> take lorazepam.
        For <wheezing>, use the inhaler.
    """,
    ("what is tested for then is a condition", "hypothetical"): """
        If leg swelling worsens, obtain ultrasound for <DVT>.
        If she spikes, repeat culture for <UTI>.
        Should dysuria return, repeat culture for <UTI>.
        Should <dysuria> return, call.
        Should the <pain> recur, come back.
        If no better, order CT for <abscess>.
        Repeat culture for <UTI>.
    """,
    ("what a story is like is so now, and what it says of the past is not", "affirmed"): """
        On further questioning, the history is one of classic <orthopnea> and PND.
        His history is consistent with <angina>.
        The history is that of <GERD>.
        The history fits <migraine>.
    """,
    ("what a history is notable for is of the past", "historical"): """
        The history is significant for <stroke>.
        His history is positive for <asthma>.
    """,
    ("what someone else had", "other"): """
        Mother had multiple blood clots incl. <DVT>, factor V Leiden positive.
        Mother had <blood clots>.
        Father had several <strokes>.
        Brother had multiple cancers including <melanoma>.
        FHx: mother with several cancers incl. <ovarian cancer>.
    """,
}


@pytest.mark.parametrize(("marked", "assertion"), lines_of(KINDS))
def test_each_kind_is_told(marked: str, assertion: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    assert told(marked.replace("<", "").replace(">", ""), start, end) == assertion
