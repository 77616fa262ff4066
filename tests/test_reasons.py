"""Why two notes are alike: what of the score any two have in common, reasons, and that all of it adds up."""

from __future__ import annotations

from tests.support import indexed

small = indexed.small


def test_a_note_that_has_a_sentence_in_two_spellings_counts_once(small) -> None:
    notes = small("Patient denies fever. No fevers. Heart stable.", "Denies fever. Mild edema.", "No fever.", "Cough.")
    explained = notes.explain("00", "01")
    counts = {reason.pairs[0]: (reason.left.other_notes, reason.right.other_notes) for reason in explained.reasons}
    assert counts[0, 0] == (2, 2)
