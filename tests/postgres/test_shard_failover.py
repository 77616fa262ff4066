"""A shard's primary is killed under load, and its replica takes over."""

from __future__ import annotations

import pytest

from benchmarks.cluster_failover import failover


@pytest.mark.slow
def test_a_killed_primary_loses_nothing_and_is_waited_for(
    postgres_server: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "")  # what is set meanwhile is taken back
    for one in failover(3):
        assert one.answer_s < 5
        assert (one.lost, one.doubled, one.wrong) == (0, 0, 0)
