"""Trusted publishing: an identity token of the issuer for a short-lived API token of the index."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, NoReturn

from towpath.index.twin import tokens
from towpath.index.twin.answers import Refusal, json_answer
from towpath.index.twin.names import check_new_name
from towpath.index.twin.records import Publisher, Trust
from towpath.index.twin.validation import token_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from towpath.index.twin.records import State
    from towpath.index.twin.store import Store

LEEWAY_SECONDS = 30
SERVICES = {
    "https://token.actions.githubusercontent.com": "github",
    "https://gitlab.com": "gitlab",
    "https://accounts.google.com": "google",
    "https://oidc.activestate.com": "activestate",
}
_NEEDED = {
    "github": (
        "sub",
        "repository",
        "repository_owner",
        "repository_owner_id",
        "job_workflow_ref",
        "jti",
        "event_name",
        "ref",
        "sha",
    ),
    "gitlab": ("ci_config_ref_uri",),
    "google": ("email",),
    "activestate": ("organization",),
}
_WORKFLOW = re.compile(r"[^/]+\.(?:yml|yaml)(?=@)")


class Unmintable(Exception):  # noqa: N818 - an answer, not a fault of the program
    """No token: PyPI's code and description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


def _refuse(code: str, description: str) -> NoReturn:
    raise Unmintable(code, description)


def mint(store: Store, keys: Mapping[str, Any], audience: str, location: str, body: bytes) -> Response:
    """Answer a request for a token. While the index is read-only, what is made is not kept."""
    try:
        answer = _minted(store, keys, audience, location, body)
    except Unmintable as refused:
        answer = refused
    if isinstance(answer, Unmintable):
        error = {"code": answer.code, "description": answer.description}
        return json_answer({"message": "Token request failed", "errors": [error]}, 422)
    return json_answer(answer)


def _minted(
    store: Store, keys: Mapping[str, Any], audience: str, location: str, body: bytes
) -> dict[str, Any] | Unmintable:
    """The exchange, its changes kept unless the index is read-only."""
    if "read-only" in store.state.flags:
        return _exchange(store.draft(), keys, audience, location, body)
    with store.change() as draft:
        return _exchange(draft, keys, audience, location, body)


def _exchange(
    state: State, keys: Mapping[str, Any], audience: str, location: str, body: bytes
) -> dict[str, Any] | Unmintable:
    """The minted token, or a refusal that nevertheless changes the state."""
    text = _payload(body)
    issuer = _issuer(text)
    service = SERVICES.get(issuer)
    if service is None:
        _refuse("invalid-payload", "unknown trusted publishing issuer")
    if {"disallow-oidc", f"disallow-{service}-oidc"} & set(state.flags):
        _refuse("not-enabled", f"{service} trusted publishing functionality not enabled")
    claims = _verified(text, keys, audience)
    if claims is None:
        _refuse("invalid-token", "malformed or invalid token")
    refused = _reify(state, claims, service)
    if refused is not None:
        return refused
    try:
        trust = _find(state, claims, service)
    except LookupError as none:
        description = f"valid token, but no corresponding publisher ({none.args[0]})"
        _refuse("invalid-publisher", description)
    return _grant(state, trust, claims, location)


def _payload(body: bytes) -> str:
    """The identity token in the body, or a refusal worded as by PyPI's validator."""
    fault = token_fault(body)
    if fault:
        _refuse("invalid-payload", fault)
    return str(json.loads(body)["token"])


def _issuer(text: str) -> str:
    import jwt

    try:
        return str(jwt.decode(text, options={"verify_signature": False})["iss"])
    except (jwt.PyJWTError, KeyError):
        _refuse("invalid-payload", "malformed JWT")


def _verified(text: str, keys: Mapping[str, Any], audience: str) -> dict[str, Any] | None:
    import jwt

    try:
        key = jwt.PyJWKSet.from_dict(dict(keys))[jwt.get_unverified_header(text)["kid"]]
        return dict(
            jwt.decode(
                text,
                key,
                algorithms=["RS256"],
                audience=audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "iat", "exp", "aud"], "strict_aud": True},
            )
        )
    except (jwt.PyJWTError, KeyError):
        return None


def _reify(state: State, claims: Mapping[str, Any], service: str) -> Unmintable | None:
    """Make the project of a pending publisher that the claims match, and the publisher a full one."""
    try:
        found = _lookup(state, claims, service, pending=True)
    except LookupError:
        return None
    publisher = found.publisher
    if state.project(publisher.project) is not None:
        state.pending.remove(publisher)
        return Unmintable("invalid-pending-publisher", "valid token, but project already exists")
    try:
        check_new_name(state, publisher.project)
    except Refusal as refusal:
        _refuse("invalid-payload", refusal.reason)
    state.pending.remove(publisher)
    project = state.create_project(publisher.project, str(uuid.uuid4()), publisher.user)
    enroll(state, publisher).projects.append(project.id)
    return None


def enroll(state: State, publisher: Publisher) -> Trust:
    """The registered publisher of that workflow, made if there is none yet."""
    for trust in state.trusts.values():
        if trust.publisher.same_workflow(publisher):
            return trust
    trust = Trust(str(uuid.uuid4()), publisher)
    state.trusts[trust.id] = trust
    return trust


def _find(state: State, claims: Mapping[str, Any], service: str) -> Trust:
    return _lookup(state, claims, service, pending=False)


def _lookup(state: State, claims: Mapping[str, Any], service: str, *, pending: bool) -> Trust:
    """The most specific publisher that the claims match. Raises LookupError with PyPI's reason."""
    for name in _NEEDED[service]:
        if claims.get(name) is None:
            message = f"Missing claim {name!r}"
            raise LookupError(message)
    known = [Trust("", one) for one in state.pending] if pending else list(state.trusts.values())
    trust = _by_workflow(known, claims)
    _check_claims(state, trust.publisher, claims)
    return trust


def _by_workflow(known: list[Trust], claims: Mapping[str, Any]) -> Trust:
    workflow = _WORKFLOW.search(str(claims["job_workflow_ref"]))
    if workflow is None:
        message = "Could not job extract workflow filename from OIDC claims"
        raise LookupError(message)
    wanted = (str(claims["repository"]), str(claims["repository_owner_id"]), workflow.group())
    matching = [
        trust
        for trust in known
        if (trust.publisher.repository, trust.publisher.owner_id, trust.publisher.workflow) == wanted
    ]
    environment = str(claims.get("environment") or "").lower()
    for acceptable in (environment, ""):
        for trust in matching:
            if trust.publisher.environment.lower() == acceptable:
                return trust
    message = "Publisher with matching claims was not found"
    raise LookupError(message)


def _check_claims(state: State, publisher: Publisher, claims: Mapping[str, Any]) -> None:
    """The claims that are checked once a publisher is found, in PyPI's order."""
    owner, _, repository = str(claims["sub"]).partition(":")[2].partition("/")
    subject = f"{owner}/{repository.partition(':')[0]}".lower()
    if not str(claims["sub"]).startswith("repo:") or subject != publisher.repository.lower():
        message = "Check failed for required claim 'sub'"
        raise LookupError(message)
    if claims["repository_owner"] != publisher.repository.partition("/")[0]:
        message = "Check failed for required claim 'repository_owner'"
        raise LookupError(message)
    _check_workflow_ref(publisher, claims)
    if claims["jti"] in state.used_identities:
        _refuse("invalid-reuse-token", "invalid token: already used")
    if claims["event_name"] == "pull_request_target":
        message = "Publishing from a workflow invoked via 'pull_request_target' is not supported."
        raise LookupError(message)


def _check_workflow_ref(publisher: Publisher, claims: Mapping[str, Any]) -> None:
    places = [claims[name] for name in ("ref", "sha") if claims[name]]
    if not places:
        message = "The ref and sha claims are empty"
        raise LookupError(message)
    slug = f"{publisher.repository}/.github/workflows/{publisher.workflow}"
    expected = sorted(f"{slug}@{place}" for place in places)
    if claims["job_workflow_ref"] not in expected:
        message = (
            f"The job_workflow_ref claim does not match, expecting one of {expected!r}, "
            f"got {claims['job_workflow_ref']!r}"
        )
        raise LookupError(message)


def _grant(state: State, trust: Trust, claims: Mapping[str, Any], location: str) -> dict[str, Any]:
    now = int(time.time())
    expires = now + tokens.MINTED_SECONDS
    caveats = [
        [tokens.PUBLISHER, trust.id],
        [tokens.PROJECT_IDS, trust.projects],
        [tokens.EXPIRATION, expires, now],
    ]
    state.used_identities.append(str(claims["jti"]))
    token = tokens.issue(state, location, caveats, trust=trust.id)
    return {"success": True, "token": token, "expires": expires}
