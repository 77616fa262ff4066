"""Runs the application by uvicorn, on a socket that is bound first, so that its address can be said."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import uvicorn

from clinsearch import retrieval
from clinsearch.collection import Collection
from clinsearch.errors import ClinsearchError, SettingError
from clinsearch.rendering.faults import origin
from clinsearch.rendering.signs import tell
from clinsearch.web.app import SECONDS_ALONE, application, load_views
from clinsearch.web.protocol import IDLE_SECONDS, MOST_HEAD_BYTES, Protocol, make_room
from clinsearch.web.serving import Serving, in_brackets

# How long what runs may take to end once the server is told to.
SECONDS_TO_END = 5
# More than any message: uvicorn tells of errors with a traceback, in which text of notes may stand.
SILENT = 100
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class Server(uvicorn.Server):
    """A server that ends in peace when it is told to end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Finish what runs at Ctrl-C and SIGTERM; uvicorn would end the process by the same signal afterwards."""
        try:
            with super().capture_signals():
                yield
                self._captured_signals.clear()
        finally:
            self._captured_signals.clear()


def serve(collection: Collection, serving: Serving) -> None:
    """Serve a collection until the process is told to end. Raises SettingError, AuditError."""
    serving.require_safe()
    _require_tls(serving)
    with _bound(serving) as bound:
        server = made(collection, serving)
        tell(_announced(serving, bound, collection))
        later = Timer(SECONDS_ALONE, _prepare, args=[collection, serving])
        later.daemon = True
        later.start()
        server.run(sockets=[bound])


def made(collection: Collection, serving: Serving) -> Server:
    """Make the server of a collection, which still needs a socket. Raises SettingError, AuditError."""
    Protocol.most_connections = make_room()
    config = uvicorn.Config(
        application(collection, serving),
        http=Protocol,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        log_level=SILENT,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=SECONDS_TO_END,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
        ssl_certfile=serving.tls_cert,
        ssl_keyfile=serving.tls_key,
        ssl_ciphers=CIPHERS,
    )
    return Server(config)


def _prepare(collection: Collection, serving: Serving) -> None:
    """Load all that questions need, while the first pages are already shown."""
    try:
        load_views()
        if not serving.processes:
            retrieval.search_of("sentence")
            collection.load_encoder()
    except ClinsearchError as error:
        tell(f"The model cannot be loaded; only keywords are searched. {error}")
    except Exception as error:  # each search will say so
        tell(f"fault {origin(error)}")


def _announced(serving: Serving, bound: socket.socket, collection: Collection) -> str:
    """Say where the notes are shown, and to whom."""
    host, port = bound.getsockname()[:2]
    scheme = "https" if serving.tls_cert else "http"
    can = "read, and delete," if serving.allow_writes else "read"
    if serving.behind_proxy:
        whom = f"to the proxy of {', '.join(serving.names)}: whoever gets there and has a token can {can} all notes"
    elif not serving.is_local:
        whom = f"to other machines: whoever gets there and has a token can {can} all notes"
    elif serving.token_file:
        whom = f"to this machine alone: whoever has a token can {can} all notes"
    else:
        whom = f"to this machine alone: every user of it can {can} all notes"
    return f"Serving at {scheme}://{in_brackets(host)}:{port}/ {whom} of {collection.location}. Ctrl-C ends it."


def _require_tls(serving: Serving) -> None:
    """Raise SettingError for a certificate or a key that cannot be used."""
    cert, key = serving.tls_cert, serving.tls_key
    if cert is None or key is None:
        return
    for path in (cert, key):
        _require_readable(path)
    if key.stat().st_mode & 0o007:
        raise SettingError(f"{key} can be read by everyone, and is the key of TLS. Run `chmod 600` on it.")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: "")
    except (ssl.SSLError, ValueError, OSError):
        raise SettingError(
            f"{cert} and {key} are no certificate and its key, in PEM and without a passphrase."
        ) from None


def _require_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {(error.strerror or 'it failed').lower()}.") from None


def _bound(serving: Serving) -> socket.socket:
    try:
        found = socket.getaddrinfo(serving.host, serving.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = sorted(found, key=lambda one: one[0] != socket.AF_INET)[0]
    except (OSError, UnicodeError):
        raise SettingError(f"{serving.host} is no address of this machine. Choose another --host.") from None
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(address)
    except OSError as error:
        made.close()
        reason = (error.strerror or "no reason given").lower()
        raise SettingError(
            f"{in_brackets(serving.host)}:{serving.port} cannot be served at: {reason}. Choose another --port."
        ) from None
    made.listen(2048)
    return made
