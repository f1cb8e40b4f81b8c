"""The workflow files of a repository, as far as the doctor looks into them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath import errors
from towpath.gates import publishers
from towpath.workflow.files import FOLDER
from towpath.workflow.interpreter import reading, tree
from towpath.workflow.interpreter.tree import Mapping, Scalar, Sequence, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from towpath.gates.publishers import Upload
    from towpath.workflow.interpreter.nouns import Finding, Trigger

ACTION = publishers.ACTION
_GATE = re.compile(r"\bnox\s+-s\s+[\"']?(?:[a-z0-9]+-)*publish(?:-test)?\b")


@dataclass(frozen=True, slots=True)
class Step:
    """A step; `run_line` is the line of the file where its command begins, `tolerated` that its failure is."""

    uses: str = ""
    run: str = ""
    run_line: int = 0
    inputs: dict[str, str] = field(default_factory=dict)
    condition: str = ""
    condition_line: int = 0
    tolerated: bool = False

    @property
    def action(self) -> str:
        """The action without its version."""
        return self.uses.partition("@")[0].lower()


@dataclass(frozen=True, slots=True)
class Job:
    """A job; `permissions` is None where it says nothing, `*` standing for what `write-all` and `read-all` give.

    `tolerated` is whether its failure is.
    """

    id: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    environment: str = ""
    permissions: dict[str, str] | None = None
    calls: str = ""
    tolerated: bool = False

    @property
    def uploads(self) -> bool:
        """Whether a step of it sends files to an index: by PyPA's action, a command, or our session."""
        return any(step.action == ACTION or _GATE.search(step.run) or publishers.sends(step.run) for step in self.steps)


@dataclass(frozen=True, slots=True)
class Document:
    """A workflow file. `broken` is why it could not be read; else it is None, and the rest holds.

    `faults` are what GitHub would refuse or take otherwise than it reads. `uploads` and `starts` (tag, release,
    dispatch) are those of a file that was written by hand.
    """

    path: str
    text: str
    generated: bool
    triggers: tuple[Trigger, ...] = ()
    jobs: tuple[Job, ...] = ()
    permissions: dict[str, str] | None = None
    uploads: tuple[Upload, ...] = ()
    starts: tuple[str, ...] = ()
    faults: tuple[Finding, ...] = ()
    broken: errors.Problem | None = None

    @property
    def name(self) -> str:
        """The file's name, to which trusted publishing is bound."""
        return self.path.rpartition("/")[2]

    @property
    def publishes(self) -> bool:
        """Whether any job sends files to an index."""
        return any(job.uploads for job in self.jobs)

    def allowed(self, job: Job, scope: str) -> str:
        """What a job's token may, as far as the file says: `read`, `write`, `none`; "" where it says nothing."""
        given = job.permissions if job.permissions is not None else self.permissions
        if given is None:
            return ""
        return given.get(scope, given.get("*", "none"))


def documents(top: Path) -> tuple[Document, ...]:
    """The workflows of a repository, by name."""
    folder = top / FOLDER
    paths = sorted(path for path in folder.glob("*.y*ml") if path.suffix in {".yml", ".yaml"} and path.is_file())
    return tuple(read(path.name, path.read_text(encoding="utf-8-sig", errors="replace")) for path in paths)


def read(name: str, text: str) -> Document:
    """One file."""
    path, generated = f"{FOLDER}/{name}", publishers.is_generated(text)
    try:
        root = tree.read(text, path)
        workflow, faults = reading.read_tree(root, path)
    except errors.TowpathError as error:
        return Document(path, text, generated, broken=error.problems[0])
    by_hand = publishers.Workflow(name) if generated else publishers.read(name, text)
    jobs = tuple(_job(key, value) for key, _, value in _pairs(_under(root, "jobs")))
    given = _permissions(_under(root, "permissions"))
    real = tuple(fault for fault in faults if not fault.unknown)
    return Document(path, text, generated, workflow.on, jobs, given, by_hand.uploads, by_hand.triggers, real)


def _job(name: str, said: Tree) -> Job:
    environment = _under(said, "environment")
    named = _under(environment, "name") if isinstance(environment, Mapping) else environment
    steps = _under(said, "steps")
    return Job(
        name,
        tuple(_step(one) for one in steps.items) if isinstance(steps, Sequence) else (),
        _words(_under(said, "needs")),
        _text(named),
        _permissions(_under(said, "permissions")),
        _text(_under(said, "uses")),
        _is_tolerated(said),
    )


def _step(said: Tree) -> Step:
    run, condition = (_under(said, key) for key in ("run", "if"))
    return Step(
        _text(_under(said, "uses")),
        _text(run),
        run.line if run else 0,
        {key: _text(value) for key, _, value in _pairs(_under(said, "with"))},
        _text(condition),
        condition.line if condition else 0,
        _is_tolerated(said),
    )


def _is_tolerated(said: Tree) -> bool:
    tolerated = _under(said, "continue-on-error")
    return isinstance(tolerated, Scalar) and tolerated.value is True


def _permissions(said: Tree | None) -> dict[str, str] | None:
    if said is None:
        return None
    if isinstance(said, Mapping):
        return {key: _text(value) for key, _, value in said.items()}
    return {"*": _text(said).removesuffix("-all")}


def _under(said: Tree | None, key: str) -> Tree | None:
    return said.get(key) if isinstance(said, Mapping) else None


def _pairs(said: Tree | None) -> Iterator[tuple[str, int, Tree]]:
    return said.items() if isinstance(said, Mapping) else iter(())


def _words(said: Tree | None) -> tuple[str, ...]:
    if isinstance(said, Sequence):
        return tuple(_text(one) for one in said.items)
    return (_text(said),) if said is not None else ()


def _text(said: Tree | None) -> str:
    if not isinstance(said, Scalar) or said.value is None:
        return ""
    if isinstance(said.value, bool):
        return str(said.value).lower()
    return str(int(said.value)) if isinstance(said.value, float) and said.value.is_integer() else str(said.value)
