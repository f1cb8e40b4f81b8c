"""What the commit says of its own version: in every place where it is written, and in the changelog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from towpath.gates.gate import Workspace


def out_of_step(workspace: Workspace) -> tuple[errors.Problem, ...]:
    """A problem for each place that says another version than the one that is built, so also where a bump forgot one.

    What is sealed for this commit already is asked no more: a release that has begun can be finished.

    Raises:
        TowpathError: place-missing for each declared place that is not there.
    """
    from packaging.version import Version

    from towpath.versions import places

    declared = [places.Declared(one.path, one.pattern) for one in workspace.settings.bump.places]
    found = places.find_places(workspace.root, declared=declared)
    wrong = places.out_of_step(found, Version(workspace.subject.version))
    return () if wrong and workspace.store.kept(workspace.repository.head) else wrong


def unsaid(workspace: Workspace) -> errors.Problem | None:
    """The complaint about a changelog with entries of other versions and none, or an empty one, of this.

    Pre-releases need none, and neither does a project without a changelog, or with one that cannot be read: its notes
    come from the commits.
    """
    from packaging.version import Version

    from towpath.changelog import sections
    from towpath.versions.texts import decoded

    version, settings = workspace.subject.version, workspace.settings.bump
    path = workspace.root / settings.changelog if settings.changelog else sections.find(workspace.root)
    if Version(version).is_prerelease or path is None or not path.is_file():
        return None
    text = decoded(path.name, path.read_bytes()).text
    if sections.section(text, version) or next(sections.entries(text), None) is None:
        return None
    return errors.VERSION_UNSAID.problem(path=path.relative_to(workspace.root).as_posix(), version=version)
