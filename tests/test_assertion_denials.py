"""What is denied with what would show it, what stays in doubt, and where a doubt ends."""

from __future__ import annotations

import pytest

from benchmarks.assertions import told
from tests.support.assertion_lines import lines_of

# What is asserted of the words in brackets in each line below.
KINDS = {
    ("what would show a finding is denied, and the finding with it", "negated"): """
        No convincing radiographic evidence of <pneumonia>.
        No CT findings of acute <aortic dissection>; calcification of the arch.
        No convincing sonographic evidence of <cholecystitis>.
        No definite CT signs of <appendicitis>.
        No specific imaging features of <sarcoidosis>.
        There is no compelling clinical evidence for <meningitis>.
        Without convincing radiographic evidence of <fracture>.
        No mammographic evidence of <malignancy>.
        No MR findings of <cord compression>.
        No direct signs of <venous thrombosis>, no collaterals.
        No radiologic or clinical evidence of <recurrence>.
        No ECG findings of <ischemia>.
        No strong serologic evidence of <lupus> or vasculitis.
        No consolidation to suggest <pneumonia>.
        No warmth or erythema to suggest <cellulitis>.
        No fever, cough or sputum to suggest <pneumonia>.
        No ST changes concerning for <ischemia>.
        No lesion suspicious for <malignancy>.
        No mass effect to suggest <abscess> at this time.
        No meningeal signs suggestive of <meningitis>.
        No intracranial air suspicious for <fracture>.
        No lab abnormality to support <hemolysis>.
        No rash consistent with <zoster>.
        CP free, <dyspnea> free.
        No personal or family history of colon cancer, denies rectal <bleeding>.
        Stroke was considered but MRI was negative for <infarct>.
        No sonographic or CT evidence of <appendicitis>.
        No suspicious enhancement to suggest <recurrence>.
        No pleural thickening suggestive of <mesothelioma>.
        No obvious echocardiographic signs of <tamponade>.
        Lungs clear without focal findings to suggest <pneumonia>.
        No imaging evidence for <osteomyelitis>.
    """,
    ("what who does not use it denies", "negated"): """
        No findings to indicate <abuse>.
        Does not use <alcohol>, tobacco, or recreational drugs.
        Does not use alcohol, <tobacco>, or recreational drugs.
        Doesn't drink <alcohol>.
        Does not smoke <cigarettes>.
        He doesn't use <marijuana> or cocaine.
        She has never used <heroin>.
        Never smoked <cannabis>.
        Denies using <cocaine>.
        Pt does not abuse <opioids>.
        They do not chew <tobacco>.
        Does not drink <beer>, wine or spirits.
        Has not used <methamphetamine>.
        Patient does not use <marijuana>.
        Never used <heroin>.
        Not using <cocaine> at this time.
        Doesn't smoke <tobacco> or drink alcohol.
    """,
    ("a label denies the list behind it", "negated"): """
        Absent: <fever>, chills, rash.
        Absent: fever, <chills>, rash.
        Absent: fever, chills, <rash>.
        Negatives: <fever>, chills, rash.
        Negatives: fever, chills, <rash>.
        Negative: cough, <dyspnea>
        Denied: fever, <vomiting>, melena
        Denies: chest pain, <palpitations>
        Not present: <edema>, jaundice
        Pertinent negatives: fever, <stiff neck>.
        Negatives: hemoptysis, <weight loss>.
        Not endorsed: <insomnia>, anhedonia.
        Absent: clubbing, cyanosis, <edema>.
    """,
    ("an answer denies what was asked", "negated"): """
        Any <chest pain>? No.
        Any <chest pain>? None.
        Any fevers? Yes. Any <rash>? No.
        Is there a <rash>? No.
        Do you have <headaches>? No, never.
        Has he had <vomiting>? Not at all.
        <Chest pain>? Denies.
        <Dysuria>? Nope.
        Is there a <rash>? Not currently.
        Is there <swelling>? Not now.
        <Wheezing>? Not today.
        Any <seizures>? Not recently.
        Any history of <stroke>? No.
        Personal history of <melanoma>: no.
        Any <joint pain>? No, not since last visit.
        <Palpitations>? Not at present.
        Any <suicidal thoughts>? Not anymore.
        <Numbness>? Nope, none.
    """,
    ("a label affirms the list behind it", "affirmed"): """
        Present: <fever>, chills
        Present: fever, <chills>
        Positives: fever, <chills>
        Positive: <cough>, dyspnea
    """,
    ("how often is an answer that affirms", "affirmed"): """
        Any <chest pain>? Yes.
        <Headache>? sometimes.
        Nausea? yes. Fever? no. <Headache>? sometimes.
        <Cough>? A little.
        <Cough>? Occasionally.
        <Dizziness>? Often, on standing.
        <Insomnia>? Most nights.
        <Nausea>? Mild.
        <Itching>? Yes, at night.
        <Constipation>? Now and then.
        <Pain>? A bit.
        <Tremor>? Some days.
        <Snoring>? Every night.
        <Reflux>? Often.
        <Itching>? A lot.
    """,
    ("what a drug is given for is there", "affirmed"): """
        Drug reaction to Bactrim prescribed for <UTI>.
        Likely drug reaction to Bactrim prescribed for <UTI>.
        Taking ciprofloxacin for <UTI>.
        On warfarin for <atrial fibrillation>, possible bleed.
        Possible statin myopathy; on atorvastatin for <hyperlipidemia>.
        Likely side effect of lisinopril, which he takes for <hypertension>.
        Suspect allergy to amoxicillin given for <otitis>.
        Probable tendon injury from levofloxacin used for <pneumonia>.
        Likely hypoglycemia from glipizide taken for <diabetes>.
        May be due to the prednisone started for <asthma>.
        Possible rash from lamotrigine prescribed for <epilepsy>.
        Rash probably from the sulfa prescribed for <cystitis>.
        Suspected lithium toxicity; takes it for <bipolar disorder>.
    """,
    ("doubtful is only what it explains", "affirmed"): """
        Negative for thromboembolism, but shows a multilobar <pneumonia> which likely accounts for the hypoxia.
        There is a large <effusion> which probably explains his dyspnea.
        CT shows <appendicitis>, which likely accounts for the pain.
        She has <anemia> that may explain her fatigue.
        MRI reveals a <meningioma> which could account for the seizures.
        We found a <hernia>, which likely explains the pain.
        CT demonstrates <diverticulitis>, which likely explains his fever.
        There is <splenomegaly> which may account for the thrombocytopenia.
    """,
    ("what something new is superimposed on is there", "affirmed"): """
        Findings may reflect mild fluid overload superimposed on <emphysema>.
        Possible edema superimposed on <COPD>.
        Likely infection in the setting of known <bronchiectasis>.
        Possible pneumonia on a background of <fibrosis>.
        Probable infarct on top of <cerebral atrophy>.
        Possible superinfection superimposed on <psoriasis>.
    """,
    ("a former habit is past, what goes with it is not", "affirmed"): """
        Ex-smoker, with <hypertension>, type 2 diabetes.
        Ex-smoker, with hypertension, type 2 <diabetes>.
        Retired welder, ex-smoker, with <hypertension>.
        Former drinker with <cirrhosis>.
        Former smoker with <COPD>.
        Ex-smoker with <hypertension>.
        Prior alcoholic, with <pancreatitis>.
        Old chronic nonocclusive <DVT> in left popliteal, unchanged.
        Former alcoholic with <cirrhosis>.
        Ex-miner with <silicosis>.
    """,
    ("what is not over yet is there", "affirmed"): """
        Film in 6 weeks to document resolution of the <pneumonia>.
        Follow-up to ensure resolution of the <effusion>.
        Repeat CT to confirm resolution of the <abscess>.
        Partial resolution of the <hematoma>.
        Incomplete clearing of the <opacity>.
        Near complete resolution of <pneumothorax>.
        Awaiting resolution of <ileus>.
        The <rash> has not cleared.
        <Pain> has not stopped.
        <Edema> has partially resolved.
        <Nodule> is stable.
        Chest film in 8 weeks to confirm resolution of the <infiltrate>.
        Follow until resolution of <hematuria>.
        Slight interval clearing of the <edema>.
        <Pain> not settled with morphine.
        <Fever> has not settled.
        She uses CPAP; does not use oxygen for <COPD>.
    """,
    ("a differential is a list", "possible"): """
        Ddx includes nonconvulsive <seizure>, stroke, UTI, ongoing alcohol use.
        Ddx includes seizure, <stroke>, UTI.
        Altered mental status: ddx includes seizure, stroke, <UTI>, ongoing alcohol use.
        Differential includes gout, <pseudogout>, septic joint.
        Ddx - PE, <pneumonia>, MI
        Differential diagnosis: lupus, <vasculitis>, drug.
        <Vasculitis> is on the differential.
        <PE> on ddx.
        <Meningitis> remains on the differential.
        Ddx includes asthma, <bronchiolitis>, foreign body.
        Differential: <ITP>, TTP, drug effect.
        DDx: viral, <Kawasaki>, scarlet fever
        <Pyelonephritis> remains on the differential.
    """,
    ("what is being considered is possible", "possible"): """
        <Renovascular hypertension> being considered, duplex ordered.
        <Lymphoma> also being considered.
        <Hypertension> to be confirmed outpatient.
        <Diabetes> to be confirmed.
        <Fracture> yet to be confirmed.
        <Pneumonia> at the left base remains a consideration.
        <Stroke> was considered but MRI was normal.
        <Endocarditis> being considered, TEE ordered.
        <Celiac disease> to be confirmed by biopsy.
        <Tuberculosis>, awaiting confirmation.
    """,
    ("what is not excluded is possible", "possible"): """
        <Mediastinal widening> is not definitely excluded.
        A small <pneumothorax> is not entirely excluded.
        <Fracture> cannot be confidently excluded.
        <Aspiration pneumonia> would be difficult to exclude.
        <Infection> is difficult to exclude.
        Superimposed <infection> is hard to exclude.
        <Infarct> would be hard to rule out on this study.
        <Sepsis> not definitely ruled out.
        A small <pneumothorax> is not completely excluded.
        <Occult fracture> is not entirely ruled out.
        Small <effusion> would be difficult to exclude.
        <Scaphoid fracture> is difficult to rule out.
    """,
    ("what may hide is possible", "possible"): """
        <Pneumonia> at the left base would be hidden by the heart.
        A <nodule> could be obscured by the effusion.
        Small <effusion> may be hidden.
        The mass might harbor <malignancy>.
        The polyp may harbor <carcinoma>.
        The cyst could harbour <infection>.
        Findings could be masking a <nodule>.
        A <nodule> may be hidden behind the heart.
        Subtle <fracture> could be missed on this study.
        The cyst may harbor <carcinoma>.
    """,
    ("what is to be ruled out may be", "possible"): """
        Dyspnea, h/o CHF, eval <pulm edema> and effusions.
        Fall, eval <fracture>.
        <CVA> r/o - CT head neg.
        <MI> r/o - troponins pending.
        <PE> r/o, CTA ordered.
        <ACS> rule out.
    """,
}


@pytest.mark.parametrize(("marked", "assertion"), lines_of(KINDS))
def test_each_kind_is_told(marked: str, assertion: str) -> None:
    start, end = marked.index("<"), marked.index(">") - 1
    assert told(marked.replace("<", "").replace(">", ""), start, end) == assertion
