"""A release by hand, one step after the other, as the guides for pip and for uv have it."""

from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING

from places import MODULES, NAME, VERSION, Place

from towpath.environments.installer import uv
from towpath.index.twin import Twin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TOOLS = ("ruff", "pytest", "bandit", "detect-secrets")


def by_hand(place: Place, steps: Callable[[Place, Path, Sequence[Twin]], None]) -> None:
    """The steps of a release, one after the other, in a clone: checks, build, install, tag, upload twice, install."""
    checkout = place.anew("by-hand") / "checkout"
    place.run("git", "clone", "--quiet", place.project, checkout)
    with (
        Twin.serve(place.anew("testpypi"), "testpypi") as test,
        Twin.serve(place.anew("pypi"), "pypi") as production,
    ):
        steps(place, checkout, (test, production))


def with_pip(place: Place, checkout: Path, twins: Sequence[Twin]) -> None:
    """By hand, with pip, venv, build and twine."""
    tools = _venv(place, "tools")
    place.run(tools, "-m", "pip", "install", "--quiet", *TOOLS, ".", cwd=checkout)
    _check(place, tools, checkout)
    place.run(sys.executable, "-m", "build", cwd=checkout)
    files = sorted((checkout / "dist").iterdir())
    clean = _venv(place, "clean")
    place.run(clean, "-m", "pip", "install", "--quiet", *_wheels(files))
    _import_all(place, clean)
    place.run("git", "tag", "--annotate", "--message", VERSION, f"v{VERSION}", cwd=checkout)
    for twin in twins:
        token = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": twin.token()}
        where = ("--repository-url", twin.upload_url, "--non-interactive", "--disable-progress-bar")
        place.run(sys.executable, "-m", "twine", "upload", *where, *files, more=token)
    index = ("--quiet", "--index-url", twins[-1].simple_url, "--no-deps")
    fetched = place.anew("fetched")
    published = _venv(place, "published")
    options = (*index, "--only-binary", ":all:", "--dest", str(fetched))
    place.run(published, "-m", "pip", "download", *options, f"{NAME}=={VERSION}")
    _compare(fetched, files)
    place.run(published, "-m", "pip", "install", *index, f"{NAME}=={VERSION}")
    _import_all(place, published)


def with_uv(place: Place, checkout: Path, twins: Sequence[Twin]) -> None:
    """By hand, with uv."""
    tool = _uv()
    tools = _venv(place, "tools", tool)
    place.run(tool, "pip", "install", "--quiet", "--python", tools, *TOOLS, ".", cwd=checkout)
    _check(place, tools, checkout)
    place.run(tool, "build", "--quiet", cwd=checkout)
    files = sorted(path for path in (checkout / "dist").iterdir() if path.suffix in {".whl", ".gz"})
    clean = _venv(place, "clean", tool)
    place.run(tool, "pip", "install", "--quiet", "--python", clean, *_wheels(files))
    _import_all(place, clean)
    place.run("git", "tag", "--annotate", "--message", VERSION, f"v{VERSION}", cwd=checkout)
    for twin in twins:
        where = ("--publish-url", twin.upload_url, "--trusted-publishing", "never")
        place.run(tool, "publish", "--quiet", *where, *files, more={"UV_PUBLISH_TOKEN": twin.token()})
    published = _venv(place, "published", tool)
    index = ("--refresh", "--default-index", twins[-1].simple_url)
    place.run(tool, "pip", "install", "--quiet", "--python", published, *index, f"{NAME}=={VERSION}")
    _import_all(place, published)


def _venv(place: Place, name: str, tool: Path | None = None) -> Path:
    """A new environment, by uv or by venv; returns its Python."""
    folder = place.anew(name)
    making = (tool, "venv", "--quiet", "--allow-existing", "--python", sys.executable) if tool else ()
    place.run(*(making or (sys.executable, "-m", "venv")), folder)
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _uv() -> Path:
    found = uv(os.environ)
    if found is None:
        message = "there is no uv to compare with"
        raise SystemExit(message)
    return found


def _check(place: Place, python: Path, checkout: Path) -> None:
    place.run(python, "-m", "ruff", "check", ".", cwd=checkout)
    place.run(python, "-m", "pytest", "-q", cwd=checkout)
    place.run(python, "-m", "bandit", "--recursive", "--quiet", "src", cwd=checkout)
    place.run(python, "-m", "detect_secrets", "scan", "--no-verify", cwd=checkout)


def _import_all(place: Place, python: Path) -> None:
    names = ", ".join(f"{NAME}.module_{module}" for module in range(MODULES))
    place.run(python, "-I", "-c", f"import {names}", cwd=place.folder)


def _compare(fetched: Path, files: Sequence[Path]) -> None:
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    for path in fetched.iterdir():
        if hashlib.sha256(path.read_bytes()).hexdigest() != digests[path.name]:
            message = f"{path.name} came back as other bytes"
            raise SystemExit(message)


def _wheels(files: Sequence[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".whl"]
