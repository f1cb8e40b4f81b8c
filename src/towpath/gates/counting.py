"""How many tests a command ran, for the runners that can say so; a run without a test proves nothing."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates.layout import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from towpath.gates.tooling import Command

PYTEST, UNITTEST, UNCOUNTED = "pytest", "unittest", ""
_SHOWN = 15
_PLACE = re.compile(r"^([^\s:]+\.py:\d+): ", re.MULTILINE)  # the last lines of a traceback in pytest's style
_NOTHING_COLLECTED = 5  # of pytest, and of unittest from Python 3.12


@dataclass(frozen=True, slots=True)
class Count:
    """The tests of one command; `kind` is the runner, empty where nothing is counted."""

    kind: str
    tests: int = 0
    skipped: int = 0
    failed: int = 0

    @property
    def passed(self) -> int:
        """Those that ran and did not fail."""
        return self.tests - self.skipped - self.failed


@dataclass(frozen=True, slots=True)
class Allowed:
    """A command that failed and may, with the declared reason."""

    command: str
    code: int
    reason: str

    def as_data(self) -> dict[str, Any]:
        """For the evidence."""
        return {"command": self.command, "code": self.code, "reason": self.reason}


def kind_of(argv: Sequence[str]) -> str:
    """The runner that a command starts, wherever its program lies: also by `python -m` and by `coverage run -m`."""
    program = PurePath(argv[0]).name.removesuffix(".exe")
    if program in {"pytest", "py.test"} or _module(argv, "pytest"):
        return PYTEST
    if program.startswith(("python", "pypy", "coverage")) and _module(argv, "unittest"):
        return UNITTEST
    return UNCOUNTED


def counted(argv: Sequence[str], kind: str, report: Path) -> tuple[str, ...]:
    """The command with what makes it leave a report."""
    if kind == PYTEST:
        return (*argv, f"--junitxml={report}")
    if kind == UNITTEST:
        at = _module(argv, "unittest")
        return (*argv[:at], str(path_of("unittests.py")), str(report), *argv[at + 2 :])
    return tuple(argv)


def judge(one: Command, shown: Sequence[str], kind: str, report: Path, code: int) -> tuple[Count, Allowed | None]:
    """What a command that has ended showed.

    Raises no-test-ran where it ran none, command-failed where it failed and may not, unreadable-report where it ended
    with 0 and left no report. A failure that is allowed excuses neither of the others.
    """
    text = shlex.join(shown)
    if kind and code == _NOTHING_COLLECTED:
        raise errors.NO_TEST_RAN.error(command=text, skipped=0)
    if code != 0 and not one.allowed_to_fail:
        raise errors.COMMAND_FAILED.error(command=text, code=code, detail="\n".join(_failures(kind, report)))
    count = _read(kind, report)
    if kind and count.tests <= count.skipped:
        raise errors.NO_TEST_RAN.error(command=text, skipped=count.skipped)
    return count, Allowed(text, code, one.allowed_to_fail) if code else None


def told(counts: Sequence[Count], allowed: Sequence[Allowed]) -> str:
    """All commands in one line, what was allowed to fail with its reason."""
    known = [count for count in counts if count.kind]
    words = []
    if known:
        passed = sum(count.passed for count in known)
        words.append(f"{passed} test{'' if passed == 1 else 's'} passed")
        for what, number in (("failed", sum(c.failed for c in known)), ("skipped", sum(c.skipped for c in known))):
            words += [f"{number} {what}"] if number else []
    uncounted = len(counts) - len(known)
    if uncounted and not known:
        words.append(
            "the commands ended with 0; their tests are not counted" if not allowed else "tests are not counted"
        )
    elif uncounted:
        words.append(f"those of {uncounted} command{'' if uncounted == 1 else 's'} are not counted")
    words += [f"`{one.command}` ended with {one.code}, as it may: {one.reason}" for one in allowed]
    return ", ".join(words)


def as_data(counts: Sequence[Count]) -> dict[str, Any]:
    """For the evidence; None where no command is counted."""
    known = [count for count in counts if count.kind]
    if not known:
        return {"tests": None, "skipped": None, "failed": None}
    names = ("tests", "skipped", "failed")
    return {name: sum(getattr(count, name) for count in known) for name in names}


def _module(argv: Sequence[str], name: str) -> int:
    """Where `-m` and the name of a module begin; 0 for nowhere."""
    pairs = list(pairwise(argv))
    return pairs.index(("-m", name)) if ("-m", name) in pairs else 0


def _read(kind: str, report: Path) -> Count:
    if kind == PYTEST:
        return _of_pytest(report)
    if kind == UNITTEST:
        return _of_unittest(report)
    return Count(UNCOUNTED)


def _of_pytest(report: Path) -> Count:
    import xml.etree.ElementTree as ET

    try:
        suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314  # nosec B314 - pytest's own
    except (OSError, ET.ParseError):
        detail = "pytest ended without writing its report"
        raise errors.UNREADABLE_REPORT.error(tool="pytest", detail=detail) from None

    def total(name: str) -> int:
        return sum(int(suite.get(name, 0)) for suite in suites)

    return Count(PYTEST, total("tests"), total("skipped"), total("failures") + total("errors"))


def _failures(kind: str, report: Path) -> Iterator[str]:
    """The tests that failed, each with its place as pytest tells it: `path:line: name: message`."""
    import xml.etree.ElementTree as ET

    try:
        cases = list(ET.parse(report).getroot().iter("testcase")) if kind == PYTEST else []  # noqa: S314  # nosec B314
    except (OSError, ET.ParseError):
        return
    failed = [(case, wrong) for case in cases for wrong in (*case.findall("failure"), *case.findall("error"))]
    for case, wrong in failed[:_SHOWN]:
        places = _PLACE.findall(wrong.text or "")
        said = (wrong.get("message") or "").strip().partition("\n")[0]
        yield f"{places[-1] if places else case.get('classname', '')}: {case.get('name')}: {said}"
    if len(failed) > _SHOWN:
        yield f"and {len(failed) - _SHOWN} more"


def _of_unittest(report: Path) -> Count:
    try:
        return Count(UNITTEST, **json.loads(report.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        detail = "unittest ended without giving its result"
        raise errors.UNREADABLE_REPORT.error(tool="unittest", detail=detail) from None
