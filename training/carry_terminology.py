"""Makes the terminology that the package carries, from lists and public sources.

    python -m training.carry_terminology --words FOLDER

- training/terminology: written by hand for this project.
- ../shared/train/disease_synonyms.tsv: the Human Disease Ontology, name and exact synonym (CC BY 3.0).
- ICD-10-CM's terms of inclusion: the package simple-icd-10-cm (`pip install -c constraints.txt -e ".[training]"`).
- FOLDER: the word lists of SCOWL, english-words.10 and so on, as in Debian's package `scowl`
  (`apt-get download scowl && dpkg-deb -x scowl_*.deb there`, then there/usr/share/dict/scowl).
- ../shared/data/sentences.jsonl.gz: how often names stand in clinical notes, and beside which words.

NOTICE names the sources. The texts of notes and of development sets are no part of what is written, but for counts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from clinsearch.language.terminology.carried import FOLDER
from training.command import run
from training.terminology_build import abbreviation_lines, group_lines, kind_lines, spelling_lines
from training.terminology_material import Lists
from training.terminology_words import write_words


def main() -> None:
    """Write the files, and print how large they are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--words", type=Path, required=True, help="the folder of SCOWL's lists")
    lists = Lists.read(parser.parse_args().words)
    groups, members = group_lines(lists)
    kinds, kind_names = kind_lines(lists, len(groups))
    spellings = list(spelling_lines(lists))
    terms = sorted([*abbreviation_lines(lists), *members, *kind_names, *spellings], key=lambda line: line.encode())
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "groups.txt").write_text("".join(f"{line}\n" for line in [*groups, *kinds]), encoding="utf-8")
    (FOLDER / "terms.txt").write_text("".join(f"{line}\n" for line in terms), encoding="utf-8")
    spelt = {word for line in spellings for part in line.split("\t")[::2] for word in part.split("|")}
    write_words(lists, spelt, FOLDER / "words.txt")
    for path in sorted(FOLDER.iterdir()):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    run(main)
