"""actions/setup-python and astral-sh/setup-uv, with the interpreters and the uv of this machine.

Each Python is a virtual environment in the job's own tool folder, so that what a step installs stays in the job; on
GitHub it is an interpreter of its own. `sys.prefix` differs from `sys.base_prefix` here and is the same there.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from towpath import processes
from towpath.workflow.interpreter.actions.calling import ActionFailed, Call, Done, Handler

_VERSION = re.compile(r"(?P<major>3)(?:\.(?P<minor>\d+|x))?(?:\.(?P<patch>\d+|x))?")


def set_up_python(call: Call) -> Done:
    """Every version asked for is put first on the path; the last one is `python`."""
    for name in ("python-version-file", "cache", "pip-install", "mirror", "mirror-token"):
        call.refuse(name, "")
    call.refuse("freethreaded", "false")
    versions = call.lines("python-version")
    if not versions:
        message = "python-version is not given"
        raise ActionFailed(message)
    made = [_environment(call, version) for version in versions]
    folders = [_programs(folder) for folder, _ in reversed(made)]
    location, version = made[-1]
    outputs = {"python-version": version, "python-path": str(_python(location)), "cache-hit": "false"}
    env: dict[str, str] = {}
    if call.flag("update-environment"):
        env = dict.fromkeys(("pythonLocation", "Python_ROOT_DIR", "Python3_ROOT_DIR"), str(location))
    return Done(outputs, env, tuple(map(str, folders)) if env else (), {"versions": [one for _, one in made]})


def set_up_uv(call: Call) -> Done:
    """Put this machine's uv on the path; another version than the one asked for is an error."""
    for name in ("activate-environment", "version-file", "working-directory"):
        call.refuse(name, "", "false", ".")
    place = shutil.which("uv", path=call.environ.get("PATH")) or _packaged_uv()
    if place is None:
        message = "there is no uv on this machine"
        raise ActionFailed(message)
    said = processes.capture([place, "--version"], cwd=call.workspace, env=call.environ).stdout.split()
    version = said[1] if len(said) > 1 else ""
    if call.inputs["version"] not in {"", "latest", version}:
        call.log.annotate("warning", f"uv {call.inputs['version']} is asked for, this machine has {version}")
    env = {"UV_PYTHON": call.inputs["python-version"]} if call.inputs["python-version"] else {}
    own = call.tools / "uv" / version
    own.mkdir(parents=True, exist_ok=True)
    copy = own / Path(place).name
    shutil.copy2(place, copy)
    outputs = {"uv-version": version, "uv-path": str(copy), "cache-hit": "false"}
    return Done(outputs, env, (str(own),), {"version": version})


def _packaged_uv() -> str | None:
    try:
        import uv
    except ImportError:
        return None
    return uv.find_uv_bin()


def _environment(call: Call, version: str) -> tuple[Path, str]:
    """A virtual environment of that version, and its complete version."""
    find = call.machine.python or _find
    try:
        interpreter = find(version)
    except LookupError as error:
        message = f"there is no Python {version} on this machine"
        raise ActionFailed(message) from error
    location = call.tools / "Python" / re.sub(r"[^\w.]", "_", version)
    if not location.exists():
        _run(call, [str(interpreter), "-m", "venv", str(location)])
    code = "import platform; print(platform.python_version())"
    return location, _run(call, [str(_python(location)), "-c", code]).strip()


def _run(call: Call, argv: list[str]) -> str:
    environ = {name: value for name, value in call.environ.items() if not name.startswith("PYTHON")}
    done = processes.capture(argv, cwd=call.temporary, env=environ)
    if done.code != 0:
        message = f"{' '.join(argv)} ended with {done.code}: {done.stdout}{done.stderr}"
        raise ActionFailed(message)
    return done.stdout


def _find(version: str) -> Path:
    """An interpreter of this machine. Raises LookupError."""
    import findpython

    asked = _VERSION.fullmatch(version)
    if asked is None:
        raise LookupError(version)
    numbers = {name: int(value) for name, value in asked.groupdict().items() if value and value != "x"}
    own = dict(zip(("major", "minor", "patch"), sys.version_info[:3], strict=True))
    if numbers.items() <= own.items():
        return Path(getattr(sys, "_base_executable", None) or sys.executable)
    found = findpython.find(**numbers, allow_prereleases=False)
    if found is None:
        raise LookupError(version)
    return Path(found.executable)


def _programs(location: Path) -> Path:
    return location / ("Scripts" if sys.platform == "win32" else "bin")


def _python(location: Path) -> Path:
    return _programs(location) / ("python.exe" if sys.platform == "win32" else "python")


PYTHON = Handler(
    {
        "python-version": "",
        "python-version-file": "",
        "cache": "",
        "architecture": "",
        "check-latest": "false",
        "token": "",
        "cache-dependency-path": "",
        "update-environment": "true",
        "allow-prereleases": "false",
        "freethreaded": "false",
        "pip-version": "",
        "pip-install": "",
        "mirror": "",
        "mirror-token": "",
    },
    ("python-version", "cache-hit", "python-path"),
    set_up_python,
)
UV = Handler(
    {
        "version": "",
        "version-file": "",
        "python-version": "",
        "activate-environment": "false",
        "working-directory": "",
        "checksum": "",
        "github-token": "",
        "enable-cache": "auto",
        "cache-dependency-glob": "",
        "restore-cache": "true",
        "save-cache": "true",
        "cache-suffix": "",
        "cache-local-path": "",
        "prune-cache": "true",
        "cache-python": "false",
        "ignore-nothing-to-cache": "false",
        "ignore-empty-workdir": "false",
        "tool-dir": "",
        "tool-bin-dir": "",
        "resolution-strategy": "highest",
        "add-problem-matchers": "true",
    },
    ("uv-version", "uv-path", "uvx-path", "cache-hit", "python-version", "python-cache-hit", "venv", "cache-key"),
    set_up_uv,
)
