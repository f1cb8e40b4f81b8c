"""A YAML file as a tree that knows its lines.

Read by ruamel.yaml, a kept library that holds to YAML 1.2 as GitHub does: in YAML 1.1 (PyYAML) the key `on` is `True`
and a version such as `3:10` a number. Only its composer is used, so that no tag makes an object of anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from towpath import errors
from towpath.workflow.interpreter.values import number

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as YAML means it; numbers are floats."""

    line: int
    value: bool | float | str | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with their values, in order."""

    line: int
    pairs: tuple[tuple[Scalar, Tree], ...]

    def get(self, key: str) -> Tree | None:
        """The value of a key, None if it is not there."""
        return next((value for name, value in self.pairs if name.value == key), None)

    def items(self) -> Iterator[tuple[str, int, Tree]]:
        """Each key, its line and its value."""
        return ((str(key.value), key.line, value) for key, value in self.pairs)


Tree: TypeAlias = "Scalar | Sequence | Mapping"


def read(text: str, path: str) -> Tree:
    """The tree of a file's text. Raises bad-workflow where it is no YAML, repeats a key or merges mappings."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        node = YAML(pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise errors.BAD_WORKFLOW.error(path=path, line=line, what=f"it is no YAML ({error.problem})") from error
    except YAMLError as error:
        raise errors.BAD_WORKFLOW.error(path=path, line=1, what="it is no YAML") from error
    if node is None:
        raise errors.BAD_WORKFLOW.error(path=path, line=1, what="it is empty")
    return _tree(node, path)


def _tree(node: Any, path: str) -> Tree:  # noqa: ANN401 - ruamel's nodes have no types
    line = node.start_mark.line + 1
    if node.id == "scalar":
        return Scalar(line, _scalar(node))
    if node.id == "sequence":
        return Sequence(line, tuple(_tree(item, path) for item in node.value))
    pairs = tuple((_key(key, path), _tree(value, path)) for key, value in node.value)
    seen: set[object] = set()
    for key, _ in pairs:
        if key.value in seen:
            raise errors.BAD_WORKFLOW.error(path=path, line=key.line, what=f"{key.value!r} stands there twice")
        seen.add(key.value)
    return Mapping(line, pairs)


def _key(node: Any, path: str) -> Scalar:  # noqa: ANN401 - as above
    line = node.start_mark.line + 1
    if node.id != "scalar" or node.tag == f"{_TAG}merge":
        raise errors.BAD_WORKFLOW.error(path=path, line=line, what="a key must be a plain word")
    return Scalar(line, str(node.value))


def _scalar(node: Any) -> bool | float | str | None:  # noqa: ANN401 - as above
    kind = str(node.tag).removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return bool(node.value.lower() == "true")
    if kind in {"int", "float"}:
        found = number(node.value)
        return str(node.value) if math.isnan(found) else found
    return str(node.value)
