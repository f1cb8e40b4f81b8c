"""The configuration that a project needs because it differs from the defaults, each key with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.adopt import publishers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from towpath.adopt.copies import Copy
    from towpath.adopt.findings import Findings
    from towpath.adopt.publishers import Workflow
    from towpath.adopt.toml import Tables, Value

_HOME = "tool.towpath"
# Of a project that uses no linter: what cannot be meant. Undefined names (F82) are not for sure: `del submodule` is one
ERRORS_ONLY = "ruff check --select E9,F63,F7 ."
NO_TESTS = "no tests were found when towpath was set up"
_KNOWN = ("pypi", "testpypi")


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table of `[tool.towpath]` ("" is that table itself), its value, and why it is needed."""

    table: str
    key: str
    value: Value
    because: str


def keys(found: Findings, prefix: str, taken: Iterable[str]) -> tuple[Key, ...]:
    """What is to be configured, less the tables that are configured already; `taken` are names of workflow files."""
    listed = [
        *_names(found, prefix),
        *_places(found),
        *_checks(found),
        *_tags(found),
        *_workflow(found, frozenset(taken)),
    ]
    return unsaid(found, listed)


def unsaid(found: Findings, listed: Iterable[Key]) -> tuple[Key, ...]:
    """Less the tables that are configured already."""
    there = found.pyproject.get("tool", {}).get("towpath", {})
    return tuple(one for one in listed if not _is_said(there, one))


def tables(chosen: Iterable[Key]) -> Tables:
    """The same as tables to be written."""
    made: Tables = {}
    for one in chosen:
        made.setdefault(f"{_HOME}.{one.table}" if one.table else _HOME, {})[one.key] = one.value
    return made


def _is_said(there: object, one: Key) -> bool:
    """Whether the project says something in that table already: then it is its own."""
    for part in one.table.split(".") if one.table else [one.key]:
        there = there.get(part) if isinstance(there, dict) else None
    return there is not None


def _names(found: Findings, prefix: str) -> Iterator[Key]:
    if found.usable:
        old = ", ".join(name for name in found.required if name not in found.usable)
        yield Key(
            "",
            "python",
            found.usable,
            f"requires-python allows {old} too, on which nothing can be checked: that begins with 3.8",
        )
    if prefix:
        yield Key("", "prefix", prefix, "the project has sessions or tasks of the same names")


def _places(found: Findings) -> Iterator[Key]:
    said = tuple(declared(one) for one in found.copies if one.agrees)
    if said:
        yield Key("bump", "places", said, "the version stands there too, where only a declared place is found")


def declared(one: Copy) -> dict[str, str]:
    """The entry of `[tool.towpath.bump] places` for a copy."""
    return {"path": one.path, "pattern": one.pattern}


def _checks(found: Findings) -> Iterator[Key]:
    if not found.linters:
        why = "no linter is configured or declared: what cannot be meant closes the gate, a style that nobody chose not"
        yield Key("lint", "commands", (ERRORS_ONLY,), why)
    if not found.has_tests:
        yield Key("test", "tests", "none", f"{NO_TESTS}; take it out as soon as there are some")
        yield Key("test", "reason", NO_TESTS, "it is shown in place of a result")
    elif found.test_requirements[0]:
        key, name = found.test_requirements
        yield Key("test", key, (name,), "it declares pytest, and what it is called does not say so")
    for name in () if found.usable else found.missing:
        why = "requires-python asks for it, and it is not on this machine; the workflows test it all the same"
        yield Key("missing-pythons", name, "not on the machine where towpath was set up", why)


def _tags(found: Findings) -> Iterator[Key]:
    if found.tag_format != "v{version}":
        yield Key("tag", "format", found.tag_format, "so the newest tags are spelled")
    if found.remote not in {"", "origin"}:
        yield Key("tag", "remote", found.remote, "there is no remote called origin")


def _workflow(found: Findings, taken: frozenset[str]) -> Iterator[Key]:
    publisher = found.publisher
    if publisher:
        yield from _registered(publisher)
    elif "release.yml" in taken:
        yield Key("workflow", "release", "towpath-release.yml", "release.yml is a workflow of the project's own")
    if "check.yml" in taken:
        yield Key("workflow", "check", "towpath-check.yml", "check.yml is a workflow of the project's own")
    if found.default_branch not in {"", "main"}:
        yield Key("workflow", "branch", found.default_branch, "the default branch")
    if publisher:
        yield from _by_index(publisher)


def _registered(publisher: Workflow) -> Iterator[Key]:
    if publisher.name != "release.yml":
        why = f"{publisher.path} publishes, and the index knows the publisher by that name"
        yield Key("workflow", "release", publisher.name, why)
    if publisher.triggers and publisher.triggers != ("tag",):
        yield Key("workflow", "triggers", publisher.triggers, f"{publisher.path} starts by them")
    if any(upload.by == publishers.ACTION for upload in publisher.uploads):
        yield Key("workflow", "publish-by", "action", f"{publisher.path} publishes by {publishers.ACTION}")


def _by_index(publisher: Workflow) -> Iterator[Key]:
    """Environments and secrets, where they are not those that the index's name stands for."""
    for table, attribute in (("environments", "environment"), ("secrets", "secret")):
        for upload in _of_each_index(publisher, attribute):
            value = str(getattr(upload, attribute))
            if table == "secrets" or value != upload.index:
                why = f"so {publisher.path} publishes to {upload.index}"
                yield Key(f"workflow.{table}", upload.index, value, why)


def _of_each_index(publisher: Workflow, attribute: str) -> list[publishers.Upload]:
    """The first upload to each index that says it; one that is trusted has no secret beside it."""
    found: dict[str, publishers.Upload] = {}
    for upload in publisher.uploads:
        if upload.index in _KNOWN and getattr(upload, attribute):
            found.setdefault(upload.index, upload)
    return list(found.values())
