"""What the workflows may do and what they let through: identities, permissions, pins, secrets, gates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath import errors
from towpath.doctor.documents import ACTION
from towpath.doctor.nouns import Unasked, Well, advice, problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.doctor.documents import Document, Job
    from towpath.doctor.facts import Facts
    from towpath.doctor.nouns import Answer

_BY_IDENTITY = re.compile(
    r"^[^#\n]*\buv\b[^\n;&|]*?\spublish\b[^\n;&|]*?--trusted-publishing[= ]always\b", re.MULTILINE
)
_SHA = re.compile(r"[^@\s]+@[0-9a-f]{40}")
_DIGEST = re.compile(r"docker://\S+@sha256:[0-9a-f]{64}")
# What else an identity is for: attestations, GitHub Pages, sigstore, coverage services and clouds.
_OTHER_IDENTITY = re.compile(
    r"actions/(attest|deploy-pages)|sigstore|slsa|cosign|configure-aws-credentials|google-github-actions/auth"
    r"|azure/login|codecov|hashicorp/vault|ossf/scorecard",
    re.IGNORECASE,
)
_OWN_CODE = re.compile(
    r"\b(?:python -m build|uv build|poetry build|hatch build|pdm build|flit build|pip install (?:-e )?\.(?=[\[\s]|$)"
    r"|poetry install|uv sync|pytest|tox|setup\.py)",
    re.MULTILINE,
)
_MAKES_RELEASE = re.compile(r"\bgh\s+release\s+(?:create|upload|edit)\b")
_RELEASE_ACTIONS = ("softprops/action-gh-release", "ncipollo/release-action", "actions/create-release")
_UPLOAD_SECRET = re.compile(r"\$\{\{[^}]*\bsecrets\.(\w*(?:PYPI|TWINE|FLIT|POETRY|UV_PUBLISH|HATCH)\w*)", re.IGNORECASE)
_UNTRUSTED = re.compile(
    r"\$\{\{\s*(github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|discussion|head_commit|commits|workflow_run)"
    r"\b[\w.\[\]*-]*\.(?:title|body|message|ref|label|name|email|page_name|head_branch)))\s*\}\}"
)


def identity(facts: Facts) -> Iterator[Answer]:
    """Whether those jobs may ask for an identity that publish by one, and no others, and nothing else runs there."""
    found = False
    for document in facts.workflows():
        for answer in _identity_of(document):
            found = True
            yield answer
    if not found:
        yield Well("`id-token: write` only where it is needed")


def permissions(facts: Facts) -> Iterator[Answer]:
    """Whether each workflow says what its token may, and a job that makes a release may write."""
    found = False
    for document in facts.workflows():
        for answer in _permissions_of(document, facts.world.permissions.answer or ""):
            found = True
            yield answer
    if not found:
        yield Well("every workflow names what it needs")


def pins(facts: Facts) -> Iterator[Answer]:
    """Whether every action is pinned to a commit; a problem where the job can publish."""
    found = False
    for document in facts.workflows():
        loose = {use: job.uploads for job in document.jobs for use in _uses(job) if not _is_pinned(use)}
        if loose:
            found = True
            say = problem if any(loose.values()) else advice
            yield say(errors.ACTION_UNPINNED, path=document.path, actions=", ".join(sorted(loose)))
    if not found:
        yield Well("every action by a full commit SHA")


def untrusted(facts: Facts) -> Iterator[Answer]:
    """Whether strangers' input is kept out: no pull_request_target, no text of theirs in a command."""
    found = False
    for document in facts.workflows():
        if any(trigger.event == "pull_request_target" for trigger in document.triggers):
            found = True
            checks_out = any(step.action == "actions/checkout" for job in document.jobs for step in job.steps)
            what = " and checks code out" if checks_out else ""
            say = problem if checks_out or document.publishes else advice
            yield say(errors.UNTRUSTED_TRIGGER, path=document.path, what=what)
        for line, text in _commands(document):
            for expression in _UNTRUSTED.findall(text):
                found = True
                yield problem(errors.UNTRUSTED_TEXT, path=document.path, line=line, expression=expression)
    if not found:
        yield Well("no pull_request_target, and nothing of strangers in a command")


def secrets(facts: Facts) -> Iterator[Answer]:
    """Whether a token is still used where a publisher is trusted."""
    trusted = [one.index for one in facts.publications if one.trusted]
    if not trusted:
        yield Unasked("no index is published to by a trusted publisher")
        return
    kept = {one.secret.upper() for one in facts.publications if one.secret}
    kept |= {name.upper() for gate in facts.pipeline for name in gate.variables}  # after the release
    found = False
    for document in facts.workflows():
        for secret in sorted({name for name in _UPLOAD_SECRET.findall(document.text) if name.upper() not in kept}):
            index = "testpypi" if "TEST" in secret.upper() else "pypi"
            if index in trusted:
                found = True
                yield problem(errors.SECRET_LEFT_OVER, path=document.path, secret=secret, index=index)
    if not found:
        yield Well("no workflow uses a token for an index that trusts the publisher")


def _identity_of(document: Document) -> Iterator[Answer]:
    everywhere = _may(document.permissions)
    if everywhere and not all(job.uploads for job in document.jobs):
        yield problem(errors.ID_TOKEN_TOO_WIDE, path=document.path, where="every job")
    for job in document.jobs:
        may = document.allowed(job, "id-token") == "write"
        if job.uploads and not may and _is_trusted(job) and not document.generated:
            yield problem(errors.ID_TOKEN_MISSING, path=document.path, job=job.id)
        if not may or everywhere:
            continue
        if not job.uploads and not _OTHER_IDENTITY.search(" ".join((*_uses(job), *(one.run for one in job.steps)))):
            yield advice(
                errors.ID_TOKEN_TOO_WIDE, path=document.path, where=f"the job {job.id!r}, which does not publish"
            )
        own = [found[0] for step in job.steps if (found := _OWN_CODE.search(step.run))]
        if job.uploads and own and not document.generated:
            what = ", ".join(dict.fromkeys(own))
            yield advice(errors.ID_TOKEN_BESIDE_CODE, path=document.path, job=job.id, what=what)


def _is_trusted(job: Job) -> bool:
    """Whether it publishes by PyPA's action without a password, or tells uv so: that needs an identity."""
    return any(
        (step.action == ACTION and not step.inputs.get("password")) or _BY_IDENTITY.search(_joined(step.run))
        for step in job.steps
    )


def _joined(run: str) -> str:
    """A command with its continued lines as one."""
    return re.sub(r"\\\r?\n", " ", run)


def _may(given: dict[str, str] | None) -> bool:
    return given is not None and "write" in {given.get("id-token"), given.get("*")}


def _permissions_of(document: Document, by_default: str) -> Iterator[Answer]:
    if document.permissions is None and any(job.permissions is None and not job.calls for job in document.jobs):
        what = "says nothing about what its token may, so that it gets the repository's default"
        yield advice(errors.PERMISSIONS_OPEN, path=document.path, what=what)
    elif document.permissions and document.permissions.get("*") == "write":
        yield problem(errors.PERMISSIONS_OPEN, path=document.path, what="gives its token every right (`write-all`)")
    for job in document.jobs:
        makes = any(_MAKES_RELEASE.search(step.run) or step.action in _RELEASE_ACTIONS for step in job.steps)
        allowed = document.allowed(job, "contents") or by_default
        if makes and allowed in {"read", "none"}:
            yield problem(errors.RELEASE_NOT_ALLOWED, path=document.path, job=job.id)


def _uses(job: Job) -> Iterator[str]:
    yield from (step.uses for step in job.steps if step.uses)
    if job.calls:
        yield job.calls


def _is_pinned(use: str) -> bool:
    return use.startswith("./") or bool(_SHA.fullmatch(use) or _DIGEST.fullmatch(use))


def _commands(document: Document) -> Iterable[tuple[int, str]]:
    """Every line of every command, with its line in the file."""
    for job in document.jobs:
        for step in job.steps:
            yield from numbered(document, step.run, step.run_line)


def numbered(document: Document, text: str, line: int) -> Iterator[tuple[int, str]]:
    """The lines of a value of the file; a block's begin below its key."""
    if not text or not line:
        return
    opened = document.text.splitlines()[line - 1].rstrip()
    first = line + 1 if re.search(r"[|>][+-]?\d*$", opened) else line
    yield from enumerate(text.splitlines(), first)
