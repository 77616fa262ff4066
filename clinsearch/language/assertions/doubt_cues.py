"""The cues of possible and of affirmed findings.

The tables have the format of `polarity_cues`.
"""

from __future__ import annotations

DOUBT_CUES = """
possible forward list:
    possibly | possible early | possibility of | the possibility of | a possibility of | raise the possibility of
    raises the possibility of | raising the possibility of | probably | probability of | likelihood of
    more likely than not | presumably | presumptive | presumptively | suspect | suspects | suspecting | suspicious for
    suspicious of | suspicion for | suspicion of | suspicion that | high suspicion for | high suspicion of
    highly suspicious for | question of | a question of | questionably | question | ? | query | to rule out
    rule in | rule out for | rule out any | rules in | {cannot} rule out | {cannot} exclude
    {cannot} entirely exclude | {cannot} completely exclude | {cannot} definitively exclude | {not} rule out
    {not} exclude | {cannot} completely rule out | {cannot} entirely rule out | {cannot} be sure about
    {cannot} definitively rule out | concern for | concerns for | concern about | concerns about | concern of
    concerning for | concerned for | concerned about | some concern about | concerned that | worrisome for | worry about
    worried about | worried for | worry for | may be | might be | could be | may have | might have | could have
    may represent | may well be | could well be | might well be | might represent | could represent | may reflect
    might reflect | could reflect | may indicate | might indicate | could indicate | may suggest | might suggest
    could suggest | may be due to | might be due to | could be due to | may be related to | may be secondary to
    may be from | may also have | may also represent | could also be | could also represent | may have had
    may have been | could this be | would represent | would be consistent with | perhaps | maybe | suggest | suggests
    suggesting | suggestive of | suggestion of | suggested | indicative of possible | evaluate for | evaluation for
    evaluate for possible | evaluation of possible | eval for | evaluating for | assess for | assessment for
    assessing for | look for | looking for | work up for | workup for | being worked up for | investigate for
    investigation for | check for | test for | testing for | being evaluated for | {not} certain whether
    {not} certain if | {not} sure whether | {not} sure if | {not} know whether | {not} know if | {not} clear whether
    {not} clear if | unclear whether | unclear if | {cannot} tell if | {cannot} tell whether | {cannot} say whether
    {cannot} say if | hard to tell whether | most consistent with | uncertain whether | uncertain if | unsure whether
    unsure if | it is unclear whether | {not} known whether | wonder if | wonders if | wondered if | wonder about
    wondering about | wondering if | wonders whether | questions whether | whether | whether or not | equivocal for
    equivocal | indeterminate for | borderline for | inconclusive for
    consider | considered | considering | consideration of | consideration for
    in favor of | favor | favors | favoring | favored to represent | favour | favouring | thought to be | felt to be
    believed to be | thought to represent | felt to represent | felt to be due to | thought to be due to | appears to be
    appear to be | seems to be | seem to be | appears to have | seems to have | seems like | looks like
    appears to represent | apparent | potential | potentially | potential for underlying | tentative diagnosis of
    provisional diagnosis of | working diagnosis of | working diagnosis | provisional diagnosis | can be seen with
    can be seen in | as well as possible | could potentially be | may potentially be | as possible
    think {person} may have | think it is | thinks it is | thinks she might have | probable or possible
    believe this is | suspicious | impression of possible | low probability for | intermediate probability for
    high probability for | conceivably | conceivable | to exclude | exclude | in order to exclude | cannot r/o
    can't r/o | atypical for | susp | poss | prob | likely represents | likely representing | likely reflects
    likely reflecting | most likely represents | probably represents | probably representing | possibly representing
    concern that | fear of | fears | suspicion is for | suspect that | suspect possible | if this is | low suspicion for
    low suspicion of | low clinical suspicion for | low clinical suspicion of | {not} been ruled out for
    {not} ruled out for | {not} yet ruled out for | {not} yet been ruled out for | {not} been excluded for
    {likely} {due} | being ruled out for | {have} yet to be ruled out for | screened for | tested for | being tested for
    was tested for | {not} sure about | {not} certain about | {not} sure of | unsure about | {it} {deem} that
    {it} {deem} there | suspicion remains for | worry that | worries that | worry this is | {cannot} be certain about
    {cannot} be certain that | {cannot} be sure that | {cannot} be sure
    suspicion remains that | concern remains for | the question of | empiric treatment for
    empirically treated for | treated empirically for | presumptively treated for | treated presumptively for
    being worked up for possible | would be concerned about | would be concerned for | would favor
    {be} felt to represent | {be} thought to represent | raises concern for | raised concern for | raising concern for
    raises suspicion for | {be} {likely} {due} | , {likely} {due} | {may} {likely} be {due} | {may} be {due}
    {may} {just} be | {may} {just} have | {may} well represent | {cannot} be certain {that} {this} {be} not
    {cannot} be sure {that} {this} {be} not | {not} sure {that} {this} {be} not | {diagnosing} diagnosis
    {diagnosing} diagnosis of | {diagnosing} dx | {diagnosing} dx of | {diagnosing} diagnosis is
    {diagnosing} diagnosis was | {diagnosing} diagnoses | {be} indeterminate , | indeterminate , | represents either
    likely either | point towards | points towards | pointing towards | pointing to | would fit with | {may} fit with
    raises the question of | raise the question of | raised the question of | raising the question of
    begs the question of | {be} unclear if | {be} unclear whether | {be} uncertain if | {be} uncertain whether
    {be} {not} clear if | {be} {not} clear whether | {be} {not} known if | {be} {not} known whether | remains unclear if
    remains unclear whether | treating empirically for | treat empirically for | treating presumptively for
    treat presumptively for | empiric coverage for | empirically covered for | being treated empirically for
    it may be that | it could be that | it might be that | raise concern for | suspected to be | suspected to have
    is suspected of having | was suspected to have | presumed to be | presumed to have | assumed to be | assumed to have
    reminiscent of | must be distinguished from | need to consider | must consider | should consider
    would consider a diagnosis of | {be} worrisome for | {be} felt to have | can resemble | suspicious looking for
    resembles | resembling | it is believed {person} has | i think {person} has | i think this is | i think it is
    we think this is | we think it is | i believe {person} has | we believe {person} has | i believe {this} {be}
    we believe {this} {be} | i feel {this} {be} | i feel that {this} {be} | i believe that {this} {be}
    i think that {this} {be} | it appears that | it appears {person} has | it would appear that | it seems that
    it seems {person} has | it would seem that | it looks like | my impression is that | my feeling is that
    i would guess | my guess is | it appears that {person} has | it seems that {person} has | it looks like {person} has
    it appears that {person} {be} | {findings} {point} to | {findings} {point} towards | {findings} {point} toward
    is either | was either | looks to be | look to be | it is felt that | it was felt that | it is thought that
    it was thought that | feels this is | feels that this is | thinks this is | thinks that this is | we feel this is
    {be} felt likely to be | {be} thought likely to be | thought to have | felt to have | believed to have | sounds like
    leaning toward | leaning towards | lean toward | lean towards | hard to say if | hard to say whether
    difficult to say if | difficult to say whether | hints at
    {could} {harbor} | {could} be {harboring} | {could} also {harbor}
possible question item:
    ?.
possible backward list:
    {be} possible | {be} suspected | {be} probable | {be} questionable | {be} questioned | {be} presumed
    {be} a possibility | {be} a consideration | {be} considered | {be} being considered | {be} entertained
    {be} in the differential | would be in the differential | remains in the differential | on the differential
    {be} on the differential | in the differential | remains a possibility | remains possible | remains a concern
    remains a consideration | is a concern | {be} thought to be possible | thought possible | {be} thought likely
    {be} felt to be likely | {be} thought to be likely | {be} felt likely | {be} thought to be probable
    {cannot} be excluded | {cannot} be ruled out | {cannot} be entirely excluded | {cannot} be completely excluded
    {cannot} be entirely ruled out | {cannot} be completely ruled out | {cannot} be definitively excluded
    {not} excluded | {not} ruled out | {not} been ruled out | {not} been excluded | {not} entirely excluded
    {not} {be} excluded | {not} {be} ruled out | {not} {be} definitively excluded | {not} definitively excluded
    {not} completely excluded | {not} entirely ruled out | {be} to be ruled out | {be} favored | {be} favoured | favored
    favoured | {be} unclear | {be} uncertain | {be} not certain | {be} not clear | {be} equivocal | {be} indeterminate
    {be} inconclusive | {be} doubtful | {be} debatable | to be considered | should be considered
    must be considered too | could be considered | may be considered | may be present | might be present
    could be present | {be} possibly present | {be} probably present | needs to be ruled out | must be ruled out
    must be excluded | should be ruled out | needs to be excluded | should be excluded | would be a possibility
    could explain this | less likely though possible | {be} not impossible | {be} less likely | seems likely
    appears likely | seems possible | appears possible | more likely than not present | {have} yet to be ruled out
    {have} yet to be excluded | yet to be ruled out | yet to be excluded | {be} still in the differential
    remains suspected | remains likely | {be} being ruled out | must be considered | needs to be considered
    should be considered in | {be} a possible diagnosis | cannot be ruled in or out | questioned by
    {be} being questioned | {be} high on the list | {be} high on the differential | {be} on the list
    {be} the leading diagnosis | {be} top of the differential | {be} high on my list | tops the list | {may} explain
    {may} account for | {may} be responsible for | {may} be the cause of | {may} be behind | {may} be causing
    {may} be contributing to | {may} be contributing | {may} be the cause | {may} be to blame | {be} the likely
    {be} the most likely | {be} the probable | {be} the presumed | {be} the leading concern | {be} likely to blame
    {be} most likely to blame | {be} likely the cause of | {be} likely the cause | {be} in question | {be} on the table
    {be} a distinct possibility | {be} a real possibility | is another possibility | {be} still possible
    is also possible | {be} also a possibility | {be} also considered | {be} also possible | {be} conceivable
    {be} likely causing | {be} likely contributing | {be} likely contributing to | {be} likely responsible
    {be} likely to be the cause | to be excluded | {be} as yet unproven | {be} unproven | {be} unconfirmed
    {be} not yet confirmed | not yet confirmed
    being considered | also being considered | {be} also being considered | under consideration
    {be} under consideration | remains under consideration | on ddx | on the ddx | in the ddx | in ddx | {be} on ddx
    {be} on the ddx | remains on the differential | remains on the ddx | also on the differential | also on the ddx
    still on the differential | to be confirmed | yet to be confirmed | awaiting confirmation | pending confirmation
    needs confirmation | needs to be confirmed | requires confirmation | remains to be confirmed
    {not} {surely} {excluded} | {not} been {surely} {excluded} | {not_be} {surely} {excluded}
    {cannot} be {surely} {excluded} | {could} be {hidden} | {could} be {hidden} by | would be {hidden}
    would be {hidden} by
possible both list:
    versus | vs | versus possible | vs possible | more likely than | {be} more likely than | {be} less likely than
    less likely than
affirmed forward open:
    endorses | endorse | endorsed | endorsing | reports | reporting | and reported | complains of | complaining of
    complained of | complain of | c/o | admits | admits to | admit to | admitted having | admitting to | acknowledges
    presents with | admitted with | admitted for | is admitted | was admitted | comes to | came in with | came to
    seen for | is seen for | brought in for | is here | presented with | presenting with | presents today with
    presents to | comes in with | comes in for | who presents | who comes in | who comes | presents | presented to
    positive for | pos for | tested positive for | significant for | notable for | remarkable for | found to have
    was found to have | {be} found to have | has developed | have developed | consistent with | compatible with
    in keeping with | diagnostic of | confirms | now with | now has | now presents | now presenting | now complains of
    here with | here for | there is | there are | there was | there were | there has been | demonstrates | demonstrated
    shows | showed | reveals | revealed | shows evidence of | evidence of | evidence for | currently has
    currently with | does have | do have | did have | does endorse | does report | does complain of | does admit to
    does note | does feel | still has | continues to have | continues to experience | continues to complain of
    experiencing | experiences | suffering from | suffers from | bothered by | troubled by | known to have
    diagnosed with | being treated for | remains with | ongoing | persistent | exhibits | manifests | indicates
    mentions | and then developed | now having | is having | has been having | have been having | been having
    is experiencing | has been experiencing | chief complaint of | started having | does state | confirms having
    indicative of | in addition to | associated with | accompanied by | as evidenced by | pertinent positives
    pertinent positives include | {not_do} deny | {not_do} deny that | {not_do} denied | never denies | cannot deny
    {kin} {not_do} deny | {close} {not_do} deny | {kin} {not_do} deny that | not denying | p/w | pw | pt p/w
    presents w/ | presented w/ | presenting w/ | presenting for | presenting after | now p/w | who p/w
    who {present} with | who {present} for | {present} with | {present} w/ | {present} for | {present} to
    {present} today with | {present} today for | {present} now with | {present} in | who {present} today
    comes in today with | comes in today for | comes in today complaining of | coming in with | coming in for
    came in for | came in due to | brought in with | brought in by | biba for | biba with | biba | bibems for
    bibems with | bibems | bib ems for | bib family for | admitted w/ | admitted after | admitted to | sent in for
    sent for | sent from clinic for | sent to ed for | referred for | transferred with | transferred for
    transferred from | transferred to | here today for | here today with | here w/ | here c/o | now here with
    now here for | now w/ | now c/o | now complaining of | now admitted with | now admitted for | now admitted
    now reports | now experiencing | now developed | now found to have | now s/p fall | who now has | who now presents
    seen today for | being seen for | evaluated today for | is being seen for | in ed with | in ed for | in the ed with
    in the ed for | in clinic for | in clinic today for | in for | returns with | returns for | who returns with
    who was admitted with | who was admitted for | who was brought in | who was found | was found down | found down
    a/w | (+) for | with new | with acute | with worsening | with chief complaint of | w/ cc of | with cc of | cc
    presenting complaint of | with complaints of | with a complaint of | w/ c/o | with c/o | w/ complaint of
    complaining | who complains | who complains of | now noted to have | noted to have | has now developed
    sent from clinic with | sent in from clinic with | sent in from clinic for | sent from home with
    sent from rehab with | sent from rehab for | sent by pcp for | referred by pcp for | referred with
    presents again with | again presents with | now returning with | now returning for | returning with | returning for
    now returns with | now presents w/ | admitted now with | readmitted with | readmitted for | would not deny
    no longer denies | no longer denying | wouldn't deny | can't deny | {gives} a {clear} history of
affirmed answer open:
    positive | pos | yes | present | yep | yeah | endorses x # | affirmative | true
affirmed backward list:
    {be} present | {be} positive | {be} noted | {be} seen | {be} identified | {be} evident | {be} found | {be} detected
    persists | persist | persisted | continues | worsened | has worsened | worsens | {be} endorsed | {be} reported
    {be} confirmed | {be} visualized | {be} appreciated | {be} worse | {be} worsening | has recurred | {be} persistent
    {be} ongoing | {be} positive for | came back positive | {be} unchanged | {be} stable
affirmed mark item:
    (+) | [x]
affirmed reply item:
    [x] yes [] no | [x] yes | [] no [x] yes | yes [x] no [] | yes [x] | no [] yes [x]
possible answer list:
    possible | likely | suspected | probable | questionable | presumed | most likely | very likely | highly likely
    strongly suspected | highly suspected | clinically suspected | considered likely | considered possible
    thought likely | deemed likely | suspected clinically | less likely | more likely | doubtful | unconfirmed | i doubt
    we doubt | {be} likely | {be} most likely | {be} very likely
    r/o | r o | rule out | {hard} to {exclude}
    {would_be} {hard} to {exclude}
probe forward list:
    evaluated for | was evaluated for | checked for | was checked for | worked up for | was worked up for | study for
    studies for | imaging for | investigated for | serologies for | serology for | biopsy for | cultured for
    cultures for | assessed for | scan for | panel for | been evaluated for | been worked up for | been tested for
    been screened for | assay for
possible opening list:
    either
    eval | eval poss | eval possible
possible forward open:
    differential includes | differential diagnosis includes | ddx includes | ddx including | differential including
    ddx is | differential is | differential diagnosis is | differential diagnosis | differential diagnoses
    differential | ddx | differential would include | differential diagnosis would include | diff dx
    considerations include | differential for this includes | ddx would include | ddx for this includes
    differential remains broad including | differential remains broad : | differential is broad including
    ddx broad including | differential diagnosis remains
"""
