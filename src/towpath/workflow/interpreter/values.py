"""The values of GitHub's expressions and how they turn into one another.

A value is None, a bool, a float (there are no other numbers), a string, an `Array` or an `Object`. The rules are those
of https://docs.github.com/actions/reference/evaluate-expressions-in-workflows-and-actions; where its words leave
something open, those of GitHub's own library `@actions/expressions` hold (see tests/data/expressions.json).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PREFIXED = re.compile(r"0x(?P<x>[0-9a-fA-F]+)|0o(?P<o>[0-7]+)")
_INFINITY = re.compile(r"[+-]?Infinity")
_NOT_UPPERED = "\N{LATIN SMALL LETTER DOTLESS I}"
# From here on JavaScript writes a number with an exponent.
_LONGEST_WHOLE = 21
_DECIMALS = Decimal("1e-15")


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """An array; equal to nothing but itself. `filtered` is what `*` made: an index goes to each of its items."""

    items: tuple[Value, ...] = ()
    filtered: bool = False


class Object:
    """An object, its keys in order; equal to nothing but itself.

    Keys are found whatever their case, unless `sensitive` (the variables of the environment); of two keys that differ
    by case alone the first one counts.
    """

    __slots__ = ("_index", "sensitive")

    def __init__(
        self, pairs: Mapping[str, Value] | Iterable[tuple[str, Value]] = (), *, sensitive: bool = False
    ) -> None:
        self.sensitive = sensitive
        self._index: dict[str, tuple[str, Value]] = {}
        for key, value in dict(pairs).items():
            self._index.setdefault(self._fold(key), (key, value))

    def get(self, key: str) -> Value:
        """The key's value, None if it has none."""
        return self._index.get(self._fold(key), ("", None))[1]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._fold(key) in self._index

    def items(self) -> tuple[tuple[str, Value], ...]:
        """Keys and values in order."""
        return tuple(self._index.values())

    def _fold(self, key: str) -> str:
        return key if self.sensitive else key.lower()


Value: TypeAlias = "bool | float | str | Array | Object | None"


def value_of(plain: Any) -> Value:  # noqa: ANN401 - what JSON and YAML hold
    """A value from plain data: mappings, sequences, strings, numbers, booleans, None."""
    if plain is None or isinstance(plain, (bool, str, Array, Object)):
        return plain
    if isinstance(plain, (int, float)):
        return float(plain)
    if isinstance(plain, (list, tuple)):
        return Array(tuple(value_of(item) for item in plain))
    return Object({str(key): value_of(item) for key, item in plain.items()})


def plain(value: Value) -> Any:  # noqa: ANN401 - as above
    """The plain data of a value; whole numbers as int."""
    if isinstance(value, Array):
        return [plain(item) for item in value.items]
    if isinstance(value, Object):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def truthy(value: Value) -> bool:
    """Whether it counts as true: not null, false, 0, NaN or the empty string. Arrays and objects always do."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value) if value is None or isinstance(value, (bool, str)) else True


def text(value: Value) -> str:
    """The value as a string: null is empty, an array is "Array", an object "Object"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    return value if isinstance(value, str) else type(value).__name__


def number(value: Value) -> float:
    """The value as a number: null and "" are 0, what is none is NaN."""
    if isinstance(value, str):
        return _parsed(value.strip())
    return math.nan if isinstance(value, (Array, Object)) else float(value or 0)


def primitive(value: Value) -> bool:
    """Whether it is neither array nor object."""
    return not isinstance(value, (Array, Object))


def folded(string: str) -> str:
    """What strings are compared by: upper case, but for the dotless i."""
    return _NOT_UPPERED.join(part.upper() for part in string.split(_NOT_UPPERED))


def equal(left: Value, right: Value) -> bool:
    """Loose equality: values of different types are compared as numbers, strings without regard to case."""
    first, second = _comparable(left, right)
    if isinstance(first, (Array, Object)) or isinstance(second, (Array, Object)):
        return first is second
    return type(first) is type(second) and first == second


def greater(left: Value, right: Value) -> bool:
    """Whether left comes after right; never for null, arrays, objects, NaN and what cannot be compared."""
    first, second = _comparable(left, right)
    if isinstance(first, float) and isinstance(second, float):
        return first > second
    if isinstance(first, str) and isinstance(second, str):
        return first.encode("utf-16-be", "surrogatepass") > second.encode("utf-16-be", "surrogatepass")
    return first is True and second is False


def to_json(value: Value) -> str:
    """JSON, indented by two; NaN and the infinities are null."""
    return _json(value, "")


def from_json(string: str) -> Value:
    """The value of a JSON text. Raises ValueError where it is none."""
    try:
        return value_of(json.loads(string, parse_int=float, parse_constant=_no_constant))
    except RecursionError as error:
        message = "it is nested too deeply"
        raise ValueError(message) from error


def _comparable(left: Value, right: Value) -> tuple[Value, Value]:
    if isinstance(left, str) and isinstance(right, str):
        return folded(left), folded(right)
    if type(left) is type(right) or not (primitive(left) and primitive(right)):
        return left, right
    return number(left), number(right)


def _parsed(string: str) -> float:
    if not string:
        return 0.0
    prefixed = _PREFIXED.fullmatch(string)
    if prefixed:
        return float(int(prefixed["x"], 16) if prefixed["x"] else int(prefixed["o"], 8))
    known = _DECIMAL.fullmatch(string) or _INFINITY.fullmatch(string)
    return float(string) if known else math.nan


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if abs(value) < 10.0**_LONGEST_WHOLE:
        value = float(Decimal(value).quantize(_DECIMALS, ROUND_HALF_UP, context=Context(prec=60)))
    return _shortest(value)


def _shortest(value: float) -> str:
    """As JavaScript writes it: the fewest digits that give the number back, an exponent below 1e-6 and from 1e21 on."""
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    figures = "".join(map(str, digits))
    point = len(figures) + int(exponent)
    return ("-" if sign else "") + _placed(figures, point)


def _placed(figures: str, point: int) -> str:
    if len(figures) <= point <= _LONGEST_WHOLE:
        return figures + "0" * (point - len(figures))
    if 0 < point <= _LONGEST_WHOLE:
        return f"{figures[:point]}.{figures[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004 - JavaScript's limit, as said above
        return f"0.{'0' * -point}{figures}"
    fraction = f".{figures[1:]}" if len(figures) > 1 else ""
    return f"{figures[0]}{fraction}e{point - 1:+d}"


def _json(value: Value, indent: str) -> str:
    inner = f"{indent}  "
    if isinstance(value, Array):
        return _bracketed("[]", [_json(item, inner) for item in value.items], indent)
    if isinstance(value, Object):
        pairs = [f"{json.dumps(key, ensure_ascii=False)}: {_json(item, inner)}" for key, item in value.items()]
        return _bracketed("{}", pairs, indent)
    if isinstance(value, float):
        return _shortest(value) if math.isfinite(value) else "null"
    return json.dumps(value, ensure_ascii=False)


def _bracketed(brackets: str, parts: list[str], indent: str) -> str:
    if not parts:
        return brackets
    lines = f",\n{indent}  ".join(parts)
    return f"{brackets[0]}\n{indent}  {lines}\n{indent}{brackets[1]}"


def _no_constant(name: str) -> Value:
    message = f"{name} is no JSON"
    raise ValueError(message)
