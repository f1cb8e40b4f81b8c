"""The audit of a repository with thousands of tags, on this machine, beside what git alone needs to list them.

    python bench/audit.py [--tags 5000] [--rounds 5]      (in an environment with towpath)

Every version has a commit that changes pyproject.toml and the package, an annotated tag, and an entry in the changelog.
The remote is a bare repository, the index a twin on loopback that knows nothing of the project.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bump import environment, git

from towpath.index.twin import Twin

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "sample-pkg"
version = "1.0.0"

[tool.towpath.bump]
places = [{ path = "README.md", pattern = "version-{version}-blue" }]

[tool.towpath.publish]
index = "bench"

[tool.towpath.index.bench]
upload-url = "UPLOAD"
simple-url = "SIMPLE"
"""
WHO = "Ada <ada@example.org>"
ENTRY = "\n## [{version}] - 2025-01-01\n\n- a change ({version})\n"


def main() -> None:
    """Measure, and print the table of bench/README.md."""
    options = argparse.ArgumentParser()
    options.add_argument("--tags", type=int, default=5_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        environ = environment(folder / "home")
        with Twin.serve(folder / "index") as twin:
            root = project(folder / "project", environ, twin, given.tags)
            audit = [sys.executable, "-m", "invoke", "audit", "--json"]
            commands = {
                "git for-each-ref and git log": [],
                "invoke audit --offline": [*audit, "--offline"],
                "invoke audit": audit,
            }
            seconds: dict[str, list[float]] = {name: [] for name in commands}
            for _ in range(given.rounds):
                for name, command in commands.items():
                    seconds[name].append(one_run(root, environ, command, given.tags))
    print(f"| {given.tags:,} tags | seconds |\n|---|---|")
    for name, values in seconds.items():
        print(f"| {name} | {statistics.median(values):.2f} |")


def project(root: Path, environ: dict[str, str], twin: Twin, count: int) -> Path:
    """The repository, written by git fast-import, and a bare remote that has all of it."""
    root.mkdir()
    git(root, environ, "init", "--quiet", "--initial-branch=main")
    versions = [f"{n // 100}.{n % 100}.0" for n in range(count)]
    pyproject = PYPROJECT.replace("UPLOAD", twin.upload_url).replace("SIMPLE", twin.simple_url)
    changelog = "# Changelog\n\n## [Unreleased]\n"
    changelog += "".join(ENTRY.format(version=version) for version in reversed(versions))
    whole = {"CHANGELOG.md": changelog, "tasks.py": "from towpath.invoke import tasks\n\nns = tasks()\n"}
    stream = []
    for n, version in enumerate(versions):
        files = {
            "pyproject.toml": pyproject.replace('version = "1.0.0"', f'version = "{version}"', 1),
            "README.md": f"![version](https://img.example/version-{version}-blue)\n",
            "src/sample_pkg/__init__.py": f'__version__ = "{version}"\n',
            **({} if n else whole),
        }
        when = f"{WHO} {1_700_000_000 + n} +0000"
        stream.append(f"commit refs/heads/main\ncommitter {when}\n{data(f'Release {version}')}")
        stream += [f"M 100644 inline {path}\n{data(text)}" for path, text in files.items()]
        stream.append(f"\ntag v{version}\nfrom refs/heads/main\ntagger {when}\n{data(version)}")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, env=environ, input="".join(stream).encode(), check=True)
    git(root, environ, "reset", "--quiet", "--hard", "main")
    git(root, environ, "pack-refs", "--all")
    git(root, environ, "clone", "--quiet", "--bare", str(root), str(root.with_name("remote.git")))
    git(root, environ, "remote", "add", "origin", str(root.with_name("remote.git")))
    return root


def data(text: str) -> str:
    """A block of git fast-import."""
    return f"data {len(text.encode())}\n{text}\n"


def one_run(root: Path, environ: dict[str, str], command: list[str], count: int) -> float:
    """One audit, which must have a row for each tag; or, without a command, git's own lists."""
    began = time.perf_counter()
    if not command:
        git(root, environ, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)", "refs/tags")
        git(root, environ, "log", "--first-parent", "--format=%H")
        return time.perf_counter() - began
    done = subprocess.run(command, cwd=root, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    took = time.perf_counter() - began
    said = json.loads(done.stdout)
    if len(said["versions"]) != count or (done.returncode and "--offline" in command):
        raise SystemExit(done.stdout.decode()[-2000:] + done.stderr.decode())
    return took


if __name__ == "__main__":
    main()
