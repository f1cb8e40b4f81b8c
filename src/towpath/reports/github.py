"""Reports inside GitHub Actions: annotations, the step's summary, and a fence around what tools print.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import re
import secrets
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from towpath.reports.words import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.errors import Problem
    from towpath.walk.alone import Result
    from towpath.walk.plan import Plan

_MOST = 10  # annotations of a kind that GitHub shows for a step
_LONGEST = 1 << 20  # bytes that a step may write to its summary
# As ruff, mypy, flake8 and pytest write it: path:line, perhaps :column, then a message.
_PLACE = re.compile(r"^(?:\s*-->\s*)?(?P<file>[\w./\\-]+\.\w+):(?P<line>\d+)(?::(?P<column>\d+))?:?\s*(?P<said>.*)$")


def inside(environ: Mapping[str, str]) -> bool:
    """Whether this process is a step of a GitHub Actions job."""
    return environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def fenced(environ: Mapping[str, str]) -> Iterator[None]:
    """While a gate runs, nothing that its tools print is taken for a command to the runner."""
    if not inside(environ):
        yield
        return
    word = secrets.token_hex(16)
    _say(f"::stop-commands::{word}")
    try:
        yield
    finally:
        _say(f"::{word}::")


def tell_problems(environ: Mapping[str, str], problems: Iterable[Problem]) -> None:
    """Annotate what closed a gate, with file and line where a tool named them, and write it to the summary."""
    if not inside(environ):
        return
    found = tuple(problems)
    lines = [line for problem in found for line in _annotations(problem)]
    for line in lines[:_MOST]:
        _say(line)
    _summarise(environ, "\n".join(_problem(problem) for problem in found))


def tell_result(environ: Mapping[str, str], result: Result) -> None:
    """Write how a gate ended to the summary."""
    if not inside(environ):
        return
    how = f"not sealed: {', '.join(result.reasons)}" if result.reasons else f"evidence `{result.record}`"
    notes = "".join(f"- {_plain(note)}\n" for note in result.outcome.notes)
    title = f"### {result.session}: {result.state.value}, {duration(result.seconds)}"
    _summarise(environ, f"{title}\n\n{notes}- {_plain(how)}\n")


def tell_plan(environ: Mapping[str, str], plan: Plan) -> None:
    """Write the table of gates and their diagram to the summary."""
    if inside(environ):
        _summarise(environ, f"{plan_table(plan)}\n{diagram(plan)}")


def plan_table(plan: Plan) -> str:
    """The gates as a Markdown table."""
    rows = [
        f"| {step.session} | {step.state.value} | {step.effect} | {_plain(step.where)} | {', '.join(step.needs)} |"
        for step in plan.steps
    ]
    head = ["| gate | | effect | where | needs |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([f"### {_plain(plan.project)} {plan.version} → {plan.target}", "", *head, *rows, ""])


def diagram(plan: Plan) -> str:
    """The gates and their needs as a mermaid diagram; what cannot be undone stands out."""
    sessions: dict[str, list[str]] = {}
    for step in plan.steps:
        gate = next((name for name in _gates(plan) if step.session == name or step.session.startswith(f"{name}-")), "")
        sessions.setdefault(gate, []).append(step.session)
    lines = ["```mermaid", "flowchart LR"]
    for step in plan.steps:
        shape = '{{"%s"}}' if step.effect == "permanent" else '["%s"]'
        lines.append(f"  {step.session.replace('.', '_')}{shape % step.session}")
        for need in step.needs:
            lines += [f"  {name.replace('.', '_')} --> {step.session.replace('.', '_')}" for name in sessions[need]]
    return "\n".join([*lines, "```", ""])


def _gates(plan: Plan) -> list[str]:
    """The gates' names, the longest first: `verify-install-3.12` is one of verify-install."""
    named = {need for step in plan.steps for need in step.needs}
    return sorted(named, key=len, reverse=True)


def _annotations(problem: Problem) -> Iterator[str]:
    placed = [match for line in problem.detail.splitlines() if (match := _PLACE.match(line))]
    for match in placed[: _MOST - 1]:
        column = f",col={match['column']}" if match["column"] else ""
        where = f"file={_property(match['file'])},line={match['line']}{column}"
        yield f"::error {where},title={_property(problem.id)}::{_message(match['said'] or problem.cause)}"
    yield f"::error title={_property(problem.id)}::{_message(f'{problem.cause} Fix: {problem.fix}')}"


def _problem(problem: Problem) -> str:
    text = f"### closed: {_plain(problem.cause)}\n\nFix: {_plain(problem.fix)}\n"
    return f"{text}\n{_code(problem.detail)}\n" if problem.detail else text


def _code(text: str) -> str:
    """A block that its own text cannot end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _plain(text: str) -> str:
    """Text that is shown as it is: no markup of whoever wrote it."""
    escaped = re.sub(r"([\\*_{}\[\]<>|#!~])", r"\\\1", text.replace("\n", " "))
    return escaped.replace("&", "&amp;").replace("@", "@\u200b")  # nobody is called by a file's text


def _summarise(environ: Mapping[str, str], text: str) -> None:
    path = environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    kept = text.encode("utf-8", "replace")[: _LONGEST - 1]
    with Path(path).open("ab") as opened:
        opened.write(kept + b"\n")


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
