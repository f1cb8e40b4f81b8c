"""Faults in a workflow that can be seen without running it, beyond what GitHub's parser and the linters see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.workflow.interpreter.actions.table import HANDLERS, fault, name_of
from towpath.workflow.interpreter.nouns import Finding
from towpath.workflow.interpreter.parsing import Constant, Context, Index, Node, children
from towpath.workflow.interpreter.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.workflow.interpreter.actions.calling import Handler
    from towpath.workflow.interpreter.nouns import Job, Step, Workflow

_OF_A_JOB = frozenset({"outputs", "result"})
_OF_A_STEP = frozenset({"outputs", "outcome", "conclusion"})


def check(text: str, path: str, handlers: Mapping[str, Handler] | None = None) -> tuple[Finding, ...]:
    """Everything that is found, in the order of the lines; nothing if the tuple is empty.

    What cannot be read, a job or output that is referred to and not there, an action or an input that is not known
    (`handlers` are the caller's own, beside ours). Raises bad-workflow where the text is no YAML.
    """
    workflow, findings = read(text, path)
    known = {**HANDLERS, **(handlers or {})}
    more = [finding for job in workflow.jobs.values() for finding in _job_findings(workflow, job, known)]
    return tuple(sorted(dict.fromkeys([*findings, *more]), key=lambda finding: finding.line))


def _job_findings(workflow: Workflow, job: Job, known: Mapping[str, Handler]) -> Iterator[Finding]:
    for step in job.steps:
        why = fault(step, known) if step.uses else ""
        if why:
            yield Finding(workflow.path, step.line, why, unknown=True)
    for place, line, tree in _expressions(job):
        for keys in _paths(tree):
            why = _wrong(workflow, job, job.steps[:place], keys, known)
            if why:
                yield Finding(workflow.path, line, why)


def _expressions(job: Job) -> Iterator[tuple[int, int, Node]]:
    """Every expression of a job: how many steps are before it, its line, its tree."""
    yield 0, job.line, job.condition
    before = (job.name, job.runs_on, job.concurrency, job.timeout, job.continue_on_error, *job.env.values())
    strategy = (job.strategy.matrix, job.strategy.fail_fast) if job.strategy else ()
    environment = (job.environment.name,) if job.environment else ()
    for one in (*before, *strategy, *environment):
        yield from ((0, one.line, tree) for tree in one.expressions()) if one else ()
    for place, step in enumerate(job.steps):
        yield from ((place, line, tree) for line, tree in _of_step(step))
    url = (job.environment.url,) if job.environment else ()
    for one in (*job.outputs.values(), *url):
        yield from ((len(job.steps), one.line, tree) for tree in one.expressions()) if one else ()


def _of_step(step: Step) -> Iterator[tuple[int, Node]]:
    yield step.line, step.condition
    own = (step.name, step.run, step.shell, step.working_directory, step.continue_on_error, step.timeout)
    for one in (*own, *step.env.values(), *step.inputs.values()):
        yield from ((one.line, tree) for tree in one.expressions()) if one else ()


def _paths(tree: Node) -> Iterator[tuple[str, ...]]:
    """Every `context.key.key` of an expression, as far as its keys are written out; `*` ends it."""
    keys = _keys(tree)
    if keys:
        yield keys
        return
    for child in children(tree):
        yield from _paths(child)


def _keys(node: Node) -> tuple[str, ...]:
    if isinstance(node, Context):
        return (node.name,)
    if not isinstance(node, Index) or not isinstance(node.key, Constant) or not isinstance(node.key.value, str):
        return ()
    before = _keys(node.of)
    return (*before, node.key.value) if before else ()


def _wrong(
    workflow: Workflow, job: Job, before: tuple[Step, ...], keys: tuple[str, ...], known: Mapping[str, Handler]
) -> str:
    if keys[0] == "needs" and len(keys) > 1:
        return _wrong_need(workflow, job, keys)
    if keys[0] == "steps" and len(keys) > 1:
        return _wrong_step(job, before, keys, known)
    if keys[0] == "inputs" and len(keys) > 1:
        return _wrong_input(workflow, keys[1])
    if keys[0] == "matrix" and not job.strategy:
        return f"job {job.id!r} asks for {'.'.join(keys)}, and has no matrix"
    return ""


def _wrong_need(workflow: Workflow, job: Job, keys: tuple[str, ...]) -> str:
    needs = {name.lower(): name for name in job.needs}
    needed = workflow.jobs.get(needs.get(keys[1].lower(), ""))
    if keys[1].lower() not in needs:
        return f"job {job.id!r} asks for {'.'.join(keys)}, and does not need {keys[1]!r}"
    if len(keys) > 2 and keys[2].lower() not in _OF_A_JOB:  # noqa: PLR2004 - needs.<job>.<key>
        return f"{'.'.join(keys)}: a job has outputs and a result, no {keys[2]!r}"
    if needed is None or len(keys) < 4 or keys[2].lower() != "outputs":  # noqa: PLR2004 - needs.<job>.outputs.<name>
        return ""
    declared = {name.lower() for name in needed.outputs}
    return "" if keys[3].lower() in declared else f"job {needed.id!r} has no output {keys[3]!r}"


def _wrong_step(job: Job, before: tuple[Step, ...], keys: tuple[str, ...], known: Mapping[str, Handler]) -> str:
    steps = {step.id.lower(): step for step in before if step.id}
    step = steps.get(keys[1].lower())
    if step is None:
        return f"job {job.id!r} asks for {'.'.join(keys)}, and has no step {keys[1]!r} before it"
    if len(keys) > 2 and keys[2].lower() not in _OF_A_STEP:  # noqa: PLR2004 - steps.<id>.<key>
        return f"{'.'.join(keys)}: a step has outputs, outcome and conclusion, no {keys[2]!r}"
    handler = known.get(name_of(step.uses))
    if len(keys) < 4 or keys[2].lower() != "outputs" or handler is None:  # noqa: PLR2004 - steps.<id>.outputs.<name>
        return ""
    outputs = {name.lower() for name in handler.outputs}
    return "" if keys[3].lower() in outputs else f"{name_of(step.uses)} has no output {keys[3]!r}"


def _wrong_input(workflow: Workflow, name: str) -> str:
    known = {one.name.lower() for trigger in workflow.on for one in trigger.inputs}
    return "" if name.lower() in known else f"the workflow has no input {name!r}"
