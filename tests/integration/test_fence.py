"""The fence around a gate's output in GitHub Actions, heard by our interpreter's log, which obeys as a runner does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath import errors
from towpath.entry import show
from towpath.reports.fence import fenced
from towpath.workflow.interpreter.log import Log

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

INSIDE = {"GITHUB_ACTIONS": "true"}
CANARY = "pypi-canary%0A100%"


def heard(log: Path, text: str) -> Log:
    made = Log(log, "publish", ())
    made.begin("Publish")
    made.take(text)
    return made


def test_a_secret_is_masked_and_what_tools_print_stays_no_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with fenced(INSIDE, to_the_runner=True) as hide:
        print("::error::by a tool")  # noqa: T201 - as a tool would
        hide(f"{CANARY}\nsecond line")
        print(f"::warning::by a tool {CANARY}, second line")  # noqa: T201 - the same
        hide("another")
        print("::add-mask::publish")  # noqa: T201 - the same
    print("::notice::by us")  # noqa: T201 - after it
    log = heard(tmp_path / "log", capsys.readouterr().out)
    text = log.path.read_text(encoding="utf-8")
    assert "::warning::by a tool ***, ***" in text
    assert CANARY not in text
    assert log.masked("another publish") == "*** publish"
    assert [(note.level, note.message) for note in log.annotations] == [("notice", "by us")]


def test_where_the_output_is_kept_the_secret_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A session of a walk writes into a log: the command that hides would be what tells."""
    with fenced(INSIDE, to_the_runner=False) as hide:
        hide(CANARY)
    printed = capsys.readouterr().out
    assert "canary" not in printed
    assert "::stop-commands::" in printed


def test_what_a_closed_gate_quotes_is_no_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    show(errors.COMMAND_FAILED.error(command="tool", code=1, detail="::error::by a tool"), as_json=False)
    print("::notice::by us")  # noqa: T201 - after it
    log = heard(tmp_path / "log", capsys.readouterr().out)
    assert "::error::by a tool" in log.path.read_text(encoding="utf-8")
    assert [note.message for note in log.annotations] == ["by us"]


def test_outside_of_actions_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with fenced({}, to_the_runner=True) as hide:
        hide(CANARY)
    assert capsys.readouterr().out == ""
