"""The words for people, and for what they have and say, in the blanks of the tables of cues; "-" is none."""

from __future__ import annotations

PEOPLE = {
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
        " | family member | family members | stepbrother | stepsister | half sibling | sib | sibs | great aunt"
        " | great uncle | nieces | nephews | grandmas | grandpas | twin brother | twin sister | mother in law"
        " | father in law | biological mother | biological father | birth mother | foster mother | foster father"
        " | pgm | mgm | pgf | mgf | a relative"
    ),
    "close": (
        "wife | husband | spouse | partner | boyfriend | girlfriend | son | sons | daughter | daughters | children"
        " | baby | friend | friends | fiancee | caregiver | grandson | granddaughter | family | household contact"
        " | infant son | kids | kid | grandchild | grandchildren | grandkids | fiance | ex wife | ex husband"
        " | ex boyfriend | stepson | stepdaughter | girl friend | sexual partner | household members | housemates"
        " | infant daughter | newborn | toddler | roomate"
    ),
    "contact": (
        "roommate | roommates | coworker | coworkers | co worker | colleague | colleagues | neighbor | neighbour"
        " | classmate | classmates | sick contact | sick contacts | ill contact | housemate | schoolmate"
        " | close contact | babysitter | another resident | other residents | another patient | index case"
        " | index patient | source patient | teammate | teammates | bunkmate | co workers | playmate | cellmate"
        " | landlord | boss"
    ),
    "crowd": (
        "a student | student | a teacher | a colleague | a resident | a friend | people | someone | several people"
        " | children | kids | a child | others | other children | other kids | a boy | a girl | everyone | members"
        " | residents | workers | adults | students | one person | somebody | anyone | contacts"
    ),
    "where": (
        "at daycare | at school | at work | at home | at church | at camp | at the shelter | in the home"
        " | in the house | in the household | in the family | in the dorm | in the shelter | in the facility"
        " | in the nursing home | in his class | in her class | in his barracks | in his unit | in her unit"
        " | in his dorm | in her dorm | in her office | in his office | on the unit | on his team | on her team"
        " | around him | around her | in the neighborhood | in the building | in his household | in her household"
        " | from school | from work"
    ),
    "has": (
        "home sick with | home with | just diagnosed with | newly diagnosed with | positive for"
        " | has tested positive for | has | had | have | with | w/ | suffers from | suffered from | suffered"
        " | was diagnosed with | is diagnosed with | were diagnosed with | died of | died from | passed away from"
        " | recently had | also has | also had | is being treated for | was treated for | is sick with"
        " | came down with | tested positive for | is ill with | was recently treated for | recently diagnosed with"
        " | has a history of | have a history of | both have | are carriers of | is a carrier of | recently has had"
        " | has had | deceased from | developed | battled | suffers with | suffered with | is known to have"
        " | was known to have | has known | had known | has confirmed | is on dialysis for | on dialysis for"
        " | passed from | passed of | passed away of | succumbed to | lost his life to | died suddenly of"
        " | died suddenly from | died aged # of | died in #year of | died in #year from | died early of"
        " | deceased of | deceased due to | died due to | died secondary to | died with | underwent"
        " | carries a diagnosis of | carries | is a known case of | was positive for | is positive for"
        " | affected by | affected with | is affected by | treated for | on treatment for | is recovering from"
        " | hospitalized for | hospitalized with | was hospitalized for | was hospitalized with"
        " | recently hospitalized with | ill with | sick with | down with | is down with | was ill with | s/p"
        " | status post | history of | with a history of | had a history of | recently treated for"
        " | being treated for | also with | both had | all have | also have | alive with | living with"
        " | is alive with | who has | who had | who have | who was diagnosed with | who died of | who died from"
        " | , who has | , who had | , who have | , who died of | , who was diagnosed with"
        " | who is being treated for | just had | recently got | got | is being worked up for"
        " | is currently being treated for | is getting over | currently has | now has | shows | show | showed"
        " | had an episode of | diagnosed with | recently diagnosed as having | is suffering from"
        " | was suffering from | contracted | caught | is infected with | infected with | was sick with"
        " | were sick with | are sick with | had been ill with | is being evaluated for"
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
        " | is aware | are aware | available | is the historian | is concerned that | is here | is worried that"
        " | is worried about | is concerned about | called because | called to report | expresses | expressed"
        " | thought | is able | is not | is the | is his | is her | suspects | suspected | want | wants | fears"
        " | woke | overheard | discovered | finds | see | sees | hears | watched | is translating | interpreting"
        " | confirmed | has noticed | have noticed | has been noticing | also reports | also notes | also states"
        " | also noticed | who noticed | who found | who brought | who is present | who is at bedside | who called"
        " | decided | picked | gave history | denied knowing | to bring | who accompanies | will | would | can"
        " | may | should | to | also noted | also says | also report | also reported | now reports | then noticed"
        " | first noticed | agree | disagree | deny noticing"
    ),
    "beside": (
        "per | according to | lives with | living with | accompanied by | here with | brought in by | brought by"
        " | from | spoke with | discussed with | spoke to | told | by | with | w/ | asked | informed | called | to"
        " | and"
    ),
    "kins": (
        "nephew's | niece's | grandson's | granddaughter's | spouse's | roommate's | boyfriend's | girlfriend's"
        " | mother's | father's | mom's | dad's | parent's | parents' | brother's | sister's | sibling's"
        " | grandmother's | grandfather's | aunt's | uncle's | cousin's | twin's | wife's | husband's | son's"
        " | daughter's | partner's"
    ),
    "clinician": (
        "provider | the provider | your provider | physician | the physician | your physician | doctor | the doctor"
        " | your doctor | md | the md | us | nurse | the nurse | rn | your nurse | team | the team | ho | np | pcp"
        " | your pcp | office | the office | our office | clinic | the clinic | surgeon | your surgeon | dr | 911"
        " | 9 1 1"
    ),
}
