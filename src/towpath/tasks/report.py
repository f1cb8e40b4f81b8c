"""`invoke report`: the report of a release, as a page, as Markdown or as JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke.tasks import task

from towpath.tasks.ending import ending

if TYPE_CHECKING:
    from invoke.context import Context
    from invoke.tasks import Task

    from towpath.gates.gate import Pipeline
    from towpath.reports.release.nouns import Told


def report_task(pipeline: Pipeline | None) -> Task[Any]:
    """The task."""

    @task(
        name="report",
        help={
            "version": "the version; the one that is there now if left out",
            "to": "where it went: rehearsal, testpypi, pypi, or an index of yours; the last walk if left out",
            "offline": "do not ask the remote, the indexes and the forge: tell what was sealed",
            "output": "the file to write; beside the evidence if left out",
            "markdown": "print it as Markdown",
            "json": "print it as JSON",
        },
    )
    def report(  # noqa: PLR0913, PLR0917 - invoke makes an option of each
        context: Context,
        version: str = "",
        to: str = "",
        offline: bool = False,  # noqa: FBT001, FBT002 - invoke makes options of them
        output: str = "",
        markdown: bool = False,  # noqa: FBT001, FBT002 - the same
        json: bool = False,  # noqa: FBT001, FBT002 - the same
    ) -> None:
        """Write the report of a release: its gates, files and tests, and what the world has of it."""
        from towpath.pipeline import RELEASE
        from towpath.reports.release.asking import Question, ask

        with ending(context, as_json=json):
            told = ask(Question(Path.cwd(), os.environ, pipeline or RELEASE, version, to, offline=offline))
            _write(told, _language(markdown=markdown, json=json), output)

    made: Task[Any] = report
    return made


def _language(*, markdown: bool, json: bool) -> str:
    from towpath import errors

    if markdown and json:
        raise errors.ONE_LANGUAGE.error()
    return "markdown" if markdown else "json" if json else "html"


def _write(told: Told, language: str, output: str) -> None:
    from towpath import errors
    from towpath.reports.data import as_json
    from towpath.reports.release import kept, markdown
    from towpath.reports.release.data import told_data

    if language == "html":
        path = Path(output or Path(told.folder, told.target, kept.PAGE))
        with errors.disk("write the report"):
            kept.write_page(told, path, os.environ)
        sys.stdout.write(f"{path.as_posix()}\n")
        return
    text = markdown.told_markdown(told) if language == "markdown" else as_json(told_data(told)) + "\n"
    if output:
        with errors.disk("write the report"):
            kept.write_text(text, Path(output))
        sys.stdout.write(f"{Path(output).as_posix()}\n")
    else:
        sys.stdout.write(text)
