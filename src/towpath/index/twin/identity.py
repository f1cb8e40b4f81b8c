"""Who sends an upload, and whether that one may."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.index.twin import tokens
from towpath.index.twin.answers import Refusal, see

if TYPE_CHECKING:
    from towpath.index.twin.records import Project, State, Token, Trust, User
    from towpath.index.twin.tokens import Presented

CLOSED = ("archived", "archived-noindex")
QUARANTINED = "quarantine-enter"


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or a trusted publisher, by the token that was sent."""

    presented: Presented
    token: Token
    user: User | None = None
    trust: Trust | None = None


def identify(authorization: str, state: State) -> Identity:
    """Whose token it is. Raises a Refusal for a password and for what is no known token."""
    presented = tokens.present(_token_text(authorization))
    token = state.tokens.get(presented.id) if presented else None
    if presented is None or token is None:
        raise _nobody()
    user, trust = state.users.get(token.user), state.trusts.get(token.trust)
    if (user is None or user.frozen) and trust is None:
        raise _nobody()
    return Identity(presented, token, user, trust)


def check_allowed(identity: Identity, project: Project, state: State) -> None:
    """Raise a Refusal unless token, role and account allow an upload to the project."""
    objections = tokens.objections(identity.presented, identity.token, project, state)
    if objections:
        raise Refusal(403, f"Invalid API Token: {', '.join(objections)}")
    who = f"The user '{identity.user.name}'" if identity.user else "The given token"
    if not _may_upload(identity, project):
        raise Refusal(403, f"{who} isn't allowed to upload to project '{project.name}'. {see('project-name')}")
    if identity.user:
        check_account(identity.user)


def check_account(user: User) -> None:
    """Raise a Refusal unless the account has a verified address and a second factor."""
    of = f"User {user.name!r}, associated with the API token used, does not have"
    if not user.email_verified:
        advice = "Please add a verified primary email before attempting to upload to PyPI."
        raise Refusal(403, f"{of} a verified primary email address. {advice} {see('verified-email')}")
    if not user.two_factor:
        advice = "Please enable two-factor authentication before attempting to upload to PyPI."
        raise Refusal(403, f"{of} two-factor authentication enabled. {advice} {see('two-factor-authentication')}")


def _may_upload(identity: Identity, project: Project) -> bool:
    """A quarantined project takes its owner's token and refuses a minted one; an archived one refuses both."""
    if project.status in CLOSED:
        return False
    if identity.user:
        return identity.user.name in project.roles
    return project.status != QUARANTINED


def _token_text(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() != "basic":
        raise _nobody()
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _nobody() from None
    if not colon:
        raise _nobody()
    if name != "__token__":
        raise Refusal(
            403,
            "Username/Password authentication is no longer supported. Migrate to API Tokens or Trusted "
            "Publishers instead. See https://pypi.org/help/#apitoken and https://pypi.org/help/#trusted-publishers",
            detail="",
        )
    return password.strip()


def _nobody() -> Refusal:
    return Refusal(403, f"Invalid or non-existent authentication information. {see('invalid-auth')}")
