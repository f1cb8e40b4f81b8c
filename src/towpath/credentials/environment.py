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
    r"|JWT|WEBHOOK|_KEY$|_AUTH(_CONFIG)?$|_PASS$|_PWD$|_PAT$|^TWINE_|^UV_PUBLISH_|^ACTIONS_ID_TOKEN_REQUEST_|^SSH_AUTH_SOCK$|^GPG_"
    r"|^GIT_CONFIG_(COUNT$|PARAMETERS$|KEY_\d|VALUE_\d)",  # git takes an authorization header from these
    re.IGNORECASE,
)
# a URL with user and password, where either may be empty
_SECRET_URL = re.compile(r"://[^\s/?#:@]*:[^\s/?#]*@")
# Programs do not run without these.
_NEEDED = re.compile(r"PATH|HOME|DISPLAY|LANG|COVERAGE_.*")
# An installer needs these to read a private index; project code does not.
_INDEX_ACCESS = re.compile(
    r"UV_INDEX_.+_(USERNAME|PASSWORD)|UV_(DEFAULT_INDEX|INDEX|INDEX_URL|EXTRA_INDEX_URL)|PIP_(EXTRA_)?INDEX_URL"
    r"|(?i:https?_proxy|all_proxy)"
)


def without_credentials(
    environ: Mapping[str, str], allow: Iterable[str] = (), *, drop: Iterable[str] = ()
) -> dict[str, str]:
    """The environment less everything that looks like a credential, by its name or as a URL with a password.

    The names in `allow` stay; those in `drop` go whatever they look like, even where `allow` has them, too.
    """
    allowed, dropped = frozenset(allow), {name.upper() for name in drop}
    return {
        name: value
        for name, value in environ.items()
        if name.upper() not in dropped
        and (name in allowed or _NEEDED.fullmatch(name) or not _looks_secret(name, value))
    }


def for_installer(environ: Mapping[str, str], *, drop: Iterable[str] = ()) -> dict[str, str]:
    """What an installer gets: no credential but those for reading an index, and for the proxy before it."""
    return without_credentials(environ, [name for name in environ if _INDEX_ACCESS.fullmatch(name)], drop=drop)


def _looks_secret(name: str, value: str) -> bool:
    return bool(_LOOKS_SECRET.search(name) or _SECRET_URL.search(value))
