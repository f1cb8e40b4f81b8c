"""What is on this machine, and what is not. Without requests, which costs too much where nobody is asked."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLAIN = re.compile(
    r"https?://(?:[^@/?#\\\s]*@)?(?:(?P<name>localhost)|\[(?P<six>[0-9a-f]*:[0-9a-f:.]*)\]|(?P<four>[0-9.]+))(?::[0-9]*)?(?:[/?#]\S*)?\Z",
    re.IGNORECASE | re.ASCII,
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
