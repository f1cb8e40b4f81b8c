"""The project itself: name, version, route, changelog, Pythons, tests, files."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.utils import InvalidName, canonicalize_name

from towpath import errors
from towpath.adopt import tested
from towpath.bump.promoted import changelog_path
from towpath.changelog import sections
from towpath.doctor.nouns import Finding, Severity, Unasked, Well, advice, problem, unasked
from towpath.evidence.store import Store
from towpath.repository.git import Git
from towpath.versions import places
from towpath.versions.texts import decoded
from towpath.walk.routes import route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.doctor.facts import Facts
    from towpath.doctor.nouns import Answer

_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")
_SHOWN = 5


def name(facts: Facts) -> Iterator[Answer]:
    """Whether an index takes the name at all; names that look like another's are known to PyPI alone."""
    from towpath.index.twin.names import why_prohibited

    said = facts.configuration.name
    try:
        normal = canonicalize_name(said, validate=True)
    except InvalidName:
        yield problem(errors.NAME_INVALID, name=said)
        return
    why = why_prohibited(said)
    listings = [facts.world.on(one.index).listing.answer for one in facts.publications]
    is_there = any(listing is not None and listing.known for listing in listings)
    if why and not is_there:
        yield problem(errors.NAME_PROHIBITED, name=said, why=why)
        return
    yield Well(said if said == normal else f"{said}, which indexes spell {normal}")


def version(facts: Facts) -> Iterator[Answer]:
    """Whether every place says the same version, and which index it goes to."""
    if facts.version.answer is None:
        yield from _again(facts)
        return
    found = facts.version.answer
    declared = [places.Declared(one.path, one.pattern) for one in facts.settings.bump.places]
    written = places.find_places(facts.root, declared=declared)
    wrong = places.out_of_step(written, found.version) if not found.tool else ()
    for one in wrong:
        yield problem_of(one)
    if not wrong:
        where = f"from git by {found.tool}" if found.tool else f"in {counted(len(written), 'place')}"
        yield Well(f"{found.version}, {where}")
    way = route(facts.pipeline.names, facts.configuration, str(found.version))
    if way.problem is not None:
        yield problem_of(way.problem)
    elif found.version.local:
        yield problem(errors.LOCAL_VERSION, version=found.version, index=way.name)
    else:
        yield Well(f"a {way.kind} version goes to {' and '.join(way.indexes)}")


def changelog(facts: Facts) -> Iterator[Answer]:
    """Whether there is a changelog that a bump and a release can read, and something to bump with."""
    path = changelog_path(facts.root, facts.settings.bump)
    if not path:
        yield advice(errors.NO_CHANGELOG)
        return
    data = places.Folder(facts.root).read(path)
    if data is None:
        yield problem(errors.NO_SUCH_CHANGELOG, path=path)
        return
    text = decoded(path, data).text
    entries, waiting = list(sections.entries(text)), sections.unreleased(text)
    if not entries and waiting is None:
        yield problem(errors.CHANGELOG_UNREADABLE, path=path)
    elif waiting is None:
        yield advice(errors.NO_UNRELEASED, path=path)
    else:
        yield Well(f"{path}, with {len(entries)} released and a section for what is unreleased")


def pythons(facts: Facts) -> Iterator[Answer]:
    """Whether requires-python is there and agrees with the classifiers."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    table = facts.configuration.pyproject.get("project", {})
    poetry = facts.configuration.pyproject.get("tool", {}).get("poetry", {})
    requires = table.get("requires-python")
    if requires is None and poetry.get("dependencies", {}).get("python"):
        yield Well(f"Python {poetry['dependencies']['python']}, of which Poetry derives the classifiers")
        return
    if requires is None and "requires-python" not in table.get("dynamic", ()):
        yield advice(errors.NO_REQUIRES_PYTHON)
        return
    try:
        allowed = SpecifierSet(str(requires))
    except InvalidSpecifier:
        yield Unasked(f"requires-python ({requires}) is computed, or is no specifier: the build will tell")
        return
    named = [found[1] for line in table.get("classifiers", ()) if (found := _CLASSIFIER.fullmatch(str(line)))]
    wrong = [one for one in named if not any(allowed.contains(f"{one}.{micro}") for micro in range(40))]
    if wrong:
        yield advice(errors.PYTHON_CLASSIFIERS, pythons=", ".join(wrong), requires=requires)
    else:
        yield Well(f"requires-python {requires}" + (f", classifiers from {named[0]}" if named else ""))


def tests(facts: Facts) -> Iterator[Answer]:
    """Whether there is any test to hold a release back, or a declaration that there is none."""
    chosen = facts.settings.test
    if chosen.tests == "none":
        yield Well(f"declared as none: {chosen.reason}")
        return
    if chosen.commands:
        yield Well(f"{counted(len(chosen.commands), 'command')} in [tool.towpath.test]")
        return
    told = tested.settings(facts.configuration.pyproject, facts.root)
    found = tested.test_files(told, facts.root, facts.listed)
    if not found and not told.reads_doctests:
        yield problem(errors.TESTS_NOT_FOUND)
    else:
        yield Well(
            f"{counted(len(found), 'file')} that pytest collects" if found else "doctests, by pytest's configuration"
        )


def files(facts: Facts) -> Iterator[Answer]:
    """Whether every module of the project's packages is one that git knows: a checkout has no other."""
    untracked = _modules(Git(facts.root)("ls-files", "-z", "--others", "--exclude-standard").split("\0"))
    if untracked:
        yield advice(errors.FILES_UNTRACKED, paths=_few(untracked))
    folders = sorted({str(PurePosixPath(path).parent) for path in facts.listed if path.endswith("/__init__.py")})
    options = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *folders)
    ignored = _modules(Git(facts.root)(*options).split("\0")) if folders else []
    ours = [path for path in ignored if not _is_generated(path, facts)]
    if ours:
        yield advice(errors.MODULES_IGNORED, paths=_few(ours))
    if not untracked and not ours:
        yield Well("git knows every module")


def dist(facts: Facts) -> Iterator[Answer]:
    """Whether dist/ holds nothing but what was sealed; anything else closes build."""
    folder = facts.root / "dist"
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    found = facts.version.get().version
    _, sealed = Store(facts.root / ".towpath", str(found)).manifest()
    known = {file.filename for file in sealed} | {".gitignore"}
    foreign = [one for one in there if one not in known]
    for one in foreign:
        yield problem(errors.FILE_FOREIGN, file=f"dist/{one}")
    if not foreign:
        yield Well(counted(len(there), "sealed file") if there else "empty")


def counted(count: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {what}" + ("" if count == 1 else "s")


def problem_of(known: errors.Problem) -> Answer:
    """A problem of the catalogue as a finding."""
    return Finding(Severity.PROBLEM, known)


def _again(facts: Facts) -> Iterator[Answer]:
    """What keeps the version from being read, with all that the reader says of it."""
    from towpath.gates.chosen import current

    try:
        current(facts.repository, facts.settings.tag.format)
    except errors.TowpathError as error:
        yield from map(problem_of, error.problems)
        return
    raise unasked(facts.version.why)


def _modules(paths: Iterable[str]) -> list[str]:
    return sorted(path for path in paths if path.endswith(".py") and "__pycache__" not in path)


def _is_generated(path: str, facts: Facts) -> bool:
    found = facts.version.answer
    by_tool = found is not None and bool(found.tool) and PurePosixPath(path).name in places.MODULE_FILES
    return by_tool or any(fnmatch(path, pattern) for pattern in facts.settings.build.generated)


def _few(paths: list[str]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more
