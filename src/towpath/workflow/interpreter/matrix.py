"""The combinations of a matrix, by GitHub's rules for include and exclude."""

from __future__ import annotations

from itertools import product

from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.values import Array, Object, Value, to_json

Combination = dict[str, Value]
MOST = 256  # combinations, GitHub's own limit


def combinations(matrix: Value) -> list[Combination]:
    """Every combination, in order. Raises ExpressionError where there is none, or too many."""
    if not isinstance(matrix, Object):
        message = "the matrix is not a mapping"
        raise ExpressionError(message)
    vectors = {key: _items(key, value) for key, value in matrix.items() if key not in {"include", "exclude"}}
    made = [dict(zip(vectors, values, strict=True)) for values in product(*vectors.values())] if vectors else []
    excluded = _entries("exclude", matrix.get("exclude"))
    made = [one for one in made if not any(_fits(one, entry) for entry in excluded)]
    made = _included(made, _entries("include", matrix.get("include")), set(vectors))
    if not 0 < len(made) <= MOST:
        message = f"the matrix has {len(made)} combinations; there must be 1 to {MOST}"
        raise ExpressionError(message)
    return made


def _items(key: str, value: Value) -> tuple[Value, ...]:
    if not isinstance(value, Array) or not value.items:
        message = f"the matrix's {key!r} is no list with values"
        raise ExpressionError(message)
    return value.items


def _entries(key: str, value: Value) -> list[Combination]:
    items = value.items if isinstance(value, Array) else ()
    if (value is not None and not isinstance(value, Array)) or not all(isinstance(item, Object) for item in items):
        message = f"the matrix's {key!r} is no list of mappings"
        raise ExpressionError(message)
    return [dict(item.items()) for item in items if isinstance(item, Object)]


def _fits(combination: Combination, entry: Combination) -> bool:
    return all(key in combination and to_json(combination[key]) == to_json(value) for key, value in entry.items())


def _included(made: list[Combination], entries: list[Combination], vectors: set[str]) -> list[Combination]:
    """An entry goes into every combination of which it changes no original value; where there is none, it is one."""
    originals = list(made)
    extended = [dict(one) for one in originals]
    new: list[Combination] = []
    for entry in entries:
        own = {key: value for key, value in entry.items() if key in vectors}
        places = [place for place, one in enumerate(originals) if _fits(one, own)]
        for place in places:
            extended[place].update(entry)
        if not places:
            new.append(dict(entry))
    return extended + new
