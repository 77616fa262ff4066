"""The cues of what was, of what may come, of other people, and the words that end a scope.

The tables are written as those of `polarity_cues` are.
"""

from __future__ import annotations

CONTEXT_CUES = """
pseudo forward item:
    history of present illness | history of the present illness | history of presenting illness
    history of presenting complaint | history of present complaint | history and physical | history was obtained
    history is obtained | history obtained | history obtained from | history taking | history is limited
    history limited by | social history | by history | history provided by | history per | history given by
    natural history | history is provided by | history reviewed | poor historian | medication history
    dietary history | sexual history | travel history | smoking history | year old | years old | yr old | month old
    months old | week old | weeks old | day old | days old | yo | y/o | old records | old chart | old films
    old studies | old ecg | old age | old record | year history of | years history of | # year history of
    # day history of | # week history of | # month history of | day history of | week history of | month history of
    hour history of | {some} day history of | {some} week history of | {some} month history of
    {some} year history of | previous {study} | prior {study} | previously noted | previously seen
    previously described | previously discussed | compared to prior | compared with prior | compared to previous
    compared to the prior | compared with the prior | similar to prior | unchanged from prior | since prior
    from prior | since previous | since the prior | prior to | than prior | than previous | comparison prior
    in comparison to prior | prior authorization | {be} used to | been used to | used to treat | used to evaluate
    {some} {period} prior to | {some} days prior to | {some} weeks prior to | this past | past monday | past weekend
    past friday | past sunday | past saturday | past week | past few days | past # days | past month
    past several days | past # weeks | past few weeks | past due | over the past | for the past | in the past week
    in the past few days | in the past # hours | in the past # days | in the past # weeks | in the past month
    in the past # months | in the past few weeks | in the past few months | in the past {some} {period}
    in the past {some} days | in the past {some} weeks | within the past | during the past | in the last
    started {some} {period} ago | began {some} {period} ago | starting {some} {period} ago
    beginning {some} {period} ago | since {some} {period} ago | until {some} {period} ago | onset {some} {period} ago
    {beside} {whose} {kin} | {beside} {whose} {close} | mother to be | nurse {says} | the family {says}
    family present | family meeting | family is | family planning | family practice | family medicine
    family physician | family doctor | mother and {close} {says} | sister hospital | twin bed | mother board
    family history was reviewed | lives with | live with | living with | sister mary | as if | even if | if not
    ask if | asked if | check if | see if | know if | if any | if he could | if she could | as needed basis | low risk
    high risk | risk factors | risk factor | cardiac risk factors | risks and benefits | monitor closely
    should be noted | it should be noted | should have been | unless otherwise | at risk population | when asked
    if available | call light | call button | on call | call bell | return to work | return to clinic
    return to school | follow up if | watch battery | avoid alcohol | former wife | former husband | quit date
    when questioned | while at risk | preventive care | preventative care | {kin} {says} | {close} {says}
    {contact} {says} | {kin} who {says} | {close} who {says} | {contact} who {says} | should not | history :
    brief history : | clinical history : | maternal {kin} {says} | paternal {kin} {says} | past {some} {times}
    past {times} | report of | report dictated | report from | report called | report given | report received
    report to | report on | report that | report : | report was | report is | report shows | report showed
    : report of | report states | report reads
historical forward open:
    history of | h/o | hx of | hx | history | past history | past history of | past {medical} history
    past {medical} history of | past {medical} history {lists} | past history {lists} | {medical} history
    {medical} history of | {medical} history {lists} | history {lists} | pmh | pmhx | pmh of | pmhx of | psh | pshx
    pmh {lists} | pmhx {lists} | psh {lists} | pshx {lists} | past hx | past {medical} hx | past {medical} hx of
    past hx of | {medical} hx | {medical} hx of | personal hx of | {prior} history of | {prior} hx of
    history suggestive of | with history of | with a history of | with past history of | has a history of
    had a history of | has history of | remote history | h o
historical forward item:
    {person} used to | who used to | used to get | used to smoke | used to drink | in #year for | in #year with
    recovered from | status post | s/p | previous | previously | previously had | previously diagnosed with
    previously treated for | prior | previously underwent | past | former | formerly | formerly a | former heavy | ex
    remote | old | post op from | underwent remote | used to have | used to be | used to suffer from
    has had previous | had previous | had prior | had a previous | known to have had | hospitalized last year for
    hospitalised last year for | treated in the past for | admitted last year for | in remission from
    recovering alcoholic | survivor of | once had | has had in the past | at one time had | survived | overcame
    reformed | quit | treated many years ago for | has previously had | historically | at birth had | childhood
    in the distant past | years ago had | {treated} in #year {forwith} | {treated} {some} {period} ago {forwith}
    {treated} last year {forwith} | {treated} in the past {forwith} | {treated} in {month} #year {forwith}
    {treated} as a child {forwith} | {treated} years ago {forwith} | {treated} previously {forwith}
    had been {treated} {forwith} | {treated} earlier this year {forwith}
historical time item:
    in the past | in the remote past | in past | {some} {period} ago | years ago | year ago | decades ago
    some time ago | long ago | a long time ago | {some} {period} back | {some} {period} prior
    {some} {period} previously | {some} {period} earlier | months ago | last year | the year before | years before
    years earlier | {youth} | in #year | in {month} #year | in {month} of #year | in {month} # #year | back in #year
    during #year | circa #year | around #year | between #year and #year | from #year to #year | on #year | as of #year
    ( #year ) | , #year | in the #s | in #s | during the #s | before menopause | prior to menopause | before marriage
    in a prior pregnancy | with a prior pregnancy | with prior pregnancy | with her first pregnancy
    with first pregnancy | with prior pregnancies | in her first pregnancy | with her last pregnancy
    during her last pregnancy | during a previous pregnancy | with previous pregnancy | with previous pregnancies
    during her first pregnancy | at birth | in remission | {be} in remission | in complete remission | in the military
    in the army | once before | twice before | before # | in early life | earlier in life | years prior | remotely
    last spring | last summer | last fall | last autumn | last winter | after {whose} first pregnancy
    after {whose} first delivery | after {whose} first baby | a long while ago | in an earlier pregnancy
    last century | in full remission | in partial remission | in sustained remission | in clinical remission
historical time item 5:
    #year . | #year , | #year )
historical outcome list:
    resolved | healed | subsided | abated | ceased | disappeared | treated and resolved | evaluated and resolved
    resolved problem | resolved problems
historical backward list:
    {be} {since} resolved | {be} gone | {have} {since} resolved | now resolved | since resolved | since then resolved
    {have} {since} cleared | {have} {since} cleared up | cleared up | {have} {since} gone away | went away
    {have} {since} disappeared | {have} {since} subsided | {have} {since} abated | {have} {since} ceased
    {have} {since} healed | {be} {since} healed | {seems} to have resolved | {seems} to have {since} resolved
    {seems} to have gone away | {seems} to have cleared | {seems} to have subsided | {seems} to have disappeared
    {seems} to be resolved | {seems} resolved | resolved completely | resolved spontaneously | resolved quickly
    resolved on its own | resolved entirely | resolved without | resolved with | cleared with
    cleared by hospital day | cleared after | cleared on its own | cleared spontaneously | cleared over
    cleared within | cleared completely | cleared overnight | healed without | healed with | healed well
    {be} treated and resolved | went into remission | {have} {since} remitted | , treated #year | , treated in #year
    treated #year | treated in #year | , now resolved | , since resolved | , resolved | , now gone | , now healed
    , healed | , which {have} {since} resolved | , which {be} {since} resolved | , which resolved | , that resolved
    that has resolved | which resolved | , subsided | , cleared | , gone | , since healed | , then resolved
    , which subsided | , which cleared | , which has cleared | {have} {since} settled | {seems} to have settled
    {seems} to have stopped | {seems} to have gone | stopped on its own | stopped after | stopped {some} days ago
    stopped yesterday | broke overnight | broke yesterday | {have} broken | settled down | settled with
    settled after | burned out | {have} {since} stopped now | {have} quieted down
hypothetical forward list:
    if | if there is | if there are | if there is any | if you have | if you develop | if you notice
    if you experience | if {person} develops | if {person} develop | if {person} has | if {person} have
    if {person} experiences | if {person} experience | if {person} notices | if {person} notice | if {person} gets
    if {person} should develop | if {person} becomes | if {person} has any | if {person} have any | even if there is
    only if | unless | unless there is | in case of | in case | in the event of | in the event that | in event of
    in the case of | lest | provided that | return if | return to clinic if | return to the ed if | return sooner if
    return immediately if | return to hospital if | to return if | come back if | come in if | to come back if
    call if | call us if | call the office if | call the clinic if | call your doctor if | call 911 if
    please call if | please return if | to call if | phone if | contact us if | contact your doctor if
    go to the ed if | go to the er if | go to the emergency room if | go to the emergency department if | seek care if
    seek medical attention if | seek medical care if | let us know if | let me know if | notify physician if
    notify md if | notify if | notify us if | notify provider if | should {person} | should {person} develop
    should {person} notice | should {person} have | should {person} experience | should you notice any
    should {person} become | should there be | should there be any | watch for | to watch for | watch for signs of
    watching for | watch closely for | look out for | on the lookout for | monitor for | {monitor} {closely} for
    {monitor} {closely} for signs of | {monitor} {closely} for symptoms of | {counselled} about | {counselled} on
    {counselled} regarding | {counselled} about signs of | {counselled} about symptoms of | to monitor for
    be alert for | be aware of | keep an eye out for | surveillance for | vigilant for | screen for | screening for
    screen for possible | signs of infection such as | signs and symptoms of | warning signs of | educated on signs of
    at risk for | at risk of | at high risk for | at high risk of | at increased risk of | at increased risk for
    risk of | risk for | risks of | risks include | risks including | risks such as | risk of developing
    increased risk of | increased risk for | increased risk for developing | high risk for | high risk of
    low risk for | low risk of | the risks of | complications including | complications include
    complications such as | possible complications include | potential complications include | predisposed to
    susceptible to | side effects including | side effects include | side effects such as | to prevent | prevent
    prevents | prevention of | for prevention of | preventing | prevent further | to avoid | to decrease the risk of
    to reduce the risk of | prophylaxis for | prophylaxis against | prophylaxis of | prophylactic for
    protect against | to protect against | protection against | vaccine against | vaccine for | vaccination against
    vaccination for | immunization against | vaccinated against | immunized against | as needed for | as needed with
    prn for | prn if | p.r.n. | p.r.n. for | as required for needed for | may develop | might develop | could develop
    can develop | may cause | could cause | can cause | might cause | may lead to | could lead to | can lead to
    may result in | could result in | can result in | may get | would develop | may occur with | may experience
    might experience | could experience | will get | will develop | afraid of getting | afraid of | afraid she will
    afraid he will | worries that {person} will get | fear of developing | fear of getting | worried about getting
    worried about developing | concerned about developing | whenever | when {person} develops
    when {person} experiences | when {person} gets | at the first sign of | at first sign of | at the onset of
    would be for | would treat for | would consider | would treat | to treat if | plan if | so as not to develop
    in anticipation of | potential for | potential for developing | threat of | danger of | chance of
    instructions for | instructions given for | danger signs of | red flags for | red flags including | warned of
    discussed warning signs of | discussed signs of | aware of the risk of | if needed for | when needed for
    if {person} should | prophylactic antibiotics for | antibiotic prophylaxis for | prophylactic {drug} for
hypothetical forward open:
    : report | . report | possible side effects {be} explained | side effects {be} explained
    side effects {be} reviewed | side effects reviewed | possible side effects reviewed
    potential side effects reviewed | side effects discussed | side effects explained | adverse effects include
    adverse effects including | possible complications {be} {explained} | potential complications {be} {explained}
    complications {be} {explained} | potential side effects {be} {explained} | return for | return for any
    return with | return to ed for | return to the ed for | return to er for | return to the er for
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
    come back to {place} {for}
hypothetical answer list:
    prophylaxis | precautions | prn | prevention
hypothetical backward item:
    if needed | as needed | if it occurs | if they occur | if it recurs | if present | if necessary | if recurrent
    if persistent | should it occur | should it recur | should they occur | {could} occur | {could} happen
    {could} ensue | {could} recur
other forward open:
    family history | family history of | fhx | fhx of | fh | fh of | family hx | family hx of | famhx | fam hx
    fam hx of | family history is positive for | family history positive for | family history significant for
    family medical history | family history is significant for | family history notable for | family history includes
    positive family history of | positive family history for | positive family history | strong family history of
    strong family history | family h/o | significant family history of | familial history | familial history of
    family history remarkable for | family history is remarkable for | family history is notable for
    family history is | maternal history of | paternal history of | maternal family history | paternal family history
    history of familial | family positive for | relatives with | first degree relative with
    first degree relatives with | second degree relative with | family member with | family members with | {kin} {has}
    {close} {has} | {contact} {has} | {kin} died at # of | {kin} died at # from | {kin} died at age # of
    {kin} deceased | exposed to someone with | exposed to a {kin} with | exposed to a {contact} with
    exposure to someone with | in contact with someone with | contact with someone with | around someone with
    contacts with | fetus | fetal | the fetus | donor | donor with | the donor had | neonate had | other driver
    other passenger | {kins} | maternal | paternal | maternal {kin} with | paternal {kin} with | {crowd} {where} {has}
    fam history of | family hx {lists} | fhx {lists} | fh {lists} | fhx + for | fhx (+) for | maternal history {lists}
    paternal history {lists} | ill contacts with | contact with a {kin} with | family history in {kin} of
    {kins} history of | familial hx of
other label open:
    {kin} | {contact} | maternal side | paternal side | maternal {kin} | paternal {kin}
other backward list:
    runs in the family | run in the family | runs in {whose} family | run in {whose} family | in the family
    in family | in {whose} family | in {whose} {kin} | in {some} {kin} | in {whose} {close}
    in {whose} maternal {kin} | in {whose} paternal {kin} | on the maternal side | on the paternal side
    on {whose} mother's side | on {whose} father's side | on {whose} maternal side | in a first degree relative
    in first degree relatives | in immediate family | on both sides of the family | in an older brother
    in an older sister | in a younger brother | in a younger sister | in an aunt | in an uncle
    in multiple family members | in other family members | in multiple relatives | contacts | in the fetus
    on {whose} mom's side | on {whose} dad's side | among relatives | in {whose} extended family
    affects {whose} {kin} | affected {whose} {kin}
stop forward open:
    noted | seen | identified | appreciated | visualized | visualised | observed | detected | but | however | although
    though | except | except for | except that | with the exception of | apart from | aside from | other than
    besides | yet | nevertheless | nonetheless | still | which | because | because of | due to | secondary to
    owing to | despite | in spite of | whereas | since | given | after | following | otherwise | only
    as the cause of | as a cause of | as an etiology for | as the etiology of | as the source of | as a source of
    as a reason for | to explain | to account for | cause of | causes of | etiology for | reason for | source for
    source of | trigger for | instead | with otherwise | and {subject} | , {subject} | and with | , with | , on
    therefore | hence | and developed | and reports | , reports | nor has | until then | outside of | save for
    barring | while | , started | , given | left him with | left her with | left with | , who
verb forward open:
    is | are | was | were | has | had | have | feels | felt | does | do | did | will | would | can | could | remains
    appears | states | says | notes | thinks | went | came | took | takes | began | started | underwent | received
    walks | lives | works | uses | drinks | smokes | eats | sleeps | seems | looks | became | becomes | gets | got
    tolerates | normal | clear | intact | unremarkable | stable | soft | supple | regular | within normal limits | wnl
    improved | improving | stated | said | complains | describes | described | wants | needs | lungs | moves
    responds | showing | call | return | take | continue | increase | start | stop | obtain | give | hold | send
    recheck | resume | go | use | place | check | order | repeat | follow | apply | seek | come | refer | administer
    please | ok | okay | reduced | reducible | healing | well healed | well preserved | preserved | palpable
hypothetical opening item:
    should | report
historical backward item:
    , quit | quit #year | quit in #year | quit {some} {period} ago | , quit #year | , quit in #year
    , quit {some} {period} ago | , stopped #year | , diagnosed and treated in #year
historical reply item:
    cleared | gone | settled | remitted | remission
"""
