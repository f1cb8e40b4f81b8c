"""The files by which a step speaks to those after it: GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH, GITHUB_STEP_SUMMARY."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 1024 * 1024  # bytes of a step's summary
_NAMES = ("output", "env", "path", "step_summary", "state")
_FORBIDDEN = "NODE_OPTIONS"


class StepFileError(Exception):
    """A step wrote what cannot be read; GitHub fails the step then."""


@dataclass(frozen=True, slots=True)
class StepFiles:
    """A step's own files in a folder of its own."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> StepFiles:
        """Empty files."""
        folder.mkdir(parents=True)
        for name in _NAMES:
            (folder / name).touch()
        return cls(folder)

    def variables(self) -> dict[str, str]:
        """The variables that name the files."""
        return {f"GITHUB_{name.upper()}": str(self.folder / name) for name in _NAMES}

    def outputs(self) -> dict[str, str]:
        """What the step put out. Raises StepFileError."""
        return pairs(self._text("output"))

    def environment(self) -> dict[str, str]:
        """Variables for the steps after it. Raises StepFileError."""
        found = pairs(self._text("env"))
        if _FORBIDDEN in {name.upper() for name in found}:
            message = f"{_FORBIDDEN} cannot be set through GITHUB_ENV"
            raise StepFileError(message)
        return found

    def paths(self) -> list[str]:
        """Folders to look for programs in, the last one first."""
        return [line for line in reversed(self._text("path").splitlines()) if line.strip()]

    def summary(self) -> str:
        """The Markdown of the step. Raises StepFileError where GitHub would drop it as too long."""
        found = self._text("step_summary")
        if len(found.encode()) > LARGEST:
            message = "the step's summary is longer than 1 MiB and is dropped"
            raise StepFileError(message)
        return found

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except FileNotFoundError:
            return ""
        except UnicodeDecodeError as error:
            message = f"GITHUB_{name.upper()} is not UTF-8"
            raise StepFileError(message) from error


def pairs(text: str) -> dict[str, str]:
    """`name=value` lines, and `name<<END` up to the line END. Raises StepFileError."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        equals, heredoc = line.find("="), line.find("<<")
        if not line:
            continue
        if heredoc > 0 and (equals < 0 or heredoc < equals):
            name, _, end = line.partition("<<")
            found[name] = _until(end, lines)
        elif equals > 0:
            found[line[:equals]] = line[equals + 1 :]
        else:
            message = f"invalid format {line!r}: neither name=value nor name<<END"
            raise StepFileError(message)
    return found


def _until(end: str, lines: Iterator[str]) -> str:
    taken: list[str] = []
    for line in lines:
        if line == end:
            return "\n".join(taken)
        taken.append(line)
    message = f"a value is not closed by {end!r}"
    raise StepFileError(message)
