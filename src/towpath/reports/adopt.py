"""What `init` found, what it writes, and what comes next: on the terminal and as data."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from towpath.errors import respelled
from towpath.reports.bump import confirm, show
from towpath.reports.differences import unified
from towpath.versions.places import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from towpath.adopt.configuring import Key
    from towpath.adopt.findings import Findings
    from towpath.adopt.plan import File, Plan
    from towpath.adopt.publishers import Workflow
    from towpath.reports.bump import Line

__all__ = ["can_ask", "confirm", "plan_data", "plan_lines", "question", "show", "written_lines"]

_STYLES = {"+": "green", "-": "red", "@": "cyan"}
_LOCK = ".github/towpath.txt"  # hundreds of hashes, which nobody reads


def can_ask(environ: Mapping[str, str]) -> bool:
    """Whether there is somebody at a terminal, outside CI."""
    from towpath.reports.terminal import console

    return sys.stdin.isatty() and console(environ).is_interactive


def plan_lines(plan: Plan) -> Iterator[Line]:
    """What was found, what is configured and why, and every file as a difference."""
    yield (plan.project if plan.found else f"{plan.project}: a new project"), "bold"
    yield from ((f"  {line}", "") for line in (_found_lines(plan.found) if plan.found else ()))
    for key in plan.keys:
        where = f"[tool.towpath.{key.table}]" if key.table else "[tool.towpath]"
        yield f"  {where} {key.key}: {key.because}", ""
    for remark in plan.remarks:
        yield f"  note: {_spelled(plan, remark)}", "yellow"
    for file in plan.files:
        yield "", ""
        yield from _file_lines(file)
    if not plan.files:
        yield "Nothing to do: everything is there. " + next_line(plan), "bold green"


def question(plan: Plan) -> str:
    """What is asked before anything is written."""
    also = ", and commit them" if plan.repository else ""
    count = len(plan.files)
    return f"Write {count} file{'s' if count > 1 else ''}{also}?"


def written_lines(plan: Plan) -> Iterator[Line]:
    """What was done, and the one next command."""
    yield "", ""
    for file in plan.files:
        yield f"{'wrote' if file.before is None else 'added to'} {file.path}", ""
    if plan.repository:
        yield "committed them: the first commit of this project", ""
    yield next_line(plan), "bold green"


def next_line(plan: Plan) -> str:
    """The one thing to do next."""
    return _spelled(plan, "Next: nox -s release, which rehearses: nothing leaves this machine.")


def plan_data(plan: Plan, *, written: bool) -> dict[str, Any]:
    """The same as data."""
    return {
        "done": written or not plan.files,
        "written": written,
        "project": plan.project,
        "new": plan.found is None,
        "found": _found_data(plan.found) if plan.found else None,
        "configuration": list(map(_key_data, plan.keys)),
        "files": [
            {"path": file.path, "new": file.before is None, "diff": "\n".join(_diff(file))} for file in plan.files
        ],
        "remarks": [_spelled(plan, remark) for remark in plan.remarks],
        "next": _spelled(plan, "nox -s release"),
    }


def _key_data(key: Key) -> dict[str, Any]:
    table = f"tool.towpath.{key.table}".rstrip(".")
    return {"table": table, "key": key.key, "value": key.value, "because": key.because}


def _spelled(plan: Plan, text: str) -> str:
    return respelled(text, plan.prefix)


def _found_lines(found: Findings) -> Iterator[str]:
    rows = {
        "backend": found.backend,
        "version": f"{found.version}, from {found.version_from}{_also(found)}",
        "changelog": found.changelog or "none: the notes come from the commits",
        "tests": _tests(found),
        "linters": "; ".join(f"{command} ({why})" for command, why in found.linters) or "none",
        "Pythons": _pythons(found),
        "tags": found.tag_format,
        "workflows": "; ".join(map(_workflow, found.workflows)) or ("generated" if found.generated else "none"),
    }
    return (f"{name:<10} {said}" for name, said in rows.items())


def _also(found: Findings) -> str:
    others = [path for path in found.version_places if path != found.version_from]
    return f"; also in {', '.join(others)}" if others else ""


def _tests(found: Findings) -> str:
    if found.tests:
        folders = dict.fromkeys(path.rpartition("/")[0] or "." for path in found.tests)
        count = len(found.tests)
        return f"{count} file{'s' if count > 1 else ''} in {', '.join(list(folders)[:3])}"
    if found.pytest.reads_doctests:
        return "in docstrings"
    return "by commands of the project's own" if found.has_tests else "none"


def _pythons(found: Findings) -> str:
    parts = [", ".join(found.required), f"where they are: {', '.join(found.optional)}" if found.optional else ""]
    return "; ".join(filter(None, [*parts, f"not here: {', '.join(found.missing)}" if found.missing else ""]))


def _workflow(one: Workflow) -> str:
    if not one.uploads:
        return one.name
    sent = ", ".join(
        f"to {up.index} by {up.by}"
        + (f" in environment {up.environment}" if up.environment else "")
        + (f" with secret {up.secret}" if up.secret else "")
        for up in one.uploads
    )
    return f"{one.name} publishes {sent}, on {', '.join(one.triggers) or 'no trigger that is known'}"


def _file_lines(file: File) -> Iterator[Line]:
    if file.path == _LOCK:
        count = file.after.count(b"\n")
        yield f"+++ b/{file.path} ({count} lines of packages and their hashes)", "bold"
        return
    for line in _diff(file):
        yield line, "bold" if line.startswith(("--- ", "+++ ")) else _STYLES.get(line[:1], "")


def _diff(file: File) -> list[str]:
    lines = unified(Edit(file.path, file.before or b"", file.after))
    if file.before is None:
        lines = ["--- /dev/null", *lines[1:]]
    return lines


def _found_data(found: Findings) -> dict[str, Any]:
    return {
        "backend": found.backend,
        "version": found.version,
        "version_from": found.version_from,
        "version_places": list(found.version_places),
        "changelog": found.changelog,
        "tests": list(found.tests),
        "linters": [{"command": command, "because": why} for command, why in found.linters],
        "pythons": {"required": list(found.required), "optional": list(found.optional), "missing": list(found.missing)},
        "tag_format": found.tag_format,
        "publisher": found.publisher.name if found.publisher else "",
        "workflows": [
            {
                "name": one.name,
                "triggers": list(one.triggers),
                "uploads": [
                    {"index": up.index, "by": up.by, "environment": up.environment, "secret": up.secret}
                    for up in one.uploads
                ],
            }
            for one in found.workflows
        ],
    }
