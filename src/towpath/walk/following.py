"""A run of CI: found by its commit, started if it is not there, and followed to its end.

Nothing is remembered: which run it is follows from the commit, the tag and the workflow's file, so that the same
command, run again after any interruption, follows the same run.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from towpath import errors
from towpath.walk.in_ci import inputs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from towpath.forge.actions import Actions, Job, Run, Waiting
    from towpath.gates.gate import Workspace
    from towpath.walk.in_ci import ByCI

T = TypeVar("T")
APPEAR_SECONDS = 180.0
SILENT_SECONDS = 300.0  # how long the forge may fail to answer before the walk gives up; the run goes on
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 15.0
_EVENTS = {"tag": ("push", "create"), "release": ("release",), "dispatch": ()}
_PASSING = {errors.FORGE_OUT_OF_REACH.id, errors.FORGE_BROKEN.id, errors.FORGE_RATE_LIMITED.id}
_BAD = ("failure", "cancelled", "timed_out", "action_required", "startup_failure")


@dataclass(frozen=True, slots=True)
class Found:
    """The run of a release with its jobs. `idle` is whether it succeeded and published nothing, such as a dry run."""

    run: Run
    jobs: tuple[Job, ...]
    idle: bool = False

    @property
    def published(self) -> bool:
        """Whether it has ended well, and has done what it was for."""
        return self.run.succeeded and not self.idle


def look(actions: Actions, workspace: Workspace, decided: ByCI) -> Found | None:
    """The run of this commit that counts: one that published, else one under way, else the last; None without any."""
    return look_for(actions, decided, workspace.repository.head, workspace.tag, workspace.settings.workflow.branch)


def look_for(actions: Actions, decided: ByCI, commit: str, tag: str, branch: str) -> Found | None:
    """The same for a commit, its tag, and the branch of a dispatch."""
    fitting = [run for run in actions.runs(commit, decided.publisher.name) if _fits(run, decided, tag, branch)]
    ended = [_judged(actions, run, decided) for run in fitting if run.succeeded]
    published = [one for one in ended if one.published]
    under_way = [Found(run, ()) for run in reversed(fitting) if not run.ended]
    if published or under_way:
        return (published or under_way)[0]
    # A dry run says nothing of what a release would come to.
    last = [run for run in fitting if run.id not in {one.run.id for one in ended} or decided.trigger != "dispatch"]
    judged = (_judged(actions, run, decided) for run in last)
    return next((one for one in judged if not _never_began(one, decided)), None)


def start(actions: Actions, workspace: Workspace, decided: ByCI) -> None:
    """What the trigger needs besides the tag: the release, or the dispatch with the version.

    Raises ci-behind, ci-dispatch-refused, push-refused, and what the forge answers.
    """
    if decided.trigger == "release":
        _create_release(workspace)
    elif decided.trigger == "dispatch":
        _push_branch(workspace)
        inputs, _ = inputs_of(decided.publisher, workspace.subject.version)
        actions.dispatch(decided.publisher.name, workspace.settings.workflow.branch, inputs)


def appeared(actions: Actions, workspace: Workspace, decided: ByCI, tell: Callable[[str], None]) -> Found:
    """The run, as soon as the forge shows it. Raises ci-no-run."""
    limit = min(APPEAR_SECONDS, workspace.settings.publish.ci_wait)
    clock = _Clock(limit)
    while True:
        found = clock.asked(partial(look, actions, workspace, decided))
        if found is not None:
            return found
        if clock.over:
            what = {"tag": f"the tag {workspace.tag}", "release": f"the release {workspace.tag}"}
            raise errors.CI_NO_RUN.error(
                path=decided.publisher.path,
                what=what.get(decided.trigger, "the dispatch"),
                seconds=int(limit),
                page=_page(workspace),
            )
        tell(f"waiting for the run of {decided.publisher.path} to appear")
        clock.pause()


def follow(actions: Actions, workspace: Workspace, decided: ByCI, found: Found, tell: Callable[[str], None]) -> Found:
    """Wait for a run to end, telling whoever watches what it does; it goes on without us if we are interrupted.

    Raises ci-run-failed, ci-nothing-published, ci-timeout, and what the forge answers.
    """
    clock, state, run = _Clock(workspace.settings.publish.ci_wait), "", found.run
    while True:
        run = clock.asked(partial(actions.run, run.id)) or run
        if run.ended:
            judged = _judged(actions, run, decided)
            _require_published(judged, workspace, decided)
            return judged
        state = clock.asked(partial(words, actions, run)) or state
        tell(f"{state}  {run.page}")
        if clock.over:
            seconds = workspace.settings.publish.ci_wait
            raise errors.CI_TIMEOUT.error(path=decided.publisher.path, seconds=seconds, state=state, page=run.page)
        clock.pause()


def words(actions: Actions, run: Run) -> str:
    """What a run does now."""
    if run.status == "waiting":
        waits = actions.waits_for(run)
        return "waiting for approval: " + ("; ".join(map(_waiting, waits)) or "nobody says of what")
    jobs = actions.jobs(run)
    done = sum(job.status == "completed" for job in jobs)
    running = ", ".join(f"{job.name} ({job.step})" if job.step else job.name for job in jobs if _runs(job))
    return f"{run.status.replace('_', ' ')}, {done} of {len(jobs)} jobs ended" + (f": {running}" if running else "")


def failing(jobs: Iterable[Job]) -> str:
    """The jobs that failed, each with its step."""
    bad = [job for job in jobs if job.conclusion in _BAD]
    first = [job for job in bad if job.name != "passed"] or bad  # the generated one that sums up
    return ", ".join(f"{job.name} ({job.step})" if job.step else job.name for job in first) or "no job says why"


def _require_published(judged: Found, workspace: Workspace, decided: ByCI) -> None:
    run, path = judged.run, decided.publisher.path
    if not run.succeeded:
        pages = [f"{job.name}: {job.page}" for job in judged.jobs if job.conclusion in _BAD and job.page]
        raise errors.CI_RUN_FAILED.error(
            path=path,
            conclusion=run.conclusion,
            jobs=failing(judged.jobs),
            page=run.page,
            run=run.id,
            detail="\n".join(pages),
        )
    if judged.idle:
        skipped = ", ".join(f"{job.name} {job.conclusion}" for job in judged.jobs)
        version = workspace.subject.version
        raise errors.CI_NOTHING_PUBLISHED.error(path=path, version=version, jobs=skipped, page=run.page)


def _judged(actions: Actions, run: Run, decided: ByCI) -> Found:
    """Jobs by the gates' own names tell whether it published; those of a workflow by hand tell nothing."""
    jobs = actions.jobs(run)
    named = [job for job in jobs if job.name in decided.gates and job.name in {"publish-test", "publish"}]
    idle = run.succeeded and bool(named) and all(job.conclusion == "skipped" for job in named)
    return Found(run, jobs, idle)


def _never_began(judged: Found, decided: ByCI) -> bool:
    """Whether a dispatch was turned away by its first job, such as one for another version: nothing else has run.

    To run that job again would ask for the same once more, and nobody but a new dispatch can say it better.
    """
    turned_away = any(job.name == "plan" and job.conclusion in _BAD for job in judged.jobs)
    return judged.run.event == "workflow_dispatch" and decided.publisher.generated and turned_away


def _fits(run: Run, decided: ByCI, tag: str, branch: str) -> bool:
    if run.event == "workflow_dispatch":
        return run.ref == tag or (decided.trigger == "dispatch" and run.ref == branch)
    return run.ref == tag and any(run.event in _EVENTS[trigger] for trigger in decided.publisher.triggers)


def _runs(job: Job) -> bool:
    return job.status == "in_progress"


def _waiting(one: Waiting) -> str:
    by = f" by {', '.join(one.reviewers)}" if one.reviewers else ""
    return f"environment {one.environment}{by}"


def _create_release(workspace: Workspace) -> None:
    """A published release with the notes; the run adds the files."""
    from packaging.version import Version

    from towpath.forge.client import GitHub
    from towpath.gates.github_release import wanted_release
    from towpath.gates.notes import release_notes

    address = workspace.target.forge
    if address is None:
        raise errors.NO_FORGE.error()
    token = workspace.environ.get("GITHUB_TOKEN") or workspace.environ.get("GH_TOKEN")
    said = release_notes(workspace.repository, workspace.configuration, Version(workspace.subject.version), address)
    with GitHub(address, token, loopback_only=workspace.rehearsing) as forge:
        forge.ensure_release(wanted_release(workspace, forge, said, ()))


def _push_branch(workspace: Workspace) -> None:
    """A dispatch releases what the branch has on the remote: it must be this commit."""
    from towpath.gates.tag import on_remote
    from towpath.repository.state import is_ancestor

    repository, remote = workspace.repository, workspace.settings.tag.remote
    branch, there = workspace.settings.workflow.branch, on_remote(workspace).branch
    if there == repository.head:
        return
    if there and not is_ancestor(repository, there):
        raise errors.CI_BEHIND.error(remote=remote, branch=branch, there=there[:12], here=repository.head[:12])
    repository.push(remote, [f"HEAD:refs/heads/{branch}"])


def _page(workspace: Workspace) -> str:
    forge = workspace.target.forge
    return f"https://github.com/{forge.repository}/actions" if forge else "the forge's page of runs"


class _Clock:
    """How long something is waited for, with growing pauses, and how long the forge has not answered."""

    def __init__(self, limit: float) -> None:
        self._began = self._answered = time.monotonic()
        self._limit, self._pause = limit, FIRST_PAUSE_SECONDS

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() - self._began > self._limit

    def pause(self) -> None:
        """Wait a little, longer each time."""
        time.sleep(self._pause)
        self._pause = min(self._pause * 1.5, LONGEST_PAUSE_SECONDS)

    def asked(self, ask: Callable[[], T]) -> T | None:
        """What the forge answers; None where it does not for a while. Raises what it answers in the end."""
        try:
            answer = ask()
        except errors.TowpathError as error:
            passing = error.problems[0].id in _PASSING
            if not passing or time.monotonic() - self._answered > SILENT_SECONDS:
                raise
            return None
        self._answered = time.monotonic()
        return answer
