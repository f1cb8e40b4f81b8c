"""A release that CI publishes: proven and started here, done there, and compared here with what the run has sealed."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.store import measure
from towpath.model import State, counted
from towpath.walk.alone import steps
from towpath.walk.following import appeared, follow, look, start
from towpath.walk.from_ci import FromCI, sealed_by
from towpath.walk.runner import Event, ago, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from towpath.forge.actions import Actions, Job, Run
    from towpath.gates.gate import Pipeline
    from towpath.model import Distribution, IndexAddress
    from towpath.walk.following import Found
    from towpath.walk.in_ci import ByCI
    from towpath.walk.plan import Plan
    from towpath.walk.runner import Walk


@dataclass(frozen=True, slots=True)
class _Journey:
    """What one release through CI is about; `whole` is the pipeline along the route, the run's part included."""

    task: Walk
    decided: ByCI
    whole: Pipeline
    actions: Actions
    tell: Callable[[Event | None], None]


def walk_through_ci(
    task: Walk, whole: Pipeline, decided: ByCI, tell: Callable[[Event | None], None]
) -> tuple[Event, ...]:
    """Walk what comes before the run, start and follow it, take what it has sealed, then walk what is left for here.

    Where a run has published already, nothing is started, and what it has sealed is taken first.
    """
    from towpath.forge.actions import Actions

    workspace = task.workspace
    if workspace.target.forge is None:
        raise errors.NO_FORGE.error()
    token = workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")
    with Actions(workspace.target.forge, token, loopback_only=workspace.rehearsing) as actions:
        journey = _Journey(task, decided, whole, actions, tell)
        found = look(actions, workspace, decided)
        if found is None or not found.published:
            before = walk(replace(task, pipeline=_before(task.pipeline, decided)), tell)
            if not all(event.state.is_open or event.state is State.NOT_HERE for event in before):
                return _in_order(journey, before)
        else:
            before = ()
        done = _by_the_run(journey, found)
        if any(event.state is State.CLOSED for event in done):
            return _in_order(journey, (*before, *done))
        return _in_order(journey, (*done, *walk(task, tell)))


def marked(plan: Plan, decided: ByCI) -> Plan:
    """The plan with what CI does."""
    planned = tuple(
        replace(step, state=State.BY_CI, why=decided.publisher.path) if step.session in decided.gates else step
        for step in plan.steps
    )
    how = {"tag": "the tag starts", "release": "the release starts", "dispatch": "a dispatch starts"}
    remark = f"{how[decided.trigger]} {decided.publisher.path}, which publishes; it is followed from here"
    return replace(plan, steps=planned, remarks=(*plan.remarks, remark))


_OTHER_FILES = {errors.INDEX_OTHER_BYTES.id, errors.VERSION_TAKEN.id}


def _before(pipeline: Pipeline, decided: ByCI) -> Pipeline:
    """What is walked before the run is started: up to the tag, which a dispatched run makes itself."""
    names = pipeline.names
    last = names.index("tag") + (decided.trigger != "dispatch") if "tag" in names else len(names)
    return pipeline.along(dict.fromkeys(names[last:], "it comes after the run"))


def _by_the_run(journey: _Journey, found: Found | None) -> tuple[Event, ...]:
    """The events of the gates that the run stands for, or of the one at which it stopped."""
    last = [*_addresses(journey), "publish"][-2:][0]
    _log(journey, last).unlink(missing_ok=True)
    try:
        run = _run(journey, last, found)
        with tempfile.TemporaryDirectory(prefix="towpath-", ignore_cleanup_errors=True) as folder:
            return tuple(_compared(journey, run, Path(folder)))
    except errors.TowpathError as error:
        prefix = journey.task.workspace.settings.prefix
        problems = tuple(problem.respelled(prefix) for problem in error.problems)
        event = Event(last, State.CLOSED, problems=problems)
        journey.tell(event)
        return (event,)


def _run(journey: _Journey, session: str, found: Found | None) -> Run:
    """The run that published, started and followed as far as that is still to be done."""
    workspace, decided, actions = journey.task.workspace, journey.decided, journey.actions
    if found is not None and found.published:
        return found.run
    teller = _Teller(journey, session)
    if found is None:
        found = look(actions, workspace, decided)  # somebody may have started it meanwhile
    if found is None:
        start(actions, workspace, decided)
        found = appeared(actions, workspace, decided, teller)
    ended = follow(actions, workspace, decided, found, teller)
    return ended.run


class _Teller:
    """Tells what a run does, once for each change, to whoever watches and to the log of its session."""

    def __init__(self, journey: _Journey, session: str) -> None:
        self._journey, self._session, self._last = journey, session, ""
        self._log = _log(journey, session)

    def __call__(self, line: str) -> None:
        if line != self._last:
            self._last = line
            with self._log.open("a", encoding="utf-8") as opened:
                opened.write(f"{line}\n")
            self._journey.tell(Event(self._session, State.RUNNING, notes=(line,), log=str(self._log)))
        self._journey.tell(None)


def _log(journey: _Journey, session: str) -> Path:
    journey.task.logs.mkdir(parents=True, exist_ok=True)
    return journey.task.logs / f"{session}.log"


def _compared(journey: _Journey, run: Run, folder: Path) -> Iterator[Event]:
    """The indexes and the forge's release, held against what the run has sealed, which is then kept here."""
    workspace, decided = journey.task.workspace, journey.decided
    sealed = sealed_by(journey.actions, run, workspace, folder)
    wanted, how = _wanted(journey, run, sealed)
    for name, address in _addresses(journey).items():
        began = time.monotonic()
        try:
            _require_held(journey, run, name, wanted)
        except errors.TowpathError as error:
            raise _by_run(run, address, error) if sealed.files else _unknown(journey, run, error) from None
        note = f"{counted(len(wanted), 'file')} on {address.name}, sha256 {how}"
        yield _event(journey, name, note, began)
    if sealed.files:
        _keep(journey, run, sealed, folder)
    if "github-release" in decided.gates:
        began = time.monotonic()
        yield _event(journey, "github-release", _release(journey, run, wanted), began)
    yield from _afterwards(journey, run)


def _afterwards(journey: _Journey, run: Run) -> Iterator[Event]:
    """How the jobs ended that come after the release; they fail for themselves, and the run is well."""
    names = [gate.name for gate in journey.whole if gate.afterwards and gate.name in journey.decided.gates]
    jobs = {job.name: job for job in journey.actions.jobs(run)} if names else {}
    for name in names:
        event = ended_afterwards(name, jobs.get(name), run)
        journey.tell(event)
        yield event


def ended_afterwards(name: str, job: Job | None, run: Run) -> Event:
    """What a job says of its gate that comes after the release."""
    how = (job.conclusion or job.status) if job else "missing"
    if how == "success":
        return Event(name, State.BY_CI, notes=(f"its job in run {run.id} ended well",))
    facts = {"path": run.workflow, "gate": name, "how": how, "page": (job.page if job else "") or run.page}
    return Event(name, State.FAILED_AFTER, problems=(errors.AFTER_RELEASE_IN_CI.problem(**facts),))


def _wanted(journey: _Journey, run: Run, sealed: FromCI) -> tuple[tuple[Distribution, ...], str]:
    """What the indexes must hold: as the run has sealed it; without a word of it, as it is known here."""
    from towpath.walk.recover import recover

    if sealed.files:
        return sealed.files, f"as sealed by run {run.id}" if sealed.by_evidence else f"as run {run.id} has kept them"
    workspace = journey.task.workspace
    if workspace.store.kept(workspace.repository.head) is None:
        recover(workspace, journey.whole)
    return workspace.store.manifest()[1], "as known here; the run has kept neither evidence nor files"


def _require_held(journey: _Journey, run: Run, name: str, wanted: tuple[Distribution, ...]) -> None:
    """The index of a gate shows these files of the version, byte for byte, and no other."""
    from towpath.gates.before_upload import look_before
    from towpath.index.client import IndexClient
    from towpath.index.waiting import LIMIT_SECONDS, Question, wait_until_taken

    workspace = journey.task.workspace
    subject, limit = workspace.subject, min(LIMIT_SECONDS, workspace.settings.verify_published.wait)
    if not wanted:
        path = journey.decided.publisher.path
        raise errors.CI_NO_EVIDENCE.error(path=path, version=subject.version, page=run.page)
    with IndexClient(_addresses(journey)[name], loopback_only=workspace.rehearsing) as client:
        question = Question(client, subject.project, subject.version, wanted)
        wait_until_taken(question, tell=_Teller(journey, name), limit=limit)
        look_before(client, subject, wanted)


def _by_run(run: Run, address: IndexAddress, error: errors.TowpathError) -> errors.TowpathError:
    """What it means that an index does not hold what the run has sealed."""
    problem = error.problems[0]
    if problem.id in _OTHER_FILES:
        return errors.CI_INDEX_DIFFERS.error(index=address.name, why=problem.cause, page=run.page)
    return error


def _unknown(journey: _Journey, run: Run, error: errors.TowpathError) -> errors.TowpathError:
    """What it means that an index holds other files than were built here, where the run has kept none."""
    problem, version = error.problems[0], journey.task.workspace.subject.version
    if problem.id in _OTHER_FILES:
        path = journey.decided.publisher.path
        return errors.CI_NO_EVIDENCE.error(path=path, version=version, page=run.page, detail=problem.cause)
    return error


def _keep(journey: _Journey, run: Run, sealed: FromCI, folder: Path) -> None:
    """Keep the run's files in place of what was built here, if they differ: every gate is about them from now on."""
    store, head = journey.task.workspace.store, journey.task.workspace.repository.head
    kept = store.kept(head)
    if kept is not None and sorted(kept) == sorted(sealed.files):
        return
    paths = {**dict(_downloaded(journey, sealed, folder)), **sealed.paths}
    origins = {file.filename: f"{run.page}, which published it" for file in sealed.files}
    with errors.disk("keep the files"):
        _clear(journey.task.workspace.root / "dist", store.manifest()[1])
        store.keep([paths[file.filename] for file in sealed.files], head, origins)


def _clear(dist: Path, built: tuple[Distribution, ...]) -> None:
    """Take away what build has put there, and nothing else: once it is replaced, nothing would know it."""
    for file in built:
        path = dist / file.filename
        if path.is_file() and measure(path) == file:
            path.unlink()


def _downloaded(journey: _Journey, sealed: FromCI, folder: Path) -> Iterator[tuple[str, Path]]:
    """The files that no artifact has, from the index where they are public."""
    from towpath.index.client import IndexClient

    workspace = journey.task.workspace
    missing = [file for file in sealed.files if file.filename not in sealed.paths]
    address = list(_addresses(journey).values())[-1]
    if not missing:
        return
    with IndexClient(address, loopback_only=workspace.rehearsing) as client:
        listed = client.files(workspace.subject.project)
        for file in missing:
            path = folder / file.filename
            came = client.download(listed[file.filename], path)
            if came != file.sha256:
                raise errors.DOWNLOAD_DIFFERS.error(
                    file=file.filename, index=address.name, there=came[:12], sealed=file.sha256[:12]
                )
            yield file.filename, path


def _release(journey: _Journey, run: Run, wanted: tuple[Distribution, ...]) -> str:
    """What the forge's release holds. Raises ci-release-missing, and forge-file-differs for other bytes."""
    from towpath.forge.client import GitHub

    workspace, tag = journey.task.workspace, journey.task.workspace.tag
    address = journey.actions.address
    token = workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")
    with GitHub(address, token, loopback_only=workspace.rehearsing) as forge:
        release = forge.release(tag)
    state = "not there" if release is None else "a draft" if release.is_draft else ""
    there = {asset.name: asset.sha256 for asset in release.assets if asset.is_whole} if release else {}
    lacking = [file.filename for file in wanted if file.filename not in there]
    if state or release is None or lacking:
        state = state or f"without {', '.join(lacking)}"
        raise errors.CI_RELEASE_MISSING.error(tag=tag, repository=address.repository, state=state, page=run.page)
    for file in wanted:
        if there[file.filename] not in {None, file.sha256}:
            raise errors.FORGE_FILE_DIFFERS.error(tag=tag, file=file.filename, page=release.page)
    return f"{address.repository} {tag}: {counted(len(wanted), 'file')}, as sealed by run {run.id}"


def _addresses(journey: _Journey) -> Mapping[str, IndexAddress]:
    target = journey.task.workspace.target
    every = {"publish-test": target.test_index, "publish": target.index}
    return {name: address for name, address in every.items() if name in journey.decided.gates}


def _event(journey: _Journey, session: str, note: str, began: float) -> Event:
    seconds = round(time.monotonic() - began, 2)
    event = Event(session, State.BY_CI, seconds, notes=(note,), started=ago(seconds))
    journey.tell(event)
    return event


def _in_order(journey: _Journey, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """One event for each step of the route, in its order; the last one that was told counts."""
    told = {event.session: event for event in events}
    every = [step.session for gate in journey.whole for step in steps(gate, journey.task.workspace)]
    others = [session for session in told if session not in every]
    return tuple(told.get(session, Event(session, State.NOT_REACHED)) for session in (*every, *others))
