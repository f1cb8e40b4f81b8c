"""Reports inside GitHub Actions: annotations, and the step's summary in the Markdown of the report.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from towpath.errors import Problem
    from towpath.reports.release.nouns import Told
    from towpath.walk.alone import Result
    from towpath.walk.plan import Plan

_MOST = 10  # annotations of a kind that GitHub shows for a step
_LONGEST = 1 << 20  # bytes that a step may write to its summary
# As ruff, mypy, flake8 and pytest write it: path:line, perhaps :column, then a message.
_PLACE = re.compile(r"^(?:\s*-->\s*)?(?P<file>[\w./\\-]+\.\w+):(?P<line>\d+)(?::(?P<column>\d+))?:?\s*(?P<said>.*)$")


def inside(environ: Mapping[str, str]) -> bool:
    """Whether this process is a step of a GitHub Actions job."""
    return environ.get("GITHUB_ACTIONS") == "true"


def tell_problems(environ: Mapping[str, str], problems: Iterable[Problem]) -> None:
    """Annotate what closed a gate, with file and line where a tool named them, and write it to the summary."""
    if not inside(environ):
        return
    from towpath.reports.release.markdown import problem_section

    found = tuple(problems)
    lines = [line for problem in found for line in _annotations(problem)]
    for line in lines[:_MOST]:
        _say(line)
    _summarise(environ, "\n\n".join(problem_section(problem) for problem in _clean(environ, found)))


def tell_result(environ: Mapping[str, str], result: Result) -> None:
    """Write how a gate that ran alone ended to the summary, as the report of a release has it."""
    if not inside(environ):
        return
    from towpath.reports.release.alone import gate_told
    from towpath.reports.release.markdown import gate_section

    _summarise(environ, gate_section(gate_told(result, environ)))


def tell_release(environ: Mapping[str, str], told: Told) -> None:
    """Write the report of a walk to the summary."""
    if not inside(environ):
        return
    from towpath.reports.release.markdown import told_markdown

    _summarise(environ, told_markdown(told))


def tell_plan(environ: Mapping[str, str], plan: Plan) -> None:
    """Write the table of gates and their diagram to the summary."""
    if not inside(environ):
        return
    from towpath.reports.release.markdown import diagram, plan_table

    _summarise(environ, f"{plan_table(plan)}\n{diagram(plan)}")


def _clean(environ: Mapping[str, str], problems: Iterable[Problem]) -> Iterator[Problem]:
    from towpath.reports.release.cleaning import clean_problem, cleaner

    clean = cleaner(environ)
    yield from (clean_problem(problem, clean) for problem in problems)


def _annotations(problem: Problem) -> Iterator[str]:
    placed = [match for line in problem.detail.splitlines() if (match := _PLACE.match(line))]
    for match in placed[: _MOST - 1]:
        column = f",col={match['column']}" if match["column"] else ""
        where = f"file={_property(match['file'])},line={match['line']}{column}"
        yield f"::error {where},title={_property(problem.id)}::{_message(match['said'] or problem.cause)}"
    yield f"::error title={_property(problem.id)}::{_message(f'{problem.cause} Fix: {problem.fix}')}"


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
