"""The repository's settings on the forge, against what the workflows need of them."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from towpath import errors
from towpath.doctor.nouns import Unasked, Well, advice, problem
from towpath.workflow.files import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.doctor.facts import Facts, Publication
    from towpath.doctor.nouns import Answer
    from towpath.forge.settings import Environment, RefRule, Ruleset

_UPLOAD_SECRET = re.compile(r"PYPI|TWINE|FLIT|POETRY|UV_PUBLISH|HATCH", re.IGNORECASE)
_KEEPS = frozenset({"deletion", "update", "non_fast_forward"})


def about(facts: Facts) -> Iterator[Answer]:
    """Whether the repository is there under that name, writable, and its default branch the one that is configured."""
    found, repository = facts.world.about.get(), _repository(facts)
    branch = facts.settings.workflow.branch
    if found.name.lower() != repository.lower():
        yield problem(errors.REPOSITORY_RENAMED, repository=repository, now=found.name, remote=facts.remote)
    if found.archived:
        yield problem(errors.REPOSITORY_ARCHIVED, repository=repository)
    if found.default_branch != branch:
        yield advice(errors.DEFAULT_BRANCH_DIFFERS, repository=repository, default=found.default_branch, branch=branch)
    else:
        yield Well(f"{found.name}, default branch {branch}")


def environments(facts: Facts) -> Iterator[Answer]:
    """Whether the environments of the jobs that publish are there, ask somebody, and let the release through."""
    known = {one.name.lower(): one for one in facts.world.environments.get()}
    if not any(document.publishes for document in facts.readable):
        yield Unasked("no workflow publishes, so that none is needed")
        return
    for publication in facts.publications:
        if not publication.environment:
            continue  # said among the workflows
        environment = known.get(publication.environment.lower())
        if environment is None:
            yield problem(
                errors.ENVIRONMENT_MISSING,
                environment=publication.environment,
                index=publication.index,
                **_where(facts),
            )
        else:
            yield from _environment(facts, publication, environment)


def tag_rules(facts: Facts) -> Iterator[Answer]:
    """Whether the tags are kept from being moved, and may be made by whoever releases."""
    tag, rulesets = _tag(facts), facts.world.tag_rules.get()
    about_tag = [one for one in rulesets if _is_about(one, f"refs/tags/{tag}")]
    barring = [one for one in about_tag if "creation" in one.restricts and one.bypass not in {"always", "exempt"}]
    page = facts.page("settings/rules")
    for one in barring:
        yield problem(errors.TAGS_BARRED, ruleset=one.name, tag=tag, page=page)
    if not any(one.restricts & _KEEPS for one in about_tag):
        yield advice(errors.TAGS_UNPROTECTED, tags=_pattern(facts), page=page)
    elif not barring:
        yield Well(f"{', '.join(one.name for one in about_tag)}: {tag} can be made, and not be moved")


def permissions(facts: Facts) -> Iterator[Answer]:
    """Whether Actions is on, and a token that no workflow limits may read only."""
    page = facts.page("settings/actions")
    if not facts.world.actions.get():
        yield problem(errors.ACTIONS_DISABLED, repository=_repository(facts), page=page)
    if facts.world.permissions.get() == "write":
        yield advice(errors.WORKFLOW_TOKEN_WRITES, repository=_repository(facts), page=page)
    else:
        yield Well("read, unless a workflow says more")


def secrets(facts: Facts) -> Iterator[Answer]:
    """Whether the secrets that the workflow needs are set, and no others are left for an upload."""
    page, of_repository = facts.page("settings/secrets/actions"), facts.world.secrets.get()
    of_environments = facts.world.environment_secrets.get()
    needed = {one.secret.upper(): one for one in facts.publications if one.secret}
    for publication in needed.values():
        there = (*of_repository, *of_environments.get(publication.environment, ()))
        if publication.secret.upper() not in {one.name.upper() for one in there}:
            yield problem(
                errors.SECRET_MISSING,
                what=f"the token for {publication.index}",
                secret=publication.secret,
                where=f"the repository or the environment {publication.environment!r}",
                page=page,
            )
    names = {one.name.upper() for one in of_repository}
    for gate, secret in _of_gates(facts):
        if secret.upper() not in names:
            what = f"a variable of {gate}"
            yield advice(errors.SECRET_MISSING, what=what, secret=secret, where="the repository", page=page)
    every = {one.name: one for one in (*of_repository, *(one for found in of_environments.values() for one in found))}
    wanted = {*needed, *(secret.upper() for _, secret in _of_gates(facts))}
    stale = [one for one in every.values() if _UPLOAD_SECRET.search(one.name) and one.name.upper() not in wanted]
    for one in stale:
        yield advice(errors.SECRET_STALE, secret=one.name, since=one.updated.partition("T")[0] or "once", page=page)
    if not stale:
        yield Well(f"{len(every)} secrets, none of them for an upload that needs none")


def _of_gates(facts: Facts) -> Iterator[tuple[str, str]]:
    """The secrets that the generated workflow hands to gates after the release; GITHUB_TOKEN is always there."""
    for gate in facts.pipeline if facts.release_workflow else ():
        yield from ((gate.name, name) for name in gate.variables if name != "GITHUB_TOKEN")


def immutable(facts: Facts) -> Iterator[Answer]:
    """Whether releases are immutable, which a release that is published by hand does not go with."""
    if "release" not in facts.settings.workflow.triggers or "github-release" not in facts.pipeline.names:
        yield Well("the files come before a release is published, so that it may be immutable or not")
    elif facts.world.immutable.get():
        yield problem(errors.IMMUTABLE_BY_HAND, repository=_repository(facts))
    elif facts.world.permissions.answer is None:  # 404 is the answer for no, and for a token that may not know
        yield Unasked("the forge says no, as it does to a token that may not know either")
    else:
        yield Well("releases are not immutable: files can be added to one that was published by hand")


def workflows(facts: Facts) -> Iterator[Answer]:
    """Whether the forge knows the workflows that publish, and runs them."""
    known = {one.path: one.state for one in facts.world.workflows.get()}
    ours = [document.path for document in facts.readable if document.publishes]
    if not ours:
        yield Unasked(f"no workflow in {FOLDER} publishes")
    for path in ours:
        state = known.get(path, "")
        if not state:
            yield advice(errors.WORKFLOW_NOT_THERE, path=path)
        elif state != "active":
            said = state.replace("_", " ")
            yield problem(errors.WORKFLOW_DISABLED, path=path, state=said, page=facts.page("actions"))
        else:
            yield Well(f"{path} is active")


def _environment(facts: Facts, publication: Publication, environment: Environment) -> Iterator[Answer]:
    facts_of = {"environment": environment.name, "index": publication.index, **_where(facts)}
    wrong = False
    if not environment.reviewers and publication.gate == "publish":
        wrong = True
        yield advice(errors.ENVIRONMENT_UNREVIEWED, **facts_of)
    if environment.rules is None:
        if publication.gate == "publish":
            wrong = True
            yield advice(errors.ENVIRONMENT_OPEN, **facts_of)
    else:
        allowed = ", ".join(f"{rule.kind} {rule.pattern}" for rule in environment.rules)
        for kind, ref in _refs(facts):
            if environment.protected_only and kind == "branch":
                wrong = True
                yield Unasked(f"{environment.name}: whether {ref} is among the protected branches that may use it")
            elif not _is_let_through(environment, kind, ref):
                wrong = True
                said = "protected branches" if environment.protected_only else allowed or "nothing"
                yield problem(errors.ENVIRONMENT_BARS, **facts_of, allowed=said, ref=f"the {kind} {ref}")
    if not wrong:
        yield Well(f"{environment.name}, with {environment.reviewers} required reviewers")


def _refs(facts: Facts) -> Iterator[tuple[str, str]]:
    """The refs that the job that publishes runs for, by the triggers that are configured."""
    triggers = facts.settings.workflow.triggers
    if "tag" in triggers or "release" in triggers:
        yield "tag", _tag(facts)
    if "dispatch" in triggers:
        yield "branch", facts.settings.workflow.branch


def _is_let_through(environment: Environment, kind: str, ref: str) -> bool:
    return any(rule.kind == kind and _fits(rule, ref) for rule in environment.rules or ())


def _fits(rule: RefRule, ref: str) -> bool:
    """By Ruby's File.fnmatch, as GitHub documents it: `*` goes no further than a slash."""
    return (
        rule.pattern.count("/") <= ref.count("/") and fnmatch.fnmatchcase(ref, rule.pattern) and _same_depth(rule, ref)
    )


def _same_depth(rule: RefRule, ref: str) -> bool:
    return "**" in rule.pattern or rule.pattern.count("/") == ref.count("/")


def _is_about(ruleset: Ruleset, ref: str) -> bool:
    included = any(one == "~ALL" or _ref_fits(one, ref) for one in ruleset.include)
    return included and not any(_ref_fits(one, ref) for one in ruleset.exclude)


def _ref_fits(pattern: str, ref: str) -> bool:
    return fnmatch.fnmatchcase(ref, pattern) and ("**" in pattern or pattern.count("/") == ref.count("/"))


def _repository(facts: Facts) -> str:
    return facts.forge.repository if facts.forge else ""


def _tag(facts: Facts) -> str:
    found = facts.version.answer
    return facts.settings.tag.format.format(version=found.version if found else "1.0.0")


def _pattern(facts: Facts) -> str:
    return facts.settings.tag.format.format(version="*")


def _where(facts: Facts) -> dict[str, str]:
    return {"page": facts.page("settings/environments"), "tags": _pattern(facts)}
