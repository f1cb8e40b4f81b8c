"""The pages about what is typed: sessions and tasks, from the very objects that nox and invoke are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.invoke import TASKS
from towpath.nox import RELEASE_LINE
from towpath.pipeline import RELEASE
from towpath.typed import LEAVING_OUT, RELEASE_OPTIONS

if TYPE_CHECKING:
    from invoke.parser.argument import Argument

    from towpath.gates.gate import Gate

_SESSIONS = """\
# Sessions

`nox -l` lists them. A bare `nox` runs those that are marked. Options of a session come after `--`, as in
`nox -s release -- --to pypi`.

| session | what it does | after `--` |
|---|---|---|
"""
_VARIANTS = """
\\* run by a bare `nox`.

A gate with Pythons has a session for each that comes into question besides (`test-3.12`, `verify-install-3.12`), and
`test-coverage` where `test.coverage` is set: see [which Pythons](configuration.md#which-pythons). Each table
`[tool.towpath.after-release.NAME]` adds a session of that name: see [after the release](after-release.md). What stands
in `prefix` of `[tool.towpath]` comes before every name.

`--yes` answers the question with which a gate that others see begins on a terminal; where there is none, and in CI,
nobody is asked. A run with arguments of its own may pass but seals nothing, and says so.

## `nox -s release`

{line}

| option | meaning |
|---|---|
"""
_ENDS = """
## How they end

| exit code | meaning |
|---|---|
| 0 | done: every gate that was to be walked is open |
| 1 | a gate stayed closed, or a problem was found |
| 2 | the call or the configuration is wrong |
| 3 | nox knows no session of this name |
| 130 | interrupted |
"""
_TASKS = """\
# Tasks

`invoke --list` lists them, `invoke --help TASK` says the options of one. Without a `tasks.py` they are there as
`python -m towpath TASK`. They end as [sessions](sessions.md#how-they-end) do. Each that takes `--json` prints what it
found, and also its errors, as one JSON document on the standard output.
"""


def sessions_page() -> str:
    """The text of the page about nox's sessions."""
    rows = "".join(map(_session, RELEASE))
    last = f"| `release` | {RELEASE_LINE} | [see below](#nox--s-release) |\n"
    options = "".join(
        f"| `{f'{name} {example}'.strip()}` | {meaning} |\n" for name, (example, meaning) in RELEASE_OPTIONS.items()
    )
    return f"{_SESSIONS}{rows}{last}{_VARIANTS.format(line=RELEASE_LINE)}{options}{_ENDS}"


def _session(gate: Gate) -> str:
    name = f"`{gate.name}`" + (" \\*" if gate.by_default else "")
    return f"| {name} | {gate.summary} | {_taken(gate)} |\n"


def _taken(gate: Gate) -> str:
    if gate.takes_arguments:
        return "arguments for its command"
    own = (*gate.options, *(LEAVING_OUT if gate.about.value == "world" else ()))
    return ", ".join(f"`{word} …`" for word in own) + (", " if own else "") + "`--yes`"


def tasks_page() -> str:
    """The text of the page about invoke's tasks."""
    return _TASKS + "".join(_task(made(None)) for made in TASKS)


def _task(task: object) -> str:
    from invoke.tasks import Task

    if not isinstance(task, Task):
        message = f"{task!r} is no task"
        raise TypeError(message)
    line = " ".join((task.__doc__ or "").split())
    head = "| option | meaning |\n|---|---|\n"
    return f"\n## `{task.name}`\n\n{line}\n\n{head}" + "".join(map(_argument, task.get_arguments()))


def _argument(argument: Argument) -> str:
    long = next(name for name in argument.names if len(name) > 1)
    shown = f"--no-{long}" if argument.default is True else f"--{long}"
    shown += f" {long.upper()}" if argument.takes_value else ""
    return f"| `{shown}` | {argument.help} |\n"
