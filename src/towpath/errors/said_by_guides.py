"""What people say when a release went wrong: the headings of publishing guides, and answers that say next to nothing.

Each is what a maintainer would type or paste who has not got the exact message.
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind, Retry

_said = partial(Kind, said_by="people and publishing guides")

BAD_REQUEST_ALONE = _said(
    "bad-request-alone",
    "The index refused the upload (400); a proxy or HTTP/2 has taken its reason from the answer's first line. Nothing "
    "of this file was taken. Most often a file of that name is there with other bytes.",
    "The reason stands in the answer's page: `nox -s publish` shows it, `twine upload --verbose` too. Ask `invoke "
    "status` whether the version is taken, and `nox -s build` whether PyPI would take the files.",
    retry=Retry.NEVER,
    recognises=("400 Bad Request from …/legacy", "HTTPError: 400 Bad Request", "400 Bad Request", "400 Client Error"),
)
FORBIDDEN_ALONE = _said(
    "forbidden-alone",
    "The server refused (403), and the reason is not in this line: an unknown or expired token, one of another "
    "project, no right to the project, a project that is archived, or an index that takes no uploads at the moment.",
    "See the words below it, or `twine upload --verbose`, and give those to `invoke explain`. The token must be of "
    "this index (PyPI and TestPyPI each have their own) and of this project, and you a maintainer of it.",
    recognises=("HTTPError: 403 Forbidden", "403 Forbidden", "403 Client Error"),
)
PERMISSION_DENIED_ALONE = _said(
    "permission-denied-alone",
    "The workflow was not let in: what it is does not match what the index was told, or it could not show what it is.",
    "Compare the publisher on the index with the run, letter by letter: owner, repository, workflow file, environment. "
    "The job that publishes needs `permissions: id-token: write`, and an environment of that name must exist.",
    recognises=(
        "Permission denied when publishing",
        "Permission denied while publishing",
        "permission denied to publish",
        '"Permission denied" when publishing',
        "permission denied",
    ),
)
TESTPYPI_ONLY = _said(
    "testpypi-only",
    "TestPyPI took the release and PyPI does not. They are two services: accounts, tokens, projects, owners and "
    "publishers of the one are unknown to the other.",
    "Register the publisher (or make the token) on pypi.org as well, with the environment of that job, and see that "
    "the name there is yours. What was sent to TestPyPI stays valid: PyPI gets the very same files.",
    recognises=(
        "TestPyPI works but PyPI fails",
        "works on TestPyPI but not on PyPI",
        "TestPyPI works, PyPI fails",
        "TestPyPI upload works but PyPI fails",
    ),
)
PROJECT_NOT_THERE_YET = _said(
    "project-not-there-yet",
    "The project is not on that index yet, and the credential is for one that is: a token of a single project cannot "
    "make it.",
    "For the first upload register a pending trusted publisher of exactly that name, or use a token of the whole "
    "account once; afterwards one of the project alone.",
    recognises=("Project does not exist", "project doesn't exist", "Project not found on PyPI"),
)
RELEASE_HELD_BY_CHECKS = _said(
    "release-held-by-checks",
    "Tests or linters failed, so nothing was published: that is what they are there for.",
    "Mend what they name. Rehearse before the tag (`nox -s release`): it runs every gate, and nothing of it can be "
    "seen outside. A tag that is out already stays; release the next version.",
    recognises=(
        "Tests fail before deployment",
        "Tests failed before publishing",
        "Quality gate failed",
        "Tests failed or coverage below threshold",
    ),
)
TESTS_DIFFER_THERE = _said(
    "tests-differ-there",
    "The tests pass here and fail in the workflow, so they depend on something that only this machine has: another "
    "Python, a package that is installed but not declared, a file that is not committed, a path, a time zone.",
    "`nox -s test` runs them in a clean environment on each Python of the project, as the workflow does; "
    '`against = "wheel"` in [tool.towpath.test] hides the sources too. What is missing there is to be declared.',
    recognises=(
        "Tests fail in workflow but pass locally",
        "Tests fail in the workflow but pass locally",
        "tests pass locally but fail in CI",
        "works on my machine",
    ),
)
CREDENTIAL_MISSING_THERE = _said(
    "credential-missing-there",
    "The workflow names a secret or an input that is empty: it was never set, is spelled otherwise, belongs to an "
    "environment that the job does not name, or the run comes from a fork.",
    "Better than to set it: register the workflow as trusted publisher, which needs no secret. Else set it under "
    "Settings, Secrets and variables, for the environment of that job.",
    recognises=(
        "Input required and not supplied",
        "Username cannot be empty",
        "Password cannot be empty",
        "secret is not set",
    ),
)
RATE_LIMITED_ALONE = _said(
    "rate-limited-alone",
    "The server takes no more requests from this address or token for a while (429). This one was not carried out.",
    "Wait as long as the header Retry-After or RateLimit says, or a quarter of an hour, then run it again.",
    retry=Retry.LATER,
    recognises=("429 Too Many Requests", "429 Client Error"),
)
