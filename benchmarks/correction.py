"""What centring and whitening give to a model that was never trained for similarity.

    python -m benchmarks.correction [SET...]

The weights of Bio_ClinicalBERT are not at hand. In their stead stand the first four layers of all-MiniLM-L6-v2: in
training nothing was asked of the vectors pooled there, and any two sentences have a cosine of 0.6 on average.
Sets are those of docs/ranking.md beside the project.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from clinsearch import Collection, index
from clinsearch.encoder.checkpoint import find_checkpoint
from clinsearch.evaluation import evaluate_sets
from clinsearch.rendering.terminal.evaluations import print_evaluation

LAYERS = 4
SHARED = Path(__file__).resolve().parents[2] / "shared"
SETS = ("mqp_dev", "aci_hpi_plan_dev", "mtsamples_same_dev", "mtsamples_desc_dev", "mts_dialog_dev", "mediqa_qa_dev")
CORRECTED, AS_GIVEN = "corrected", "as the model gives"


def stand_in(folder: Path) -> Path:
    """Make a checkpoint of the first layers of the base model, without what says how to pool."""
    base = find_checkpoint("minilm")
    folder.mkdir()
    for path in base.files():
        shutil.copy(path, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": LAYERS}), encoding="utf-8")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sets", nargs="*", default=SETS)
    names = parser.parse_args().sets
    if not SHARED.exists():
        sys.exit("The development sets are not at hand.")
    with tempfile.TemporaryDirectory(prefix="clinsearch-") as folder:
        model = stand_in(Path(folder, "stand-in"))

        def indexed(notes: Path, where: Path, vectors: str, progress: Callable[[int], None]):
            corrected = vectors == CORRECTED
            index([notes], where, model=str(model), tokens=False, correction=corrected, progress=progress)
            collection = Collection(where)
            return lambda query, k, mode: [h.note_id for h in collection.search(query, k, level="note", mode=mode)]

        sets = [SHARED / "eval" / name for name in names]
        print_evaluation(evaluate_sets(sets, (AS_GIVEN, CORRECTED), ("vector", "hybrid"), indexed))


if __name__ == "__main__":
    main()
