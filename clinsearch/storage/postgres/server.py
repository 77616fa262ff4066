"""What the server says of itself: its version, its replicas, and what it is building."""

from __future__ import annotations

from sqlalchemy import Connection, text

from clinsearch.records.servers import GraphBuild, Replica, ServerStatus
from clinsearch.storage.postgres.sealing import builds

_OF_ITSELF = text(
    "SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'vector'), "
    "pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN CASE WHEN pg_last_wal_receive_lsn() = "
    "pg_last_wal_replay_lsn() THEN 0 ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 END END"
)
# A role without the rights of pg_monitor is told that there is a replica, and nothing of it.
_REPLICAS = text(
    "SELECT coalesce(application_name, ''), coalesce(state, ''), coalesce(sync_state, ''), "
    "pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint FROM pg_stat_replication ORDER BY 1"
)


def server_status(connection: Connection) -> ServerStatus:
    """Return what a server says of itself."""
    version, pgvector, is_replica, behind_s = connection.execute(_OF_ITSELF).one()
    replicas = () if is_replica else tuple(Replica(*row) for row in connection.execute(_REPLICAS))
    return ServerStatus(
        version=str(version).split()[0],
        pgvector=str(pgvector),
        is_replica=is_replica,
        behind_s=behind_s,
        replicas=replicas,
        building=tuple(GraphBuild(one.kind, one.phase, one.done, one.total) for one in builds(connection)),
        graphs=int(connection.scalar(text("SELECT count(*) FROM vector_segments")) or 0),
    )
