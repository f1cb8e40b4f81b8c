"""What a gate is, the workspace it is given, and the pipeline that orders gates and proves itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from towpath import errors
from towpath.gates import pythons
from towpath.model import About, Effect, Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.config.configuration import Configuration
    from towpath.config.sections import Settings
    from towpath.evidence.store import Store
    from towpath.model import Subject, Target
    from towpath.repository.git import Repository


def unheard(_line: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The world as a gate is given it.

    `environ` is the environment of this process, credentials included where the gate uses one; `arguments` are
    what the caller wrote after `--`, `options` those among them that the gate itself takes. `tag_as_made` is the tag
    of this version that is there already in another spelling (`v1.0-rc.1` of 1.0rc1). `tell` takes a line for whoever
    watches, where an act takes its time; `hide` takes each secret that comes into being here, before anything could
    print it. `relied_on` are the records that opened the gate: path below the version's folder → sha256.
    """

    root: Path
    repository: Repository
    configuration: Configuration
    subject: Subject
    store: Store
    target: Target
    environ: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    tag_as_made: str = ""
    tell: Callable[[str], None] = unheard
    hide: Callable[[str], None] = unheard
    relied_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """`[tool.towpath]`."""
        return self.configuration.settings

    @property
    def rehearsing(self) -> bool:
        """Whether this world is thrown away afterwards; clients are held to loopback then."""
        return bool(self.target.rehearsal)

    @property
    def tag(self) -> str:
        """The tag of this version, as it was made, else in the project's spelling."""
        return self.tag_as_made or self.settings.tag.format.format(version=self.subject.version)


_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TAKEN = ("release", "distributions")  # the session of the whole walk; what lists the sealed files


def can_be_named(name: str) -> bool:
    """Whether a gate may have this name: small letters, digits and dashes, and not taken."""
    return name not in _TAKEN and bool(_NAME.fullmatch(name))


Act = Callable[[Workspace, str], Outcome]
Facts = Callable[[Workspace, str], Mapping[str, Any]]


def nothing(_workspace: Workspace, _variant: str) -> Mapping[str, Any]:
    """No configuration, or no tools."""
    return {}


def nowhere(_target: Target) -> str:
    """No effect outside the workspace."""
    return ""


@dataclass(frozen=True, slots=True)
class Gate:
    """An ordered check or act that opens or refuses.

    `act` gets the workspace and the variant (a Python such as `3.12`, or empty) and returns what it found, or
    raises TowpathError; the caller asks for evidence before and seals afterwards. `configuration` is what its
    evidence is bound to besides the subject, `tools` what must match for evidence to be used again.
    `credential` names what it may be given: `test-index`, `index`, `forge` or `remote`. A gate with a shared or
    permanent effect is walked in a rehearsal only if it `rehearses`: if all that it touches comes from the workspace.
    `altered_by` names the variables by which a caller makes its tools leave something out or load something else.
    `options` are what it takes after `--`, each with a value: they say what it acts on, narrow nothing, and stand in
    its evidence. `per_python` gates have a variant for each Python; `closing` names one more, which comes after them,
    relies on their evidence and is there where the gate's key of that name is set. `loads` names the modules that it
    imports when it acts, for a session that waits for its turn. `restore` puts back what an outcome
    that is used again had left in the workspace; `acts_on` says in words where the effect goes. `variables` are what
    it is given of the caller's environment besides, by name. One that comes `afterwards` closes nothing where it fails,
    as the release is finished; where it has been done about a target, a walk does not do it again.
    """

    name: str
    summary: str
    act: Act
    needs: tuple[str, ...] = ()
    effect: Effect = Effect.NONE
    about: About = About.TREE
    configuration: Facts = nothing
    tools: Facts = nothing
    credential: str = ""
    restore: Callable[[Workspace], None] | None = None
    acts_on: Callable[[Target], str] = nowhere
    altered_by: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    per_python: bool = False
    closing: str = ""
    loads: tuple[str, ...] = ()
    by_default: bool = False
    takes_arguments: bool = False
    runs_project_code: bool = False
    installs_clean: bool = False
    rehearses: bool = False
    variables: tuple[str, ...] = ()
    afterwards: bool = False

    @property
    def rehearsed(self) -> bool:
        """Whether a rehearsal walks it."""
        return self.rehearses or self.effect in (Effect.NONE, Effect.LOCAL)

    def variants(self, workspace: Workspace) -> tuple[str, ...]:
        """The variants that must all be proven; one unnamed where only the Python in use comes into question.

        Raises what `pythons.choose` raises.
        """
        chosen = self.choice(workspace).variants
        return (*chosen, self.closing) if any(chosen) and self._closes(workspace) else chosen

    def _closes(self, workspace: Workspace) -> bool:
        return bool(self.closing) and getattr(getattr(workspace.settings, self.name), self.closing) is not None

    def choice(self, workspace: Workspace) -> pythons.Choice:
        """The Pythons that must be proven here, and those that are not here."""
        if not self.per_python:
            return pythons.Choice(("",), {})
        return pythons.choose(workspace, lambda variant: self.has_record(workspace, variant))

    def may_lack(self, workspace: Workspace, variant: str) -> bool:
        """Whether evidence of elsewhere may lack a variant: one that is not required everywhere."""
        if not self.per_python:
            return False
        return variant in {*pythons.declared_by(workspace).optional, *workspace.settings.missing_pythons}

    def has_record(self, workspace: Workspace, variant: str) -> bool:
        """Whether a record about this subject is there, or one that cannot be read."""
        try:
            sealed = workspace.store.load(workspace.store.path(self.name, variant))
        except errors.TowpathError:
            return True
        if sealed is None or sealed.record.version != workspace.subject.version:
            return False
        if self.about is About.TREE:
            return sealed.record.tree == workspace.subject.tree
        return sealed.record.commit == workspace.subject.commit


@dataclass(frozen=True, slots=True, init=False)
class Pipeline:
    """The ordered gates. It proves itself when it is made, and is changed by value.

    `changes` are what was replaced or removed, `off_route` what this version does not pass, each in words.

    Raises ValueError where the order would not be safe: a name twice or taken, a need that does not point backwards, a
    permanent effect without a clean-install check before it, a credential beside project code.
    """

    gates: tuple[Gate, ...]
    changes: tuple[str, ...] = field(default=())
    off_route: tuple[str, ...] = field(default=())

    def __init__(self, *gates: Gate, changes: tuple[str, ...] = (), off_route: tuple[str, ...] = ()) -> None:
        object.__setattr__(self, "gates", gates)
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "off_route", off_route)
        _prove(self)

    def __iter__(self) -> Iterator[Gate]:
        return iter(self.gates)

    def __getitem__(self, name: str) -> Gate:
        for gate in self.gates:
            if gate.name == name:
                return gate
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The gates' names, in order."""
        return tuple(gate.name for gate in self.gates)

    @property
    def point_of_no_return(self) -> str | None:
        """The name of the first gate with a permanent effect."""
        return next((gate.name for gate in self.gates if gate.effect is Effect.PERMANENT), None)

    def replacing(self, name: str, gate: Gate) -> Pipeline:
        """The same pipeline with another gate of that name, which keeps the place and the needs; it stays on record."""
        if name not in self.names:
            raise ValueError(_unknown(name, self))
        known = self[name]
        taken = replace(gate, name=name, needs=gate.needs or known.needs)
        gates = (taken if g.name == name else g for g in self.gates)
        return Pipeline(*gates, changes=(*self.changes, f"{name} replaced"), off_route=self.off_route)

    def inserting(self, gate: Gate, *, after: str) -> Pipeline:
        """The pipeline with one more gate. It needs `after`, and whatever needed `after` needs it too."""
        added = replace(gate, needs=gate.needs or (after,))
        gates: list[Gate] = []
        for known in self.gates:
            follows = after in known.needs
            gates.append(replace(known, needs=(*known.needs, gate.name)) if follows else known)
            if known.name == after:
                gates.append(added)
        if added not in gates:
            raise ValueError(_unknown(after, self))
        return Pipeline(*gates, changes=self.changes, off_route=self.off_route)

    def without(self, name: str, *, reason: str = "") -> Pipeline:
        """The pipeline without a gate; what needed it needs what it needed. The removal stays on record."""
        change = f"without {name}: {reason}" if reason else f"without {name}"
        return Pipeline(*self._relieved_of(name), changes=(*self.changes, change), off_route=self.off_route)

    def along(self, off: Mapping[str, str]) -> Pipeline:
        """The part that a version passes; `off` says of each gate that is not on its route why. Needs pass through."""
        part = self
        for name in self.names:
            if name in off:
                said = (*part.off_route, f"{name} not on the route: {off[name]}")
                part = Pipeline(*part._relieved_of(name), changes=part.changes, off_route=said)
        return part

    def rehearsal(self) -> Pipeline:
        """The part that a rehearsal walks; needs pass through the gates that it leaves out."""
        part = self
        for gate in self.gates:
            if not gate.rehearsed:
                part = part.without(gate.name)
        return Pipeline(*part.gates, changes=self.changes, off_route=self.off_route)

    def _relieved_of(self, name: str) -> list[Gate]:
        if name not in self.names:
            raise ValueError(_unknown(name, self))
        return [_relieved(gate, self[name]) for gate in self.gates if gate.name != name]


def _relieved(gate: Gate, of: Gate) -> Gate:
    if of.name not in gate.needs:
        return gate
    needs = [need for name in gate.needs for need in (of.needs if name == of.name else (name,))]
    return replace(gate, needs=tuple(dict.fromkeys(needs)))


def _unknown(name: str, pipeline: Pipeline) -> str:
    return f"there is no gate {name!r}; the pipeline has {', '.join(pipeline.names)}"


def _prove(pipeline: Pipeline) -> None:
    seen: dict[str, bool] = {}  # name -> whether a clean install lies on its path
    for gate in pipeline.gates:
        if not can_be_named(gate.name):
            message = f"a gate cannot be named {gate.name!r}: small letters, digits and dashes, and none of {_TAKEN}"
            raise ValueError(message)
        if gate.name in seen:
            message = f"the gate {gate.name!r} stands twice in the pipeline"
            raise ValueError(message)
        missing = [need for need in gate.needs if need not in seen]
        if missing:
            message = f"the gate {gate.name!r} needs {missing[0]!r}, which does not stand before it"
            raise ValueError(message)
        before = [need for need in gate.needs if pipeline[need].afterwards and not gate.afterwards]
        if before or (gate.afterwards and gate.effect is Effect.PERMANENT):
            message = (
                f"the gate {(*before, gate.name)[0]!r} comes after the release: nothing of a release can be after it"
            )
            raise ValueError(message)
        clean = any(seen[need] for need in gate.needs)
        if gate.effect is Effect.PERMANENT and not clean:
            message = f"the gate {gate.name!r} cannot be undone, and nothing before it installs the files cleanly"
            raise ValueError(message)
        if gate.credential and gate.runs_project_code:
            message = f"the gate {gate.name!r} would hold a credential beside the project's own code"
            raise ValueError(message)
        seen[gate.name] = clean or gate.installs_clean
