"""What a project is, found where it says so itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.adopt import publishers, tested
from towpath.adopt.copies import copies
from towpath.bump.promoted import changelog_path
from towpath.config import reading
from towpath.credentials.environment import without_credentials
from towpath.environments.interpreters import current as running
from towpath.environments.interpreters import is_present
from towpath.gates import dependencies, pythons
from towpath.gates.chosen import current, spelled_in, version_of
from towpath.gates.dependencies import Requirements
from towpath.gates.linters import Project, linters
from towpath.repository.git import Git, Repository
from towpath.versions import numbers, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from towpath.adopt.copies import Copy
    from towpath.adopt.publishers import Workflow
    from towpath.config.configuration import Configuration
    from towpath.gates.pythons import Declared

_USUAL_TAGS = "v{version}"
_BY_NAME = ("{name}-{version}", "{name}-v{version}", "{name}/{version}", "{name}/v{version}")
_TAG_SPELLINGS = (_USUAL_TAGS, "{version}", *_BY_NAME, "release-{version}", "release/{version}", "rel-{version}")
_RECENT = 30  # tags; older ones may be spelled by a habit that was given up


@dataclass(frozen=True, slots=True)
class Findings:
    """An existing project as it is.

    `version` is as it is spelled, and `version_from` where it stands or which tool takes it from git; `out_of_step` are
    the places that say another, and `copies` what looks like a place and is not known as one. `test_requirements` is
    the key of `[tool.towpath.test]` and the name of what declares pytest, where it is called neither after tests nor
    after development ("" otherwise). `linters` are commands with the reason; `required`, `optional` and `missing` are
    Pythons, `usable` those to list where others are too old for any tool. `default_branch` and `remote` are "" where
    git knows none.
    """

    configuration: Configuration
    repository: Repository
    backend: str
    version: str
    version_from: str
    version_places: tuple[str, ...]
    out_of_step: tuple[str, ...]
    copies: tuple[Copy, ...]
    changelog: str
    pytest: tested.Settings
    tests: tuple[str, ...]
    test_requirements: tuple[str, str]
    linters: tuple[tuple[str, str], ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    missing: tuple[str, ...]
    usable: tuple[str, ...]
    tag_format: str
    default_branch: str
    remote: str
    remote_url: str
    workflows: tuple[Workflow, ...]
    generated: bool

    @property
    def pyproject(self) -> Mapping[str, Any]:
        """The whole document."""
        return self.configuration.pyproject

    @property
    def has_tests(self) -> bool:
        """Whether there is anything that pytest would run, or a command of the project's own to run."""
        chosen = self.configuration.settings.test
        return bool(self.tests) or self.pytest.reads_doctests or bool(chosen.commands)

    @property
    def publisher(self) -> Workflow | None:
        """The hand-written workflow that publishes."""
        return publishers.registered(self.workflows)


def look(root: Path, environ: Mapping[str, str]) -> Findings:
    """Everything that can be known of the project in `root` without running anything of it.

    Raises what opening a repository, reading the configuration and reading the version raises, bad-hooks among them.
    """
    repository, configuration = Repository(root), reading.load(root)
    pyproject, settings = configuration.pyproject, configuration.settings
    tag_format = _tag_format(repository, configuration.name)
    version = current(repository, tag_format)
    found = places.find_places(root)
    number = numbers.parse(version.spelled, where="git")
    told = tested.settings(pyproject, root)
    project = Project(pyproject, root, repository.root, configuration.name)
    known = pythons.declared(pyproject, settings.python, running())
    asked = without_credentials(environ, settings.pass_environment)
    remote = _remote(repository)
    return Findings(
        configuration=configuration,
        repository=repository,
        backend=str(pyproject.get("build-system", {}).get("build-backend") or "setuptools"),
        version=version.spelled,
        version_from=version.tool or (version.place.path if version.place else ""),
        version_places=tuple(dict.fromkeys(place.path for place in found)),
        out_of_step=tuple(one.cause for one in places.out_of_step(found, number)),
        copies=() if version.tool else copies(root, _undeclared(root, configuration), found, number),
        changelog=changelog_path(root, settings.bump),
        pytest=told,
        tests=tested.test_files(told, root, _files(root)),
        test_requirements=_test_requirements(pyproject, root),
        linters=tuple((" ".join(one.command), one.because) for one in linters(project)),
        required=known.required,
        optional=known.optional,
        missing=tuple(name for name in known.required if not is_present(name, environ=asked)),
        usable=_usable(known, asked),
        tag_format=tag_format,
        default_branch=_default_branch(repository, remote),
        remote=remote,
        remote_url=(repository.remote_url(remote) or "") if remote else "",
        workflows=publishers.workflows(repository.root),
        generated=_has_generated(repository.root),
    )


def _undeclared(root: Path, configuration: Configuration) -> Iterable[str]:
    """The tracked files in which the project has declared no place."""
    declared = {one.path for one in configuration.settings.bump.places}
    return (path for path in _files(root, "--cached") if path not in declared)


def _files(root: Path, *which: str) -> tuple[str, ...]:
    """Every file that git tracks or would."""
    listed = Git(root)("ls-files", "-z", *(which or ("--cached", "--others", "--exclude-standard")))
    return tuple(sorted(path for path in listed.split("\0") if path))


def _test_requirements(pyproject: Mapping[str, Any], root: Path) -> tuple[str, str]:
    """What declares pytest where nobody would look for it."""
    usual = dependencies.found(pyproject, root, (*dependencies.TEST_NAMES, *dependencies.DEVELOPMENT_NAMES))
    place = dependencies.declaring(pyproject, root, "pytest")
    added = dependencies.for_tests(pyproject, root, runner="pytest") == usual | Requirements(lines=("pytest",))
    if place is None or not added or "pytest" in usual.lines:
        return "", ""
    kind, _, name = place.name.partition(" ")
    return {"group": ("groups", name), "extra": ("extras", name)}.get(kind, ("requirements", place.name))


def _usable(known: Declared, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The Pythons that are here, where the oldest is one on which no installation can be checked."""
    if not any(map(_is_ancient, known.required)):
        return ()
    return tuple(name for name in known.names if not _is_ancient(name) and is_present(name, environ=environ))


def _is_ancient(name: str) -> bool:
    """Older than 3.8: what asks an installed package, and uv, begin there."""
    return bool(re.fullmatch(r"2\.\d+|3\.[0-7]", name))


def _tag_format(repository: Repository, name: str) -> str:
    """How most of the newest tags are spelled; the usual way where none of them names a version."""
    options = ("--sort=-creatordate", f"--count={_RECENT}", "--format=%(refname:lstrip=2)", "refs/tags")
    tags = repository.git.lines("for-each-ref", *options)
    spellings = [one.replace("{name}", name) for one in _TAG_SPELLINGS]
    counts = {one: sum(_is_spelled(tag, one) for tag in tags) for one in spellings}
    return max(spellings, key=lambda one: counts[one])


def _is_spelled(tag: str, spelling: str) -> bool:
    # PEP 440 takes "v1.0" for a version, so that {version} alone would fit it, too
    number = spelled_in(tag, spelling)
    return number[:1].isdigit() and version_of(tag, spelling) is not None


def _remote(repository: Repository) -> str:
    names = repository.git.lines("remote")
    return "origin" if "origin" in names else next(iter(names), "")


def _default_branch(repository: Repository, remote: str) -> str:
    """The remote's default branch, else the one that is checked out."""
    try:
        named = repository.git.line("symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote or 'origin'}/HEAD")
    except errors.TowpathError:
        return repository.branch() or ""
    return named.partition("/")[2]


def _has_generated(top: Path) -> bool:
    folder = top / publishers.FOLDER
    texts: Iterable[str] = (path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("*.y*ml"))
    return any(publishers.is_generated(text) for text in texts)
