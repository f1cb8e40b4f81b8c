"""What the doctor found, on the terminal and as data."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.text import Text

from towpath.doctor.nouns import Severity
from towpath.reports.data import problems_data

if TYPE_CHECKING:
    from rich.console import Console

    from towpath.doctor.nouns import Form, Report, Result

_COLOURS = {"ok": "green", "problem": "bold red", "advice": "yellow", "not asked": "dim"}
_WIDTH = len("not asked")


def show_doctor(console: Console, report: Report) -> None:
    """Part by part: a line for each check, with cause and fix below what was found; the forms; the count."""
    for part, results in groupby(report.results, key=lambda result: result.check.part):
        console.print(Text(part, style="bold"), soft_wrap=False)
        for result in results:
            _show_result(console, result)
    for form in report.forms:
        _show_form(console, form)
    console.print()
    console.print(_verdict(report), soft_wrap=False)


def doctor_data(report: Report) -> dict[str, Any]:
    """The same as data."""
    return {
        "project": report.project,
        "offline": report.offline,
        "problems": _count(report, Severity.PROBLEM),
        "advice": _count(report, Severity.ADVICE),
        "checks": [_result_data(result) for result in report.results],
        "publishers": [_form_data(form) for form in report.forms],
    }


def _show_result(console: Console, result: Result) -> None:
    name, said = result.check.name, "; ".join(result.well)
    if result.state == "ok":
        _line(console, "ok", f"{name}: {said}" if said else name)
        return
    if result.well:
        _line(console, "ok", f"{name}: {said}")
    for finding in result.findings:
        _line(console, finding.severity.value, f"{name}: {finding.problem.cause}")
        indent = " " * (_WIDTH + 4)
        console.print(Text(f"{indent}fix: {finding.problem.fix}"), soft_wrap=True)
        for line in finding.problem.detail.splitlines():
            console.print(Text(f"{indent}     {line}", style="dim"), soft_wrap=True)
        console.print(Text(f"{indent}more: {finding.problem.more}", style="dim"), soft_wrap=True)
    for why in result.unasked:
        _line(console, "not asked", f"{name}: {why}")


def _line(console: Console, state: str, text: str) -> None:
    line = Text(f"  {state:<{_WIDTH}}  ", style=_COLOURS[state])
    console.print(line + Text(text, style=""), soft_wrap=True)


def _show_form(console: Console, form: Form) -> None:
    console.print()
    how = {True: "a pending publisher, as the project is new there", False: "the project's", None: "the project's"}
    console.print(Text(f"the trusted publisher on {form.index} ({how[form.pending]})", style="bold"), soft_wrap=False)
    for label, value in _values(form):
        console.print(Text(f"  {label:<22}{value}"), soft_wrap=True)
    console.print(Text(f"  {form.address}"), soft_wrap=True)  # an address is not to be broken
    if form.pending is None:
        console.print(Text("  (for a project that is not there yet: the account's page, Publishing)"), soft_wrap=True)


def _values(form: Form) -> tuple[tuple[str, str], ...]:
    """The labels are those of PyPI's own form."""
    return (
        ("PyPI Project Name", form.project),
        ("Owner", form.owner),
        ("Repository name", form.repository),
        ("Workflow name", form.workflow),
        ("Environment name", form.environment),
    )


def _verdict(report: Report) -> Text:
    problems, advised = _count(report, Severity.PROBLEM), _count(report, Severity.ADVICE)
    unasked = sum(1 for result in report.results if result.unasked)
    open_ends = f"; {unasked} {'check' if unasked == 1 else 'checks'} not or not wholly asked" if unasked else ""
    said = f"{_counted(problems, 'problem')}, {advised} advised{open_ends}."
    return Text(said, style="bold red" if problems else "bold yellow" if advised or unasked else "bold green")


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _count(report: Report, severity: Severity) -> int:
    return sum(1 for result in report.results for finding in result.findings if finding.severity is severity)


def _result_data(result: Result) -> dict[str, Any]:
    return {
        "part": result.check.part,
        "check": result.check.name,
        "state": result.state,
        "ok": list(result.well),
        "not_asked": list(result.unasked),
        "findings": [{"severity": one.severity.value, **problems_data([one.problem])[0]} for one in result.findings],
    }


def _form_data(form: Form) -> dict[str, Any]:
    return {
        "index": form.index,
        "project": form.project,
        "owner": form.owner,
        "repository": form.repository,
        "workflow": form.workflow,
        "environment": form.environment,
        "address": form.address,
        "pending": form.pending,
    }
