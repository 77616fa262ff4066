"""The cues of hypothetical findings: risks, precautions, instructions, orders as needed.

The table has the format of `polarity_cues`.
"""

from __future__ import annotations

COMING_CUES = """
hypothetical forward list:
    if | if there is | if there are | if there is any | if you have | if you develop | if you notice | if you experience
    if {person} develops | if {person} develop | if {person} has | if {person} have | if {person} experiences
    if {person} experience | if {person} notices | if {person} notice | if {person} gets | if {person} should develop
    if {person} becomes | if {person} has any | if {person} have any | even if there is | only if | unless
    unless there is | in case of | in case | in the event of | in the event that | in event of | in the case of | lest
    provided that | return if | return to clinic if | return to the ed if | return sooner if | return immediately if
    return to hospital if | to return if | come back if | come in if | to come back if | call if | call us if
    call the office if | call the clinic if | call your doctor if | call 911 if | please call if | please return if
    to call if | phone if | contact us if | contact your doctor if | go to the ed if | go to the er if
    go to the emergency room if | go to the emergency department if | seek care if | seek medical attention if
    seek medical care if | let us know if | let me know if | notify physician if | notify md if | notify if
    notify us if | notify provider if | should {person} | should {person} develop | should {person} notice
    should {person} have | should {person} experience | should you notice any | should {person} become | should there be
    should there be any | monitor for | {monitor} {closely} for | {monitor} {closely} for signs of
    {monitor} {closely} for symptoms of | {counselled} about | {counselled} on | {counselled} regarding
    {counselled} about signs of | {counselled} about symptoms of | to monitor for | be aware of | surveillance for
    vigilant for | screen for | screening for | screen for possible | signs of infection such as | signs and symptoms of
    warning signs of | educated on signs of | at risk for | at risk of | at high risk for | at high risk of
    at increased risk of | at increased risk for | risk of | risk for | risks of | risks include | risks including
    risks such as | risk of developing | increased risk of | increased risk for | increased risk for developing
    high risk for | high risk of | low risk for | low risk of | the risks of | complications including
    complications include | complications such as | possible complications include | potential complications include
    predisposed to | susceptible to | side effects including | side effects include | side effects such as | to prevent
    prevent | prevents | prevention of | for prevention of | preventing | prevent further | to avoid
    to decrease the risk of | to reduce the risk of | prophylaxis for | prophylaxis against | prophylaxis of
    prophylactic for | protect against | to protect against | protection against | vaccine against | vaccine for
    vaccination against | vaccination for | immunization against | vaccinated against | immunized against
    as needed for | as needed with | prn for | prn if | p.r.n. | p.r.n. for | as required for needed for | may develop
    might develop | could develop | can develop | may cause | could cause | can cause | might cause | may lead to
    could lead to | can lead to | may result in | could result in | can result in | may get | would develop
    may occur with | may experience | might experience | could experience | will get | will develop | afraid of getting
    afraid of | afraid she will | afraid he will | worries that {person} will get | fear of developing | fear of getting
    worried about getting | worried about developing | concerned about developing | whenever | when {person} develops
    when {person} experiences | when {person} gets | at the first sign of | at first sign of | at the onset of
    would be for | would treat for | would consider | would treat | to treat if | plan if | so as not to develop
    in anticipation of | potential for | potential for developing | threat of | danger of | chance of | instructions for
    instructions given for | danger signs of | red flags for | red flags including | warned of
    discussed warning signs of | discussed signs of | aware of the risk of | if needed for | when needed for
    if {person} should | prophylactic antibiotics for | antibiotic prophylaxis for | prophylactic {drug} for
    {monitor} {spot} for | {monitor} {spot} {closely} for | {monitor} {spot} for signs of
    {monitor} {spot} for symptoms of | {inspect} {spot} for | {inspect} {spot} daily for | {be} checked daily for
    check daily for | be checked for | keep watch for | on alert for | stay alert for | alert for
    be on the lookout for | risk include | might get | could get | {could} progress to | {could} evolve into
    {could} turn into | {could} be complicated by | {could} predispose to | {could} bring on | {could} trigger
    {could} precipitate | {could} provoke | {could} worsen into | {could} put {person} at risk for
    afraid {person} might have | understands the possibility of | aware of the possibility of | hold for
    {warned} that {person} {could} | {warned} {person} {could} experience | {warned} {person} {could} have
    {warned} {person} {could} develop | {warned} {person} {could} notice | {warned} {person} might | warned of possible
    should {person} get | should {person} start | should {person} feel | should {person} see | should new | if ever
    if and when | in case {person} | in case there is | were {person} to | were {person} to develop | were there to be
    were he ever to | reduce the risk of | reduces the risk of | lower the risk of | lowers the risk of
    raise the risk of | raises the risk of | increases the risk of | increase the risk of | decreases the risk of
    decrease the risk of | minimize the risk of | reduce risk of | reduce risk for | decrease risk of
    reduce the chance of | avoidance of | at risk of developing | at risk for developing | higher risk of
    higher risk for | elevated risk of | elevated risk for | lifetime risk of | small risk of
    low threshold to return for | vulnerable to | prone to developing | in hopes of preventing | ward off
    guard against | protects against | precaution against | precautions against | as a precaution against
    pre medicated for | premedicate for | contingency for | contingency plan for | rescue for
    anticipatory guidance for | anticipatory guidance regarding | anticipatory guidance about | be checked daily for
    checked daily for | inspected daily for | checked for signs of | reviewed signs of | reviewed symptoms of
    reviewed signs and symptoms of | reviewed warning signs of | explained signs of | explained symptoms of
    discussed symptoms of | discussed signs and symptoms of | {monitor} {measure} for | {inspect} {measure} for
    prone to | wants to be tested for | want to be tested for | wishes to be tested for | requests testing for
    requesting testing for | asks to be tested for | would like to be tested for | would like testing for
    may make {person} | can make {person} | might make {person} | could make {person} | expect some | may expect
    can expect | should expect | predisposes {person} to | predispose {person} to | predisposing {person} to
    predisposing to | knows to return for | knows to call for | aware to return for | agrees to return for
    understands to return for | understands to call for | predisposes him to | predisposes her to | predisposing him to
    predisposing her to | {warned} of possible | upon development of | at any sign of | with any sign of
    with any signs of | for any sign of | for any signs of | {could} become | in danger of | for breakthrough
    caution about | caution for | caution regarding | cautions about | risks and benefits including
    risks , benefits and alternatives including | risks , benefits , and alternatives including
    risks benefits and alternatives including | risks and alternatives including | risks and complications including
    risks and complications such as | risks and side effects including | risks , benefits , and alternatives , including
    risks and benefits , including | taught signs of | taught symptoms of | teach signs of | teaching about
    knows signs of | knows the signs of | aware of signs of | aware of the signs of | recognize signs of
    recognizing signs of | recognize symptoms of | educated regarding signs of | {could} go on to develop
    {could} go on to have | {could} eventually develop | {could} later develop | alert staff to | alert us to
    alert nursing to
    screening {scan} for | {obtain} {scan} for | {obtain} a {scan} for | {obtain} the {scan} for | ppx for
    ppx against | prophy for
hypothetical forward open:
    : report | . report | possible side effects {be} explained | side effects {be} explained
    side effects {be} reviewed | side effects reviewed | possible side effects reviewed
    potential side effects reviewed | side effects discussed | side effects explained | adverse effects include
    adverse effects including | possible complications {be} {explained} | potential complications {be} {explained}
    complications {be} {explained} | potential side effects {be} {explained} | return for | return for any | return with
    return to ed for | return to the ed for | return to er for | return to the er for
    return to the emergency department for | return to the emergency room for | return to clinic for
    return to the ed with | return to the ed for any | return sooner for | return immediately for
    return to hospital for | return precautions | return precautions for | return precautions given for
    return precautions including | return precautions include | precautions for | strict return precautions for
    to return for | to return with | instructed to return for | come back for | come back with | come in for any
    to come back for | call for | call for any | call with | call with any | call us for | call the office for
    call the office with | call the clinic for | call the clinic with | call your doctor for | call 911 for
    call your doctor with | please call with | please call for | please return for | to call for | to call with
    contact us for | contact us with | go to the ed for | go to the er for | go to the emergency room with any
    go to the emergency room for | go to the emergency room with | go to the emergency department for
    go to the ed with | go to the er with | seek care for | seek medical attention for | seek immediate care for
    seek medical care for | seek care immediately for | seek care immediately with
    seek immediate medical attention for | let us know about any | let us know of any | notify physician for
    notify md for | notify for | notify us of any | notify provider for | notify doctor for | alert us to any
    report any | to report | to report any | report immediately any | told to report | instructed to call for
    instructed on | {seek} {for} | {seek} {soon} {for} | {call} {clinician} {for} | {call} {clinician} {soon} {for}
    warning signs | warning signs include | red flags | red flags include | reasons to call | reasons to return
    danger signs include | return to {place} {for} | return {soon} {for} | come back {for} | go to {place} {for}
    call {for} | call {soon} {for} | please call {for} | notify {for} | come to {place} if | come to {place} with any
    come to {place} should | danger signs | alarm signs | alarm symptoms | red flag symptoms | back to the er for any
    come back to {place} {for} | reasons to come back | reasons to {seek} | reasons for return | reasons for calling
    when to call | when to return | when to seek help | when to come back | when to seek care | {risks} {discussed} :
    {risks} , {includes} | {risks} {includes} | main risks | {risks} of {op} {includes} | {risks} of {op} , {includes}
    {risks} {be} {discussed} {includes} | {risks} {be} {discussed} , {includes} | {risks} {be} {discussed} :
    {risks} {discussed} {includes} | {risks} {discussed} , {includes} | {risks} : | {told} to look for
    {told} to look out for | {told} to watch for | {told} to watch out for | {told} to report {any}
    {told} to call for {any} | {told} to call with {any} | {told} to return for {any} | {told} to return with {any}
    {told} to monitor for | {told} to be alert to | things to watch for | symptoms to watch for | signs to watch for
    symptoms to look for | symptoms to look out for | signs to look for | signs to look out for | things to look out for
    symptoms to report | signs to report | what to watch for | what to look for | what to look out for | page for
    page with | page if | what to do if | what to do for | what to do in case of | what to do were | what to do should
    come straight back {for} | come right back {for} | come back in {for} | returning precautions | return to us {for}
    return to care {for} | bring {child} back {for} | bring him back {for} | bring her back {for}
    bring {child} in {for} | bring him in {for} | bring her in {for} | be seen sooner {for} | seek urgent care {for}
    present to {place} {for} | proceed to {place} {for} | go back to {place} {for} | follow up sooner {for} | sooner for
    sooner if | sooner with | {told} to seek care {for} | ed precautions | {told} to seek medical attention {for}
    {told} to go to {place} {for} | {told} to come back {for} | er precautions | {told} to notify us {for}
    {told} to notify {clinician} {for} | {told} to return to {place} {for} | {relative} {told} to look for
    {relative} {be} {told} to look for | {relative} {told} to look out for | {relative} {be} {told} to look out for
    {relative} {told} to watch for | {relative} {be} {told} to watch for | {relative} {told} to watch out for
    {relative} {be} {told} to watch out for | {relative} {told} to report {any} | {relative} {be} {told} to report {any}
    {relative} {told} to call {for} | {relative} {be} {told} to call {for} | {relative} {told} to return {for}
    {relative} {be} {told} to return {for} | {relative} {told} to monitor for | {relative} {be} {told} to monitor for
    {relative} {told} to monitor {spot} for | {relative} {be} {told} to monitor {spot} for
    {relative} {told} to watch {spot} for | {relative} {be} {told} to watch {spot} for
    {relative} {told} to seek care {for} | {relative} {be} {told} to seek care {for}
    {relative} {told} to return to {place} {for} | {relative} {be} {told} to return to {place} {for}
    {relative} {told} to call {clinician} {for} | {relative} {be} {told} to call {clinician} {for}
    {relative} {told} to go to {place} {for} | {relative} {be} {told} to go to {place} {for}
    {relative} {told} to bring {child} back {for} | {relative} {be} {told} to bring {child} back {for}
    {relative} {told} to bring him back {for} | {relative} {be} {told} to bring him back {for}
    {relative} {told} to bring her back {for} | {relative} {be} {told} to bring her back {for}
    {relative} {told} to come back {for} | {relative} {be} {told} to come back {for}
    {relative} {told} to seek medical attention {for} | {relative} {be} {told} to seek medical attention {for}
    to watch for | watch out for | look out for | be alert for | keep an eye out for | on the lookout for
    bring to {place} {for} | take to {place} {for} | take {child} to {place} {for} | bring {child} to {place} {for}
    bring him to {place} {for} | bring her to {place} {for}
    prns | prn meds | prn medications | prn orders | prn medicines | as needed : | as needed meds
    as needed medications | as needed medications :
hypothetical answer list:
    prophylaxis | precautions | prn | prevention
    ppx | prophy
hypothetical backward item:
    if needed | as needed | if it occurs | if they occur | if it recurs | if present | if necessary | if recurrent
    if persistent | should it occur | should it recur | should they occur | {could} occur | {could} happen
    {could} ensue | {could} recur | {could} follow | {could} return | {could} be expected | should that happen
    should this happen | if that happens | if this happens | when it occurs | {be} a possible complication
    {be} a known risk | {be} possible complications | {be} a potential complication | {be} known risks
    {be} known complications | {be} potential side effects | {be} possible side effects | {could} result .
    to look for {be} {discussed} | to watch for {be} {discussed} | that should prompt | {be} a common side effect
    {be} a known side effect | {be} a side effect of | {be} common side effects | {be} a known complication
    {be} a possible side effect | {be} possible side effects of | {be} a potential side effect | remains a risk
    remain a risk | {be} always a risk
hypothetical backward item 2:
    risk | risks
hypothetical coming item:
    as soon as | once | as soon as any
hypothetical wishing item:
    were
hypothetical backward list:
    should be reported | must be reported | needs to be reported | need to be reported | should prompt | would prompt
    should trigger | warrants a call | warrant a call | should alert | should be called in | should be brought
hypothetical awaiting list:
    when
hypothetical opening item:
    should | report
hypothetical backward item 3:
    screening
hypothetical forward item 2:
    avoid
hypothetical taking item:
    for
hypothetical asked list:
    {comma} {do} {patient} have {any} | {comma} has {patient} got | {comma} has {patient} had | {comma} is there
    {comma} are there | {comma} is there still | {comma} is this | {comma} was there | {comma} were there
"""
