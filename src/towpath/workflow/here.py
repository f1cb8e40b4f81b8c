"""A generated workflow, run on this machine: twins for the indexes, a double for the forge, a clone for the remote.

What is run is the file as it is committed, job by job. What only GitHub can know (whether the environment exists, who
may approve) is not asked here; `invoke doctor` asks it.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors, network
from towpath.model import IndexAddress, Target
from towpath.repository.git import Git
from towpath.walk import routes
from towpath.walk.world import VARIABLE, World, open_workspace
from towpath.workflow.files import FOLDER
from towpath.workflow.interpreter.events import Event
from towpath.workflow.interpreter.machine import Machine, ordinary_environment
from towpath.workflow.interpreter.runner import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.config.sections import Settings
    from towpath.forge.double import ForgeDouble
    from towpath.gates.gate import Pipeline, Workspace
    from towpath.index.twin import Issuer, Twin
    from towpath.workflow.interpreter.machine import Identity
    from towpath.workflow.interpreter.results import RunResult

EVENTS = ("tag", "release", "dispatch", "dry-run", "push", "pull-request")
LOGS = ".towpath/workflow"
_STAND_IN = "rehearsal/project"
_REMOTE = "remote.git"


@dataclass(frozen=True, slots=True)
class Doubles:
    """What stands for the indexes, the forge and its token service on this machine."""

    index: Twin
    test_index: Twin
    forge: ForgeDouble
    issuer: Issuer


@dataclass(frozen=True, slots=True)
class Here:
    """A machine with all that stands around it, as long as `opened` lasts."""

    workspace: Workspace
    machine: Machine
    doubles: Doubles

    @property
    def remote(self) -> Path:
        """The bare repository that jobs check out and push to."""
        return self.machine.folder / _REMOTE

    def start(self, event: str, *, rerun: RunResult | None = None) -> RunResult:
        """Let an event happen and run the workflow that it starts; `rerun` runs its failed jobs again.

        Raises unknown-name for an event, no-workflow, tag-elsewhere, detached-head, and what the interpreter raises.
        """
        if event not in EVENTS:
            raise errors.UNKNOWN_NAME.error(kind="event", name=event, known=", ".join(EVENTS), suggestion="")
        happened = rerun.event if rerun else _happen(self, event)
        chosen = self.workspace.settings.workflow
        name = chosen.check if event in {"push", "pull-request"} else chosen.release
        path = f"{FOLDER}/{name}"
        return run(_committed(self.workspace, path), happened, self.machine, path=path, rerun=rerun)


@contextmanager
def opened(root: Path, environ: Mapping[str, str], pipeline: Pipeline, **machine: Any) -> Iterator[Here]:  # noqa: ANN401 - whatever a Machine takes
    """The machine and all that it talks to, for the commit that HEAD is of the project in `root`.

    Raises what opening the workspace raises, and no-route.
    """
    from towpath.forge.double import ForgeDouble
    from towpath.index.twin import Issuer, Publisher, Twin

    workspace = open_workspace(root, environ)
    real, settings = workspace.target.forge, workspace.settings
    slug = real.repository if real else _STAND_IN
    with (
        tempfile.TemporaryDirectory(prefix="towpath-workflow-", ignore_cleanup_errors=True) as temporary,
        Issuer.serve() as issuer,
        Twin.serve(Path(temporary) / "pypi", "pypi", issuer=issuer) as index,
        Twin.serve(Path(temporary) / "testpypi", "testpypi", issuer=issuer) as test_index,
        ForgeDouble.serve(Path(temporary) / "forge", slug) as forge,
    ):
        folder = Path(temporary).resolve()
        for twin, name in ((index, settings.publish.index), (test_index, settings.publish_test.index)):
            environment = settings.workflow.environments.get(name, name)
            workflow = settings.workflow.release
            twin.add_publisher(Publisher(workspace.subject.project, slug, workflow, environment))
        Git(workspace.repository.root)("clone", "--quiet", "--bare", ".", str(folder / _REMOTE))
        doubles = Doubles(index, test_index, forge, issuer)
        _world(workspace, pipeline, folder, doubles).write(folder / "world.json")
        given: dict[str, Any] = {
            "folder": folder,
            "repository": folder / _REMOTE,
            "environ": {**ordinary_environment(environ), VARIABLE: str(folder / "world.json")},
            "slug": slug,
            "token": forge.token,
            "identity": _identity(issuer),
            "indexes": {
                workspace.target.index.upload_url: index.upload_url,
                workspace.target.test_index.upload_url: test_index.upload_url,
            },
            "secrets": _tokens(settings, doubles),
            "api_url": forge.address.api_url,
            "default_branch": settings.workflow.branch,
            "other_systems": "skip",
            **machine,
        }
        yield Here(workspace, Machine(**given), doubles)


def keep_logs(result: RunResult, root: Path) -> tuple[tuple[str, str, Path], ...]:
    """Copy the logs to the project's folder in place of those of the last run: job, how it ended, log."""
    folder = root / LOGS
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kept = []
    for job in result.jobs.values():
        log = folder / f"{job.id}.log"
        log.write_text(job.log, encoding="utf-8")
        kept.append((job.id, job.result, log))
    return tuple(kept)


def _world(workspace: Workspace, pipeline: Pipeline, folder: Path, doubles: Doubles) -> World:
    """The targets of the configuration, each with the address of what stands for it here."""
    found = routes.route(pipeline.names, workspace.configuration, workspace.subject.version)
    if found.problem:
        raise errors.TowpathError(found.problem)
    real = workspace.target
    target = Target(
        name=real.name,
        remote=str(folder / _REMOTE),
        test_index=_address(real.test_index, doubles.test_index),
        index=_address(real.index, doubles.index),
        forge=doubles.forge.address,
    )
    return World(".towpath", target, dict(found.off))


def _address(real: IndexAddress, twin: Twin) -> IndexAddress:
    return IndexAddress(real.name, twin.upload_url, twin.simple_url, real.token_variable)


def _tokens(settings: Settings, doubles: Doubles) -> dict[str, str]:
    """A token of the twin for each secret that the workflow names."""
    twins = {settings.publish.index: doubles.index, settings.publish_test.index: doubles.test_index}
    return {secret: twins[name].token() for name, secret in settings.workflow.secrets.items() if name in twins}


def _identity(issuer: Issuer) -> Identity:
    def identity(claims: Mapping[str, str | None], /) -> Mapping[str, str]:
        from towpath.index.twin.issuer import DEFAULT_CLAIMS

        issuer.claims = {**DEFAULT_CLAIMS, **claims, "iss": DEFAULT_CLAIMS["iss"]}
        return issuer.environment

    return identity


def _happen(here: Here, event: str) -> Event:
    workspace = here.workspace
    branch = workspace.repository.branch()
    if event in {"tag", "release"}:
        _require_tag(here)
        if event == "tag":
            return Event.push_tag(workspace.tag)
        _release_by_hand(here.doubles.forge, workspace.tag)
        return Event.release(workspace.tag)
    if branch is None:
        raise errors.DETACHED_HEAD.error(tag=workspace.tag)
    if event == "push":
        return Event.push_branch(branch)
    if event == "pull-request":
        return Event.pull_request(branch, workspace.settings.workflow.branch)
    return Event.dispatch(branch, {"version": workspace.subject.version, "dry-run": event == "dry-run"})


def _release_by_hand(forge: ForgeDouble, tag: str) -> None:
    """What a person does on the forge's page: a published release, with notes of their own."""
    url = f"{forge.address.api_url}/repos/{forge.address.repository}/releases"
    said = {"tag_name": tag, "name": tag, "body": "Written by hand."}
    with network.session(loopback_only=True) as session:
        headers = {"Authorization": f"Bearer {forge.token}"}
        session.post(url, json=said, headers=headers).raise_for_status()


def _require_tag(here: Here) -> None:
    """The tag on HEAD, in the clone alone where the project does not have it yet. Raises tag-elsewhere."""
    workspace, name = here.workspace, here.workspace.tag
    tagged = workspace.repository.tag_commit(name)
    if tagged is None:
        made = ("tag", "--annotate", "--no-sign", "--message", name, name, workspace.repository.head)
        Git(here.remote)("-c", "user.name=towpath", "-c", "user.email=towpath@localhost", *made)
    elif tagged != workspace.repository.head:
        raise errors.TAG_ELSEWHERE.error(tag=name, where="this repository", commit=tagged[:12])


def _committed(workspace: Workspace, path: str) -> str:
    """A workflow as HEAD has it. Raises no-workflow."""
    try:
        return workspace.repository.git("show", f"HEAD:{path}") + "\n"
    except errors.TowpathError:
        raise errors.NO_WORKFLOW.error(path=path) from None
