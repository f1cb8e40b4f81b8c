"""The generated workflows of a project that takes towpath up, or why they wait."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.adopt.call import File
from towpath.repository.git import Git, Repository
from towpath.repository.throwaway import throwaway_checkout
from towpath.workflow import current, lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.adopt.call import Call
    from towpath.adopt.findings import Findings
    from towpath.workflow.current import Workflows

_NOBODY = ("-c", "user.name=towpath", "-c", "user.email=init@towpath.invalid", "-c", "commit.gpgSign=false")


def beside(
    call: Call, found: Findings, files: tuple[File, ...], *, with_tasks: bool
) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """The workflows where nothing is in their way; else why they wait, and what to do."""
    if found.generated or not call.wish.workflows:
        return (), ()
    publisher = found.publisher
    if publisher:
        others = [one.path for one in found.workflows if one.uploads and one != publisher]
        also = f" Delete {', '.join(others)} then, too." if others else ""
        said = (
            f"{publisher.path} publishes now and stays as it is: beside a generated workflow, both would publish. When "
            f"you are ready, `invoke workflow --replace` writes the generated one over it, under the name that the "
            f"index knows.{also}"
        )
        return (), (said,)
    if not with_tasks:
        return (), ("no workflows are written: their jobs call `invoke`, which finds no tasks of ours.",)
    elsewhere = found.remote_url and "github" not in found.remote_url.lower()
    if elsewhere and not (found.repository.root / ".github").is_dir():
        return (), (f"no workflows are written: {found.remote} is not on GitHub.",)
    return generated(call, files, unborn=False)


def generated(call: Call, files: tuple[File, ...], *, unborn: bool) -> tuple[tuple[File, ...], tuple[str, ...]]:
    """The workflows with their lock file, made in a trial; all or none, since `lint` would find them incomplete."""
    if not call.wish.workflows:
        return (), ()
    try:
        with trial(call.root, files, unborn=unborn) as folder:
            made = current.open_workflows(folder, call.environ, call.pipeline)
    except errors.TowpathError as error:
        if error.problems[0].id != errors.WORKFLOW_NOT_AT_ROOT.id:
            raise
        return (), (f"no workflows are written: {error.problems[0].cause}",)
    by_hand = [file.path for file in made.wanted if (call.root / file.path).is_file()]
    if by_hand:
        problem = errors.WORKFLOW_BY_HAND.problem(path=", ".join(by_hand))
        return (), (f"no workflows are written. {problem.cause} {problem.fix}",)
    try:
        locked = _locked(call, made)
    except errors.TowpathError as error:
        return (), (_waiting(error.problems[0]),)
    return tuple(_new(call.root, made, locked)), ()


def _locked(call: Call, made: Workflows) -> str:
    path = call.root / lock.PATH
    there = path.read_text(encoding="utf-8") if path.is_file() else ""
    if lock.is_whole(there, made.requirements):
        return there
    return lock.locked(made.requirements, call.environ, python=made.python)


def _waiting(problem: errors.Problem) -> str:
    more = f" {problem.fix}" if problem.id == errors.LOCK_WITHOUT_UV.id else ""
    return f"the workflows wait for their lock file. {problem.cause}{more} `invoke workflow` writes them, or says more."


def _new(root: Path, made: Workflows, locked: str) -> Iterator[File]:
    texts = {**{file.path: file.text for file in made.wanted}, lock.PATH: locked}
    for path, text in texts.items():
        before = (root / path).read_bytes() if (root / path).is_file() else None
        if before != text.encode():
            yield File(path, before, text.encode())


@contextmanager
def trial(root: Path, files: tuple[File, ...], *, unborn: bool) -> Iterator[Path]:
    """The project as it will be, in a folder that goes again."""
    with ExitStack() as stack:
        if unborn:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="towpath-")))
            Git(folder)("init", "--quiet")
            Git(folder)(*_NOBODY, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", "Trial")
        else:
            repository = Repository(root)
            folder = stack.enter_context(throwaway_checkout(repository)) / repository.prefix
        for file in files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.after)
        yield folder
