"""The twin as a WSGI application: which request is answered by what, and where a fault strikes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from werkzeug.exceptions import ClientDisconnected, HTTPException
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import get_input_stream

from towpath.index.twin import oidc, reading, simple, uploads
from towpath.index.twin.answers import (
    Refusal,
    broken,
    json_answer,
    not_found,
    page,
    plain,
    status_line,
    tagged,
    upload_answer,
    wrong_method,
)
from towpath.index.twin.reading import READING
from towpath.index.twin.serving import Dropped

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from towpath.index.twin.faults import Faults, Struck
    from towpath.index.twin.limits import NewProjects
    from towpath.index.twin.store import Store

UPLOAD_HOSTS = ("upload.pypi.org", "test.upload.pypi.org", "upload.test.pypi.org")
MAIN_HOSTS = ("pypi.org", "test.pypi.org")
_PIECE = 1024**2
_NO_REGISTRATION = "Project pre-registration is no longer required or supported, upload your files instead."
_GONE = {
    "submit": _NO_REGISTRATION,
    "submit_pkg_info": _NO_REGISTRATION,
    "doc_upload": "Uploading documentation is no longer supported, we recommend using https://readthedocs.org/.",
}


class UploadRequest(Request):
    """A request whose files go to the store's folder and whose fields may be as long as a description."""

    max_form_memory_size = 32 * 1024**2
    max_form_parts = 100_000

    def __init__(self, environ: WSGIEnvironment, receive: Callable[..., IO[bytes]]) -> None:
        super().__init__(environ)
        self.received: list[Path] = []
        self._receive = receive

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        del total_content_length, content_type, filename, content_length
        stream = self._receive()
        self.received.append(Path(stream.name))
        return stream

    def receive_all(self) -> None:
        """Take the whole body in, whatever it is."""
        if not self.form and not self.files:
            self.get_data()

    def discard(self) -> None:
        """Close the files and remove what was not kept."""
        self.close()
        for path in self.received:
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and how it was answered; status 0 where the connection was dropped."""

    method: str
    path: str
    status: int
    reason: str
    filename: str = ""


@dataclass(slots=True)
class App:
    """What the application works with."""

    name: str
    store: Store
    faults: Faults
    limits: NewProjects
    keys: Mapping[str, Any]
    closing: threading.Event
    url: str = ""
    log: list[Exchange] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        body = environ["wsgi.input"] = get_input_stream(environ)
        environ["wsgi.input_terminated"] = True
        request = UploadRequest(environ, self.store.receive)
        try:
            answer = self._struck(request)
            while body.read(_PIECE):
                continue  # a client that is still sending may not see an answer
        except (ClientDisconnected, ConnectionError) as gone:
            self._note(request, 0, "")
            raise Dropped from gone
        finally:
            request.discard()
        self._note(request, answer.status_code, answer.status.partition(" ")[2])
        return answer(environ, start_response)

    def _note(self, request: UploadRequest, status: int, reason: str) -> None:
        content = request.__dict__.get("files", {}).get("content")
        filename = content.filename or "" if content else ""
        self.log.append(Exchange(request.method, request.path, status, reason, filename))

    def _struck(self, request: UploadRequest) -> Response:
        """The answer, after the faults ordered for such a request have had their way."""
        struck = self.faults.meet(_place(request))
        self._before(request, struck)
        answer = self._early(struck)
        if answer is None:
            answer = self._answer(request, struck)
            answer = self._late(answer, struck)
        if struck.get("strip-reason"):
            answer.status = status_line(answer.status_code)
        return _spoiled(answer, struck)

    def _before(self, request: UploadRequest, struck: Struck) -> None:
        if struck.get("drop-before-body"):
            raise Dropped
        if struck.get("drop-within-body"):
            request.environ["wsgi.input"].read((request.content_length or 0) // 2)
            raise Dropped
        if struck.get("expire-tokens"):
            self.expire_minted()
        if struck.by_kind:
            request.receive_all()
        if struck.get("drop-after-body"):
            raise Dropped
        if struck.get("silence-before-commit"):
            self._silence()

    def _early(self, struck: Struck) -> Response | None:
        error = struck.get("error-before-commit")
        if error:
            return page(f"{error.status}", error.status)
        limit = struck.get("too-many-requests")
        if limit:
            answer = plain("429 Too Many Requests", 429)
            if limit.seconds:
                answer.headers["Retry-After"] = str(int(limit.seconds))
            return answer
        return None

    def _late(self, answer: Response, struck: Struck) -> Response:
        if struck.get("drop-after-commit"):
            raise Dropped
        if struck.get("silence-after-commit"):
            self._silence()
        error = struck.get("error-after-commit")
        return page(f"{error.status}", error.status) if error else answer

    def _silence(self) -> None:
        """Keep the connection open and say nothing until the twin ends."""
        self.closing.wait()
        raise Dropped

    def expire_minted(self) -> None:
        """Let every minted token have expired: forget that they were valid for some time still."""
        with self.store.change() as draft:
            for token in draft.tokens.values():
                token.expired = token.expired or bool(token.trust)

    def _answer(self, request: UploadRequest, struck: Struck) -> Response:
        try:
            return self._route(request, struck)
        except Refusal as refusal:
            answer = _refused(request, refusal)
            answer.headers.update(refusal.headers)
            return answer
        except (ClientDisconnected, ConnectionError):
            raise
        except HTTPException as error:
            return page(str(error), error.code or 400)
        except Exception as error:  # noqa: BLE001 - an index that breaks down answers 500, whatever the reason
            self.crashes.append(error)
            return _refused(request, Refusal(500))

    def _route(self, request: UploadRequest, struck: Struck) -> Response:
        if request.headers.get("X-Forwarded-Proto", "https") == "http":
            return plain("SSL is required.", 403, "SSL is required")
        host = request.host.partition(":")[0]
        path = request.path
        if path.startswith("/_/oidc/"):
            return self._oidc(request)
        if path in ("/legacy", "/legacy/") and host not in MAIN_HOSTS:
            return self._legacy(request, struck)
        return self._other(request, struck, host)

    def _other(self, request: UploadRequest, struck: Struck, host: str) -> Response:
        path = request.path
        if path == "/_health/":
            return tagged(plain("OK"), request)
        if host in UPLOAD_HOSTS and path not in ("/", "/robots.txt"):
            return reading.no_project() if path.startswith("/simple/") else not_found()
        if path == "/pypi" and request.method == "POST":
            return _moved_api(request)
        return reading.read(request, struck.state or self.store.state, self.store.packages, self.url)

    def _oidc(self, request: UploadRequest) -> Response:
        if request.path == "/_/oidc/audience":
            if request.method != "GET":
                raise Refusal(405, Allow="GET")
            if "disallow-oidc" in self.store.state.flags:
                return json_answer({"message": "Trusted publishing functionality not enabled"}, 403)
            return tagged(json_answer({"audience": self.name}), request)
        if request.path not in ("/_/oidc/mint-token", "/_/oidc/github/mint-token"):
            return not_found()
        if request.method != "POST":
            raise Refusal(405, Allow="POST")
        return oidc.mint(self.store, self.keys, self.name, f"{self.name}.org", request.get_data())

    def _legacy(self, request: UploadRequest, struck: Struck) -> Response:
        if request.path == "/legacy":
            if request.method != "POST":
                raise Refusal(405, Allow="POST")
            raise Refusal(
                308,
                "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)",
                Location=f"{request.scheme}://{request.host}/legacy/",
            )
        action = request.args.get(":action")
        if request.method == "POST":
            action = action or request.form.get(":action")
        if action in _GONE or action == "file_upload":
            if request.method != "POST":
                raise Refusal(405, Allow="POST")
            if action in _GONE:
                raise Refusal(410, _GONE[action])
            return self._upload(request, struck)
        if request.method not in READING:
            raise Refusal(405, Allow=", ".join(READING))
        return page(f"{request.host} · PyPI")

    def _upload(self, request: UploadRequest, struck: Struck) -> Response:
        judged, received = uploads.judge(request, self.store.state, self.limits)
        slow = struck.get("slow")
        if slow:
            time.sleep(slow.seconds)
        uploads.commit(self.store, judged, received)
        answer = upload_answer(request)
        answer.headers.update(judged.headers)
        return answer


def _place(request: UploadRequest) -> str:
    """What kind of request it is, in the words of faults."""
    path = request.path
    if path.startswith("/legacy"):
        return "upload"
    if path.startswith("/_/oidc/"):
        return "audience" if path.endswith("audience") else "mint"
    if path.startswith("/simple"):
        return "simple-json" if simple.variant(request) == simple.JSON else "simple-html"
    return {"pypi": "json", "packages": "file"}.get(path.split("/")[1], "")


def _spoiled(answer: Response, struck: Struck) -> Response:
    """The answer with the body that a fault makes of it."""
    if not struck.get("other-bytes", "cut-short", "drop-within-answer"):
        return answer
    answer.direct_passthrough = False
    body = answer.get_data()
    half = body[: len(body) // 2]
    if struck.get("drop-within-answer"):
        broken_off = Response(_until_dropped(half), answer.status, answer.headers)
        broken_off.headers["Content-Length"] = str(len(body))
        answer.close()
        return broken_off
    answer.set_data(half if struck.get("cut-short") else body[:-1] + bytes([body[-1] ^ 1]) if body else body)
    return answer


def _until_dropped(half: bytes) -> Iterator[bytes]:
    yield half
    raise Dropped


def _refused(request: UploadRequest, refusal: Refusal) -> Response:
    if refusal.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return broken()
    if refusal.code == HTTPStatus.METHOD_NOT_ALLOWED:
        return wrong_method(request)
    return upload_answer(request, refusal.code, refusal.reason, refusal.detail)


def _moved_api(request: UploadRequest) -> Response:
    action = request.args.get(":action") or request.form.get(":action")
    if action in (*_GONE, "file_upload"):
        raise Refusal(410, "This API has moved to https://upload.pypi.org/legacy/. See TODO for more information.")
    if action == "doap":
        raise Refusal(410, "DOAP is no longer supported.")
    raise Refusal(405, Allow=", ".join(READING))
