"""An evaluation for reading in a terminal."""

from __future__ import annotations

from rich.text import Text

from clinsearch.records import Estimate, Evaluation, ModeEvaluation, SetEvaluation
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import columns, write

SIGNIFICANT = 0.05


def print_evaluation(evaluation: Evaluation) -> None:
    """Show each set's measures by way of ranking, with 95 % intervals, and the differences from the first."""
    for judged in evaluation.sets:
        write(_heading(judged))
        _print_measures(judged)
        _print_comparisons(judged)
    if len(evaluation.sets) > 1:
        _print_means(evaluation)


def _heading(judged: SetEvaluation) -> Text:
    about = f"  {judged.documents:,} documents, {judged.queries:,} queries"
    return Text(visible(judged.name), style="bold").append(about, style="not bold dim")


def _print_measures(judged: SetEvaluation) -> None:
    """Show a row for each way of ranking; half the width of the 95 % interval stands behind each measure."""
    names = list(judged.modes[0].measures)
    by_model: dict[str, list[ModeEvaluation]] = {}
    for one in judged.modes:
        by_model.setdefault(one.model, []).append(one)
    for model, modes in by_model.items():
        table = columns(right=range(1, len(names) + 2), count=len(names) + 2)
        table.add_row("", *names, "ms")
        for one in modes:
            table.add_row(one.mode, *map(_with_interval, one.measures.values()), f"{one.ms_per_query:.0f}")
        if len(by_model) > 1:
            write(visible(model))
        write(table)


def _with_interval(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ±{(estimate.high - estimate.low) / 2:.3f}"


def _name(one: ModeEvaluation, judged: SetEvaluation) -> str:
    models = {other.model for other in judged.modes}
    return visible(f"{one.model}, {one.mode}" if len(models) > 1 else one.mode)


def _print_comparisons(judged: SetEvaluation) -> None:
    first, *others = judged.modes
    for other, comparison in zip(others, judged.comparisons, strict=True):
        verdict = "" if comparison.p < SIGNIFICANT else ", which may be chance"
        write(
            f"{_name(first, judged)} - {_name(other, judged)}: nDCG@10 {comparison.difference:+.3f}, "
            f"p = {comparison.p:.4f}{verdict}"
        )
    write("")


def _print_means(evaluation: Evaluation) -> None:
    """Show the mean of nDCG@10 over the sets."""
    write(Text("mean of all sets", style="bold"))
    table = columns(right=[1], count=2)
    for ways in zip(*(judged.modes for judged in evaluation.sets), strict=True):
        mean = sum(one.measures["nDCG@10"].value for one in ways) / len(ways)
        table.add_row(_name(ways[0], evaluation.sets[0]), f"nDCG@10 {mean:.3f}")
    write(table)
