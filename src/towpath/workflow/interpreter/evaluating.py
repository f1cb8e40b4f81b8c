"""What an expression's tree comes to, given its contexts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from towpath.workflow.interpreter import functions
from towpath.workflow.interpreter.parsing import Call, Constant, Context, Index, Node, Not, Operation
from towpath.workflow.interpreter.values import Array, Object, Value, equal, greater, number, primitive, text, truthy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Function: TypeAlias = "Callable[[Sequence[Value]], Value]"


@dataclass(frozen=True, slots=True)
class Scope:
    """The contexts by name, and what the functions that depend on the place (`success()`, `hashFiles()`) do there."""

    contexts: Mapping[str, Value]
    functions: Mapping[str, Function] = field(default_factory=dict)


def evaluate(tree: Node, scope: Scope) -> Value:
    """The value of a tree. Raises ExpressionError where a function refuses its arguments."""
    if isinstance(tree, Constant):
        return tree.value
    if isinstance(tree, Context):
        return scope.contexts.get(tree.name)
    if isinstance(tree, Not):
        return not truthy(evaluate(tree.of, scope))
    if isinstance(tree, Operation):
        return _operation(tree, scope)
    if isinstance(tree, Index):
        return _index(tree, scope)
    return _call(tree, scope)


def _operation(tree: Operation, scope: Scope) -> Value:
    left = evaluate(tree.left, scope)
    if tree.sign in {"&&", "||"}:
        return left if truthy(left) == (tree.sign == "||") else evaluate(tree.right, scope)
    right = evaluate(tree.right, scope)
    if tree.sign in {"==", "!="}:
        return equal(left, right) == (tree.sign == "==")
    if tree.sign.endswith("=") and equal(left, right):
        return True
    return greater(left, right) if tree.sign[0] == ">" else greater(right, left)


def _call(tree: Call, scope: Scope) -> Value:
    arguments = [evaluate(one, scope) for one in tree.arguments]
    placed = {name.lower(): function for name, function in scope.functions.items()}
    return placed[tree.name](arguments) if tree.name in placed else functions.call(tree.name, arguments)


def _index(tree: Index, scope: Scope) -> Value:
    of = evaluate(tree.of, scope)
    if tree.key is None:
        return _every(of)
    key = evaluate(tree.key, scope)
    if not isinstance(of, Array) or not of.filtered:
        return _item(of, key)
    return Array(tuple(_item(item, key) for item in of.items if _has(item, key)), filtered=True)


def _every(of: Value) -> Array:
    """`of.*`; of a filtered array it is what all the items hold."""
    if isinstance(of, Array) and of.filtered:
        return Array(tuple(inner for item in of.items for inner in _inside(item)), filtered=True)
    return Array(_inside(of), filtered=True)


def _inside(of: Value) -> tuple[Value, ...]:
    if isinstance(of, Object):
        return tuple(value for _, value in of.items())
    return of.items if isinstance(of, Array) else ()


def _has(of: Value, key: Value) -> bool:
    if isinstance(of, Object):
        return primitive(key) and text(key) in of
    return isinstance(of, Array) and 0 <= _place(key) < len(of.items)


def _item(of: Value, key: Value) -> Value:
    if not _has(of, key):
        return None
    if isinstance(of, Object):
        return of.get(text(key))
    return of.items[_place(key)] if isinstance(of, Array) else None


def _place(key: Value) -> int:
    """A key as the place in an array; -1 for what is none."""
    found = number(key)
    return math.floor(found) if math.isfinite(found) and found >= 0 else -1
