"""What a release would set off: the workflows that publish, and which event of ours starts each of them.

Told from their files as GitHub reads them: triggers with their filters, and the conditions of jobs and steps as far as
they are plain. Where a condition cannot be told, the upload counts: two publishers of one version are the worse error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from towpath.gates.filters import matches
from towpath.gates.publishers import FOLDER, Upload, events_of, is_generated, jobs_of, parsed, table, uploads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TRIGGERS = ("tag", "release", "dispatch")
# Only a file with such a word can publish; most have none, and need not be parsed.
_PUBLISHES = re.compile(r"publish|upload|release|uses: *\S?\./\.github/workflows/", re.IGNORECASE)
_SESSION = re.compile(
    r"\bnox\b[^\n]*?(?:-s|--sessions?|-e)[ =]+[\"']?\S*?(?:publish(?:-test)?\b(?!ed)|release\b.*--to\b)"
)
_LOCAL = re.compile(r"\./\.github/workflows/([\w.-]+)")
_STARTS = {"tag": {"push", "create"}, "release": {"release"}, "dispatch": {"workflow_dispatch"}}
# What publishing a release causes, https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#release
_RELEASED = {"published", "created", "released", "prereleased"}
_DEPTH = 4  # of workflows that call one another, by GitHub's own limit of that time


@dataclass(frozen=True, slots=True)
class Setting:
    """What the files are asked about: the version's tag, and the repository as owner/name."""

    tag: str
    repository: str


@dataclass(frozen=True, slots=True)
class Publisher:
    """A workflow that publishes; `triggers` are the events of a release of this version that make it do so.

    `indexes` are where it sends, by name or URL; "" among them is wherever the version's route leads, since the gates'
    own sessions send. `inputs` are those of a dispatch, as they are declared.
    """

    name: str
    triggers: tuple[str, ...]
    indexes: tuple[str, ...]
    generated: bool
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Below the repository's root."""
        return f"{FOLDER}/{self.name}"


def publishers(top: Path, setting: Setting) -> tuple[Publisher, ...]:
    """The workflows of a repository that publish when this version is released, by name."""
    folder = top / FOLDER
    paths = sorted(path for path in folder.glob("*.y*ml") if path.suffix in {".yml", ".yaml"} and path.is_file())
    texts = {path.name: path.read_text(encoding="utf-8-sig", errors="replace") for path in paths}
    return publishers_of(texts, setting)


def publishers_of(texts: Mapping[str, str], setting: Setting) -> tuple[Publisher, ...]:
    """The same for files that were read already: name → text. One that cannot be read starts nothing on GitHub."""
    found = (_publisher(name, text, texts, setting) for name, text in texts.items() if _PUBLISHES.search(text))
    return tuple(one for one in found if one is not None and one.triggers)


def _publisher(name: str, text: str, texts: Mapping[str, str], setting: Setting) -> Publisher | None:
    document = parsed(text)
    if isinstance(document, str):
        return None
    started = [trigger for trigger in TRIGGERS if _starts(events_of(document), trigger, setting)]
    sending = list(_sending(document, texts, _DEPTH)) if started else []
    open_to = {
        trigger: [upload for upload, conditions in sending if not _barred(trigger, conditions, setting)]
        for trigger in started
    }
    triggers = tuple(trigger for trigger in started if open_to[trigger])
    indexes = dict.fromkeys(upload.index for trigger in triggers for upload in open_to[trigger])
    inputs = table(table(events_of(document), "workflow_dispatch"), "inputs")
    declared = {str(key): value if isinstance(value, dict) else {} for key, value in inputs.items()}
    return Publisher(name, triggers, tuple(indexes), is_generated(text), declared)


def _starts(events: object, trigger: str, setting: Setting) -> bool:
    names = {events} if isinstance(events, str) else set(events) if isinstance(events, list | dict) else set()
    if trigger == "tag":
        return "create" in names or ("push" in names and _lets_tag_through(table(events, "push"), setting.tag))
    if trigger == "release":
        types = table(events, "release").get("types")
        return "release" in names and (not types or bool(_RELEASED & set(_listed(types))))
    return "workflow_dispatch" in names


def _lets_tag_through(push: Mapping[Any, Any], tag: str) -> bool:
    if "tags" in push:
        return matches(_listed(push["tags"]), tag)
    if "tags-ignore" in push:
        return not matches(_listed(push["tags-ignore"]), tag)
    return not {"branches", "branches-ignore"} & push.keys()


def _sending(
    document: Mapping[Any, Any], texts: Mapping[str, str], depth: int
) -> Iterator[tuple[Upload, tuple[str, ...]]]:
    """Every upload with the conditions under which it is made, those of workflows that are called included."""
    for job in jobs_of(document).values():
        condition = _condition(job)
        called = _LOCAL.fullmatch(str(job.get("uses", "")))
        below = parsed(texts.get(called[1], "")) if called and depth else ""
        if not isinstance(below, str):
            yield from ((one, (*condition, *more)) for one, more in _sending(below, texts, depth - 1))
        steps = job.get("steps")
        for step in (one for one in (steps if isinstance(steps, list) else ()) if isinstance(one, dict)):
            under = (*condition, *_condition(step))
            yield from ((one, under) for one in uploads({**job, "steps": [step]}, document))
            if _SESSION.search(str(step.get("run", ""))):
                yield Upload("", "nox"), under


def _condition(owner: Mapping[Any, Any]) -> tuple[str, ...]:
    condition = str(owner.get("if", "")).strip()
    return (condition.removeprefix("${{").removesuffix("}}").strip(),) if condition else ()


def _barred(trigger: str, conditions: tuple[str, ...], setting: Setting) -> bool:
    """Whether a condition says plainly that this event is not meant; alternatives are not looked into."""
    plain = [part.strip() for one in conditions if "||" not in one for part in one.split("&&")]
    return any(_says_no(part, trigger, setting) for part in plain)


def _says_no(part: str, trigger: str, setting: Setting) -> bool:
    kind = "heads" if trigger == "dispatch" else "tags"
    wanted: dict[str, set[str]] = {
        r"github\.event_name\s*(==|!=)\s*'([^']*)'": _STARTS[trigger],
        r"github\.ref_type\s*(==|!=)\s*'([^']*)'": {"branch" if kind == "heads" else "tag"},
        r"github\.ref\s*(==)\s*'refs/(\w+)/[^']*'": {kind},
        r"github\.repository\s*(==|!=)\s*'([^']*)'": {setting.repository.lower()},
        r"github\.repository_owner\s*(==|!=)\s*'([^']*)'": {setting.repository.partition("/")[0].lower()},
    }
    for pattern, fitting in wanted.items():
        if found := re.fullmatch(pattern, part):
            named = found[2].lower()
            return named not in fitting if found[1] == "==" else fitting == {named}
    if found := re.fullmatch(r"startsWith\(\s*github\.ref\s*,\s*'refs/(\w+)[^']*'\s*\)", part):
        return found[1] != kind
    if found := re.fullmatch(r"!\s*startsWith\(\s*github\.ref\s*,\s*'refs/(\w+)/?'\s*\)", part):
        return found[1] == kind
    return part == "false"


def _listed(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
