"""Whose an API token is, which can be read from it: each index has accounts and tokens of its own."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from towpath import errors

if TYPE_CHECKING:
    from towpath.model import IndexAddress

# Where files are sent → who makes the tokens for it.
_ISSUERS = {"upload.pypi.org": "pypi.org", "test.pypi.org": "test.pypi.org"}
_BEGINNING = "pypi-"


def require_issued_for(address: IndexAddress, token: str) -> None:
    """Raise not-a-token and token-of-other-index for what PyPI or TestPyPI would refuse; of others nothing is known."""
    wanted = _ISSUERS.get(urlsplit(address.upload_url).hostname or "")
    if wanted is None:
        return
    facts = {"variable": address.token_variable, "index": address.name}
    if not token.startswith(_BEGINNING):
        raise errors.NOT_A_TOKEN.error(**facts)
    issuer = _issuer(token)
    if issuer and issuer != wanted:
        raise errors.TOKEN_OF_OTHER_INDEX.error(**facts, issuer=issuer)


def _issuer(token: str) -> str:
    """Who made a token: its first part is PyPI's name in base64; "" for what is no such token.

    See https://docs.pypi.org/api/secrets/.
    """
    found = re.match(_BEGINNING + "([A-Za-z0-9_-]{16,40})", token)
    if not found:
        return ""
    text = found[1][: len(found[1]) // 4 * 4]
    try:
        start = base64.urlsafe_b64decode(text)
    except binascii.Error:
        return ""
    size = start[2] if len(start) > 3 and start[:2] == b"\x02\x01" else 0  # noqa: PLR2004 - version, kind, length
    named = re.fullmatch(rb"[a-z0-9.-]+", start[3 : 3 + size])  # nothing of the token itself is ever shown
    return named[0].decode() if named else ""
