"""What is wrong with an index of the configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from towpath.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import Index, Settings

PUBLISHERS = ("ci", "here")
CREDENTIALS = ("trusted", "environment", "keyring", "pypirc")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_TAKEN = ("rehearsal", "dist", "logs")  # what else stands beside the indexes' evidence


def wrong_publishing(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every complaint about the indexes and how long they are waited for, each with its table."""
    for name, index in settings.index.items():
        for what in wrong_index(name, index):
            yield "index", what
    waits = {
        "publish-test": settings.publish_test.patience,
        "publish": min(settings.publish.patience, settings.publish.ci_wait),
        "verify-published": settings.verify_published.wait,
    }
    for where, seconds in waits.items():
        if seconds <= 0:
            yield where, f"{seconds} is no number of seconds to wait"
    if settings.publish.from_ and settings.publish.from_ not in PUBLISHERS:
        yield "publish", f"from is {settings.publish.from_!r}: it is one of {', '.join(PUBLISHERS)}"
    for name, reason in settings.publish.other_workflows.items():
        if not reason.strip():
            yield "publish", f"{name!r} is among other-workflows without a reason: say why it publishes no release"


def wrong_index(name: str, index: Index) -> Iterator[str]:
    """Every complaint about one index."""
    if name in _TAKEN or not _NAME.fullmatch(name):
        yield f"an index cannot be named {name!r}"
    if index.credentials and index.credentials not in CREDENTIALS:
        yield f"{name}.credentials is {index.credentials!r}: it is one of {', '.join(CREDENTIALS)}"
    if not index.username or ":" in index.username:
        yield f"{name}.username is {index.username!r}: it must not be empty nor hold a colon"
    for key, url in (("upload-url", index.upload_url), ("simple-url", index.simple_url)):
        for what in _wrong_url(url):
            yield f"{name}.{key} {what}"


def _wrong_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        password = bool(parts.username or parts.password)
    except ValueError:
        yield "is no URL"
        return
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        yield "must begin with https:// and name a host"
    elif parts.scheme == "http" and not is_loopback(url):
        yield "begins with http://: a token sent there could be read on the way; only this machine may be plain"
    if password:
        yield "holds a user or a password: name a username, and set the variable of its token"
