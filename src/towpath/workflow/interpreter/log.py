"""The log of a job, with its secrets masked, and the annotations found in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from towpath.workflow.interpreter.results import Annotation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MASK = "***"
MOST = 10  # annotations of a kind that GitHub keeps of a step
_COMMAND = re.compile(r"\s*::(?P<name>[A-Za-z-]+)(?: (?P<properties>[^:]*(?::(?!:)[^:]*)*))?::(?P<message>.*)")
_UNESCAPED = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
_GONE = ("set-env", "add-path", "set-output", "save-state")


class Log:
    """A file that takes what steps say; a workflow command in it is obeyed, a secret is masked."""

    def __init__(self, path: Path, job: str, secrets: Iterable[str]) -> None:
        self.path = path
        self.annotations: list[Annotation] = []
        self.step = ""
        self._job = job
        self._secrets: set[str] = set()
        self._resume = ""
        for secret in secrets:
            self.mask(secret)

    def begin(self, step: str) -> None:
        """A step begins: commands stopped by the one before are obeyed again."""
        self.step, self._resume = step, ""
        self.write(f"##[group]{step}")

    def write(self, text: str) -> None:
        """A line of our own, masked."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(self.masked(text.rstrip("\n")) + "\n")

    def mask(self, secret: str) -> None:
        """Hide this text from now on, whole and line by line, as a runner does."""
        self._secrets.update(part for part in (secret, *secret.splitlines()) if part.strip())

    def masked(self, text: str) -> str:
        """The text without its secrets, the longest first."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text

    def annotate(self, level: str, message: str, *, file: str = "", line: int = 0, title: str = "") -> None:
        """Note an error, warning or notice; beyond ten of a kind in a step they are dropped, as on GitHub."""
        self.write(f"##[{level}]{message}")
        known = [one for one in self.annotations if (one.level, one.step) == (level, self.step)]
        if len(known) < MOST:
            message = self.masked(message)
            self.annotations.append(Annotation(level, message, self._job, self.step, file, line, self.masked(title)))

    def take(self, output: str) -> list[str]:
        """What a step printed; gives the commands in it that GitHub has switched off."""
        gone: list[str] = []
        for text in output.splitlines():
            found = _COMMAND.match(text)
            if self._resume:
                self._resume = "" if text.strip() == f"::{self._resume}::" else self._resume
                self.write(text)
            elif found is None:
                self.write(text)
            elif found["name"].lower() in _GONE:
                gone.append(found["name"].lower())
            else:
                self._obey(found["name"].lower(), _properties(found["properties"] or ""), found["message"], text)
        return gone

    def _obey(self, name: str, properties: dict[str, str], message: str, text: str) -> None:
        message = _unescaped(message, _UNESCAPED[:2] + _UNESCAPED[4:])
        if name == "add-mask":
            self.mask(message)
        elif name == "stop-commands":
            self._resume = message
        elif name in {"error", "warning", "notice"}:
            line = properties.get("line", "")
            title = properties.get("title", "")
            place = int(line) if line.isdecimal() else 0
            self.annotate(name, message, file=properties.get("file", ""), line=place, title=title)
        else:
            self.write(f"##[{name}]{message}" if name in {"group", "endgroup", "debug"} else text)


def _properties(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split(",") if "=" in pair)
    return {key.strip().lower(): _unescaped(value, _UNESCAPED) for key, _, value in pairs}


def _unescaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for escaped, plain in table:
        text = re.sub(re.escape(escaped), lambda _, to=plain: to, text, flags=re.IGNORECASE)  # type: ignore[misc]  # mypy does not see the default's type
    return text
