"""Whether the workflows prove what they seem to prove: checks that can fail, conditions that mean what they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath import errors
from towpath.doctor.documents import ACTION
from towpath.doctor.nouns import Well, advice, problem, unasked
from towpath.doctor.safety import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.doctor.documents import Document, Job, Step
    from towpath.doctor.facts import Facts
    from towpath.doctor.nouns import Answer

_CHECKS = re.compile(
    r"\b(?:pytest|unittest|tox|nox|ruff|mypy|pyright|ty check|black|isort|flake8|pylint|bandit|safety|pip-audit|zizmor"
    r"|coverage|twine check|check-wheel-contents|invoke|run_tests\S*|make (?:test|lint|check)\w*)\b"
)
_SWALLOWED = re.compile(
    r"\|\|\s*(?:true\b|:(?=\s|$)|exit\s+0\b|echo\b)|;\s*(?:true|exit 0)\s*$"
    r"|\|\|\s*[({]\s*(?:echo|printf|true|:)(?=\s)(?!.*\bexit\s+[^0\s])[^\n]*|--exit-zero\b"
)
_ASKED = re.compile(r"^\s*if\b.*?(?=;|$)")
_ENDS_BADLY = re.compile(r"\b(?:exit|return)\s+(?!0\b)\S|\bfalse\b")
_AS_BOOLEAN = re.compile(
    r"github\.event\.inputs\.([\w-]+)\s*(?:==|!=)\s*(?:true|false)\b|(?:true|false)\s*(?:==|!=)\s*github\.event\.inputs\.([\w-]+)"
)
_BARE = re.compile(
    r"^\s*(?:\$\{\{\s*)?(!?)\s*github\.event\.inputs\.([\w-]+)\s*(?:\}\})?\s*$|!\s*github\.event\.inputs\.([\w-]+)"
)
_AS_TEXT = re.compile(r"(?<![\w.])inputs\.([\w-]+)\s*(?:==|!=)\s*'(?:true|false)'")
_HYPHEN = re.compile(r"contains\(\s*github\.ref(?:_name)?\s*,\s*'-'\s*\)")
_TESTS = re.compile(r"\b(?:pytest|unittest|tox|nox|run_tests\S*|make test\w*)\b")
_BUILDS = re.compile(
    r"\b(?:python -m build|uv build|poetry build|hatch build|pdm build|flit build|pip wheel|cibuildwheel)\b"
)


def gates(facts: Facts) -> Iterator[Answer]:
    """Whether every check that a workflow runs can fail."""
    found = False
    for document in facts.workflows():
        for job in document.jobs:
            for line, what in _swallowed(document, job):
                found = True
                yield problem(errors.GATE_CANNOT_FAIL, path=document.path, line=line, what=what)
    if not found:
        yield Well("no check's failure is swallowed")


def inputs(facts: Facts) -> Iterator[Answer]:
    """Whether inputs of a manual start are compared as what they are, and tags as the versions that they spell."""
    found = False
    for document in facts.workflows():
        for line, expression, why in _compared(document):
            found = True
            yield problem(errors.INPUT_AS_TEXT, path=document.path, line=line, expression=expression, why=why)
        for line, expression in _by_hyphen(document):
            found = True
            yield problem(errors.ROUTED_BY_HYPHEN, path=document.path, line=line, expression=expression)
    if not found:
        yield Well("none is compared as something else")


def checkouts(facts: Facts) -> Iterator[Answer]:
    """Whether jobs that build have the tags, where the version comes from them."""
    tool = facts.version.answer.tool if facts.version.answer else ""
    if facts.version.answer is None:
        raise unasked(facts.version.why)
    if not tool:
        yield Well("the version stands in a file")
        return
    found = False
    for document in facts.workflows():
        for job in document.jobs:
            checked_out = [step for step in job.steps if step.action == "actions/checkout"]
            shallow = checked_out and all(step.inputs.get("fetch-depth") != "0" for step in checked_out)
            if shallow and any(_BUILDS.search(f"{step.run} {step.action}") for step in job.steps):
                found = True
                yield problem(errors.CHECKOUT_SHALLOW, path=document.path, job=job.id, tool=tool)
    if not found:
        yield Well("every job that builds has the tags")


def gated(facts: Facts) -> Iterator[Answer]:
    """Whether jobs that publish wait for tests, and say it where there is nothing to publish."""
    found = False
    for document in facts.workflows():
        for job in document.jobs:
            if not job.uploads or document.generated:
                continue
            if not _is_gated(document, job):
                found = True
                yield advice(errors.PUBLISH_UNGATED, path=document.path, job=job.id)
            if any(step.action == ACTION and _skips(step) for step in job.steps):
                found = True
                yield advice(errors.EXISTING_SKIPPED, path=document.path, job=job.id)
    if not found:
        yield Well("every job that publishes waits for tests")


def _skips(step: Step) -> bool:
    return "true" in {step.inputs.get("skip-existing"), step.inputs.get("skip_existing")}


def _swallowed(document: Document, job: Job) -> Iterator[tuple[int, str]]:
    for step in job.steps:
        lax, lines = False, list(numbered(document, step.run, step.run_line))
        for place, (line, text) in enumerate(lines):
            lax = lax or bool(re.search(r"^\s*set \+e\b", text))
            if text.lstrip().startswith("#") or not _CHECKS.search(text):
                continue
            swallowed = _SWALLOWED.search(text)
            if swallowed:
                yield line, swallowed[0].strip()
            elif _is_only_asked([one for _, one in lines[place:]]):
                yield line, _ASKED.findall(text)[0].strip()
            elif lax:
                yield line, "set +e"
            elif step.tolerated:
                yield line, "continue-on-error: true"
            elif job.tolerated and not document.generated:  # ours is what comes after the release
                yield line, f"continue-on-error: true, of the whole job {job.id!r}"


def _is_only_asked(lines: list[str]) -> bool:
    """Whether the first line is an `if` about a check, nothing up to its `fi` ends badly, and no kept code after it."""
    asked = _ASKED.search(lines[0])
    if not asked or not _CHECKS.search(asked[0]):
        return False
    end = next((place for place, text in enumerate(lines) if re.search(r"(?:^|;)\s*fi\b", text)), len(lines))
    inside = any(_ENDS_BADLY.search(text.partition("#")[0]) for text in lines[: end + 1])
    return not inside and not any(re.search(r"\bexit\s+[\"']?\$", text) for text in lines[end:])


def _compared(document: Document) -> Iterator[tuple[int, str, str]]:
    booleans = {one.name for trigger in document.triggers for one in trigger.inputs if one.type == "boolean"}
    why = "in github.event.inputs every input is a text, and a text is neither true nor false"
    for line, text in enumerate(document.text.splitlines(), 1):
        if text.lstrip().startswith("#"):
            continue
        for found in _AS_BOOLEAN.finditer(text):
            yield line, found[0], why
        for found in _AS_TEXT.finditer(text):
            if found[1] in booleans:
                yield line, found[0], "an input of type boolean is no text"
    for job in document.jobs:
        for step in job.steps:
            bare = _BARE.search(step.condition)
            if bare and (bare[2] or bare[3]) in booleans:
                yield step.condition_line, step.condition, 'the text "false" counts as true'


def _by_hyphen(document: Document) -> Iterator[tuple[int, str]]:
    if not document.publishes:
        return
    for line, text in enumerate(document.text.splitlines(), 1):
        found = _HYPHEN.search(text)
        if found and not text.lstrip().startswith("#"):
            yield line, found[0]


def _is_gated(document: Document, job: Job) -> bool:
    """Whether it tests, or waits for a job that does, or for one of a workflow that is called, at whatever distance."""
    by_id = {one.id: one for one in document.jobs}
    waiting, seen = [job], {job.id}
    while waiting:
        one = waiting.pop()
        if one.calls or any(_TESTS.search(step.run) for step in one.steps):
            return True
        new = [by_id[need] for need in one.needs if need in by_id and need not in seen]
        seen.update(need.id for need in new)
        waiting += new
    return any(trigger.event == "workflow_run" for trigger in document.triggers)
