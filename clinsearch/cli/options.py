"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from clinsearch.readers.requests import MOST_RESULTS
from clinsearch.settings import COLLECTION_VARIABLE, DEFAULT_COLLECTION

if TYPE_CHECKING:
    from clinsearch.encoder.checkpoint import Checkpoint

Command = TypeVar("Command", bound=Callable[..., Any])
Decorator = Callable[[Command], Command]

collection_option = click.option(
    "--collection",
    type=click.Path(path_type=Path),
    default=DEFAULT_COLLECTION,
    envvar=COLLECTION_VARIABLE,
    show_default=f"./{DEFAULT_COLLECTION}, or ${COLLECTION_VARIABLE}",
    metavar="FOLDER",
    help="The collection's folder.",
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    default="table",
    show_default=True,
    help="How to write the result.",
)
model_option = click.option(
    "--model",
    metavar="NAME",
    help="clinsearch-small (the default), minilm, bio-clinicalbert, a model's folder, or a Hugging Face id.",
)
pooling_option = click.option(
    "--pooling",
    type=click.Choice(["mean", "mean-without-special", "cls", "max"]),
    help="How token vectors become one vector; by default as the model was trained.",
)
k_option = click.option(
    "-k",
    type=click.IntRange(1, MOST_RESULTS),
    metavar="NUMBER",
    default=10,
    show_default=True,
    help="How many results to give.",
)


def filter_options(command: Command) -> Command:
    """Add the options that say which notes a search looks at; it ranks only what passes.

    Each but the dates may be given several times: any of its values will do.
    """
    options = [
        click.option(
            "--patient",
            "patient_id",
            multiple=True,
            metavar="ID",
            help="Notes of this patient only. May be given several times, as the next three.",
        ),
        click.option("--encounter", "encounter_id", multiple=True, metavar="ID", help="Notes of this encounter only."),
        click.option("--type", "note_type", multiple=True, metavar="TYPE", help="Notes of this type only."),
        click.option("--section", multiple=True, metavar="NAME", help="Sections of this name only."),
        click.option("--since", metavar="DATE", help="Notes of this day (2024-03-31), month or year or later."),
        click.option("--until", metavar="DATE", help="Notes of this day, month or year or earlier."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def chosen_checkpoint(model: str | None, collection: Path, pooling: str | None = None) -> Checkpoint:
    """Find the model that a command without need of a collection means.

    That is the one named, else the collection's, where there is one, else the default.
    """
    from clinsearch.encoder.checkpoint import DEFAULT_MODEL, find_checkpoint
    from clinsearch.encoder.pooling import as_pooling

    may_fetch = model is not None
    if model is None and (is_named() or collection.exists()):
        from clinsearch.storage.snapshots import Reader

        with Reader(collection).catalog() as (_, encoder):
            model, pooling = encoder.model, pooling or encoder.pooling
    return find_checkpoint(model or DEFAULT_MODEL, as_pooling(pooling) if pooling else None, may_fetch=may_fetch)


def is_named() -> bool:
    """Tell whether the collection was named with the command, so that its lack is an error."""
    return click.get_current_context().get_parameter_source("collection") == ParameterSource.COMMANDLINE
