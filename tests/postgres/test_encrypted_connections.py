"""TLS by the options of an address: a server is who it says it is, or nothing is asked of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from clinsearch.errors import CollectionError
from clinsearch.records.locations import database_at
from clinsearch.storage import is_made
from clinsearch.storage.postgres.database import open_engine, transaction
from tests.support.postgres import PostgresServer
from tests.support.postgres_programs import give_to_server_user

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl to make certificates with")


@dataclass
class Certificates:
    folder: Path

    def authority(self, name: str) -> Path:
        """Make an authority; return its certificate."""
        root = self.folder / f"{name}.crt"
        self._openssl("req", "-x509", "-keyout", self.folder / f"{name}.key", "-out", root, "-subj", f"/CN={name}")
        return root

    def of_server(self, authority: str, host: str) -> tuple[Path, Path]:
        """Make the certificate of a server, by an authority; return it and its key."""
        certificate, key = self.folder / f"{host}.crt", self.folder / f"{host}.key"
        signed = ("-CA", self.folder / f"{authority}.crt", "-CAkey", self.folder / f"{authority}.key")
        named = ("-subj", "/CN=server", "-addext", f"subjectAltName={host}", "-addext", "basicConstraints=CA:FALSE")
        self._openssl("req", "-x509", *signed, "-keyout", key, "-out", certificate, *named)
        return certificate, key

    def _openssl(self, *arguments: object) -> None:
        curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        command = [str(OPENSSL), *map(str, arguments), *curve]
        subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    made = Certificates(tmp_path_factory.mktemp("certificates"))
    made.authority("ours")
    made.authority("another")
    made.of_server("ours", "IP:127.0.0.1")
    made.of_server("ours", "DNS:elsewhere.example")
    return made


@pytest.fixture
def encrypting(postgres_server: PostgresServer, certificates: Certificates) -> Iterator[PostgresServer]:
    use(postgres_server, certificates, "IP:127.0.0.1")
    yield postgres_server
    postgres_server.reload(ssl="off")


def use(server: PostgresServer, certificates: Certificates, host: str) -> None:
    for kind in ("crt", "key"):
        copy = server.folder / f"server.{kind}"
        copy.unlink(missing_ok=True)
        copy.touch(mode=0o600)
        copy.write_bytes((certificates.folder / f"{host}.{kind}").read_bytes())
        give_to_server_user(copy)
    server.reload(ssl_cert_file=str(server.folder / "server.crt"), ssl_key_file=str(server.folder / "server.key"))
    server.reload(ssl="on")


def said(dsn: str) -> str:
    with pytest.raises(CollectionError) as caught:
        is_made(database_at(dsn))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def verified(server: PostgresServer, root: Path) -> str:
    return f"{server.dsn()}?sslmode=verify-full&sslrootcert={root}"


def test_a_server_with_a_certificate_of_ours_is_asked_encrypted(encrypting, certificates: Certificates) -> None:
    database = database_at(verified(encrypting, certificates.folder / "ours.crt"))
    engine = open_engine(database, writing=False)
    with transaction(engine, database) as connection:
        query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert connection.scalar(text(query)) is True
    engine.dispose()
    assert not is_made(database)


def test_one_of_another_authority_is_not_asked(encrypting, certificates: Certificates) -> None:
    message = said(verified(encrypting, certificates.folder / "another.crt"))
    assert message.endswith("cannot be reached: its certificate is not the expected one.")


def test_one_of_another_name_is_not_asked(encrypting, certificates: Certificates) -> None:
    use(encrypting, certificates, "DNS:elsewhere.example")
    message = said(verified(encrypting, certificates.folder / "ours.crt"))
    assert message.endswith("cannot be reached: its certificate is not the expected one.")


def test_one_that_does_not_encrypt_is_not_asked_in_plain(postgres_server, certificates: Certificates) -> None:
    message = said(verified(postgres_server, certificates.folder / "ours.crt"))
    assert message.endswith("cannot be reached: the encrypted connection failed.")


def test_a_lacking_file_of_roots_is_named_by_its_option(encrypting, certificates: Certificates) -> None:
    message = said(verified(encrypting, certificates.folder / "absent.crt"))
    assert message.endswith("the file that sslrootcert names, or ~/.postgresql/root.crt, is not there.")
