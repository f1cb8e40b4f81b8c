"""The one door to the network.

Every request of ours goes through a session made here, so that a rehearsal can be held to loopback: its
world is thrown away afterwards, and nothing that it does may reach anybody else.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from towpath import errors

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine's loopback interface, by address or as `localhost`."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback(url: str) -> None:
    """Raise `outside-rehearsal` unless the URL stays on this machine."""
    if not is_loopback(url):
        raise errors.OUTSIDE_REHEARSAL.error(host=urlsplit(url).hostname or url)


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
