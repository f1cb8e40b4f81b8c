"""Where a distribution lies in this environment, and what is imported of it: `python -I installed.py NAME ANSWER`."""

from __future__ import annotations

import importlib.machinery
import json
import sys
import sysconfig
from importlib import metadata
from pathlib import Path, PurePath


def main() -> None:
    """Answer with `folder` (where it is installed) and `modules`: top-level name → its files, relative to that."""
    name, answer = sys.argv[1:3]
    suffixes = (".py", *importlib.machinery.EXTENSION_SUFFIXES)
    modules: dict[str, list[str]] = {}
    for file in metadata.distribution(name).files or ():
        parts = PurePath(str(file)).parts
        if parts[-1].endswith(suffixes) and not parts[0].endswith((".dist-info", ".data")) and parts[0] != "..":
            modules.setdefault(parts[0].partition(".")[0], []).append("/".join(parts))
    found = {"folder": sysconfig.get_path("purelib"), "modules": modules}
    Path(answer).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
