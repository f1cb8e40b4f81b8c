"""The tokens of an expression."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

from towpath.workflow.interpreter.values import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.workflow.interpreter.values import Value

LONGEST = 21_000  # characters, GitHub's own limit
Kind = Literal["name", "literal", "sign", "end"]

_SIGNS = ("==", "!=", ">=", "<=", "&&", "||", "(", ")", "[", "]", ",", ".", "!", ">", "<", "*")
_WORD = re.compile(r"[^\s()\[\],.!><=&|]+")
_NUMBER = re.compile(r"[^\s()\[\],!><=&|]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STRING = re.compile(r"'((?:[^']|'')*)'")
_KEYWORDS: tuple[tuple[str, Value], ...] = (
    ("true", True),
    ("false", False),
    ("null", None),
    ("NaN", math.nan),
    ("Infinity", math.inf),
)


class ExpressionError(Exception):
    """An expression that GitHub would refuse, or whose evaluation fails; the message names the reason."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression; `value` is what a literal stands for."""

    kind: Kind
    lexeme: str
    value: Value = None


def tokens(source: str) -> Iterator[Token]:
    """The tokens of an expression, the end included. Raises ExpressionError."""
    if len(source) > LONGEST:
        message = f"it is longer than {LONGEST} characters"
        raise ExpressionError(message)
    place, previous = 0, Token("end", "")
    while place < len(source):
        if source[place].isspace():
            place += 1
            continue
        previous, length = _token(source, place, previous)
        place += length
        yield previous
    yield Token("end", "")


def _token(source: str, place: int, previous: Token) -> tuple[Token, int]:
    first = source[place]
    if first == "'":
        return _string(source, place)
    if first.isdecimal() or first in "+-" or (first == "." and not _takes_a_dot(previous)):
        return _number(source, place)
    for sign in _SIGNS:
        if source.startswith(sign, place):
            return Token("sign", sign), len(sign)
    return _word(source, place, previous)


def _takes_a_dot(token: Token) -> bool:
    return token.kind == "name" or token.lexeme in {"]", ")", "*"}


def _string(source: str, place: int) -> tuple[Token, int]:
    found = _STRING.match(source, place)
    if found is None:
        _refuse(source[place:])
    return Token("literal", found[0], found[1].replace("''", "'")), len(found[0])


def _number(source: str, place: int) -> tuple[Token, int]:
    found = _NUMBER.match(source, place)
    lexeme = found[0] if found else source[place]
    value = number(lexeme)
    if math.isnan(value):
        _refuse(lexeme)
    return Token("literal", lexeme, value), len(lexeme)


def _word(source: str, place: int, previous: Token) -> tuple[Token, int]:
    found = _WORD.match(source, place)
    lexeme = found[0] if found else source[place]
    if not _NAME.fullmatch(lexeme):
        _refuse(lexeme)
    if previous.lexeme != ".":
        for keyword, value in _KEYWORDS:
            if lexeme == keyword:
                return Token("literal", lexeme, value), len(lexeme)
    return Token("name", lexeme), len(lexeme)


def _refuse(symbol: str) -> NoReturn:
    message = f"unexpected symbol {symbol!r}"
    raise ExpressionError(message)
