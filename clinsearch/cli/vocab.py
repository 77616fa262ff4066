"""The command that looks things up in a model's vocab."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import format_option, together
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, chosen_checkpoint, model_option, opened, source_options
from clinsearch.rendering.records import inspection as records
from clinsearch.rendering.terminal import inspection as terminal

if TYPE_CHECKING:
    from clinsearch.inspection.vocabulary import Vocabulary
    from clinsearch.records.inspection import VocabEntry

ENTRIES_SHOWN = 50  # in a terminal; a file gets all there is


@dataclass(frozen=True, slots=True)
class LookUp:
    """What entries are looked up by."""

    token_id: int | None
    token: str | None
    prefix: str | None
    contains: str | None
    regex: str | None


@dataclass(frozen=True, slots=True)
class View:
    """What is shown beyond the entries themselves, and how many neighbors."""

    neighbors: bool
    k: int
    occurrences: bool
    coverage: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Which of all that is found is shown."""

    limit: int | None
    offset: int


look_up_options = together(
    "look_up",
    LookUp,
    click.option("--id", "token_id", type=int, metavar="N", help="The token with this id."),
    click.option("--token", metavar="TOKEN", help="The id of this token."),
    click.option("--prefix", metavar="TEXT", help="All tokens that begin so."),
    click.option("--contains", metavar="TEXT", help="All tokens that hold this."),
    click.option("--regex", metavar="PATTERN", help="All tokens in which this regular expression finds something."),
)
part_options = together(
    "part",
    Part,
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="How many to list; in a table 50, else all."),
    click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="How many to pass over first."),
)
view_options = together(
    "view",
    View,
    click.option("--neighbors", is_flag=True, help="With --id or --token: the nearest rows of the embedding matrix."),
    click.option(
        "-k", type=click.IntRange(min=1), metavar="N", default=10, show_default=True, help="With --neighbors: how many."
    ),
    click.option(
        "--occurrences", is_flag=True, help="With --id or --token: where it stands in the collection's notes."
    ),
    click.option("--coverage", is_flag=True, help="How well the vocab fits the words of the collection's notes."),
)


@click.command(short_help="Look things up in a model's vocab.")
@look_up_options
@part_options
@view_options
@source_options(model_option)
@format_option
def vocab(look_up: LookUp, part: Part, view: View, source: Source, form: str) -> None:
    """Look entries of a model's vocab up: by id, by token, or by how they are spelt.

    Capitals count, as the vocab has them; --regex "(?i)..." takes either. The neighbors of an entry are those
    whose static vectors, rows of the embedding matrix, have the highest cosine with its own.

    \b
    clinsearch vocab --id 5351 --model bio-clinicalbert
    clinsearch vocab --contains card --limit 20
    clinsearch vocab --regex "^##.*itis$"
    clinsearch vocab --token fatigue --neighbors -k 5
    clinsearch vocab --token wound --occurrences
    clinsearch vocab --coverage
    """
    _require_one_question(look_up, view)
    if view.coverage:
        _write_coverage(source, form)
    elif view.neighbors:
        _write_neighbors(look_up, view.k, source, form)
    elif view.occurrences:
        _write_occurrences(look_up, part, source, form)
    else:
        _write_entries(look_up, part, source, form)


def _require_one_question(look_up: LookUp, view: View) -> None:
    views = [view.neighbors, view.occurrences, view.coverage].count(True)
    given = [value is not None for value in astuple(look_up)].count(True)
    is_of_token = (look_up.token_id, look_up.token) != (None, None)
    is_one = views == 1 and not given if view.coverage else given == 1 and (not views or (views == 1 and is_of_token))
    if not is_one:
        raise click.UsageError(
            "Give one of --id, --token, --prefix, --contains, --regex and --coverage; "
            "with --id or --token also --neighbors or --occurrences."
        )


def _entries(vocabulary: Vocabulary, look_up: LookUp) -> list[VocabEntry]:
    match look_up:
        case LookUp(token_id=int(token_id)):
            return [vocabulary.by_id(token_id)]
        case LookUp(token=str(token)):
            return [vocabulary.by_token(token)]
        case LookUp(prefix=str(prefix)):
            return vocabulary.with_prefix(prefix)
        case LookUp(contains=str(text)):
            return vocabulary.containing(text)
    return vocabulary.matching(str(look_up.regex))


def _write_entries(look_up: LookUp, part: Part, source: Source, form: str) -> None:
    """Show a part of the entries, and which of how many they are; beside rows for a file only if there are more."""
    from clinsearch.inspection.vocabulary import Vocabulary

    found = _entries(Vocabulary(chosen_checkpoint(source)), look_up)
    limit = part.limit or (ENTRIES_SHOWN if form == "table" else len(found))
    shown = found[part.offset : part.offset + limit]
    place = terminal.page_line(part.offset, len(shown), len(found))
    write_result(form, lambda: terminal.print_vocab(shown, place), lambda: records.vocab_records(shown))
    if form != "table" and len(shown) < len(found):
        click.echo(place, err=True)


def _write_neighbors(look_up: LookUp, k: int, source: Source, form: str) -> None:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.inspection.vocabulary import Vocabulary

    checkpoint = chosen_checkpoint(source)
    vocabulary = Vocabulary(checkpoint)
    (entry,) = _entries(vocabulary, look_up)
    near = vocabulary.nearest(entry, Encoder(checkpoint).embedding_matrix, k)
    write_result(form, lambda: terminal.print_nearest(entry, near), lambda: records.vocab_records(near))


def _write_occurrences(look_up: LookUp, part: Part, source: Source, form: str) -> None:
    from clinsearch.inspection.vocabulary import Vocabulary

    (entry,) = _entries(Vocabulary(chosen_checkpoint(source)), look_up)
    found = opened(source).occurrences(entry.id, limit=part.limit or ENTRIES_SHOWN, offset=part.offset)
    write_result(
        form,
        lambda: terminal.print_occurrences(found),
        lambda: records.occurrences_record(found),
        lambda: records.occurrences_rows(found),
    )


def _write_coverage(source: Source, form: str) -> None:
    found = opened(source).coverage()
    write_result(form, lambda: terminal.print_coverage(found), lambda: records.coverage_record(found))
