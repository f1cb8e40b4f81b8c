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

_PHRASES = {
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
}
HELP = "https://pypi.org/help/"
_EXPLANATIONS = {
    400: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    403: "Access was denied to this resource.",
    410: "This resource is no longer available.  No forwarding address is given.",
}


class Refusal(Exception):  # noqa: N818 - an answer, not a fault of the program
    """An answer other than 200 OK: the status code and the text that PyPI gives as its reason.

    `detail` is the text in the body where it is not the reason.
    """

    def __init__(self, code: int, reason: str = "", *, detail: str | None = None, **headers: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason or phrase(code)
        self.detail = self.reason if detail is None else detail
        self.headers = headers


def phrase(code: int) -> str:
    """The usual reason of a status, as PyPI words it; Python has renamed some since."""
    return _PHRASES.get(code) or HTTPStatus(code).phrase


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
        body = json.dumps({"message": message, "code": status, "title": phrase(code)})
        return Response(body, status, content_type="application/json")
    if kind == "text/html":
        return _titled(status, f"{explanation}<br/><br/>\n{html.escape(detail)}\n\n")
    return plain(f"{status}\n\n{explanation}\n\n\n{detail}\n\n", code, reason)


def moved(request: Request, path: str) -> Response:
    """The way to the place where the thing asked for really is."""
    status = status_line(301)
    text = f"The resource has been moved to {path}; you should be redirected automatically.\n\n"
    if _preferred(request) == "text/html":
        answer = _titled(status, html.escape(text))
    else:
        answer = plain(f"{status}\n\n{text}", 301)
    answer.headers["Location"] = f"{request.scheme}://{request.host}{path}"
    return answer


def wrong_method(request: Request) -> Response:
    """The answer to a method that a path does not have."""
    content = f"The method {html.escape(request.method)} is not allowed for this resource. <br/><br/>\n"
    return _titled(status_line(405), content)


def broken() -> Response:
    """The answer of an index that broke down."""
    title = phrase(500)
    body = f"<html>\n  <head>\n    <title>{title}</title>\n  </head>\n  <body>\n    <h1><p>{title}</p></h1>\n    \n"
    return Response(f"{body}  </body>\n</html>\n", status_line(500), content_type="text/html")


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
    text = (reason or phrase(code)).replace("\r", " ")
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


def _titled(status: str, content: str) -> Response:
    """A page whose title is the status line; quotes stay as they are in it."""
    shown = html.escape(status, quote=False)
    body = (
        f"<html>\n <head>\n  <title>{shown}</title>\n </head>\n <body>\n  <h1>{shown}</h1>\n"
        f"  {content}\n </body>\n</html>"
    )
    return Response(body, status, content_type="text/html; charset=UTF-8")
