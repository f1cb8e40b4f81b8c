"""Environments without credentials.

Only the gate that uses a credential is given it. Every other child, the project's own code above all, gets an
environment from which everything that looks like one has been taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LOOKS_SECRET = re.compile(
    r"TOKEN(?!IZ)|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIAL|(API|ACCESS|PRIVATE|DEPLOY|SIGNING|ENCRYPTION|SSH)_?KEY"
    r"|JWT|_AUTH(_CONFIG)?$|_PASS$|_PWD$|_PAT$|^TWINE_|^UV_PUBLISH_|^ACTIONS_ID_TOKEN_REQUEST_|^SSH_AUTH_SOCK$|^GPG_",
    re.IGNORECASE,
)
# An installer needs these to read a private index; project code does not.
_INDEX_ACCESS = re.compile(r"^UV_INDEX_.+_(USERNAME|PASSWORD)$")


def without_credentials(environ: Mapping[str, str], allow: Iterable[str] = ()) -> dict[str, str]:
    """The environment less everything that looks like a credential, but for the names in `allow`."""
    allowed = frozenset(allow)
    return {name: value for name, value in environ.items() if name in allowed or not _LOOKS_SECRET.search(name)}


def for_installer(environ: Mapping[str, str]) -> dict[str, str]:
    """What an installer gets: no credential but those for reading an index."""
    return without_credentials(environ, [name for name in environ if _INDEX_ACCESS.match(name)])
