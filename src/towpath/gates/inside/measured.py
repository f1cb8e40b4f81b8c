"""What coverage.py measured, read and judged by its own public interface: `python measured.py QUESTION ANSWER`.

Files travel by their path in the project, since every Python's environment and checkout lies elsewhere.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Read data files (`files` in the question), or judge what was read before (`lines`, `arcs`)."""
    asked, answered = map(Path, sys.argv[1:3])
    question = json.loads(asked.read_text(encoding="utf-8"))
    answer = read(question) if "files" in question else judged(question)
    answered.write_text(json.dumps(answer), encoding="utf-8")


def read(question: dict[str, object]) -> dict[str, object]:
    """Lines and arcs of the project's files, of all data files together.

    `places` are pairs of a folder and the path in the project that it stands for.
    """
    from coverage import CoverageData, __version__

    lines: dict[str, set[int]] = {}
    arcs: dict[str, set[tuple[int, int]]] = {}
    tracers: dict[str, str] = {}
    for path in question["files"]:  # type: ignore[attr-defined]  # our own question
        data = CoverageData(basename=path)
        data.read()
        for file in data.measured_files():
            name = path_in_project(file, question["places"])
            if name is None:
                continue
            lines.setdefault(name, set()).update(data.lines(file) or ())
            if data.has_arcs():
                arcs.setdefault(name, set()).update(data.arcs(file) or ())
            tracers[name] = data.file_tracer(file) or ""
    return {
        "version": __version__,
        "lines": {name: sorted(found) for name, found in lines.items()},
        "arcs": {name: sorted(found) for name, found in arcs.items()},
        "tracers": {name: tracer for name, tracer in tracers.items() if tracer},
    }


def path_in_project(file: str, places: object) -> str | None:
    """The path of a measured file in the project; None for what is none of it."""
    whole = os.path.realpath(file)
    for folder, stands_for in places:  # type: ignore[attr-defined]  # our own question
        base = os.path.realpath(folder)
        if whole == base:
            return str(stands_for)
        if whole.startswith(base + os.sep):
            rest = whole[len(base) + 1 :].replace(os.sep, "/")
            return f"{stands_for}/{rest}" if stands_for else rest
    return None


def judged(question: dict[str, object]) -> dict[str, object]:
    """coverage.py's own figure over `include` in this folder, by the project's own settings, and the weakest files.

    Files that no test touched count in full. `data` is where coverage.py may keep its file.
    """
    from coverage import Coverage, CoverageData

    root = Path.cwd()
    data = CoverageData(basename=str(question["data"]))
    if question["arcs"]:
        jumps = question["arcs"].items()  # type: ignore[attr-defined]  # our own question
        data.add_arcs({str(root / name): [(start, end) for start, end in found] for name, found in jumps})
    else:
        data.add_lines({str(root / name): found for name, found in question["lines"].items()})  # type: ignore[attr-defined]  # our own question
    data.add_file_tracers({str(root / name): tracer for name, tracer in question["tracers"].items()})  # type: ignore[attr-defined]  # our own question
    data.touch_files([str(root / name) for name in question["sources"]])  # type: ignore[attr-defined]  # our own question
    data.write()
    report = Path(str(question["data"]) + ".json")
    cover = Coverage(data_file=str(question["data"]))
    cover.load()
    include = [str(root / name) for name in question["include"]]  # type: ignore[attr-defined]  # our own question
    cover.json_report(outfile=str(report), include=include)
    found = json.loads(report.read_text(encoding="utf-8"))
    files = {name: one["summary"] for name, one in found["files"].items()}
    return {
        "percent": found["totals"]["percent_covered"],
        "statements": found["totals"]["num_statements"],
        "files": {name: one["percent_covered"] for name, one in files.items() if one["num_statements"]},
    }


if __name__ == "__main__":
    main()
