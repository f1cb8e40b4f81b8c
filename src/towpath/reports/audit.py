"""The audit in words and as data."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from towpath.reports.data import problems_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from towpath.bump.audit import Audit, Row
    from towpath.bump.ledger import Ledger, Line, Tagged
    from towpath.errors import Problem

_UNKNOWN = "unknown"
_FIXES = 3  # shown of one kind: they differ in names only


def audit_data(audit: Audit) -> dict[str, Any]:
    """The audit, with everything that the table leaves out."""
    ledger = audit.ledger
    return {
        "project": ledger.project,
        "agrees": not audit.problems,
        "index": {"name": ledger.index, "known": not ledger.index_unknown, "why": ledger.index_unknown},
        "remote": {"name": ledger.remote, "known": not ledger.remote_unknown, "why": ledger.remote_unknown},
        "remarks": list(audit.remarks),
        "versions": [_row_data(row, ledger) for row in audit.rows],
        "problems": problems_data(audit.problems),
    }


def show_audit(console: Console, audit: Audit, prefix: str = "") -> None:
    """A row for each version, what is to be said, and the disagreements with cause and fix, by kind.

    `prefix` stands before the names of the project's tasks.
    """
    ledger = audit.ledger
    if audit.rows:
        console.print(_table(audit), soft_wrap=False)
        console.print()
    for remark in (*audit.remarks, *_together(audit.rows)):
        console.print(Text(f"note: {remark}"), soft_wrap=False)
    ordered = sorted((one.respelled(prefix) for one in audit.problems), key=lambda problem: problem.id)
    for _, alike in groupby(ordered, key=lambda problem: problem.id):
        _show_kind(console, list(alike))
    console.print()
    console.print(_verdict(audit, ledger), soft_wrap=False)


def _table(audit: Audit) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("version", overflow="fold")
    for name in ("tag", "commit", "places", "changelog"):
        table.add_column(name, overflow="fold")
    table.add_column(audit.ledger.index, overflow="fold")
    table.add_column("disagreements", overflow="fold")
    for row in audit.rows:
        style = "" if row.judged else "dim"
        table.add_row(*_cells(row, audit.ledger), style=style)
        for further in row.line.tags[1:]:
            table.add_row("", *_tag_cells(further), style=style)
    return table


def _cells(row: Row, ledger: Ledger) -> Iterable[Text]:
    line = row.line
    yield Text(str(line.version) if line.version is not None else "none")
    yield from _tag_cells(line.tags[0]) if line.tags else (Text("none"), Text(), Text())
    yield Text(_entry(line, ledger))
    yield Text(_published(line, ledger))
    names = dict.fromkeys(problem.id.removeprefix("audit-") for problem in row.problems)
    yield Text(", ".join(names) if row.judged else "not judged", style="bold red" if names else "dim")


def _tag_cells(tagged: Tagged) -> tuple[Text, Text, Text]:
    return (
        Text(f"{tagged.ref.name} {tagged.kind}"),
        Text(tagged.ref.commit[:7] or "none"),
        Text(_places(tagged)),
    )


def _places(tagged: Tagged) -> str:
    """`1.2.0 (3 places)` where all say the same, else each of them."""
    found = tagged.found
    if found.problems:
        return "unreadable"
    if not found.places:
        return "from git" if found.from_git else "none"
    values = dict.fromkeys(place.value for place in found.places)
    if len(values) == 1:
        count = len(found.places)
        return f"{next(iter(values))} ({count} place{'s' if count > 1 else ''})"
    return "; ".join(f"{place.path}: {' '.join(place.value.split())}" for place in found.places)


def _entry(line: Line, ledger: Ledger) -> str:
    if not ledger.has_changelog or line.version is None:
        return "none"
    return line.entry.state + (", yanked" if line.entry.yanked else "")


def _published(line: Line, ledger: Ledger) -> str:
    if line.version is None:
        return ""
    if ledger.index_unknown:
        return _UNKNOWN
    if line.published is None:
        return "absent"
    files, yanked = line.published.files, line.published.yanked
    said = f"{files} file{'s' if files > 1 else ''}"
    return said + (", yanked" if yanked == files else f", {yanked} yanked" if yanked else "")


def _together(rows: Iterable[Row]) -> list[str]:
    """The remarks of all rows."""
    return [f"{row.line.version or row.line.tags[0].ref.name}: {remark}" for row in rows for remark in row.remarks]


def _show_kind(console: Console, alike: list[Problem]) -> None:
    console.print()
    console.print(Text(f"{alike[0].id}:", style="bold red"), soft_wrap=False)
    for problem in alike:
        console.print(Text(f"  {problem.cause}"), soft_wrap=False)
    for fix in list(dict.fromkeys(problem.fix for problem in alike))[:_FIXES]:
        console.print(Text(f"   fix: {fix}"), soft_wrap=False)
    console.print(Text(f"  more: {alike[0].more}"), soft_wrap=False)


def _verdict(audit: Audit, ledger: Ledger) -> Text:
    count, wrong = len(audit.rows), len(audit.problems)
    if not count:
        return Text(f"{ledger.project} has no version yet.")
    what = f"{count} version{'s' if count > 1 else ''} of {ledger.project}"
    without = f" (without {ledger.index})" if ledger.index_unknown else ""
    if wrong:
        return Text(f"{what}: {wrong} disagreement{'s' if wrong > 1 else ''}{without}.", style="bold red")
    return Text(f"{what}: everything agrees{without}.", style="bold green")


def _row_data(row: Row, ledger: Ledger) -> dict[str, Any]:
    line = row.line
    return {
        "version": str(line.version) if line.version is not None else None,
        "tags": [_tag_data(tagged) for tagged in line.tags],
        "changelog": {"state": line.entry.state if ledger.has_changelog else "none", "yanked": line.entry.yanked},
        "index": _index_data(line, ledger),
        "judged": row.judged,
        "remarks": list(row.remarks),
        "problems": [problem.id for problem in row.problems],
    }


def _tag_data(tagged: Tagged) -> dict[str, Any]:
    found = tagged.found
    return {
        "name": tagged.ref.name,
        "kind": tagged.kind,
        "commit": tagged.ref.commit,
        "as_configured": tagged.regular,
        "from_git": found.from_git,
        "places": [
            {"path": place.path, "line": place.line, "value": place.value, "deciding": place is found.deciding}
            for place in found.places
        ],
    }


def _index_data(line: Line, ledger: Ledger) -> dict[str, Any]:
    if ledger.index_unknown:
        return {"state": _UNKNOWN, "files": None, "yanked": None, "reason": ""}
    if line.published is None:
        return {"state": "absent", "files": 0, "yanked": 0, "reason": ""}
    found = line.published
    return {"state": "there", "files": found.files, "yanked": found.yanked, "reason": found.reason}
