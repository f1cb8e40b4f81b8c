"""Events, whether they start a workflow, and what a run knows of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors, processes
from towpath.gates.filters import matches
from towpath.workflow.interpreter.inputs import typed_inputs
from towpath.workflow.interpreter.values import text, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from towpath.workflow.interpreter.machine import Machine
    from towpath.workflow.interpreter.nouns import Trigger, Workflow

_NOBODY = "0" * 40
_QUIET = ("opened", "synchronize", "reopened")  # what pull_request listens to if it names no types


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the repository.

    `ref` is complete (refs/heads/main); `head` and `base` are the branches of a pull request. `paths` are the changed
    files, needed where a filter asks for them. `payload` is laid over the payload that is made for the event.
    """

    name: str
    ref: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""
    head: str = ""
    base: str = ""
    paths: tuple[str, ...] | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def push_tag(cls, tag: str) -> Event:
        """A tag was pushed."""
        return cls("push", f"refs/tags/{tag}")

    @classmethod
    def push_branch(cls, branch: str, *, paths: tuple[str, ...] | None = None) -> Event:
        """Commits were pushed to a branch."""
        return cls("push", f"refs/heads/{branch}", paths=paths)

    @classmethod
    def pull_request(cls, head: str, base: str = "main", *, paths: tuple[str, ...] | None = None) -> Event:
        """A pull request from one branch of the repository to another. Its head is checked out, not the merge."""
        return cls("pull_request", "refs/pull/1/merge", action="opened", head=head, base=base, paths=paths)

    @classmethod
    def release(cls, tag: str, *, prerelease: bool = False) -> Event:
        """A release was published by hand."""
        release = {"tag_name": tag, "prerelease": prerelease, "draft": False, "name": tag, "body": ""}
        return cls("release", f"refs/tags/{tag}", action="published", payload={"release": release})

    @classmethod
    def dispatch(cls, ref: str, inputs: Mapping[str, Any] | None = None) -> Event:
        """Started by hand on a branch or, with a ref that begins with refs/tags/, on a tag."""
        return cls("workflow_dispatch", ref if ref.startswith("refs/") else f"refs/heads/{ref}", inputs or {})

    @property
    def ref_name(self) -> str:
        """The ref without refs/heads/ or refs/tags/."""
        return self.ref.split("/", 2)[2]

    @property
    def ref_type(self) -> str:
        """What the ref is: "branch" or "tag"."""
        return "tag" if self.ref.startswith("refs/tags/") else "branch"


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event that starts a workflow: the commit that it is about, its payload, the inputs with their types."""

    event: Event
    sha: str
    payload: dict[str, Any]
    inputs: dict[str, Any]


def occasion(workflow: Workflow, event: Event, machine: Machine) -> Occasion:
    """What a run of the workflow for the event is about. Raises not-triggered, bad-event and bad-input."""
    trigger = next((one for one in workflow.on if one.event == event.name), None)
    if trigger is None or not lets_through(trigger, event):
        raise errors.NOT_TRIGGERED.error(path=workflow.path, event=f"{event.name} of {event.ref}")
    sha = _commit(event, machine)
    inputs = typed_inputs(trigger.inputs, event.inputs)
    made = {**_payload(event, sha, machine), **event.payload, "repository": machine.facts}
    if event.name == "workflow_dispatch":
        made["inputs"] = {name: text(value_of(value)) for name, value in inputs.items()}
    return Occasion(event, sha, made, inputs)


def lets_through(trigger: Trigger, event: Event) -> bool:
    """Whether the trigger's filters let the event through."""
    types = trigger.filters.get("types", _QUIET if event.name == "pull_request" else ())
    if types and event.action not in types:
        return False
    return _ref_fits(trigger, event) and _paths_fit(trigger, event)


def _ref_fits(trigger: Trigger, event: Event) -> bool:
    if event.name not in {"push", "pull_request"}:
        return True
    kind = "branches" if event.ref_type == "branch" else "tags"
    name = event.base or event.ref_name
    mine = {key for key in trigger.filters if key in {kind, f"{kind}-ignore"}}
    named = {key for key in trigger.filters if key.startswith(("branches", "tags"))}
    if not mine:
        return not named  # only filters of the other kind: nothing of this kind starts it
    if kind in mine:
        return matches(trigger.filters[kind], name)
    return not matches(trigger.filters[f"{kind}-ignore"], name)


def _paths_fit(trigger: Trigger, event: Event) -> bool:
    wanted, ignored = trigger.filters.get("paths"), trigger.filters.get("paths-ignore")
    if event.ref_type == "tag" or not (wanted or ignored):
        return True
    if event.paths is None:
        why = "its filter asks for the changed files, and the event does not name them"
        raise errors.BAD_EVENT.error(event=event.name, why=why, repository="the event")
    if wanted:
        return any(matches(wanted, path) for path in event.paths)
    return not all(matches(ignored or (), path) for path in event.paths)


def _commit(event: Event, machine: Machine) -> str:
    repository = machine.repository.as_posix() if isinstance(machine.repository, Path) else machine.repository
    ref = f"refs/heads/{event.head}" if event.head else event.ref
    argv = ["git", "ls-remote", "--exit-code", repository, ref, f"{ref}^{{}}"]
    machine.folder.mkdir(parents=True, exist_ok=True)
    done = processes.capture(argv, cwd=machine.folder, env=machine.environ)
    if done.code != 0:
        why = f"{ref} is not there"
        raise errors.BAD_EVENT.error(event=event.name, why=why, repository=repository, detail=done.stderr)
    # An annotated tag comes first as itself, then as the commit that it is about.
    return done.stdout.splitlines()[-1].split()[0]


def _payload(event: Event, sha: str, machine: Machine) -> dict[str, Any]:
    sender = {"sender": {"login": machine.actor}}
    if event.name == "push":
        commit = {"id": sha, "message": ""}
        return {"ref": event.ref, "before": _NOBODY, "after": sha, "head_commit": commit, "deleted": False, **sender}
    if event.name == "pull_request":
        head, base = {"ref": event.head, "sha": sha, "repo": {"full_name": machine.slug}}, {"ref": event.base}
        return {
            "action": event.action,
            "number": 1,
            "pull_request": {"head": head, "base": base, "number": 1},
            **sender,
        }
    return {"action": event.action, **sender} if event.action else {"ref": event.ref, **sender}
