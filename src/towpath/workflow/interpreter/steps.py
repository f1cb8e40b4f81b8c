"""One step: its environment, its condition, what it runs, and what it leaves to those after it."""

from __future__ import annotations

import shutil
import subprocess
import time
import uuid
from typing import TYPE_CHECKING, Any

from towpath import processes
from towpath.workflow.interpreter import shells
from towpath.workflow.interpreter.actions.calling import ActionFailed, Call, Done
from towpath.workflow.interpreter.actions.table import HANDLERS, name_of
from towpath.workflow.interpreter.evaluating import evaluate
from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.results import StepResult
from towpath.workflow.interpreter.stepfiles import StepFileError, StepFiles
from towpath.workflow.interpreter.values import number, text, truthy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.workflow.interpreter.nouns import Step
    from towpath.workflow.interpreter.results import Result
    from towpath.workflow.interpreter.running import Running

_NEVER = 360.0  # minutes, GitHub's own limit


class _Failed(Exception):  # noqa: N818 - how a step ends, not a fault of the program
    def __init__(self, message: str, done: Done | None = None) -> None:
        super().__init__(message)
        self.done = done or Done()


def run_step(running: Running, step: Step) -> StepResult:
    """Run a step if its condition holds, and let it change what the steps after it find."""
    title = _title(step)
    running.log.begin(title)
    try:
        if running.stopped_for_good(step):
            return _ended(running, step, title, "skipped", Done())
        environ = {name: text(value.value(running.scope())) for name, value in step.env.items()}
        running.step_env = environ
        title = text(step.name.value(running.scope())) if step.name else title
        if not truthy(evaluate(step.condition, running.scope())):
            return _ended(running, step, title, "skipped", Done())
        return _ended(running, step, title, "success", _acted(running, step))
    except (_Failed, ExpressionError) as error:
        running.log.annotate("error", str(error))
        done = error.done if isinstance(error, _Failed) else Done()
        return _ended(running, step, title, "failure", done)
    finally:
        running.step_env = {}


def _title(step: Step) -> str:
    if step.name and not step.name.parts:
        return text(step.name.constant)
    run = step.run.constant if step.run and not step.run.parts else "a script"
    return step.uses or f"Run {text(run).splitlines()[0] if run else 'nothing'}"


def _acted(running: Running, step: Step) -> Done:
    files = StepFiles.make(running.temporary / "_files" / uuid.uuid4().hex)
    environ = running.environ({**files.variables(), "GITHUB_ACTION": step.id or f"__{len(running.results) + 1}"})
    done, error = Done(), ""
    try:
        done = _call(running, step, environ) if step.uses else _script(running, step, environ)
    except (ActionFailed, _Failed, OSError) as failed:
        error = str(failed)
        done = failed.done if isinstance(failed, _Failed) else done
    try:
        done = _with_files(running, done, files)
    except StepFileError as failed:
        error = error or str(failed)
    if error:
        raise _Failed(error, done)
    return done


def _with_files(running: Running, done: Done, files: StepFiles) -> Done:
    try:
        running.summaries.append(files.summary())
    except StepFileError as error:
        running.log.annotate("error", str(error))
    running.env.update({**done.env, **files.environment()})
    running.paths[:0] = [*files.paths(), *done.paths]
    return Done({**done.outputs, **files.outputs()}, facts=done.facts)


def _script(running: Running, step: Step, environ: dict[str, str]) -> Done:
    scope = running.scope()
    source = text(step.run.value(scope)) if step.run else ""
    shell = running.default("shell", step.shell)
    folder = running.workspace / running.default("working_directory", step.working_directory)
    if not folder.is_dir():
        message = f"the working directory {folder.name!r} is not there"
        raise _Failed(message)
    argv = shells.command(shell, source, running.temporary / uuid.uuid4().hex)
    facts = {"command": running.log.masked(source), "shell": shell or "default"}
    program = shutil.which(argv[0], path=environ.get("PATH"))
    if program is None:
        message = f"{argv[0]} is not on this machine"
        raise _Failed(message, Done(facts=facts))
    try:
        seconds = _seconds(running, step)
        ended = processes.bounded([program, *argv[1:]], cwd=folder, env=environ, seconds=seconds)
    except subprocess.TimeoutExpired as error:
        running.log.take(str(error.output or ""))
        raise _Failed(_out_of_time(running, step), Done(facts=facts)) from error
    _judge(running, ended, Done(facts=facts))
    return Done(facts={**facts, "code": 0})


def _judge(running: Running, ended: processes.Completed, done: Done) -> None:
    gone = running.log.take(ended.stdout)
    if gone:
        message = f"the workflow command ::{gone[0]}:: has been switched off by GitHub"
        raise _Failed(message, done)
    if ended.code != 0:
        message = f"Process completed with exit code {ended.code}."
        raise _Failed(message, Done(facts={**done.facts, "code": ended.code}))


def _seconds(running: Running, step: Step) -> float:
    minutes = number(step.timeout.value(running.scope())) if step.timeout else _NEVER
    return max(0.1, min(minutes * 60, running.deadline - time.monotonic()))


def _out_of_time(running: Running, step: Step) -> str:
    if time.monotonic() < running.deadline:
        limit = text(step.timeout.value(running.scope())) if step.timeout else str(_NEVER)
        return f"the step has timed out after {limit} minutes"
    running.status = "cancelled"
    return "the job has exceeded its maximum execution time"


def _call(running: Running, step: Step, environ: Mapping[str, str]) -> Done:
    name = name_of(step.uses)
    handler = {**HANDLERS, **running.run.machine.handlers}[name]
    given = {key.lower(): text(value.value(running.scope())) for key, value in step.inputs.items()}
    call = Call(
        name,
        {key: given.get(key.lower(), default or "") for key, default in handler.inputs.items()},
        environ,
        running.github,
        running.permissions,
        running.workspace,
        running.temporary,
        running.tools,
        running.run.machine,
        running.run.artifacts,
        running.log,
    )
    return _recorded(handler.act(call), step.uses)


def _recorded(done: Done, uses: str) -> Done:
    return Done(done.outputs, done.env, done.paths, {"uses": uses, **done.facts})


def _ended(running: Running, step: Step, title: str, outcome: Result, done: Done) -> StepResult:
    """The result; a failure fails the job unless it may go on."""
    conclusion = outcome
    if outcome == "failure":
        conclusion = "success" if _goes_on(running, step) else "failure"
    if conclusion == "failure" and running.status == "success":
        running.status = "failure"
    facts: dict[str, Any] = {"uses": step.uses, **done.facts} if step.uses else dict(done.facts)
    result = StepResult(title, step.id, outcome, conclusion, dict(done.outputs), facts)
    running.results.append(result)
    return result


def _goes_on(running: Running, step: Step) -> bool:
    try:
        return step.continue_on_error is not None and truthy(step.continue_on_error.value(running.scope()))
    except ExpressionError as error:
        running.log.annotate("error", str(error))
        return False
