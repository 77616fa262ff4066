"""A little material to train on."""

from __future__ import annotations

import random

from training.build_data import Sources
from training.concepts import Concept
from training.examples import Terms
from training.sources import (
    Report,
    Sentence,
)

_WORDS = """
    valve lung knee skin bowel liver artery muscle lens nerve kidney gland sinus spine tongue elbow wrist ankle hip rib
    jaw scalp lip gum ear nose throat larynx bladder spleen colon cecum uterus ovary testis breast nail toe thumb heel
"""


WORDS = _WORDS.split()


def small_sources() -> Sources:
    """Sources of a few words, every maker's share among them."""
    rng = random.Random(0)
    words = WORDS
    concepts = [Concept((f"{one} pain", f"sore {one}"), "finding") for one in words]
    concepts += [Concept((f"{one} tumour", f"neoplasm of {one}"), "disease") for one in words]
    sentences = [
        Sentence(
            f"She denies {rng.choice(words)} pain and {rng.choice(words)} trouble at night {n}.",
            f"n{n // 4}",
            "mtsamples",
        )
        for n in range(200)
    ]
    body = " ".join(f"The {rng.choice(words)} was seen and found to be of a normal size." for _ in range(30))
    reports = [
        Report(f"r{n}", f"PROCEDURE: {words[n]} repair.\nFINDINGS: {n} {body}", "Surgery", words[n]) for n in range(15)
    ]
    answer = "It is a disease in which the {0} swells and hurts for no known reason at all. Doctors treat the {0}."
    asked = ("What is (are) {0} disease ?", "What are the treatments for {0} disease ?")
    questions = [(question.format(one), answer.format(one)) for one in words for question in asked]
    terms = Terms({f"{one} pain": [one[:2].upper()] for one in words}, {})
    return Sources(sentences, reports, questions, terms, concepts)
