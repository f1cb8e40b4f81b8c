from __future__ import annotations

import errno
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from towpath import errors
from towpath.environments import environment, interpreters, kept
from towpath.environments.index import configured_index
from towpath.environments.installer import Installer, Options, find_installer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

    from towpath.environments.environment import Environment

ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_EXTRA", "UV_INDEX"))}
UV = find_installer("uv", environ=ENVIRON)
PIP = Installer("pip")
CURRENT = interpreters.current()


def a_wheel(folder: Path, name: str, version: str = "1.0", requires: str = "") -> Path:
    """The smallest wheel: a module and a console script."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    members = {
        f"{name}.py": f"def main():\n    print('{name} {version}')\n",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name}-say = {name}:main\n",
    }
    record = "".join(f"{member},,\n" for member in [*members, f"{info}/RECORD"])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in {**members, f"{info}/RECORD": record}.items():
            archive.writestr(member, content)
    return path


def an_index(folder: Path, *wheels: Path) -> str:
    """A PEP 503 index in files, which both pip and uv read by a file URL."""
    for wheel in wheels:
        project = folder / wheel.name.split("-")[0]
        project.mkdir(parents=True, exist_ok=True)
        shutil.copy(wheel, project)
        links = "".join(f'<a href="{path.name}">{path.name}</a>' for path in project.glob("*.whl"))
        (project / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
    return folder.as_uri()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return a_wheel(tmp_path, "barge")


@pytest.fixture(params=[UV, PIP], ids=["uv", "pip"])
def made(request: pytest.FixtureRequest) -> Iterator[Environment]:
    with environment.fresh(CURRENT, environ=ENVIRON, installer=request.param) as fresh:
        yield fresh


def problem(call: Callable[[], object]) -> errors.Problem:
    with pytest.raises(errors.TowpathError) as raised:
        call()
    return raised.value.problems[0]


# ---- interpreters


def test_the_running_interpreter_is_found_by_its_versions() -> None:
    if sys.prefix != sys.base_prefix:
        assert not CURRENT.executable.is_relative_to(sys.prefix)
    assert CURRENT.executable.exists()
    assert interpreters.find(CURRENT.short, environ=ENVIRON) == CURRENT
    assert interpreters.find(CURRENT.version, environ=ENVIRON) == CURRENT


def test_a_python_that_is_not_there_is_an_error_that_names_what_is() -> None:
    found = problem(lambda: interpreters.find("3.99", environ=ENVIRON))
    assert found.id == "python-not-found"
    assert f"{CURRENT.implementation} {CURRENT.version}" in found.cause


def test_a_shim_that_does_not_run_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        pytest.skip("pyenv's shims are shell scripts")
    shim = tmp_path / "python3.98"
    shim.write_text("#!/bin/sh\necho 'python3.98: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    found = problem(lambda: interpreters.find("3.98", environ={**ENVIRON, "PATH": path}))
    assert found.id == "python-not-found"


def _others() -> list[str]:
    """The other Pythons of this machine, of which the tests take what there is."""
    from findpython import find_all

    supported = {(minor, f"3.{minor}") for minor in range(8, 15)} - {(sys.version_info.minor, CURRENT.short)}
    there = {f"{python.major}.{python.minor}" for python in find_all()}
    return [short for _, short in sorted(supported) if short in there]


def test_environments_are_made_of_every_python_that_is_here(wheel: Path) -> None:
    for short in _others():
        other = interpreters.find(short, environ=ENVIRON)
        with environment.fresh(other, environ=ENVIRON, installer=UV) as fresh:
            environment.install(fresh, [str(wheel)], environ=ENVIRON)
            said = subprocess.run([fresh.python, "-I", "-V"], capture_output=True, text=True, check=True)
            assert said.stdout.split()[-1] == other.version
            assert environment.installed(fresh) == {"barge": "1.0"}


# ---- one environment


def test_an_environment_is_filled_read_checked_and_gone(wheel: Path) -> None:
    with environment.fresh(CURRENT, environ=ENVIRON, installer=UV) as fresh:
        assert environment.installed(fresh) == {}
        environment.install(fresh, [str(wheel)], environ=ENVIRON)
        assert environment.installed(fresh) == {"barge": "1.0"}
        said = subprocess.run([environment.script(fresh, "barge-say")], capture_output=True, text=True, check=True)
        assert said.stdout.strip() == "barge 1.0"
    assert not fresh.folder.exists()


def test_with_pip_it_holds_pip_and_nothing_else(wheel: Path) -> None:
    with environment.fresh(CURRENT, environ=ENVIRON, installer=PIP) as fresh:
        assert list(environment.installed(fresh)) == ["pip"]
        environment.install(fresh, [str(wheel)], environ=ENVIRON, options=Options(no_deps=True))
        assert list(environment.installed(fresh)) == ["barge", "pip"]


def test_what_does_not_fit_together_is_found(made: Environment, tmp_path: Path) -> None:
    assert environment.check(made, environ=ENVIRON) == ()
    lacking = a_wheel(tmp_path, "lacking", requires="barge>=2")
    environment.install(made, [str(lacking)], environ=ENVIRON, options=Options(no_deps=True))
    assert "barge" in " ".join(environment.check(made, environ=ENVIRON))


def test_the_given_index_is_the_only_one(made: Environment, tmp_path: Path, wheel: Path) -> None:
    other = a_wheel(tmp_path, "tug")
    index = an_index(tmp_path / "index", wheel)
    elsewhere = an_index(tmp_path / "elsewhere", other)
    environ = ENVIRON | {
        "PIP_EXTRA_INDEX_URL": elsewhere,
        "UV_INDEX": elsewhere,
        "PIP_FIND_LINKS": str(tmp_path),
        "UV_FIND_LINKS": str(tmp_path),
    }
    environment.install(made, ["barge"], environ=environ, index=index)
    assert environment.installed(made)["barge"] == "1.0"
    found = problem(lambda: environment.install(made, ["tug"], environ=environ, index=index))
    assert found.id == "unresolvable"
    assert "tug" in found.cause
    assert found.detail


def test_the_projects_own_uv_settings_are_not_read(
    tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uv.toml").write_text("no-binary = true\n[pip]\nno-index = true\n")
    monkeypatch.chdir(tmp_path)
    index = an_index(tmp_path / "index", wheel)
    with environment.fresh(CURRENT, environ=ENVIRON, installer=UV) as fresh:
        options = Options(folder=tmp_path)
        environment.install(fresh, ["barge"], environ=ENVIRON, index=index, options=options)
        assert environment.installed(fresh) == {"barge": "1.0"}


def test_reinstalling_takes_other_bytes_of_the_same_version(made: Environment, tmp_path: Path, wheel: Path) -> None:
    environment.install(made, [str(wheel)], environ=ENVIRON)
    (tmp_path / "again").mkdir()
    again = a_wheel(tmp_path / "again", "barge")
    with zipfile.ZipFile(again, "a") as archive:
        archive.writestr("barge_new.py", "")
    environment.install(made, [str(again)], environ=ENVIRON, options=Options(reinstall=True))
    said = subprocess.run([made.python, "-I", "-c", "import barge_new"], capture_output=True, check=False)
    assert said.returncode == 0


def test_requirements_that_cannot_be_met_together(made: Environment, tmp_path: Path, wheel: Path) -> None:
    index = an_index(tmp_path / "index", wheel, a_wheel(tmp_path, "tug", requires="barge>=2"))
    found = problem(lambda: environment.install(made, ["barge", "tug"], environ=ENVIRON, index=index))
    assert found.id == "unresolvable"
    assert CURRENT.short in found.cause


def test_an_index_out_of_reach_is_no_conflict(made: Environment) -> None:
    quick = ENVIRON | {"PIP_RETRIES": "1", "UV_HTTP_RETRIES": "0"}
    address = "http://user:canary@127.0.0.1:9/simple"  # pragma: allowlist secret
    found = problem(lambda: environment.install(made, ["barge"], environ=quick, index=address))
    assert found.id == "index-out-of-reach"
    assert "canary" not in repr(found)


def test_a_dependency_that_does_not_build(made: Environment, tmp_path: Path) -> None:
    project = tmp_path / "broken"
    project.mkdir()
    backend = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    (project / "pyproject.toml").write_text(backend)
    (project / "backend.py").write_text("raise SystemExit('the backend gave up')\n")
    found = problem(lambda: environment.install(made, [str(project)], environ=ENVIRON))
    assert found.id == "not-installed"
    assert "the backend gave up" in found.detail


@pytest.mark.parametrize(("tool", "expected"), [(UV, "environment-not-made"), (PIP, "disk-failure")])
def test_a_python_that_is_gone_makes_no_environment(tmp_path: Path, tool: Installer, expected: str) -> None:
    gone = interpreters.Interpreter(tmp_path / "python", "3.12.1", "cpython", "linux-x86_64")
    folder = tmp_path / "environment"
    found = problem(lambda: environment.create(folder, gone, environ=ENVIRON, installer=tool))
    assert found.id == expected
    assert str(tmp_path / "python") in found.cause


def test_programs_of_the_environment_are_found_first() -> None:
    with environment.fresh(CURRENT, environ=ENVIRON, installer=UV) as fresh:
        active = environment.activated(fresh, ENVIRON | {"PYTHONPATH": "/src"})
        assert shutil.which("python", path=active["PATH"]) == str(fresh.python)
        assert "PYTHONPATH" not in active


# ---- the user's index


def test_the_index_of_pips_configuration_files(tmp_path: Path) -> None:
    weak, strong, special = (tmp_path / name for name in ("weak", "strong", "special"))
    weak.write_text("[global]\nindex_url = http://weak\nextra-index-url = http://extra\n")
    strong.write_text("[global]\nindex-url = http://strong/%(x)s\nfind-links = /wheels\n")
    special.write_text("[install]\n--index-url = http://special\n")
    assert configured_index({}, files=[weak]) == "http://weak"
    assert configured_index({}, files=[weak, tmp_path / "none", strong]) == "http://strong/%(x)s"
    assert configured_index({}, files=[special, strong]) == "http://special"
    assert configured_index({"PIP_CONFIG_FILE": str(weak), "HOME": str(tmp_path)}) == "http://weak"


def test_a_configuration_file_that_does_not_parse(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("index-url = http://nowhere\n")
    found = problem(lambda: configured_index({}, files=[tmp_path / "pip.conf"]))
    assert found.id == "bad-pip-configuration"
    assert "pip.conf" in found.cause


# ---- kept environments


def a_recipe(*requirements: str, index: str | None = None) -> kept.Recipe:
    return kept.Recipe(CURRENT, requirements, UV, index)


def use(cache: Path, recipe: kept.Recipe, *, alone: bool = True) -> str:
    """Use an environment for a moment; answers when it was made."""
    with kept.shared(cache, recipe, environ=ENVIRON, alone=alone) as found:
        return str(json.loads((found.folder / "towpath-ready.json").read_text())["created"])


@pytest.fixture
def recipe(tmp_path: Path, wheel: Path) -> kept.Recipe:
    return a_recipe("barge", index=an_index(tmp_path / "index", wheel))


def test_it_is_made_once_and_used_again(tmp_path: Path, recipe: kept.Recipe) -> None:
    cache = tmp_path / "cache"
    with kept.shared(cache, recipe, environ=ENVIRON) as found:
        assert found.folder == cache / recipe.key
        assert environment.installed(found) == {"barge": "1.0"}
    first = use(cache, recipe)
    assert use(cache, recipe) == use(cache, recipe, alone=False) == first


def test_it_is_used_again_without_starting_a_program(
    tmp_path: Path, recipe: kept.Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    made = use(cache, recipe)

    def forbidden(command: object, *_: object, **__: object) -> None:
        pytest.fail(f"{command} was started")

    monkeypatch.setattr(subprocess, "Popen", forbidden)
    assert use(cache, recipe) == made


def test_one_that_was_killed_while_being_made_is_made_anew(tmp_path: Path, recipe: kept.Recipe) -> None:
    cache = tmp_path / "cache"
    use(cache, recipe)
    half = cache / recipe.key
    (half / "towpath-ready.json").unlink()  # as it lies there before its last step
    (half / "left-over").touch()
    use(cache, recipe)
    assert not (half / "left-over").exists()


def test_one_whose_interpreter_has_gone_is_made_anew(tmp_path: Path, recipe: kept.Recipe) -> None:
    cache = tmp_path / "cache"
    first = use(cache, recipe)
    with kept.shared(cache, recipe, environ=ENVIRON) as found:
        python = found.python
    python.unlink()
    assert use(cache, recipe) != first
    assert python.exists()


@pytest.mark.parametrize("age", [kept.MAX_AGE_SECONDS + 60, -3600], ids=["old", "from the future"])
def test_one_that_is_too_old_is_made_anew(tmp_path: Path, recipe: kept.Recipe, age: float) -> None:
    cache = tmp_path / "cache"
    use(cache, recipe)
    marker = cache / recipe.key / "towpath-ready.json"
    marker.write_text(json.dumps({"created": time.time() - age}))
    assert abs(float(use(cache, recipe)) - time.time()) < 60


def test_one_that_fails_to_install_is_not_kept(tmp_path: Path, recipe: kept.Recipe) -> None:
    cache = tmp_path / "cache"
    bad = a_recipe("barge==9", index=recipe.index)
    assert problem(lambda: use(cache, bad)).id == "unresolvable"
    assert not (cache / bad.key).exists()


def test_what_is_unused_for_long_is_pruned_and_nothing_that_is_in_use(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    index = an_index(tmp_path / "index", *(a_wheel(tmp_path, name) for name in ("old", "busy", "alone", "new")))
    old, busy, alone, new = (a_recipe(name, index=index) for name in ("old", "busy", "alone", "new"))
    use(cache, old)
    long_ago = time.time() - kept.UNUSED_SECONDS - 60
    with (
        kept.shared(cache, busy, environ=ENVIRON, alone=False),
        kept.shared(cache, alone, environ=ENVIRON),
    ):
        for one in (old, busy, alone):
            os.utime(cache / one.key / "towpath-ready.json", (long_ago, long_ago))
        use(cache, new)
        assert not (cache / old.key).exists()
        assert (cache / busy.key).is_dir()
        assert (cache / alone.key).is_dir()


# ---- several processes


HOLD = """
import json, os, sys
from pathlib import Path
from towpath.environments import interpreters, kept
from towpath.environments.installer import Installer
cache, requirement, index, uv, alone = sys.argv[1:]
recipe = kept.Recipe(interpreters.current(), (requirement,), Installer("uv", Path(uv)), index)
with kept.shared(Path(cache), recipe, environ=os.environ, alone=alone == "True") as found:
    print(json.loads((found.folder / "towpath-ready.json").read_text())["created"], flush=True)
    sys.stdin.readline()
"""


class Holder:
    """Another process that uses an environment until it is told to go on."""

    def __init__(self, cache: Path, recipe: kept.Recipe, *, alone: bool) -> None:
        inputs = [str(cache), recipe.requirements[0], str(recipe.index), str(UV.executable), str(alone)]
        source = str(Path(kept.__file__).parents[2])
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, *inputs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**ENVIRON, "PYTHONPATH": source},
        )
        self._told: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on()
        self.process.wait(60)
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self._told.put(self.process.stdout.readline().strip())

    def made(self, seconds: float = 30) -> str | None:
        """When its environment was made; None if it does not have one within the time."""
        try:
            return self._told.get(timeout=seconds)
        except queue.Empty:
            return None

    def go_on(self) -> None:
        if self.process.poll() is None:
            assert self.process.stdin is not None
            self.process.stdin.write("\n")
            self.process.stdin.flush()


def test_of_two_processes_one_makes_it_and_the_other_waits(tmp_path: Path, recipe: kept.Recipe) -> None:
    cache = tmp_path / "cache"
    with Holder(cache, recipe, alone=False) as one, Holder(cache, recipe, alone=False) as other:
        made = one.made()
        assert made
        assert other.made() == made  # made once, and used by both side by side


@pytest.mark.parametrize("first_alone", [True, False])
def test_who_wants_it_alone_waits_until_nobody_uses_it(
    tmp_path: Path, recipe: kept.Recipe, *, first_alone: bool
) -> None:
    cache = tmp_path / "cache"
    made = use(cache, recipe)
    with Holder(cache, recipe, alone=first_alone) as first:
        assert first.made() == made
        with Holder(cache, recipe, alone=True) as second:
            assert second.made(2.0) is None
            first.go_on()
            assert second.made() == made


def test_another_environment_does_not_wait(tmp_path: Path, recipe: kept.Recipe) -> None:
    cache = tmp_path / "cache"
    with Holder(cache, recipe, alone=True) as first:
        assert first.made()
        assert use(cache, a_recipe())


@pytest.mark.parametrize("alone", [True, False])
def test_a_killed_process_holds_nothing(tmp_path: Path, recipe: kept.Recipe, *, alone: bool) -> None:
    cache = tmp_path / "cache"
    with Holder(cache, recipe, alone=alone) as first:
        made = first.made()
        assert made
        first.process.kill()
        first.process.wait(10)
        assert use(cache, recipe) == made
    assert list((cache / f"{recipe.key}.uses").glob("*")) == []


@pytest.mark.parametrize("alone", [True, False])
def test_who_waits_too_long_is_told_so(
    tmp_path: Path, recipe: kept.Recipe, monkeypatch: pytest.MonkeyPatch, *, alone: bool
) -> None:
    cache = tmp_path / "cache"
    use(cache, recipe)
    monkeypatch.setattr(kept, "WAIT_SECONDS", 0.2)
    with Holder(cache, recipe, alone=alone) as first:
        assert first.made()
        assert problem(lambda: use(cache, recipe)).id == "environment-busy"


# ---- the disk


def test_a_cache_that_cannot_be_made(tmp_path: Path, recipe: kept.Recipe) -> None:
    (tmp_path / "file").touch()
    assert problem(lambda: use(tmp_path / "file" / "cache", recipe)).id == "disk-failure"


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, "no-space"), (errno.EACCES, "not-writable")])
def test_a_full_or_unwritable_disk(
    tmp_path: Path, recipe: kept.Recipe, monkeypatch: pytest.MonkeyPatch, number: int, expected: str
) -> None:
    cache = tmp_path / "cache"
    writing = Path.write_text

    def failing(path: Path, *arguments: Any, **options: Any) -> int:
        if path.name == "towpath-ready.json":
            raise OSError(number, os.strerror(number), str(path))
        return writing(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", failing)
    assert problem(lambda: use(cache, recipe)).id == expected
    assert not (cache / recipe.key).exists()
