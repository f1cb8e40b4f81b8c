"""Trusted publishing: an identity token from the environment, exchanged for an API token that lives 15 minutes.

The exchange is PyPI's, https://docs.pypi.org/trusted-publishers/internals/; the identity is had by `id`, the library
that twine and PyPI's own action use.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from towpath import errors, network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.model import IndexAddress

REQUEST_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - the name of a variable
_OK = 200


def token_for(address: IndexAddress, environ: Mapping[str, str], *, loopback_only: bool) -> str:
    """An API token for an index: minted where the environment offers an identity, else the configured variable.

    Raises exchange-failed and no-credential.
    """
    if environ.get(REQUEST_URL):
        return _minted(address, environ, loopback_only=loopback_only)
    token = environ.get(address.token_variable, "")
    if not token or loopback_only:
        raise errors.NO_CREDENTIAL.error(index=address.name, variable=address.token_variable)
    return token


def variables(address: IndexAddress) -> tuple[str, ...]:
    """The names of the variables that a gate needs for this index."""
    return (REQUEST_URL, REQUEST_TOKEN, address.token_variable)


def _minted(address: IndexAddress, environ: Mapping[str, str], *, loopback_only: bool) -> str:
    import requests

    root = urljoin(address.simple_url, "/")
    try:
        with network.session(loopback_only=loopback_only) as session:
            audience = session.get(urljoin(root, "_/oidc/audience")).json()["audience"]
            identity = _identity(audience, environ, loopback_only=loopback_only)
            answer = session.post(urljoin(root, "_/oidc/mint-token"), json={"token": identity})
            body = answer.json()
            if answer.status_code == _OK and isinstance(body["token"], str):
                return body["token"]
            why = "; ".join(f"{one.get('code')}: {one.get('description')}" for one in body.get("errors", []))
            why = why or body.get("message", "no reason given")
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise errors.EXCHANGE_FAILED.error(index=address.name, why=type(error).__name__) from None
    raise errors.EXCHANGE_FAILED.error(index=address.name, why=why)


def _identity(audience: str, environ: Mapping[str, str], *, loopback_only: bool) -> str:
    import id as ambient

    if loopback_only:
        network.require_loopback(environ[REQUEST_URL])
    try:
        with _as_a_runner():
            identity = ambient.detect_credential(audience)
    except ambient.IdentityError as error:
        raise errors.EXCHANGE_FAILED.error(index=audience, why=str(error).splitlines()[0]) from None
    if identity is None:
        raise errors.EXCHANGE_FAILED.error(index=audience, why="the environment offers no identity")
    return identity


@contextmanager
def _as_a_runner() -> Iterator[None]:
    """`id` asks only where GITHUB_ACTIONS is set; a rehearsal has the token service, and not the variable."""
    before = os.environ.get("GITHUB_ACTIONS")
    os.environ["GITHUB_ACTIONS"] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ["GITHUB_ACTIONS"]
        else:
            os.environ["GITHUB_ACTIONS"] = before
