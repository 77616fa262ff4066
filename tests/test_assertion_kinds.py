"""Whether a finding is so: results, doubts, outcomes, numbers and signs, what ends a denial."""

from __future__ import annotations

import pytest

from benchmarks.assertions import told
from tests.support.assertion_lines import lines_of

# What is asserted of the words in brackets in each line below; two strokes are a line break.
KINDS = {
    ("the result of a test in one word denies what it tests", "negated"): """
        She is <HIV> negative.
        <Strep> negative.
        <Influenza> negative.
        <PPD> negative.
        <COVID> negative x2.
        Rapid <strep> negative, RSV positive.
        HIV neg, <RPR> neg
        Stool <guaiac> negative.
        <HIV> nonreactive
        <HIV> negative man with thrush.
        <Hemoccult> negative brown stool.
        Chlamydia and <gonorrhea> negative.
        <COVID> PCR not detected.
        Tested negative for <COVID>.
        Urine drug screen negative for <cocaine>.
        neg for <melena>
        -ve for <melena>
        HIV negative and <hepatitis C> negative.
        She had a <lupus> work-up, which was negative.
        <Celiac> testing in June was normal.
        Work-up for <Cushing's> was unremarkable.
        Evaluated for <myasthenia>; all testing negative.
        Screened for <TB>, negative.
        He was evaluated for <stroke>, and nothing was found.
        Sleep study for <apnea> was normal.
        MRI to look for <metastases> was clean.
        Screening for <cervical cancer> was negative.
        <Mantoux> negative two years ago.
        Mammograms have been negative for <malignancy>.
    """,
    ("a result denies no more than its test", "affirmed"): """
        Rapid strep negative, <RSV> positive.
        HIV negative man with <thrush>.
        Gram negative <rods> in the urine.
        Rh negative <mother>.
        Negative pressure dressing over the <wound>.
        Double negative <T cells>.
        Estrogen receptor negative <carcinoma>.
        She has <pneumonia> and is HIV negative.
        ANA negative <lupus>.
        Evaluated for <headache>, MRI pending.
        Flu A negative, <flu B> positive.
    """,
    ("what brings the patient ends what was", "affirmed"): """
        68M with h/o CHF p/w <dyspnea> x 3 days.
        ___ yo F w/ h/o HTN, DM2 p/w <chest pain>.
        hx of CAD c/o <chest pain>
        History of COPD, here for <cough>.
        History of COPD now with <cough>.
        62F hx breast ca presenting w/ <seizure>.
        55M with PMH of HTN, DM who presents for <chest pain>.
        Patient with h/o CAD, admitted for <pneumonia>.
        71M h/o prostate CA sent from clinic with <hematuria>.
        Past history of migraine, today complains of <visual loss>.
        80M s/p CABG in 2015 BIBA for <syncope>.
    """,
    ("what stands before what brings the patient was", "historical"): """
        68M with h/o <CHF> p/w dyspnea x 3 days.
        ___ yo F w/ h/o HTN, <DM2> p/w chest pain.
        Hx <CHF> here with SOB
        55M with PMH of HTN, <DM> who presents for chest pain.
    """,
    ("a doubt may stand behind the finding", "possible"): """
        <Embolism> suspected.
        <Sepsis> likely.
        <Pneumonia> possible.
        <Aspiration pneumonia> strongly suspected.
        <Fracture> possible at the distal radius.
        <Meningitis> is thought possible.
        <PE> remains on the differential.
        <Septic joint>? Tap tomorrow.
        <PE> not ruled out.
        not ruled out for <MI>
        <MI> has yet to be ruled out.
        Still being ruled out for <TB>.
        Likely due to <dehydration>.
    """,
    ("what is not denied is affirmed", "affirmed"): """
        She does not deny <alcohol use>.
        He never denied <pain>.
        He doesn't deny <drinking>.
        Patient cannot deny <smoking>.
        Meningitis was suspected but <encephalitis> was found.
        How is your <knee>?
    """,
    ("numbers and signs deny", "negated"): """
        Extremities: 0 <edema>.
        There were 0 <complications>.
        Zero <bleeding>.
        Nil <oedema>.
        0/10 <pain>
        <Pain>: 0/10
        Ext: -<edema>
        HEENT: -<icterus>, +pallor
        (-) <JVD>
        (+) N/V, (-) <diarrhea>
    """,
    ("numbers and signs of other things deny nothing", "affirmed"): """
        +<JVD>
        (+) <N/V>, (-) diarrhea
        Closed with 0 Vicryl over the <hernia>.
        Stage 0 <CLL>.
        Plan: -continue <aspirin>
        Refills: 0 <Allow generic>: yes
        10 mg, 0 <mg> left
    """,
    ("what is denied of a thing is no denial of it", "affirmed"): """
        No further workup of the <cyst>.
        No change in the <nodule>.
        absent pulses with <gangrene>
        No further treatment for his <gout>.
        No biopsy of the <lesion> was done.
        No surgery for the <stenosis>.
        No source for the <fever> was identified.
        no specific diagnosis for his <headache>
        There is no good explanation for his <weight loss>.
        Not taking anything for <pain>.
    """,
    ("a change of a function is denied as a whole", "negated"): """
        In general, no <change in vision>.
        In general, no change in <vision>.
        No <changes> in bowel habits.
        Without change in <appetite>.
        absent <pulses> with gangrene
        No recent problems with <chest pain>.
    """,
    ("what has resolved is past", "historical"): """
        <gallstone ileus>, resolved
        Her <rash> seems to have resolved.
        <Cellulitis> has resolved.
        The <headache> went away.
        Her <fever> is gone.
        <Pneumonia>, now resolved.
        Resolved <hypokalemia>.
        <UTI> - treated and resolved
        Had an echo and her <symptoms> resolved.
        <Breast cancer>, treated in 2004.
        Treated in 2012 for <melanoma>.
        She was hospitalized in March 2015 for <DKA>.
        <Smoker>, quit 2005
    """,
    ("what has not resolved or shall is not past", "affirmed"): """
        Stop the drug once <infection> is resolved.
        When the <fever> resolves she may return.
        Wait until <swelling> has subsided.
        Her <numbness> has not resolved.
        Advance diet as the <nausea> resolves.
        <Pain> not yet resolved.
        <Edema> partially resolved.
        Had an <echo> and her symptoms resolved.
    """,
    ("what is not believed is denied", "negated"): """
        I do not believe she is having a <stroke>.
        I don't think he has <pneumonia>.
        We do not suspect <abuse>.
        Not thought to be <septic>.
        Not felt to represent <infection>.
        This would not be typical for <myeloma>.
        Symptoms would not be consistent with <stroke>.
        She has hardly any <pain>.
        Barely any <bruising>.
        lack of <appetite>
        Absence of <fever>.
        He was ruled out for <MI>.
    """,
    ("a symptom that holds its own denial is affirmed", "affirmed"): """
        She <cannot sleep>.
        She cannot <sleep>.
        unable to <walk>
        He can't <move his arm>.
        She won't <eat>.
        Complains of <lack of energy>.
        <Loss of smell> for two days.
    """,
    ("what the examiner cannot find is denied", "negated"): """
        I cannot appreciate a <murmur>.
        <Gallbladder> not visualized.
        You may not <have symptoms>.
    """,
    ("a denial ends where what is there begins", "affirmed"): """
        Denies cough, <wheezing> on the left
        No effusion, small <pneumothorax>.
        No fracture, moderate <osteoarthritis>.
        No pneumothorax with stable <cardiomegaly>.
        but no plagiocephaly, low-set ears, left ptosis and a <high palate>.
        No fever and mild <cough>.
        Nontender, no guarding, ventral <hernia> easily reduced.
    """,
    ("a denied list goes on", "negated"): """
        Denies <cough>, wheezing on the left
        no <plagiocephaly>, low-set ears and a high palate.
        no cleft palate, <webbed neck> or murmur.
        Denies chest pain, <dyspnea> on exertion.
        No history of fatigue, weight change, <loss of appetite>, or weakness.
    """,
}


@pytest.mark.parametrize(("marked", "assertion"), lines_of(KINDS))
def test_each_kind_is_told(marked: str, assertion: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    assert told(marked.replace("<", "").replace(">", ""), start, end) == assertion
