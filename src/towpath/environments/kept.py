"""Environments that are kept: a folder of them, each under the digest of its inputs.

Their locks lie beside them and end with the process that holds them, so that a killed walk leaves none.
Making one anew and pruning it need its lock, and that nobody uses it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors
from towpath.environments.environment import Environment, create, install, installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from filelock import BaseFileLock

    from towpath.environments.installer import Installer
    from towpath.environments.interpreters import Interpreter

DAY_SECONDS = 86_400.0
MAX_AGE_SECONDS = 7 * DAY_SECONDS  # tools without a pinned version would rot
UNUSED_SECONDS = 30 * DAY_SECONDS
WAIT_SECONDS = 1_800.0
POLL_SECONDS = 0.05
_MARKER = "towpath-ready.json"
_CONTENTS = "towpath-contents"
_CACHES = {"__pycache__", "pycache", "mypy-cache", "ruff-cache"}
_FORM = 1  # to be raised when the way in which environments are made changes


@dataclass(frozen=True, slots=True)
class Recipe:
    """The inputs of an environment: with equal ones, an environment is used again.

    `requirements` are as the installer takes them and name no local file (its content would be no input).
    `inputs` is whatever else decides what the user of the environment will install into it.
    """

    interpreter: Interpreter
    requirements: tuple[str, ...]
    installer: Installer
    index: str | None = None
    inputs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The sha256 of the inputs, cut to 24 hexadecimal digits because the paths below it must be short."""
        python = self.interpreter
        inputs = [
            *(str(python.executable), python.version, python.implementation, python.platform),
            *(self.installer.kind, self.index, sorted(set(self.requirements)), self.inputs, _FORM),
        ]
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:24]


def default_cache(environ: Mapping[str, str]) -> Path:
    """Where environments are kept: $TOWPATH_CACHE_DIR, else the user's cache folder of this platform."""
    chosen = environ.get("TOWPATH_CACHE_DIR")
    if chosen:
        return Path(chosen).absolute() / "environments"
    from platformdirs import user_cache_path

    return user_cache_path("towpath", appauthor=False) / "environments"


@contextmanager
def shared(cache: Path, recipe: Recipe, *, environ: Mapping[str, str], alone: bool = True) -> Iterator[Environment]:
    """A kept environment with the recipe's requirements installed, made if it is not there or too old.

    With `alone` nobody else has it meanwhile, so that the project may be installed into it; it is still there
    the next time, so install it with `reinstall`. Otherwise it is used side by side with others and must not
    be changed. Whoever needs one that is taken waits for up to WAIT_SECONDS, then `environment-busy` is
    raised; so is whatever `create` and `install` raise, and then nothing is kept.
    """
    place = _Place(cache, recipe.key)
    with errors.disk(f"use the environments in {cache}"):
        cache.mkdir(parents=True, exist_ok=True)
        lock = _acquire(place)
    try:
        environment = _ready(place, recipe, environ)
        if alone:
            _wait_until_unused(place)
            yield environment
        else:
            with _registered(place):
                lock.release()
                yield environment
    finally:
        lock.release()


def packages(cache: Path, recipe: Recipe) -> dict[str, str] | None:
    """What a kept environment holds, name → version; None if it is not there or would be made anew."""
    place = _Place(cache, recipe.key)
    environment = Environment(place.folder, recipe.interpreter, recipe.installer)
    return installed(environment) if _is_good(place, environment) and _is_young(place) else None


def note_contents(environment: Environment) -> None:
    """Remember what an environment holds now. If anything else is found there the next time, it is made anew.

    What the project's own code leaves in it (a plug-in that its tests install, a file beside a module) must not be
    there for the next run.
    """
    (environment.folder / _CONTENTS).write_text(_contents(environment.folder), encoding="ascii")


def _contents(folder: Path) -> str:
    """A digest of the names, sizes and dates of all files but caches and our own."""
    digest = hashlib.sha256()
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _CACHES)
        for name in sorted(set(files) - {_MARKER, _CONTENTS}):
            status = os.lstat(os.path.join(base, name))  # noqa: PTH118 - thousands of files
            digest.update(f"{base}/{name} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "replace"))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one environment lies in the cache, with its locks."""

    cache: Path
    key: str

    @property
    def folder(self) -> Path:
        return self.cache / self.key

    @property
    def lock(self) -> Path:
        return self.cache / f"{self.key}.lock"

    @property
    def uses(self) -> Path:
        """A folder with one locked file for each process that uses it side by side with others."""
        return self.cache / f"{self.key}.uses"

    @property
    def marker(self) -> Path:
        """Written last, so that a creation that was killed is seen; touched at each use."""
        return self.folder / _MARKER


def _acquire(place: _Place, seconds: float | None = None) -> BaseFileLock:
    from filelock import FileLock, Timeout

    lock = FileLock(place.lock, poll_interval=POLL_SECONDS)
    try:
        lock.acquire(timeout=WAIT_SECONDS if seconds is None else seconds)
    except Timeout:
        raise errors.ENVIRONMENT_BUSY.error(folder=place.folder, minutes=round(WAIT_SECONDS / 60)) from None
    return lock


def _ready(place: _Place, recipe: Recipe, environ: Mapping[str, str]) -> Environment:
    """The environment, made if need be; its lock is held."""
    existing = Environment(place.folder, recipe.interpreter, recipe.installer)
    with errors.disk(f"keep an environment in {place.cache}"):
        if _is_good(place, existing) and (_in_use(place) or (_is_young(place) and _is_untouched(place))):
            os.utime(place.marker)
            return existing
        _wait_until_unused(place)
        _remove(place)
        made = _make(place, recipe, environ)
        _prune(place.cache)
    return made


def _make(place: _Place, recipe: Recipe, environ: Mapping[str, str]) -> Environment:
    try:
        made = create(place.folder, recipe.interpreter, environ=environ, installer=recipe.installer)
        if recipe.requirements:
            install(made, recipe.requirements, environ=environ, index=recipe.index)
        facts = {
            "created": time.time(),
            "python": recipe.interpreter.version,
            "requirements": recipe.requirements,
        }
        place.marker.write_text(json.dumps(facts), encoding="utf-8")
    except BaseException:
        shutil.rmtree(place.folder, ignore_errors=True)
        raise
    return made


def _is_good(place: _Place, environment: Environment) -> bool:
    """Whether it was finished and the interpreter that it was made of is still there."""
    return place.marker.is_file() and environment.python.exists()


def _is_untouched(place: _Place) -> bool:
    """Whether it still holds what was noted, if anything was."""
    noted = place.folder / _CONTENTS
    return not noted.exists() or noted.read_text(encoding="ascii") == _contents(place.folder)


def _is_young(place: _Place) -> bool:
    try:
        created = float(json.loads(place.marker.read_text(encoding="utf-8"))["created"])
    except (ValueError, KeyError, TypeError):
        return False
    return 0 <= time.time() - created <= MAX_AGE_SECONDS  # below 0 the clock was set back: its age is unknown


def _remove(place: _Place) -> None:
    """The marker goes first: what is left of an interrupted removal must not look finished."""
    place.marker.unlink(missing_ok=True)
    if place.folder.exists():
        shutil.rmtree(place.folder)


def _prune(cache: Path) -> None:
    """Remove what was not used for long, and nothing that anybody uses or that is being made."""
    limit = time.time() - UNUSED_SECONDS
    for marker in cache.glob(f"*/{_MARKER}"):
        place = _Place(cache, marker.parent.name)
        if marker.stat().st_mtime < limit:
            _remove_if_unused(place)


def _remove_if_unused(place: _Place) -> None:
    try:
        lock = _acquire(place, seconds=0)
    except errors.TowpathError:
        return  # it is in use
    try:
        if not _in_use(place):
            _remove(place)
            shutil.rmtree(place.uses, ignore_errors=True)
    except OSError:
        return  # another's folder that cannot be removed is no reason to fail here
    finally:
        lock.release()


@contextmanager
def _registered(place: _Place) -> Iterator[None]:
    """Be seen as one of those that use the environment side by side."""
    from filelock import FileLock

    with errors.disk(f"use the environments in {place.cache}"):
        place.uses.mkdir(exist_ok=True)
        use = FileLock(place.uses / f"{uuid.uuid4().hex}.lock")
        use.acquire()
    try:
        yield
    finally:
        use.release()
        _forget(Path(use.lock_file))


def _in_use(place: _Place) -> bool:
    """Whether anybody uses it side by side with others; what killed processes left behind is cleared away."""
    from filelock import FileLock, Timeout

    for path in place.uses.glob("*.lock"):
        use = FileLock(path)
        try:
            use.acquire(timeout=0)
        except Timeout:
            return True
        use.release()
        _forget(path)
    return False


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # on Windows another one looks at it just now, and removes it


def _wait_until_unused(place: _Place) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while _in_use(place):
        if time.monotonic() > deadline:
            raise errors.ENVIRONMENT_BUSY.error(folder=place.folder, minutes=round(WAIT_SECONDS / 60))
        time.sleep(POLL_SECONDS)
