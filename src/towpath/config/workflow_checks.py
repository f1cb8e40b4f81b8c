"""What is wrong with `[tool.towpath.workflow]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath.config.words import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.config.sections import Settings, Workflow

_TRIGGERS = ("tag", "release", "dispatch")
_PUBLISHERS = ("nox", "action")
# What GitHub takes: a file beside others in .github/workflows, and a secret's name.
_FILE = re.compile(r"[\w.-]+\.ya?ml")
_SECRET = re.compile(r"(?!GITHUB_)[A-Za-z_][A-Za-z0-9_]*", re.IGNORECASE)
_LABEL = re.compile(r"[\w.-]+")
_PYTHON = re.compile(r"3\.\d+")


def wrong_workflow(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Every value that GitHub would not take, or that we have no meaning for, with its table and what is near."""
    chosen = settings.workflow
    for what, near in (*_wrong_files(chosen), *_wrong_triggers(chosen), *_wrong_names(chosen)):
        yield "workflow", what, near


def _wrong_files(chosen: Workflow) -> Iterator[tuple[str, str]]:
    for name in (chosen.release, *([chosen.check] if chosen.check else [])):
        if not _FILE.fullmatch(name):
            yield f"{name!r} is no name of a workflow file, such as release.yml", ""
    if chosen.release == chosen.check:
        yield f"release and check are both {chosen.release!r}", ""


def _wrong_triggers(chosen: Workflow) -> Iterator[tuple[str, str]]:
    if not chosen.triggers:
        yield f"triggers is empty: choose of {', '.join(_TRIGGERS)}", ""
    for trigger in chosen.triggers:
        if trigger not in _TRIGGERS:
            yield f"trigger {trigger!r} is none of {', '.join(_TRIGGERS)}", suggest(trigger, _TRIGGERS)


def _wrong_names(chosen: Workflow) -> Iterator[tuple[str, str]]:
    if chosen.publish_by not in _PUBLISHERS:
        yield f"publish-by {chosen.publish_by!r} is none of {', '.join(_PUBLISHERS)}", ""
    if not chosen.operating_systems or not all(map(_LABEL.fullmatch, chosen.operating_systems)):
        yield "operating-systems must name at least one runner, such as ubuntu-latest", ""
    for version in (chosen.python, *chosen.pythons):
        if not _PYTHON.fullmatch(version):
            yield f'{version!r} is no Python to set up: write a version such as "3.12"', ""
    for secret in chosen.secrets.values():
        if not _SECRET.fullmatch(secret):
            yield f"{secret!r} cannot be the name of a secret: GitHub takes letters, digits and underscores", ""
