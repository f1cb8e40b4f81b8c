"""Versions that a Python file assigns: `__version__ = "1.2.0"`, `__version_info__ = (1, 2, 0)`.

Read with `ast`, so that no docstring, comment or branch (`except ImportError`) is taken for it.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.versions.texts import Place, Text

LITERAL = "literal"
TUPLE = "tuple"
_QUOTES = re.compile(r"""([uU]?)('''|\"""|'|")""")
_NEWLINE = re.compile(r"\r\n|\r|\n")


def assigned(file: Text, name: str) -> tuple[Place, ...]:
    """The places where the module assigns a literal string to `name`, in order; () if it does not parse."""
    lines = _Lines(file.text)
    found = (_within_quotes(file, lines.span(value)) for value in _assignments(file, name) if _is_string(value))
    return tuple(file.place(LITERAL, span) for span in found if span)


def assigned_tuple(file: Text, name: str) -> tuple[Place, ...]:
    """The places where the module assigns a tuple of numbers and strings to `name`."""
    lines = _Lines(file.text)
    values = (value for value in _assignments(file, name) if isinstance(value, ast.Tuple))
    constant = (value for value in values if value.elts and all(isinstance(item, ast.Constant) for item in value.elts))
    return tuple(file.place(TUPLE, lines.span(value), template="") for value in constant)


def imported(file: Text, name: str) -> tuple[str, str] | None:
    """The module beside or below that a package takes `name` from (`.about`, or its full name), and the name there."""
    for node in _parsed(file).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.level <= 1:
            original = next((alias.name for alias in node.names if (alias.asname or alias.name) == name), "")
            if original:
                return f"{'.' * node.level}{node.module}", original
    return None


def keyword(file: Text, function: str, name: str) -> tuple[Place, ...]:
    """The places where a literal string is given as `name=` to a call of `function`."""
    lines = _Lines(file.text)
    calls = (node for node in ast.walk(_parsed(file)) if isinstance(node, ast.Call) and _called(node) == function)
    values = (word.value for call in calls for word in call.keywords if word.arg == name and _is_string(word.value))
    spans = (_within_quotes(file, lines.span(value)) for value in values)
    return tuple(file.place(LITERAL, span) for span in spans if span)


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _assignments(file: Text, name: str) -> Iterator[ast.expr]:
    for node in _parsed(file).body:
        if isinstance(node, ast.Assign):
            targets: list[ast.expr] = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if node.value is not None and any(isinstance(one, ast.Name) and one.id == name for one in targets):
            yield node.value


def _parsed(file: Text) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the project's own code is warned of is not our subject
            return ast.parse(file.text)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module(body=[], type_ignores=[])


def _is_string(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _within_quotes(file: Text, span: tuple[int, int]) -> tuple[int, int] | None:
    source = file.text[slice(*span)]
    opening = _QUOTES.match(source)
    if opening is None or len(source) < opening.end() + len(opening[2]):
        return None
    inside = source[opening.end() : -len(opening[2])]
    # A joined string ("1." "2") or an escape is no place where a version could be written.
    if not inside or not source.endswith(opening[2]) or re.search(r"""["'\\\n]""", inside):
        return None
    return span[0] + opening.end(), span[1] - len(opening[2])


class _Lines:
    """From ast's lines and UTF-8 columns to characters of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = (0, *(newline.end() for newline in _NEWLINE.finditer(text)))

    def span(self, node: ast.expr) -> tuple[int, int]:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._offset(node.lineno, node.col_offset), self._offset(end_line, end_column)

    def _offset(self, line: int, column: int) -> int:
        start = self._starts[line - 1]
        return start + len(self._text[start : start + column].encode("utf-8")[:column].decode("utf-8"))
