"""Faults for servers that have none of their own, in the twin's words: the forge double and the issuer."""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.forge.double import ForgeDouble
from towpath.index.twin import Issuer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.wrappers import Request, Response

SILENCE_SECONDS = 8.0


@dataclass(frozen=True)
class Ordered:
    """A fault: its kind, the requests that it strikes (`METHOD /path?query`, a pattern), after how many, how often."""

    kind: str
    request: str
    after: int = 0
    times: int | None = 1


@dataclass
class Orders:
    """The faults ordered from a server, and how often they struck."""

    ordered: list[Ordered] = field(default_factory=list)
    struck: int = 0
    _seen: dict[Ordered, int] = field(default_factory=dict)
    _healed: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Ordered) -> None:
        self._healed.clear()
        self.ordered.append(fault)

    def clear(self) -> None:
        with self._lock:
            self.ordered.clear()
            self._seen.clear()
            self.struck = 0
        self._healed.set()

    def answer(self, request: Request, answer: Callable[[Request], Response]) -> Response:
        """The server's answer, after the fault that this request meets has had its way."""
        kind = self._meet(f"{request.method} {request.full_path.rstrip('?')}")
        if kind == "drop-within-body":
            request.stream.read((request.content_length or 0) // 2)
        if kind not in {"drop-before-body", "drop-within-body"}:
            request.get_data()
        if kind.startswith("drop-") and not kind.endswith(("after-commit", "within-answer")):
            return _hung_up(request)
        if kind == "silence-before-commit":
            self._healed.wait(SILENCE_SECONDS)
            return _hung_up(request)
        if kind in _INSTEAD:
            return _refused(kind)
        given = answer(request)
        if kind == "silence-after-commit":
            self._healed.wait(SILENCE_SECONDS)
        if kind in {"silence-after-commit", "drop-after-commit"}:
            return _hung_up(request)
        return _refused(kind) if kind == "error-after-commit" else _spoiled(request, given, kind)

    def _meet(self, request: str) -> str:
        with self._lock:
            for fault in self.ordered:
                if not re.search(fault.request, request):
                    continue
                seen = self._seen[fault] = self._seen.get(fault, 0) + 1
                if seen > fault.after and (fault.times is None or seen <= fault.after + fault.times):
                    self.struck += 1
                    return fault.kind
        return ""


_INSTEAD = {"error-before-commit": 503, "too-many-requests": 429, "unauthorized": 401, "forbidden": 403}


def _refused(kind: str) -> Response:
    from werkzeug.wrappers import Response

    headers = {"Retry-After": "1"} if kind == "too-many-requests" else {}
    return Response('{"message": "by order"}', _INSTEAD.get(kind, 502), headers, content_type="application/json")


def _hung_up(request: Request) -> Response:
    from werkzeug.wrappers import Response

    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _spoiled(request: Request, given: Response, kind: str) -> Response:
    if kind not in {"other-bytes", "cut-short", "drop-within-answer"}:
        return given
    given.direct_passthrough = False
    body = given.get_data()
    half = body[: len(body) // 2]
    if kind == "drop-within-answer":
        given.response = _until_hung_up(request, half)
        given.headers["Content-Length"] = str(len(body))
    else:
        given.set_data(half if kind == "cut-short" else body[:-1] + b"\0")
    return given


def _until_hung_up(request: Request, half: bytes) -> Iterator[bytes]:
    yield half
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


class FaultyForge(ForgeDouble):
    """The forge, with the twin's faults."""

    orders: Orders

    def _answer(self, request: Request) -> Response:
        return self.orders.answer(request, super()._answer)


class FaultyIssuer(Issuer):
    """The issuer, with the twin's faults."""

    orders: Orders

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        from werkzeug.wrappers import Request

        return self.orders.answer(Request(environ), self._respond)(environ, start_response)
