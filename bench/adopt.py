"""Sdists from PyPI, of various build backends: put under git, `init --yes`, `nox -s release`; nothing by hand.

python bench/adopt.py [--only NAME] [--folder FOLDER] [--jobs NUMBER]

Where that is refused for what an option of init is for, once more with the option: `--prefix` for names that are taken,
`--known-failures` where lint or security stayed closed. Writes bench/adopt.md: what init configured, and how far the
rehearsals went, each refusal with its cause. The rows of those that are not run stay.
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
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LIMIT_SECONDS = 1500
DONE = "rehearsed to the end"
LINTED = {"lint", "security"}
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
    # Chosen by backend before any of their results was looked at. That mistune, more-itertools and immutabledict can
    # go through was known: tests/e2e/test_packages.py takes them, without their workflows.
    "attrs": "hatchling, version from git",
    "cleo": "poetry-core, [tool.poetry]",
    "django-htmx": "uv_build",
    "immutabledict": "poetry-core",
    "markupsafe": "setuptools, C extension",
    "mistune": "setuptools",
    "more-itertools": "flit-core",
    "packaging": "flit-core",
    "pathspec": "flit-core",
    "pluggy": "setuptools, version from git",
    "pyproject-metadata": "flit-core",
    "pytest-randomly": "uv_build",
    "semver": "setuptools",
    "ujson": "setuptools, C extension, version from git",
    "unearth": "pdm-backend",
}
# Why a refusal is right, or what it is about; read from the logs.
EXPLAINED: dict[str, str] = {
    "annotated-types": "pre-commit fetches its hooks from github.com, which the machine of this bench does not reach",
    "attrs": "pre-commit, as annotated-types; and its mypy and ty are run by tox over other folders",
    "cachecontrol": "its own ruff and mypy, without upper bounds, find today what they did not at its release",
    "cleo": "bandit: MD5 without `usedforsecurity=False` (B324)",
    "crashtest": (
        "its isort finds the setup.py that Poetry had put into the sdist, which leaves out the tests "
        "that its mypy names"
    ),
    "django-htmx": "its mypy wants the stubs of Django, which no group of its declares",
    "exceptiongroup": (
        "its own ruff, mypy and pyright fail on its code; `except*` in a test is none for the Python "
        "that its ruff is told"
    ),
    "findpython": "a test of its own fails when it is run by root",
    "humanize": "pre-commit, as annotated-types; mypy's own workers ran out of time on a busy machine",
    "immutabledict": "it allows Python 3.8, and asks for a poetry-core to be built with that no Python 3.8 can run",
    "iniconfig": "pre-commit, as annotated-types",
    "installer": (
        "its mypy names `tools`, which the sdist leaves out; six tests look for `__pycache__`, which "
        'the test gate keeps elsewhere (`test.environment = { PYTHONPYCACHEPREFIX = "" }`)'
    ),
    "itsdangerous": (
        "bandit is right by its rules: SHA-1 (B324); `[tool.bandit]` or a `# nosec` says that it is meant"
    ),
    "jeepney": (
        "bandit: untrusted XML (B314), and exec in a test that lies in the package; tests in the "
        "package need pytest (`verify-install.skip-imports`)"
    ),
    "markupsafe": (
        "its own pyright, without an upper bound, finds today what it did not at its release; then a "
        "wheel of compiled code that was built here alone is one that PyPI takes from nobody"
    ),
    "mistune": "tests of its own measure time, and fail on a machine that is busy",
    "more-itertools": "zizmor: actions that are not pinned, in its workflows",
    "packaging": "its own ruff and mypy find something today",
    "pbs-installer": "its own ruff and mypy; it declares no group that holds what its mypy imports",
    "pluggy": "pre-commit, as annotated-types",
    "ptyprocess": "its metadata is flit's of before PEP 621: there is no [project]",
    "pyproject-hooks": (
        "its noxfile has sessions called lint, release and test; its ruff and flake8 are left without "
        "the configuration that the sdist leaves out"
    ),
    "pyproject-metadata": "its own ruff and mypy find something today",
    "pytest-randomly": "its own mypy finds something today",
    "semver": "a doctest in docs/ asserts the version that the rehearsed bump changes: a place to declare",
    "tomlkit": "its own ruff and mypy fail on its tests",
    "toolz": "bandit: pickle and exec in tests that lie in the package",
    "typing-extensions": "its own ruff finds something in a test",
    "typing-inspection": "pre-commit, as annotated-types; its mypy, too",
    "userpath": "zizmor: actions that are not pinned, and too many permissions, in its workflows",
    "wcwidth": "its isort, which its tox runs over three folders, and its pylint; its tests on 3.9 want an extension",
}
IGNORED = "__pycache__/\n*.egg-info/\n/build/\n/dist/\n.hypothesis/\n.coverage\n"
PAGE = Path(__file__).with_name("adopt.md")
HEAD = """\
# Sdists taken up

Each was fetched from PyPI (`pip download --no-binary`), unpacked, committed and tagged as the project itself had done
it (with a .gitignore, which most sdists leave out), then: `python -m towpath init --yes`, `nox -s release`. Nothing was
edited by hand. Where that is refused for what an option of `init` is for, the last column says how it went on with it:
`--prefix towpath-` for names that are taken, `--known-failures` where lint or security stayed closed.

`python bench/adopt.py` writes this page.

| sdist | backend | what init configured | the rehearsal | with an option of init |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Outcome:
    """How one of them ended."""

    name: str
    backend: str
    configured: str
    rehearsal: str
    further: str = ""

    @property
    def row(self) -> str:
        return f"| {self.name} | {self.backend} | {self.configured} | {self.rehearsal} | {self.further} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--jobs", type=int, default=1, help="how many at once (default 1)")
    options = parser.parse_args()
    chosen = options.only or list(SDISTS)
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as temporary:
        folder = options.folder or Path(temporary)
        with ThreadPoolExecutor(options.jobs) as pool:
            for outcome in as_completed([pool.submit(adopted, name, folder) for name in chosen]):
                print(outcome.result().row, flush=True)
                write_rows([outcome.result().row])


def write_rows(fresh: Iterable[str]) -> None:
    """The page, with the rows of what was not run this time as they were."""
    there = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else []
    known = {name_of(row): row for row in (*there, *fresh) if name_of(row) in SDISTS}
    rows = [known[name] for name in SDISTS if name in known]
    done = [row.split(" | ")[3:] for row in rows]
    first = sum(DONE in one[0] for one in done)
    more = sum(DONE not in one[0] and DONE in one[1] for one in done)
    why = [
        f"- {name}: {said}"
        for name, said in EXPLAINED.items()
        if name in known and DONE not in known.get(name, "").split(" | ")[3:4]
    ]
    count = f"{first} of {len(rows)} go through as they are, {more} more with an option of init."
    missing = [name for name in SDISTS if name not in known]
    count += f" Not reached in this run: {', '.join(missing)}." if missing else ""
    explained = f"{count} Why the others, and those that needed an option, do not by themselves:"
    PAGE.write_text("\n".join([HEAD + rows[0], *rows[1:], "", explained, "", *why, ""]), encoding="utf-8")


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
    commit(root, version, environ)
    title, backend = f"{name} {version}", SDISTS[name]
    said, report = initialised(root, environ, folder / name)
    if "files" not in said:
        refused = f"init refused: {causes(said)}"
        taken = "names-taken" in refused
        return Outcome(title, backend, "", refused, with_prefix(root, environ, folder / name) if taken else "")
    further = known(root, environ, folder / name) if closed(report) & LINTED else ""
    return Outcome(title, backend, configured(said), ended(report), further)


def initialised(root: Path, environ: Mapping[str, str], log: Path, *options: str, session: str = "release") -> Any:  # noqa: ANN401 - JSON
    """What init said, and the rehearsal's report; empty where init refused."""
    said, text = run(["-m", "towpath", "init", "--yes", "--json", *options], root, environ)
    log.with_suffix(f".init{''.join(options)}.log").write_text(text, encoding="utf-8")
    if not said or "files" not in said:
        return said or {}, {}
    report, text = run(["-m", "nox", "-s", session, "--", "--json"], root, environ)
    log.with_suffix(f".release{''.join(options)}.log").write_text(text, encoding="utf-8")
    return said, report or {}


def with_prefix(root: Path, environ: Mapping[str, str], log: Path) -> str:
    prefix = ("--prefix", "towpath-")
    said, report = initialised(root, environ, log, *prefix, session="towpath-release")
    told = f"`{' '.join(prefix)}`: {ended(report) if report else causes(said)}"
    further = known(root, environ, log, *prefix) if closed(report) & LINTED else ""
    return "; ".join(filter(None, (told, further)))


def known(root: Path, environ: Mapping[str, str], log: Path, *options: str) -> str:
    session = "towpath-release" if options else "release"
    said, report = initialised(root, environ, log, "--known-failures", *options, session=session)
    if not report:
        return f"`--known-failures`: {causes(said)}"
    declared = []
    for key in said["configuration"]:
        if key["table"].endswith(".lint"):
            declared += [one["run"] for one in key["value"] if "allowed-to-fail" in one]
        if key["table"].endswith("allowed-to-fail"):
            declared.append(key["key"])
    listed = ", ".join(f"`{one}`" for one in declared) or "nothing"
    return f"`--known-failures` declares {listed}: {ended(report)}"


def closed(report: Any) -> set[str]:  # noqa: ANN401 - JSON
    return {gate["session"].removeprefix("towpath-") for gate in report.get("gates", []) if gate["problems"]}


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
    if not report:
        return "no report"
    if report.get("done"):
        without = ", no tests" if any(gate["state"] == "no tests" for gate in report["gates"]) else ""
        return f"{DONE}, {len(report['distributions'])} files{without}"
    closed = [gate for gate in report.get("gates", []) if gate["problems"]]
    if not closed:
        return f"refused beforehand: {causes(report)}"
    return "; ".join(f"{gate['session']} closed: {causes(gate)}" for gate in closed)


def causes(said: Any) -> str:  # noqa: ANN401 - JSON
    problems = (said or {}).get("problems", [])
    return "; ".join(f"{one['id']} ({one['cause']})" for one in problems).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    main()
