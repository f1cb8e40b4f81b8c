"""The one door to the network.

Every request of ours goes through a session made here, so that a rehearsal can be held to loopback: its
world is thrown away afterwards, and nothing that it does may reach anybody else.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = re.compile(
    r"https?://(?:[^@/?#\\\s]*@)?(?:(?P<name>localhost)|\[(?P<six>[0-9a-f]*:[0-9a-f:.]*)\]|(?P<four>[0-9.]+))(?::[0-9]*)?(?:[/?#]\S*)?\Z",
    re.IGNORECASE | re.ASCII,
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine's loopback interface, by address or as `localhost`."""
    # Programs that read URLs disagree on odd ones: where one sees a host, the other sees a user or a path.
    found = _PLAIN.match(url)
    if found is None:
        return False
    try:
        return found["name"] is not None or ipaddress.ip_address(found["six"] or found["four"]).is_loopback
    except ValueError:
        return False


def require_loopback(url: str) -> None:
    """Raise `outside-rehearsal` unless the URL stays on this machine."""
    if not is_loopback(url):
        raise errors.OUTSIDE_REHEARSAL.error(host=_host(url))


def direct_to_loopback(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which no program asks a configured proxy for what is on this machine."""
    known = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    names = dict.fromkeys([*filter(None, known.split(",")), *_LOOPBACK])
    return {**environ, "NO_PROXY": ",".join(names), "no_proxy": ",".join(names)}


def _host(url: str) -> str:
    """The host for people, without user and password; the URL where it has none that is sure."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


class _Timed(HTTPAdapter):
    """An adapter whose requests always end: requests itself has no default time limit."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - requests passes its options by name, whatever they are
        options["timeout"] = options.get("timeout") or (CONNECT_SECONDS, READ_SECONDS)
        return super().send(request, **options)


class _LoopbackOnly(_Timed):
    """The adapter of a rehearsal: every hop, redirects included, is checked before it is made."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - as above
        require_loopback(request.url or "")
        return super().send(request, **options)


def session(*, loopback_only: bool) -> requests.Session:
    """A session with time limits. It never reads .netrc; held to loopback it uses no proxy either."""
    opened = requests.Session()
    opened.auth = _no_netrc
    adapter: HTTPAdapter = _LoopbackOnly() if loopback_only else _Timed()
    opened.trust_env = not loopback_only
    opened.mount("http://", adapter)
    opened.mount("https://", adapter)
    return opened


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An auth that adds nothing; with one set, requests does not look for a .netrc file."""
    return request
