"""Fillers of the blanks in the cue tables: people, and what they have and say; "-" is empty."""

from __future__ import annotations

PEOPLE = {
    "person": (
        "he | she | you | they | the patient | patient | pt | we | i | the | this | these | any | it | the child"
        " | child | that | your child"
    ),
    "patient": "he | she | they | the patient | patient | pt | this patient",
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
        " | pgm | mgm | pgf | mgf | a relative | stepfather | mother in laws | half brothers | half sisters"
        " | step father | step mother | step brother | step sister | brother in law | sister in law | in laws"
        " | great aunts | great uncles | twins | first cousin | first cousins | second cousin | forebears"
        " | ancestors | mummy | daddy | grandparent"
    ),
    "close": (
        "wife | husband | spouse | partner | boyfriend | girlfriend | son | sons | daughter | daughters | children"
        " | baby | friend | friends | fiancee | caregiver | grandson | granddaughter | family | household contact"
        " | infant son | kids | kid | grandchild | grandchildren | grandkids | fiance | ex wife | ex husband"
        " | ex boyfriend | stepson | stepdaughter | girl friend | sexual partner | household members | housemates"
        " | infant daughter | newborn | toddler | roomate | girlfriends | partners | grandsons | granddaughters"
        " | stepchild | stepchildren | foster child | stepkids | housemate | ex partner | significant other"
        " | life partner | late husband | late wife | relative"
    ),
    "contact": (
        "roommate | roommates | coworker | coworkers | co worker | colleague | colleagues | neighbor | neighbour"
        " | classmate | classmates | sick contact | sick contacts | ill contact | housemate | schoolmate"
        " | close contact | babysitter | another resident | other residents | another patient | index case"
        " | index patient | source patient | teammate | teammates | bunkmate | co workers | playmate | cellmate"
        " | landlord | boss | lab partner | tent mate | carer | housekeeper | tenant | fellow resident"
        " | fellow inmate | close contacts | contact at work | ill contacts | bed partner | sexual contact"
        " | sexual contacts"
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
        " | were sick with | are sick with | had been ill with | is being evaluated for | carry a diagnosis of"
        " | carries the diagnosis of | carry | brought home | is blind from | is disabled from | is disabled by"
        " | was born with | were born with | battles | struggles with | struggled with | lost his leg to"
        " | suffer from | suffer with | passed away with | positive with | takes medication for"
        " | take medication for | takes medicine for | takes pills for | take pills for | had a history of"
        " | has a diagnosis of | have a diagnosis of | had surgery for | with known | known to have | is positive"
        " | has some | has long standing | has chronic | are positive for | got diagnosed with"
        " | ended up with | died young of | died young from | lost her life to | out with | off work with"
        " | home from school with | was out with"
    ),
    "says": (
        "reports | reported | states | stated | says | said | notes | noted | noticed | thinks | feels | observed"
        " | endorses | describes | described | confirms | adds | believes | witnessed | brought | called"
        " | is concerned | was concerned | is worried | found | gives | gave | tells | mentions | heard | complains"
        " | saw | claims | relates | recalls | is present | at bedside | at the bedside | is at bedside | helps"
        " | provides | accompanied | accompanies | who reports | who states | explains | agrees | verbalized"
        " | had noticed | told | were told | was told | instructed | were instructed | was instructed | advised"
        " | were advised | was advised | counseled | counselled | were counseled | educated | informed | updated"
        " | asks | asked | requests | requested | understands | understand | verbalizes | verbalize | report | state"
        " | say | note | drove | took | bring | describe | think | feel | witness | were present | aware | is aware"
        " | are aware | available | is the historian | is concerned that | is here | is worried that"
        " | is worried about | is concerned about | called because | called to report | expresses | expressed"
        " | thought | is able | is not | is the | is his | is her | suspects | suspected | want | wants | fears | woke"
        " | overheard | discovered | finds | see | sees | hears | watched | is translating | interpreting | confirmed"
        " | has noticed | have noticed | has been noticing | also reports | also notes | also states | also noticed"
        " | who noticed | who found | who brought | who is present | who is at bedside | who called | decided | picked"
        " | gave history | denied knowing | to bring | who accompanies | will | would | can | may | should | to"
        " | also noted | also says | also report | also reported | now reports | then noticed | first noticed | agree"
        " | disagree | deny noticing | applied | administered | rushed | carried | drives | cleaned | attributes"
        " | attributed | wonders | wondered | worries | worry | worried | refused | refuses | declines | declined"
        " | consents | consented | signed | hopes | reassured | changed | feeds | fed | questions | requesting"
        " | asking | attempted | tried | tries | concerned about | is unsure | unsure | came in with | comes in with"
        " | reporting | stating | providing | acted | acts | served | translated | translates | recorded | videotaped"
        " | filmed | elected | opted | would like | gives history | supplied | did not notice | has not noticed"
        " | encouraged | confirms that | arrived | was called | was notified | notified | was contacted | holding"
        " | held | does not think | brings | are concerned | were concerned | are both concerned | is very concerned"
        " | has concerns | have concerns | are worried | were worried | became concerned | became worried"
        " | report that | wished | wishes | stopped | started | switched | discontinued | restarted | kept | present"
        " | is in the room | in room | in the room | removed | bathed | drops off | assisted | assists | lifted"
        " | bought | administers | manages | cares"
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
        " | daughter's | partner's | neighbor's | friend's | coworker's | stepson's | neighbour's"
    ),
    "clinician": (
        "provider | the provider | your provider | physician | the physician | your physician | doctor | the doctor"
        " | your doctor | md | the md | us | nurse | the nurse | rn | your nurse | team | the team | ho | np | pcp"
        " | your pcp | office | the office | our office | clinic | the clinic | surgeon | your surgeon | dr | 911"
        " | 9 1 1 | resident | the resident | on call | the on call resident | the on call physician | on call md"
        " | the on call doctor | house officer | the house officer | primary team | the primary team | attending"
        " | the attending | house staff | me | cardiology | surgery | neurology | hospice | hospice nurse"
        " | the hospice nurse | care team | the care team | your care team | midwife | the midwife | poison control"
        " | the on call nurse | on call nurse | the nurse line | nurse line | the clinic nurse | your doctor's office"
        " | our clinic | our nurse | your surgeon's office | the answering service | emergency services | ems"
        " | your provider's office | the front desk | the charge nurse | charge nurse | the service | the stroke team"
        " | stroke team | rapid response"
    ),
    "relative": (
        "mother | father | mom | dad | mum | parent | parents | brother | brothers | sister | sisters | sibling"
        " | siblings | grandmother | grandfather | grandmothers | grandfathers | grandma | grandpa | grandparents"
        " | aunt | aunts | uncle | uncles | cousin | cousins | nephew | nephews | niece | nieces | twin | twin brother"
        " | twin sister | relatives | relative | family member | family members | stepfather | stepmother"
        " | stepbrother | stepsister | half brother | half sister | mother in law | father in law | brother in law"
        " | sister in law | great aunt | great uncle | pgm | mgm | pgf | mgf | wife | husband | spouse | partner"
        " | boyfriend | girlfriend | fiance | fiancee | son | sons | daughter | daughters | stepson | stepdaughter"
        " | children | kids | grandson | granddaughter | grandchild | grandchildren | grandkids | infant son"
        " | infant daughter | friend | friends | household contact | household contacts | household members"
        " | close contact | close contacts | roommate | roommates | housemate | housemates | coworker | coworkers"
        " | co worker | co workers | colleague | colleagues | classmate | classmates | neighbor | neighbour | teammate"
        " | teammates | everyone else | babysitter | playmate | significant other | caregiver | youngest child"
        " | oldest child | older child | eldest child | younger child | eldest | youngest | oldest"
    ),
    "side": (
        "on his mother's side | on his father's side | on his mom's side | on his dad's side | on his maternal side"
        " | on his paternal side | on her mother's side | on her father's side | on her mom's side | on her dad's side"
        " | on her maternal side | on her paternal side | on the mother's side | on the father's side"
        " | on the mom's side | on the dad's side | on the maternal side | on the paternal side"
        " | on their mother's side | on their father's side | on their mom's side | on their dad's side"
        " | on their maternal side | on their paternal side | on both sides | in the household | in the house"
        " | in the home | at home | in the family | at work | at school | at daycare | ( age # ) | ( aged # ) | ( # )"
        " | ( deceased ) | ( deceased , # ) | ( deceased # ) | ( d # ) | , age # | , # , | , aged # , | age # | aged #"
        " | in this family | who lives with him | who lives with her | who live with him | who live with her | of his"
        " | of hers | , deceased | deceased | living | in class | in his class | in her class | in his family"
        " | in her family | in the dorm | of # years | of ten years | of many years | alive and well | alive"
        " | in good health | well"
    ),
    "lately": (
        "- | just | recently | newly | also | currently | now | both | all | previously | subsequently | reportedly"
        " | apparently | each | once | since | still | today | similarly | as well | too | earlier"
    ),
    "sick": (
        "diagnosed | treated | hospitalized | hospitalised | admitted | sick | ill | down | recovering | suffering"
        " | dying | died | affected | infected | visited | visiting | stayed | came home | home | sent home"
        " | out of school | off work | seen | undergoing treatment | undergoing chemotherapy | in the hospital"
        " | in hospital | in hospice | being treated | being evaluated | on dialysis | disabled | blind | deaf"
        " | bedridden | wheelchair bound | on treatment | on medication | on medications | operated on"
        " | getting treated | laid up | bedbound | passed | passed away | allergic | living | found | known"
        " | suspected"
    ),
    "when": (
        "- | yesterday | today | last week | last month | last year | this week | this month | recently | in the past"
        " | years ago | last night | this morning | over the weekend | # years ago | # months ago | # weeks ago"
        " | # days ago | two years ago | two months ago | two weeks ago | two days ago | three years ago"
        " | three months ago | three weeks ago | three days ago | a few years ago | a few months ago | a few weeks ago"
        " | a few days ago | several years ago | several months ago | several weeks ago | several days ago"
        " | many years ago | many months ago | many weeks ago | many days ago | suddenly | young | at # | at age #"
        " | in #year | in his # | in her # | here"
    ),
    "by": "with | for | from | of | by | due to | secondary to | after | to | because of | to have | to be",
    "parent": (
        "mother | father | mom | dad | mum | parents | grandmother | grandfather | grandma | grandpa"
        " | foster mother | foster father | foster parents | caregiver | guardian | aunt | stepmother | stepfather"
        " | family | parent | babysitter"
    ),
    "child": (
        "son | daughter | child | baby | infant | toddler | newborn | boy | girl | kid | grandson | granddaughter"
        " | grandchild | little boy | little girl | youngest | teenager"
    ),
    "childs": (
        "son's | daughter's | child's | baby's | infant's | grandson's | granddaughter's | toddler's | boy's | girl's"
    ),
    "that": "- | that | about | of | whether | if",
    "tends": (
        "cares for | caring for | caretaker of | caretaker for | caregiver for | caregiver of | caregiver to"
        " | looks after | looking after | lives with | living with | exposed to | exposure to | visited | visiting"
        " | shares a room with | shares a bed with | contact with | worried about | concerned about"
        " | stressed about | nursing | upset about"
    ),
    "met": (
        "exposed to | exposure to | contact with | shares a room with | shares a cell with | shares a bed with"
        " | sat next to | worked with | works with | lives with | living with | cares for | caring for"
        " | sexual contact with | played with | stayed with | slept with | around | near | in close contact with"
        " | sat near | takes care of"
    ),
    "someone": (
        "someone | somebody | a man | a woman | a person | people | another child | another patient | a child"
        " | a friend | a coworker | a classmate | a student | a neighbor | another resident | a resident"
        " | a colleague | a roommate | children | kids | family | patients | a relative | individuals | residents"
    ),
    "runs": "runs | run | running | ran | is common | are common | was common | occurs | on | present",
    "parents": "mother's | father's | mom's | dad's | mum's | mothers | fathers",
    "lineage": "maternal | paternal",
    "doctor": (
        "a doctor | a dentist | a provider | anyone | a specialist | a therapist | her doctor | his doctor"
        " | her pcp | his pcp | a physician | a counselor | a psychiatrist | a urologist | a dermatologist"
        " | an orthopedist | a neurologist"
    ),
    "perceived": (
        "seen | noticed | noted | observed | witnessed | heard | found | appreciated | see | notice | note"
        " | observe | witness | reported | report"
    ),
    "aged": (
        "age # | aged # | # | # years old | # yo | # year old | now # | deceased | alive | now deceased"
        " | who is deceased | who is now deceased | an only child"
    ),
    "offspring": (
        "daughter | son | daughters | sons | children | grandson | granddaughter | granddaughters | daughter in law"
        " | son in law | stepdaughter | stepson | niece | nephew | grandchild"
    ),
    "elder": (
        "mother | father | mom | dad | grandmother | grandfather | aunt | uncle | parent | mother's | father's | mom's"
        " | dad's | grandmother's | grandfather's | parent's"
    ),
    "own": (
        "concern | concerns | report | account | words | request | house | home | care | arms | lap | main concern"
        " | biggest concern | observation | chief concern | understanding | impression | history of events"
        " | recollection | number | phone | name | insurance | consent | permission | wishes | description"
    ),
}
