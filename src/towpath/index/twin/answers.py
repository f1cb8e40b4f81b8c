"""How PyPI words its answers: the text in the status line, and again in the body in the form asked for.

`Accept` chooses among HTML, JSON and plain text; without the header it is plain text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

HELP = "https://pypi.org/help/"
_EXPLANATIONS = {
    400: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    403: "Access was denied to this resource.",
    410: "This resource is no longer available.  No forwarding address is given.",
}


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of the program
    """An answer other than 200 OK: the status code and the text that PyPI gives as its reason."""

    def __init__(self, code: int, reason: str = "", **headers: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason or HTTPStatus(code).phrase
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def see(anchor: str) -> str:
    """The pointer to PyPI's help that ends many of its messages."""
    return f"See {HELP}#{anchor} for more information."


def upload_answer(request: Request, code: int = 200, reason: str = "OK", detail: str = "") -> Response:
    """The answer to an upload, its text in the reason as iso-8859-1 and in the body."""
    status = status_line(code, reason)
    explanation = _EXPLANATIONS.get(code, "")
    kind = _preferred(request)
    if kind == "application/json":
        message = f"{explanation}\n\n\n{detail}\n\n" if code != HTTPStatus.OK else "\n\n\n\n\n"
        body = json.dumps({"message": message, "code": status, "title": HTTPStatus(code).phrase})
        return Response(body, status, content_type="application/json")
    if kind == "text/html":
        return Response(_page(status, explanation, detail), status, content_type="text/html; charset=UTF-8")
    body = f"{status}\n\n{explanation}\n\n\n{detail}\n\n"
    return Response(body, status, content_type="text/plain; charset=UTF-8")


def json_answer(data: object, code: int = 200) -> Response:
    """Compact JSON with sorted keys."""
    body = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Response(body, status_line(code), content_type="application/json")


def plain(text: str, code: int = 200, reason: str = "") -> Response:
    """A plain-text answer."""
    return Response(text, status_line(code, reason), content_type="text/plain; charset=UTF-8")


def page(title: str, code: int = 200) -> Response:
    """A page for people, reduced to its title."""
    body = f"<!DOCTYPE html>\n<html>\n  <head>\n    <title>{html.escape(title)}</title>\n  </head>\n</html>\n"
    return Response(body, status_line(code), content_type="text/html; charset=UTF-8")


def not_found() -> Response:
    """The page for a path that does not exist."""
    answer = page("Page Not Found (404) · PyPI", 404)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def status_line(code: int, reason: str = "") -> str:
    """The status with a reason that fits into the line: iso-8859-1, no carriage return."""
    text = (reason or HTTPStatus(code).phrase).replace("\r", " ")
    return f"{code} {text}".encode("iso-8859-1", "replace").decode("iso-8859-1")


def tagged(answer: Response, request: Request) -> Response:
    """The answer with its ETag, or 304 where the client has it already."""
    digest = base64.b64encode(hashlib.md5(answer.get_data(), usedforsecurity=False).digest())
    answer.headers["ETag"] = f'"{digest.decode().rstrip("=")}"'
    if answer.headers["ETag"] in request.headers.get("If-None-Match", "").split(", "):
        answer.status = status_line(304)
        answer.set_data(b"")
        del answer.headers["Content-Type"]
    return answer


def _preferred(request: Request) -> str:
    if "Accept" not in request.headers:
        return "text/plain"
    return request.accept_mimetypes.best_match(["text/html", "application/json", "text/plain"], default="text/plain")


def _page(status: str, explanation: str, detail: str) -> str:
    shown = html.escape(status)
    return (
        f"<html>\n <head>\n  <title>{shown}</title>\n </head>\n <body>\n  <h1>{shown}</h1>\n"
        f"  {explanation}<br/><br/>\n{html.escape(detail)}\n\n\n </body>\n</html>"
    )
