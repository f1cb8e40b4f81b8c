"""Expressions as trees: what is written between `${{` and `}}`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from towpath.workflow.interpreter.lexing import ExpressionError, Token, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from towpath.workflow.interpreter.values import Value

DEEPEST = 50  # levels, GitHub's own limit
_MANY = 255
# The functions that are there everywhere: how many arguments each takes, at least and at most.
FUNCTIONS: tuple[tuple[str, int, int], ...] = (
    ("case", 3, _MANY),
    ("contains", 2, 2),
    ("endsWith", 2, 2),
    ("format", 1, _MANY),
    ("fromJSON", 1, 1),
    ("join", 1, 2),
    ("startsWith", 2, 2),
    ("toJSON", 1, 1),
)
_LEVELS = (("||",), ("&&",), ("==", "!="), (">", ">=", "<", "<="))


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: Value


@dataclass(frozen=True, slots=True)
class Context:
    """A context by its name in small letters, such as `github`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function, by its name in small letters, and its arguments."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """`of.key`, `of[key]`; `key` is None for `*`."""

    of: Node
    key: Node | None


@dataclass(frozen=True, slots=True)
class Not:
    """`!of`."""

    of: Node


@dataclass(frozen=True, slots=True)
class Operation:
    """Two operands and what stands between them."""

    sign: str
    left: Node
    right: Node


Node: TypeAlias = "Constant | Context | Call | Index | Not | Operation"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What an expression may name: contexts, and functions beyond `FUNCTIONS` with their numbers of arguments."""

    contexts: Collection[str]
    functions: Mapping[str, tuple[int, int]]


def parse(source: str, vocabulary: Vocabulary) -> Node:
    """The tree of an expression. Raises ExpressionError where GitHub's parser would refuse it."""
    return _Parser(source, vocabulary).whole()


def nodes(tree: Node) -> Iterator[Node]:
    """The tree's nodes, itself first."""
    yield tree
    for child in children(tree):
        yield from nodes(child)


def children(tree: Node) -> tuple[Node, ...]:
    """The nodes right below one."""
    if isinstance(tree, Call):
        return tree.arguments
    if isinstance(tree, Index):
        return (tree.of,) if tree.key is None else (tree.of, tree.key)
    if isinstance(tree, Operation):
        return tree.left, tree.right
    return (tree.of,) if isinstance(tree, Not) else ()


class _Parser:
    def __init__(self, source: str, vocabulary: Vocabulary) -> None:
        self._tokens = list(tokens(source))
        self._place = 0
        self._depth = 0
        self._contexts = {name.lower() for name in vocabulary.contexts}
        self._functions = {name.lower(): (least, most) for name, least, most in FUNCTIONS}
        self._functions |= {name.lower(): counts for name, counts in vocabulary.functions.items()}

    def whole(self) -> Node:
        tree = self._expression()
        if self._now.kind != "end":
            self._refuse()
        return tree

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _take(self, *signs: str) -> str:
        """The sign that comes next if it is one of these, else ""."""
        token = self._now
        if token.kind != "sign" or token.lexeme not in signs:
            return ""
        self._place += 1
        return token.lexeme

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            self._refuse()

    def _refuse(self) -> NoReturn:
        symbol = self._now.lexeme
        message = f"unexpected symbol {symbol!r}" if symbol else "unexpected end"
        raise ExpressionError(message)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            message = f"it is nested deeper than {DEEPEST} levels"
            raise ExpressionError(message)

    def _expression(self) -> Node:
        self._deeper()
        tree = self._operation(0)
        self._depth -= 1
        return tree

    def _operation(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._negation()
        left = self._operation(level + 1)
        while sign := self._take(*_LEVELS[level]):
            left = Operation(sign, left, self._operation(level + 1))
        return left

    def _negation(self) -> Node:
        if not self._take("!"):
            return self._indexed()
        self._deeper()
        tree = Not(self._negation())
        self._depth -= 1
        return tree

    def _indexed(self) -> Node:
        grouped = self._now.lexeme == "(" and self._now.kind == "sign"
        tree = self._primary()
        deep = self._depth
        while (grouped or not isinstance(tree, Constant)) and (sign := self._take("[", ".")):
            self._deeper()
            tree = Index(tree, self._key() if sign == "[" else self._property())
        self._depth = deep
        return tree

    def _key(self) -> Node | None:
        key = None if self._take("*") else self._expression()
        self._need("]")
        return key

    def _property(self) -> Node | None:
        if self._take("*"):
            return None
        if self._now.kind != "name":
            self._refuse()
        self._place += 1
        return Constant(self._tokens[self._place - 1].lexeme)

    def _primary(self) -> Node:
        token = self._now
        if self._take("("):
            tree = self._expression()
            self._need(")")
            return tree
        if token.kind in {"sign", "end"}:
            self._refuse()
        self._place += 1
        if token.kind == "literal":
            return Constant(token.value)
        return self._call(token.lexeme) if self._take("(") else self._context(token.lexeme)

    def _context(self, name: str) -> Node:
        if name.lower() not in self._contexts:
            message = f"{name!r} is no context that can be had here"
            raise ExpressionError(message)
        return Context(name.lower())

    def _call(self, name: str) -> Node:
        arguments: list[Node] = []
        while not self._take(")"):
            if arguments:
                self._need(",")
            arguments.append(self._expression())
        self._check(name, len(arguments))
        return Call(name.lower(), tuple(arguments))

    def _check(self, name: str, count: int) -> None:
        if name.lower() not in self._functions:
            message = f"{name!r} is no function that can be had here"
            raise ExpressionError(message)
        least, most = self._functions[name.lower()]
        if count < least or count > most or (name.lower() == "case" and count % 2 == 0):
            message = f"{name} does not take {count} arguments"
            raise ExpressionError(message)
