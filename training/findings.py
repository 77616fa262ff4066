"""What notes find or do not find: symptoms and signs under their several names, and those that real sentences list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from clinsearch.language.assertions import find_assertions

# Names of one thing, the plain and the learned ones.
NAMES = """
fever | fevers | pyrexia | febrile illness | high temperature
chills | shaking chills | rigors
night sweats | drenching sweats at night
sweating | diaphoresis | sweats
fatigue | tiredness | exhaustion | lack of energy
malaise | feeling generally unwell
weight loss | unintentional weight loss | losing weight
weight gain | gaining weight
loss of appetite | anorexia | poor appetite | decreased appetite
headache | headaches | cephalalgia | head pain
migraine | migraine headache
dizziness | feeling dizzy
lightheadedness | presyncope | feeling faint
vertigo | spinning sensation
syncope | fainting | passing out | loss of consciousness
seizure | seizures | convulsions | fits
tremor | shaking of the hands | tremors
numbness | loss of sensation | hypesthesia
tingling | paresthesias | pins and needles
weakness | loss of strength | asthenia
confusion | disorientation | altered mental status
memory loss | amnesia | forgetfulness
slurred speech | dysarthria
trouble speaking | aphasia
difficulty walking | gait disturbance | unsteady gait
ataxia | incoordination | lack of coordination
insomnia | trouble sleeping | difficulty sleeping
depression | depressed mood | low mood
anxiety | nervousness | feeling anxious
suicidal ideation | suicidal thoughts | thoughts of suicide
hallucinations | hearing voices | seeing things that are not there
blurred vision | blurry vision
double vision | diplopia
loss of vision | blindness | vision loss
eye pain | ocular pain
eye redness | red eye | conjunctival injection
photophobia | sensitivity to light | light sensitivity
hearing loss | deafness | decreased hearing
tinnitus | ringing in the ears
ear pain | otalgia | earache
ear discharge | otorrhea
nosebleed | epistaxis | nosebleeds
nasal congestion | stuffy nose | blocked nose
runny nose | rhinorrhea | nasal discharge
sore throat | pharyngitis | throat pain
hoarseness | dysphonia | hoarse voice
difficulty swallowing | dysphagia | trouble swallowing
painful swallowing | odynophagia
neck pain | cervicalgia
neck stiffness | nuchal rigidity | stiff neck
neck mass | lump in the neck
swollen lymph nodes | lymphadenopathy | enlarged lymph nodes | adenopathy
goiter | thyromegaly | enlarged thyroid
chest pain | thoracic pain | pain in the chest
chest tightness | tightness in the chest | chest pressure
palpitations | heart racing | heart pounding
shortness of breath | dyspnea | breathlessness | difficulty breathing | SOB
dyspnea on exertion | shortness of breath with activity | exertional dyspnea
orthopnea | shortness of breath lying flat
paroxysmal nocturnal dyspnea | PND | waking at night short of breath
cough | coughing
sputum production | productive cough | phlegm
hemoptysis | coughing up blood
wheezing | wheeze | wheezes
crackles | rales
stridor | noisy breathing in
murmur | heart murmur | cardiac murmur
edema | swelling | fluid retention
leg swelling | lower extremity edema | swollen legs | peripheral edema
cyanosis | bluish discoloration of the lips
clubbing | digital clubbing
jugular venous distention | JVD | distended neck veins
nausea | feeling sick to the stomach
vomiting | emesis | throwing up
hematemesis | vomiting blood
heartburn | acid reflux | pyrosis
indigestion | dyspepsia
abdominal pain | belly pain | stomach pain | stomachache
abdominal distention | bloating | swollen abdomen
abdominal tenderness | tenderness of the abdomen
diarrhea | loose stools | watery stools
constipation | difficulty passing stool | infrequent bowel movements
melena | black tarry stools | black stools
hematochezia | blood in the stool | bright red blood per rectum | rectal bleeding
hemorrhoids | piles
jaundice | yellowing of the skin | icterus
hepatomegaly | enlarged liver
splenomegaly | enlarged spleen
ascites | fluid in the abdomen
dysuria | painful urination | burning with urination | burning on urination
hematuria | blood in the urine
urinary frequency | frequent urination
polyuria | excessive urination
urinary urgency | sudden urge to urinate
urinary incontinence | leaking urine | loss of bladder control
urinary retention | inability to urinate
nocturia | waking at night to urinate
polydipsia | excessive thirst
flank pain | loin pain
vaginal bleeding | bleeding from the vagina
vaginal discharge | leukorrhea
painful periods | dysmenorrhea | menstrual cramps
missed periods | amenorrhea
hot flashes | hot flushes
breast lump | breast mass
nipple discharge | discharge from the nipple
erectile dysfunction | impotence
testicular pain | pain in the testicle
back pain | low back pain | backache | lumbago
joint pain | arthralgia | painful joints
joint swelling | swollen joints
muscle pain | myalgia | muscle aches | body aches
muscle cramps | muscle spasms
leg pain | pain in the leg
calf pain | calf tenderness
knee pain | gonalgia
shoulder pain | pain in the shoulder
hip pain | pain in the hip
morning stiffness | stiffness in the morning
rash | skin eruption | skin rash | exanthem
itching | pruritus
hives | urticaria
erythema | redness of the skin
bruising | ecchymosis | easy bruising
petechiae | pinpoint skin hemorrhages
skin ulcer | ulceration of the skin | open sore
hair loss | alopecia
dry skin | xerosis
dry mouth | xerostomia
dry eyes | keratoconjunctivitis sicca
pallor | paleness
bleeding gums | gingival bleeding
heat intolerance | intolerance to heat
cold intolerance | intolerance to cold
hypertension | high blood pressure | HTN
hypotension | low blood pressure
tachycardia | rapid heart rate | fast heart rate
bradycardia | slow heart rate
atrial fibrillation | AF | a-fib
myocardial infarction | heart attack | MI
coronary artery disease | CAD | ischemic heart disease
heart failure | congestive heart failure | CHF
stroke | cerebrovascular accident | CVA
transient ischemic attack | TIA | mini-stroke
deep vein thrombosis | DVT | blood clot in the leg
pulmonary embolism | PE | blood clot in the lung
peripheral vascular disease | poor circulation in the legs | PVD
aortic aneurysm | aneurysm of the aorta
pneumonia | lung infection
asthma | reactive airway disease
chronic obstructive pulmonary disease | COPD | emphysema
tuberculosis | TB
pleural effusion | fluid around the lung
pneumothorax | collapsed lung
sleep apnea | obstructive sleep apnea | OSA
diabetes mellitus | diabetes | DM | sugar diabetes
hypoglycemia | low blood sugar
hyperglycemia | high blood sugar
hyperlipidemia | high cholesterol | hypercholesterolemia
hypothyroidism | underactive thyroid
hyperthyroidism | overactive thyroid
gout | gouty arthritis
osteoporosis | thinning of the bones
osteoarthritis | degenerative joint disease | DJD
rheumatoid arthritis | RA
fracture | broken bone | fractures
dislocation | joint out of place
kidney stones | nephrolithiasis | renal calculi
chronic kidney disease | CKD | chronic renal insufficiency
kidney failure | renal failure
urinary tract infection | UTI | bladder infection
hydronephrosis | swelling of the kidney
enlarged prostate | benign prostatic hyperplasia | BPH
gallstones | cholelithiasis
appendicitis | inflamed appendix
pancreatitis | inflammation of the pancreas
hepatitis | liver inflammation
cirrhosis | scarring of the liver
peptic ulcer | stomach ulcer | PUD
gastroesophageal reflux disease | GERD
diverticulitis | inflamed diverticula
bowel obstruction | blocked bowel
hernia | herniation
cellulitis | skin infection
abscess | collection of pus
sepsis | blood poisoning | septicemia
meningitis | inflammation of the meninges
infection | infectious process
cancer | malignancy | malignant neoplasm
metastases | metastatic disease | spread of cancer
breast cancer | carcinoma of the breast
colon cancer | carcinoma of the colon
lung cancer | carcinoma of the lung
prostate cancer | carcinoma of the prostate
lymphoma | cancer of the lymph nodes
leukemia | cancer of the blood
anemia | low blood count | low hemoglobin
thrombocytopenia | low platelets
neutropenia | low white cells
dementia | cognitive decline
parkinsonism | Parkinson's disease
epilepsy | seizure disorder
multiple sclerosis | demyelinating disease
neuropathy | nerve damage
carpal tunnel syndrome | median nerve compression
sinusitis | sinus infection
otitis media | middle ear infection
allergies | allergic reaction
anaphylaxis | severe allergic reaction
alcohol abuse | alcoholism | heavy drinking
tobacco use | smoking | cigarette use
drug abuse | substance abuse | illicit drug use
head injury | head trauma
foreign body | retained foreign object
mass | tumor | neoplasm
nodule | small lump
hemorrhage | bleeding
hematoma | collection of blood
inflammation | inflammatory change
stenosis | narrowing
"""

SOURCES = frozenset({"mtsamples", "aci-bench", "mts-dialog"})
SHORTEST, LONGEST, MOST_WORDS = 4, 40, 3
LEAST_SEEN = 3
_PART = re.compile(r",|;|\.|:|\bor\b|\band\b|\bnor\b")
_TERM = re.compile(r"[a-z][a-z' -]+")
_LEADING = re.compile(
    r"^(?:any|recent|significant|new|the|an|a|of|other|some|obvious|acute|further|current|associated|his|her"
    r"|evidence of|history of|signs of|symptoms of|active)\s+"
)
# Heads of phrases that say nothing of a patient, or say it only of what a sentence was about.
_NO_FINDINGS = """
    it this that she he they them these those we in on with to all at be is are was were been has had the help
    etc done alcohol tobacco smoke drink smoking drinking children work known sure well performed present
    problems issues symptoms complaints complications changes abnormalities abnormality findings signs
    questions concerns side bowel chest neck cervical axillary anterior motor patient there otherwise contrast
    other significant normal stable healthy lower upper extremities abdomen eye heart thyroid throat bladder
    kidney liver spleen blood sugar head hands feet nose mouth gastroenterology radiology ophthalmology
    neurology cardiology medications medication surgery surgeries treatment test tests answer needed better
    currently recently alert available given seen drains specimens hearing vision concentration pressure
    disease condition illness change case time use used noted tested obtained placed dissected palpated
    encountered surgeon insurance history travel pets home risks distress auditory visual her moderate tender
    nontender working obstructing renal resistance sensitivity stand move moves examined plica venous varus
    cystic cold epinephrine cytology holes ovaries retardation suicidal noncontributory rebound frequency
    drift painful factors lifting sleep contacts tattoos canal romberg nodes distended bulging decompensation
    disruption his nan musculoskeletal cardiovascular neurologic supraclavicular inguinal cultures urine stool
    ultrasound
"""
NO_FINDINGS = frozenset(_NO_FINDINGS.split())


def named_findings() -> dict[str, list[str]]:
    """Return the names of each finding of the list above, by the first of them."""
    rows = ([name.strip() for name in line.split("|")] for line in NAMES.strip().splitlines())
    return {names[0]: names for names in rows}


def harvest(sentences: Iterable[str], known: Mapping[str, Sequence[str]]) -> list[str]:
    """Find what sentences deny or affirm in lists, and is not known yet; the most frequent first."""
    named = {name.lower() for names in known.values() for name in names}
    seen = Counter(term for sentence in sentences for term in _denied_terms(sentence))
    return [
        term
        for term, times in sorted(seen.items(), key=lambda item: (-item[1], item[0]))
        if times >= LEAST_SEEN and term not in named and _is_finding(term)
    ]


def _denied_terms(sentence: str) -> Iterable[str]:
    for span in find_assertions(sentence):
        if span.assertion == "negated":
            for part in _PART.split(sentence[span.start : span.end].lower()):
                yield _LEADING.sub("", _LEADING.sub("", part.strip()))


def _is_finding(term: str) -> bool:
    words = term.split()
    is_of_size = SHORTEST <= len(term) <= LONGEST and len(words) <= MOST_WORDS
    return is_of_size and bool(_TERM.fullmatch(term)) and not NO_FINDINGS & {words[0], words[-1]}
