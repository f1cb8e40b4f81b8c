"""A release that is finished is recognised by asking the world once, side by side, and not by walking it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.evidence.weighing import require
from towpath.model import About, State
from towpath.walk.alone import claim, steps
from towpath.walk.runner import Event
from towpath.walk.standing import Standing
from towpath.walk.status import status

if TYPE_CHECKING:
    from towpath.gates.gate import Pipeline
    from towpath.walk.alone import Step
    from towpath.walk.runner import Walk

_READ_BY_STATUS = ("tag", "publish-test", "publish", "verify-published", "github-release")


def finished(task: Walk, to: str, whole: Pipeline) -> tuple[Event, ...]:
    """How each gate of a finished release stands; empty if anything is missing, or is not known.

    Every record must be there and hold, and the world, read afresh, must hold all of it: the tag on this commit, the
    files on each index with the sealed sha256, and the forge's release. What CI did of the `whole` has no record here.
    """
    pipeline, workspace = task.pipeline, task.workspace
    world = [gate for gate in pipeline if gate.about is About.WORLD]
    if workspace.subject.commit is None or "tag" not in pipeline.names or task.again:
        return ()
    if any(gate.name not in _READ_BY_STATUS and not gate.afterwards for gate in world):
        return ()  # what a gate of the project's own did cannot be read here
    try:
        for gate in world:
            for step in steps(gate, workspace):
                require(workspace.store, claim(step, workspace))
        found = status(workspace.root, workspace.environ, gates=whole.names, to=to)
        same = found.wanted_from == "sealed here" and found.commit == workspace.subject.commit
        if found.standing is not Standing.RELEASED or not same:
            return ()
        return tuple(_event(step, task) for gate in whole for step in steps(gate, workspace))
    except errors.TowpathError:
        return ()


def _event(step: Step, task: Walk) -> Event:
    """What was read just now is proven just now; what was checked by installing it, when it was installed."""
    workspace = task.workspace
    gate, in_world = step.gate, step.gate.about is About.WORLD
    if gate.afterwards and gate.name not in task.pipeline.names:
        return Event(step.session, State.BY_CI, notes=("not asked again: the page of the run says how it ended",))
    if in_world and gate.name != "verify-published" and not gate.afterwards:
        state = State.PROVEN if gate.name in task.pipeline.names else State.BY_CI
        return Event(step.session, state, notes=(f"{gate.acts_on(workspace.target)}: there, asked just now",))
    target = workspace.target.name if in_world else ""
    sealed = workspace.store.load(workspace.store.path(gate.name, step.variant, target))
    return Event(step.session, State.ALREADY_PROVEN, proven_at=sealed.latest.started if sealed else "")
