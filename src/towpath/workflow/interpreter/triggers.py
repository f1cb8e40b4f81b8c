"""What stands under `on`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from towpath.workflow.interpreter.nouns import Input, Trigger
from towpath.workflow.interpreter.tree import Mapping, Scalar, Tree

if TYPE_CHECKING:
    from towpath.workflow.interpreter.reader import Reader

_BRANCHES = ("branches", "branches-ignore")
_PATHS = ("paths", "paths-ignore")
_KEYS = {
    "push": (*_BRANCHES, "tags", "tags-ignore", *_PATHS),
    "pull_request": (*_BRANCHES, *_PATHS, "types"),
    "release": ("types",),
    "workflow_dispatch": ("inputs",),
    "schedule": (),
}
_INPUT = ("description", "type", "required", "default", "options")


def read(reader: Reader, given: Tree | None) -> tuple[Trigger, ...]:
    """The events that start the workflow."""
    if given is None:
        reader.wrong(1, "a workflow needs 'on'")
        return ()
    if isinstance(given, Mapping):
        return tuple(_trigger(reader, event, line, item) for event, line, item in given.items())
    return tuple(_trigger(reader, event, given.line, None) for event in reader.words(given, "on"))


def _trigger(reader: Reader, event: str, line: int, given: Tree | None) -> Trigger:
    if event not in _KEYS:
        reader.unknown(line, f"the workflow is started by {event!r}")
        return Trigger(event, line)
    if event == "schedule":
        return Trigger(event, line)
    if isinstance(given, Scalar) and given.value is None:
        given = None
    keys = reader.mapping(given, f"on.{event}", _KEYS[event])
    _check_pairs(reader, keys, event)
    filters = {key: reader.words(item, f"on.{event}.{key}") for key, _, item in keys.items() if key != "inputs"}
    return Trigger(event, line, filters, _inputs(reader, keys.get("inputs")))


def _check_pairs(reader: Reader, keys: Mapping, event: str) -> None:
    for key, line, _ in keys.items():
        if keys.get(f"{key}-ignore") is not None:
            reader.wrong(line, f"on.{event} has both {key!r} and '{key}-ignore'")


def _inputs(reader: Reader, given: Tree | None) -> tuple[Input, ...]:
    if isinstance(given, Scalar) and given.value is None:
        return ()
    inputs = reader.free(given, "inputs")
    return tuple(_input(reader, name, item) for name, _, item in inputs.items())


def _input(reader: Reader, name: str, given: Tree) -> Input:
    if isinstance(given, Scalar) and given.value is None:
        return Input(name)
    what = f"the input {name!r}"
    keys = reader.mapping(given, what, _INPUT)
    kind = reader.word(keys.get("type"), f"{what}'s type") or "string"
    default, required = keys.get("default"), keys.get("required")
    read = Input(
        name,
        "string",
        isinstance(required, Scalar) and required.value is True,
        default.value if isinstance(default, Scalar) else None,
        reader.words(keys.get("options"), f"{what}'s options"),
    )
    return _typed(reader, read, kind, keys.line)


def _typed(reader: Reader, read: Input, kind: str, line: int) -> Input:
    if kind not in {"string", "boolean", "number", "choice", "environment"}:
        reader.wrong(line, f"the input {read.name!r} cannot be a {kind!r}")
        return read
    if kind == "choice" and not read.options:
        reader.wrong(line, f"the input {read.name!r} needs options")
    fitting = {"boolean": bool, "number": float}.get(kind)
    if fitting and read.default is not None and not isinstance(read.default, fitting):
        reader.wrong(line, f"the default of the input {read.name!r} is no {kind}")
    return replace(read, type=kind)  # type: ignore[arg-type]  # it is one of them, as was seen above
