"""This machine: its tools, Pythons and clock, and the tokens that were left on it."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.credentials.environment import without_credentials
from towpath.credentials.logins import left_over, require_possible
from towpath.doctor.nouns import Unasked, Well, advice, problem
from towpath.doctor.project import problem_of
from towpath.environments.installer import uv
from towpath.environments.interpreters import current, find
from towpath.gates import pythons as declaring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.doctor.facts import Facts, Publication
    from towpath.doctor.nouns import Answer

# `git branch --show-current` and `%(trailers:key=…)` came with it.
_GIT = (2, 22)
_SKEW_SECONDS = 30.0  # the leeway of PyPI's check of identity tokens
_OTHERS = 0o077


def tools(facts: Facts) -> Iterator[Answer]:
    """git with an identity, nox, uv."""
    said = facts.repository.git.line("--version")
    found = re.search(r"(\d+)\.(\d+)", said)
    if found and (int(found[1]), int(found[2])) < _GIT:
        yield problem(errors.GIT_OLD, found=found[0], wanted=".".join(map(str, _GIT)))
    else:
        yield Well(said)
    try:
        facts.repository.git("var", "GIT_COMMITTER_IDENT")
    except errors.TowpathError:
        yield problem(errors.GIT_NO_IDENTITY)
    if uv(facts.environ) is None:
        yield advice(errors.UV_MISSING)
    else:
        yield Well("uv")
    try:
        yield Well(f"nox {version_of('nox')}")
    except PackageNotFoundError:  # it is a dependency of ours: there is nothing to mend but our installation
        yield Unasked("the version of nox is not known")


def pythons(facts: Facts) -> Iterator[Answer]:
    """Whether every Python that is required is on this machine."""
    known = declaring.declared(facts.configuration.pyproject, facts.settings.python, current())
    asked = without_credentials(facts.environ, facts.settings.pass_environment)
    wanted = [name for name in known.required if name not in facts.settings.missing_pythons]
    here = []
    for name in wanted:
        try:
            find(name, environ=asked)
            here.append(name)
        except errors.TowpathError as error:
            if facts.settings.fetch_pythons and error.problems[0].id == errors.PYTHON_NOT_FOUND.id:
                yield Well(f"{name} will be fetched by uv")
            else:
                yield from map(problem_of, error.problems)
    if here:
        yield Well(", ".join(here))
    for name, why in facts.settings.missing_pythons.items():
        yield Unasked(f"{name} may be missing: {why}")


def tokens(facts: Facts) -> Iterator[Answer]:
    """Whether tokens lie about, and those that are used fit their index."""
    found = False
    for one in facts.publications:
        for answer in _of_publication(facts, one):
            found = True
            yield answer
    pypirc = Path(facts.environ.get("HOME") or facts.environ.get("USERPROFILE") or str(Path.home()), ".pypirc")
    for answer in _of_pypirc(facts, pypirc):
        found = True
        yield answer
    if not found:
        yield Well("none was left in the environment or in ~/.pypirc")


def clock(facts: Facts) -> Iterator[Answer]:
    """Whether this machine's clock is that of the index, within the leeway of its tokens."""
    for one in facts.publications:
        listing = facts.world.on(one.index).listing
        if listing.answer is None:
            yield Unasked(f"{one.index}: {listing.why}")
        elif listing.answer.skew is None:
            yield Unasked(f"{one.index} does not say what time it is")
        elif abs(listing.answer.skew) > _SKEW_SECONDS:
            direction = "behind" if listing.answer.skew > 0 else "ahead of"
            yield advice(
                errors.CLOCK_OFF, seconds=round(abs(listing.answer.skew)), direction=direction, index=one.index
            )
        else:
            yield Well(f"within {max(2, round(abs(listing.answer.skew)))} s of {one.index}")


def _of_publication(facts: Facts, one: Publication) -> Iterator[Answer]:
    variable = one.address.token_variable
    if one.trusted:
        # Ours is used where no identity is offered, unless only that is allowed.
        for name in left_over(facts.environ, variable if one.address.credentials == "trusted" else ""):
            yield advice(errors.TOKEN_LEFT_HERE, where=name, index=one.index)
    token = facts.environ.get(variable, "")
    if not token:
        return
    try:
        if one.address.credentials in {"", "environment"}:
            require_possible(one.address, {variable: token})
    except errors.TowpathError as error:
        yield from map(problem_of, error.problems)


def _of_pypirc(facts: Facts, path: Path) -> Iterator[Answer]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    if not re.search(r"^\s*password\s*[=:]\s*\S", text, re.MULTILINE):
        return
    if sys.platform != "win32" and path.stat().st_mode & _OTHERS:
        yield advice(errors.TOKEN_READABLE, path="~/.pypirc")
    trusted = [one.index for one in facts.publications if one.trusted]
    if trusted and not any(one.address.credentials == "pypirc" for one in facts.publications):
        yield advice(errors.TOKEN_LEFT_HERE, where="~/.pypirc", index=" and ".join(trusted))
