"""Trains a clinical encoder from the default model.

    python -m training.train NAME [--steps N] [--seed S] [--without GROUP ...]

Material: what `training.build_data` wrote. The model goes to training/material/NAME, what was done and how it did
to training/runs/NAME.json. A run that was cut short goes on where it was last written down.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from clinsearch.encoder.encoder import load_encoder
from training.batches import Material
from training.build_data import MANIFEST, MATERIAL, NO_MATERIAL
from training.command import run
from training.model import BASE_MODEL, WORD_MAP, Student, base_student
from training.step import GROUPS, WEIGHTS, Aim, draw, losses, total
from training.teacher import vectors_of, write_vectors

RUNS = Path(__file__).parent / "runs"
STATE = "state.pt"
BASE_VECTORS = "base.npy"
WARM_UP = 0.1  # share of the steps
LONGEST_GRADIENT = 1.0
DECAY = 0.01
SECONDS_BETWEEN_STATES = 180
SECONDS_BETWEEN_REPORTS = 5


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides a run, its material apart. `average`: of the moving average of weights, how much stays each step.

    begin: the run whose model is begun from, if any.
    """

    steps: int = 150
    seed: int = 7
    rate: float = 5e-5
    map_rate: float = 1e-4
    average: float = 0.98
    without: tuple[str, ...] = ()
    begin: str = ""
    weights: dict[str, float] = dataclasses.field(default_factory=lambda: dict(WEIGHTS))


class Run:
    """A student on its way, with all that is needed to go on."""

    def __init__(self, student: Student, settings: Settings) -> None:
        self.student, self.settings, self.step = student, settings, 0
        map_of_words = [student.word_map]
        rest = list(student.transformer.parameters())
        groups = [{"params": rest, "lr": settings.rate}, {"params": map_of_words, "lr": settings.map_rate}]
        self._optimizer = torch.optim.AdamW(groups, weight_decay=DECAY, fused=True)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, self._share_of_rate)
        self._average = {name: value.detach().clone() for name, value in student.named_parameters()}

    def advance(self, material: Material, aim: Aim) -> dict[str, float]:
        """Take one step; return its losses."""
        drawn = draw(material, self.settings.seed, self.step, self.settings.without)
        found = losses(self.student, drawn, aim)
        self._optimizer.zero_grad()
        total(found, self.settings.weights).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), LONGEST_GRADIENT)
        self._optimizer.step()
        self._schedule.step()
        self.step += 1
        self._follow()
        return {name: loss.item() for name, loss in found.items()}

    def averaged(self) -> Student:
        """Put the average of the last weights in the student's place."""
        with torch.no_grad():
            for name, value in self.student.named_parameters():
                value.copy_(self._average[name])
        return self.student

    def state(self) -> dict[str, Any]:
        """Return all that changes from step to step."""
        return {
            "step": self.step,
            "student": self.student.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "average": self._average,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        self.step = state["step"]
        self.student.load_state_dict(state["student"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._average = state["average"]

    def _follow(self) -> None:
        """Move the average; in the first steps faster, so that the beginning is soon forgotten."""
        kept = min(self.settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.student.named_parameters():
                self._average[name].lerp_(value, 1 - kept)

    def _share_of_rate(self, step: int) -> float:
        warm = max(1, round(WARM_UP * self.settings.steps))
        return min((step + 1) / warm, max(0.0, (self.settings.steps - step) / max(1, self.settings.steps - warm)))


def main() -> None:
    """Train, write the model and its card, and measure it."""
    arguments = _arguments()
    if not (MATERIAL / MANIFEST).exists():
        sys.exit(NO_MATERIAL)
    settings = _settings(arguments)
    out = MATERIAL / arguments.name
    torch.set_num_threads(arguments.threads)
    material = Material(MATERIAL)
    run = Run(_student(settings.begin, reduced=not arguments.float32), settings)
    aim, teacher = cosines_aimed_at(material.general)
    card: dict[str, Any] = {
        "settings": dataclasses.asdict(settings),
        "threads": arguments.threads,
        "teacher": teacher,
    }
    card["material"] = json.loads((MATERIAL / MANIFEST).read_text(encoding="utf-8"))
    card |= train(run, material, aim, out)
    run.averaged().save(out)
    RUNS.mkdir(exist_ok=True)
    write_card(arguments.name, card)
    if not arguments.unmeasured:
        from training.evaluate import evaluate

        write_card(arguments.name, card | {"scores": evaluate(str(out))})


def train(run: Run, material: Material, aim: Aim, out: Path) -> dict[str, Any]:
    """Take the steps that are left; return how long they took and the mean losses of each tenth of them."""
    out.mkdir(parents=True, exist_ok=True)
    if (out / STATE).exists():
        run.restore(torch.load(out / STATE, weights_only=True))
        print(f"goes on from step {run.step}", flush=True)
    started = written = time.monotonic()
    history: defaultdict[int, list[dict[str, float]]] = defaultdict(list)
    with tqdm(total=run.settings.steps, initial=run.step, unit="step", mininterval=SECONDS_BETWEEN_REPORTS) as bar:
        while run.step < run.settings.steps:
            found = run.advance(material, aim)
            history[10 * (run.step - 1) // run.settings.steps].append(found)
            bar.set_postfix_str(_told(found), refresh=False)
            bar.update()
            if time.monotonic() - written > SECONDS_BETWEEN_STATES:
                write_state(run, out)
                written = time.monotonic()
    write_state(run, out)
    means = [_mean(tenth) for tenth in history.values()]
    return {"seconds": round(time.monotonic() - started), "losses": means}


def write_state(run: Run, out: Path) -> None:
    """Write a run's state beside the last one, and then in its place."""
    draft = out / f"{STATE}.draft"
    torch.save(run.state(), draft)
    draft.replace(out / STATE)


def cosines_aimed_at(texts: list[str]) -> tuple[Aim, str]:
    """Return what gives the cosines of some of the texts: the base model's, or the mean of these and a teacher's.

    And the SHA-256 of the teacher's vectors, empty if there are none.
    """
    base = vectors_of(texts, BASE_VECTORS)
    if not base.exists():
        write_vectors(base, load_encoder(BASE_MODEL).encode(texts, bulk=True))
    paths = [base, *(path for path in [vectors_of(texts)] if path.exists())]
    sources = [torch.from_numpy(np.load(path).astype(np.float32)) for path in paths]

    def aim(rows: Sequence[int]) -> torch.Tensor:
        return torch.stack([vectors[rows] @ vectors[rows].T for vectors in sources]).mean(dim=0).to(_device())

    return aim, hashlib.sha256(paths[1].read_bytes()).hexdigest() if len(paths) > 1 else ""


def write_card(name: str, card: dict[str, Any]) -> None:
    """Write down what a run did."""
    (RUNS / f"{name}.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def _mean(found: list[dict[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for one in found for name in one)
    return {name: round(float(np.mean([one[name] for one in found if name in one])), 4) for name in names}


def _told(means: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in means.items())


def _student(begin: str, *, reduced: bool) -> Student:
    """Return the default model, or that of an earlier run."""
    if not begin:
        return base_student(_device(), reduced=reduced)
    folder = MATERIAL / begin
    return Student(folder, folder / WORD_MAP, _device(), reduced=reduced)


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def _settings(arguments: argparse.Namespace) -> Settings:
    changed = dict(_weighed(arguments.weight))
    return Settings(
        steps=arguments.steps,
        seed=arguments.seed,
        rate=arguments.rate,
        map_rate=arguments.map_rate,
        average=arguments.average,
        without=tuple(arguments.without),
        begin=arguments.begin,
        weights={**WEIGHTS, **changed},
    )


def _weighed(pairs: list[str]) -> Iterator[tuple[str, float]]:
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name not in WEIGHTS:
            sys.exit(f"No loss is called {name}. There are: {', '.join(WEIGHTS)}.")
        yield name, float(value)


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+", text):
        raise argparse.ArgumentTypeError("a name is of letters, digits and hyphens")
    return text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    usual = Settings()
    parser.add_argument("name", type=_name, help="of the run: letters, digits and hyphens")
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--rate", type=float, default=usual.rate, help="of learning, the transformer's highest")
    parser.add_argument("--map-rate", type=float, default=usual.map_rate, help="the same of the map of words")
    parser.add_argument("--average", type=float, default=usual.average)
    parser.add_argument("--without", nargs="*", default=[], choices=GROUPS, metavar="GROUP")
    parser.add_argument("--weight", nargs="*", default=[], metavar="LOSS=WEIGHT")
    parser.add_argument("--begin", default="", metavar="NAME", help="go on from an earlier run's model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--float32", action="store_true", help="compute in float32, not in bfloat16")
    parser.add_argument("--unmeasured", action="store_true", help="leave the measuring to training.evaluate")
    return parser.parse_args()


if __name__ == "__main__":
    run(main)
