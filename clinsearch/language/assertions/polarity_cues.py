"""The cues of negated findings, and pseudo-cues: see `cues.Cue` for what the headings mean.

Every phrase between bars is a cue. Words in braces are blanks: see `wording`. Of a phrase that is listed twice the
first counts.
"""

from __future__ import annotations

POLARITY_CUES = """
pseudo forward item:
    free range | no increase | no interval increase | no significant increase | no decrease | no worsening
    no progression | no improvement | no significant improvement | without improvement | without significant improvement
    no better | no worse | {not} improved | {not} improving | {not} worse | {not} worsening | {not} better
    {not} changed | {not} unchanged | no relief | without relief | without any relief | {not} relieved | no benefit
    without benefit | no response | no effect | {not} responding | {not} responded | {not} responsive | without response
    no difference | no doubt | no question | without a doubt | without doubt | no need | no reason | no matter
    no plans | no problem with | no objection | no more than | no less than | no later than | no sooner | no . #
    no longer than | {not} only | {not} just | {not} merely | {not} necessarily | {not} simply | {not} until
    {not} enough | {not} sufficient | {not} able to | {not} unable to | {not} well controlled | {not} controlled
    {not} adequately controlled | {not} at goal | {not} cause | {not} drain | {not} extend | {not} limited to
    including but not limited to | {not} completely | {not} improve | {not} know what | {not} know why | {not} due to
    {not} caused by | {not} related to | {not_do} take | {not_do} taken | {not} taking | {not} tolerate
    {not} fully | {not} responded to | {not} respond to | {not} healed | {not} going away | {not} getting better
    {not} enlarged | {not} remember when | no recollection | without difficulty | without any difficulty
    without problem | without problems | without trouble | without incident | without assistance | without help
    without warning | without treatment | without pain medication | without medication | with or without
    with and without | without contrast | no contrast | with no relief | with no improvement | with no change
    with little relief | gram negative | gram positive | rh negative | rh positive | net negative | net positive
    triple negative | double negative | false negative | false positive | true negative | negative pressure
    positive pressure | negative balance | negative inspiratory | negative predictive | negative affect | negative mood
    negative thoughts | negative symptoms | negative attitude | negative side effects | negative reaction
    coagulase negative | lactose negative | a negative impact | o negative | absent minded | absence seizure
    absence seizures | absence epilepsy | fat free | symptom free survival | disease free survival | free air
    free fluid | free t4 | free text | free thyroxine | free living | drug free | smoke free | free flap
    possible side effects | as likely as | as soon as possible | if possible | when possible | as much as possible
    like to | likely to benefit | non small | non weight | non invasive | non operative | non surgical | non contrast
    non specific | non hodgkin | non hodgkins | non st | non stemi | non insulin | non healing | non steroidal
    non compliance | non adherence | non ischemic | non pitting | non productive | nil per os | nil by mouth | no show
    no code | no one | loss of | none the less | never mind | suspicious mood | on clear | clear liquids | clear liquid
    clear discharge | deny access | denied coverage | {not} take | normal saline | without insurance | may take
    may use | may return | may be discharged | may resume | may be used | may also take | can not wait | may go | in may
    may # | could not get | could not see | could not keep | normal pressure | soft tissue | soft tissues
    stable angina | regular rate | clear cell | suspicious for nothing | whether or not to | yes sir | {not} on
    no pain relief | without pain relief | no symptomatic relief | little relief | cannot | can not | can't | cant
    could not | couldn't | unable to | inability to | {not} yet resolved | {not} {fully} resolved
    {not} {fully} resolve | {not} {fully} gone away | {not} {fully} go away | {not} {fully} cleared
    {not} {fully} healed | {not} {fully} subsided | yet to resolve | {partly} resolved | {partly} cleared
    {partly} healed | negative margins | negative margin | negative pressure wound | node negative | cleared for
    cleared by | cleared to | cleared the | been cleared | was cleared | is cleared | er negative | pr negative
    receptor negative | her2 negative | her2 neu negative | lymph node negative | margins negative | margin negative
    0 {unit} | {graded} 0 | free of charge | for free | sugar free | gluten free | free t3 | latex free | absent from
    absent parent | absent father | without regard | no exception | no exceptions | no specific diagnosis | no diagnosis
    if anything | possible side effects were reviewed before | likely to go | likely to be discharged | likely to need
    {not} taken anything | {not} on any | {not} tolerating | no previous {handled} | no prior {handled}
    no prior history of {handled} | {wont} {act} | possible cause of | possible causes of | possible cause
    possible causes | , with or without | do not {order} | don't {order} | {not} compliant | {not} adherent
    {not} followed up | zero {unit} | 0 out of | no wonder | nothing {helps} | nothing seems to {helps}
    nothing has {helps} | {not} sought | {not} seek | {not} sought help for | {not} seen {doctor} | {not} been seen for
    {not} been treated for | {not} treated for | {not} been evaluated for | without his | without her | without their
    without my | no longer {works} | {not} received | {not} tried | {not} received {any} | but are not limited to
    but is not limited to | but not limited to | possible {handled} | potential {handled} | possible therapies
    possible need | possible admission | possible discharge | possible transfer | possible options | possible biopsy
    possible surgical | likely require | will likely need | likely needs | {not} keeping | {not} helped | {not} help
    {not} work for | {not} working for | no follow up | never got | {not} missed | {be} no longer {works}
    without question | without a question | without any question | {not} refilled | {not} filled | {not} been using
    {not} been taking | {not} picked up | {not} wear | {not} wearing | {not} worn | {not} applied | {not} explained
    denies {missing} | denied {missing} | {not} clear why | no insurance | {not} known why | {not} sure why | no job
    no transportation | no primary care | {not} sure what | {not} certain what | {not} sure where | {not} sure how
    {not} understand why | {not} know how | without insulin | without medications | without therapy | without oxygen
    without meds | without dialysis
    {document} {clearing} of | {document} complete {clearing} of | {partial} {clearing} of
    which {likely} {explains} | that {likely} {explains} | , {likely} {explaining} | which {may} {explains}
    that {may} {explains} | , which {likely} {explains} | , which {may} {explains}
    which {likely} {caused} | that {likely} {caused} | , which {likely} {caused} | {have} {since} stopped {doing}
    be corrected | be normalized | be recovered | being considered for | differential of # | {not} {fully} settled
    {not} {fully} normalized | {not} {fully} recovered | {not} {fully} gone | {partial} interval {clearing} of
negated backward list:
    {be} negative | {be} absent | {be} denied | {be} negated | {be} ruled out | {be} excluded | {be} unlikely
    {be} felt to be unlikely | felt to be unlikely | {be} thought to be unlikely | thought unlikely
    considered unlikely | {be} considered unlikely | felt unlikely | seems unlikely | appears unlikely
    {be} highly unlikely | {be} very unlikely | {be} less than likely | can be ruled out | can be excluded
    {not_be} {adverb} {seen} | {cannot} {adverb} be {seen} | {cannot} be {adverb} {seen} | {be} no longer {seen}
    no longer {seen} | {be} nowhere {seen} | was denied by the patient | {be} not there | none {seen} | {be} none
    {be} not a complaint | {be} not a concern | {be} not an issue | {be} lacking | {be} nil | {be} no longer a problem
    no longer a problem | {be} no longer an issue | {be} nonexistent | {be} non existent | negative to date | neg x #
    negative bilaterally | {be} subsequently ruled out | {be} never {seen} | {be} not {seen} today | less {seen}
    {not_be} a problem | {not_be} an issue | {not_be} a concern | . all testing negative | . testing negative
    . all negative | , all negative | . all testing {be} negative | and all testing {be} negative
    and testing {be} negative | and all testing negative | and nothing {be} {seen} | but nothing {be} {seen}
    and none {be} {seen} | but none {be} {seen} | , work up negative | . work up negative | , workup negative
    . workup negative | . work up {be} negative | . workup {be} negative | , with negative work up
    with negative work up | with a negative work up | with negative workup | with a negative workup | , testing negative
    {be} repeatedly negative | {be} both negative | {be} all negative | {be} also negative | {be} initially negative
    {be} nonreactive | {be} non reactive | {be} undetectable | not elicitable | , which {be} negative
    , which {be} all negative | , which {came} negative | which {came} negative | which {be} negative | {came} negative
    {came} normal | {be} {came} negative | , ruled out | , excluded | , which was ruled out | {testing} {be} negative
    {testing} negative | {testing} {came} negative | {workup} {be} {normal} | {workup} {normal}
    {workup} {came} {normal} | {workup} in {month} {be} {normal} | {workup} in #year {be} {normal}
    {workup} last {period} {be} {normal} | {testing} in {month} {be} negative | {testing} in #year {be} negative
    , none {be} {seen} | , none {seen} | . none {be} {seen} | , all normal | . all normal | , all unremarkable
    . result normal | . results normal | , result negative | . result negative | , results negative | . results negative
    with negative results | with a negative result | with normal results | with negative findings | it {be} negative
    this {be} negative | they {be} negative | these {be} negative | , all of which {be} {normal}
    all of which {be} {normal} | all {came} {normal} | {workup} {came} up empty | {testing} {came} up empty
    came up empty | {workup} {be} {done} and {be} {normal} | {workup} , which {be} {normal}
    {workup} {be} {fully} {normal} | {testing} {be} {fully} {normal} | 0 out of # | ruled out with | ruled out using
    ruled out via | ruled out by | excluded with | excluded by | turned up nothing | found nothing | were all {normal}
    {be} {fully} {normal} for it | {not} occurred | {not} occur | {not} happened
negated forward open:
    no acute concern for | no current concern for | no acute concerns for | no real concern for | no high suspicion for
    no evidence of | no evidence for | no evidence to suggest | no evidence to support | no evidence that | no {seen}
    no {sign} of | no {sign} for | no {sign} suggesting | no {sign} to suggest | no {sign} suggestive of
    no clear {sign} of | no acute {sign} of | no obvious {sign} of | no convincing {sign} of | no definite {sign} of
    no clinical {sign} of | no definite | no convincing | no obvious | no clear | no overt | no gross | no frank
    no discernible | no radiographic evidence of | no history of | no prior history of | no past history of
    no known history of | no known | no further | no more | no recent | no new | no current | no other | no longer
    {be} no longer | no longer has | no longer have | no longer having | no concern for | no concerns for
    no suspicion for | no suspicion of | no concern of | no suspicious | no significant | no large | no focal | not any
    {not_do} {avow} {any} | {not_do} {avow} to have {any} | {not_do} currently {avow} | {not_do} recently {avow}
    {not_be} {avowing} {any} | {not_be} currently {avowing} {any} | not {avow} | not {avow} any | nor {avow}
    nor is {avowing} | nor does | nor did | there {be} not any | there isn't any | there aren't any | there wasn't any
    there weren't any | {not_be} actively {avowing} | {not_do} ever {avow} | {not_do} really {avow}
    {not} have a history of | {not} have any history of | nothing to suggest | nothing suggestive of
    nothing suspicious for | denies any | denies having | denies having any | denies current | denies history of
    denies any history of | denies a history of | denies experiencing | denies symptoms of | deny | denying | denied any
    denied having | denial of | and denies | but denies | denies feeling | denies recent | denies complaints of
    without | without any | without evidence of | without any evidence of | without {sign} of | without {sign} for
    without any {sign} of | without obvious | without significant | without apparent | without a history of | w/o
    w/out | w/o any | w/o evidence of | {be} without | is without any | sans | with neither | negative for
    {be} negative for | {not_be} diagnosed with | pertinent negatives | pertinent negatives include
    pertinent negatives are | negatives include | pertinent negative for | {be} absent of | neg for | negative for any
    negative for evidence of | negative test for | negative screen for | tested negative for | test negative for
    screened negative for | serially negative for | negative findings for | free of | free from | clear of | cleared of
    devoid of | void of | in the absence of | lacks | lacked | lacking | missing any | absent any | neither | nor
    none of the | none of | nil of | fails to reveal | failed to reveal | fails to demonstrate | failed to demonstrate
    fails to show | failed to show | failure to demonstrate | fail to reveal | fail to demonstrate | failed to identify
    failed to disclose | fails to meet | could find no | rules out | ruled out for | has been ruled out for
    was ruled out for | ruled her out for | ruled him out for | ruling out | rule him out for | exclusion of
    effectively rules out | argues against | argue against | against | speaks against | inconsistent with
    {not} meet criteria for | resolution of | relief of | cessation of
    never has | never diagnosed with | rather than | instead of | as opposed to | unremarkable for
    non contributory for | un remarkable for | stopped having | no longer experiences | no longer complains of
    no longer suffers from | contraindicated | ruled out the possibility of | excludes | excluded the presence of
    nothing like | avoids | avoided | \u2205 | \u00f8 | hardly any | barely any | scarcely any | hardly | almost no
    virtually no | practically no | essentially no | next to no | never any | {not_be} {felt} {typical}
    {not_do} fit with | {not_do} fit | {not_do} go along with | {not_do} point to | {not_do} argue for
    {not_do} speak for | {not_do} favor | {not} in keeping with | {cannot} {perceive} {any} | no further evidence of
    no residual | no associated | no active | no gross evidence of | (-) for | negative screening for
    negative work up for | negative workup for | negative evaluation for | work up negative for | low likelihood of
    low probability of | {not} thought to have | {not} felt to have | {not} believed to have | {not} thought to be
    {not} felt to be | {not} believed to be | {kin} denies | {kin} denied | {close} denies | {close} denied
    {came} negative for | {be} {came} negative for | nothing to indicate | {not} felt to represent
    {not} thought to represent | {not} believed to represent | {not} felt to reflect | {not} likely to be | {not} likely
    {testing} {be} negative for | {testing} negative for | {testing} {came} negative for | {workup} {be} {normal} for
    {kin} deny | {close} deny | {kin} deny any | {close} deny any | {kin} denies any | {close} denies any
    . all testing negative for | . testing negative for | . all negative for | , all negative for
    . all testing {be} negative for | and all testing {be} negative for | and testing {be} negative for
    and all testing negative for | , work up negative for | . work up negative for | , workup negative for
    . workup negative for | . work up {be} negative for | . workup {be} negative for | , testing negative for
    {be} repeatedly negative for | {be} both negative for | {be} all negative for | {be} also negative for
    {be} initially negative for | , which {be} negative for | , which {be} all negative for
    , which {came} negative for | which {came} negative for | which {be} negative for
    {relative} {not} {perceived} {any} | {relative} {not_be} aware of {any} | {be} unusual for | would be unusual for
    would be atypical for | {be} uncharacteristic of | negative x # for | negative x2 for | negative x3 for | neg x2 for
    neg x3 for | neg x # for | {workup} {be} {fully} {normal} for | {testing} {be} {fully} {normal} for
    {workup} {be} {done} and {be} {normal} for | {not} shown any | {not} revealed {any}
    negatives : | significant negatives : | pertinent negatives : | relevant negatives : | not present :
    not reported : | not endorsed : | not noted : | not seen :
negated forward item 6:
    nobody has | not | {not} | won't | wouldn't
negated answer open:
    pt denies | patient denies | he denies | she denies | patient denied | pt denied | he denied | she denied
    they deny | i deny | patient says no | pt reports none | patient reports none | no | denies | denied | none | nil
    nope | nothing | nay | unlikely | highly unlikely | very unlikely | most unlikely | not present on exam | doubt
    doubts | false | no concerns
negated backward item 2:
    free
negated mark item:
    (-) | []
negated verdict list:
    {be} {normal} | {came} {normal} | it {be} {normal}
negated result open:
    negative | neg | negative x # | negative x2 | negative x3 | neg x2 | neg x3 | negative x1 | nonreactive
    non reactive | undetectable | non detected
negated answer noun:
    absent | absence of | complete absence of
negated count item 3:
    0 | zero | zero episodes of | zero evidence of
negated reply item:
    nkda | nka | nkfa | none known | non smoker | nonsmoker | never smoker | never drinker
    nondrinker | non drinker | [] yes [x] no | [] y [x] n | [x] no [] yes | [x] no | yes [] no [x] | no [x] yes []
    no [x]
pseudo reply item:
    [] yes [] no | yes [] no []
negated forward noun:
    lack of | a lack of | lack of any | complete lack of | total lack of
negated forward clause:
    {not_do} {believe} | {not_do} {believe} that | {not_do} {believe} to have | doubt that | doubt she | doubt he
    doubt this | {not} of the opinion that | {not} of the opinion this | {not} convinced that | {not} convinced this
    {not} convinced {person} {has} | denies that | denied that
negated forward item 1:
    non
negated answer list:
    ruled out | excluded
negated forward list:
    has excluded | have excluded | had excluded | {have} ruled out | {have} definitively excluded
negated using list:
    {not_do} use | {not_do} consume | {not_do} abuse | {not} using | {not_do} chew | {not_do} inject | never used
    never smoked
negated answer item 6:
    not currently | not now | not today | not recently | not lately | not presently | not at present | not at all
    not at this time | not right now | not anymore | not any more | not really | not that {person} knows of
    not that {person} knows | not that {person} recalls | not to {whose} knowledge | not since | not usually
"""
