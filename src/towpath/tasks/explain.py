"""`invoke explain`: what an error means, by its id or by a pasted text."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from invoke.exceptions import Exit
from invoke.tasks import task

from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.gates.gate import Pipeline

NAME = "explain"
STDIN = "-"


def explain_task(_pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name=NAME,
        # invoke knows no positional argument that may be left out: it is one where something is there to be taken.
        positional=["text"] if _is_given(sys.argv) else [],
        help={
            "text": "an id, or the text of an error as it came, also without --text; - reads the standard input",
            "json": "print what is found as JSON",
        },
    )
    def explain(context: Context, text: str | None = None, json: bool = False) -> None:  # noqa: FBT001, FBT002 - invoke makes options of them
        """Say what an error means and what to do, by its id or by any text of PyPI, git, GitHub, pip, twine or uv."""
        from towpath.credentials.redaction import without_secrets

        with ending(context, as_json=json):
            if not text:
                _list(as_json=json)
                return
            asked = sys.stdin.read() if text == STDIN else str(text)
            known = _explain(without_secrets(asked), as_json=json)
        if not known:
            raise Exit(code=1)

    made: Task[Any] = explain
    return made


def _is_given(words: Sequence[str]) -> bool:
    """Whether the call holds more than the task's name and its options."""
    names = [place for place, word in enumerate(words) if word.endswith(NAME) and not {"/", "\\"} & set(word)]
    return bool(names) and any(word not in {"--json", "-j", "--help", "-h"} for word in words[names[0] + 1 :])


def _list(*, as_json: bool) -> None:
    from towpath.errors.rooms import rooms
    from towpath.reports import data
    from towpath.reports.explain import kinds_data, show_rooms
    from towpath.reports.terminal import console

    if as_json:
        listed = {title: kinds_data(kinds) for title, kinds in rooms().items()}
        sys.stdout.write(data.as_json({"rooms": listed}) + "\n")
    else:
        show_rooms(console(os.environ), rooms())


def _explain(text: str, *, as_json: bool) -> bool:
    from towpath.entry import prefix
    from towpath.errors.explaining import find, near
    from towpath.reports import data
    from towpath.reports import explain as report
    from towpath.reports.terminal import console

    matches, before = find(text), prefix()
    meant = () if matches else near(text)
    if as_json:
        found = {
            "known": bool(matches),
            "text": text,
            "matches": report.matches_data(matches, before),
            "near": report.kinds_data(meant),
            "state": "" if matches else report.STATE,
        }
        sys.stdout.write(data.as_json(found) + "\n")
    elif matches:
        report.show_matches(console(os.environ), matches, before)
    else:
        report.show_unknown(console(os.environ), text, meant, before)
    return bool(matches)
