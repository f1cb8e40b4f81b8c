"""How an upload to an index is authorized: which way is taken, and what is told about the ways that are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.credentials import stored, trusted
from towpath.credentials.issuers import require_issued_for
from towpath.model import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.model import IndexAddress

TOKEN_USER = "__token__"  # noqa: S105 - the user name that goes with every token
# Where other upload tools look for a token, so that one may have been left there.
_ELSEWHERE = ("TWINE_PASSWORD", "UV_PUBLISH_TOKEN", "UV_PUBLISH_PASSWORD", "FLIT_PASSWORD", "HATCH_INDEX_AUTH")


@dataclass(frozen=True, slots=True)
class Authorized:
    """A login, how to get another one when it ends (None where there is no other), and what people should know."""

    login: Login
    renew: Callable[[], Login] | None = None
    notes: tuple[str, ...] = ()


def log_in(
    address: IndexAddress,
    environ: Mapping[str, str],
    *,
    loopback_only: bool,
    hide: Callable[[str], None] = trusted.keep_it,
) -> Authorized:
    """A login for an index: trusted publishing wherever the environment offers it, else as configured.

    A token that lies beside a trusted publisher is never used in its place, and is told. A rehearsal uses no credential
    but the one of its own token service. `hide` is given each secret that is made here.

    Raises no-credential, no-own-credential, no-stored-credential, malformed-credential, not-a-token,
    token-of-other-index and what the exchange raises.
    """
    if loopback_only or address.credentials in {"", "trusted"}:
        found = _by_identity(address, environ, hide, loopback_only=loopback_only)
        if found is not None:
            return found
        if loopback_only or address.credentials:
            raise errors.NO_CREDENTIAL.error(index=address.name, variable=address.token_variable)
    return Authorized(_kept(address, environ))


def require_possible(address: IndexAddress, environ: Mapping[str, str]) -> None:
    """Raise what is known, without asking anybody, to keep `log_in` from a login: for preflight."""
    if address.credentials in {"", "trusted"} and trusted.offered(environ):
        return
    if address.credentials == "trusted":
        raise errors.NO_IDENTITY.error(index=address.name, why="the environment offers none")
    _kept(address, environ)


def left_over(environ: Mapping[str, str], variable: str = "") -> tuple[str, ...]:
    """The variables that hold a token: `variable`, and those of other upload tools."""
    return tuple(name for name in (variable, *_ELSEWHERE) if name and environ.get(name))


def _by_identity(
    address: IndexAddress, environ: Mapping[str, str], hide: Callable[[str], None], *, loopback_only: bool
) -> Authorized | None:
    if not trusted.offered(environ):
        if address.credentials == "trusted" and not loopback_only:
            raise errors.NO_IDENTITY.error(index=address.name, why="the environment offers none")
        return None
    login = trusted.exchange(address, environ, loopback_only=loopback_only, hide=hide)
    if login is None:
        return None

    def renew() -> Login:
        minted = trusted.exchange(address, environ, loopback_only=loopback_only, hide=hide)
        if minted is None:
            raise errors.EXCHANGE_FAILED.error(index=address.name, why="it offers trusted publishing no more")
        return minted

    left = () if loopback_only else _left_over(address, environ)
    return Authorized(login, renew, left)


def _left_over(address: IndexAddress, environ: Mapping[str, str]) -> tuple[str, ...]:
    how = "beside the trusted publisher, and was not used: delete it here, and the token on the index"
    return tuple(f"{name} is set {how}" for name in left_over(environ, address.token_variable))


def _kept(address: IndexAddress, environ: Mapping[str, str]) -> Login:
    if address.credentials == "keyring":
        return _sound(address, stored.from_keyring(address))
    if address.credentials == "pypirc":
        return _sound(address, stored.from_pypirc(address))
    secret = environ.get(address.token_variable, "").strip()
    if not secret:
        raise _none(address)
    return _sound(address, Login(address.username, secret))


def _none(address: IndexAddress) -> errors.TowpathError:
    """That nothing is set; trusted publishing is spoken of where it is to be had."""
    if address.name in {"pypi", "testpypi"} and address.credentials != "environment":
        return errors.NO_CREDENTIAL.error(index=address.name, variable=address.token_variable)
    variable, username = address.token_variable, address.username
    return errors.NO_OWN_CREDENTIAL.error(index=address.name, variable=variable, username=username)


def _sound(address: IndexAddress, login: Login) -> Login:
    """The login, if a request can carry it: no client's complaint about it, which might show it, is ever reached."""
    good = login.password.isprintable() and all(ord(char) <= 0xFF for char in login.username + login.password)  # noqa: PLR2004 - latin-1, as Basic authentication is sent
    if not good or (login.username == TOKEN_USER and " " in login.password):
        raise errors.MALFORMED_CREDENTIAL.error(index=address.name, variable=address.token_variable)
    if login.username == TOKEN_USER:
        require_issued_for(address, login.password)
    return login
