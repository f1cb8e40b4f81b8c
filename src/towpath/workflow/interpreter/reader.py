"""Reading pieces of a workflow file strictly: every fault becomes a finding, and reading goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.workflow.interpreter.lexing import ExpressionError
from towpath.workflow.interpreter.nouns import Finding
from towpath.workflow.interpreter.parsing import Call, Node
from towpath.workflow.interpreter.templates import Nested, Pattern, Template, condition, pattern, template
from towpath.workflow.interpreter.tree import Mapping, Scalar, Sequence, Tree
from towpath.workflow.interpreter.values import text

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Reader:
    """Collects the findings of one file."""

    path: str
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, line: int, message: str) -> None:
        """Note what GitHub would refuse too."""
        self.findings.append(Finding(self.path, line, message))

    def unknown(self, line: int, message: str) -> None:
        """Note what GitHub may know, and this machine does not."""
        self.findings.append(Finding(self.path, line, message, unknown=True))

    def mapping(
        self, tree: Tree | None, what: str, known: Collection[str], *, elsewhere: Collection[str] = ()
    ) -> Mapping:
        """A mapping with no other keys than `known`; those of `elsewhere` are GitHub's, and not run here."""
        if tree is None:
            return Mapping(0, ())
        if not isinstance(tree, Mapping):
            self.wrong(tree.line, f"{what} must be a mapping")
            return Mapping(tree.line, ())
        for key, line, _ in tree.items():
            if key in elsewhere:
                self.unknown(line, f"{what} has {key!r}")
            elif key not in known:
                self.wrong(line, f"{what} has no key {key!r}")
        return tree

    def free(self, tree: Tree | None, what: str) -> Mapping:
        """A mapping with keys of the file's own choice."""
        names = [key for key, _, _ in tree.items()] if isinstance(tree, Mapping) else []
        return self.mapping(tree, what, names)

    def word(self, tree: Tree | None, what: str) -> str:
        """A plain word without expressions; "" if it is not there."""
        if tree is None:
            return ""
        if not isinstance(tree, Scalar) or "${{" in text(tree.value):
            self.wrong(tree.line, f"{what} must be a plain word")
            return ""
        return text(tree.value)

    def words(self, tree: Tree | None, what: str) -> tuple[str, ...]:
        """One plain word or a list of them."""
        if isinstance(tree, Sequence):
            return tuple(self.word(item, what) for item in tree.items)
        return () if tree is None else (self.word(tree, what),)

    def template(self, tree: Tree | None, place: str, what: str) -> Template | None:
        """A scalar that may hold expressions; None if it is not there."""
        if tree is None:
            return None
        if not isinstance(tree, Scalar):
            self.wrong(tree.line, f"{what} must be one value")
            return None
        try:
            return template(tree, place)
        except ExpressionError as error:
            self.wrong(tree.line, f"the expression of {what} is wrong: {error}")
            return None

    def templates(self, tree: Tree | None, place: str, what: str) -> dict[str, Template]:
        """A mapping of the file's own keys to such scalars."""
        if isinstance(tree, Scalar) and "${{" in text(tree.value):
            self.unknown(tree.line, f"{what} is made by an expression")
            return {}
        read = ((key, self.template(item, place, f"{what} {key!r}")) for key, _, item in self.free(tree, what).items())
        return {key: value for key, value in read if value is not None}

    def pattern(self, tree: Tree | None, place: str, what: str) -> Pattern | None:
        """Any value that may hold expressions; None if it is not there."""
        if tree is None:
            return None
        try:
            return pattern(tree, place)
        except ExpressionError as error:
            self.wrong(tree.line, f"the expression of {what} is wrong: {error}")
            return None

    def condition(self, tree: Tree | None, place: str, what: str) -> Node:
        """An `if`."""
        if tree is not None and not isinstance(tree, Scalar):
            self.wrong(tree.line, f"{what} must be one expression")
            tree = None
        try:
            return condition(tree, place)
        except ExpressionError as error:
            self.wrong(tree.line if tree else 0, f"the expression of {what} is wrong: {error}")
            return Call("success", ())


def nothing(line: int) -> Nested:
    """An empty list, where a value is missing that has been reported."""
    return Nested(line, ())
