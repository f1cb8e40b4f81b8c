"""One builder of a sample universe for all tests: a project under git, driven as a user would drive it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NOXFILE = "from towpath.nox import sessions\n\nsessions()\n"
TASKS = "from towpath.invoke import tasks\n\nns = tasks()\n"
# The only Python that comes into question is the one that runs the tests: any machine has it.
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
PYPROJECT = f"""\
[build-system]
requires = ["flit-core>=3.11,<4"]
build-backend = "flit_core.buildapi"

[project]
name = "sample-pkg"
version = "1.0.0"
description = "A sample."
readme = "README.md"
requires-python = ">={RUNNING}"
license = "MIT"

[tool.flit.module]
name = "sample_pkg"
"""
TEST = "from sample_pkg.core import answer\n\n\ndef test_answer() -> None:\n    assert answer() == 42\n"
FILES = {
    "pyproject.toml": PYPROJECT,
    "README.md": "# sample\n",
    "CHANGES.md": "# Changes\n\n## [Unreleased]\n\n- something new\n\n## [1.0.0] - 2026-01-01\n\n- the first one\n",
    "noxfile.py": NOXFILE,
    "tasks.py": TASKS,
    "src/sample_pkg/__init__.py": '"""A sample."""\n\n__version__ = "1.0.0"\n',
    "src/sample_pkg/core.py": "def answer() -> int:\n    return 42\n",
    "tests/test_core.py": TEST,
}
PRE_TARGET_GATES = ("lint", "test", "security", "build", "verify-install")
GATES = (*PRE_TARGET_GATES, "tag", "publish-test", "publish", "verify-published", "github-release")

# What reaching the package index takes on this machine, whatever it is; nothing else of its configuration.
_PASSED_ON = (
    "PATH", "LANG", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PIP_CERT",
    "UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
    "no_proxy", "PIP_DEFAULT_TIMEOUT", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "PYTHONPATH",
    "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST",
)  # fmt: skip


def hermetic_environment(home: Path, cache: Path) -> dict[str, str]:
    """A home and a temporary folder of its own, a git that knows nobody, caches that are shared."""
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    user_caches = Path.home() / ".cache"
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(temporary),
        "TEMP": str(temporary),
        "TMP": str(temporary),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "TOWPATH_CACHE_DIR": str(cache),
        "TOWPATH_OFFLINE": "1",
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(user_caches / "uv")),
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(user_caches / "pip")),
    }


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    def json(self) -> Any:
        assert self.out.strip(), self.err
        return json.loads(self.out)


@dataclass(frozen=True)
class Project:
    """A project in a folder, with the environment that its commands are given."""

    root: Path
    environ: Mapping[str, str]

    @classmethod
    def make(
        cls, root: Path, environ: Mapping[str, str], *, files: Mapping[str, str | None] | None = None, git: bool = True
    ) -> Project:
        """The sample with some files replaced (None leaves one out), committed."""
        project = cls(root, environ)
        root.mkdir(parents=True)
        for path, text in {**FILES, **(files or {})}.items():
            if text is not None:
                project.write(path, text)
        if git:
            project.git("init", "--quiet", "--initial-branch=main")
            project.commit("Begin")
        return project

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=self.root, env=self.environ, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def nox(self, *arguments: str, **more: str) -> Ended:
        return self._run("nox", arguments, more)

    def invoke(self, *arguments: str, **more: str) -> Ended:
        return self._run("invoke", arguments, more)

    def python(self, *arguments: str) -> Ended:
        """Python itself, as `python -m towpath init`."""
        assert arguments[0] == "-m"
        return self._run(arguments[1], arguments[2:], {})

    def release(self, *options: str, **more: str) -> Any:
        """`nox -s release -- --json …`: the report as data; asserts nothing."""
        return self.nox("-s", "release", "--", "--json", *options, **more).json()

    def evidence(self, path: str, version: str = "1.0.0") -> Path:
        return self.root / ".towpath" / version / path

    def _run(self, module: str, arguments: tuple[str, ...], more: Mapping[str, str]) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env={**self.environ, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=280,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


def states(report: Any) -> dict[str, str]:
    """Session → state, of a report or a plan."""
    return {gate["session"]: gate["state"] for gate in report["gates"]}


def problem_ids(report: Any) -> list[str]:
    """The ids of every problem of a report."""
    listed = [*report.get("problems", []), *(p for gate in report.get("gates", []) for p in gate["problems"])]
    return [problem["id"] for problem in listed]
