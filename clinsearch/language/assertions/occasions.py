"""Fillers of the blanks in the cue tables: times, places, risks, and who is told what; "-" is empty."""

from __future__ import annotations

OCCASIONS = {
    "youth": (
        "as a child | as a teenager | as a teen | as an infant | as a baby | as a kid | as a youth"
        " | as an adolescent | as a toddler | as a young man | as a young woman | as a young adult | in childhood"
        " | in adolescence | in his teens | in her teens | in his youth | in her youth | in his twenties"
        " | in her twenties | during childhood | in infancy | when he was younger | when she was younger"
        " | when he was a child | when she was a child | at age # | at the age of # | in high school | in college"
        " | in his # | in her # | when younger | growing up | when i was a kid | when i was a child"
        " | in his thirties | in her thirties | in his forties | in her forties | in his fifties | in her fifties"
        " | in his sixties | in her sixties | in middle school | in elementary school | in grade school"
        " | in kindergarten | in medical school | during adolescence | during infancy | as a schoolboy"
        " | as a schoolgirl | as a newborn | in early childhood | in late childhood | when he was little"
        " | when she was little | when he was a boy | when she was a girl | when he was a baby"
        " | when she was a baby | when he was a teenager | when she was a teenager | when he was young"
        " | when she was young | when i was young | when i was little | as a young child | in her early #"
        " | in his early # | in his late # | in her late # | in his mid # | in her mid #"
    ),
    "period": "year | years | decade | decades | yrs | yr | month | months",
    "some": (
        "# | a | one | two | three | four | five | six | seven | eight | nine | ten | twelve | twenty | several"
        " | many | some | few | a few | couple | a couple of | numerous"
    ),
    "month": (
        "january | february | march | april | may | june | july | august | september | october | november"
        " | december | jan | feb | mar | apr | jun | jul | aug | sep | sept | oct | nov | dec | early | late | mid"
        " | spring | summer | fall | autumn | winter"
    ),
    "monthname": (
        "january | february | april | june | july | august | september | october | november | december | march"
    ),
    "decade": "teens | twenties | thirties | forties | fifties | sixties | seventies | college years | teenage years",
    "number": (
        "four | five | six | seven | eight | nine | ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen"
        " | seventeen | eighteen | nineteen | twenty | two | three"
    ),
    "school": (
        "college | high school | middle school | grade school | elementary school | kindergarten | graduate school"
        " | university | medical school | nursing school | boarding school | law school"
    ),
    "nth": (
        "first | second | third | fourth | fifth | last | previous | prior | earlier | other | older | eldest"
        " | oldest | youngest | # | most recent | twin"
    ),
    "force": (
        "army | navy | military | service | marines | air force | coast guard | peace corps | reserves"
        " | national guard | merchant marine | armed forces"
    ),
    "nation": (
        "vietnam | korean | gulf | iraq | civil | bosnian | second world | cold | vietnam era | afghanistan"
        " | desert storm | korea | iran"
    ),
    "monitor": (
        "monitor | monitored | monitoring | watch | watched | watching | observe | observed | observing | follow"
        " | keep an eye on | keep watching"
    ),
    "closely": (
        "- | closely | carefully | vigilantly | patient | the patient | him | her | clinically | the site | site"
        " | incision | the incision | wound | the wound | pt closely | patient closely | the baby | baby | infant"
        " | the infant | child | your child | skin | overnight | for # hours | for the next # hours | daily"
        " | at home"
    ),
    "spot": (
        "site | the site | sites | incision | incisions | the incision | the incisions | wound | wounds | the wound"
        " | the wounds | dressing | the dressing | skin | the skin | the area | groin | the groin | access site"
        " | puncture site | insertion site | iv site | surgical site | the baby | baby | the infant | the child"
        " | your child | him | her | patient | the patient | pt | feet | the feet | his feet | her feet | legs"
        " | the limb | stools | stool | your stool | urine | puncture sites | drain | the drain | labs | the cast"
        " | cast | the graft | graft | the eye | the fistula | the stump | the flap | the tube | the line | the port"
        " | port site | the bandage | the rash | the leg | the arm | the breasts | the mouth"
    ),
    "inspect": "inspect | check | examine | assess | look at | inspected | checking | inspecting | evaluate",
    "told": (
        "told | instructed | advised | educated | counseled | counselled | reminded | warned | cautioned | urged"
        " | encouraged | asked | directed | taught"
    ),
    "warned": "warned | cautioned | counseled | counselled | advised",
    "risks": (
        "risks | risk | the risks | complications | side effects | adverse effects | adverse reactions"
        " | potential complications | possible complications | potential risks | possible risks"
        " | possible side effects | potential side effects | main risks | major risks | common side effects"
        " | surgical risks"
    ),
    "discussed": (
        "discussed | reviewed | explained | described | outlined | mentioned | covered | were discussed"
        " | were reviewed | were explained | quoted"
    ),
    "includes": (
        "include | includes | including | included | such as | are | may include | can include | could include"
        " | might include | to include | that include | which include | like | being | consist of | may be"
    ),
    "op": (
        "surgery | the surgery | procedure | the procedure | operation | the operation | anesthesia | treatment"
        " | the treatment | therapy | transfusion | the medication | the drug | this medication | this procedure"
        " | chemotherapy | biopsy | delivery | the test | radiation | catheterization | colonoscopy | endoscopy"
        " | intervention | sedation | steroids | the operation itself | this surgery | this operation"
    ),
    "call": "call | notify | contact | alert | inform | phone | page | tell",
    "seek": (
        "seek care | seek medical care | seek medical attention | seek help | seek emergency care | go to the hospital"
        " | go to the emergency room | go to the nearest emergency room | go to the nearest ed"
        " | go to an emergency room | seek treatment | seek medical advice | call for help | contact the clinic"
        " | contact the office | contact your physician | notify the physician | notify the office | notify the doctor"
        " | notify your doctor | call the doctor | call the physician | call md | call ho | call dr"
        " | seek emergent care | seek prompt care | go to er | go to the er | go to the ed | contact us | call us"
        " | seek attention | seek immediate attention | seek prompt attention | seek urgent attention"
        " | seek medical help"
    ),
    "soon": "right away | immediately | promptly | at once | urgently | as soon as possible",
    "for": (
        "for | for any | if | with | with any | should | of | of any | if any | for the following | immediately for"
        " | immediately if | about any"
    ),
    "place": (
        "ed | the ed | er | the er | emergency room | the emergency room | the emergency department"
        " | emergency department | hospital | the hospital | clinic | the clinic | the nearest ed"
        " | the nearest emergency room | nearest emergency room | a hospital | the nearest er | nearest er"
        " | urgent care | the urgent care | l&d | labor and delivery | the office | nearest hospital"
        " | the nearest hospital | closest er | the closest er | local er | your local er"
    ),
    "with": "with | during | in | after",
    "measure": (
        "blood pressure | bp | temperature | vitals | vital signs | vs | labs | levels | blood sugar | blood sugars"
        " | glucose | weight | urine output | i&o | respirations | telemetry | mental status | cbc | electrolytes | k"
        " | renal function | lfts | creatinine | platelets | heart rate | oxygen saturation | o2 sats | output"
        " | drainage | bowel function"
    ),
    "ordinal": "first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth | #",
}
