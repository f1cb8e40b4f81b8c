"""Sdists from PyPI, of various build backends: put under git, `init --yes`, `nox -s release`; nothing by hand.

python bench/adopt.py [--only NAME] [--folder FOLDER]

Writes bench/adopt.md: what init configured, and how far the rehearsal went, each refusal with its cause. The rows of
those that are not run stay.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LIMIT_SECONDS = 1500
SDISTS = {
    "annotated-doc": "pdm-backend",
    "annotated-types": "hatchling",
    "blinker": "flit-core",
    "crashtest": "poetry-core",
    "dep-logic": "pdm-backend",
    "editables": "flit-core",
    "exceptiongroup": "flit-scm",
    "installer": "flit-core",
    "itsdangerous": "flit-core",
    "jeepney": "flit-core",
    "mdurl": "flit-core, no tests in the sdist",
    "ptyprocess": "flit-core",
    "typing-extensions": "flit-core, one module",
    "typing-inspection": "hatchling",
    "userpath": "hatchling",
    "wcwidth": "hatchling",
    "cachecontrol": "uv_build",
    "colorama": "hatchling",
    "findpython": "pdm-backend",
    "humanize": "hatchling, version from git",
    "idna": "flit-core, version in the package",
    "iniconfig": "setuptools, version from git",
    "pbs-installer": "pdm-backend",
    "pyproject-hooks": "flit-core, a noxfile of its own",
    "tomli": "flit-core, no tests in the sdist",
    "tomlkit": "poetry-core",
    "toolz": "setuptools, version from git",
}
# Why a refusal is right, or what it is about; read from the logs.
EXPLAINED: dict[str, str] = {
    "annotated-types": "pre-commit fetches its hooks from github.com, which the machine of this bench does not reach",
    "cachecontrol": "its own ruff and mypy, without upper bounds, find today what they did not at its release",
    "crashtest": "its isort finds the setup.py that Poetry had put into the sdist; its mypy misses the tests",
    "exceptiongroup": "its own ruff, mypy and pyright fail on its code",
    "findpython": "a test of its own fails when it is run by root",
    "humanize": "pre-commit, as annotated-types",
    "iniconfig": "pre-commit, as annotated-types",
    "installer": "its own mypy ends with 2 (why is open); six tests want bytecode, which this run forbade",
    "itsdangerous": "bandit is right by its rules: SHA-1 (B324); `[tool.bandit]` or a `# nosec` says that it is meant",
    "jeepney": "bandit: untrusted XML (B314), and exec in a test that lies in the package",
    "pbs-installer": "its own ruff and mypy; it declares no group that holds what its mypy imports",
    "ptyprocess": "its metadata is flit's of before PEP 621: there is no [project]",
    "pyproject-hooks": "its noxfile has sessions called lint, release and test; `--prefix towpath-` is offered",
    "tomlkit": "its own ruff and mypy fail on its tests",
    "toolz": "bandit: pickle and exec in tests that lie in the package",
    "typing-extensions": "its own ruff finds something in a test",
    "typing-inspection": "pre-commit, as annotated-types; its mypy, too",
    "userpath": "zizmor: actions that are not pinned, and too many permissions, in its workflows",
    "wcwidth": "its own isort, also in the files of `init`, and pylint find something",
}
IGNORED = "__pycache__/\n*.egg-info/\n/build/\n/dist/\n.hypothesis/\n.coverage\n"
PAGE = Path(__file__).with_name("adopt.md")
HEAD = """\
# Sdists taken up

Each was fetched from PyPI (`pip download --no-binary`), unpacked, committed and tagged as the project itself had done
it (with a .gitignore, which most sdists leave out), then: `python -m towpath init --yes`, `nox -s release`. Nothing was
edited by hand.

`python bench/adopt.py` writes this page.

| sdist | backend | what init configured | the rehearsal | s |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Outcome:
    """How one of them ended."""

    name: str
    backend: str
    configured: str
    rehearsal: str
    seconds: float

    @property
    def row(self) -> str:
        return f"| {self.name} | {self.backend} | {self.configured} | {self.rehearsal} | {self.seconds:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    chosen = options.only or list(SDISTS)
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as temporary:
        folder = options.folder or Path(temporary)
        outcomes = [adopted(name, folder) for name in chosen]
    write(outcomes)


def write(outcomes: Iterable[Outcome]) -> None:
    """The page, with the rows of what was not run this time as they were."""
    write_rows([outcome.row for outcome in outcomes])


def write_rows(fresh: Iterable[str]) -> None:
    there = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else []
    known = {name_of(row): row for row in (*there, *fresh) if name_of(row) in SDISTS}
    rows = [known[name] for name in SDISTS if name in known]
    done = sum("| every gate proven" in row for row in rows)
    why = [f"- {name}: {said}" for name, said in EXPLAINED.items() if "| every gate proven" not in known.get(name, "")]
    count = f"{done} of {len(rows)} go through as they are. The rest:"
    PAGE.write_text("\n".join([HEAD + rows[0], *rows[1:], "", count, "", *why, ""]), encoding="utf-8")


def name_of(row: str) -> str:
    return row.split()[1] if row.startswith("| ") else ""


def adopted(name: str, folder: Path) -> Outcome:
    environ = {
        **{key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "COLUMNS": "200",
    }
    root, version = unpacked(name, folder)
    print(f"{name} {version}", flush=True)
    commit(root, version, environ)
    began = time.monotonic()
    said, text = run(["-m", "towpath", "init", "--yes", "--json"], root, environ)
    if said is None or "files" not in said:
        (folder / f"{name}.init.log").write_text(text, encoding="utf-8")
        return told(Outcome(f"{name} {version}", SDISTS[name], "", f"init refused: {causes(said)}", 0))
    report, text = run(["-m", "nox", "-s", "release", "--", "--json"], root, environ)
    (folder / f"{name}.log").write_text(text, encoding="utf-8")
    seconds = time.monotonic() - began
    return told(Outcome(f"{name} {version}", SDISTS[name], configured(said), ended(report), seconds))


def told(outcome: Outcome) -> Outcome:
    print(outcome.row, flush=True)
    return outcome


def unpacked(name: str, folder: Path) -> tuple[Path, str]:
    where = folder / "sdists" / name
    if not list(where.glob("*.tar.gz")):
        fetch = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", name, "--dest", str(where), name]
        subprocess.run([sys.executable, *fetch], check=True)
    archive = next(where.glob("*.tar.gz"))
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        with tarfile.open(archive) as opened:
            opened.extractall(temporary, filter="data")
        inside = next(Path(temporary).iterdir())
        root = folder / "projects" / f"{inside.name}-{time.time_ns()}" / name
        root.parent.mkdir(parents=True)
        inside.rename(root)
    return root, inside.name.rpartition("-")[2]


def commit(root: Path, version: str, environ: Mapping[str, str]) -> None:
    """As the project had it: without what only an sdist has, and with what most sdists leave out, a .gitignore."""
    (root / "PKG-INFO").unlink(missing_ok=True)
    if not (root / ".gitignore").exists():
        (root / ".gitignore").write_text(IGNORED, encoding="utf-8")
    for command in (
        ["git", "init", "--quiet", "--initial-branch=main"],
        ["git", "add", "--all", "--force", "--", ".", ":(exclude,glob)**/*.egg-info/**"],
        ["git", "commit", "--quiet", "--message", f"Release {version}"],
        ["git", "tag", "--annotate", "--message", version, f"v{version}"],
        ["git", "clean", "--quiet", "--force", "-d", "-x"],
    ):
        subprocess.run(command, cwd=root, env=environ, check=True)


def run(arguments: list[str], root: Path, environ: Mapping[str, str]) -> tuple[Any, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environ,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    try:
        return json.loads(done.stdout), done.stdout + done.stderr
    except ValueError:
        return None, done.stdout + done.stderr


def configured(said: Any) -> str:  # noqa: ANN401 - JSON
    keys = [f"`{key['table'].removeprefix('tool.towpath')[1:]}.{key['key']}`" for key in said["configuration"]]
    return ", ".join(dict.fromkeys(keys)).replace("`.", "`") or "nothing"


def ended(report: Any) -> str:  # noqa: ANN401 - JSON
    if report is None:
        return "no report"
    if report.get("done"):
        return f"every gate proven, {len(report['distributions'])} files"
    closed = [gate for gate in report.get("gates", []) if gate["problems"]]
    if not closed:
        return f"refused beforehand: {causes(report)}"
    return "; ".join(f"{gate['session']} closed: {causes(gate)}" for gate in closed)


def causes(said: Any) -> str:  # noqa: ANN401 - JSON
    problems = (said or {}).get("problems", [])
    return "; ".join(f"{one['id']} ({one['cause']})" for one in problems).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    main()
