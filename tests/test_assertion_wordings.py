"""How notes word whose a finding is, whether it may come, may be or was: relatives, risks, doubts, the past."""

from __future__ import annotations

import pytest

from benchmarks.assertions import told, told_apart
from tests.support.assertion_lines import lines_of

# What is asserted of the words in brackets in each line below.
KINDS = {
    ("a relative's illness is told in many ways", "other"): """
        A neighbor's child has <chickenpox>.
        Both of her sons are being evaluated for <autism>.
        Boyfriend recently told her he has <herpes>.
        Cousins on the paternal side have <muscular dystrophy>.
        Dad is on dialysis because of <polycystic kidneys>.
        Daughter brought home <hand foot and mouth> from daycare.
        Daughters are healthy apart from <acne>.
        Father, 70, with <prostate cancer>.
        Everyone else in the household has <vomiting>.
        He shares a room with a man who has <scabies>.
        He lives with his brother, who is blind from <retinitis pigmentosa>.
        Her grandmother and two aunts were diagnosed with <colon cancer>.
        Her son is allergic to peanuts and has <eczema>.
        Husband was admitted yesterday with <pneumonia>.
        Mother (deceased, 61): <pancreatic cancer>.
        FH of osteoporosis: mother and grandmother with <hip fractures>.
        She has four siblings, two of whom have <type 1 diabetes>.
        She lost her father to <lung cancer>.
        Son (age 6) recently diagnosed with <ADHD>.
        Spouse recovering from <shingles>.
        Dad thinks he himself has <IBS>.
    """,
    ("what relatives say and do for the patient is no illness of theirs", "affirmed"): """
        Dad applied calamine to the <rash>.
        He was found by his roommate with <vomit> around him.
        Mom is here today for evaluation of her daughter's <eczema>.
        Mom states that her son has been <wheezing>.
        Mother is concerned about her son's <speech delay>.
        The daughter is concerned about her mother's <memory>.
        Grandmother, who is the historian, says the patient has a <rash>.
        His sister has gout; he himself has <back pain>.
    """,
    ("what relatives did not see is denied of the patient", "negated"): """
        His wife has not seen any <jaundice>.
        Daughter has not seen any <blood>.
    """,
    ("risks and side effects may come", "hypothetical"): """
        The main risks are <stroke>, infection and death.
        The risks, including bleeding, <infection> and wound dehiscence, were discussed.
        Risks discussed: bleeding, <infection>, nerve injury.
        Risks of surgery include but are not limited to hemorrhage, stroke and <death>.
        Complications may include perforation, <bleeding> and pancreatitis.
        The most common side effects are nausea and <diarrhea>.
        Chemotherapy may be complicated by <neutropenia>.
        Untreated, this can progress to <blindness>.
        We warned him that <drowsiness> may follow the first doses.
        Predisposes her to <infection>.
        Risks, benefits and alternatives including <infection> were discussed.
        Caution about <sedation>.
        Patient aware that <infection> could develop.
        Bring to ER for <dehydration>.
        She is prone to <falls>.
        This medicine may make you <drowsy>.
        Seizure precautions in place; <aspiration> precautions too.
    """,
    ("who is told to look for what is told what may come", "hypothetical"): """
        Reasons to come back: fever above 38.5, <pus>, wound opening up.
        RN to page on-call for chest pain, sats under 88, or <agitation>.
        Nurse to notify the resident of any <bleeding>.
        Parents told to look for lethargy and <poor feeding>.
        Mother was instructed to watch the baby for <jaundice>.
        Monitor blood pressure for <hypotension>.
        Observe site for <hematoma>.
        The wound should be checked daily for <infection>.
        Check feet daily for <ulcers>.
        Come back sooner for numbness or <weakness>.
        Go to the nearest ER with any <weakness> or facial droop.
        Any redness or <pus> should be reported.
        Reviewed signs of <infection> with the patient.
        The patient wants to be tested for <HIV> before marriage.
    """,
    ("what is to be done when it comes is no sign that it came", "hypothetical"): """
        Were the <pain> to return, we would repeat the scan.
        We discussed what to do were <contractions> to start.
        He is to stop running as soon as <shin pain> develops.
        When <migraine> occurs, take sumatriptan.
    """,
    ("once and when it came it is there", "affirmed"): """
        She called as soon as the <pain> began.
        When she arrived the <fever> was high.
        No rash and there were <wheezes>.
    """,
    ("a doubt is worded in many ways", "possible"): """
        <UTI>, possible.
        <Scleritis>, probably.
        <Foreign body> ??
        Tentative diagnosis: <tension headache>.
        <Diverticulitis> is the most likely diagnosis.
        <Retained placenta> questioned by the midwife.
        Either migraine or <tension headache>.
        The shadow is indeterminate, granuloma or <metastasis>.
        <Reactive airway disease> v. bronchiolitis.
        Reactive airway disease v. <bronchiolitis>.
        Features would fit with <sarcoidosis>.
        Symptoms point towards <multiple sclerosis>.
        He could well have <sleep apnea>.
        It might just be a <viral illness>.
        This is likely <viral>.
        It is felt that this is <stress related>.
        I doubt <pancreatitis>.
        We cannot be certain that this is not <melanoma>.
        It is unclear if she had a <stroke>.
        Treating empirically for <pneumonia>.
        The hypotension is likely secondary to <adrenal insufficiency>.
    """,
    ("what a doubtful cause explains is there", "affirmed"): """
        The <hypotension> is likely secondary to adrenal insufficiency.
        It may be that an ulcer is responsible for the <anemia>.
        No etiology could be established for the <cytopenias>.
        We talked about possible treatments for <endometriosis>.
        No abnormality in either breast but <pain> in both.
    """,
    ("the past is told by wars, ages, pregnancies and stays", "historical"): """
        During the Vietnam War he contracted <malaria>.
        While in the army he contracted <hepatitis>.
        He had <rheumatic fever> when he was nine.
        Diagnosed with and treated for <cervical dysplasia> in her thirties.
        <Gestational diabetes> with her second pregnancy.
        Was hospitalized for <sepsis> in January, currently with foul-smelling urine.
        During his last hospitalization he had <delirium>.
        Before her transplant she had <ascites>.
        Ten years ago she was diagnosed with <melanoma>.
        She was once treated for <syphilis>.
        He used to have <seizures> but none in ten years.
        The <abscess> was drained and has healed.
        <Stroke> in 2018 with full recovery.
    """,
    ("a present complaint has a history", "affirmed"): """
        The patient gives a clear history of <exertional chest pain> over the last four days.
        She has had <headaches> since surgery in January.
        History of <cough> for three days.
    """,
    ("a test rules out what stands behind or before", "negated"): """
        CT ruled out <perforation>.
        <MI> ruled out.
        <Fracture> excluded radiographically.
        Serial exams have excluded <appendicitis>.
        Extensive <porphyria> testing came up empty.
        <Hypercoagulability> studies, all of which were unremarkable.
        A <sepsis> evaluation was performed and was negative.
        Sputum AFB negative x3 for <tuberculosis>.
        The course would be unusual for <ALS>.
        We are not of the opinion that this is a <flare>.
        <Rash> (N), dry skin (Y)
        <Pain> 0 out of 10 at discharge.
        <Nausea> 0/10.
        <Hypoglycemia> has not occurred.
    """,
    ("what is not done for an illness does not deny it", "affirmed"): """
        She has had no success with diet for her <obesity>.
        Without her inhaler the <wheezing> becomes worse.
        She never sought help for the <incontinence>.
        As-needed inhaler is no longer enough for her <asthma>.
        Hasn't refilled the cream for <eczema>.
        He has not been using CPAP for <sleep apnea>.
        Has not seen a dentist about the <tooth pain>.
        He did not notice the <wound> until this morning.
        She doesn't think her <headaches> are getting better.
        Denies that the <pain> is worse.
        Not sure what triggers his <migraines>.
        No longer denies <low mood>.
        She would not deny <binge eating> on weekends.
        Without question this is <shingles>.
    """,
    ("behind a denial stands what is there", "affirmed"): """
        Pt denied headache, reported <jaw pain> instead.
        Alert, no agitation overnight, <incontinent> of urine x2.
        -ve for bony injury, <soft tissue swelling> only.
    """,
}


@pytest.mark.parametrize(("marked", "assertion"), lines_of(KINDS))
def test_each_wording_is_told(marked: str, assertion: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    assert told(marked.replace("<", "").replace(">", ""), start, end) == assertion


@pytest.mark.parametrize(
    "marked",
    [
        "<Kidney disease> does not run in the family.",
        "Household contacts deny <diarrhea>.",
        "Neither of her parents has <diabetes>.",
        "Family history: hypertension, no <cancer>.",
    ],
)
def test_what_relatives_do_not_have_is_denied_of_them(marked: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    assert told_apart(marked.replace("<", "").replace(">", ""), start, end) == ("negated", True)
