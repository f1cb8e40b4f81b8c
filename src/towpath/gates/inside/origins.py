"""Where names are imported from in this folder, as tests run in it do: `python origins.py ANSWER NAME…`."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Answer with name → its files and folders; nothing is imported but what a name with a dot takes."""
    answer, *names = sys.argv[1:]
    sys.path[0] = os.getcwd()  # noqa: PTH109 - as `python -m` has it, whose folder is not the script's
    found = {}
    for name in names:
        spec = importlib.util.find_spec(name)
        places = [] if spec is None else [*(spec.submodule_search_locations or ()), *filter(None, [spec.origin])]
        found[name] = [os.path.realpath(place) for place in places]
    Path(answer).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
