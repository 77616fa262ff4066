"""The command that checks an audit trail."""

from __future__ import annotations

from pathlib import Path

import click

from clinsearch.errors import AuditError
from clinsearch.web.audit.chain import check


@click.command(short_help="Check that an audit trail is as it was written.")
@click.argument("action", type=click.Choice(["verify"]), metavar="verify")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--holds", metavar="HASH", help="Also require the line of this hash, as noted down earlier.")
def audit(action: str, files: tuple[Path, ...], holds: str | None) -> None:
    """Check that the audit trail of `clinsearch serve --audit` is as it was written, line by line.

    A trail in several files is given in their order. Exit code 1, and the first line that does not hold, where one
    was changed, put in or taken out. Lines cut off at the end are only missed by who has noted down the last hash.

    \b
    clinsearch audit verify audit.jsonl
    clinsearch audit verify audit.jsonl.20260101T000000000000Z audit.jsonl
    """
    lines, last, is_held = 0, None, holds is None
    for path in files:
        found = check(path, last, holds)
        if found.fault:
            raise AuditError(f"{path} does not hold in line {found.lines + 1}: {found.fault}.")
        lines, last, is_held = lines + found.lines, found.last, is_held or found.holds
    if not is_held:
        raise AuditError("There is no line of that hash: lines were taken out, or all were written anew.")
    click.echo(f"{lines:,} lines hold. The last has the hash {last}")
