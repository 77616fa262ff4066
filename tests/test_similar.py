"""Notes like a note where it is hard: signs of queries in notes, few candidates, many copies, any short notes."""

from __future__ import annotations

from clinsearch.collection import Collection
from tests.support import indexed

small = indexed.small


def without_signs(text: str) -> str:
    return text.replace('"', "").replace("*", "")


def test_quotations_inches_and_bullets_in_a_note_are_no_phrases_of_a_query(small) -> None:
    """Each word counts by itself: the same note without such signs is as like to others in words."""
    text = 'Says "mild cough at night" and "chest pain"; wound of 3", drainage* of 5" on the left.'
    others = ["Mild edema, cough of the left lung.", "Drainage. Chest clear, pain is mild.", "Heart stable at night."]
    notes: Collection = small(text, without_signs(text), *others)
    signed, plain = ({hit.note_id: hit.parts for hit in notes.similar(note_id)} for note_id in ("00", "01"))
    assert signed["01"].keyword == plain["00"].keyword > 0.47
    for number in range(2, 5):
        assert signed[f"{number:02}"].keyword == plain[f"{number:02}"].keyword > 0
