"""Trusted publishing: an identity token from the environment, exchanged for an API token that lives 15 minutes.

The exchange is PyPI's, https://docs.pypi.org/trusted-publishers/internals/; the identity is had by `id`, the library
that twine and PyPI's own action use.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from towpath import errors, loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import requests

    from towpath.model import IndexAddress, Login

REQUEST_URL = "ACTIONS_ID_TOKEN_REQUEST_URL"
REQUEST_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - the name of a variable
_GITLAB = ("PYPI_ID_TOKEN", "TESTPYPI_ID_TOKEN")  # set by `id_tokens`; the name follows from the index's audience
PAUSES = (1.0, 4.0, 15.0)
_OK, _NOT_FOUND, _FORBIDDEN, _BUSY, _BROKEN = 200, 404, 403, 429, 500
_KINDS = {
    "invalid-publisher": errors.WRONG_PUBLISHER,
    "invalid-pending-publisher": errors.PENDING_PUBLISHER_LATE,
    "invalid-token": errors.IDENTITY_REFUSED,
    "invalid-reuse-token": errors.IDENTITY_REFUSED,
    "invalid-payload": errors.IDENTITY_REFUSED,
}


# In the words of `id`, which has no kinds of error for them: no answer, an answer cut short, the service's own failure.
_NO_ANSWER = re.compile(r"timed out|malformed or incomplete JSON|\(code=(?:5\d\d|429)\b")


def keep_it(_secret: str) -> None:
    """Nobody has to be told of it."""


def offered(environ: Mapping[str, str]) -> bool:
    """Whether the environment offers an identity: a job of GitHub Actions or GitLab CI that may ask for one."""
    in_gitlab = bool(environ.get("GITLAB_CI")) and any(environ.get(name) for name in _GITLAB)
    return bool(environ.get(REQUEST_URL)) or in_gitlab


def variables(address: IndexAddress) -> tuple[str, ...]:
    """The names of the variables that a gate needs for this index."""
    return (REQUEST_URL, REQUEST_TOKEN, "GITLAB_CI", *_GITLAB, address.token_variable)


def exchange(
    address: IndexAddress,
    environ: Mapping[str, str],
    *,
    loopback_only: bool,
    pauses: Sequence[float] = PAUSES,
    hide: Callable[[str], None] = keep_it,
) -> Login | None:
    """A login minted for this run's identity; None where the index offers no trusted publishing.

    Minting is not without effect: with a pending publisher it makes the project. An identity token is good once, so
    that after every doubtful answer the whole exchange begins anew, after each of `pauses`. `hide` is given each secret
    as soon as it is had: the identity and the token.

    Raises plain-http, no-identity, identity-out-of-reach, wrong-publisher, pending-publisher-late, identity-refused,
    name-refused, index-closed and exchange-failed.
    """
    if loopback_only:
        loopback.require_loopback(address.simple_url)
    elif not address.simple_url.lower().startswith("https://") and not loopback.is_loopback(address.simple_url):
        raise errors.PLAIN_HTTP.error(index=address.name)
    for pause in pauses:
        try:
            return _once(address, environ, hide, loopback_only=loopback_only)
        except _InDoubtError:
            time.sleep(pause)
    try:
        return _once(address, environ, hide, loopback_only=loopback_only)
    except _InDoubtError as doubt:
        raise doubt.kind.error(index=address.name, why=doubt) from None


class _InDoubtError(Exception):
    """No answer, or one that says nothing about the identity; `kind` is what it is in the end."""

    def __init__(self, why: str, kind: errors.Kind = errors.EXCHANGE_FAILED) -> None:
        super().__init__(why)
        self.kind = kind


def _once(
    address: IndexAddress, environ: Mapping[str, str], hide: Callable[[str], None], *, loopback_only: bool
) -> Login | None:
    import requests

    from towpath import network

    root = urljoin(address.simple_url, "/")
    try:
        with network.session(loopback_only=loopback_only) as session:
            asked = session.get(urljoin(root, "_/oidc/audience"))
            if asked.status_code == _NOT_FOUND:
                return None
            audience = _body(address, asked).get("audience")
            if not isinstance(audience, str):
                raise errors.EXCHANGE_FAILED.error(index=address.name, why="it names no audience")
            identity = _identity(address, audience, environ, loopback_only=loopback_only)
            hide(identity)
            mint = urljoin(root, "_/oidc/mint-token")
            login = _login(address, session.post(mint, json={"token": identity}, allow_redirects=False))
            hide(login.password)
            return login
    except requests.RequestException as error:
        raise _InDoubtError(network.in_words(error, root)) from None


def _body(address: IndexAddress, answer: requests.Response) -> dict[str, Any]:
    """An answer as data."""
    if answer.status_code >= _BROKEN or answer.status_code == _BUSY:
        raise _InDoubtError(str(answer.status_code))
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise errors.EXCHANGE_FAILED.error(index=address.name, why=f"{answer.status_code} without an answer in JSON")
    if answer.status_code == _FORBIDDEN:
        raise errors.INDEX_CLOSED.error(index=address.name, status=_FORBIDDEN, reason=body.get("message", ""))
    return body


def _login(address: IndexAddress, answer: requests.Response) -> Login:
    from towpath.model import Login

    body = _body(address, answer)
    token = body.get("token")
    if answer.status_code == _OK and isinstance(token, str) and token:
        return Login("__token__", token, _expiry(answer, body.get("expires")))
    listed = body.get("errors")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    why = "; ".join(f"{one.get('code')}: {one.get('description')}" for one in found)
    code = str(found[0].get("code")) if found else ""
    if code == "not-enabled":
        raise errors.INDEX_CLOSED.error(index=address.name, status=answer.status_code, reason=why)
    if errors.NAME_REFUSED.is_said_in(why):  # a pending publisher would have made the project
        name = re.search(r"name '([^']*)'", why)
        project, status = name[1] if name else "this", answer.status_code
        raise errors.NAME_REFUSED.error(index=address.name, project=project, status=status, reason=why)
    kind = _KINDS.get(code, errors.EXCHANGE_FAILED)
    raise kind.error(index=address.name, why=why or body.get("message", "no reason given"))


def _expiry(answer: requests.Response, expires: object) -> float | None:
    """When the token ends by our clock, which may differ from the index's."""
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        return time.time() + float(str(expires)) - theirs
    except (KeyError, ValueError, TypeError):
        return None


def _identity(address: IndexAddress, audience: str, environ: Mapping[str, str], *, loopback_only: bool) -> str:
    import id as ambient

    if loopback_only:
        loopback.require_loopback(environ.get(REQUEST_URL, ""))
    try:
        with _as_seen_by_id(environ):
            identity = ambient.detect_credential(audience)
    except ambient.IdentityError as error:
        why = _first_line(error)
        if _NO_ANSWER.search(why):
            raise _InDoubtError(why, errors.IDENTITY_OUT_OF_REACH) from None
        raise errors.NO_IDENTITY.error(index=address.name, why=why) from None
    except ValueError:  # its text would show the request's headers
        raise errors.NO_IDENTITY.error(index=address.name, why="the job's own variables are damaged") from None
    if identity is None:
        raise errors.NO_IDENTITY.error(index=address.name, why="the environment offers none")
    return identity


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].partition(", body=")[0]


@contextmanager
def _as_seen_by_id(environ: Mapping[str, str]) -> Iterator[None]:
    """`id` reads this process's own environment, and asks GitHub only where GITHUB_ACTIONS is set.

    A rehearsal has the token service and not that variable.
    """
    wanted = {name: environ[name] for name in (REQUEST_URL, REQUEST_TOKEN, "GITLAB_CI", *_GITLAB) if name in environ}
    if REQUEST_URL in wanted:
        wanted["GITHUB_ACTIONS"] = "true"
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
