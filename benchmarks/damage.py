"""Damages the files of a small collection, one at a time, and counts which answers are right, refused, or wrong.

Each trial copies the collection, flips a byte of one file, cuts it off, or fills a part of it with zeros, at a place
that is drawn by chance, and asks fixed questions. An answer that differs from the undisturbed one without an error is
silently wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from clinsearch import Collection, index, load_encoder
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import ClinsearchError
from clinsearch.language import terms_of
from clinsearch.storage import open_reader, open_writer
from clinsearch.storage.batches import Batch

NOTES = Path("sample_notes")
CACHE_VARIABLE = "CLINSEARCH_CACHE"
ZEROED = 512
RIGHT, REFUSED, WRONG, FAULT = "right", "clear error", "silently wrong", "other error"

Question = Callable[[Collection], Any]


def questions(note_ids: list[str]) -> dict[str, Question]:
    """Return what is asked, by name."""
    asked: dict[str, Question] = {
        "search": lambda c: _hits(c.search("short of breath lying flat", 20)),
        "no": lambda c: _hits(c.search("no chest pain", 20, mode="keyword")),
        "phrase": lambda c: _hits(c.search('"heart failure" a1c over 7', 10, level="note")),
        "patients": lambda c: c.search("wound infection", 10, level="patient"),
        "filtered": lambda c: _hits(c.search("fever", 20, note_type="progress note", since="2024")),
        "similar": lambda c: _hits(c.similar(note_ids[0], 10)),
        "word": lambda c: _hits(c.search_tokens("purulent [discharge] from the wound", 10)),
        "values": lambda c: c.values("A1c"),
        "counts": lambda c: c.counts("type"),
        "remembered": lambda c: c.remembered(1),
        "notes": lambda c: [c.note(note_id) for note_id in note_ids],
    }
    return asked


def _hits(hits: Any) -> Any:
    return hits.to_records()


def answers(folder: Path, encoder: Encoder, asked: dict[str, Question]) -> dict[str, tuple[str, Any]]:
    """Ask everything; return for each question what came of it, and the answer."""
    found = {}
    for name, question in asked.items():
        try:
            collection = Collection(folder)
            collection._encoder.loaded = encoder  # read once, not for every trial
            found[name] = (RIGHT, repr(question(collection)))
        except ClinsearchError:
            found[name] = (REFUSED, None)
        except Exception as error:  # what is counted as a fault of the program
            found[name] = (FAULT, type(error).__name__)
    return found


def outcome(found: dict[str, tuple[str, Any]], undisturbed: dict[str, tuple[str, Any]]) -> str:
    """Say what came of a trial: of all its answers the worst."""
    if any(kind == RIGHT and answer != undisturbed[name][1] for name, (kind, answer) in found.items()):
        return WRONG
    kinds = {kind for kind, _ in found.values()}
    return next(kind for kind in (FAULT, REFUSED, RIGHT) if kind in kinds)


def harm(path: Path, chance: random.Random) -> str:
    """Damage a file at a place drawn by chance; say how."""
    content = bytearray(path.read_bytes())
    how = chance.choice(("flip", "flip", "cut", "zero"))
    at = chance.randrange(max(len(content), 1))
    if how == "flip":
        content[at] ^= chance.randrange(1, 256)
    elif how == "cut":
        del content[at:]
    else:
        content[at : at + ZEROED] = bytes(len(content[at : at + ZEROED]))
    path.write_bytes(content)
    return how


def made(folder: Path, encoder_name: str) -> tuple[Path, Path]:
    """Make a collection with a remembered search, and one of a writer that was killed, its commits still in the log."""
    whole, killed = folder / "whole", folder / "killed"
    index(sorted(NOTES.glob("*.txt"))[:20], whole, model=encoder_name)
    collection = Collection(whole)
    collection.remember("short of breath lying flat", collection.search("short of breath lying flat", 5))
    at_work = Path(shutil.copytree(whole, folder / "at work"))
    ids = [note.note_id for note in collection.notes(sort="id")]
    with open_reader(at_work).catalog(), open_writer(at_work) as writer:  # while somebody reads, the log stays
        for note_id in ids[-3:]:
            with writer.catalog() as catalog:
                key = catalog.note(note_id)[0]
            writer.commit(Batch(removed=[key]), terms_of)
        shutil.copytree(at_work, killed)
    (killed / "catalog.db-shm").unlink()
    return whole, killed


def files_of(whole: Path, killed: Path) -> Iterator[tuple[str, Path, Path]]:
    """Yield what is damaged: its name in the table, the collection, and the file in it."""
    yield "catalog", whole, Path("catalog.db")
    yield "catalog's log", killed, Path("catalog.db-wal")
    yield "catalog's seal", whole, Path("catalog.seal")
    for kind in ("sentence", "note", "opening", "word", "piece"):
        path = next((whole / "vectors").glob(f"{kind}-*"))
        yield f"vectors of {kind}s", whole, path.relative_to(whole)
    yield "last search", whole, Path("last_search.json")


def trials_of_collections(folder: Path, model: str, trials: int, chance: random.Random) -> dict[str, Counter[str]]:
    """Damage every kind of file of a collection so many times."""
    encoder = load_encoder(model)
    whole, killed = made(folder, model)
    (killed / "last_search.json").unlink(missing_ok=True)
    asked = questions([note.note_id for note in Collection(whole).notes(limit=17, sort="id")])
    of_killed = {name: question for name, question in asked.items() if name != "remembered"}
    undisturbed = {}
    for collection, questioned in ((whole, asked), (killed, of_killed)):
        undisturbed[collection] = answers(_copied(collection, folder), encoder, questioned)
        wrong = [name for name, (kind, _) in undisturbed[collection].items() if kind != RIGHT]
        assert not wrong, wrong
    table: dict[str, Counter[str]] = {}
    for name, collection, path in list(files_of(whole, killed)):
        table[name] = Counter()
        for _ in range(trials):
            copy = _copied(collection, folder)
            harm(copy / path, chance)
            found = answers(copy, encoder, of_killed if collection == killed else asked)
            table[name][outcome(found, undisturbed[collection])] += 1
        print(_row(name, table[name]), flush=True)
    return table


def _copied(collection: Path, folder: Path) -> Path:
    shutil.rmtree(folder / "trial", ignore_errors=True)
    return Path(shutil.copytree(collection, folder / "trial"))


def trials_of_the_model(folder: Path, model: str, trials: int, chance: random.Random) -> dict[str, Counter[str]]:
    """Damage each file of a prepared model so many times, and compare the vectors of a text."""
    prepared, table = folder / "cache", {}
    os.environ[CACHE_VARIABLE] = str(prepared)
    undisturbed = _vectors(model)
    whole = Path(shutil.copytree(prepared, folder / "prepared"))
    paths = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    for path in paths:
        name = f"prepared model: {'compiled' if path.suffix == '.blob' else path.name}"
        table[name] = table.get(name, Counter())
        for _ in range(trials):
            shutil.rmtree(prepared)
            shutil.copytree(whole, prepared)
            harm(prepared / path, chance)
            try:
                table[name][RIGHT if _vectors(model) == undisturbed else WRONG] += 1
            except ClinsearchError:
                table[name][REFUSED] += 1
            except Exception:
                table[name][FAULT] += 1
        print(_row(name, table[name]), flush=True)
    return table


def _row(name: str, counted: Counter[str]) -> str:
    return f"| {name} | {' | '.join(str(counted[kind]) for kind in (RIGHT, REFUSED, WRONG, FAULT))} |"


def _vectors(model: str) -> bytes:
    encoder = load_encoder(model)
    static = encoder.embed("Denies fever.").static
    return bytes(encoder.encode(["Denies fever and chills at night."]).tobytes()) + static.tobytes()


def main() -> None:
    """Run all trials and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100, help="how often each file of a collection is damaged")
    parser.add_argument("--of-model", type=int, default=10, help="how often each file of a prepared model is")
    parser.add_argument("--model", default="clinsearch-small")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print(f"| damaged | {RIGHT} | {REFUSED} | {WRONG} | {FAULT} |\n|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        table = trials_of_collections(Path(folder), options.model, options.trials, chance)
        table |= trials_of_the_model(Path(folder), options.model, options.of_model, chance)
    if options.json:
        options.json.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
