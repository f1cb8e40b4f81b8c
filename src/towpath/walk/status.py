"""The state of a version in the world, read afresh: places, changelog, tags, indexes, forge. It changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump.ledger import Entry, entries_of, text_of
from towpath.bump.promoted import changelog_path
from towpath.config import reading
from towpath.evidence.store import FOLDER, Store
from towpath.gates.chosen import current, version_of
from towpath.model import counted
from towpath.repository import history
from towpath.repository.git import Repository
from towpath.repository.state import is_ancestor
from towpath.versions import numbers
from towpath.versions.past import Past, means
from towpath.versions.places import Declared, Folder
from towpath.walk.asking import Asked, InCI, OnForge, Tagged, addresses, held_by, in_ci, on_forge, tagged
from towpath.walk.routes import route
from towpath.walk.standing import TROUBLE, Facts, Held, Level, Standing, next_command, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from towpath.model import Distribution

_GATES = ("publish-test", "publish", "verify-published", "github-release")


@dataclass(frozen=True, slots=True)
class Written:
    """A place where the version stands, and whether it is this one."""

    path: str
    line: int
    value: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class Status:
    """All of it. `wanted` are the files that should be there (name → sha256), and `wanted_from` is how that is known.

    `levels` says of each index and of the forge how much of them it holds.
    """

    project: str
    version: str
    kind: str
    indexes: tuple[str, ...]
    head: str
    commit: str
    clean: bool
    places: tuple[Written, ...]
    changelog: str
    entry: Entry
    tag: Tagged
    sealed: tuple[Distribution, ...]
    wanted: Mapping[str, str]
    wanted_from: str
    held: tuple[Held, ...]
    forge: OnForge
    levels: Mapping[str, Level]
    standing: Standing
    next_command: str
    closes: datetime | None
    remarks: tuple[str, ...]
    run: str = ""

    @property
    def troubled(self) -> bool:
        """Whether somebody has to look: it contradicts itself, is closed half-way, or is not known."""
        return self.standing in TROUBLE


def status(
    root: Path, environ: Mapping[str, str], version: str = "", gates: Iterable[str] = _GATES, *, to: str = ""
) -> Status:
    """Ask everything that knows of a version, side by side; of the one that is there now if "".

    `gates` are the pipeline's: without github-release no release of the forge is missed. `to` is the index of another
    route than the version's own.

    Raises:
        TowpathError: bad-version, and what reading the project raises. What does not answer raises nothing: that part
            is unknown, and says why.
    """
    asked = _asked(root, environ, version, tuple(gates), to)
    with ThreadPoolExecutor(6) as pool:
        refs = pool.submit(tagged, asked)
        indexes = [pool.submit(held_by, asked, address) for address in addresses(asked)]
        forge = pool.submit(on_forge, asked, on_route="github-release" in tuple(gates))
        tag = refs.result()
        local = _local(asked, tag)
        local = replace(local, run=in_ci(asked, local.commit))
        return _judged(asked, tag, tuple(one.result() for one in indexes), forge.result(), local)


def _asked(root: Path, environ: Mapping[str, str], version: str, gates: tuple[str, ...], to: str) -> Asked:
    repository, configuration = Repository(root), reading.load(root)
    tag_format = configuration.settings.tag.format
    now = current(repository, tag_format)
    wanted = numbers.parse(version, where="--version") if version else now.version
    tag = tag_format.format(version=wanted)
    if repository.tag_commit(tag) is None:
        spelled = [name for name in repository.tags() if version_of(name, tag_format) == wanted]
        tag = next(iter(spelled), tag)
    found = route(gates, configuration, str(wanted), to)
    is_current = wanted == now.version and now.decided
    return Asked(root, repository, configuration, wanted, found, tag, environ, is_current, gates, to)


@dataclass(frozen=True, slots=True)
class _Local:
    """What is known without a network, and then of the run in CI for this commit."""

    clean: bool
    places: tuple[Written, ...]
    changelog: str
    entry: Entry
    sealed: tuple[Distribution, ...]
    commit: str
    proven: bool
    verified: bool
    bumped: bool
    taken_over: bool
    run: InCI = field(default_factory=InCI)


def _local(asked: Asked, tag: Tagged) -> _Local:
    repository, configuration = asked.repository, asked.configuration
    store = Store(asked.root / FOLDER, str(asked.version))
    sealed_commit, sealed = store.manifest()
    commit = _commit(asked, tag, sealed_commit)
    path = changelog_path(repository.folder, configuration.settings.bump)
    entries = entries_of(text_of(Folder(repository.folder), path))
    return _Local(
        clean=repository.working_tree() == repository.head_tree,
        places=_places(asked, tag.here),
        changelog=path,
        entry=entries.get(asked.version, Entry()),
        sealed=sealed if sealed_commit == commit else (),
        commit=commit,
        proven=_passed(store, "verify-install", commit),
        verified=_passed(store, "verify-published", commit, asked.route.name),
        bumped=asked.is_current,
        taken_over=bool(store.origins()),
    )


def _commit(asked: Asked, tag: Tagged, sealed: str) -> str:
    """The commit of the version: its tag's, else HEAD; a tag that only the remote has counts if HEAD came after it."""
    if tag.here or not asked.is_current:
        return tag.here or tag.there or sealed
    return tag.there if tag.there and is_ancestor(asked.repository, tag.there) else asked.repository.head


def _passed(store: Store, gate: str, commit: str, target: str = "") -> bool:
    """Whether every record of a gate is about this commit, and passed."""
    folder = store.folder / store.version / target
    names = [path.name for path in folder.glob(f"{gate}*.json") if not path.name.endswith(".again.json")]
    try:
        found = [store.load(f"{target}/{name}" if target else name) for name in names]
    except errors.TowpathError:
        return False
    return bool(found) and all(one is not None and one.record.passed and one.record.commit == commit for one in found)


def _places(asked: Asked, at_tag: str) -> tuple[Written, ...]:
    """In the folder for the version that is there now, else at its tag."""
    declared = [Declared(place.path, place.pattern) for place in asked.configuration.settings.bump.places]
    past = Past(asked.configuration.name, declared)
    if asked.is_current:
        found = past.places(Folder(asked.repository.folder))
    elif at_tag:
        with history.opened(asked.repository) as objects:
            found = past.places(objects.tree(at_tag, asked.repository.prefix))
    else:
        return ()
    return tuple(
        Written(one.path, one.line, " ".join(one.value.split()), means(one, asked.version)) for one in found.places
    )


def _judged(asked: Asked, tag: Tagged, held: tuple[Held, ...], forge: OnForge, local: _Local) -> Status:
    wanted, wanted_from = _wanted(local, forge)
    differs = any(one.level(wanted) is Level.WRONG for one in (*held, forge.held))
    if differs and local.run.by_ci and not local.taken_over:
        wanted, wanted_from = {}, ""  # CI has built files of its own: what it sealed is not known here yet
    test = asked.configuration.settings.publish_test.index
    levels = {one.name: one.level(wanted) for one in held}
    levels["forge"] = _forge_level(forge, wanted)
    by_name = {one.name: one for one in held}
    last = by_name[asked.route.name] if asked.route.name in by_name else held[-1]
    commit = local.commit
    closes = last.closes if levels[last.name] is Level.PART else None
    facts = Facts(
        commit=commit,
        tag_here=tag.here,
        tag_there=tag.there,
        tag_unknown=bool(tag.unknown),
        test=levels[test],
        index=levels[asked.route.index],
        forge=levels["forge"],
        yanked=last.yanked,
        bumped=local.bumped,
        proven=local.proven,
        verified=local.verified,
        closed=closes is not None and closes <= datetime.now(timezone.utc),
    )
    standing, head = standing_of(facts), asked.repository.head
    return Status(
        project=asked.configuration.name,
        version=str(asked.version),
        kind=asked.route.kind,
        indexes=asked.route.indexes,
        head=head,
        commit=commit,
        clean=local.clean,
        places=local.places,
        changelog=local.changelog,
        entry=local.entry,
        tag=tag,
        sealed=local.sealed,
        wanted=wanted,
        wanted_from=wanted_from,
        held=held,
        forge=forge,
        levels=levels,
        standing=standing,
        next_command=_next(asked, standing, commit, tag, local.run),
        closes=closes,
        remarks=tuple(_remarks(asked, tag, held, local)),
        run=local.run.words,
    )


def _next(asked: Asked, standing: Standing, commit: str, tag: Tagged, run: InCI) -> str:
    """What to do about a run that failed comes first; the release's own command follows one that is under way."""
    at_head = asked.repository.head == commit
    done = standing in {Standing.RELEASED, Standing.WITHDRAWN, *TROUBLE}
    if run.next_command and not done:
        return run.next_command
    usual = next_command(standing, to=asked.route.name, at_head=at_head, tag=tag.name, fetched=bool(tag.here))
    following = run.under_way and at_head and not done
    command = f"nox -s release -- --to {asked.route.name}" if following else usual
    return errors.respelled(command, asked.configuration.settings.prefix)


def _wanted(local: _Local, forge: OnForge) -> tuple[Mapping[str, str], str]:
    """What was sealed here; else what the published release of the forge has, which holds all files."""
    if local.sealed:
        return {file.filename: file.sha256 for file in local.sealed}, "sealed here"
    files = forge.held.files if forge.state == "published" else ()
    if files and all(file.sha256 for file in files):
        return {file.filename: file.sha256 for file in files}, "as the forge's release has them"
    return {}, ""


def _forge_level(forge: OnForge, wanted: Mapping[str, str]) -> Level:
    level = forge.held.level(wanted)
    # A draft is seen by nobody, and a release may be made without files.
    if level in {Level.ALL, Level.UNSURE} and forge.state == "draft":
        return Level.PART
    return Level.PART if level is Level.NONE and forge.state != "none" else level


def _remarks(asked: Asked, tag: Tagged, held: tuple[Held, ...], local: _Local) -> Iterable[str]:
    for one in held:
        if not one.on_route and one.files:
            files = counted(len(one.files), "file")
            yield f"{one.name} has {files}, and is not on the route of a {asked.route.kind} version"
    if asked.route.problem is not None:
        yield asked.route.problem.cause
    if not local.clean:
        yield "the folder holds uncommitted work, which is part of no version"
    if local.commit and asked.is_current and local.commit != asked.repository.head:
        yield f"HEAD has moved on since {tag.name}, and no bump has been made yet"
    wrong = [one for one in local.places if not one.agrees]
    if wrong:
        yield "another version is written in " + ", ".join(f"{one.path}, line {one.line}" for one in wrong)
