"""A whole bump, by towpath and by others doing what they can of it, on this machine.

    python bench/bump.py TOOLS [--rounds 7]

`python` is that of an environment with towpath and nothing else, as a user has it: what else lies there is imported,
too (requests takes chardet, socks and zstandard along). TOOLS is a folder with a virtual environment of
bump-my-version, commitizen, hatch and tbump; it is made with uv if it is not there.

The project has three places (pyproject.toml, `__version__`, a README badge) and a changelog; the remote is a bare
repository, the index a twin on loopback. What each tool does: docs/reference/bump.md says it of towpath;
bump-my-version and commitizen write the three places and commit (commitizen writes its changelog from the commits
besides); hatch writes one place and commits nothing; tbump writes three places and commits. None of them asks remote
or index. "git alone" is what no bump gets by without in that project: status, tags, add, commit, status.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from towpath.index.twin import Twin

TOOLS = ("bump-my-version", "commitizen", "hatch", "tbump")
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "sample-pkg"
version = "1.0.0"

[tool.towpath.bump]
places = [
  { path = "README.md", pattern = "version-{version}-blue" },
]

[tool.towpath.publish]
index = "bench"

[tool.towpath.publish-test]
index = "bench-test"

[tool.towpath.index.bench]
upload-url = "UPLOAD"
simple-url = "SIMPLE"

[tool.towpath.index.bench-test]
upload-url = "UPLOAD"
simple-url = "SIMPLE"

[tool.bumpversion]
current_version = "1.0.0"
commit = true
files = [
  { filename = "pyproject.toml", search = 'version = "{current_version}"', replace = 'version = "{new_version}"' },
  { filename = "src/sample_pkg/__init__.py" },
  { filename = "README.md" },
  { filename = "CHANGELOG.md", search = "## [Unreleased]", replace = "## [Unreleased]\\n\\n## [{new_version}]" },
]

[tool.commitizen]
name = "cz_conventional_commits"
version = "1.0.0"
version_files = ["pyproject.toml:^version", "src/sample_pkg/__init__.py:__version__", "README.md:version-"]
update_changelog_on_bump = true
tag_format = "v$version"

[tool.tbump.version]
current = "1.0.0"
regex = "(?P<major>\\\\d+)\\\\.(?P<minor>\\\\d+)\\\\.(?P<patch>\\\\d+)"

[tool.tbump.git]
message_template = "Release {new_version}"
tag_template = "v{new_version}"

[[tool.tbump.file]]
src = "src/sample_pkg/__init__.py"

[[tool.tbump.file]]
src = "README.md"

[[tool.tbump.file]]
src = "pyproject.toml"
search = 'version = "{current_version}"'
"""
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n- something new\n\n## [1.0.0] - 2026-01-01\n\n- the first\n"
ENTRY = "\n## [0.{n}.0] - 2025-01-01\n\n- a change that is told in a line of some length, as changelogs do ({n})\n"
MEGABYTES, TAGS, FILES = 5, 10_000, 10_000


def main() -> None:
    """Measure, and print the tables of bench/README.md."""
    options = argparse.ArgumentParser()
    options.add_argument("tools", type=Path)
    options.add_argument("--rounds", type=int, default=7)
    given = options.parse_args()
    others = installed(given.tools)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        environ = environment(folder / "home")
        with Twin.serve(folder / "index") as twin:
            template = project(folder / "template", environ, twin)
            commands = {
                "towpath": [sys.executable, "-m", "invoke", "bump", "--part", "minor"],
                "towpath --offline": [sys.executable, "-m", "invoke", "bump", "--part", "minor", "--offline"],
                "bump-my-version": [others / "bump-my-version", "bump", "minor"],
                "commitizen": [others / "cz", "bump", "--increment", "MINOR", "--yes"],
                "hatch": [others / "hatch", "version", "minor"],
                "tbump": [others / "tbump", "--non-interactive", "--no-push", "--no-tag", "1.1.0"],
            }
            took = measured(template, environ, commands, given.rounds)
            print(table("tool", took, "towpath"))
            grown = {"as above": template}
            for name, grow in (("5 MB changelog", changelog), ("10,000 tags", tags), ("10,000 files", files)):
                grown[name] = copied(template, folder / name.replace(" ", "-"))
                grow(grown[name], environ)
            ours, gits = scaled(grown, environ, commands["towpath"], given.rounds)
            print(table("project", ours, "as above"))
            print(table("git alone", gits, "as above"))
            for name in grown:
                more, floor = ours[name] - ours["as above"], gits[name] - gits["as above"]
                print(f"{name}: {more * 1000:.0f} ms more, of which git alone {floor * 1000:.0f} ms")


def installed(folder: Path) -> Path:
    """The other tools' programs."""
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if not programs.exists():
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, folder], check=True)
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", folder, *TOOLS], check=True)
    return programs


def environment(home: Path) -> dict[str, str]:
    """No configuration of this machine's, and an author."""
    home.mkdir()
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
    }
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        **who,
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_COLOR": "1",
    }


def project(root: Path, environ: dict[str, str], twin: Twin) -> Path:
    """The project, committed, with a bare remote that has all of it."""
    (root / "src" / "sample_pkg").mkdir(parents=True)
    pyproject = PYPROJECT.replace("UPLOAD", twin.upload_url).replace("SIMPLE", twin.simple_url)
    contents = {
        "pyproject.toml": pyproject,
        "README.md": "# sample\n\n![version](https://img.example/version-1.0.0-blue)\n",
        "CHANGELOG.md": CHANGELOG,
        "src/sample_pkg/__init__.py": '__version__ = "1.0.0"\n',
        "tasks.py": "from towpath.invoke import tasks\n\nns = tasks()\n",
    }
    for name, text in contents.items():
        (root / name).write_text(text, encoding="utf-8")
    git(root, environ, "init", "--quiet", "--initial-branch=main")
    git(root, environ, "add", "--all")
    git(root, environ, "commit", "--quiet", "--message", "feat: begin")
    git(root, environ, "tag", "v1.0.0")
    git(root, environ, "commit", "--quiet", "--allow-empty", "--message", "feat: something new")
    git(root, environ, "clone", "--quiet", "--bare", str(root), str(root.with_name("remote.git")))
    git(root, environ, "remote", "add", "origin", str(root.with_name("remote.git")))
    git(root, environ, "fetch", "--quiet", "origin")
    return root


def measured(
    template: Path, environ: dict[str, str], commands: dict[str, list[object]], rounds: int
) -> dict[str, float]:
    """The median of each command, in turns, so that what else the machine does falls on all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seconds[name].append(one_run(template, environ, command))
    return {name: statistics.median(values) for name, values in seconds.items()}


def scaled(
    projects: dict[str, Path], environ: dict[str, str], command: list[object], rounds: int
) -> tuple[dict[str, float], dict[str, float]]:
    """The same command in several projects, in turns; and what git alone needs there."""
    seconds: dict[str, list[float]] = {name: [] for name in projects}
    floor: dict[str, list[float]] = {name: [] for name in projects}
    for _ in range(rounds):
        for name, root in projects.items():
            seconds[name].append(one_run(root, environ, command))
            floor[name].append(git_alone(root, environ))
    return tuple({name: statistics.median(values) for name, values in one.items()} for one in (seconds, floor))


def git_alone(template: Path, environ: dict[str, str]) -> float:
    """What no bump gets by without: is the tree clean, which tags are there, add, commit, is all as it should be."""
    with tempfile.TemporaryDirectory(dir=template.parent) as temporary:
        root = copied(template, Path(temporary, "project"))
        git(root, environ, "update-index", "-q", "--refresh")
        files = [root / name for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "src/sample_pkg/__init__.py")]
        contents = {path: path.read_bytes().replace(b"1.0.0", b"1.1.0", 1) for path in files}
        began = time.perf_counter()
        git(root, environ, "status", "--porcelain", "--untracked-files=no")
        git(root, environ, "for-each-ref", "--format=%(refname)", "refs/tags")
        for path, data in contents.items():
            path.write_bytes(data)
        git(root, environ, "add", "--", *map(str, files))
        git(root, environ, "commit", "--quiet", "--message", "Release 1.1.0")
        git(root, environ, "status", "--porcelain", "--untracked-files=no")
        return time.perf_counter() - began


def one_run(template: Path, environ: dict[str, str], command: list[object]) -> float:
    """One bump of a fresh copy; it must succeed."""
    with tempfile.TemporaryDirectory(dir=template.parent) as temporary:
        root = copied(template, Path(temporary, "project"))
        git(root, environ, "update-index", "-q", "--refresh")
        began = time.perf_counter()
        done = subprocess.run(
            [str(word) for word in command], cwd=root, env=environ, stdin=subprocess.DEVNULL, capture_output=True,
            check=False,
        )  # fmt: skip
        took = time.perf_counter() - began
        if done.returncode or b'version = "1.1.0"' not in (root / "pyproject.toml").read_bytes():
            raise SystemExit(done.stdout.decode() + done.stderr.decode())
    return took


def copied(source: Path, to: Path) -> Path:
    shutil.copytree(source, to, symlinks=True)
    return to


def changelog(root: Path, environ: dict[str, str]) -> None:
    """Five megabytes of entries."""
    count = MEGABYTES * 1_000_000 // len(ENTRY.format(n=10_000))
    (root / "CHANGELOG.md").write_text(CHANGELOG + "".join(ENTRY.format(n=n) for n in range(count)), encoding="utf-8")
    pushed(root, environ)


def tags(root: Path, environ: dict[str, str]) -> None:
    """Ten thousand tags, packed, as a clone has them; here and on the remote."""
    head = git(root, environ, "rev-parse", "HEAD")
    lines = "".join(f"create refs/tags/v0.{n // 100}.{n % 100} {head}\n" for n in range(TAGS))
    for place in (root, root / ".." / "remote.git"):
        subprocess.run(["git", "update-ref", "--stdin"], cwd=place, env=environ, input=lines.encode(), check=True)
        git(place, environ, "pack-refs", "--all")


def files(root: Path, environ: dict[str, str]) -> None:
    """Ten thousand files in a hundred folders."""
    for n in range(FILES):
        path = root / "data" / str(n % 100) / f"{n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{n}\n", encoding="utf-8")
    pushed(root, environ)


def pushed(root: Path, environ: dict[str, str]) -> None:
    git(root, environ, "add", "--all")
    git(root, environ, "commit", "--quiet", "--message", "feat: grow")


def git(root: Path, environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, env=environ, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def table(what: str, took: dict[str, float], base: str) -> str:
    """Seconds and ratios, as Markdown."""
    lines = [f"| {what} | seconds | ratio |", "|---|---|---|"]
    lines += [f"| {name} | {seconds:.2f} | {seconds / took[base]:.2f} |" for name, seconds in took.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
