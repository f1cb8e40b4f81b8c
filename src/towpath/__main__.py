"""`python -m towpath TASK`: the tasks also where there is no tasks.py; where one adopts towpath, by that one."""

from __future__ import annotations

import re
from pathlib import Path

from invoke.program import Program

from towpath import __version__
from towpath.invoke import tasks

_ADOPTS = re.compile(r"^\s*(?:from towpath\.invoke import|import towpath\.invoke)", re.MULTILINE)


def main() -> None:
    """Run the tasks that the command line names."""
    own = None if _is_adopted(Path.cwd()) else tasks()
    Program(version=__version__, namespace=own, name="towpath", binary="python -m towpath").run()


def _is_adopted(root: Path) -> bool:
    """Whether the project's own tasks.py has our tasks, perhaps about a pipeline of its own."""
    paths = (root / "tasks.py", root / "tasks" / "__init__.py")
    path = next((path for path in paths if path.is_file()), None)
    return path is not None and bool(_ADOPTS.search(path.read_text(encoding="utf-8", errors="replace")))


if __name__ == "__main__":
    main()
