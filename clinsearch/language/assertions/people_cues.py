"""The cues of findings in people other than the patient, and of what is negated in them.

The table has the format of `polarity_cues`.
"""

from __future__ import annotations

PEOPLE_CUES = """
pseudo forward item:
    {kin} , who {says} | {close} , who {says} | {contact} , who {says} | {beside} {whose} {contact}
    {parent} {says} {that} {whose} {child} | {parent} {says} {that} {whose} {childs} | {parent} {says} {that} {person}
    {parent} , who {says} {that} {whose} {child} | everyone else agrees | for evaluation of {whose} {childs}
    because of {whose} {childs} | with {whose} {childs} | for {whose} {childs} | for follow up of {whose} {childs}
    regarding {whose} {childs} | to discuss {whose} {childs} | for concerns about {whose} {childs}
    {offspring} {says} {that} {whose} {elder} | {kins} {own}
other forward open:
    family history | family history of | fhx | fhx of | fh | fh of | family hx | family hx of | famhx | fam hx
    fam hx of | family history is positive for | family history positive for | family history significant for
    family medical history | family history is significant for | family history notable for | family history includes
    positive family history of | positive family history for | positive family history | strong family history of
    strong family history | family h/o | significant family history of | familial history | familial history of
    family history remarkable for | family history is remarkable for | family history is notable for | family history is
    maternal history of | paternal history of | maternal family history | paternal family history | history of familial
    family positive for | relatives with | first degree relative with | first degree relatives with
    second degree relative with | family member with | family members with | {kin} {has} | {close} {has}
    {contact} {has} | {kin} died at # of | {kin} died at # from | {kin} died at age # of | {kin} deceased
    exposed to someone with | exposed to a {kin} with | exposed to a {contact} with | exposure to someone with
    in contact with someone with | contact with someone with | around someone with | contacts with | fetus | fetal
    the fetus | donor | donor with | the donor had | neonate had | other driver | other passenger | {kins} | maternal
    paternal | maternal {kin} with | paternal {kin} with | {crowd} {where} {has} | fam history of | family hx {lists}
    fhx {lists} | fh {lists} | fhx + for | fhx (+) for | maternal history {lists} | paternal history {lists}
    contact with a {kin} with | family history in {kin} of | {kins} history of | familial hx of
    {relative} {side} {has} | {relative} {lately} {has} | {relative} {side} {lately} {has}
    {relative} {lately} {sick} {when} {by} | {relative} {side} {lately} {sick} {when} {by}
    {relative} {be} {lately} {sick} {when} {by} | {relative} {side} {be} {lately} {sick} {when} {by}
    {relative} , who {be} {lately} {sick} {when} {by} | {relative} {side} , who {be} {lately} {sick} {when} {by}
    {relative} who {be} {lately} {sick} {when} {by} | {relative} , who {has} | {relative} {side} , who {has}
    {relative} {side} : | and {whose} {relative} {has} | and {whose} {relative} {be} {lately} {sick} {when} {by}
    {beside} {whose} {relative} , who {has} | {beside} {whose} {relative} who {has}
    {beside} {whose} {relative} , who {be} {lately} {sick} {when} {by}
    {beside} {whose} {relative} who {be} {lately} {sick} {when} {by} | {tends} {whose} {relative} with
    {tends} {whose} {relative} who {has} | {tends} {whose} {relative} , who {has}
    {tends} {whose} {relative} , who {be} {lately} {sick} {when} {by} | {met} {someone} {has}
    {met} {someone} who {has} | {met} {someone} who {be} {lately} {sick} {when} {by} | {kin} {says} he himself {has}
    {kin} {says} she herself {has} | {kin} himself {has} | {kin} herself {has} | {close} {says} he himself {has}
    {close} {says} she herself {has} | {be} an outbreak of | {be} a recent outbreak of | {be} cases of
    {be} several cases of | family tree {lists} | pedigree {lists} | {relative} , one {has}
    {relative} , one of whom {has} | {relative} , {some} {has} | {relative} one {has} | {relative} , one of which {has}
    {relative} , {some} of whom {has} | one of {whose} {relative} {has} | {kins} {close} {has} | {kins} {kin} {has}
    {relative} , {aged} , {has} | {relative} , {aged} {has} | lost {whose} {relative} to
    lost {whose} {relative} {when} to | {relative} {be} healthy apart from | {relative} {be} healthy except for
    {relative} {be} otherwise healthy except for | {close} herself {has} | {close} himself {has}
    {relative} {lately} told her he {has} | {relative} {lately} told him she {has}
    {relative} {lately} told her that he {has} | {relative} {lately} told him that she {has}
    {relative} {lately} told {person} they {has} | her ex {has} | his ex {has} | fa : | mo : | sis : | bro :
other label open:
    {kin} | {contact} | maternal side | paternal side | maternal {kin} | paternal {kin}
other backward list:
    runs in the family | run in the family | runs in {whose} family | run in {whose} family | in the family | in family
    in {whose} family | in {whose} {kin} | in {some} {kin} | in {whose} {close} | in {whose} maternal {kin}
    in {whose} paternal {kin} | on the maternal side | on the paternal side | on {whose} mother's side
    on {whose} father's side | on {whose} maternal side | in a first degree relative | in first degree relatives
    in immediate family | on both sides of the family | in an older brother | in an older sister | in a younger brother
    in a younger sister | in an aunt | in an uncle | in multiple family members | in other family members
    in multiple relatives | contacts | in the fetus | on {whose} mom's side | on {whose} dad's side | among relatives
    in {whose} extended family | affects {whose} {kin} | affected {whose} {kin} | {runs} on {whose} {parents} side
    {runs} on the {lineage} side | on {whose} {parents} side | on {whose} {parents} side of the family
    on the {lineage} side of the family | on both {whose} {parents} sides | {runs} in {whose} {lineage} family
    in {whose} {lineage} family
negated+other forward open:
    {kin} {not_do} had | {kin} {not_do} have | {close} {not_do} have | {close} {not_do} had | {kin} without
    {kin} with no | {kin} {has} no | no one at home has been | no one at home has | no one at home is
    no one else at home is | no one else at home has | no one in {whose} family has | no one in {whose} family had
    nobody in {whose} family has | nobody at home has | nobody at home is | no one in the home is
    no one in the house is | no one in the household has | no one else is | no one else in {whose} family has
    no sick contacts with | no sick contact with | no contacts with | no family members with | no family member with
    no relatives with | no relative with | no siblings with | no first degree relatives with | no one else has
    none of {whose} {kin} have | none of {whose} {kin} has | none of {whose} {kin} had
    no known contact with anyone with | no contact with anyone with | contacts deny | household contacts deny
    sick contacts deny | close contacts deny | other family members deny | {contact} denies | {contact} deny
    contacts denied | neither {kin} has | neither {kin} had | neither of {whose} {kin} has
    neither of {whose} {kin} had | no {kin} {has} | no {close} {has} | no {kin} or {kin} {has}
negated+other answer open:
    no family history | no known family history | negative family history | no fhx | no fh | no family hx
    no significant family history | no fam hx | no family h/o | denies family history | no relevant family history
negated+other backward list:
    {not} run in the family | {not} run in {whose} family
"""
