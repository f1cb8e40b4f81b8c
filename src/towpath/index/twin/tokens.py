"""API tokens as PyPI makes them: macaroons, whose caveats narrow what the token may do.

The binary form is that of libmacaroons' version 2 (https://github.com/rescrv/libmacaroons/blob/master/doc),
the caveats are numbered as PyPI numbers them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.index.twin.records import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.index.twin.records import Project, State

PREFIX = "pypi-"
MINTED_SECONDS = 900

EXPIRATION, PROJECT_NAMES, PROJECT_IDS, USER, PUBLISHER = range(5)

_END, _LOCATION, _IDENTIFIER, _SIGNATURE = 0, 1, 2, 6


@dataclass(frozen=True, slots=True)
class Presented:
    """A token as a client sent it, taken apart; nothing about it is verified yet."""

    id: str
    caveats: tuple[bytes, ...]
    signature: bytes


def issue(state: State, location: str, caveats: Sequence[Any], *, user: str = "", trust: str = "") -> str:
    """Make a token for a user or a publisher, remember it, and return its text."""
    token = Token(str(uuid.uuid4()), secrets.token_hex(32), user, trust)
    state.tokens[token.id] = token
    packed = tuple(json.dumps(caveat, separators=(",", ":")).encode() for caveat in caveats)
    content = b"\x02" + _field(_LOCATION, location.encode()) + _field(_IDENTIFIER, token.id.encode()) + b"\0"
    for caveat in packed:
        content += _field(_IDENTIFIER, caveat) + b"\0"
    content += b"\0" + _field(_SIGNATURE, _sign(token, packed))
    return PREFIX + base64.urlsafe_b64encode(content).decode().rstrip("=")


def present(text: str) -> Presented | None:
    """Take a token apart; None where it is none."""
    if not text.startswith(PREFIX):
        return None
    encoded = text.removeprefix(PREFIX)
    try:
        content = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        fields = _fields(content)
    except (ValueError, IndexError):
        return None
    identifiers = [value for kind, value in fields if kind == _IDENTIFIER]
    signatures = [value for kind, value in fields if kind == _SIGNATURE]
    if not identifiers or len(signatures) != 1:
        return None
    return Presented(identifiers[0].decode("utf-8", "replace"), tuple(identifiers[1:]), signatures[0])


def objections(presented: Presented, token: Token, project: Project, state: State) -> list[str]:
    """Why the token may not be used for the project, in PyPI's words and as often as PyPI says it."""
    failed = [why for caveat in presented.caveats for why in _unmet(caveat, token, project, state)]
    if failed:
        return failed * 2
    if not hmac.compare_digest(_sign(token, presented.caveats), presented.signature):
        return ["signatures do not match"]
    return []


def _unmet(packed: bytes, token: Token, project: Project, state: State) -> list[str]:
    """Why a caveat is not met, or nothing."""
    try:
        kind, *values = json.loads(packed)
    except (ValueError, TypeError):
        return ["caveat must be an array"]
    if kind == EXPIRATION:
        met = values[1] <= int(time.time()) < values[0] and not token.expired
        complaint = "token is expired"
    elif kind in (PROJECT_NAMES, PROJECT_IDS):
        met = (project.normalized if kind == PROJECT_NAMES else project.id) in values[0]
        complaint = f"project-scoped token is not valid for project: {project.name!r}"
    elif kind == USER:
        met = values[0] == token.user
        complaint = "current user does not match user restriction in token"
    elif kind == PUBLISHER:
        trust = state.trusts.get(token.trust)
        met = trust is not None and project.id in trust.projects
        complaint = f"OIDC scoped token is not valid for project '{project.name}'"
    else:
        met, complaint = False, "caveat has unknown tag"
    return [] if met else [complaint]


def _sign(token: Token, caveats: Sequence[bytes]) -> bytes:
    """The chain of HMACs that makes a caveat impossible to take off."""
    key = hmac.digest(b"macaroons-key-generator".ljust(32, b"\0"), bytes.fromhex(token.key), hashlib.sha256)
    signature = hmac.digest(key, token.id.encode(), hashlib.sha256)
    for caveat in caveats:
        signature = hmac.digest(signature, caveat, hashlib.sha256)
    return signature


def _field(kind: int, value: bytes) -> bytes:
    return bytes([kind]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    encoded = b""
    while number > 0x7F:  # noqa: PLR2004 - seven bits to a byte
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def _fields(content: bytes) -> list[tuple[int, bytes]]:
    """The fields of a macaroon, without the marks that end its sections. Raises ValueError or IndexError."""
    if content[0] != 2:  # noqa: PLR2004 - the version of the form
        message = "not a macaroon"
        raise ValueError(message)
    fields: list[tuple[int, bytes]] = []
    at = 1
    while at < len(content):
        kind, at = content[at], at + 1
        if kind == _END:
            continue
        size, shift = 0, 0
        while True:
            byte, at = content[at], at + 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the last byte of the number
                break
        if at + size > len(content):
            message = "cut short"
            raise ValueError(message)
        fields.append((kind, content[at : at + size]))
        at += size
    return fields
