"""Fillers of the blanks in the cue tables; "-" is empty."""

from __future__ import annotations

from clinsearch.language.assertions.occasions import OCCASIONS
from clinsearch.language.assertions.people import PEOPLE

WORDING = {
    **PEOPLE,
    **OCCASIONS,
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
    "perceive": (
        "see | find | identify | palpate | appreciate | detect | elicit | visualize | visualise | hear"
        " | demonstrate | reproduce | recognize | discern"
    ),
    "fully": "- | yet | fully | completely | entirely | quite | totally | really | ever | actually | truly",
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
        " | neck | inch | inches | being | simple | interrupted | bilaterally | for | on | in | at | with | by"
        " | gave | is | was | as | h | wks | yrs | kg | lb | lbs"
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
    "study": (
        "exam | examination | study | studies | visit | visits | note | notes | ct | film | films | mri | admission"
        " | x ray | imaging | scan | scans | report | reports | echo | ecg | ekg | radiograph | radiographs"
        " | comparison | ultrasound | day | week | level | levels | value | values | documentation | records"
        " | chart | medications | regimen | dose | provider | physician | examinations | discharge"
        " | hospitalization"
    ),
    "medical": (
        "medical | surgical | psychiatric | obstetric | childhood | cardiac | oncologic | psych | ob | neurologic"
        " | hematologic | oncology | gyn | gynecologic | gynecological | neurological | endocrine | pulmonary"
        " | ophthalmic | ocular | dental | orthopedic | cancer | substance abuse | rheumatologic | dermatologic"
        " | vascular | infectious | trauma"
    ),
    "prior": (
        "prior | previous | known | remote | a remote | longstanding | long standing | long | distant | significant"
        " | strong | personal | past | childhood | extensive | recent"
    ),
    "lists": (
        "significant for | sig for | notable for | remarkable for | positive for | is significant for | is notable for"
        " | is remarkable for | is positive for | includes | included | consists of | of note for | also includes"
        " | is pertinent for | pertinent for | was significant for | was notable for | was remarkable for"
    ),
    "counselled": (
        "counseled | counselled | educated | warned | cautioned | advised | counselling | counseling | educate"
        " | counsel"
    ),
    "wont": "will not | won't | would not | wouldn't | refuses to | refused to | refusing to",
    "act": (
        "eat | drink | feed | sleep | walk | bear weight | talk | speak | move | latch | settle | stop | take"
        " | breastfeed | nurse | use | put"
    ),
    "likely": "likely | most likely | probably | possibly | presumably | more likely | very likely",
    "due": (
        "due to | secondary to | secondary | related to | from | 2 / 2 | in the setting of | caused by"
        " | representing | represents | represent | a result of | the result of | reflecting | as a result of"
        " | attributable to | consistent with | d/t | due to a | on the basis of | 2 / 2 | brought on by"
        " | triggered by | attributed to | as a consequence of | explained by | because of | d / t | on account of"
        " | related to a"
    ),
    "could": "could | might | may | can",
    "explained": (
        "explained | discussed | reviewed | described | explained to the patient | discussed with the patient"
        " | discussed with patient | discussed in detail"
    ),
    "normal": "negative | clean | normal | unremarkable | reassuring | neg",
    "treated": (
        "treated | hospitalized | hospitalised | admitted | diagnosed | operated on | was treated"
        " | was hospitalized | was admitted | was diagnosed | seen "
        " | was operated on | were treated | had been treated"
    ),
    "forwith": "for | with",
    "workup": (
        "testing | work up | workup | screening | screen | serology | serologies | serologic testing | evaluation"
    ),
    "order": (
        "stop | start | give | use | take | hold | resume | continue | increase | decrease | change | discontinue"
        " | drive | lift | remove | administer | exceed | restart"
    ),
    "times": "day | days | night | nights | hour | hours | week | weeks | weekend | months | month",
    "helps": (
        "helps | help | relieves | relieve | works | work | makes | improves | improve | helped | relieved | worked"
        " | eases | seems to help"
    ),
    "it": "it is | it's | it seems | it was | it remains | it appears | it is also | it is still",
    "deem": (
        "possible | likely | probable | conceivable | presumed | suspected | most likely | very likely"
        " | more likely | highly likely | quite possible"
    ),
    "drug": "anticoagulation | heparin | lovenox | aspirin | antibiotic | treatment | therapy | dose",
    "works": (
        "works | work | working | enough | effective | controls | controlled | controlling | able | responds"
        " | responding | helps | helping | on | takes | taking | uses | using | needs | needing | requires"
        " | requiring | sufficient | adequate | tolerates | follows | followed by | seeing | covered | going"
    ),
    "done": (
        "established | found | obtained | done | performed | used | given | made | identified | determined"
        " | elicited | reached | scheduled | arranged | started | discharged | seen | tolerated | completed | taken"
        " | achieved | managed | treated | controlled | advanced | heard | palpated | reduced | removed"
        " | visualized | assessed | evaluated"
    ),
    "diagnosing": (
        "tentative | provisional | presumptive | presumed | suspected | likely | probable | possible | working"
        " | leading | most likely | putative | queried"
    ),
    "just": (
        "just | simply | possibly | potentially | conceivably | also | still | well | actually | easily | only"
        " | very well"
    ),
    "this": "this | it | that | there | he | she | these",
    "gives": "gives | gave | giving | provides | provided | relates | offers | has given",
    "clear": (
        "clear | good | classic | typical | # day | # week | # month | convincing | vague | several day"
        " | several week | consistent | two day | three day | two week | three week | recent | day | short"
        " | textbook | detailed"
    ),
    "good": "full | complete | good | excellent | near complete | uneventful",
    "may": "may | might | could",
    "findings": (
        "symptoms | findings | picture | exam | labs | this | history | presentation | imaging | results | everything"
        " | features"
    ),
    "point": "point | points | pointing | pointed",
    "clearing": (
        "resolution | clearing | disappearance | healing | normalization | normalisation | remission | clearance"
        " | resolution and clearing"
    ),
    "interval": "interval | complete | full | total | spontaneous | rapid | near total interval | subsequent",
    "document": (
        "document | ensure | confirm | assess | await | awaiting | until | pending | verify | demonstrate | check for"
        " | evaluate for | follow for | follow to | monitor for | for | hasten | hastens | delayed | slow | no"
        " | without | expect | expected | not yet"
    ),
    "partial": (
        "partial | incomplete | near complete | near total | nearly complete | almost complete | ongoing | continued"
        " | gradual | partial interval | interval partial | slight | some | mild | progressive"
    ),
    "explains": (
        "accounts for | account for | explains | explain | is responsible for | be responsible for | is the cause of"
        " | be the cause of | be behind | is behind"
    ),
    "caused": "caused | contributed to | is contributing to | led to | precipitated | triggered | provoked",
    "doing": (
        "growing | taking | smoking | drinking | using | working | breathing | responding | eating | having | being"
        " | wearing | going | doing | treatment | therapy"
    ),
    "explaining": "accounting for | explaining | causing | contributing to | responsible for",
    "hard": "hard | difficult | impossible",
    "exclude": "exclude | rule out | r/o | entirely exclude | completely exclude",
    "would_be": "would be | is | are | was | were | may be | remains | will be",
    "surely": (
        "definitely | definitively | entirely | completely | fully | confidently | reliably | totally | absolutely"
        " | conclusively | well | firmly | adequately"
    ),
    "excluded": "excluded | ruled out",
    "hidden": "hidden | obscured | masked | missed | overlooked | silhouetted | present but hidden",
    "harbor": "harbor | harbour | hide | conceal | mask | obscure",
    "harboring": "harboring | harbouring | hiding | concealing | masking | obscuring",
    "scan": (
        "ct | cta | hrct | ct scan | low dose ct | mri | mra | ultrasound | us | duplex | doppler | doppler ultrasound"
        " | x ray | xray | cxr | film | echo | echocardiogram | tte | tee | ekg | ecg | scan | colonoscopy"
        " | mammogram | mammography | sigmoidoscopy | endoscopy | culture | cultures | swab | v / q | cath | ctpa"
        " | dopplers | ua | lp"
    ),
    "obtain": "obtain | order | repeat | get | send | schedule | request | consider | needs | need | recommend",
    "comma": "- | ,",
    "do": "does | did",
    "been": (
        "- | now | currently | presently | still | is | is now | is currently | remains | has been | was | are | were"
        " | has now been | have been | are now | apparently | reportedly"
    ),
    "long": (
        "- | sustained | complete | full | early | partial | clinical | deep | long term | prolonged | durable | stable"
        " | full sustained | sustained full | early full | sustained partial | molecular | hematologic | near complete"
    ),
    "righted": (
        "normalized | normalised | corrected | recovered | remitted | lifted | regressed completely | stopped"
        " | quieted | run its course | passed"
    ),
    "over": "gone | resolved | cleared | settled | subsided | better | over | abated | disappeared | gone now",
    "gone": "gone | resolved | settled | stopped | cleared | over | passed",
    "slightly": (
        "a little | a bit | some | mild | slight | yes | better | earlier | yesterday | last week | last night"
        " | briefly | this morning | on and off | occasionally | sometimes | had some | a lot"
    ),
    "began": (
        "starting | beginning | stopping | quitting | switching | changing | taking | increasing | going on"
        " | coming off | being on | having"
    ),
    "givenfor": (
        "prescribed | given | started | taken | used | taking | takes | administered | he takes | she takes"
        " | being used | being taken | being given"
    ),
    "missing": "missing | missed | skipping | running out of | forgetting",
}
