"""A collection is in a folder or in a database, whose address is read as libpq reads it and shown without secrets."""

from __future__ import annotations

import copy
import traceback
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.errors import InputError
from clinsearch.records.locations import Database, database_at, folder_of, locate

SECRET = "s3cret"
PARTS = (
    "u",
    "s3",
    "h.org",
    "/",
    ":",
    "@",
    "?",
    "&",
    "=",
    ",",
    "%40",
    "%2F",
    "%3A",
    "[::1]",
    "5432",
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "service",
)


@pytest.mark.parametrize("given", ["notes", "/srv/x", "postgresql", "C:\\x", "a b", "mysql://h/d"])
def test_all_else_is_a_folder(given: str) -> None:
    assert locate(given) == locate(Path(given)) == folder_of(locate(given)) == Path(given)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("postgres://u@h:6432/db", "postgresql://u@h:6432/db"),
        ("postgresql://", "postgresql:///"),
        ("postgresql:///db?host=/var/run/postgresql", "postgresql://%2Fvar%2Frun%2Fpostgresql/db"),
        ("postgresql://%2Fvar%2Frun:5433/db", "postgresql://%2Fvar%2Frun:5433/db"),
        ("postgresql://a:1,b:2/db?target_session_attrs=primary&sslmode=verify-full", "postgresql://a:1,b:2/db"),
        ("postgresql://a,b/db?port=7", "postgresql://a:7,b:7/db"),
        ("postgresql://a,b:2/db", "postgresql://a,b:2/db"),
        ("postgresql://?service=notes", "postgresql:///?service=notes"),
        ("postgresql://h/?user=u&dbname=d", "postgresql://u@h/d"),
        ("postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"),
        ("postgresql://[fe80::1%25eth0]/db", "postgresql://[fe80::1%25eth0]/db"),
        ("postgresql:///db?hostaddr=10.0.0.5", "postgresql://10.0.0.5/db"),
        ("postgresql://u%40azure@h/d%C3%A9b%1b", "postgresql://u%40azure@h/déb%1B"),
        (f"postgresql://u:{SECRET}@h/db?options=-c%20x%3D{SECRET}&sslpassword={SECRET}", "postgresql://u@h/db"),
        (f"postgresql://u:{SECRET}?x@h/db?application_name={SECRET}", "postgresql://u@h/db"),
    ],
)
def test_of_an_address_is_shown_who_where_and_which(given: str, shown: str) -> None:
    found = locate(given)
    assert isinstance(found, Database)
    assert (str(found), f"{found}", repr(found)) == (shown, shown, f"Database({shown!r})")
    assert found.dsn == given
    assert folder_of(found) is None
    assert str(locate(shown)) == shown


@pytest.mark.parametrize(
    "given",
    [
        f"postgresql://u:{SECRET}@h/db",
        f"postgresql://:{SECRET}@h/db",
        f"postgresql://u:{SECRET}?a=3@h/db",
        f"postgresql://h/db?password={SECRET}",
        f"postgresql://h/db?pass%77ord={SECRET}",
        f"postgresql://h/db?sslpassword={SECRET}",
        f"postgresql://h/db?oauth_client_secret={SECRET}",
    ],
)
def test_a_password_is_known_wherever_it_stands(given: str) -> None:
    assert database_at(given).has_secret
    assert not database_at("postgresql://u@h/db?sslmode=require&passfile=%2Fx").has_secret


@pytest.mark.parametrize(
    "given",
    [
        f"postgresql://u:p@{SECRET}@h/db",
        f"postgresql://u:p/{SECRET}@h/db",
        f"postgresql://u:12/{SECRET}@h/db",
        f"postgresql://u:{SECRET}/@h/db",
        f"postgresql://h:{SECRET}/db",
        f"postgresql://h/db?{SECRET}",
        f"postgresql://h/db?password={SECRET}=",
        f"postgresql://h/db?PASSWORD={SECRET}",
        f"postgresql://h/{SECRET} x",
        f"postgresql://u:{SECRET}%@h/db",
        f"postgresql://u:{SECRET}%00@h/db",
        f"postgresql://u%ff:{SECRET}@h/db",
        f"postgresql://u:{SECRET}@h/db\n",
        f"postgresql://u:{SECRET}@h:99999/db",
        f"postgresql://u:{SECRET}@[::1/db",
        f"postgresql://u:{SECRET}@a,b/db?port=1,2,3",
        f"postgresql+psycopg://u:{SECRET}@h/db",
        f"postgresql:/u:{SECRET}@h/db",
        f"POSTGRESQL://u:{SECRET}@h/db",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(given: str) -> None:
    with pytest.raises(InputError, match=r"cannot be read\. Write postgresql://USER@HOST:PORT/DATABASE") as caught:
        locate(given)
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)


def test_a_path_names_no_database() -> None:
    with pytest.raises(InputError, match="A path cannot name a database") as caught:
        locate(Path(f"postgresql://u:{SECRET}@h/db"))
    assert SECRET not in str(caught.value)


def test_a_database_is_a_value() -> None:
    one, same, other = (database_at(f"postgresql://u:{word}@h/db") for word in ("a", "a", "b"))
    assert one == same == copy.copy(one)
    assert one != other
    assert len({one, same, other}) == 2
    assert locate(one) is one


@settings(deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=14).map("".join))
def test_what_is_read_is_what_the_driver_reads(text: str) -> None:
    conninfo = pytest.importorskip("psycopg.conninfo")
    address = f"postgresql://{text}"
    try:
        found = database_at(address)
    except InputError:
        return
    try:
        read = conninfo.conninfo_to_dict(address)
    except conninfo.e.ProgrammingError:
        return  # libpq knows the names of all its options, we do not
    assert (found.user, found.dbname, found.service) == tuple(
        read.get(name, "") for name in ("user", "dbname", "service")
    )
    assert ",".join(found.hosts) == read.get("host", "")
    assert ",".join(found.ports).strip(",") == read.get("port", "").strip(",")
    assert found.has_secret or not read.get("password")
    again = database_at(str(found))
    assert (again.user, again.hosts, again.dbname, again.service) == (
        found.user,
        found.hosts,
        found.dbname,
        found.service,
    )
    assert not again.has_secret
