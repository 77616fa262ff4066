"""A shard's primary is killed under load, and its replica takes over."""

from __future__ import annotations

from contextlib import closing

import pytest

from benchmarks.cluster_failover import failover


@pytest.mark.slow
def test_a_killed_primary_loses_nothing_and_is_waited_for(
    postgres_server: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "")  # what is set meanwhile is taken back
    # How soon it answers again is measured by `benchmarks.cluster failover`; here it has half a minute.
    with closing(failover(2)) as rounds:
        for one in rounds:
            assert (one.lost, one.doubled, one.wrong) == (0, 0, 0)
