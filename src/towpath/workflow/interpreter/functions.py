"""The functions that every expression may call."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.values import Array, equal, folded, from_json, primitive, text, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from towpath.workflow.interpreter.values import Value

_PIECE = re.compile(r"(?P<plain>[^{}]+)|(?P<brace>\{\{|\}\})|\{(?P<place>[0-9]+)[^{}]*\}|(?P<wrong>[{}])")


def call(name: str, arguments: Sequence[Value]) -> Value:
    """What a function of this name, in small letters, gives. Raises ExpressionError where it refuses."""
    return _FUNCTIONS[name](arguments)


def _case(arguments: Sequence[Value]) -> Value:
    for condition, value in zip(arguments[:-1:2], arguments[1::2], strict=True):
        if not isinstance(condition, bool):
            message = "a condition of case() must be true or false"
            raise ExpressionError(message)
        if condition:
            return value
    return arguments[-1]


def _contains(arguments: Sequence[Value]) -> Value:
    within, item = arguments
    if isinstance(within, Array):
        return any(equal(item, one) for one in within.items)
    return primitive(within) and primitive(item) and text(item).lower() in text(within).lower()


def _ends_with(arguments: Sequence[Value]) -> Value:
    return all(map(primitive, arguments)) and folded(text(arguments[0])).endswith(folded(text(arguments[1])))


def _starts_with(arguments: Sequence[Value]) -> Value:
    return all(map(primitive, arguments)) and folded(text(arguments[0])).startswith(folded(text(arguments[1])))


def _format(arguments: Sequence[Value]) -> Value:
    template, *values = map(text, arguments)
    made = []
    for piece in _PIECE.finditer(template):
        if piece["wrong"] or (piece["place"] and int(piece["place"]) >= len(values)):
            message = f"format() refuses {template!r}: a brace stands alone, or there are too few values"
            raise ExpressionError(message)
        made.append(values[int(piece["place"])] if piece["place"] else (piece["plain"] or piece["brace"][0]))
    return "".join(made)


def _from_json(arguments: Sequence[Value]) -> Value:
    try:
        return from_json(text(arguments[0]))
    except ValueError as error:
        message = f"fromJSON() got what is no JSON: {error}"
        raise ExpressionError(message) from error


def _join(arguments: Sequence[Value]) -> Value:
    what = arguments[0]
    if not isinstance(what, Array):
        return text(what) if primitive(what) else ""
    separator = text(arguments[1]) if len(arguments) > 1 and primitive(arguments[1]) else ","
    return separator.join(map(text, what.items))


def _to_json(arguments: Sequence[Value]) -> Value:
    return to_json(arguments[0])


_FUNCTIONS = MappingProxyType(
    {
        "case": _case,
        "contains": _contains,
        "endswith": _ends_with,
        "format": _format,
        "fromjson": _from_json,
        "join": _join,
        "startswith": _starts_with,
        "tojson": _to_json,
    }
)
