"""Errors of credentials: tokens, identities, and what they may do."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

TOKEN_REFUSED = Kind(
    "token-refused",
    "{index} does not know the credential: {status} {reason}",
    "Make a new API token there (PyPI and TestPyPI each have their own) and set {variable} to all of it, `pypi-` "
    "included.",
    recognises=(
        "Invalid or non-existent authentication information",
        "Invalid API Token: signatures do not match",
        "Invalid API Token: deleted or nonexistent macaroon",
        "Invalid API Token: unknown error",
        "Invalid API Token: malformed macaroon",
        "Invalid API Token:",
        "Invalid or expired token",
        "Invalid PyPI token",
        "401 Unauthorized",
    ),
)
TOKEN_EXPIRED = Kind(
    "token-expired",
    "The token for {index} has expired: {status} {reason}",
    "A minted token lives 15 minutes: run this again for a new one. An API token with an end: make a new one. Where it "
    "is new, compare this machine's clock.",
    retry=Retry.AS_IT_IS,
    recognises=(
        "Invalid API Token: token is expired",
        "token is expired",
        "token has expired",
    ),
)
TOKEN_ELSEWHERE = Kind(
    "token-elsewhere",
    "The token for {index} is not good for {project}: {status} {reason}",
    "A token of one project uploads to no other; a first upload needs a token of the whole account, or a pending "
    "trusted publisher of exactly this name.",
    recognises=(
        "project-scoped token is not valid for project",
        "token is not valid for project",
    ),
)
PASSWORD_REFUSED = Kind(
    "password-refused",
    "{index} takes no user names and passwords: {status} {reason}",
    "Leave username out of [tool.towpath.index] and set {variable} to an API token, or publish as a trusted publisher.",
    recognises=("Username/Password authentication is no longer supported",),
)
NOT_ALLOWED = Kind(
    "not-allowed",
    "{index} does not let this credential upload to {project}: {status} {reason}",
    "Let an owner of the project make you a maintainer. If the name belongs to somebody else, the project needs "
    "another one. A project that is archived or quarantined answers so, too: its page on the index shows it.",
    recognises=(
        "The user '…' isn't allowed to upload to project",
        "The given token isn't allowed to upload to project",
        "isn't allowed to upload to project",
    ),
)
ACCOUNT_INCOMPLETE = Kind(
    "account-incomplete",
    "The account on {index} may not upload yet: {status} {reason}",
    "Verify its e-mail address, switch two-factor authentication on, then run this again.",
    recognises=(
        "does not have a verified primary email address",
        "does not have two-factor authentication enabled",
    ),
)
PENDING_PUBLISHER_MISNAMED = Kind(
    "pending-publisher-misnamed",
    "The pending publisher on {index} was for another name than {project}: {status} {reason}",
    "A project of the wrong name has been made there by minting. Register a pending publisher for exactly {project}, "
    "then run this again; delete the empty project.",
    recognises=("Non-user identities cannot create new projects",),
)
PENDING_PUBLISHER_LATE = Kind(
    "pending-publisher-late",
    "{index} has a pending publisher for this name, and the project has come into being without it, by an upload with "
    "a token or by somebody else: {why}",
    "If the project is yours, register the publisher on the project itself, and delete the pending one. If it is not, "
    "the project needs another name.",
    recognises=("valid token, but project already exists", "invalid-pending-publisher"),
)
PLAIN_HTTP = Kind(
    "plain-http",
    "The address of {index} begins with http://, and it is not on this machine.",
    "A credential sent there could be read on the way. Use its https:// address.",
    exit_code=2,
    recognises=(
        "403 SSL is required",
        "SSL is required",
    ),
)
NO_CREDENTIAL = Kind(
    "no-credential",
    "There is no credential for {index}: no trusted publisher's identity, and {variable} is not set.",
    "Publish from the workflow that is registered as trusted publisher, or set {variable} to an API token.",
    recognises=(
        "NonInteractive: Credential not found for",
        "Credential not found for API token",
        "Missing credentials for",
    ),
)
NO_OWN_CREDENTIAL = Kind(
    "no-own-credential",
    "There is no credential for {index}: {variable} is not set.",
    "Set {variable} to the token or password with which {username} uploads there, or take another way by credentials "
    "in [tool.towpath.index].",
)
NO_STORED_CREDENTIAL = Kind(
    "no-stored-credential",
    "There is no credential for {index} in the {store}: {why}.",
    "Store one for {url}, or take another way by credentials in [tool.towpath.index].",
    recognises=(
        "NoKeyringError",
        "No recommended backend was available",
    ),
)
MALFORMED_CREDENTIAL = Kind(
    "malformed-credential",
    "The credential for {index} holds a character that none can have (it is not shown).",
    "Most often it was pasted with more than itself. Set {variable} to the token alone.",
    recognises=("Invalid leading whitespace, reserved character(s), or return character(s) in header value",),
)
NOT_A_TOKEN = Kind(
    "not-a-token",
    "{variable} is meant for {index}, and does not hold an API token: each begins with `pypi-`.",
    "Make one in your account on {index} and set {variable} to all of it. PyPI takes no user names and passwords.",
)
TOKEN_OF_OTHER_INDEX = Kind(
    "token-of-other-index",
    "{variable} is meant for {index}, and holds a token of {issuer}.",
    "Make a token on {index}: each index has accounts and tokens of its own.",
)
NO_IDENTITY = Kind(
    "no-identity",
    "This run has no identity to show to {index}: {why}",
    "In GitHub Actions the job needs `permissions: id-token: write`; in GitLab CI an `id_tokens` entry whose variable "
    "is PYPI_ID_TOKEN (or TESTPYPI_ID_TOKEN) with the index as `aud`.",
    recognises=(
        "OIDC token request failed",
        "Unable to get ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset",
        "missing or insufficient OIDC token permissions",
        "OpenID Connect token retrieval failed",
        "Unable to retrieve an OIDC token from the CI platform for publishing",
        "Credentials: ambient identity not available",
        "insufficient permissions to request an OIDC token",
    ),
)
IDENTITY_OUT_OF_REACH = Kind(
    "identity-out-of-reach",
    "The service that gives this run its identity, which is to be shown to {index}, did not answer: {why}",
    "The job may ask for one; the service is down or slow. Run this again, and look at the CI's status page if it "
    "stays so. Nothing was sent.",
    retry=Retry.LATER,
    recognises=(
        "OIDC token request timed out",
        "OIDC token request failed (code=5",
    ),
)
EXCHANGE_FAILED = Kind(
    "exchange-failed",
    "{index} did not give a token for this run's identity: {why}",
    "Run this again; look at the index's status page if it stays so. Nothing was sent.",
    retry=Retry.AS_IT_IS,
)
WRONG_PUBLISHER = Kind(
    "wrong-publisher",
    "{index} has no trusted publisher that matches this run: {why}",
    "Compare the publisher registered on the index with this run: owner, repository, workflow file, environment. A "
    "reusable workflow of another repository, or one started by `pull_request_target`, never matches.",
    recognises=(
        "valid token, but no corresponding publisher",
        "Publisher with matching claims was not found",
        "invalid-publisher",
    ),
)
IDENTITY_REFUSED = Kind(
    "identity-refused",
    "{index} did not accept this run's identity: {why}",
    "It was made for another index, too early or too late by its clock, or used before: run this again.",
    retry=Retry.AS_IT_IS,
    recognises=(
        "invalid token: already used",
        "malformed or invalid token",
        "invalid-reuse-token",
    ),
)
