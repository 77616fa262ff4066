"""The words that may stand in the blanks of the tables of cues; "-" is none."""

from __future__ import annotations

WORDING = {
    "be": "is | are | was | were | has been | have been | had been",
    "not": (
        "not | never | does not | do not | did not | doesn't | don't | didn't | doesnt | dont | didnt | has not"
        " | have not | had not | hasn't | haven't | hadn't | hasnt | havent | didn't ever | wasn't ever | has never"
        " | have never | had never | never has | never had | not yet | is not | are not | was not | were not"
        " | isn't | aren't | wasn't | weren't | i'm not | he's not | she's not | they're not | you're not"
    ),
    "not_do": (
        "never | does not | do not | did not | doesn't | don't | didn't | doesnt | dont | didnt | has not"
        " | have not | had not | hasn't | haven't | hadn't | hasnt | havent | has never | have never | had never"
        " | never has | never had | has not ever | not ever | not had"
    ),
    "not_be": (
        "not | is not | are not | was not | were not | isn't | aren't | wasn't | weren't | not been | never been"
        " | has not been | have not been | had not been | hasn't been | haven't been | hadn't been | has never been"
        " | is never | was never | were never | are never | i'm not | he's not | she's not | they're not"
        " | you're not | would not be | wouldn't be | should not be | could not be | not at all"
    ),
    "avowing": (
        "having | reporting | endorsing | complaining of | complaining about | experiencing | noticing | noting"
        " | feeling | describing | exhibiting | suffering from | bothered by | aware of | getting | showing"
        " | seeing | troubled by | admitting to | sustaining"
    ),
    "believe": (
        "believe | think | suspect | consider | feel that | feel this | feel he has | feel she has | believe this"
        " | think this | think that | believe there | anticipate"
    ),
    "felt": (
        "- | felt to be | thought to be | believed to be | considered | really | entirely | classically"
        " | clinically | very"
    ),
    "typical": (
        "typical of | typical for | consistent with | suggestive of | concerning for | indicative of"
        " | suspicious for | compatible with | worrisome for | characteristic of | diagnostic of | in keeping with"
        " | suspected of having | in favor of | convincing for | classic for | representative of | specific for"
    ),
    "came": (
        "came back | comes back | returned | has returned | returned as | reads | read as | reported as | reported"
        " | resulted | resulted as | turned out | tested | tests | has come back | have come back"
    ),
    "testing": (
        "testing | test | tests | work up | workup | screen | screening | serology | serologies | serologic testing"
        " | evaluation | panel | antibody | antibodies | antigen | swab | smear | titers | studies"
        " | testing in #year | test in #year | work up in #year"
    ),
    "handled": (
        "treatment | treatments | therapy | workup | work up | evaluation | intervention | imaging | testing"
        " | surgery | management | diagnosis | surgeries for | treatment for"
    ),
    "seek": (
        "seek care | seek medical care | seek medical attention | seek help | seek emergency care"
        " | go to the hospital | go to the emergency room | go to the nearest emergency room | go to the nearest ed"
        " | go to an emergency room | seek treatment | get help | seek medical advice | call for help"
        " | contact the clinic | contact the office | contact your physician | notify the physician"
        " | notify the office | notify the doctor | notify your doctor | call the doctor | call the physician"
        " | call md | call ho | call dr"
    ),
    "soon": "right away | immediately | promptly | at once | urgently | as soon as possible",
    "for": "for | for any | if | with | with any | should",
    "may": "may | might | could | can",
    "perceive": (
        "see | find | identify | palpate | appreciate | detect | elicit | visualize | visualise | hear"
        " | demonstrate | reproduce | recognize | discern"
    ),
    "fully": "- | yet | fully | completely | entirely | quite | totally",
    "partly": "partially | partly | incompletely | nearly | mostly | almost | largely | not | somewhat | slowly",
    "have": "has | have | had | having",
    "since": (
        "- | now | since | since then | completely | largely | mostly | entirely | fully | also | all | already"
        " | subsequently | spontaneously"
    ),
    "seems": "seems | seem | seemed | appears | appear | appeared | thought | felt | reported | said",
    "present": "presents | presented | presenting | present",
    "unit": (
        "mg | mcg | ml | cc | cm | mm | g | l | units | days | day | weeks | months | years | hours | hrs | minutes"
        " | min | times | refills | refill | tablets | tabs | pills | packs | pack | drinks | cigarettes | points"
        " | degrees | degree | vicryl | prolene | silk | chromic | monocryl | pds | maxon | ethibond | nylon"
        " | surgilon | ticron | tevdek | looped | and | to | of | out | station | am | pm | o'clock | percent | bpm"
        " | polysorb | biosyn | plain | dexon | suture | sutures | proline | vicryls | gauge | cycles | position"
    ),
    "graded": (
        "stage | grade | class | type | day | ecog | group | level | score | para | gravida | station | table"
        " | time | size | rai stage | zubrod | number | position"
    ),
    "cannot": "cannot | can not | can't | could not | couldn't | unable to | not able to",
    "adverb": "- | clearly | definitely | convincingly | currently | really | readily | actually | well",
    "any": "- | any",
    "avow": (
        "have | had | report | reported | endorse | endorsed | complain of | complain about | complained of | get"
        " | experience | experienced | notice | noticed | note | noted | feel | felt | recall | recalled | appear"
        " | show | shown | reveal | revealed | demonstrate | demonstrated | suggest | suggested | see | seen"
        " | describe | described | exhibit | exhibited | develop | developed | mention | mentioned | suffer from"
        " | suffered from | suffered | identify | identified | admit to | admitted to | appreciate | indicate"
        " | seem | support | sustain | sustained | display | present with | find | found | contain | observe"
        " | observed | detect | detected | been having | been experiencing | been bothered by | been diagnosed with"
        " | look"
    ),
    "seen": (
        "seen | identified | noted | present | appreciated | found | detected | demonstrated | visualized"
        " | visualised | evident | observed | elicited | palpated | palpable | apparent | reported | endorsed"
        " | heard | felt | encountered | confirmed | suspected | shown | recognized | recognised | evidenced"
        " | audible | visible | there | described | documented | revealed | reproduced | experienced | indicated"
        " | recalled"
    ),
    "sign": (
        "evidence | sign | signs | indication | symptoms | symptom | suggestion | findings | complaint | complaints"
        " | mention | episodes | episode | appearance | features | stigmata | reports | report"
    ),
    "some": (
        "# | a | one | two | three | four | five | six | seven | eight | nine | ten | twelve | twenty | several"
        " | many | some | few | a few | couple | a couple of | numerous"
    ),
    "period": "year | years | decade | decades | yrs | yr | month | months",
    "person": (
        "he | she | you | they | the patient | patient | pt | we | i | the | this | these | any | it | the child"
        " | child | that | your child"
    ),
    "subject": (
        "he | she | they | i | we | patient | pt | the patient | patient's | it | his | the | her abdomen | there"
        " | has | had | is | was | are | were | does | currently | now | then | today | therefore"
    ),
    "whose": (
        "- | his | her | their | the | my | patient's | the patient's | pt's | your | both | two | # | one | a"
        " | her own"
    ),
    "kin": (
        "great grandfather | great grandmother | mother | father | mom | dad | mum | parent | parents | brother"
        " | brothers | sister | sisters | sibling | siblings | grandmother | grandfather | grandmothers"
        " | grandfathers | grandma | grandpa | grandparent | grandparents | aunt | aunts | uncle | uncles | cousin"
        " | cousins | nephew | niece | twin | stepfather | stepmother | half brother | half sister | relatives"
        " | family member | family members"
    ),
    "close": (
        "wife | husband | spouse | partner | boyfriend | girlfriend | son | sons | daughter | daughters | children"
        " | baby | friend | friends | fiancee | caregiver | grandson | granddaughter | family | household contact"
        " | infant son"
    ),
    "contact": (
        "roommate | roommates | coworker | coworkers | co worker | colleague | colleagues | neighbor | neighbour"
        " | classmate | classmates | sick contact | sick contacts | ill contact | housemate | schoolmate"
        " | close contact"
    ),
    "has": (
        "has | had | have | with | w/ | suffers from | suffered from | suffered | was diagnosed with"
        " | is diagnosed with | were diagnosed with | died of | died from | passed away from | recently had"
        " | also has | also had | is being treated for | was treated for | is sick with | came down with"
        " | tested positive for | is ill with | was recently treated for | recently diagnosed with"
        " | has a history of | have a history of | both have | are carriers of | is a carrier of | recently has had"
        " | has had | deceased from | developed | battled"
    ),
    "says": (
        "reports | reported | states | stated | says | said | notes | noted | noticed | thinks | feels | observed"
        " | endorses | describes | described | confirms | adds | believes | witnessed | brought | called"
        " | is concerned | was concerned | is worried | found | gives | gave | tells | mentions | heard | complains"
        " | saw | claims | relates | recalls | is present | at bedside | at the bedside | is at bedside | helps"
        " | provides | accompanied | accompanies | who reports | who states | explains | agrees | verbalized"
        " | had noticed | told | were told | was told | instructed | were instructed | was instructed | advised"
        " | were advised | was advised | counseled | counselled | were counseled | educated | informed | updated"
        " | asks | asked | requests | requested | understands | understand | verbalizes | verbalize | report"
        " | state | say | note | drove | took | bring | describe | think | feel | witness | were present | aware"
        " | is aware | are aware | available"
    ),
    "beside": (
        "per | according to | lives with | living with | accompanied by | here with | brought in by | brought by"
        " | from | spoke with | discussed with | spoke to | told | by | with | w/ | asked | informed | called | to"
        " | and"
    ),
    "study": (
        "exam | examination | study | studies | visit | visits | note | notes | ct | film | films | mri | admission"
        " | x ray | imaging | scan | scans | report | reports | echo | ecg | ekg | radiograph | radiographs"
        " | comparison | ultrasound | day | week | level | levels | value | values | documentation | records"
        " | chart | medications | regimen | dose | provider | physician | examinations | discharge"
        " | hospitalization"
    ),
    "youth": (
        "as a child | as a teenager | as a teen | as an infant | as a baby | as a kid | as a youth"
        " | as an adolescent | as a toddler | as a young man | as a young woman | as a young adult | in childhood"
        " | in adolescence | in his teens | in her teens | in his youth | in her youth | in his twenties"
        " | in her twenties | during childhood | in infancy | when he was younger | when she was younger"
        " | when he was a child | when she was a child | at age # | at the age of # | in high school | in college"
        " | in his # | in her # | when younger | growing up | when i was a kid | when i was a child"
    ),
    "kins": (
        "mother's | father's | mom's | dad's | parent's | parents' | brother's | sister's | sibling's"
        " | grandmother's | grandfather's | aunt's | uncle's | cousin's | twin's | wife's | husband's | son's"
        " | daughter's | partner's"
    ),
    "medical": (
        "medical | surgical | psychiatric | obstetric | childhood | cardiac | oncologic | psych | ob | neurologic"
    ),
    "prior": (
        "prior | previous | known | remote | a remote | longstanding | long standing | long | distant | significant"
        " | strong | personal | past | childhood | extensive | recent"
    ),
    "lists": (
        "significant for | notable for | remarkable for | positive for | is significant for | is notable for"
        " | is remarkable for | is positive for | includes | included | consists of | of note for | also includes"
        " | is pertinent for | pertinent for | was significant for | was notable for | was remarkable for"
    ),
    "monitor": (
        "monitor | monitored | monitoring | watch | watched | watching | observe | observed | observing | follow"
    ),
    "closely": "- | closely | carefully | vigilantly | patient | the patient | him | her | clinically",
    "counselled": (
        "counseled | counselled | educated | warned | cautioned | advised | counselling | counseling | educate"
        " | counsel"
    ),
    "month": (
        "january | february | march | april | may | june | july | august | september | october | november"
        " | december | jan | feb | mar | apr | jun | jul | aug | sep | sept | oct | nov | dec | early | late | mid"
        " | spring | summer | fall | autumn | winter"
    ),
}
