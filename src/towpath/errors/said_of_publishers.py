"""What is said of trusted publishing: by PyPI, and by the clients that exchange an identity for a token.

See https://docs.pypi.org/trusted-publishers/troubleshooting/.
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind, Retry

_said = partial(Kind, said_by="PyPI")

PUBLISHER_OF_ANOTHER_PROJECT = _said(
    "publisher-of-another-project",
    "The workflow is a trusted publisher, but of another project than the one in the distribution's metadata.",
    "Compare the project's name in pyproject.toml with the project that the publisher is registered on, and register "
    "one there: `Publishing` among the project's settings on the index.",
    recognises=("Invalid API Token: OIDC scoped token is not valid for project",),
)
PUBLISHER_REUSABLE = _said(
    "publisher-reusable",
    "The job that publishes stands in a reusable workflow of another place, so that the identity names that workflow "
    "and not the one that is registered.",
    "Let the top-level workflow publish: `invoke workflow` writes a flat one. The file that is registered is among "
    "those that the message expects.",
    recognises=(
        "valid token, but no corresponding publisher (The job_workflow_ref claim does not match",
        "The job_workflow_ref claim does not match",
        "reusable workflows are not currently supported",
        "valid token, but no corresponding publisher (Could not job extract workflow filename from OIDC claims",
    ),
)
PUBLISHER_TRIGGER = _said(
    "publisher-trigger",
    "The workflow was started by `pull_request_target`, from which PyPI takes nothing: such a run can be steered from "
    "a fork.",
    "Publish on a tag, a release or a manual start; `triggers` in [tool.towpath.workflow] says which.",
    recognises=(
        "valid token, but no corresponding publisher (Publishing from a workflow invoked via 'pull_request_target'",
        "Publishing from a workflow invoked via 'pull_request_target' is not supported",
    ),
)
IDENTITY_MALFORMED = _said(
    "identity-malformed",
    "What was shown as the run's identity is not one: no JWT, or one from an issuer that the index does not know.",
    "Trusted publishing works from GitHub Actions, GitLab CI, Google Cloud and ActiveState. There, let a client that "
    "is up to date do the exchange; elsewhere use an API token.",
    recognises=(
        "invalid-payload…malformed JWT",
        "malformed JWT",
        "unknown trusted publishing issuer",
        "validation error for TokenPayload",
        "invalid-payload",
    ),
)
EXCHANGE_REFUSED = _said(
    "exchange-refused",
    "The index gave no upload token for the identity of this run; its reason stands in the lines below that heading "
    "(`invalid-publisher` and its like). Nothing was sent.",
    "Give those lines to `invoke explain`. Most often owner, repository, workflow file or environment differ from what "
    "is registered on the index: compare all four, letter by letter; PyPI and TestPyPI each have a registration.",
    recognises=(
        "Trusted publishing exchange failure",
        "Token request failed: the server refused the request",
        "Token request failed",
        "TrustedPublishingFailure",
        "Failed to obtain token for trusted publishing",
    ),
)
PUBLISHER_AND_PASSWORD = _said(
    "publisher-and-password",
    "The workflow may publish as a trusted publisher, and a password or token is given as well; the password was "
    "used, or one of the two ignored.",
    "Take the password out of the workflow, then delete the secret and revoke the token: one that nobody needs can "
    "only be stolen.",
    recognises=(
        "Trusted Publishers allows publishing packages to PyPI from automated environments like GitHub Actions",
        "the workflow was run with 'attestations: true' input, but an explicit password was also set",
        "a password was explicitly passed",
    ),
)
CLOCK_WRONG = _said(
    "clock-wrong",
    "A token or identity was judged too early or too late, so the clocks of two machines differ by more than the "
    "thirty seconds that are let pass.",
    "Set this machine's clock (most systems do it over the network), then run it again: tokens are made anew.",
    retry=Retry.FIXED,
    recognises=(
        "token is not yet valid",
        "The token is not yet valid (iat)",
        "ImmatureSignatureError",
        "clock skew",
    ),
)
