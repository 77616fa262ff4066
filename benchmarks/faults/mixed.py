"""Eight readers beside a writer that indexes, deletes and optimizes: no error, and each answer of one committed state.

Every sentence names its note, the note's version and its place there, so that an answer tells by itself whether it
mixes two states: of each note all sentences of one version, and for one reader never an older one again.
"""

from __future__ import annotations

import multiprocessing
import random
import re
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from clinsearch import Collection, index
from clinsearch.errors import NoteNotFound
from tests.conftest import WORDS

READERS, NOTES, SENTENCES = 8, 12, 4
TOLD = re.compile(r"(\d+) (\d+) (\d+)\.$")


def sentences(note: int, version: int) -> list[str]:
    """Return the sentences of a note's version: words drawn by chance, the note, the version, the place."""
    rng = random.Random(f"{note} {version}")
    return [
        f"{' '.join(rng.sample(WORDS[:45], 6)).capitalize()} {note} {version} {place}." for place in range(SENTENCES)
    ]


def run_mixed(folder: Path, model: Path, minutes: float) -> bool:
    """Run all for some minutes; print what each kind of question and of change came to, and tell whether all held."""
    notes, collection = folder / "mixed-notes", folder / "mixed"
    notes.mkdir()
    for note in range(NOTES):
        _put(notes, note, 0)
    index(notes, collection, model=str(model))
    until = time.monotonic() + 60 * minutes
    with ProcessPoolExecutor(READERS + 1, mp_context=multiprocessing.get_context("fork")) as pool:
        writer = pool.submit(_write, notes, collection, until)
        readers = [pool.submit(_read, collection, until, seed) for seed in range(READERS)]
        changes, (answers, wrong) = writer.result(), _gathered([reader.result() for reader in readers])
    damages = Collection(collection).verify(full=True).damages
    print(f"\n{minutes:g} minutes, {READERS} readers, one writer.\n")
    print("| what | how often | errors or mixed answers |\n|---|---|---|")
    for name, count in [*changes.items(), *answers.items()]:
        print(f"| {name} | {count} | {wrong[name]} |")
    print(f"\nWrong: {sum(wrong.values())}. Damaged at the end: {len(damages)}.")
    return not wrong and not damages


def _gathered(found: list[tuple[Counter[str], Counter[str]]]) -> tuple[Counter[str], Counter[str]]:
    return sum((one for one, _ in found), Counter()), sum((other for _, other in found), Counter())


def _put(folder: Path, note: int, version: int) -> None:
    (folder / f"n{note}.txt").write_text(" ".join(sentences(note, version)), encoding="utf-8")


def _write(notes: Path, collection: Path, until: float) -> Counter[str]:
    rng, version, done = random.Random(0), 0, Counter[str]()
    while time.monotonic() < until:
        version += 1
        if rng.random() < 0.3:
            gone = rng.sample(range(NOTES), 2)
            for note in gone:
                (notes / f"n{note}.txt").unlink(missing_ok=True)
            there = {note.note_id for note in Collection(collection).notes()}
            if ids := sorted({f"n{note}" for note in gone} & there):
                Collection(collection).delete(ids)
                done["deletions"] += 1
        elif rng.random() < 0.3:
            Collection(collection).optimize()
            done["optimizations"] += 1
        else:
            for note in rng.sample(range(NOTES), 5):
                _put(notes, note, version)
            index(notes, collection, delete_missing=True)
            done["runs of the indexer"] += 1
    return done


def _read(collection: Path, until: float, seed: int) -> tuple[Counter[str], Counter[str]]:
    rng, answers, wrong = random.Random(seed), Counter[str](), Counter[str]()
    seen: dict[int, int] = defaultdict(int)
    opened = Collection(collection)
    while time.monotonic() < until:
        name = rng.choice(("sentences", "notes", "words", "a note's text"))
        if rng.random() < 0.1:
            opened = Collection(collection)
        answers[name] += 1
        try:
            said = _asked(opened, name, seen)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        if said:
            wrong[name] += 1
            print(f"WRONG {name}: {said}", flush=True)
    return answers, wrong


def _asked(opened: Collection, name: str, seen: dict[int, int]) -> str:
    """Ask one thing; say what is wrong with the answer."""
    if name == "a note's text":
        listed = opened.notes()
        if not listed:
            return ""
        note_id = listed[0].note_id
        try:
            text = opened.note(note_id).note.text
        except NoteNotFound:
            return ""
        return _of_one_state([(int(note_id[1:]), one) for one in re.findall(r"[^.]+\.", text)], seen)
    if name == "words":
        found: list[Any] = list(opened.search_tokens("patient has [fever]", k=1000, same=True))
        return "" if all(hit.word.lower() == "fever" for hit in found) else "another word"
    if name == "notes":
        hits = opened.search("fever", k=100, level="note", mode="vector", assertion="any")
        return "" if len({hit.note_id for hit in hits}) == len(hits) else "a note twice"
    hits = opened.search("fever and cough", k=1000, mode="vector", assertion="any")
    return _of_one_state([(int(hit.note_id[1:]), hit.sentence) for hit in hits], seen)


def _of_one_state(found: list[tuple[int, str]], seen: dict[int, int]) -> str:
    """Say what is wrong with sentences by note: they are all of one version, all there, and not of an earlier one."""
    by_note: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for note, text in found:
        told = TOLD.search(text.strip())
        if not told or int(told[1]) != note or text.strip() != sentences(note, int(told[2]))[int(told[3])]:
            return f"a sentence that note {note} has never had"
        by_note[note].append((int(told[2]), int(told[3])))
    for note, places in by_note.items():
        versions = {version for version, _ in places}
        if len(versions) != 1 or sorted(place for _, place in places) != list(range(SENTENCES)):
            return f"of note {note} the versions {sorted(versions)}, and {len(places)} sentences"
        (version,) = versions
        if version < seen[note]:
            return f"version {version} of note {note} after {seen[note]}"
        seen[note] = version
    return ""
