"""Questions and answers: what a question is about, what it wants to know, and other ways to ask the same.

The material asks in a few set forms; people do not. So many questions are put into words of our own, as a patient,
a relative or somebody in a hurry would ask, of the thing under one of its names.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from training.sources import beginning, split_sentences

ANSWER_WORDS = 90
LEAST_ANSWER = 12  # words
REWORDED = 0.6  # share of the questions that are put into other words, where their form is known
RENAMED = 0.3  # share of those that call their thing by another name, where it has one
FRAMED = 0.35  # share of those that say first what has happened
REFERRED = 0.6  # share of those that call their thing "it" afterwards
LONGEST_FOCUS = 7  # words; longer ones are titles of pages
# What a question wants to know, and the form by which the material asks it; {x} is what it is about.
FORMS = {
    "symptoms": "what are the symptoms of {x}",
    "treatment": "(?:what are the treatments for|what to do for|how to treat) {x}",
    "frequency": "how many people are affected by {x}",
    "genes": "what are the genetic changes related to {x}",
    "heredity": "is {x} inherited",
    "research": r"what research \(or clinical trials\) is being done for {x}",
    "outlook": "what is the outlook for {x}",
    "risk": "who is at risk for {x}",
    "stages": "what are the stages of {x}",
    "complications": "what are the complications of {x}",
    "diagnosis": "how to diagnose {x}",
    "prevention": "how to prevent {x}",
    "causes": "what causes {x}",
    "information": r"(?:what (?:is|are) (?:\(are\) )?|do you have information about ){x}",
}
_WORDINGS = {
    "symptoms": """
        What are the signs of {x}? | How would I notice {x}? | How can I tell whether it is {x}? | {x} symptoms
        What does {x} feel like? | Which complaints point to {x}? | What happens to somebody with {x}? | signs {x}
        What should we watch for if we suspect {x}? | How does {x} show itself?
    """,
    "treatment": """
        What can be done about {x}? | How is {x} treated? | Is there a cure for {x}? | {x} treatment | therapy for {x}
        What helps against {x}? | Which medicine is best for {x}? | How do doctors manage {x}?
        How do I get rid of {x}? | Does anything work for {x}?
    """,
    "frequency": """
        How common is {x}? | How rare is {x}? | Do many people have {x}? | {x} prevalence | How often does {x} occur?
        What is the incidence of {x}? | Am I the only one with {x}?
    """,
    "genes": """
        Which gene causes {x}? | What mutation is behind {x}? | {x} gene | What goes wrong in the genes with {x}?
        Is there a gene for {x}? | Which chromosome has to do with {x}?
    """,
    "heredity": """
        Can {x} be passed on to children? | Is {x} hereditary? | Does {x} run in families? | {x} inheritance
        Will my children get {x} from me? | Is {x} genetic? | My brother has {x}; could my baby have it, too?
    """,
    "research": """
        Are there any trials for {x}? | What is new in the study of {x}? | {x} clinical trials | {x} latest research
        Where can one take part in a study of {x}? | Are scientists working on {x}?
    """,
    "outlook": """
        How long can one live with {x}? | What is the prognosis of {x}? | {x} life expectancy | Will {x} go away?
        Do people recover from {x}? | Is {x} fatal? | What does the future hold with {x}?
    """,
    "risk": """
        Who gets {x}? | Am I likely to get {x}? | What raises the chance of {x}? | {x} risk factors
        Which people are prone to {x}? | What makes {x} more likely?
    """,
    "stages": """
        How does {x} progress? | Which phases does {x} go through? | {x} staging | What stage of {x} do I have?
        How far can {x} advance?
    """,
    "complications": """
        What can {x} lead to? | What else can go wrong with {x}? | {x} complications | Is {x} dangerous?
        What harm does {x} do in the long run?
    """,
    "diagnosis": """
        How do doctors find out whether someone has {x}? | Which test shows {x}? | {x} diagnosis | test for {x}
        How is {x} detected? | How can I be tested for {x}? | Does a blood test or a scan show {x}?
    """,
    "prevention": """
        How can I avoid {x}? | What protects against {x}? | {x} prevention | How do I keep from getting {x}?
        Can {x} be prevented? | What lowers the chance of {x}?
    """,
    "causes": """
        Why do people get {x}? | Where does {x} come from? | What brings on {x}? | {x} cause | reason for {x}
        What is the reason for {x}? | How does one get {x}? | What triggers {x}?
    """,
    "information": """
        What does {x} mean? | Tell me about {x}. | I would like to know more about {x}. | {x} | Please explain {x}.
        Where can I read about {x}? | Can someone explain to me what {x} is? | {x} information | What is meant by {x}?
    """,
}
FRAMES = (
    "My mother was told that she has {x}. {q}",
    "I have had {x} for two years now. {q}",
    "{x}. {q}",
    "{x}. {q} Thank you for your help.",
    "Hello, my son is six years old and may have {x}. {q}",
    "I am a nurse and was asked about {x}. {q}",
    "{q} I am 54 years old and worried.",
    "{q} Our doctor did not say much.",
    "Good evening. {q} Any information would be welcome.",
    "A friend of mine has just learned that he has {x}. {q}",
)
WORDINGS = {
    kind: [part.strip() for line in table.strip().splitlines() for part in line.split("|")]
    for kind, table in _WORDINGS.items()
}
_FORMS = {kind: re.compile(form.replace("{x}", "(.+?)") + r"\s*\?*$", re.I) for kind, form in FORMS.items()}
# By a name in lower case, others of the same thing.
Names: TypeAlias = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with an answer, or with the same question in other words.

    about: what it is about. kind: what it wants to know.
    """

    one: str
    other: str
    about: str
    kind: str


def answered(questions: Iterable[tuple[str, str]], names: Names, rng: random.Random) -> Iterator[Asked]:
    """Give questions with their answers' beginnings, and with a sentence of them."""
    for question, answer in questions:
        if len(answer.split()) < LEAST_ANSWER:
            continue
        kind, about = understood(question)
        yield Asked(worded(question, names, rng), beginning(answer, ANSWER_WORDS), about.lower(), kind)
        sentences = [sentence for sentence in split_sentences(answer) if len(sentence.split()) >= LEAST_ANSWER]
        if len(sentences) > 1:
            sentence = beginning(rng.choice(sentences), ANSWER_WORDS)
            yield Asked(worded(question, names, rng), sentence, about.lower(), kind)


def paraphrased(questions: Iterable[str], names: Names, rng: random.Random) -> Iterator[Asked]:
    """Give each question whose form is known in two other ways, or in its own and another."""
    for question in dict.fromkeys(questions):
        kind, about = understood(question)
        if kind in WORDINGS and len(about.split()) <= LONGEST_FOCUS:
            one, other = rng.sample([cleaned(question), *WORDINGS[kind]], 2)
            yield Asked(*(_filled(wording, about, names, rng) for wording in (one, other)), about.lower(), kind)


def understood(question: str) -> tuple[str, str]:
    """Return what a question wants to know, and what it is about; if its form is not known, the whole, for both."""
    for kind, form in _FORMS.items():
        if found := form.match(question.strip()):
            return kind, found[1].strip(" ?")
    whole = cleaned(question).strip(" ?")
    return whole.lower(), whole


def cleaned(question: str) -> str:
    """Return a question without the marks of the material."""
    return re.sub(r"\s*\((?:are|or clinical trials)\)", "", question).replace(" ?", "?").replace("??", "?")


def worded(question: str, names: Names, rng: random.Random) -> str:
    """Put a question as people would, or as it stands without the marks of the material."""
    kind, about = understood(question)
    if kind not in WORDINGS or len(about.split()) > LONGEST_FOCUS or rng.random() > REWORDED:
        return cleaned(question)
    return _filled(rng.choice(WORDINGS[kind]), about, names, rng)


def other_names(names: Iterable[Sequence[str]]) -> Names:
    """Return, by each name in lower case, the others of the same thing."""
    found: dict[str, list[str]] = {}
    for known in names:
        for name in known:
            found.setdefault(name.lower(), []).extend(other for other in known if other != name)
    return found


def _filled(wording: str, about: str, names: Names, rng: random.Random) -> str:
    """Put what is asked about into a wording, under one of its names, and perhaps say first what has happened."""
    others = names.get(about.lower())
    name = rng.choice(others) if others and rng.random() < RENAMED else about
    if wording.endswith(("?", ".")) and rng.random() < FRAMED:
        frame = rng.choice(FRAMES)
        said = wording.replace("{x}", "it") if "{x}" in frame and rng.random() < REFERRED else wording
        wording = frame.replace("{q}", said)
    return wording.replace("{x}", name)
