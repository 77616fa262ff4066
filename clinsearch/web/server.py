"""Runs the application by uvicorn, on a socket that is bound first, so that its address can be said."""

from __future__ import annotations

import socket

import uvicorn

from clinsearch.collection import Collection
from clinsearch.errors import SettingError
from clinsearch.rendering.signs import tell
from clinsearch.web.app import application
from clinsearch.web.serving import Serving


def serve(collection: Collection, serving: Serving) -> None:
    """Serve a collection until the process is told to end. Raises SettingError where the address is taken."""
    bound = _bound(serving)
    host, port = bound.getsockname()[:2]
    tell(f"Serving at http://{host}:{port}/ to this machine alone. Ctrl-C ends it.")
    config = uvicorn.Config(application(collection, serving), log_config=None, access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[bound])


def _bound(serving: Serving) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((serving.host, serving.port))
    except OSError as error:
        made.close()
        reason = (error.strerror or "no reason given").lower()
        raise SettingError(
            f"{serving.host}:{serving.port} cannot be served at: {reason}. Choose another --port."
        ) from None
    made.listen(128)
    return made
