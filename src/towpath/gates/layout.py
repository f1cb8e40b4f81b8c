"""Where a project's modules lie: as installed in an environment, and as sources in a checkout."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath import errors, processes
from towpath.gates import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from towpath.gates.tooling import Toolbox


@dataclass(frozen=True, slots=True)
class Layout:
    """What is installed of a project, and where the sources of it are.

    `installed` is the folder that it is installed into; `sources` has for each top-level name the folders and files
    in the checkout that it is made from, relative to that and with forward slashes; none for a compiled module.
    """

    installed: Path
    sources: Mapping[str, tuple[str, ...]]

    @property
    def paths(self) -> tuple[str, ...]:
        """All folders and files of sources."""
        return tuple(path for paths in self.sources.values() for path in paths)


def layout(box: Toolbox, project: str, checkout: Path) -> Layout:
    """The layout of a project that is installed in a toolbox. Raises unreadable-report."""
    found = ask(box, "installed.py", [project], isolated=True)
    modules: dict[str, list[str]] = found["modules"]
    return Layout(Path(found["folder"]), {name: _sources(checkout, files) for name, files in modules.items()})


def ask(
    box: Toolbox, script: str, words: Sequence[str], *, cwd: Path | None = None, isolated: bool = False
) -> dict[str, Any]:
    """Run a script of `inside` with the toolbox's Python and return its answer.

    The answer goes to a file, whose path is put where a word is `ANSWER`, or at the end. Raises unreadable-report.
    """
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        answer = Path(folder, "answer.json")
        given = [
            str(answer) if word == "ANSWER" else word for word in (words if "ANSWER" in words else (*words, "ANSWER"))
        ]
        options = ["-I"] if isolated else []
        argv = [str(box.environment.python), *options, str(path_of(script)), *given]
        done = processes.capture(argv, cwd=cwd or Path(folder), env=box.environ)
        try:
            return dict(json.loads(answer.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            raise errors.UNREADABLE_REPORT.error(tool=script, detail=done.stdout + done.stderr) from None


def path_of(script: str) -> Path:
    """The file of a script that runs in the project's environment."""
    return Path(inside.__file__).with_name(script)


@contextmanager
def hidden(checkout: Path, paths: Sequence[str]) -> Iterator[None]:
    """Files and folders of a checkout taken away, and put back at the end.

    Raises tree-changed where something has come in their place.
    """
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        aside = {path: Path(folder, str(number)) for number, path in enumerate(paths)}
        for path, place in aside.items():
            shutil.move(checkout / path, place)
        try:
            yield
        finally:
            came = [path for path in paths if _is_there_again(checkout / path)]
            for path in set(paths) - set(came):
                shutil.move(aside[path], checkout / path)
        if came:
            raise errors.TREE_CHANGED.error(gate="test", detail="\n".join(f"{path} was made anew" for path in came))


def require_installed(box: Toolbox, found: Layout, folder: Path) -> None:
    """Raise imported-elsewhere unless every name is imported from the environment by what runs in that folder."""
    if not found.sources:
        return
    origins = ask(box, "origins.py", ["ANSWER", *found.sources], cwd=folder)
    base = os.path.realpath(box.environment.folder) + os.sep
    outside = [name for name, places in origins.items() if not all(place.startswith(base) for place in places or [""])]
    if outside:
        raise errors.TESTED_ELSEWHERE.error(
            modules=", ".join(sorted(outside)), detail="\n".join(place for name in outside for place in origins[name])
        )


def _is_there_again(place: Path) -> bool:
    """Whether something other than emptied folders is there again; what can go is removed."""
    if place.is_dir() and not any(path.is_file() for path in place.rglob("*")):
        shutil.rmtree(place)
    return place.exists()


def _sources(checkout: Path, files: Sequence[str]) -> tuple[str, ...]:
    """Where a top-level name lies in a checkout: in its root or in src, else one level deeper."""
    near = [path for base in (checkout, checkout / "src") for path in _in(base, files)]
    deeper = (base for base in sorted(checkout.iterdir()) if base.is_dir() and base.name != ".git")
    found = near or [path for base in deeper for path in _in(base, files)]
    return tuple(dict.fromkeys(path.relative_to(checkout).as_posix() for path in found))


def _in(base: Path, files: Sequence[str]) -> list[Path]:
    tops = dict.fromkeys(file.split("/")[0] for file in files if (base / file).is_file())
    return [base / top for top in tops]
