"""Four of the five projects, as PyPI has their sdists, and a stand-in for the fifth, released to an index on loopback.

python bench/five.py [--only NAME] [--folder FOLDER] [--towpath FOLDER]

Each is unpacked, committed, given `init --yes` and an index, a remote and a forge of its own on this machine, rehearsed
(`nox -s release`), and released to them (`nox -s release -- --to own --yes`): where lint or security had closed, with
what `init --known-failures` declares, and with what only its maintainers can know. Both are written down.

Writes bench/five.md; the sections of those that are not run stay. uv makes the environment, so that a project that
refuses this Python is released by one that it takes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from towpath.forge.double import ForgeDouble
from towpath.index.twin import Twin
from towpath.pipeline import RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = Path(__file__).with_name("five.md")
LIMIT_SECONDS = 1800
TO_OWN = ("--to", "own", "--yes")
GATES = tuple(gate.name for gate in RELEASE)
IGNORED = "__pycache__/\n*.egg-info/\n/build/\n/dist/\n.coverage\n"
OWN = """
[tool.towpath.index.own]
upload-url = "{index.upload_url}"
simple-url = "{index.simple_url}"

[tool.towpath.github-release]
repository = "{name}/{name}"
api-url = "{forge.address.api_url}"
"""


@dataclass(frozen=True)
class Package:
    """A version on PyPI: its backend, the Python to release it with, and what its maintainers would have to declare.

    `why` explains each closed gate, `declared` is TOML for `[tool.towpath]`, `made` files instead of an sdist.
    """

    name: str
    version: str
    backend: str
    python: str = "3.11"
    why: tuple[str, ...] = ()
    declared: str = ""
    made: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.name} {self.version} ({self.backend})"


LIBRARY = "int answer(void) { return 42; }\n"
STAND_IN = {
    "pyproject.toml": """\
[build-system]
requires = ["setuptools>=70.1"]
build-backend = "setuptools.build_meta"

[project]
name = "manta-stand-in"
version = "1.4.7.6"
description = "A library that was built before, in a wheel for each platform."
readme = "README.md"
requires-python = ">=3.8"

[project.optional-dependencies]
dev = ["pytest"]

[tool.setuptools]
packages = ["manta_stand_in"]
package-data = { manta_stand_in = ["*.so"] }

[tool.pytest.ini_options]
testpaths = ["tests"]
""",
    "setup.py": '''\
"""The wheel is for one platform and for every Python of it: what was built before is loaded by ctypes."""

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformWheel(bdist_wheel):
    """No extension is compiled, and the wheel fits one platform all the same."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self) -> tuple[str, str, str]:
        return "py3", "none", super().get_tag()[2]


setup(cmdclass={"bdist_wheel": PlatformWheel})
''',
    "wheels.txt": "build\n",
    "README.md": "A stand-in for python-manta: a library that was built before.\n",
    "CHANGELOG.md": "# Changelog\n\n## [1.4.7.6] - 2026-10-01\n\n- The library, built anew.\n",
    "manta_stand_in/__init__.py": '''\
"""What the library says."""

import ctypes
from pathlib import Path

__version__ = "1.4.7.6"
_LIBRARY = ctypes.CDLL(str(Path(__file__).with_name("libmanta.so")))


def answer() -> int:
    """Ask the library."""
    return int(_LIBRARY.answer())
''',
    "tests/test_answer.py": (
        "from manta_stand_in import answer\n\n\ndef test_answer() -> None:\n    assert answer() == 42\n"
    ),
}
PACKAGES = (
    Package(
        "asynkit",
        "0.20.0",
        "setuptools, optional C extension",
        why=(
            "ty: declared without an upper bound, it has renamed and tightened rules since this version",
            "mdformat: the project runs it with `--number`, which only its own task says (`poe style-docs`)",
            "test: the sdist leaves out tests/conftest.py, which four files of tests need; anyio has changed since",
            "build: a wheel of compiled code that was built here alone is one that PyPI takes from nobody",
            "verify-install: a module that needs anyio, which no extra brings",
        ),
        declared="""\
[tool.towpath.lint]
commands = [
    "ruff check .",
    { run = "ty check", allowed-to-fail = "ty has renamed and tightened rules since" },
    "mdformat --check --number README.md",
]

[tool.towpath.test]
commands = [
    "python -m pytest tests/test_compat_eager.py tests/test_eager_task_factory.py tests/test_implementation_params.py",
    "python -m pytest tests/test_eager_task_factory_context.py tests/test_monitor.py tests/test_namespace.py",
    { run = "python -m pytest tests/test_anyio.py", allowed-to-fail = "anyio 4 has changed since" },
]

[tool.towpath.build]
environment = { ASYNKIT_DISABLE_CEXT = "1" }

[tool.towpath.verify-install]
skip-imports = { "asynkit.experimental.anyio" = "needs anyio" }
""",
    ),
    Package(
        "mypylogger",
        "1.0.1",
        "hatchling",
        python="3.12",
        why=(
            "a release on the forge would start publish.yml, which publishes to PyPI; no forge double runs workflows",
        ),
        declared="""\
[tool.towpath.publish.other-workflows]
"publish.yml" = "the forge of this bench runs no workflow"
""",
    ),
    Package(
        "arshai",
        "1.15.0",
        "poetry-core",
        why=(
            "lint: its own black, isort and mypy, bounded by Poetry's carets, find much in its code",
            "security: two `urlopen` without a check of the scheme (B310)",
            "test: the sdist holds no tests",
            "verify-install: modules that import at their top what only an extra brings, or none (milvus_model)",
            "verify-install: `arshai.observability.core` raises NameError (`Span`) where the extra is not there",
            "verify-install: that is the third of the fifteen failures, in a version that is on PyPI",
        ),
        declared="""\
[tool.towpath.verify-install.skip-imports]
"arshai.clients.redis_client" = "needs the extra redis"
"arshai.memory.working_memory*" = "needs the extra redis"
"arshai.embeddings.mgte_embeddings" = "needs milvus_model"
"arshai.embeddings.voyageai_embedding" = "needs the extra voyageai"
"arshai.rerankers.flashrank_reranker" = "needs the extra reranking"
"arshai.rerankers.voyage_reranker" = "needs the extra voyageai"
"arshai.observability*" = "needs the extra observability, to be mended"
"arshai.vector_db*" = "needs the extra vector-db"
""",
    ),
    Package(
        "flask-more-smorest",
        "0.15.1",
        "poetry-core",
        why=(
            "lint: ruff would format code in its documents, at which its tox does not look",
            "lint: pyright, which a caret bounds, finds a `pyright: ignore` that is needed no more",
            "test: the sdist holds no tests",
            "verify-install: a module raises RuntimeError where it is imported before `init_fms(...)` was called",
        ),
        declared="""\
[tool.towpath.verify-install]
skip-imports = { "flask_more_smorest.perms.user_schemas" = "wants init_fms(...) beforehand" }
""",
    ),
    Package(
        "manta-stand-in",
        "1.4.7.6",
        "setuptools, a library built before, platform wheels only",
        made=STAND_IN,
        why=("build: no sdist, and a wheel for one platform, which other platforms' jobs make for theirs",),
        declared="""\
[tool.towpath.build]
sdist = false
command = "python -m build --wheel --outdir {dist} --config-setting=--build-option=--plat-name=manylinux_2_17_x86_64"
requirements = ["wheels.txt"]
expect = [{ file = "py3-none-manylinux_2_17_x86_64", platform = "linux-x86_64" }]
""",
    ),
)
HEAD = """\
# The five projects, released

Four of them as PyPI has their sdists, the fifth (python-manta publishes no sdist) as a stand-in with its shape: a
native library built beforehand in the package's data, platform wheels only, a version of four parts. Each was unpacked,
committed (with a .gitignore where the sdist has none) and given `python -m towpath init --yes`, an index, a bare remote
and a forge double on loopback; rehearsed by `nox -s release`; and released by `nox -s release -- --to own --yes`. No
code of theirs was changed. Where lint or security had closed, `init --known-failures` has declared it for the release;
what else is declared, only maintainers can know, and stands with it. A walk stops at the first gate that
stays closed, and what ran beside it then is "stopped".

`python bench/five.py` writes this page.
"""


@dataclass(frozen=True)
class World:
    """A project with a remote, an index and a forge of its own."""

    root: Path
    environ: Mapping[str, str]
    python: Path
    index: Twin
    forge: ForgeDouble


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append")
    parser.add_argument("--folder", type=Path)
    parser.add_argument(
        "--towpath", type=Path, default=Path(__file__).parents[1], help="the sources that are installed"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="towpath-five-", ignore_cleanup_errors=True) as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        for package in PACKAGES:
            if not options.only or package.name in options.only:
                write(package, section(package, folder, options.towpath))


def write(package: Package, text: str) -> None:
    """The page, with the sections of the others as they were."""
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    known = {part.split(" ", 1)[0]: part for part in there.split("\n## ")[1:]}
    known[package.name] = text
    parts = [known[one.name].rstrip() for one in PACKAGES if one.name in known]
    PAGE.write_text("\n\n## ".join([HEAD.rstrip(), *parts]) + "\n", encoding="utf-8")


def section(package: Package, folder: Path, towpath: Path) -> str:
    print(package.title, flush=True)
    with ExitStack() as stack:
        world = opened(package, folder, towpath, stack)
        said = initialised(world, package)
        runs = [walked(world)]
        declared = declare(world, package, runs[0])
        runs.append(walked(world, *TO_OWN))
        for number, run in enumerate(runs):
            (folder / f"{package.name}.{number}.json").write_text(json.dumps(run, indent=1), encoding="utf-8")
        after = reached(world, package) if runs[-1]["done"] else "Nothing was tagged or published."
        if not runs[-1]["done"]:
            require_untouched(world)
    causes = [f"- {cause}" for cause in refusals(runs[0])]
    again = [f"- in the release: {cause}" for run in runs[1:] for cause in refusals(run)]
    whys = [f"- {why}" for why in package.why]
    lines = [package.title, "", f"`init` configured {said}.", "", *table(runs), ""]
    if causes or again:
        lines += ["What closed:", "", *causes, *again, ""]
    lines += ["Why:", "", *whys, ""] if whys else []
    lines += ["What is declared:", "", "```toml", declared, "```", ""] if declared else []
    notes = allowed(runs[-1])
    lines += ["What the gates then say of it:", "", *[f"- {note}" for note in notes], ""] if notes else []
    return "\n".join([*lines, after, ""])


def declare(world: World, package: Package, rehearsed: Any) -> str:  # noqa: ANN401 - JSON
    """What is ours to say, then what `init --known-failures` declares where lint or security had closed."""
    file = world.root / "pyproject.toml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before + (f"\n{package.declared}" if package.declared else ""), encoding="utf-8")
    if {"lint", "security"} & {gate["session"] for gate in rehearsed.get("gates", []) if gate["problems"]}:
        said = run(world, "-m", "towpath", "init", "--yes", "--known-failures", "--no-workflows", "--json")
        json.loads(said.stdout)
    added = file.read_text(encoding="utf-8").removeprefix(before).strip()
    if added:
        commit(world, "Declare what closed a gate")
    return added


def opened(package: Package, folder: Path, towpath: Path, stack: ExitStack) -> World:
    python = environment(package.python, folder, towpath)
    place = Path(tempfile.mkdtemp(prefix=f"{package.name}-", dir=folder))
    environ = {
        **{name: value for name, value in os.environ.items() if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}},
        **{f"GIT_{role}_NAME": "Ada" for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": "ada@example.org" for role in ("AUTHOR", "COMMITTER")},
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "TOWPATH_OFFLINE": "1",
    }
    root = made(package, place) if package.made else unpacked(package, folder, place)
    index = stack.enter_context(Twin.serve(place / "index", "own"))
    forge = stack.enter_context(ForgeDouble.serve(place / "forge", f"{package.name}/{package.name}"))
    tokens = {"TOWPATH_TOKEN_OWN": index.token(), "GITHUB_TOKEN": forge.token}
    return World(root, {**environ, **tokens}, python, index, forge)


def environment(python: str, folder: Path, towpath: Path) -> Path:
    """The program of an environment with this towpath, of a Python that the projects take."""
    from towpath.environments.interpreters import find

    home = folder / f"python-{python}"
    program = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not program.exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run(
            [*uv, "venv", "--quiet", "--python", str(find(python, environ=os.environ).executable), str(home)],
            check=True,
        )
        asked = [*uv, "pip", "install", "--quiet", "--python", str(program), f"{towpath}[uv]"]
        subprocess.run(asked, check=True)
    return program


def unpacked(package: Package, folder: Path, place: Path) -> Path:
    where = folder / "sdists" / package.name
    if not list(where.glob("*.tar.gz")):
        # pip takes a --python-version only where it need not build anything
        fetch = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package.name, "--dest", str(where)]
        asked = [*fetch, "--python-version", package.python, f"{package.name}=={package.version}"]
        subprocess.run([sys.executable, *asked], check=True)
    with tarfile.open(next(where.glob("*.tar.gz"))) as archive:
        archive.extractall(place / "unpacked", filter="data")
    root = place / package.name
    next((place / "unpacked").iterdir()).rename(root)
    (root / "PKG-INFO").unlink(missing_ok=True)
    return root


def made(package: Package, place: Path) -> Path:
    """The stand-in, with its library compiled as python-manta has its own: before, by something else."""
    root = place / package.name
    for path, text in package.made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    source = place / "manta.c"
    source.write_text(LIBRARY, encoding="utf-8")
    library = root / "manta_stand_in" / "libmanta.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
    return root


def initialised(world: World, package: Package) -> str:
    """What init configured; the project is committed before it and after it."""
    remote = world.root.parent / "remote.git"
    if not (world.root / ".gitignore").exists():
        (world.root / ".gitignore").write_text(IGNORED, encoding="utf-8")
    git(world, "init", "--quiet", "--bare", str(remote))
    git(world, "init", "--quiet", "--initial-branch=main")
    git(world, "add", "--all", "--force", "--", ".", ":(exclude,glob)**/*.egg-info/**")
    git(world, "commit", "--quiet", "--message", f"Release {package.version}")
    git(world, "clean", "--quiet", "--force", "-d", "-x")
    git(world, "remote", "add", "origin", str(remote))
    said = json.loads(run(world, "-m", "towpath", "init", "--yes", "--json").stdout)
    with (world.root / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(OWN.format(index=world.index, forge=world.forge, name=package.name))
    commit(world, "Take towpath up")
    keys = [
        f"`{key['table'].removeprefix('tool.towpath')}.{key['key']}`".replace("`.", "`")
        for key in said["configuration"]
    ]
    return ", ".join(keys) or "nothing"


def commit(world: World, message: str) -> None:
    git(world, "add", "--all")
    git(world, "commit", "--quiet", "--message", message)
    git(world, "push", "--quiet", "origin", "main")


def walked(world: World, *options: str) -> Any:  # noqa: ANN401 - JSON
    done = run(world, "-m", "nox", "-s", "release", "--", "--json", *options)
    (world.root.parent / "release.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    report: dict[str, Any] = json.loads(done.stdout)
    report.setdefault("done", False)
    return report


def reached(world: World, package: Package) -> str:
    """What is out there, compared with what was sealed."""
    manifest = world.root / ".towpath" / package.version / "distributions.json"
    sealed = {file["filename"]: file["sha256"] for file in json.loads(manifest.read_text(encoding="utf-8"))["files"]}
    there = world.index.files(package.name)
    head = git(world, "rev-parse", "HEAD")
    tagged = git(world, "ls-remote", "--tags", "origin", f"refs/tags/v{package.version}^{{}}").split()[:1]
    (release,) = world.forge.releases
    assets = {asset["name"] for asset in release["assets"]}
    again = walked(world, *TO_OWN)
    for what, is_so in {
        "the index holds other files than were sealed": there == sealed,
        "the tag is elsewhere": tagged == [head],
        "the forge's release lacks files": set(sealed) <= assets and not release["draft"],
        "run again, something was done": again["done"] and again["nothing_done"],
    }.items():
        if not is_so:
            message = f"{package.name}: {what}"
            raise SystemExit(message)
    listed = ", ".join(sorted(sealed))
    return (
        f"Released: the index holds {listed} with the sealed sha256, v{package.version} is tagged on the commit, the "
        f"forge has its release with {len(assets)} files; run again, nothing was done."
    )


def require_untouched(world: World) -> None:
    """A closed gate leaves nothing outside."""
    if git(world, "ls-remote", "--tags", "origin") or world.index.files(world.root.name) or world.forge.releases:
        message = f"{world.root.name}: a gate was closed, and something was published"
        raise SystemExit(message)


def table(runs: list[Any]) -> list[str]:
    heads = ["rehearsed as `init` left it", "released"]
    rows = [[gate, *(verdict(run, gate) for run in runs)] for gate in GATES]
    lines = [["gate", *heads], ["---"] * (1 + len(runs)), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def verdict(report: Any, gate: str) -> str:  # noqa: ANN401 - JSON
    """The state of a gate; where it has a session for each Python, that of each."""
    states: dict[str, list[str]] = {}
    for one in report.get("gates", []):
        if re.fullmatch(rf"{gate}(-\d.*|-coverage)?", one["session"]):
            states.setdefault(one["state"], []).append(one["session"].removeprefix(gate).removeprefix("-"))
    if not states:
        return "not among its gates" if report.get("gates") else "refused beforehand"
    return "; ".join(f"{state} ({', '.join(on)})" if any(on) else state for state, on in states.items())


def refusals(report: Any) -> list[str]:  # noqa: ANN401 - JSON
    found = [("beforehand", problem) for problem in report.get("problems", [])]
    found += [(gate["session"], problem) for gate in report.get("gates", []) for problem in gate["problems"]]
    return [f"{session}: {one['id']}: {one['cause']}".replace("\n", " ") for session, one in found]


def allowed(report: Any) -> list[str]:  # noqa: ANN401 - JSON
    """What is said of the failures that are declared."""
    told = [(gate["session"], note) for gate in report.get("gates", []) for note in gate["notes"]]
    return list(
        dict.fromkeys(
            f"{session}: {note}" for session, note in told if re.search("allowed|as it may|not imported", note)
        )
    )


def git(world: World, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=world.root, env=world.environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(world.python), *arguments],
        cwd=world.root,
        env=world.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_SECONDS,
        check=False,
    )


if __name__ == "__main__":
    main()
