"""Asking the world about a version: the remote's tags, the indexes, the forge. What does not answer says why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath import errors
from towpath.repository.state import remote_refs
from towpath.walk.standing import Held, closing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.version import Version

    from towpath.config.configuration import Configuration
    from towpath.forge.releases import Release
    from towpath.model import ForgeAddress, IndexAddress
    from towpath.repository.git import Repository
    from towpath.walk.routes import Route


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tag here and on the remote: the commits that they lead to, "" where there is none.

    `unknown` is why the remote could not be asked.
    """

    name: str
    remote: str
    here: str = ""
    there: str = ""
    kind_here: str = ""
    kind_there: str = ""
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class OnForge:
    """The forge's release: none, draft or published; `held` are its files."""

    held: Held
    state: str = "none"
    page: str = ""
    immutable: bool = False
    prerelease: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about, and by whom."""

    root: Path
    repository: Repository
    configuration: Configuration
    version: Version
    route: Route
    tag: str
    environ: Mapping[str, str]
    is_current: bool
    gates: tuple[str, ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True)
class InCI:
    """The run that publishes this version: what it does in words ("" for none), and what to do about one that failed.

    `by_ci` is whether a workflow publishes at all.
    """

    words: str = ""
    next_command: str = ""
    under_way: bool = False
    by_ci: bool = False


def addresses(asked: Asked) -> tuple[IndexAddress, ...]:
    """The test index, and the index of the route."""
    test = asked.configuration.settings.publish_test.index
    return tuple(asked.configuration.index(name) for name in dict.fromkeys((test, asked.route.index)))


def tagged(asked: Asked) -> Tagged:
    """The tag here and on the remote."""
    repository, name, remote = asked.repository, asked.tag, asked.configuration.settings.tag.remote
    here = repository.tag_commit(name) or ""
    kind = "" if not here else "annotated" if repository.is_annotated(name) else "light"
    where = repository.remote_url(remote)
    if where is None:
        return Tagged(name, remote, here, kind_here=kind, unknown=f"there is no remote {remote}")
    ref = f"refs/tags/{name}"
    try:
        refs = remote_refs(repository, where, [ref, f"{ref}^{{}}"])
    except errors.TowpathError as error:
        last = (error.problems[0].detail.splitlines() or [error.problems[0].cause])[-1]
        return Tagged(name, remote, here, kind_here=kind, unknown=last)
    there = refs.get(f"{ref}^{{}}", refs.get(ref, ""))
    kind_there = "" if not there else "annotated" if there != refs[ref] else "light"
    return Tagged(name, remote, here, there, kind, kind_there)


def held_by(asked: Asked, address: IndexAddress) -> Held:
    """What an index has of the version."""
    from towpath.index.client import IndexClient, by_version

    on_route = address.name in asked.route.indexes
    try:
        with IndexClient(address, loopback_only=False) as client:
            listing = client.listing(asked.configuration.name)
    except errors.TowpathError as error:
        return Held(address.name, unknown=error.problems[0].cause, on_route=on_route)
    files = tuple(sorted(by_version(listing.files.values()).get(asked.version, ()), key=lambda file: file.filename))
    # Only PyPI's own software says a serial, and only it has the rule.
    closes = closing(files) if listing.serial is not None else None
    return Held(address.name, files, on_route=on_route, closes=closes)


def in_ci(asked: Asked, commit: str) -> InCI:
    """The run for this commit, where a workflow publishes; one that cannot be asked is told as such."""
    from towpath.forge.actions import Actions
    from towpath.walk.following import failing, look_for, words
    from towpath.walk.in_ci import About, decide

    settings = asked.configuration.settings
    about = About(
        asked.gates, asked.configuration, asked.repository, str(asked.version), asked.tag, asked.environ, asked.to
    )
    decided = decide(about).by_ci
    address = asked.configuration.forge(asked.repository.remote_url(settings.tag.remote))
    if decided is None or address is None or not commit:
        return InCI(by_ci=decided is not None)
    token = asked.environ.get("GITHUB_TOKEN") or asked.environ.get("GH_TOKEN")
    try:
        with Actions(address, token, loopback_only=False) as actions:
            found = look_for(actions, decided, commit, asked.tag, settings.workflow.branch)
            if found is None:
                return InCI(by_ci=True)
            run = found.run
            if not run.ended:
                return InCI(f"{words(actions, run)}  {run.page}", under_way=True, by_ci=True)
    except errors.TowpathError as error:
        return InCI(f"could not be asked: {error.problems[0].cause}", by_ci=True)
    if run.succeeded:
        return InCI(f"ended well{', and published nothing' if found.idle else ''}  {run.page}", by_ci=True)
    said = f"ended as {run.conclusion}: {failing(found.jobs)}  {run.page}"
    return InCI(said, f"gh run rerun {run.id} --failed", by_ci=True)


def on_forge(asked: Asked, *, on_route: bool) -> OnForge:
    """The forge's release of the tag; a draft only where a token is given."""
    from towpath.forge.client import GitHub

    settings = asked.configuration.settings
    address = asked.configuration.forge(asked.repository.remote_url(settings.tag.remote))
    if address is None:
        return OnForge(Held("", on_route=False))
    token = asked.environ.get("GITHUB_TOKEN") or asked.environ.get("GH_TOKEN")
    try:
        with GitHub(address, token, loopback_only=False) as forge:
            found = forge.release(asked.tag)
    except errors.TowpathError as error:
        return OnForge(Held(address.repository, unknown=error.problems[0].cause, on_route=on_route))
    return _release(found, address, asked, on_route=on_route)


def _release(found: Release | None, address: ForgeAddress, asked: Asked, *, on_route: bool) -> OnForge:
    from towpath.index.client import IndexFile, by_version

    if found is None:
        return OnForge(Held(address.repository, on_route=on_route))
    assets = [IndexFile(asset.name, "", asset.sha256 or "") for asset in found.assets if asset.is_whole]
    files = tuple(sorted(by_version(assets).get(asked.version, ()), key=lambda file: file.filename))
    state = "draft" if found.is_draft else "published"
    held = Held(address.repository, files, on_route=on_route)
    return OnForge(held, state, found.page, found.is_immutable, found.is_prerelease)
