"""The inspection of every distribution, before anything is sealed: all that is wrong with all files, together."""

from __future__ import annotations

import configparser
import hashlib
import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.credentials.forms import secrets_in
from towpath.distributions import checkers, forbidden, sources
from towpath.distributions.forbidden import Search
from towpath.gates import generated, last_release
from towpath.gates.tooling import children
from towpath.model import counted
from towpath.repository.state import committed
from towpath.repository.throwaway import throwaway_checkout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.config.sections import Build
    from towpath.distributions.forbidden import Found
    from towpath.distributions.sources import Comparison
    from towpath.errors import Problem
    from towpath.gates.gate import Workspace

BASELINE = ".secrets.baseline"
_SHOWN = 10
# Where check-wheel-contents looks besides pyproject.toml, in its order: check_wheel_contents/config.py.
_SECTIONS = (
    ("tox.ini", "check-wheel-contents"),
    ("setup.cfg", "tool:check-wheel-contents"),
    ("check-wheel-contents.cfg", "check-wheel-contents"),
    (".check-wheel-contents.cfg", "check-wheel-contents"),
)
_PYPI = frozenset({"pypi", "testpypi"})


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an inspection that found nothing wrong has to tell."""

    notes: tuple[str, ...]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Commit:
    """What the files are held against: a checkout of the commit, and the sha256 of its code by path.

    `accepted` are the sha256 of files whose secrets are declared to be none.
    """

    folder: Path
    tree: Mapping[str, str]
    accepted: frozenset[str]


@dataclass(slots=True)
class _Report:
    """What is collected while the files are looked at."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


def inspect(workspace: Workspace, paths: Sequence[Path]) -> Inspected:
    """Look at every file with `twine check --strict`, check-wheel-contents, PyPI's rules, and our own.

    Raises twine-refuses, wheel-contents, pypi-refuses, platform-refused, record-wrong, never-belongs, module-differs,
    module-foreign, module-left-out and damaged-distribution, all together. What configuration leaves out is told.
    """
    report = _Report()
    with throwaway_checkout(workspace.repository, workspace.repository.head) as checkout:
        commit = _commit(checkout / workspace.repository.prefix)
        wheels = [path for path in paths if path.suffix == ".whl" and zipfile.is_zipfile(path)]
        with ThreadPoolExecutor(max_workers=1) as pool:
            contents = pool.submit(checkers.wheel_complaints, wheels, commit.folder, children(workspace))
            for path in paths:
                _collected(report, workspace, path, commit)
            try:
                found = contents.result() if wheels else {}
            except errors.TowpathError as error:
                found, report.problems = {}, [*report.problems, *error.problems]
    report.problems += [problem for name, said in found.items() for problem in _complained(name, said)]
    if report.problems:
        raise errors.TowpathError(*report.problems)
    return _told(workspace, report, paths)


def _collected(report: _Report, workspace: Workspace, path: Path, commit: _Commit) -> None:
    """Everything about one file; one that cannot be read is a problem like the others."""
    try:
        report.problems += _refused(workspace, path)
        report.problems += _forbidden(report, workspace, path, commit)
        if path.suffix == ".whl":
            complaints = list(checkers.record_complaints(path))
            if complaints:
                what = ", ".join(complaints[:_SHOWN])
                report.problems.append(errors.RECORD_WRONG.problem(file=path.name, what=what))
            report.problems += _sources(report, workspace, path, commit)
    except errors.TowpathError as error:
        report.problems += error.problems


def _refused(workspace: Workspace, path: Path) -> Iterator[Problem]:
    """PyPI's rules where PyPI or TestPyPI is published to; an index of one's own may have others."""
    from towpath.index.rules import refusals

    for reason in checkers.twine_complaints(path):
        yield errors.TWINE_REFUSES.problem(file=path.name, reason=reason)
    if publishes_to_pypi(workspace):
        yield from (refusal(path, reason) for reason in refusals(path))


def _complained(file: str, complaints: Sequence[str]) -> Iterator[Problem]:
    """One problem for each check; the files that it names together."""
    by_check: dict[str, list[str]] = {}
    for one in complaints:
        head, *below = one.splitlines()
        by_check.setdefault(head.rstrip(":"), []).extend(line.strip() for line in below)
    for finding, names in by_check.items():
        named = f": {_listed(names)}" if names else ""
        yield errors.WHEEL_CONTENTS.problem(file=file, finding=finding + named, detail="\n".join(names))


def publishes_to_pypi(workspace: Workspace) -> bool:
    """Whether PyPI or TestPyPI is configured as an index; a rehearsal's twins answer as they do."""
    settings = workspace.settings
    names = {settings.publish.index, settings.publish_test.index}
    return workspace.rehearsing or bool(names & _PYPI)


def require_acceptable(workspace: Workspace, paths: Sequence[Path]) -> None:
    """Raise pypi-refuses or platform-refused where the real target is PyPI or TestPyPI and would not take a file.

    Asked again before anything is public: what was built for an index of one's own may be sent to PyPI by `--to`.
    """
    target = workspace.target
    if workspace.rehearsing or not {target.test_index.name, target.index.name} & _PYPI:
        return
    from towpath.index.rules import refusals

    problems = [refusal(path, reason) for path in paths for reason in refusals(path)]
    if problems:
        raise errors.TowpathError(*problems)


def refusal(path: Path, reason: str) -> Problem:
    """PyPI's words as a problem; those about a platform have a fix of their own."""
    kind = errors.PLATFORM_REFUSED if "unsupported platform tag" in reason else errors.PYPI_REFUSES
    return kind.problem(file=path.name, reason=reason)


def _forbidden(report: _Report, workspace: Workspace, path: Path, commit: _Commit) -> Iterator[Problem]:
    allowed = workspace.settings.build.allowed
    found: Found = forbidden.search(path, Search(secrets_in, commit.accepted, commit.tree, allowed))
    report.used |= found.used
    report.notes += [f"{path.name}: allowed {member} ({reason})" for member, reason in found.allowed]
    report.notes += [f"{path.name}: could not look into {member} ({why})" for member, why in found.closed]
    if found.forbidden:
        told = [f"{member} ({what})" for member, what in found.forbidden]
        count, members, detail = counted(len(told), "thing"), _listed(told), "\n".join(told)
        yield errors.NEVER_BELONGS.problem(file=path.name, count=count, members=members, detail=detail)


def _sources(report: _Report, workspace: Workspace, path: Path, commit: _Commit) -> Iterator[Problem]:
    settings: Build = workspace.settings.build
    known = (*settings.generated, *generated.by_configuration(workspace.configuration.pyproject, commit.folder))
    modules = {one: digest for one, digest in commit.tree.items() if one.endswith(".py")}
    found: Comparison = sources.compare(path, modules, generated=known, left_out=settings.left_out)
    kinds = (
        (errors.MODULE_DIFFERS, found.differing),
        (errors.MODULE_FOREIGN, found.extra),
        (errors.MODULE_LEFT_OUT, found.missing),
    )
    for kind, names in kinds:
        if names:
            count, detail = counted(len(names), "module"), "\n".join(names)
            yield kind.problem(file=path.name, count=count, modules=_listed(names), detail=detail)
    report.notes.append(_summary(path, found))
    report.facts[path.name] = {
        "same": found.same,
        "generated": list(found.generated),
        "left_out": [*found.left_out, *found.tests],
    }


def _summary(path: Path, found: Comparison) -> str:
    told = [f"{counted(found.same, 'module')} as in the commit, byte for byte"]
    for words, names in (
        ("generated", found.generated),
        ("left out as declared", found.left_out),
        ("tests left out", found.tests),
    ):
        told += [f"{words}: {_listed(names)}"] if names else []
    return f"{path.name}: {'; '.join(told)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _told(workspace: Workspace, report: _Report, paths: Sequence[Path]) -> Inspected:
    compared = last_release.compared(workspace, paths)
    rules = "PyPI's own rules, " if publishes_to_pypi(workspace) else ""
    ignored = _ignored(workspace)
    notes = [
        f"inspected: twine check --strict, check-wheel-contents, {rules}contents and sources",
        *([] if rules else ["not applied: PyPI's own rules, as neither index is PyPI's"]),
        *([f"check-wheel-contents is told to ignore {', '.join(ignored)}"] if ignored else []),
        *report.notes,
        *(f"allowed matches nothing: {one}" for one in workspace.settings.build.allowed if one not in report.used),
        *compared.notes,
    ]
    facts = {"sources": report.facts, "pypi_rules": bool(rules), "ignored": ignored, **compared.facts}
    return Inspected(tuple(notes), facts)


def _ignored(workspace: Workspace) -> list[str]:
    """What the project's configuration leaves out of check-wheel-contents, from the first file that has some."""
    table = workspace.configuration.pyproject.get("tool", {}).get("check-wheel-contents")
    if table is None:
        sections = (_section(workspace, *one) for one in _SECTIONS)
        table = next((one for one in sections if one is not None), {})
    given = {key: _words(value) for key, value in table.items()} if isinstance(table, dict) else {}
    selected = " ".join(given.get("select", ()))
    only = [f"all but {selected}" if selected else "all"] if "select" in given else []
    return [*given.get("ignore", ()), *only]


def _words(value: Any) -> list[str]:  # noqa: ANN401 - TOML holds anything
    words = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else ()
    return [str(one).strip() for one in words if one]


def _section(workspace: Workspace, name: str, section: str) -> dict[str, Any] | None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string((committed(workspace.repository, name) or b"").decode())
    except (configparser.Error, UnicodeDecodeError):
        return None  # not ours to report: the tool will
    return dict(parser.items(section)) if parser.has_section(section) else None


def _commit(folder: Path) -> _Commit:
    """The files of the checkout that are compared, and those whose secrets the project's baseline declares as none."""
    tree, declared = {}, _declared_secrets(folder)
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".git"]
        for path in (Path(parent, name) for name in names):
            known = path.relative_to(folder).as_posix()
            if (path.suffix in {".py", ".pth"} or known in declared) and path.is_file():
                tree[known] = hashlib.sha256(path.read_bytes()).hexdigest()
    return _Commit(folder, tree, frozenset(tree[name] for name in declared if name in tree))


def _declared_secrets(folder: Path) -> set[str]:
    """The files that the baseline of detect-secrets accepts; one that an audit called real is not."""
    try:
        known = json.loads((folder / BASELINE).read_text(encoding="utf-8"))
        results: dict[str, list[dict[str, Any]]] = known["results"]
        return {
            name.replace("\\", "/") for name, found in results.items() if not any(one.get("is_secret") for one in found)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()
