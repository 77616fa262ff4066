"""Styles and scripts, held in memory. Pages name each with a hash of its content, by which browsers may keep it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

# Explanations and maps look the same in a page of their own and here: one style and one script for both.
FOLDERS: Final = (files("clinsearch.web") / "static", files("clinsearch.rendering.pages") / "templates")
MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
HASH, HASH_BYTES = "v", 8
KEPT = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of ours."""

    content: bytes
    media_type: str
    hash: str


def static_address(name: str) -> str:
    """Return where a file is, as it is now."""
    return f"/static/{name}?{HASH}={_files()[name].hash}"


def is_static_file(name: str) -> bool:
    """Tell whether there is a file of that name."""
    return name in _files()


async def static_file(request: Request) -> Response:
    """Answer with a file of ours. What is named without its hash, or by an older one, may be another by tomorrow."""
    found = _files().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": KEPT} if request.query_params.get(HASH) == found.hash else {}
    return Response(found.content, media_type=found.media_type, headers=headers)


@cache
def _files() -> dict[str, StaticFile]:
    paths = [path for folder in FOLDERS for path in folder.iterdir() if Path(path.name).suffix in MEDIA_TYPES]
    return {path.name: _file(path.name, path.read_bytes()) for path in paths}


def _file(name: str, content: bytes) -> StaticFile:
    digest = blake2b(content, digest_size=HASH_BYTES).hexdigest()
    return StaticFile(content, MEDIA_TYPES[Path(name).suffix], digest)
