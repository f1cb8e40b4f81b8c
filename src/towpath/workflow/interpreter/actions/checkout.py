"""actions/checkout (v6 and later, which keep annotated tags as they are), from the machine's own repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from towpath import processes
from towpath.workflow.interpreter.actions.calling import ActionFailed, Call, Done, Handler

if TYPE_CHECKING:
    from collections.abc import Iterator

_EVERYTHING = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")


def act(call: Call) -> Done:
    """Clone into the workspace and check out the event's commit, or the ref that the step names."""
    _refuse_the_rest(call)
    folder = call.path("path")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        message = f"{folder.name} is not empty"
        raise ActionFailed(message)
    git = _Git(call, folder)
    git.run("init", "--quiet", "--initial-branch", str(call.machine.default_branch))
    git.run("remote", "add", "origin", remote(call))
    git.run("config", "--local", "gc.auto", "0")
    wanted = call.inputs["ref"] or str(call.github["ref"])
    own = not call.inputs["ref"] or call.inputs["ref"] == call.github["ref"]
    ref, commit = _resolved(git, wanted, str(call.github["sha"]) if own else "")
    git.run("fetch", "--quiet", *_fetching(call, ref, commit), "origin", *_specs(call, ref, commit))
    _sparse(call, git)
    git.run("checkout", "--quiet", "--force", *_position(ref, commit))
    head = git.run("rev-parse", "HEAD").strip()
    facts = {"persist-credentials": call.flag("persist-credentials"), "depth": call.inputs["fetch-depth"]}
    return Done({"ref": wanted, "commit": head}, facts={**facts, "commit": head})


def remote(call: Call) -> str:
    """The address of the repository as git takes it."""
    given = call.machine.repository
    return given.as_posix() if isinstance(given, Path) else given


class _Git:
    def __init__(self, call: Call, folder: Path) -> None:
        self._call = call
        self._folder = folder

    def run(self, *arguments: str) -> str:
        """What git prints. Raises ActionFailed with its words."""
        done = processes.capture(["git", *arguments], cwd=self._folder, env=self._call.environ)
        self._call.log.write(f"git {' '.join(arguments)}\n{done.stderr}".strip())
        if done.code != 0:
            message = f"git {arguments[0]} ended with {done.code}: {done.stderr.strip()}"
            raise ActionFailed(message)
        return done.stdout


def _resolved(git: _Git, wanted: str, commit: str) -> tuple[str, str]:
    """The complete name of a ref ("" for a commit) and its commit."""
    if commit and wanted.startswith("refs/pull/"):
        return "", commit
    if commit and wanted.startswith("refs/"):
        return wanted, commit
    listed = [line.split("\t") for line in git.run("ls-remote", "origin").splitlines()]
    known = {name: sha for sha, name in listed}
    for ref in (wanted, f"refs/heads/{wanted}", f"refs/tags/{wanted}"):
        if ref.startswith("refs/") and ref in known:
            return ref, known.get(f"{ref}^{{}}", known[ref])
    if len(wanted) in {40, 64} and set(wanted) <= set("0123456789abcdefABCDEF"):
        return "", wanted
    message = f"{wanted!r} is neither a branch nor a tag nor a complete commit"
    raise ActionFailed(message)


def _fetching(call: Call, ref: str, commit: str) -> Iterator[str]:
    depth = call.inputs["fetch-depth"]
    if not depth.isdecimal():
        message = f"fetch-depth cannot be {depth!r}"
        raise ActionFailed(message)
    if int(depth):
        yield f"--depth={depth}"
    yield "--tags" if call.flag("fetch-tags") or (depth == "0" and (ref or commit)) else "--no-tags"
    if call.inputs["filter"]:
        yield f"--filter={call.inputs['filter']}"


def _specs(call: Call, ref: str, commit: str) -> list[str]:
    """What to fetch; a branch that moved on meanwhile stays at the event's commit."""
    if call.inputs["fetch-depth"] == "0":
        return [*_EVERYTHING, *([] if ref else [commit])]
    if ref.startswith("refs/tags/"):
        return [f"+{ref}:{ref}"]
    return [f"+{commit}:{_tracking(ref)}"] if ref else [commit]


def _tracking(ref: str) -> str:
    return ref.replace("refs/heads/", "refs/remotes/origin/", 1)


def _position(ref: str, commit: str) -> list[str]:
    if ref.startswith("refs/heads/"):
        return ["-B", ref.removeprefix("refs/heads/"), commit]
    return [ref or commit]


def _sparse(call: Call, git: _Git) -> None:
    patterns = call.lines("sparse-checkout")
    if patterns:
        mode = "--cone" if call.flag("sparse-checkout-cone-mode") else "--no-cone"
        git.run("sparse-checkout", "set", mode, *patterns)


def _refuse_the_rest(call: Call) -> None:
    call.refuse("repository", "", str(call.github["repository"]).lower())
    for name in ("submodules", "lfs"):
        call.refuse(name, "false")
    for name in ("ssh-key", "ssh-known-hosts"):
        call.refuse(name, "")
    call.flag("persist-credentials")


HANDLER = Handler(
    {
        "repository": "",
        "ref": "",
        "token": "",
        "ssh-key": "",
        "ssh-known-hosts": "",
        "ssh-strict": "true",
        "ssh-user": "git",
        "persist-credentials": "true",
        "path": ".",
        "clean": "true",
        "filter": "",
        "sparse-checkout": "",
        "sparse-checkout-cone-mode": "true",
        "fetch-depth": "1",
        "fetch-tags": "false",
        "show-progress": "true",
        "lfs": "false",
        "submodules": "false",
        "set-safe-directory": "true",
        "github-server-url": "",
        "allow-unsafe-pr-checkout": "false",
    },
    ("ref", "commit"),
    act,
)
