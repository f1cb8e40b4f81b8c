"""Values of the file that may hold `${{ }}`, and what each place of the file lets an expression name.

The places and their contexts are those of GitHub's own schema (`workflow-v1.0.json` of `@actions/workflow-parser`):
`secrets` in a step's `if`, for one, makes the whole file invalid there, and here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from towpath.workflow.interpreter.evaluating import Scope, evaluate
from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.parsing import Call, Constant, Node, Operation, Vocabulary, nodes, parse
from towpath.workflow.interpreter.tree import Scalar, Sequence, Tree
from towpath.workflow.interpreter.values import Array, Object, Value, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_STATUS = {"success": (0, 0), "failure": (0, 0), "always": (0, 0), "cancelled": (0, 0)}
_FILES = {"hashFiles": (1, 255)}
_RUN = ("github", "inputs", "vars")
_NEEDS = (*_RUN, "needs")
_JOB = (*_NEEDS, "strategy", "matrix")
_RUNNING = (*_JOB, "steps", "job", "runner", "env")
PLACES = MappingProxyType(
    {
        "run-name": Vocabulary(_RUN, {}),
        "env": Vocabulary((*_RUN, "secrets"), {}),
        "concurrency": Vocabulary(_RUN, {}),
        "job if": Vocabulary(_NEEDS, _STATUS),
        "strategy": Vocabulary(_NEEDS, {}),
        "job": Vocabulary(_JOB, {}),
        "job env": Vocabulary((*_JOB, "secrets"), {}),
        "defaults": Vocabulary((*_JOB, "env"), {}),
        "job outputs": Vocabulary((*_RUNNING, "secrets"), {}),
        "environment url": Vocabulary(_RUNNING, {}),
        "step if": Vocabulary(_RUNNING, {**_STATUS, **_FILES}),
        "step": Vocabulary((*_RUNNING, "secrets"), _FILES),
    }
)
_INSIDE = re.compile(r"(?:[^'}]|'[^']*'|\}(?!\}))*")
_ALWAYS_TRUE = "a text around `${{ }}` makes a condition that is always true"


@dataclass(frozen=True, slots=True)
class Template:
    """A scalar: its texts and expressions in order, or one constant."""

    line: int
    parts: tuple[str | Node, ...] = ()
    constant: bool | float | str | None = None

    def value(self, scope: Scope) -> Value:
        """What it comes to; one expression alone keeps its type, all else is a string."""
        if not self.parts:
            return self.constant
        values = [part if isinstance(part, str) else evaluate(part, scope) for part in self.parts]
        return values[0] if len(values) == 1 else "".join(map(text, values))

    def expressions(self) -> Iterator[Node]:
        """The trees of its expressions."""
        return (part for part in self.parts if not isinstance(part, str))


@dataclass(frozen=True, slots=True)
class Nested:
    """A sequence or a mapping of templates: a mapping where `keys` are given."""

    line: int
    items: tuple[Pattern, ...]
    keys: tuple[str, ...] | None = None

    def value(self, scope: Scope) -> Value:
        """The array or object that it comes to."""
        values = tuple(item.value(scope) for item in self.items)
        return Array(values) if self.keys is None else Object(zip(self.keys, values, strict=True))

    def expressions(self) -> Iterator[Node]:
        """The trees of all the expressions in it."""
        return (tree for item in self.items for tree in item.expressions())


Pattern: TypeAlias = "Template | Nested"


def template(tree: Scalar, place: str) -> Template:
    """A scalar as a template of a place. Raises ExpressionError."""
    if not isinstance(tree.value, str) or "${{" not in tree.value:
        return Template(tree.line, (), tree.value)
    return Template(tree.line, tuple(_parts(tree.value, PLACES[place])))


def pattern(tree: Tree, place: str) -> Pattern:
    """Any value as a pattern of a place. Raises ExpressionError."""
    if isinstance(tree, Scalar):
        return template(tree, place)
    if isinstance(tree, Sequence):
        return Nested(tree.line, tuple(pattern(item, place) for item in tree.items))
    keys = tuple(key for key, _, _ in tree.items())
    return Nested(tree.line, tuple(pattern(item, place) for _, _, item in tree.items()), keys)


def condition(tree: Scalar | None, place: str) -> Node:
    """An `if`: an expression even without `${{ }}`, with success() where no status is asked. Raises ExpressionError."""
    source = text(tree.value).strip() if tree else ""
    succeeded = Call("success", ())
    if not source:
        return succeeded
    found = _condition(source, PLACES[place])
    if any(isinstance(node, Call) and node.name in _STATUS for node in nodes(found)):
        return found
    return Operation("&&", succeeded, found)


def _condition(source: str, vocabulary: Vocabulary) -> Node:
    if "${{" not in source:
        return parse(source, vocabulary)
    parts = list(_parts(source, vocabulary))
    if len(parts) != 1 or isinstance(parts[0], str):
        raise ExpressionError(_ALWAYS_TRUE)
    return parts[0]


def _parts(source: str, vocabulary: Vocabulary) -> Iterator[str | Node]:
    place = 0
    while (begin := source.find("${{", place)) >= 0:
        if begin > place:
            yield source[place:begin]
        inside = _INSIDE.match(source, begin + 3)
        place = inside.end() if inside else begin
        if not source.startswith("}}", place):
            message = "`${{` is not closed by `}}`"
            raise ExpressionError(message)
        inner = source[begin + 3 : place]
        yield parse(inner, vocabulary) if inner.strip() else Constant("")
        place += 2
    if place < len(source):
        yield source[place:]
