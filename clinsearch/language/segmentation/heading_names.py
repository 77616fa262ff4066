"""The headings of notes: every known spelling, with its normalised name."""

from __future__ import annotations

import re

# Case, punctuation and the words "and", "the", "of" and "for" make no difference.
_SPELLINGS = {
    "chief complaint": (
        "reason for visit, chief complaints, chief complaint (1/1), cc, presenting complaint, complaint, "
        "chief complaint and reason for visit, reason for visit/chief complaint"
    ),
    "history of present illness": (
        "hx, hpi, history of presenting illness, history of present complaint, "
        "history of presenting complaint, history of present problem, history of presenting problem, "
        "brief history of present illness, present illness, history of illness, brief history, "
        "history"
    ),
    "past medical history": (
        "pmh, pmhx, past medical hx, medical history, past history, other medical history, "
        "previous medical history, prior medical history, medical, significant past medical history, "
        "medical hx, past medical, history of past illness, history of past medical illness, "
        "resolved problems"
    ),
    "problem list": "problems, active problems, active problem list, current problems, medical problems, problem list",
    "past surgical history": (
        "surgical, psh, pshx, past surgical hx, surgical history, surgical hx, prior surgeries, "
        "previous surgeries, past surgeries, surgeries, past operations"
    ),
    "family history": "fh, fhx, family hx, family medical history, past family history, famhx",
    "social history": (
        "soch, sh, shx, social hx, social, personal and social history, personal history, sochx, soc hx"
    ),
    "medications": (
        "current medications at home, medication, meds, current medications, current meds, "
        "home medications, home meds, medications on admission, admission medications, "
        "medications at home, outpatient medications, present medications, medication list, "
        "medications prior to admission, current medication, current outpatient medications, "
        "preadmission medications, medicines, medication history, history of medication use"
    ),
    "allergies": (
        "allergy, all, drug allergies, allergies to medications, allergies to medicines, "
        "medication allergies, known allergies, allergies and reactions, allergies to drugs, "
        "active allergies, allergies and adverse reactions, allergies and intolerances, "
        "allergies adverse reactions alerts, allergies adverse reactions"
    ),
    "review of systems": (
        "ros, systems review, review of system, review of symptoms, general review of systems, "
        "pertinent review of systems"
    ),
    "physical examination": (
        "physical exam, pe, pex, px, exam, examination, physical, on examination, objective exam, "
        "general physical examination, physical examination on admission, physical exam on admission, "
        "admission physical examination, phys exam, physical findings, hospital discharge physical"
    ),
    "vital signs": (
        "vit, vs reviewed, vital signs reviewed, vitals, vs, vital signs on admission, "
        "vitals reviewed, admission vital signs, last filed vital signs"
    ),
    "laboratory": (
        "laboratories, laboratory data, labs, lab, laboratory studies, laboratory results, "
        "laboratory findings, laboratory tests, lab data, lab results, laboratory examination, "
        "laboratory evaluation, micro, microbiology, pertinent laboratory data, pertinent labs, "
        "admission labs, pertinent results, laboratory values, lab work, labs on admission, "
        "laboratory work, lab tests, laboratory and x ray data"
    ),
    "imaging": (
        "radiologic data, radiological data, radiographic data, medical imaging, imaging studies, "
        "radiology, x-rays, x-ray, xrays, chest x-ray, cxr, radiographs, imaging data, "
        "radiographic studies, radiologic studies, radiology results, radiology studies, "
        "imaging results, radiographic findings, radiologic examination"
    ),
    "diagnostics": (
        "diagnostic studies, diagnostic data, ekg, ecg, electrocardiogram, results, studies, "
        "test results, diagnostic tests, diagnostic testing, diagnostic results, data reviewed, tests, "
        "ekg findings, diagnostic evaluation, pertinent data"
    ),
    "assessment": "a, assessments, clinical assessment, overall assessment",
    "plan": (
        "plans/recommendations, p, plans, plan by system, treatment plan, plan of care, "
        "plan of treatment, postoperative plan, recommendations, recommendation, "
        "recommendations and plan, recs, postop plan, discharge plan"
    ),
    "assessment and plan": (
        "a/p, ap, impression and plan, assessment and recommendations, impression and recommendations, "
        "assessment and recommendation, problems and plan"
    ),
    "hospital course": (
        "brief hospital course, course, course in hospital, hospital course by problem, "
        "hospital course by system, hospital course and treatment, summary of hospital course, "
        "hospital course of care"
    ),
    "procedure": (
        "operations/procedures, procedures done, procedure done, principal procedure, procedures, "
        "procedure performed, procedures performed, operation, operations, operation performed, "
        "operations performed, title of operation, title of procedure, name of operation, "
        "name of procedure, operative procedure, operative procedures, operation and procedure, "
        "surgery, surgical procedure, procedure(s), procedure(s) performed, "
        "operative procedure performed, title of procedures, operation(s) performed, procedure name, "
        "major surgical or invasive procedure, surgery performed, "
        "procedures during this hospitalization, surgical procedures, name of procedures"
    ),
    "preoperative diagnosis": (
        "preoperative diagnoses, preop diagnosis, preop diagnoses, pre-op diagnosis, "
        "pre-operative diagnosis, pre-operative diagnoses, preprocedure diagnosis, "
        "preoperative diagnosis (es), pre-procedure diagnosis, pre-op diagnoses, preoperative dx, "
        "preop dx"
    ),
    "postoperative diagnosis": (
        "postoperative diagnoses, postop diagnosis, postop diagnoses, post-op diagnosis, "
        "post-operative diagnosis, post-operative diagnoses, postprocedure diagnosis, "
        "postoperative diagnosis (es), post-procedure diagnosis, post-op diagnoses, postoperative dx, "
        "postop dx"
    ),
    "diagnosis": (
        "diagnoses, final diagnosis, final diagnoses, dx, secondary diagnosis, secondary diagnoses, "
        "primary diagnosis, primary diagnoses, principal diagnosis, clinical diagnosis, "
        "current diagnosis, current diagnoses, diagnosis(es), initial diagnosis, initial diagnoses, "
        "other diagnoses, working diagnosis, visit diagnoses, visit diagnosis, encounter diagnoses, "
        "encounter diagnosis"
    ),
    "indication": (
        "clinical, clinical information, clinical data, indications, indications for procedure, "
        "indication for procedure, indications for operation, indication for operation, "
        "indications for surgery, indication for surgery, indications for this procedure, "
        "operative indications, clinical history, reason for exam, reason for examination, "
        "reason for study, reason for test, clinical indication, clinical indications, "
        "indications for exam, indication for study, reason for procedure, surgical indications, "
        "indications for study, indication for exam, indications for test"
    ),
    "findings": (
        "operative findings, intraoperative findings, gross findings, gross operative findings, "
        "surgical findings, procedure findings, abnormal findings, finding"
    ),
    "impression": (
        "summary and impressions, impressions, clinical impression, conclusion, conclusions, "
        "diagnostic impression, imp, initial impression, final impression, overall impression, "
        "opinion"
    ),
    "technique": "techniques, procedure technique, imaging technique, scan technique, protocol",
    "comparison": "comparisons, comparison study, comparison studies",
    "anesthesia": "anesthetic, anaesthesia, type of anesthesia, anesthesia type",
    "complications": "complication, intraoperative complications, operative complications",
    "estimated blood loss": "ebl, blood loss, estimated blood loss (ebl), est blood loss",
    "specimens": (
        "specimen, specimens removed, specimens sent, specimen removed, specimen(s), specimen sent, "
        "specimens to pathology, specimen to pathology, specimens obtained"
    ),
    "disposition": "dispo, discharge disposition, disposition and plan, patient disposition",
    "discharge instructions": (
        "instructions, patient instructions, instructions on discharge, "
        "discharge instructions and plan, home instructions, instructions given, "
        "instructions at discharge, hospital discharge instructions"
    ),
    "follow-up": (
        "followup, f/u, followup instructions, follow-up instructions, followup plan, follow-up plan, "
        "follow-up appointment, follow-up appointments, discharge followup, return visit, "
        "followup appointment, follow-up care, followup care"
    ),
    "discharge medications": (
        "medications on discharge, medications at discharge, discharge meds, "
        "medications upon discharge, discharge medication, medications prescribed, meds on discharge, "
        "hospital discharge medications"
    ),
    "discharge diagnosis": (
        "discharge diagnoses, final discharge diagnosis, diagnoses on discharge, "
        "diagnosis on discharge, diagnosis at discharge, diagnoses at discharge, "
        "final discharge diagnoses, hospital discharge diagnosis, hospital discharge diagnoses"
    ),
    "discharge condition": (
        "condition on discharge, condition at discharge, condition upon discharge, "
        "condition upon disposition, patient condition, status at discharge"
    ),
    "admission diagnosis": (
        "admission diagnoses, admitting diagnosis, admitting diagnoses, diagnosis on admission, "
        "admit diagnosis, diagnoses on admission, admit diagnoses, diagnosis at admission, "
        "hospital admission diagnosis, hospital admission diagnoses"
    ),
    "immunizations": (
        "immunization, immunization history, vaccines, vaccinations, immunization status, history of immunizations"
    ),
    "general": ("gen, general status, general appearance, gen exam, general exam, general examination, gen appearance"),
    "heent": (
        "enmt, hent, head, eyes, ears, nose, throat, ent, eye, ear, head and neck, mouth, oropharynx, "
        "ears nose mouth and throat, ears nose and throat, nose mouth and throat, heent exam, "
        "head eyes ears nose throat, head and face, head/eyes, eyes ears nose and throat, "
        "ears eyes nose throat, ear nose and throat, eyes nose and throat, oral cavity, "
        "head ears eyes nose and throat"
    ),
    "neck": "neck exam, neck examination, neck and thyroid",
    "cardiovascular": (
        "cv, cvs, heart, cardiac, cor, cardio, cardiac exam, cardiovascular exam, heart exam, "
        "cardiovascular system, cardiovascular examination, cardiovascular/heart, cardiac examination, "
        "heart sounds"
    ),
    "respiratory": (
        "resp, lungs, lung, pulmonary, pulm, chest, chest/lungs, lungs/chest, lung exam, "
        "respiratory system, pulmonary/chest, respiratory exam, pulmonary exam, thorax and lungs, "
        "lung fields, thorax"
    ),
    "abdomen": (
        "abd, gi, gastrointestinal, abdominal, abdominal exam, abdomen exam, abdominal examination, "
        "gastrointestinal exam, gi exam, abdomen/gi"
    ),
    "genitourinary": (
        "gu, genitalia, genital, urinary, pelvic, pelvic exam, genitals, urologic, urological, gyn, "
        "pelvis, genitourinary exam, gu exam, gynecologic, pelvic examination, external genitalia, "
        "renal/gu"
    ),
    "extremities": (
        "ext, exts, extremity, extr, extrem, lower extremities, upper extremities, lower extremity, "
        "upper extremity, extremity exam, extremities exam"
    ),
    "neurologic": (
        "neurological/psychiatric, neurological/psychological, neurologic/psychiatric, neuro/psych, "
        "neuro, neurological, neurologic exam, neurological exam, neuro exam, cns, neurology, "
        "neurologic examination, neurological examination, nervous system, central nervous system"
    ),
    "psychiatric": "psych, psychiatry, psychological, psychiatric exam",
    "skin": "derm, integumentary, integument, dermatologic, skin exam, dermatological, dermatology",
    "musculoskeletal": "msk, musculoskeletal exam, musculoskeletal system, msk exam, orthopedic",
    "subjective": "s, subj, subjective data",
    "objective": "o, obj, objective data",
    "interval history": (
        "24 hour events, 24h events, interval events, overnight events, 24 hr events, "
        "events overnight, interim history, interval hpi, last 24 hours, interval update"
    ),
    "consultants": (
        "consultations, consults, consultant, consultation, consulting physicians, consult, hospital consultations"
    ),
    "code status": "resuscitation status, dnr status, code/contact",
    "reason for consultation": (
        "chief reason for consultation, reason for consult, consult question, reason for referral, "
        "reason for consultation/referral, consultation reason, reason for request"
    ),
    "procedure description": (
        "description of procedure, procedure in detail, description of operation, procedure detail, "
        "procedure details, details of procedure, operative technique, operative procedure in detail, "
        "operation in detail, details of operation, operative description, "
        "description of procedure in detail, operative report in detail, operative details, "
        "summary of procedure, narrative of procedure, surgical technique, operative course, "
        "description of surgery, procedure in details, technique in detail, operative narrative, "
        "detailed description of procedure"
    ),
    "obstetric history": (
        "obstetrical history, ob history, ob/gyn history, ob hx, pregnancy history, "
        "past obstetric history, past obstetrical history, past ob history, ob/gyn hx, obhx"
    ),
    "developmental history": "development, developmental, growth and development",
    "constitutional": "constitutional symptoms",
    "breasts": "breast, breast exam",
    "endocrine": "endocrinologic, endo",
    "hematologic/lymphatic": (
        "hematologic, heme, hematology, lymphatic, lymphatics, lymph, lymph nodes, heme/lymph, "
        "hematology/lymphatic/immunology, hematological, heme/onc"
    ),
    "allergic/immunologic": "allergy/immunologic, immunologic, allergic/immunology",
    "education": "patient education, counseling, education and counseling",
}

_WORD = re.compile(r"[a-z0-9]+")
_SMALL_WORDS = frozenset({"and", "the", "of", "for"})


def _key(words: str) -> str:
    return " ".join(word for word in _WORD.findall(words.lower()) if word not in _SMALL_WORDS)


_NAMES = {_key(words): name for name, listed in _SPELLINGS.items() for words in (name, *listed.split(","))}


def heading_name(words: str) -> str | None:
    """Return the normalised name of a heading, or None if the words are no known heading."""
    return _NAMES.get(_key(words))
