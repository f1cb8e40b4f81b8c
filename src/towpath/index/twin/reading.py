"""What may be read from the twin without a token: simple API, JSON API, files and pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from werkzeug.wrappers import Response

from towpath.index.twin import project_json, simple
from towpath.index.twin.answers import Refusal, moved, not_found, page, plain, tagged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.wrappers import Request

    from towpath.index.twin.records import State

READING = ("GET", "HEAD", "OPTIONS")
_PIECE_BYTES = 1 << 16


def read(request: Request, state: State, packages: Path, base: str) -> Response:
    """Answer from the state; the URLs in the answer stand below `base`.

    Raises a Refusal for a method that does not read.
    """
    path = request.path
    known = path in ("/", "/robots.txt", "/simple/", "/simple") or path.startswith(
        ("/simple/", "/pypi/", "/integrity/", "/project/", "/packages/")
    )
    if not known:
        return not_found()
    if request.method not in READING:
        raise Refusal(405, Allow=", ".join(READING))
    if path in ("/", "/robots.txt"):
        return tagged(page(request.host), request)
    if path.startswith("/packages/"):
        return _package(request, state, packages)
    if path.startswith("/simple"):
        return _simple(request, state, base)
    return _project(request, state, base)


def no_project() -> Response:
    """The simple API's answer for what it does not know: plain text, whatever was asked for."""
    answer = plain("404 Not Found", 404)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _simple(request: Request, state: State, base: str) -> Response:
    path = request.path
    if not path.endswith("/"):
        return moved(request, f"{path}/")
    if path == "/simple/":
        return simple.index_page(request, state)
    name = path.removeprefix("/simple/").removesuffix("/")
    project = state.project(name)
    if project is None or "/" in name:
        return no_project()
    if name != canonicalize_name(name):
        return _respelled(request, f"/simple/{canonicalize_name(name)}/", 600)
    return simple.project_page(request, project, base)


def _project(request: Request, state: State, base: str) -> Response:
    """What stands below /pypi/, /integrity/ and /project/."""
    path = request.path
    if found := re.fullmatch(r"/pypi/([^/]+)(?:/([^/]+))?/json/?", path):
        return _project_json(request, state, found.group(1), found.group(2), base)
    if found := re.fullmatch(r"/integrity/([^/]+)/([^/]+)/([^/]+)/provenance", path):
        return project_json.provenance(request, state, *found.groups())
    if found := re.fullmatch(r"/(?:pypi/([^/]+(?:/[^/]+)?)|project/([^/]+))/?", path):
        name = found.group(1) or found.group(2)
        if path != f"/project/{name}/":
            return moved(request, f"/project/{name}/")
    found = re.fullmatch(r"/project/([^/]+)/(?:[^/]+/)?", path)
    if found is None or state.project(found.group(1)) is None:
        return not_found()
    return tagged(page(f"{found.group(1)} · PyPI"), request)


def _project_json(request: Request, state: State, name: str, version: str | None, base: str) -> Response:
    project = state.project(name)
    if project is not None and name != canonicalize_name(name):
        rest = f"/{version}/json" if version else "/json"
        return _respelled(request, f"/pypi/{canonicalize_name(name)}{rest}", 900)
    return project_json.project_json(request, project, version, base)


def _package(request: Request, state: State, packages: Path) -> Response:
    path = request.path.removeprefix("/packages/")
    known = {file.path for _, _, file in state.files()}
    place = packages / path
    if path.removesuffix(".metadata") not in known or not place.is_file():
        return plain("404 Not Found", 404)
    answer = Response(direct_passthrough=True, content_type="application/octet-stream")
    if request.method != "HEAD":
        answer.response = _pieces(place)
    answer.headers["Content-Length"] = str(place.stat().st_size)
    answer.headers["Cache-Control"] = "max-age=365000000, immutable, public"
    return answer


def _pieces(place: Path) -> Iterator[bytes]:
    """Closed with the generator: the server forgets to close an answer whose client has gone."""
    with place.open("rb") as content:
        while piece := content.read(_PIECE_BYTES):
            yield piece


def _respelled(request: Request, path: str, seconds: int) -> Response:
    """The way to the normalised name, good for so many seconds."""
    answer = moved(request, path)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = f"max-age={seconds}, public"
    return answer
