"""What makes environments and installs into them: uv where it is there, else the interpreter's venv and pip.

Children are given the index and how to reach it, and nothing else of the user's configuration: an environment
that proves something must not find packages in places that other people's machines do not have.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How packages are reached, kept and spoken to; never which ones there are. Everything else is taken away.
_KEPT = frozenset(
    {
        "PIP_CACHE_DIR",
        "PIP_CERT",
        "PIP_CLIENT_CERT",
        "PIP_DEFAULT_TIMEOUT",
        "PIP_KEYRING_PROVIDER",
        "PIP_NO_CACHE_DIR",
        "PIP_PROXY",
        "PIP_RETRIES",
        "PIP_TIMEOUT",
        "PIP_TRUSTED_HOST",
        "UV_CACHE_DIR",
        "UV_CONCURRENT_BUILDS",
        "UV_CONCURRENT_DOWNLOADS",
        "UV_CONCURRENT_INSTALLS",
        "UV_HTTP_RETRIES",
        "UV_HTTP_TIMEOUT",
        "UV_INSECURE_HOST",
        "UV_KEYRING_PROVIDER",
        "UV_LINK_MODE",
        "UV_NATIVE_TLS",
        "UV_NO_CACHE",
        "UV_OFFLINE",
        "UV_PYTHON_INSTALL_DIR",
        "UV_REQUEST_TIMEOUT",
        "UV_SYSTEM_CERTS",
    }
)
_FOREIGN = ("PIP_", "UV_", "PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True, slots=True)
class Installer:
    """Either uv, by its executable, or pip: each environment's own, so that it has no executable here."""

    kind: Literal["uv", "pip"]
    executable: Path | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How an installation is done.

    `no_deps` leaves the dependencies out; `reinstall` installs also what is there already; `refresh` asks the
    index again for what a cache could answer; `folder` is what relative paths are relative to (without it
    they have no meaning, and are to be given absolute).
    """

    no_deps: bool = False
    reinstall: bool = False
    refresh: bool = False
    folder: Path | None = None


ORDINARY = Options()


def find_installer(preference: Literal["auto", "uv", "pip"], *, environ: Mapping[str, str]) -> Installer:
    """Find uv if it is wanted and there; "auto" falls back to pip, "uv" raises `no-uv`."""
    executable = None if preference == "pip" else uv(environ)
    if executable is not None:
        return Installer("uv", executable)
    if preference == "uv":
        raise errors.NO_UV.error()
    return Installer("pip")


def uv(environ: Mapping[str, str]) -> Path | None:
    """Find the uv that is installed beside us as a package, else the one on PATH, else None."""
    try:
        from uv import find_uv_bin

        return Path(os.fspath(find_uv_bin()))
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv", path=environ.get("PATH", ""))
        return Path(found) if found else None


def children(environ: Mapping[str, str], index: str | None = None) -> dict[str, str]:
    """The environment for an installer's children: no setting of pip, uv or Python but the index.

    The index travels here and not in argv, because its URL may hold a password and argv is open to everybody
    on the machine.
    """
    cleaned = {name: value for name, value in environ.items() if name in _KEPT or not name.startswith(_FOREIGN)}
    cleaned |= {
        "PIP_CONFIG_FILE": os.devnull,  # pip's own way to read no configuration file at all
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PYTHONUTF8": "1",
    }
    if index is not None:
        cleaned |= {"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index}
    return cleaned


def creating(tool: Installer, interpreter: Path, folder: Path) -> list[str]:
    """The command that makes an environment in an empty folder."""
    if tool.kind == "uv":
        options = ["--quiet", "--no-config", "--no-project", "--no-python-downloads", "--allow-existing"]
        return [str(tool.executable), "venv", *options, "--python", str(interpreter), str(folder)]
    return [str(interpreter), "-I", "-m", "venv", str(folder)]


def installing(tool: Installer, python: Path, arguments: Sequence[str], options: Options) -> list[str]:
    """The command that installs into the environment of `python`."""
    common = ["--no-deps"] if options.no_deps else []
    if tool.kind == "uv":
        common += ["--reinstall"] if options.reinstall else []
        common += ["--refresh"] if options.refresh else []
        base = [
            str(tool.executable),
            "pip",
            "install",
            "--no-config",
            "--quiet",
            "--python",
            str(python),
        ]
    else:
        common += ["--force-reinstall"] if options.reinstall else []
        common += ["--no-cache-dir"] if options.refresh else []
        base = [*_pip(python), "install", "--progress-bar", "off"]
    return [*base, *common, *arguments]


def checking(tool: Installer, python: Path) -> list[str]:
    """The command that looks whether what is installed fits together."""
    if tool.kind == "uv":
        return [str(tool.executable), "pip", "check", "--no-config", "--python", str(python)]
    return [*_pip(python), "check"]


def removing(python: Path, names: Sequence[str]) -> list[str]:
    """The command by which pip takes packages out of its own environment."""
    return [*_pip(python), "uninstall", "--yes", *names]


def redacted(text: str) -> str:
    """Without the user and password of a URL."""
    return re.sub(r"://[^/\s@]+@", "://***@", text)


def _pip(python: Path) -> list[str]:
    return [str(python), "-I", "-m", "pip"]
