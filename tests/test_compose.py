"""compose.yaml: its settings and its first statements on a real server; the image itself is not run."""

from __future__ import annotations

import psycopg
import pytest
import yaml

from tests.conftest import PROJECT


@pytest.fixture(scope="module")
def composed() -> dict:
    return yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))


def test_what_it_names_is_there_and_no_other_machine_gets_in(composed: dict) -> None:
    (service,) = composed["services"].values()
    assert [port.rpartition(":")[0].partition(":")[0] for port in service["ports"]] == ["127.0.0.1"]
    assert set(service["secrets"]) == set(composed["secrets"])
    assert {config["source"] for config in service["configs"]} == set(composed["configs"])
    assert {volume.partition(":")[0] for volume in service["volumes"]} == set(composed["volumes"])
    ignored = (PROJECT / ".gitignore").read_text(encoding="utf-8").split()
    for secret in composed["secrets"].values():
        assert secret["file"].rpartition("/")[2].rstrip("}") in ignored


def test_the_server_takes_the_settings_and_the_first_statements(postgres_server, composed: dict) -> None:
    from tests.support.postgres import OWNER, SUPERUSER
    from tests.support.postgres_programs import programs, run_program

    (service,) = composed["services"].values()
    settings = dict(word.removeprefix("--").split("=", 1) for word in service["command"][1:])
    statements = composed["configs"]["owner_and_database"]["content"]
    # Of a size for servers alone.
    with type(postgres_server).make(settings={**settings, "shared_buffers": "128MB"}) as server:
        assert server.execute("SHOW log_error_verbosity") == [("terse",)]
        server.execute(f"DROP ROLE {OWNER}")
        script = server.folder / "first.sql"
        script.write_text(statements, encoding="utf-8")
        secrets = {"POSTGRES_PASSWORD": server.passwords[OWNER], "PGPASSWORD": server.passwords[SUPERUSER]}
        run_program(
            [
                programs() / "psql",
                "--no-psqlrc",
                "--set=ON_ERROR_STOP=1",
                f"--file={script}",
                server.dsn(role=SUPERUSER, with_password=False),
            ],
            server.folder,
            secrets,
        )
        with psycopg.connect(server.dsn("clinsearch")) as connection:
            assert connection.execute("SELECT '[1,2]'::vector(2) <-> '[1,4]'").fetchall() == [(2.0,)]
            assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchall() == [
                (False,)
            ]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.dsn(role=SUPERUSER))
