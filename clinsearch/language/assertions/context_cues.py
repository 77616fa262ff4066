"""The cues of historical findings, and the words that end a scope.

The tables have the format of `polarity_cues`.
"""

from __future__ import annotations

CONTEXT_CUES = """
pseudo forward item:
    history of present illness | history of the present illness | history of presenting illness
    history of presenting complaint | history of present complaint | history and physical | history was obtained
    history is obtained | history obtained | history obtained from | history taking | history is limited
    history limited by | social history | by history | history provided by | history per | history given by
    history is one of | history is that of | history is classic for | history is typical of | history is consistent with
    history is most consistent with | history fits | history fits with
    natural history | history is provided by | history reviewed | poor historian | medication history | dietary history
    sexual history | travel history | smoking history | year old | years old | yr old | month old | months old
    week old | weeks old | day old | days old | yo | y/o | old records | old chart | old films | old studies | old ecg
    old age | old record | year history of | years history of | # year history of | # day history of | # week history of
    # month history of | day history of | week history of | month history of | hour history of | {some} day history of
    {some} week history of | {some} month history of | {some} year history of | previous {study} | prior {study}
    previously noted | previously seen | previously described | previously discussed | compared to prior
    compared with prior | compared to previous | compared to the prior | compared with the prior | similar to prior
    unchanged from prior | since prior | from prior | since previous | since the prior | prior to | than prior
    than previous | comparison prior | in comparison to prior | prior authorization | {be} used to | been used to
    used to treat | used to evaluate | {some} {period} prior to | {some} days prior to | {some} weeks prior to
    this past | past monday | past weekend | past friday | past sunday | past saturday | past week | past few days
    past # days | past month | past several days | past # weeks | past few weeks | past due | over the past
    for the past | in the past week | in the past few days | in the past # hours | in the past # days
    in the past # weeks | in the past month | in the past # months | in the past few weeks | in the past few months
    in the past {some} {period} | in the past {some} days | in the past {some} weeks | within the past | during the past
    in the last | started {some} {period} ago | began {some} {period} ago | starting {some} {period} ago
    beginning {some} {period} ago | since {some} {period} ago | until {some} {period} ago | onset {some} {period} ago
    {beside} {whose} {kin} | {beside} {whose} {close} | mother to be | nurse {says} | the family {says} | family present
    family meeting | family is | family planning | family practice | family medicine | family physician | family doctor
    mother and {close} {says} | sister hospital | twin bed | mother board | family history was reviewed | lives with
    live with | living with | sister mary | as if | even if | if not | ask if | asked if | check if | see if | know if
    if any | if he could | if she could | as needed basis | low risk | high risk | risk factors | risk factor
    cardiac risk factors | risks and benefits | monitor closely | should be noted | it should be noted
    should have been | unless otherwise | at risk population | when asked | if available | call light | call button
    on call | call bell | return to work | return to clinic | return to school | follow up if | watch battery
    avoid alcohol | former wife | former husband | quit date | when questioned | while at risk | preventive care
    preventative care | {kin} {says} | {close} {says} | {contact} {says} | {kin} who {says} | {close} who {says}
    {contact} who {says} | should not | history : | brief history : | clinical history : | maternal {kin} {says}
    paternal {kin} {says} | past {some} {times} | past {times} | report of | report dictated | report from
    report called | report given | report received | report to | report on | report that | report : | report was
    report is | report shows | report showed | : report of | report states | report reads | {could} be {done}
    no longer responsible
    old chronic | old , chronic | old and chronic | eval : | eval by | eval showed | eval shows | eval revealed
    eval notable for | eval with
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
    previously treated for | prior | previously underwent | past | formerly
    remote | old | post op from | underwent remote | used to have | used to be | used to suffer from | has had previous
    had previous | had prior | had a previous | known to have had | hospitalized last year for
    hospitalised last year for | treated in the past for | admitted last year for | in remission from
    recovering alcoholic | survivor of | once had | has had in the past | at one time had | survived | overcame
    quit | treated many years ago for | has previously had | historically | at birth had | childhood
    in the distant past | years ago had | {treated} in #year {forwith} | {treated} {some} {period} ago {forwith}
    {treated} last year {forwith} | {treated} in the past {forwith} | {treated} in {month} #year {forwith}
    {treated} as a child {forwith} | {treated} years ago {forwith} | {treated} previously {forwith}
    had been {treated} {forwith} | {treated} earlier this year {forwith} | prior episode of | prior episodes of
    previous episode of | previous episodes of | prior bout of | previous bout of | prior bouts of | remote episode of
    past episodes of | past episode of | previous bouts of | prior bouts with | earlier episode of | has beaten
    had beaten | in recovery from | has recovered from | had recovered from | had recovered fully from
    fully recovered from | recovered fully from | recovered well from | survived a | once {treated} {forwith}
    {be} once {treated} {forwith} | had once had | old healed
historical time item:
    in the past | in the remote past | in past | {some} {period} ago | years ago | year ago | decades ago
    some time ago | long ago | a long time ago | {some} {period} back | {some} {period} prior
    {some} {period} previously | {some} {period} earlier | months ago | last year | the year before | years before
    years earlier | {youth} | in #year | in {month} #year | in {month} of #year | in {month} # #year | back in #year
    during #year | circa #year | around #year | between #year and #year | from #year to #year | on #year | as of #year
    ( #year ) | , #year | before menopause | prior to menopause | before marriage | in a prior pregnancy
    with a prior pregnancy | with prior pregnancy | with her first pregnancy | with first pregnancy
    with prior pregnancies | in her first pregnancy | with her last pregnancy | during her last pregnancy
    during a previous pregnancy | with previous pregnancy | with previous pregnancies | during her first pregnancy
    at birth | in the military | in the army | once before
    twice before | before # | in early life | earlier in life | years prior | remotely | last spring | last summer
    last fall | last autumn | last winter | after {whose} first pregnancy | after {whose} first delivery
    after {whose} first baby | a long while ago | in an earlier pregnancy | last century
    during the war | during the {nation} war
    in the war | while in the {force} | while in {nation} | in the {force} | while serving in the {force}
    while deployed | during {whose} deployment | during {whose} service | when {person} was #
    when {person} was in {whose} {decade} | in {whose} {decade} | in {whose} early {decade} | in {whose} mid {decade}
    in {whose} late {decade} | when {person} was {number} | when {person} was in {school}
    {with} {whose} {nth} pregnancy | {with} {whose} {nth} child | {with} {whose} {nth} baby
    {with} {whose} {nth} delivery | during college | during high school | in {school}
    when she was pregnant with {whose} {nth} | {some} summers ago | {some} winters ago | during a prior admission
    on a prior admission | at a prior admission | during a previous admission | during {whose} last admission
    at {whose} last admission | during her pregnancies | during {whose} {nth} pregnancies | before sobriety
    before getting sober | back in {month} | back in early {month} | back in late {month}
    during her pregnancy with twins | in vietnam | in korea | in iraq | in afghanistan | before his transplant
    before her transplant | prior to his transplant | prior to her transplant | before his bypass | before her bypass
    in the eighties | in the nineties | during {whose} last hospitalization | during {whose} last stay
    during {whose} last hospital stay | during {whose} previous hospitalization | during a prior hospitalization
    during {whose} prior hospitalization | in the #year | in the early #year | in the late #year | in the mid #year
    during the #year | a while back | a while ago | awhile ago | awhile back | some time back | during basic training
    during boot camp | at age {number} | at the age of {number} | in {ordinal} grade | shortly after birth
    soon after birth | the year before last | in earlier years | until #year | up until #year | till #year
    during prior admission | on prior admission | during previous admission | on previous admission
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
    resolved on its own | resolved entirely | resolved without | resolved with | cleared with | cleared by hospital day
    cleared after | cleared on its own | cleared spontaneously | cleared over | cleared within | cleared completely
    cleared overnight | healed without | healed with | healed well | {be} treated and resolved | went into remission
    {have} {since} remitted | , treated #year | , treated in #year | treated #year | treated in #year | , now resolved
    , since resolved | , resolved | , now gone | , now healed | , healed | , which {have} {since} resolved
    , which {be} {since} resolved | , which resolved | , that resolved | that has resolved | which resolved | , subsided
    , cleared | , gone | , since healed | , then resolved | , which subsided | , which cleared | , which has cleared
    {have} {since} settled | {seems} to have settled | {seems} to have stopped | {seems} to have gone
    stopped on its own | stopped after | stopped {some} days ago | stopped yesterday | broke overnight | broke yesterday
    {have} broken | settled down | settled with | settled after | burned out | {have} {since} stopped now
    {have} quieted down | passed on its own | has come and gone | came and went | but none since
    but none in {some} {period} | but none in over {some} {period} | but none for {some} {period}
    but has since resolved | but since resolved | but now resolved | but resolved | {be} now gone | {be} long gone
    is behind {person} now | {have} long since resolved | and {have} {since} resolved | and {be} now resolved
    and {have} {since} healed | and {be} now healed | and {have} {since} cleared | and {be} now cleared
    and {have} {since} gone away | and {be} now gone away | and {have} {since} subsided | and {be} now subsided
    and {have} {since} disappeared | and {be} now disappeared | and {be} now gone | and resolved | and then resolved
    and has not recurred | and has not come back | has not recurred | have not recurred | {not} recurred since
    and never recurred | has passed and | has passed . | has passed , | has now passed | has since passed
    have passed . | have now passed | cleared .
    {have} {since} stopped | {have} {since} gone into remission | {have} {since} gone into {long} remission
    {have} {since} entered remission | {have} {since} entered {long} remission | entered remission
    going into remission | {have} {since} {righted} | {have} {since} {righted} with | {righted} with
    {righted} after | {righted} on its own | {righted} spontaneously | {have} {since} returned to {normal}
    {have} {since} come back to {normal} | {be} back to {normal} | {be} now back to {normal} | returned to {normal}
    returned to baseline | stopped by itself | stopped by themselves
    stopped within | stopped overnight | stopped once | stopped . | {have} {since} gone . | {have} {since} gone ,
    {have} gone completely | gone after | gone since | gone with | gone now | gone today | gone by | gone within
    gone this morning | gone . | settled on | settled by | settled overnight | settled within
    settled spontaneously | settled . | , none since | , none since then | , none since that time | , none after
    , none thereafter | , nil since | , but none since | none since | , no recurrence | , no recurrences
    , no recurrence since | , no recurrences since | , no further episodes | , without recurrence
    , symptoms {over} | , symptom {over} | , symptoms now {over} | , symptoms {have} {since} {over}
    , symptoms all {over} | , now clear | , now cleared | , now settled | and now clear
    : {slightly} , {gone} | : {slightly} , now {gone} | : {slightly} but {gone} | : {slightly} , but {gone}
    : {slightly} , but now {gone} | : {slightly} but now {gone} | : {slightly} , but it {be} {gone}
    : {slightly} , {gone} now | : {slightly} and now {gone} | free since {began} | free since #year
    free since {month} | free since {month} #year | free since {whose} {op}
    free for {some} {period} | free for over {some} {period} | free for more than {some} {period}
    free x # {period} | free for {period} | free after {op} | free after {whose} {op}
    {comma} {been} in {long} remission
historical since item:
    in {monthname} | last {monthname} | in early {monthname} | in late {monthname} | in mid {monthname}
    this past {monthname}
stop forward open:
    noted | seen | identified | appreciated | visualized | visualised | observed | detected | but | however | although
    though | except | except for | except that | with the exception of | apart from | aside from | other than | besides
    yet | nevertheless | nonetheless | still | which | because | because of | due to | secondary to | owing to | despite
    in spite of | whereas | since | given | after | following | otherwise | only | as the cause of | as a cause of
    as an etiology for | as the etiology of | as the source of | as a source of | as a reason for | to explain
    to account for | cause of | causes of | etiology for | reason for | source for | source of | trigger for | instead
    with otherwise | and {subject} | , {subject} | and with | , with | , on | therefore | hence | and developed
    and reports | , reports | nor has | until then | outside of | save for | barring | while | , started | , given
    left him with | left her with | left with | , who | {be} responsible for | responsible for | accounting for
    accounts for | explaining | {be} the cause of | {be} behind the | {be} to blame for | , reported | , noted
    , endorsed | , complained | and instead
    superimposed on | superimposed upon | super imposed on | on a background of | on background of
    on the background of | on top of | in the setting of | in setting of | in the context of | in context of
    against a background of | {givenfor} for
verb forward open:
    is | are | was | has | had | have | feels | felt | does | do | did | will | would | can | could | remains | appears
    states | says | notes | thinks | went | came | took | takes | began | started | underwent | received | walks | lives
    works | uses | drinks | smokes | eats | sleeps | seems | looks | became | becomes | gets | got | tolerates | normal
    clear | intact | unremarkable | stable | soft | supple | regular | within normal limits | wnl | improved | improving
    stated | said | complains | describes | described | wants | needs | lungs | moves | responds | showing | call
    return | take | continue | increase | start | stop | obtain | give | hold | send | recheck | resume | go | use
    place | check | order | repeat | follow | apply | seek | come | refer | administer | please | ok | okay | reduced
    reducible | healing | well healed | well preserved | preserved | palpable
historical backward item:
    , quit | quit #year | quit in #year | quit {some} {period} ago | , quit #year | , quit in #year
    , quit {some} {period} ago | , stopped #year | , diagnosed and treated in #year | in #year with {good} recovery
    with {good} recovery | with no recurrence | without recurrence | in #year without recurrence
    in #year with no recurrence | in #year with no residual deficits | in #year without residual
    in #year with no residual | with no residual deficits
    w/ {good} recovery | with {good} resolution | w/ {good} resolution | without residua
historical reply item:
    cleared | gone | settled | remitted | remission
historical forward list:
    {interval} {clearing} of | there {be} {clearing} of | there {be} {interval} {clearing} of
    there {be} {interval} and {interval} {clearing} of
historical forward noun:
    ex | former | formerly a | former heavy | reformed
"""
