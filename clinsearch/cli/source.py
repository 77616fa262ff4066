"""The options that say which collection and which model a command takes, and how it gets at these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from clinsearch.cli.completion import complete_model
from clinsearch.cli.locations import LocationType
from clinsearch.cli.options import Decorator, together
from clinsearch.readers.requests import FilterOptions, make_filter
from clinsearch.records.locations import Location
from clinsearch.settings import COLLECTION_VARIABLE, DEFAULT_COLLECTION, TERMS_VARIABLE

if TYPE_CHECKING:
    from clinsearch.collection import Collection
    from clinsearch.encoder.checkpoint import Checkpoint
    from clinsearch.encoder.pooling import Pooling
    from clinsearch.records import Filter


# A week, for which no run of the program is waited for.
MOST_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Source:
    """The collection, and the model and pooling if these are named."""

    collection: Location
    model: str | None = None
    pooling: Pooling | None = None
    terms: Path | None = None


collection_option = click.option(
    "--collection",
    type=LocationType(),
    default=DEFAULT_COLLECTION,
    envvar=COLLECTION_VARIABLE,
    metavar="FOLDER",
    help="The collection's folder, or its database as postgresql://USER@HOST/DATABASE; by default "
    f"./{DEFAULT_COLLECTION}, or ${COLLECTION_VARIABLE}.",
)
model_option = click.option(
    "--model",
    metavar="NAME",
    shell_complete=complete_model,
    help="clinsearch-small (the default), minilm, bio-clinicalbert, a model's folder, or a Hugging Face id.",
)
pooling_option = click.option(
    "--pooling",
    type=click.Choice(["mean", "mean-without-special", "cls", "max"]),
    help="How token vectors become one vector; by default as the model was trained.",
)


terms_option = click.option(
    "--terms",
    type=click.Path(path_type=Path),
    envvar=TERMS_VARIABLE,
    metavar="FILE",
    help="A site's own abbreviations and names, with tabs: term, the same as, weight; by default of "
    f"${TERMS_VARIABLE}.",
)


def _trust(ctx: click.Context, _option: click.Parameter, is_given: bool) -> None:
    """Take folders as they are for as long as the command runs."""
    if is_given:
        from clinsearch.storage import trusting

        ctx.with_resource(trusting())


trust_option = click.option(
    "--trust",
    is_flag=True,
    expose_value=False,
    callback=_trust,
    help="Take the collection as it is although others can write to its folder.",
)


def _wait(ctx: click.Context, _option: click.Parameter, seconds: int) -> None:
    """Wait for another writer for as long as the command runs."""
    if seconds:
        from clinsearch.rendering.signs import tell
        from clinsearch.storage import waiting

        ctx.with_resource(waiting(seconds, tell))


wait_option = click.option(
    "--wait",
    type=click.IntRange(0, MOST_SECONDS),
    metavar="SECONDS",
    default=0,
    show_default=True,
    expose_value=False,
    callback=_wait,
    help="Wait so long for another process that writes to the folder; databases take several at once.",
)


def source_options(*of_model: Decorator) -> Decorator:
    """Add the options that name the collection, and before them those given; the command gets a `source`."""
    return together("source", Source, *of_model, collection_option, trust_option)


def opened(source: Source, filters: FilterOptions | None = None) -> Collection:
    """Open the collection; say on stderr which values of a filter nothing in it has."""
    from clinsearch.collection import Collection

    collection = Collection(source.collection, model=named_model(source), terms=source.terms)
    if filters is not None:
        tell_unmatched(collection, filters)
        _require_time(make_filter(**filters))
    return collection


def tell_unmatched(collection: Collection, filters: FilterOptions) -> None:
    """Say on stderr which values of a filter nothing in the collection has."""
    from clinsearch.rendering.terminal.unmatched import print_unmatched

    print_unmatched(collection.unmatched(**filters))


def _require_time(where: Filter) -> None:
    """Raise UsageError if no moment passes a filter."""
    if where.since and where.until and where.since > where.until:
        raise click.UsageError("--since is later than --until: no note can be of such a time.")


def chosen_checkpoint(source: Source) -> Checkpoint:
    """Find the model that a command without need of a collection means.

    That is the one named, else the collection's, where there is one, else the default.
    """
    from clinsearch.encoder.checkpoint import DEFAULT_MODEL, find_checkpoint
    from clinsearch.encoder.pooling import as_pooling

    if is_given("model") or not has_collection(source):
        return find_checkpoint(source.model or DEFAULT_MODEL, source.pooling, may_fetch=source.model is not None)
    from clinsearch.storage import open_reader

    with open_reader(source.collection).catalog() as (_, encoder):
        return find_checkpoint(encoder.model, source.pooling or as_pooling(encoder.pooling), may_fetch=False)


def named_model(source: Source) -> str | None:
    """Return the model that is named; what a file or a variable names is for where no collection has its own."""
    if source.model is None or is_given("model"):
        return source.model
    from clinsearch.storage import is_made

    return None if is_made(source.collection) else source.model


def has_collection(source: Source) -> bool:
    """Tell whether a command that can do without a collection takes one: one that is named, or that is there."""
    if is_named():
        return True
    if isinstance(source.collection, Path):
        return source.collection.exists()
    from clinsearch.storage import is_made

    return is_made(source.collection)


def is_named() -> bool:
    """Tell whether the collection was named with the command, so that its lack is an error."""
    return is_given("collection")


def is_given(parameter: str) -> bool:
    """Tell whether an option was given with the command, rather than settled elsewhere."""
    return click.get_current_context().get_parameter_source(parameter) == ParameterSource.COMMANDLINE
