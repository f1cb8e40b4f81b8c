"""The one door to the network.

Every request of ours goes through a session made here, so that a rehearsal can be held to loopback: its
world is thrown away afterwards, and nothing that it does may reach anybody else.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from towpath.loopback import direct_to_loopback, is_loopback, require_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "LoopbackOnly",
    "at_most",
    "direct_to_loopback",
    "held",
    "in_words",
    "is_loopback",
    "require_loopback",
    "session",
]

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0


class _Timed(HTTPAdapter):
    """An adapter whose requests always end: requests itself has no default time limit."""

    def __init__(self, connect: float, read: float) -> None:
        super().__init__()
        self.limits = (connect, read)
        self.connected: list[socket.socket] = []
        self.out_of_time = False

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - requests passes its options by name, whatever they are
        if self.out_of_time:
            raise requests.Timeout
        options["timeout"] = options.get("timeout") or self.limits
        answer = super().send(request, **options)
        if self.out_of_time:  # a connection that is cut within the headers passes for an answer
            answer.close()
            raise requests.Timeout
        return answer

    def get_connection_with_tls_context(self, *given: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        pool: Any = super().get_connection_with_tls_context(*given, **options)
        self.connected[:] = [known for known in self.connected if known.fileno() != -1]
        if not hasattr(pool.ConnectionCls, "watched_by"):
            pool.ConnectionCls = _watched(pool.ConnectionCls, self)
        return pool

    def hang_up(self) -> None:
        """End every connection, whatever is under way on it."""
        self.out_of_time = True
        for connection in list(self.connected):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _hang_up(adapters: list[_Timed]) -> None:
    for adapter in adapters:
        adapter.hang_up()


def _watched(kind: Any, adapter: _Timed) -> Any:  # noqa: ANN401 - urllib3's kind of connection, plain or encrypted
    class Watched(kind):  # type: ignore[misc]  # the kind is known when it runs
        watched_by = adapter

        def connect(self) -> None:
            super().connect()
            adapter.connected.append(self.sock)

    return Watched


class LoopbackOnly(_Timed):
    """The adapter of a rehearsal: every hop, redirects included, is checked before it is made."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - as above
        """Send it, if it stays on this machine."""
        require_loopback(request.url or "")
        return super().send(request, **options)


def session(*, loopback_only: bool) -> requests.Session:
    """A session with time limits. It never reads .netrc; held to loopback it uses no proxy either."""
    opened = requests.Session()
    opened.auth = _no_netrc
    return held(opened, loopback_only=loopback_only)


def held(
    opened: requests.Session,
    *,
    loopback_only: bool,
    connect: float = CONNECT_SECONDS,
    read: float = READ_SECONDS,
) -> requests.Session:
    """A session, a library's own too, with our time limits and, if so wanted, held to loopback.

    `connect` is also how long sending may stand still; `read` how long a peer may say nothing.
    """
    adapter = LoopbackOnly(connect, read) if loopback_only else _Timed(connect, read)
    opened.trust_env = not loopback_only
    opened.mount("http://", adapter)
    opened.mount("https://", adapter)
    return opened


@contextmanager
def at_most(opened: requests.Session, seconds: float) -> Iterator[None]:
    """In the block no request of a session of ours goes on for longer, however slowly it moves.

    The time limits of a request hold for each of its steps; a peer that takes or sends a byte now and then passes them
    all. Raises requests.Timeout when the time is over.
    """
    adapters = [adapter for adapter in set(opened.adapters.values()) if isinstance(adapter, _Timed)]
    for adapter in adapters:
        adapter.out_of_time = False
    clock = threading.Timer(seconds, _hang_up, [adapters])
    clock.daemon = True
    clock.start()
    try:
        yield
    except (requests.RequestException, OSError):
        if any(adapter.out_of_time for adapter in adapters):
            message = f"not done after {seconds:.0f} s"
            raise requests.Timeout(message) from None
        raise
    finally:
        clock.cancel()
        clock.join()
        for adapter in adapters:
            adapter.out_of_time = False


def in_words(error: requests.RequestException, url: str) -> str:
    """Why a request failed: `127.0.0.1:9: connection refused`, with nothing else of its URL, which may hold a secret.

    `url` is what was asked for; where the error knows what it was sent on to, that is named.
    """
    asked = str(getattr(error.request, "url", None) or url)
    return f"{_host_and_port(asked)}: {_reason(error)}"


def _host_and_port(url: str) -> str:
    try:
        split = urlsplit(url)
        port = split.port or (80 if split.scheme == "http" else 443)
    except ValueError:
        return "its address"
    name = split.hostname or "its address"
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return _of_timeout(error)
    if isinstance(error, requests.exceptions.SSLError):
        refused = next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)
        return f"its certificate is not accepted, {refused.verify_message}" if refused else "it does not speak TLS"
    if isinstance(error, requests.TooManyRedirects):
        return "it sends its readers round in circles"
    if isinstance(error, ValueError):  # requests' own word for a URL or a header that cannot be sent
        return "the address cannot be used"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy on the way there did not connect, {_of_connection(error)}"
    return _of_connection(error)


def _of_timeout(error: requests.Timeout) -> str:
    if str(error).startswith("not done after"):
        return str(error)
    return "no connection in time" if isinstance(error, requests.ConnectTimeout) else "no answer in time"


def _of_connection(error: requests.RequestException) -> str:
    found = [
        one for one in _causes(error) if isinstance(one, OSError) and not isinstance(one, requests.RequestException)
    ]
    for one in found:
        if isinstance(one, socket.gaierror):
            return "the host's name could not be resolved"
        if isinstance(one, ConnectionRefusedError):
            return "connection refused"
        if isinstance(one, ConnectionError):
            return "the connection broke off"
        if one.strerror:
            return one.strerror[:1].lower() + one.strerror[1:]
        if str(one).startswith("Tunnel connection failed: "):
            return str(one)[:80].partition(": ")[2]
    broken = isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError))
    return "the connection broke off" if broken else "its answer could not be read"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came of: libraries keep that in several places."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and not any(one is known for known in seen):
            seen.append(one)
            yield one
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An auth that adds nothing; with one set, requests does not look for a .netrc file."""
    return request
