"""The command that writes what lets a shell complete commands, options and their values."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

PROGRAM = "clinsearch"
VARIABLE = "_CLINSEARCH_COMPLETE"
MODELS = ("clinsearch-small", "minilm", "bio-clinicalbert")


@click.command(short_help="Write a shell's completion of commands, options and values.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Write a script by which a shell completes commands, options, their values and paths at the tab key. Bash has to
    be 4.4 or newer.

    \b
    clinsearch completion bash > clinsearch.bash
    clinsearch completion zsh > _clinsearch
    clinsearch completion fish > ~/.config/fish/completions/clinsearch.fish

    docs/settings.md says where each goes.
    """
    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(ctx.find_root().command, {}, PROGRAM, VARIABLE).source())


def complete_model(ctx: click.Context, option: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete a model's name, else a path."""
    return [CompletionItem(name) for name in MODELS if name.startswith(begun)] or [CompletionItem(begun, type="file")]
