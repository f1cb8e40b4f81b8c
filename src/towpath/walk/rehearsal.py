"""The world of a rehearsal: a throw-away clone with a bare remote, two twins, a forge double. No credential is read."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
import tempfile
import threading
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.bump import writing
from towpath.bump.promoted import changelog_path
from towpath.bump.propose import Source, Wish, next_version, propose, tag_for
from towpath.config import reading
from towpath.credentials import trusted
from towpath.evidence.store import FOLDER
from towpath.gates.chosen import current
from towpath.model import IndexAddress, Target
from towpath.repository import throwaway
from towpath.repository.git import Repository
from towpath.versions.texts import Folder
from towpath.walk.world import World, open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from towpath.config.configuration import Configuration
    from towpath.config.sections import Settings
    from towpath.gates.gate import Workspace
    from towpath.index.twin import Twin

# What the doubles are made of: it takes as long to load as git takes to clone, and is loaded meanwhile.
_OF_DOUBLES = (
    "towpath.forge.double",
    "towpath.index.twin.issuer",
    "towpath.index.twin.oidc",
    "towpath.index.twin.app",
    "towpath.index.twin.serving",
    "towpath.index.twin.server",
    "jwt",
)
_SWITCH_SECONDS = 0.0005  # loading must not keep waiting whoever waits for git, time and again
_STAND_IN = "rehearsal/project"  # the repository's name on the forge double where the real one is not known


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A world that is thrown away: its workspace, what children are told, and the credentials that it issued."""

    workspace: Workspace
    world_file: Path
    scratch: Path
    credentials: Mapping[str, Mapping[str, str]]
    remarks: tuple[str, ...]


@contextmanager
def rehearsal(root: Path, environ: Mapping[str, str], *, part: str = "") -> Iterator[Rehearsal]:
    """A rehearsal's world, as long as the block lasts.

    Raises what opening the project raises, bad-part, and detached-head where a bump would have to be pushed without
    a branch.
    """
    with ExitStack() as stack:
        with _loaded() as doubles:  # never two threads at once in the same modules, which may import in a circle
            source = Repository(root)
            settings = reading.load(root).settings
            folder = _temporary(stack)
            cloned, remarks = _clone(source, folder, part, settings)
        target, credentials = _doubles(stack, folder, cloned, reading.load(cloned.folder), doubles.key)
        world = World(str(root / FOLDER), target)
        world_file = folder / "world.json"
        world.write(world_file)
        scratch = folder / "outcomes"
        scratch.mkdir()
        workspace = open_workspace(cloned.folder, environ, world=world)
        yield Rehearsal(workspace, world_file, scratch, credentials, remarks)


class _Doubles(threading.Thread):
    """Loads what the doubles are made of, and makes the key that the token service signs with."""

    key: RSAPrivateKey | None = None

    def run(self) -> None:
        for name in _OF_DOUBLES:
            importlib.import_module(name)
        from towpath.index.twin.issuer import new_key

        self.key = new_key()


@contextmanager
def _loaded() -> Iterator[_Doubles]:
    """Load all that while the block runs."""
    doubles, interval = _Doubles(), sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_SECONDS)
    doubles.start()
    try:
        yield doubles
    finally:
        doubles.join()
        sys.setswitchinterval(interval)


def _temporary(stack: ExitStack) -> Path:
    with errors.disk("make a temporary folder"):
        temporary = tempfile.TemporaryDirectory(prefix="towpath-rehearsal-", ignore_cleanup_errors=True)
    return Path(stack.enter_context(temporary)).resolve()


def _clone(source: Repository, folder: Path, part: str, settings: Settings) -> tuple[Repository, tuple[str, ...]]:
    """The clone, with uncommitted work and the bump that is rehearsed, and what is to be said about it."""
    cloned = throwaway.clone(source, folder, remote=settings.tag.remote)
    remarks: list[str] = []
    with_work = throwaway.snapshot(source, cloned)
    if with_work is not None:
        cloned = with_work
        remarks.append("uncommitted work is taken along as a snapshot")
    found = current(cloned, settings.tag.format)
    name = tag_for(settings, found.version)
    tagged = source.tag_commit(name)
    if tagged is not None and not part:
        if cloned.branch() is None and tagged == cloned.head:
            return cloned, (*remarks, f"this is the checkout of {name}: it is rehearsed as it is")
        remarks.append(f"{name} is tagged already: the next patch version is rehearsed")
    elif not found.decided and not part:
        remarks.append(f"{found.tool} takes the version from git, which says none: the next patch version is rehearsed")
    if tagged is not None or part or not found.decided:
        cloned, more = _bumped(cloned, Wish(part=part or "patch"), settings, name)
        remarks += more
    return cloned, tuple(remarks)


def _bumped(cloned: Repository, wish: Wish, settings: Settings, tag: str) -> tuple[Repository, list[str]]:
    """The clone with the bump in it: the same edits as `invoke bump` makes, whose problems are only told."""
    if cloned.branch() is None:
        raise errors.DETACHED_HEAD.error(tag=tag)
    # The parent's date, so that equal content has an equal id.
    date = dt.datetime.fromtimestamp(cloned.commit_seconds(), dt.timezone.utc).date()
    source = Source(
        tree=Folder(cloned.folder),
        name=cloned.folder.name,
        current=current(cloned, settings.tag.format),
        settings=settings,
        changelog=changelog_path(cloned.folder, settings.bump),
        tags=cloned.tags(),
    )
    proposal = propose(source, next_version(source.current.version, wish), wish, date)
    writing.write(writing.targets(cloned.folder, proposal.edits))
    subject, _, rest = proposal.message.partition("\n")
    after = throwaway.commit(cloned, proposal.paths, f"{subject}, rehearsed by towpath\n{rest}")
    refused = [f"`invoke bump` would refuse: {problem.cause}" for problem in proposal.problems]
    problems = [errors.respelled(text, settings.prefix) for text in refused]
    return after, [f"the bump {proposal.old} → {proposal.new} is rehearsed", *proposal.remarks, *problems]


def _doubles(
    stack: ExitStack, folder: Path, cloned: Repository, configuration: Configuration, key: RSAPrivateKey | None
) -> tuple[Target, dict[str, dict[str, str]]]:
    from towpath.forge.double import ForgeDouble
    from towpath.index.twin import Issuer, Twin

    remote = configuration.settings.tag.remote
    real = configuration.forge(cloned.remote_url(remote))
    issuer = stack.enter_context(Issuer.serve(key=key))
    trusted_by = [issuer.publisher(configuration.name)]
    twins = [
        stack.enter_context(Twin.serve(folder / name, name, issuer=issuer, publishers=trusted_by))
        for name in ("testpypi", "pypi")
    ]
    forge = stack.enter_context(ForgeDouble.serve(folder / "forge", real.repository if real else _STAND_IN))
    target = Target(
        name="rehearsal",
        remote=cloned.remote_url(remote) or "",
        test_index=_address(twins[0]),
        index=_address(twins[1]),
        forge=forge.address,
        rehearsal=uuid.uuid4().hex,
    )
    identity = {trusted.REQUEST_URL: issuer.request_url, trusted.REQUEST_TOKEN: issuer.request_token}
    return target, {"test-index": identity, "index": identity, "forge": {"GITHUB_TOKEN": forge.token}}


def _address(twin: Twin) -> IndexAddress:
    return IndexAddress(f"twin of {twin.name}", twin.upload_url, twin.simple_url, "")
