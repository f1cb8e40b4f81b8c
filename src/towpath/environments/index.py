"""Which package index the user has chosen.

Only the index itself is taken over. `extra-index-url` and `find-links` are left behind on purpose: an
environment that shows whether a package installs for everybody must not silently find its dependencies in a
folder or on a server that only this machine knows. A project that needs them has to say so.
"""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")


def configured_index(environ: Mapping[str, str], *, files: Sequence[Path] | None = None) -> str | None:
    """The URL of the index that the user configured; None leaves it to pip and uv, which then take PyPI.

    First the variables of uv and pip, then pip's configuration files, of which a later one overrides an
    earlier. It may hold a password: it is not to be shown. Raises `bad-pip-configuration` for a file that
    does not parse. Places and order: https://pip.pypa.io/en/stable/topics/configuration/.
    """
    for variable in _VARIABLES:
        if environ.get(variable):
            return _without_name(environ[variable])
    urls: dict[str, str] = {}
    for path in configuration_files(environ) if files is None else files:
        urls |= _read(path)
    # A setting for `pip install` alone is stronger than one for all of pip, whichever file it stands in.
    return urls.get("install") or urls.get("global")


def configuration_files(
    environ: Mapping[str, str], *, platform: str = sys.platform, prefix: str = sys.prefix
) -> list[Path]:
    """Pip's configuration files, weakest first; they need not exist.

    Pip reads no file at all where PIP_CONFIG_FILE is the null device, and leaves out the user's where it
    names a file that exists (pip's own source; its documentation tells a different order).
    """
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    chosen = [Path(named)] if named else []
    user = [] if chosen and chosen[0].exists() else _user_files(environ, platform)
    site = [Path(prefix, _basename(platform))]
    return [*_global_files(environ, platform), *user, *site, *chosen]


def _basename(platform: str) -> str:
    return "pip.ini" if platform == "win32" else "pip.conf"


def _global_files(environ: Mapping[str, str], platform: str) -> list[Path]:
    if platform == "win32":
        return [Path(environ.get("PROGRAMDATA", "C:\\ProgramData"), "pip", "pip.ini")]
    if platform == "darwin":
        return [Path("/Library/Application Support/pip/pip.conf")]
    shared = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":")
    return [*(Path(folder, "pip", "pip.conf") for folder in shared), Path("/etc/pip.conf")]


def _user_files(environ: Mapping[str, str], platform: str) -> list[Path]:
    if platform == "win32":
        folders = (environ.get(name) for name in ("USERPROFILE", "APPDATA"))
        return [Path(folder, "pip", "pip.ini") for folder in folders if folder]
    home = environ.get("HOME")
    if not home:
        return []
    return [Path(home, ".pip", "pip.conf"), _user_folder(environ, Path(home), platform) / "pip" / "pip.conf"]


def _user_folder(environ: Mapping[str, str], home: Path, platform: str) -> Path:
    if platform == "darwin":
        support = home / "Library" / "Application Support"
        return support if (support / "pip").is_dir() else home / ".config"
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")


def _read(path: Path) -> dict[str, str]:
    """The index that each section of one file sets."""
    if not path.is_file():
        return {}
    parser = configparser.RawConfigParser()
    parser.optionxform = _spelling  # type: ignore[assignment,method-assign]  # the documented way to set it
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise errors.BAD_PIP_CONFIGURATION.error(path=path, why=str(error).splitlines()[0]) from error
    return {
        section: parser.get(section, "index-url").strip()
        for section in ("global", "install")
        if parser.has_option(section, "index-url")
    }


def _spelling(option: str) -> str:
    return option.lower().replace("_", "-").removeprefix("--")


def _without_name(url: str) -> str:
    """The URL alone: uv lets an index be written as NAME=URL."""
    name, separator, rest = url.partition("=")
    return rest if separator and "/" not in name and ":" not in name else url
