"""The cues of what is not so, of what may be so, and of what is so: see `cues.Cue` for what the headings mean.

Every phrase between bars is a cue. Words in braces are blanks: see `wording`. A phrase that stands twice counts
as it stands first.
"""

from __future__ import annotations

POLARITY_CUES = """
pseudo forward item:
    free range | no increase | no interval increase | no significant increase | no decrease | no worsening
    no progression | no improvement | no significant improvement | without improvement
    without significant improvement | no better | no worse | {not} improved | {not} improving | {not} worse
    {not} worsening | {not} better | {not} changed | {not} unchanged | no relief | without relief | without any relief
    {not} relieved | no benefit | without benefit | no response | no effect | {not} responding | {not} responded
    {not} responsive | without response | no difference | no doubt | no question | without a doubt | without doubt
    no need | no reason | no matter | no plans | no problem with | no objection | no more than | no less than
    no later than | no sooner | no . # | no longer than | {not} only | {not} just | {not} merely | {not} necessarily
    {not} simply | {not} until | {not} enough | {not} sufficient | {not} able to | {not} unable to
    {not} well controlled | {not} controlled | {not} adequately controlled | {not} at goal | {not} cause | {not} drain
    {not} extend | {not} limited to | including but not limited to | {not} completely | {not} improve
    {not} know what | {not} know why | {not} due to | {not} caused by | {not} related to | {not_do} take
    {not_do} taken | {not_do} use | {not} taking | {not} tolerate | {not} fully | {not} responded to
    {not} respond to | {not} healed | {not} going away | {not} getting better | {not} enlarged | {not} remember when
    no recollection | without difficulty | without any difficulty | without problem | without problems
    without trouble | without incident | without assistance | without help | without warning | without treatment
    without pain medication | without medication | with or without | with and without | without contrast | no contrast
    with no relief | with no improvement | with no change | with little relief | gram negative | gram positive
    rh negative | rh positive | net negative | net positive | triple negative | double negative | false negative
    false positive | true negative | negative pressure | positive pressure | negative balance | negative inspiratory
    negative predictive | negative affect | negative mood | negative thoughts | negative symptoms | negative attitude
    negative side effects | negative reaction | coagulase negative | lactose negative | a negative impact | o negative
    absent minded | absence seizure | absence seizures | absence epilepsy | fat free | symptom free survival
    disease free survival | free air | free fluid | free t4 | free text | free thyroxine | free living | drug free
    smoke free | free flap | possible side effects | as likely as | as soon as possible | if possible | when possible
    as much as possible | like to | likely to benefit | non small | non weight | non invasive | non operative
    non surgical | non contrast | non specific | non hodgkin | non hodgkins | non st | non stemi | non insulin
    non healing | non steroidal | non compliance | non adherence | non ischemic | non pitting | non productive
    nil per os | nil by mouth | no show | no code | no one | loss of | none the less | never mind | suspicious mood
    on clear | clear liquids | clear liquid | clear discharge | deny access | denied coverage | {not} take
    normal saline | without insurance | may take | may use | may return | may be discharged | may resume | may be used
    may also take | can not wait | may go | in may | may # | could not get | could not see | could not keep
    normal pressure | soft tissue | soft tissues | stable angina | regular rate | clear cell | suspicious for nothing
    whether or not to | yes sir | {not} on | no pain relief | without pain relief | no symptomatic relief
    little relief | cannot | can not | can't | cant | could not | couldn't | unable to | inability to
    {not} yet resolved | {not} {fully} resolved | {not} {fully} resolve | {not} {fully} gone away
    {not} {fully} go away | {not} {fully} cleared | {not} {fully} healed | {not} {fully} subsided | yet to resolve
    {partly} resolved | {partly} cleared | {partly} healed | negative margins | negative margin
    negative pressure wound | node negative | cleared for | cleared by | cleared to | cleared the | been cleared
    was cleared | is cleared | er negative | pr negative | receptor negative | her2 negative | her2 neu negative
    lymph node negative | margins negative | margin negative | zero vicryl | zero prolene | zero silk | 0 {unit}
    {graded} 0 | free of charge | for free | sugar free | gluten free | free t3 | latex free | absent from
    absent parent | absent father | without regard | no exception | no exceptions | no specific diagnosis
    no diagnosis | if anything | possible side effects were reviewed before | likely to go | likely to be discharged
    likely to need | {not} taken anything | {not} on any | {not} tolerating | no previous {handled}
    no prior {handled} | no prior history of {handled} | {wont} {act} | possible cause of | possible causes of
    possible cause | possible causes | , with or without
negated backward list:
    {be} negative | {be} absent | {be} denied | {be} negated | {be} ruled out | ruled out | {be} excluded
    {be} unlikely | {be} felt to be unlikely | felt to be unlikely | {be} thought to be unlikely | thought unlikely
    considered unlikely | {be} considered unlikely | felt unlikely | seems unlikely | appears unlikely
    {be} highly unlikely | {be} very unlikely | {be} less than likely | can be ruled out | can be excluded
    {not_be} {adverb} {seen} | {cannot} {adverb} be {seen} | {cannot} be {adverb} {seen} | {be} no longer {seen}
    no longer {seen} | {be} nowhere {seen} | was denied by the patient | {be} not there | none {seen} | {be} none
    {be} not a complaint | {be} not a concern | {be} not an issue | {be} lacking | {be} nil | {be} no longer a problem
    no longer a problem | {be} no longer an issue | {be} nonexistent | {be} non existent | negative to date | excluded
    neg x # | negative bilaterally | {be} subsequently ruled out | {be} never {seen} | {be} not {seen} today
    less {seen} | {not_be} a problem | {not_be} an issue | {not_be} a concern | . all testing negative
    . testing negative | . all negative | , all negative | . all testing {be} negative | and all testing {be} negative
    and testing {be} negative | and all testing negative | and nothing {be} {seen} | but nothing {be} {seen}
    and none {be} {seen} | but none {be} {seen} | , work up negative | . work up negative | , workup negative
    . workup negative | . work up {be} negative | . workup {be} negative | , with negative work up
    with negative work up | with a negative work up | with negative workup | with a negative workup
    , testing negative | {be} repeatedly negative | {be} both negative | {be} all negative | {be} also negative
    {be} initially negative | {be} nonreactive | {be} non reactive | {be} undetectable | not elicitable
    , which {be} negative | , which {be} all negative | , which {came} negative | which {came} negative
    which {be} negative | {came} negative | {came} normal | {be} {came} negative | , ruled out | , excluded
    , which was ruled out | {testing} {be} negative | {testing} negative | {testing} {came} negative
    {workup} {be} {normal} | {workup} {normal} | {workup} {came} {normal} | {workup} in {month} {be} {normal}
    {workup} in #year {be} {normal} | {workup} last {period} {be} {normal} | {testing} in {month} {be} negative
    {testing} in #year {be} negative
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
    , which subsided | , which cleared | , which has cleared
negated forward open:
    no acute concern for | no current concern for | no acute concerns for | no real concern for
    no high suspicion for | no evidence of | no evidence for | no evidence to suggest | no evidence to support
    no evidence that | no {seen} | no {sign} of | no {sign} for | no {sign} suggesting | no {sign} to suggest
    no {sign} suggestive of | no clear {sign} of | no acute {sign} of | no obvious {sign} of | no convincing {sign} of
    no definite {sign} of | no clinical {sign} of | no definite | no convincing | no obvious | no clear | no overt
    no gross | no frank | no discernible | no radiographic evidence of | no history of | no prior history of
    no past history of | no known history of | no known | no further | no more | no recent | no new | no current
    no other | no longer | {be} no longer | no longer has | no longer have | no longer having | no concern for
    no concerns for | no suspicion for | no suspicion of | no concern of | no suspicious | no significant | no large
    no focal | not any | {not_do} {avow} {any} | {not_do} {avow} to have {any} | {not_do} currently {avow}
    {not_do} recently {avow} | {not_be} {avowing} {any} | {not_be} currently {avowing} {any} | not {avow}
    not {avow} any | nor {avow} | nor is {avowing} | nor does | nor did | there {be} not any | there isn't any
    there aren't any | there wasn't any | there weren't any | {not_be} actively {avowing} | {not_do} ever {avow}
    {not_do} really {avow} | {not} have a history of | {not} have any history of | nothing to suggest
    nothing suggestive of | nothing suspicious for | denies any | denies having | denies having any | denies current
    denies history of | denies any history of | denies a history of | denies experiencing | denies symptoms of | deny
    denying | denied any | denied having | denial of | and denies | but denies | denies feeling | denies recent
    denies complaints of | without | without any | without evidence of | without any evidence of | without {sign} of
    without {sign} for | without any {sign} of | without obvious | without significant | without apparent
    without a history of | w/o | w/out | w/o any | w/o evidence of | {be} without | is without any | sans
    with neither | negative for | {be} negative for | {not_be} diagnosed with | pertinent negatives
    pertinent negatives include | pertinent negatives are | negatives include | pertinent negative for
    {be} absent of | neg for | negative for any | negative for evidence of | negative test for | negative screen for
    tested negative for | test negative for | screened negative for | serially negative for | negative findings for
    free of | free from | clear of | cleared of | devoid of | void of | in the absence of | lacks | lacked | lacking
    missing any | absent any | neither | nor | none of the | none of | nil of | fails to reveal | failed to reveal
    fails to demonstrate | failed to demonstrate | fails to show | failed to show | failure to demonstrate
    fail to reveal | fail to demonstrate | failed to identify | failed to disclose | fails to meet | could find no
    rules out | ruled out for | has been ruled out for | was ruled out for | ruled her out for | ruled him out for
    ruling out | rule him out for | exclusion of | effectively rules out | argues against | argue against | against
    speaks against | inconsistent with | {not} meet criteria for | resolution of | interval resolution of
    complete resolution of | relief of | cessation of | never has | never diagnosed with | rather than | instead of
    as opposed to | unremarkable for | non contributory for | un remarkable for | stopped having
    no longer experiences | no longer complains of | no longer suffers from | contraindicated
    ruled out the possibility of | excludes | excluded the presence of | nothing like | avoids | avoided | \u2205
    \u00f8 | hardly any | barely any | scarcely any | hardly | almost no | virtually no | practically no
    essentially no | next to no | never any | {not_be} {felt} {typical} | {not_do} fit with | {not_do} fit
    {not_do} go along with | {not_do} point to | {not_do} argue for | {not_do} speak for | {not_do} favor
    {not} in keeping with | {cannot} {perceive} {any} | no further evidence of | no residual | no associated
    no active | no gross evidence of | (-) for | negative screening for | negative work up for | negative workup for
    negative evaluation for | work up negative for | low likelihood of | low probability of | {not} thought to have
    {not} felt to have | {not} believed to have | {not} thought to be | {not} felt to be | {not} believed to be
    {kin} denies | {kin} denied | {close} denies | {close} denied | {came} negative for | {be} {came} negative for
    nothing to indicate | {not} felt to represent | {not} thought to represent | {not} believed to represent
    {not} felt to reflect | {not} likely to be | {not} likely | {testing} {be} negative for | {testing} negative for
    {testing} {came} negative for | {workup} {be} {normal} for
negated forward item 2:
    non
negated forward item 6:
    nobody has | not | {not} | won't | wouldn't
negated answer open:
    pt denies | patient denies | he denies | she denies | patient denied | pt denied | he denied | she denied
    they deny | i deny | patient says no | pt reports none | patient reports none | no | denies | denied | none | nil
    nope | nothing | nay | unlikely | highly unlikely | very unlikely | most unlikely | not present on exam | doubt
    i doubt | doubts | false | no concerns
negated backward item 2:
    free
negated mark item:
    (-) | []
negated verdict list:
    {be} {normal} | {came} {normal}
possible forward list:
    possibly | possible early | possibility of | the possibility of | a possibility of | raise the possibility of
    raises the possibility of | raising the possibility of | probably | probability of | likelihood of | more likely
    less likely | more likely than not | presumably | presumptive | presumptively | suspect | suspects | suspecting
    suspicious for | suspicious of | suspicion for | suspicion of | suspicion that | high suspicion for
    high suspicion of | highly suspicious for | question of | a question of | questionably | question | ? | query
    rule out | to rule out | r/o | rule in | rule out for | r o | rule out any | rules in | {cannot} rule out
    {cannot} exclude | {cannot} entirely exclude | {cannot} completely exclude | {cannot} definitively exclude
    {not} rule out | {not} exclude | {cannot} completely rule out | {cannot} entirely rule out
    {cannot} be sure about | {cannot} definitively rule out | concern for | concerns for | concern about
    concerns about | concern of | concerning for | concerned for | concerned about | some concern about
    concerned that | worrisome for | worry about | worried about | worried for | worry for | may be | might be
    could be | may have | might have | could have | may represent | may well be | could well be | might well be
    might represent | could represent | may reflect | might reflect | could reflect | may indicate | might indicate
    could indicate | may suggest | might suggest | could suggest | may be due to | might be due to | could be due to
    may be related to | may be secondary to | may be from | may also have | may also represent | could also be
    could also represent | may have had | may have been | could this be | would represent | would be consistent with
    perhaps | maybe | suggest | suggests | suggesting | suggestive of | suggestion of | suggested
    indicative of possible | evaluate for | evaluation for | evaluate for possible | evaluation of possible | eval for
    evaluating for | assess for | assessment for | assessing for | look for | looking for | work up for | workup for
    being worked up for | investigate for | investigation for | check for | test for | testing for
    being evaluated for | {not} certain whether | {not} certain if | {not} sure whether | {not} sure if
    {not} know whether | {not} know if | {not} clear whether | {not} clear if | unclear whether | unclear if
    {cannot} tell if | {cannot} tell whether | {cannot} say whether | {cannot} say if | hard to tell whether
    most consistent with | uncertain whether | uncertain if | unsure whether | unsure if | it is unclear whether
    {not} known whether | wonder if | wonders if | wondered if | wonder about | wondering about | wondering if
    wonders whether | questions whether | whether | whether or not | equivocal for | equivocal | indeterminate for
    borderline for | inconclusive for | differential includes | differential diagnosis includes | ddx includes
    differential diagnosis | differential diagnoses | differential | ddx | differential would include
    differential diagnosis would include | diff dx | considerations include | differential for this includes
    consider | considered | considering | consideration of | consideration for | in favor of | favor | favors
    favoring | favored to represent | favour | favouring | thought to be | felt to be | believed to be
    thought to represent | felt to represent | felt to be due to | thought to be due to | appears to be | appear to be
    seems to be | seem to be | appears to have | seems to have | seems like | looks like | appears to represent
    apparent | potential | potentially | potential for underlying | tentative diagnosis of | provisional diagnosis of
    working diagnosis of | working diagnosis | provisional diagnosis | can be seen with | can be seen in
    as well as possible | could potentially be | may potentially be | as possible | think {person} may have
    think it is | thinks it is | thinks she might have | probable or possible | believe this is | suspicious
    impression of possible | low probability for | intermediate probability for | high probability for | conceivably
    conceivable | to exclude | exclude | in order to exclude | cannot r/o | can't r/o | atypical for | susp | poss
    prob | likely represents | likely representing | likely reflects | likely reflecting | most likely represents
    probably represents | probably representing | possibly representing | concern that | fear of | fears
    suspicion is for | suspect that | suspect possible | if this is | low suspicion for | low suspicion of
    low clinical suspicion for | low clinical suspicion of | {not} been ruled out for | {not} ruled out for
    {not} yet ruled out for | {not} yet been ruled out for | {not} been excluded for | {likely} {due}
    being ruled out for | {have} yet to be ruled out for | screened for | tested for | being tested for
    was tested for
possible question item:
    ?.
possible backward list:
    {be} possible | {be} suspected | {be} likely | {be} probable | {be} questionable | {be} questioned | {be} presumed
    {be} a possibility | {be} a consideration | {be} considered | {be} being considered | {be} entertained
    {be} in the differential | would be in the differential | remains in the differential | on the differential
    {be} on the differential | in the differential | remains a possibility | remains possible | remains a concern
    remains a consideration | is a concern | {be} thought to be possible | thought possible | {be} thought likely
    {be} felt to be likely | {be} thought to be likely | {be} felt likely | {be} thought to be probable
    {cannot} be excluded | {cannot} be ruled out | {cannot} be entirely excluded | {cannot} be completely excluded
    {cannot} be entirely ruled out | {cannot} be completely ruled out | {cannot} be definitively excluded
    {not} excluded | {not} ruled out | {not} been ruled out | {not} been excluded | {not} entirely excluded
    {not} {be} excluded | {not} {be} ruled out | {not} {be} definitively excluded | {not} definitively excluded
    {not} completely excluded | {not} entirely ruled out | {be} to be ruled out | {be} favored | {be} favoured
    favored | favoured | {be} unclear | {be} uncertain | {be} not certain | {be} not clear | {be} equivocal
    {be} indeterminate | {be} inconclusive | {be} doubtful | doubtful | {be} debatable | to be considered
    should be considered | must be considered too | could be considered | may be considered | may be present
    might be present | could be present | {be} possibly present | {be} probably present | needs to be ruled out
    must be ruled out | must be excluded | should be ruled out | needs to be excluded | should be excluded
    would be a possibility | could explain this | less likely though possible | {be} not impossible | {be} less likely
    seems likely | appears likely | seems possible | appears possible | {be} most likely
    more likely than not present | {have} yet to be ruled out | {have} yet to be excluded | yet to be ruled out
    yet to be excluded | {be} still in the differential | remains suspected | remains likely | {be} being ruled out
possible both list:
    versus | vs | versus possible | vs possible
affirmed forward open:
    endorses | endorse | endorsed | endorsing | reports | reporting | and reported | complains of | complaining of
    complained of | complain of | c/o | admits | admits to | admit to | admitted having | admitting to | acknowledges
    presents with | admitted with | admitted for | is admitted | was admitted | comes to | came in with | came to
    seen for | is seen for | brought in for | is here | presented with | presenting with | presents today with
    presents to | comes in with | comes in for | who presents | who comes in | who comes | presents | presented to
    positive for | pos for | tested positive for | significant for | notable for | remarkable for | found to have
    was found to have | {be} found to have | has developed | have developed | consistent with | compatible with
    in keeping with | diagnostic of | confirms | now with | now has | now presents | now presenting | now complains of
    here with | here for | there is | there are | there was | there were | there has been | demonstrates
    demonstrated | shows | showed | reveals | revealed | shows evidence of | evidence of | evidence for
    currently has | currently with | does have | do have | did have | does endorse | does report | does complain of
    does admit to | does note | does feel | still has | continues to have | continues to experience
    continues to complain of | experiencing | experiences | suffering from | suffers from | bothered by | troubled by
    known to have | diagnosed with | being treated for | remains with | ongoing | persistent | exhibits | manifests
    indicates | mentions | and then developed | now having | is having | has been having | have been having
    been having | is experiencing | has been experiencing | chief complaint of | started having | does state
    confirms having | indicative of | in addition to | associated with | accompanied by | as evidenced by
    pertinent positives | pertinent positives include | {not_do} deny | {not_do} deny that | {not_do} denied
    never denies | cannot deny | {kin} {not_do} deny | {close} {not_do} deny | {kin} {not_do} deny that | not denying
    p/w | pw | pt p/w | presents w/ | presented w/ | presenting w/ | presenting for | presenting after | now p/w
    who p/w | who {present} with | who {present} for | {present} with | {present} w/ | {present} for | {present} to
    {present} today with | {present} today for | {present} now with | {present} in | who {present} today
    comes in today with | comes in today for | comes in today complaining of | coming in with | coming in for
    came in for | came in due to | brought in with | brought in by | biba for | biba with | biba | bibems for
    bibems with | bibems | bib ems for | bib family for | admitted w/ | admitted after | admitted to | sent in for
    sent for | sent from clinic for | sent to ed for | referred for | transferred with | transferred for
    transferred from | transferred to | here today for | here today with | here w/ | here c/o | now here with
    now here for | now w/ | now c/o | now complaining of | now admitted with | now admitted for | now admitted
    now reports | now experiencing | now developed | now found to have | now s/p fall | who now has | who now presents
    seen today for | being seen for | evaluated today for | is being seen for | in ed with | in ed for
    in the ed with | in the ed for | in clinic for | in clinic today for | in for | returns with | returns for
    who returns with | who was admitted with | who was admitted for | who was brought in | who was found
    was found down | found down | a/w | (+) for | with new | with acute | with worsening | with chief complaint of
    w/ cc of | with cc of | cc | presenting complaint of | with complaints of | with a complaint of | w/ c/o
    with c/o | w/ complaint of | complaining | who complains | who complains of | now noted to have | noted to have
    has now developed | sent from clinic with | sent in from clinic with | sent in from clinic for
    sent from home with | sent from rehab with | sent from rehab for | sent by pcp for | referred by pcp for
    referred with | presents again with | again presents with
affirmed answer open:
    positive | pos | yes | present | yep | yeah | endorses x # | affirmative | true
affirmed backward list:
    {be} present | {be} positive | {be} noted | {be} seen | {be} identified | {be} evident | {be} found
    {be} detected | persists | persist | persisted | continues | worsened | has worsened | worsens | {be} endorsed
    {be} reported | {be} confirmed | {be} visualized | {be} appreciated | {be} worse | {be} worsening | has recurred
    {be} persistent | {be} ongoing | {be} positive for | came back positive | {be} unchanged | {be} stable
affirmed mark item:
    (+) | [x]
negated result open:
    negative | neg | negative x # | negative x2 | negative x3 | neg x2 | neg x3 | negative x1 | nonreactive
    non reactive | undetectable | non detected
negated answer noun:
    absent | absence of | complete absence of
negated count item 3:
    0 | zero | zero episodes of | zero evidence of | 0 out of 10 | 0 of 10
negated reply item:
    nkda | nka | nkfa | none known | non smoker | nonsmoker | never smoker | never smoked | never used | never drinker
    nondrinker | non drinker | [] yes [x] no | [] y [x] n | [x] no [] yes | [x] no | yes [] no [x] | no [x] yes []
    no [x]
affirmed reply item:
    [x] yes [] no | [x] yes | [] no [x] yes | yes [x] no [] | yes [x] | no [] yes [x]
pseudo reply item:
    [] yes [] no | yes [] no []
negated forward noun:
    lack of | a lack of | lack of any | complete lack of | total lack of
negated+other forward open:
    {kin} {not_do} had | {kin} {not_do} have | {close} {not_do} have | {close} {not_do} had | {kin} without
    {kin} with no | {kin} {has} no | no one at home has been | no one at home has | no one at home is
    no one else at home is | no one else at home has | no one in {whose} family has | no one in {whose} family had
    nobody in {whose} family has | nobody at home has | nobody at home is | no one in the home is
    no one in the house is | no one in the household has | no one else is | no one else in {whose} family has
    no sick contacts with | no sick contact with | no contacts with | no family members with | no family member with
    no relatives with | no relative with | no siblings with | no first degree relatives with | no one else has
    none of {whose} {kin} have | none of {whose} {kin} has | none of {whose} {kin} had
    no known contact with anyone with | no contact with anyone with
negated+other answer open:
    no family history | no known family history | negative family history | no fhx | no fh | no family hx
    no significant family history | no fam hx | no family h/o | denies family history | no relevant family history
possible answer list:
    possible | likely | suspected | probable | questionable | presumed | most likely | very likely | highly likely
    strongly suspected | highly suspected | clinically suspected | considered likely | considered possible
    thought likely | deemed likely | suspected clinically
negated forward clause:
    {not_do} {believe} | {not_do} {believe} that | {not_do} {believe} to have | doubt that | doubt she | doubt he
    doubt this
"""
