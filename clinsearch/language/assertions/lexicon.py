"""The word lists that decide where a cue looks and where its scope ends."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASIDE = _words(
    "on at in by today throughout bilaterally this x since as per with from # after until till before so then now"
    " yesterday twice both times and or & overnight again was is were are x1 x2 x3 for too radiographically clinically"
    " subsequently later"
)
# People and things that are tested: in "HIV negative man" HIV is negated.
TESTED = _words(
    "patient patients pt man men woman women male female males females gentleman lady boy girl mother mothers"
    " donor donors partner individual individuals people person persons status group cohort stool stools tumor"
    " tumors tumour tumours cancer cancers carcinoma disease infection hepatitis patient's culture cultures"
)
# In "ANA negative lupus" ANA is negated, whatever follows.
TEST_NAMES = _words(
    "ana anca antibody antigen brca cmv covid culture ebv er flu guaiac hbeag hbsag hbv hcg hcv heme hemoccult her2 hiv"
    " hpv hsv influenza lyme mrsa pcr ppd pr receptor rf rpr rsv screen smear strep swab test vdrl"
)
# A result after these words is not about them: "has a negative Romberg", "with negative margins".
NOT_TESTED = _words(
    "a an the with has had have having is was were are be been no and or of by for to any all his her their its"
    " this that these those initial recent repeat repeated otherwise essentially strong single previous"
    " previously prior multiple several other overall grossly currently two three # ros exam pt patient she he"
    " they which but also showed shows revealed reveals demonstrated included including despite from in on at"
    " after given strongly initially then now persistently consistently possible likely systems review more most"
    " less"
)
ASKING = _words(
    "you your yours i we he she they it this that these those what when where which who whose why how any"
    " anything do does did is are was were am be been have has had can could will would should shall may might"
    " okay ok right so well and there here pain-free let sorry what's how's there's that's it's else about really"
    " yeah alright huh good bad better worse same to me us him her them today now sure"
)
# These begin an affirmed finding: "no rub, mild edema", "no ptosis and a high palate".
THERE = _words(
    "mild mildly moderate moderately severe marked markedly slight slightly trace minimal persistent residual"
    " chronic large small tiny faint prominent few # positive normal stable unchanged some occasional scattered"
    " diffuse worsening increased decreased incontinent alert oriented awake ambulatory tolerating voiding"
)
# An "and" before these begins a clause: "had an echo and her symptoms resolved".
CLAUSAL = _words("he she they it his her their then the this that patient pt")
ARTICLES = _words("a an one his")
INDEFINITE = _words("a an one")
PLACES = _words("on in at over")
SIDES = _words("left right l r base bases apex both")
# To negate one of these does not negate what it is of: "no change in the nodule", "no workup of the cyst".
HANDLING = _words(
    "change changes increase decrease worsening progression improvement relief benefit response effect difference"
    " growth treatment treatments therapy workup work evaluation intervention interventions imaging testing tests"
    " need cure diagnosis cause causes explanation reason plan plans medication medications medicine medicines"
    " management surgery antibiotics control compliance success adherence luck information biopsy"
    " repair drainage resection referral etiology origin source basis indication mri ct scan ultrasound follow"
    " followup up"
)
ABOUT = _words("of for in on to with about regarding from as")
# But "no change in vision" negates the whole.
FUNCTIONS = _words(
    "vision hearing appetite weight bowel bowels bladder urinary urination stool stools speech voice gait mental"
    " sleep mood energy activity sensation taste smell strength urine menses memory consciousness behavior"
    " behaviour skin sensorium cognition libido exercise visual breathing swallowing balance"
)
OWN = _words("his her their the my")
# A change of a function is a symptom: "no change in vision" negates it.
CHANGES = _words("change changes")
# Words that may come between such a cue as "call if" and the colon of its list.
ANNOUNCING = _words(
    "any noted the following of occur occurs develop develops symptoms symptom signs sign such as these worsening"
    " new questions concerns or and precautions given reviewed discussed including problems occurring experience"
    " you have explained with patient for instructions reasons were was"
)
SUBJECTS = _words("he she they we i")
STATES = _words("stable unchanged persistent chronic residual mild moderate severe marked good normal")
PENDING = _words("once until till when unless if")
# The word after it tells a minus ("Ext: -edema") from a bullet ("Plan: -aspirin").
SIGNED_WORDS = _words(
    "ascites bleeding bruits chills clonus clubbing cough crackles cramps cvat cva cyanosis deformity diaphoresis"
    " diarrhea discharge distension dysuria edema effusion erythema exudate fever fevers gallop gallops guarding"
    " headache hematochezia hematuria hepatomegaly hepatosplenomegaly homans hsm icterus jaundice jvd lad"
    " lymphadenopathy lethargy melena murmur murmurs murphy murphys nausea nystagmus organomegaly orthopnea"
    " palpitations petechiae photophobia pallor pruritus rales rash rashes rebound rhinorrhea rhonchi romberg rub"
    " rubs splenomegaly stridor swelling syncope tenderness thrill tremor ttp ulcers vomiting weakness wheeze"
    " wheezes wheezing"
)
# A verdict ("was normal") on one of these negates what it looks for.
TESTS = _words(
    "testing work workup screen screened screening serology serologies evaluate evaluation evaluated tested test look"
    " looking"
)
# Words of a verdict on such a test: "screened for TB, all negative".
VERDICTS = _words("negative neg {normal} normal unremarkable nothing none")
# A history as short as this is of the present: "history of cough for three days".
DAYS = _words("hours hrs day days night nights week weeks wk wks")
LASTING = _words("for over past last x")
# Negated only until a time, or only as to its course, the finding is there: "did not notice the wound until today".
UNDOING = _words("until till")
BECOMING = _words("better worse improving improved worsening helping working")
# Stops after which the person stays the same: "his dad is on dialysis because of diabetes".
SAME_PERSON = _words("because due secondary owing after following since given on with which noted seen identified only")
VERBS = _words("has had is was are were does currently now then")
# Before one of these "should" means "if": "come in should bleeding occur".
COMING = _words(
    "occur develop worsen recur arise persist appear become happen continue return fail increase get start begin"
    " progress spread ensue develops occurs appears recurs begins starts worsens returns arises persists comes"
)
# After "when" only these: "when dizziness occurs, sit down".
RECURRING = frozenset(word for word in COMING if word.endswith("s"))
# With one of these and a month an illness is historical.
STAYS = _words("hospitalized hospitalised admitted treated underwent contracted sustained survived suffered stayed")
# What who denies a use denies: "does not use tobacco", but not "does not use CPAP for apnea".
SUBSTANCES = _words(
    "alcohol etoh beer wine liquor spirits tobacco nicotine cigarettes cigars pipe snuff vape vapes drugs drug illicit"
    " illicits recreational street marijuana cannabis thc cocaine crack heroin meth methamphetamine methamphetamines"
    " amphetamines opioids opiates ecstasy lsd"
)
# In "for headache take aspirin" the headache is to come, in "for his gout take colchicine" the gout is there.
TAKING = _words("take use give apply try chew inhale")
KNOWN = _words(
    "his her your their the known chronic this that those now example instance children people patients women men long"
    " younger older best more"
)
# What is said of a finding after these is said of where it was found: "the effusion seen on CT has cleared".
FOUND = _words("noted seen identified appreciated visualized visualised observed detected")
FOUND_AT = _words("on in at by during last previously after earlier before prior since")
# What was found then and is not seen now is over: "the previous effusion is not seen".
EARLIER = _words("previous previously prior former formerly earlier")
# But "the previously suspected effusion is not seen" denies it.
DOUBTED = _words("suspected questioned possible queried presumed concern concerning")
# Denied with these, what they would show is denied: "no definite evidence of sepsis", "no mass suspicious for cancer".
SHOWING = _words("evidence suggestive suspicious concerning worrisome consistent compatible indicative diagnostic")
FINDINGS = _words("findings finding evidence sign signs features feature stigmata")
