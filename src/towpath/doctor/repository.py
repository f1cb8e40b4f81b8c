"""The repository: its remote, the branch, the tags; and what the remote has of them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from towpath import errors
from towpath.doctor.nouns import Well, advice, problem, unasked
from towpath.gates.chosen import version_of
from towpath.repository.state import is_ancestor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.doctor.facts import Facts
    from towpath.doctor.nouns import Answer

_RECENT = 10  # tags


def remote(facts: Facts) -> Iterator[Answer]:
    """Whether there is a remote to push to, and a forge to make the release on."""
    if not facts.remote_url:
        yield problem(errors.NO_REMOTE, remote=facts.remote)
    if facts.forge is None and "github-release" in facts.pipeline.names:
        yield problem(errors.NO_FORGE)
    elif facts.forge is not None and facts.remote_url:
        yield Well(f"{facts.remote} is {facts.forge.repository}")
    elif facts.remote_url:
        yield Well(f"{facts.remote} is there; the pipeline makes no release on a forge")


def branch(facts: Facts) -> Iterator[Answer]:
    """Whether the branches that are configured exist, and HEAD is on one of them."""
    settings, current = facts.settings, facts.repository.branch()
    known = _branches(facts)
    missing = False
    for where, name in (("[tool.towpath.workflow] branch", settings.workflow.branch), ("bump", settings.bump.branch)):
        if name and not any(fnmatchcase(one, name) for one in known):
            missing = True
            said = where if "[" in where else "[tool.towpath.bump] branch"
            yield problem(errors.RELEASE_BRANCH_MISSING, branch=name, remote=facts.remote, where=said)
    wanted = settings.tag.branches or ((settings.bump.branch or settings.workflow.branch),)
    on_it = current is not None and any(fnmatchcase(current, pattern) for pattern in wanted)
    if not on_it and not missing:
        where = f"the branch {current}" if current else "no branch (HEAD is detached)"
        yield advice(errors.BRANCH_ELSEWHERE, current=where, wanted=" or ".join(wanted))
    elif on_it:
        yield Well(f"on {current}")


def tags(facts: Facts) -> Iterator[Answer]:
    """Whether the tags that are there are spelled as configured."""
    spelled, repository = facts.settings.tag.format, facts.repository
    options = ("--sort=-creatordate", f"--count={_RECENT}", "--format=%(refname:lstrip=2)", "refs/tags")
    newest = repository.git.lines("for-each-ref", *options)
    about = [tag for tag in newest if any(char.isdigit() for char in tag)]
    if about and not any(version_of(tag, spelled) for tag in about):
        yield advice(errors.TAGS_SPELLED_OTHERWISE, tags=", ".join(about[:3]), format=spelled)
    elif about:
        yield Well(f"{about[0]} is spelled {spelled}" if version_of(about[0], spelled) else f"spelled {spelled}")
    else:
        yield Well(f"none yet; they will be spelled {spelled}")


def pushed(facts: Facts) -> Iterator[Answer]:
    """Whether the remote answers, has nothing that is not here, and has seen the tag of this version."""
    refs, repository = facts.world.refs.get(), facts.repository
    current = repository.branch() or ""
    commit = refs.get(f"refs/heads/{current}", "")
    if commit and not is_ancestor(repository, commit):
        yield problem(errors.BEHIND_REMOTE, remote=facts.remote, branch=current, commit=commit[:12])
    else:
        yield Well(f"{facts.remote} answers, and has nothing of {current} that is not here" if commit else "it answers")
    if facts.version.answer is None:
        raise unasked(facts.version.why)
    tag = facts.settings.tag.format.format(version=facts.version.answer.version)
    if repository.tag_commit(tag) and f"refs/tags/{tag}" not in refs:
        yield advice(errors.TAG_NOT_PUSHED, tag=tag, remote=facts.remote)


def _branches(facts: Facts) -> set[str]:
    """Every branch here, and of the remote as far as it was fetched or has answered."""
    heads = facts.repository.git.lines("for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes")
    prefixes = ("refs/heads/", f"refs/remotes/{facts.remote}/")
    asked = list((facts.world.refs.answer or {}).keys())
    return {ref.removeprefix(start) for ref in (*heads, *asked) for start in prefixes if ref.startswith(start)}
