"""How notes say that something is so, is not, may be, was, may come, or is someone else's.

{x} is what is spoken of; {y} and {z} are other things of which the same is said. Most sentences are for training.
Those below are for probes alone: no cue of theirs stands in a sentence for training.
"""

from __future__ import annotations

from clinsearch.records.assertions import Assertion

CLASSES: tuple[Assertion, ...] = ("affirmed", "negated", "possible", "historical", "hypothetical", "other")

_TRAINED = {
    "affirmed": """
        {x}. | {x} | Reports {x}. | Endorses {x}. | Complains of {x}. | c/o {x} | Positive for {x}. | (+) {x} | + {x}
        {x}: yes | {x}: positive | {x} present. | Has {x}. | Pt with {x}. | Patient has {x}. | Admits to {x}.
        The patient reports {x}. | She endorses {x}. | He complains of {x}. | She has {x} today. | He has {x}.
        The patient presents with {x}. | Presents with {x} and {y}. | Presented to the clinic with {x}.
        Reports {x} and {y}. | Endorses {x}, {y} and {z}. | Complains of {x} and {y} for three days.
        There is {x}. | Exam shows {x}. | Examination reveals {x}. | Imaging demonstrates {x}. | Evidence of {x}.
        The patient was found to have {x}. | She is experiencing {x}. | He has been having {x} since last week.
        {x} is present. | {x} is noted on examination. | {x} continues. | Diagnosis: {x}. | Assessment: {x}.
        Worsening {x}. | Ongoing {x}. | Significant for {x}. | Notable for {x} and {y}. | Known {x}, on treatment.
        The patient is here today because of {x}. | He was admitted with {x}. | Suffers from {x}. | Diagnosed with {x}.
        Reports mild {x} at present. | She still has {x}. | {x} is getting worse. | Review of systems: {x}, {y}.
        There is some {x}. | Reports {x}, {y} and {z}. | Has been having {x} at present. | There has been {x}.
        Complaints of {x}. | {x} was found. | Does have {x}. | Reports having {x}. | Currently has {x}.
        Struggles with {x}. | States that she has {x}. | Newly diagnosed {x}. | Active {x}. | Acute {x}. | Chronic {x}.
        {x} persists. | Persistent {x}. | {x} for two weeks. | Severe {x}. | {x} since Monday. | Chief complaint: {x}
        CC: {x} | Comes in for {x}. | Seen for {x}. | Being treated for {x}. | Says that he has {x}. | Notices {x}.
        Visible {x}. | {x} seen on exam. | {x} was confirmed. | Living with {x}. | Woke up with {x}. | Developed {x}.
        Symptoms include {x} and {y}. | Found {x} on the left. | Afflicted with {x}. | {x} is evident. | ROS: + {x}, {y}
    """,
    "negated": """
        No {x}. | no {x} | Denies {x}. | denies any {x} | Negative for {x}. | (-) {x} | - {x} | {x}: no | {x}: none
        {x}: negative | {x}: denies | Without {x}. | w/o {x} | neg for {x} | {x} absent. | Patient denies {x}.
        The patient denies {x}. | She denies any {x}. | He has no {x}. | She does not have {x}. | Does not report {x}.
        No {x} or {y}. | No {x}, {y} or {z}. | No {y}, {x}, or {z}. | Denies {x} or {y}. | Denies {y}, {x} and {z}.
        He denies {y} or {x}. | There is no {x}. | There is no evidence of {x}. | No evidence of {x} or {y}.
        No signs of {x}. | Examination reveals no {x}. | Imaging shows no {x}. | {x} has been ruled out.
        {x} was ruled out. | The patient has not had {x}. | He is not having {x}. | She has never had {x}.
        No sign of {x} today. | Negative for {x} and {y}. | Absence of {x}. | Free of {x}. | Denies having {x}.
        The patient reports no {x}. | Not complaining of {x}. | {x} is absent. | {x} is denied. | No recent {x}.
        She has had no {x} since the last visit. | Neither {x} nor {y}. | Review of systems is negative for {x}.
        She does not have any {x}. | He has not had any {x}. | There has been no {x}. | Reports no {x} or {y}.
        No complaints of {x}. | Not having any {x} now. | No {x} was found. | No {x}, {y}. | No current {x}.
        She reports that she does not have {x}. | Without {x}, {y} or {z}. | Reports that there is no {x}.
        {x} not seen. | {x} not present. | No indication of {x}. | Fails to show {x}. | Failed to reveal {x}.
        Unremarkable for {x}. | Did not have {x}. | Rules out {x}. | Ruled out for {x}. | No known {x}.
        No further {x}. | Does not suffer from {x}. | Clear of {x}. | {x} not found. | {x} not observed.
        Did not develop {x}. | Does not complain of {x} or {y}. | 0 {x} | Unaware of any {x}.
        There was no {x} on exam. | {x} excluded. | Is without {x}. | Not {x}.
        Nor does she have {x}. | Never any {x}. | {x} - no | ROS: - {x}, {y}
    """,
    "possible": """
        Possible {x}. | possible {x} | ?{x} | Probable {x}. | Suspected {x}. | Rule out {x}. | r/o {x} | Likely {x}.
        Questionable {x}. | Concern for {x}. | Concerning for {x}. | Suspicious for {x}. | Suspect {x}.
        May have {x}. | She might have {x}. | He may have {x}. | The patient could have {x}. | Presumed {x}.
        Cannot rule out {x}. | Cannot exclude {x}. | {x} cannot be excluded. | {x} is suspected. | {x} is possible.
        Differential includes {x}. | Differential diagnosis: {x} versus {y}. | {x} vs {y}. | Evaluate for {x}.
        Workup for {x} is under way. | We are concerned about {x}. | Findings are suggestive of {x}.
        This may represent {x}. | Could be {x}. | Perhaps {x}. | It is unclear whether this is {x}.
        The possibility of {x} is considered. | Findings raise the possibility of {x} or {y}. | Most likely {x}.
        Doubtful whether this is {x}. | Uncertain if she has {x}. | Indeterminate for {x}. | {x} in question.
        Appears to be {x}. | Apparent {x}. | Consider {x}. | Provisional diagnosis of {x}. | Working diagnosis: {x}?
        Suspicion of {x}. | Suggests {x}. | Compatible with {x}. | Might be due to {x}. | Not sure if he has {x}.
        Thought to be {x}. | Felt to be {x}. | {x}, unconfirmed. | {x} not confirmed yet. | {x} likely. | {x}?
        High index of suspicion for {x}. | Conceivably {x}. | Presumptive {x}. | Wonders about {x}. | Tentatively {x}.
        Symptoms could point to {x}. | Potentially {x}. | The doctor thinks of {x}. | It may well be {x}.
    """,
    "historical": """
        History of {x}. | h/o {x} | hx of {x} | PMH: {x} | Past medical history: {x}. | PMH: {y}, {x}, {z}.
        Past medical history is significant for {x}. | Past medical history of {x} and {y}. | Status post {x}.
        Previous {x}. | Prior {x}. | Has a history of {x}. | The patient has a history of {x}. | Had {x} years ago.
        She had {x} as a child. | He had {x} in 2009. | {x} in the past. | {x}, five years ago. | Remote {x}.
        Previously had {x}. | Remote history of {x}. | Personal history of {x}. | {x} in childhood.
        He was treated for {x} many years ago. | She used to have {x}. | Once had {x}. | Hospitalized last year for {x}.
        With a history of {x}, {y} and {z}. | History is significant for {x}. | Past history of {x}.
        {x} as a teenager. | {x} in 1998. | {x}, resolved. | Resolved {x}. | Had {x} last winter. | Overcame {x}.
        Prior episode of {x}. | Old {x}. | Had been treated for {x} before. | In college he had {x}. | {x} at age 12.
        At one time had {x}. | Had {x} back in 2004. | {x}, long resolved. | Healed {x}. | Cured of {x}. | s/p {x}
        Background of {x}. | {x} many years prior. | During childhood she suffered {x}. | As an infant he had {x}.
        Got over {x} last spring. | In his twenties he had {x}. | Earlier in life she had {x}. | {x} when she was young.
    """,
    "hypothetical": """
        Return if {x} develops. | Return for {x}. | Call if you develop {x}. | Call for {x} or {y}.
        Return to the ED for {x}, {y} or {z}. | If {x} occurs, call the office. | If {x} develops, stop the medication.
        If she develops {x}, she should return. | If there is {x}, start treatment. | Should {x} occur, seek care.
        Watch for {x}. | Monitor for {x}. | Monitor for signs of {x}. | As needed for {x}. | prn {x}
        Take one tablet as needed for {x}. | At risk for {x}. | Risk of {x}. | Risks include {x}, {y} and {z}.
        Risks of the procedure include {x}. | To prevent {x}. | Prophylaxis against {x}. | In case of {x}, call 911.
        May cause {x}. | Side effects such as {x} and {y} were explained. | Instructed to return with {x}.
        Seek medical attention if {x} or {y} appear. | Come back if you notice {x}. | Counselled about signs of {x}.
        Advised to call the clinic if there is any {x}. | Strict return precautions for {x} were given.
        Report any {x}. | Seek help for {x}. | Contact us with {x}. | If you have {x}, come in. | When {x} occurs, rest.
        In case {x} returns, see us. | Could lead to {x}. | Can result in {x}. | To avoid {x}. | For prevention of {x}.
        To reduce the risk of {x}. | Warned about {x}. | Precautions regarding {x}. | Screen for {x}.
        Look out for {x}. | Should she have {x}, stop. | Were {x} to occur, call.
        Use the inhaler for {x}. | Take this if {x} comes back.
        ED if {x}. | Potential complications: {x}, {y}. | Danger of {x}. | Educated on {x}.
        Tell your doctor about {x}.
    """,
    "other": """
        Family history of {x}. | FHx: {x} | Family history: {x}. | Family history is significant for {x}.
        Family history of {x} and {y}. | Mother had {x}. | Mother has {x}. | Father had {x}. | Father with {x}.
        His father had {x}. | Her mother has {x}. | Brother has {x}. | Sister has {x}. | Her sister had {x} and {y}.
        {x} in his father. | {x} in her mother. | {x}: mother. | {x} (brother) | Mother: {x}. Father: {y}.
        Her grandmother had {x}. | Grandfather with {x}. | Maternal aunt with {x}. | His father died of {x}.
        Her mother died from {x}. | Several relatives have {x}. | {x} runs in the family. | Parents with {x}.
        Strong family history of {x}. | FH positive for {x}. | The patient's brother was diagnosed with {x}.
        Husband has {x}. | His niece has {x}. | Stepfather had {x}. | Twin brother with {x}. | Half-sister had {x}.
        Both grandparents had {x}. | Paternal grandmother with {x}. | Her aunt had {x}. | A neighbour has {x}.
        Coworker sick with {x}. | A classmate had {x}. | Her boyfriend has {x}. | Partner has {x}. | A friend has {x}.
        Her child has {x}. | The baby has {x}. | Spouse with {x}. | Siblings have {x}. | Dad has {x}. | Mom had {x}.
        Mother-in-law has {x}. | Exposed to someone with {x}. | A household contact has {x}. | Relatives with {x}, {y}.
    """,
}
_PROBED = {
    "affirmed": """
        Acknowledges {x}. | She is bothered by {x}. | Troubled by {x}. | The patient mentions {x}.
        Confirms {x} this morning. | Pertinent positives: {x}. | He describes {x} of recent onset.
    """,
    "negated": """
        Lacks {x}. | She has not noticed {x}. | Never experienced {x}. | {x} could not be found.
        Pertinent negatives: {x}. | Not bothered by {x}. | Nothing to suggest {x}.
    """,
    "possible": """
        Questions whether this is {x}. | {x} remains in the differential. | Worrisome for {x}. | Query {x}.
        Equivocal for {x}. | {x} seems plausible. | Maybe {x}.
    """,
    "historical": """
        Formerly had {x}. | Recovered from {x}. | Survivor of {x}. | {x} two decades ago. | Long ago had {x}.
        In her youth she had {x}. | Prior to menopause she had {x}.
    """,
    "hypothetical": """
        Let us know about any {x}. | Notify the physician for {x}. | Unless there is {x}, no visit is needed.
        Be alert for {x}. | Keep an eye out for {x}. | In the event of {x}, go to the hospital. | Lest {x} develop.
    """,
    "other": """
        His uncle suffers from {x}. | Her cousin was affected by {x}. | His son has {x}. | Wife was diagnosed with {x}.
        Roommate is sick with {x}. | Her daughter has {x}. | A nephew has {x}.
    """,
}


def trained() -> dict[Assertion, list[str]]:
    """Return the sentences for training, by class."""
    return {name: _read(_TRAINED[name]) for name in CLASSES}


def probed() -> dict[Assertion, list[str]]:
    """Return the sentences for probes, by class."""
    return {name: _read(_PROBED[name]) for name in CLASSES}


def cue(sentence: str) -> str:
    """Return the words of a sentence that say what it says of {x}: all but the blanks, in lower case."""
    bare = sentence.replace("{x}", " ").replace("{y}", " ").replace("{z}", " ")
    return " ".join(bare.lower().strip(" .").split())


def _read(table: str) -> list[str]:
    parts = (part.strip() for line in table.strip().splitlines() for part in line.split("|"))
    return [part for part in parts if part]
