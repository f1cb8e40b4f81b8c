"""What PyPI checks inside an sdist or a wheel, in its order."""

from __future__ import annotations

import configparser
import posixpath
import re
import tarfile
import zipfile
from typing import TYPE_CHECKING

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from towpath.index.twin.answers import Refusal
from towpath.index.twin.names import platform_allowed
from towpath.index.twin.zipframes import framing_fault

if TYPE_CHECKING:
    from pathlib import Path

    from packaging.metadata import Metadata

BOMB_SIZE = 64 * 1024 * 1024
BOMB_RATIO = 50


def check_archive(path: Path, filename: str) -> None:
    """Raise a Refusal unless the file is the kind of archive that its name says."""
    fault = _tar_fault(path) if filename.endswith(".tar.gz") else _zip_fault(path, filename)
    if fault is not None:
        raise Refusal(400, f"Invalid distribution file. {fault}")


def check_sdist(path: Path, filename: str, metadata: Metadata) -> None:
    """Raise a Refusal unless the name is that of PEP 625 and the licence files are there."""
    name = _name_in_sdist(filename, metadata)
    normalized = canonicalize_name(metadata.name)
    escaped = normalized.replace("-", "_")
    if canonicalize_name(name) != normalized:
        raise Refusal(400, f"Start filename for {metadata.name!r} with {escaped!r}.")
    expected = f"{escaped}-{metadata.version}.tar.gz"
    if filename != expected:
        raise Refusal(400, f"Filename {filename!r} is invalid, should be {expected!r}.")
    if metadata.license_files:
        with tarfile.open(path, "r:gz") as archive:
            members = archive.getnames()
        _check_licenses(metadata, filename, members, _top_level(members))


def check_wheel(path: Path, filename: str, metadata: Metadata) -> bytes:
    """Raise a Refusal unless name, platform and required files are right; returns METADATA."""
    _check_wheel_name(filename, metadata)
    info = "-".join(filename.split("-", 2)[:2]) + ".dist-info"
    with zipfile.ZipFile(path) as archive:
        members = archive.namelist()
        if metadata.license_files:
            _check_licenses(metadata, filename, members, f"{info}/licenses")
        _check_required(filename, members, f"{info}/RECORD", "RECORD")
        if f"{info}/entry_points.txt" in members:
            _check_entry_points(filename, archive.read(f"{info}/entry_points.txt"))
        _check_required(filename, members, f"{info}/METADATA", "METADATA")
        return archive.read(f"{info}/METADATA")


def _tar_fault(path: Path) -> str | None:
    if not tarfile.is_tarfile(path):
        return "File is not a tarfile"
    try:
        with tarfile.open(path, "r:gz") as archive:
            members = archive.getnames()
    except (tarfile.ReadError, EOFError):
        return "None"
    return _top_level_fault(members)


def _top_level_fault(members: list[str]) -> str | None:
    top = _top_level(members)
    if top in (".", "/", ""):
        return "Incorrect number of top-level directories in sdist"
    wanted = posixpath.join(top, "PKG-INFO")
    return None if wanted in members else f"PKG-INFO not found at {wanted}"


def _top_level(members: list[str]) -> str:
    """The folder that holds every member, as PyPI finds it; of a single member it is that member itself."""
    try:
        return posixpath.commonpath(members)
    except ValueError:
        return ""


def _zip_fault(path: Path, filename: str) -> str | None:
    if not zipfile.is_zipfile(path):
        return "File is not a zipfile"
    try:
        with zipfile.ZipFile(path) as archive:
            fault = _members_fault(archive, path.stat().st_size, filename)
    except zipfile.BadZipFile:
        return "None"
    if fault is not None:
        return fault
    framing = framing_fault(path)
    if framing:
        return f"ZIP archive not accepted: {framing}. See https://docs.pypi.org/archives for more information"
    return None


def _members_fault(archive: zipfile.ZipFile, packed: int, filename: str) -> str | None:
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > BOMB_SIZE and unpacked / packed > BOMB_RATIO:
        return f"File exceeds compression ratio of {BOMB_RATIO}"
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in archive.infolist()):
        return "File does not use a supported compression type"
    if not filename.endswith(".whl"):
        return _top_level_fault(archive.namelist())
    if filename.count("-") < 2:  # noqa: PLR2004 - name-version-tags
        return "Unable to parse name and version from wheel filename"
    wanted = "-".join(filename.split("-", 2)[:2]) + ".dist-info/WHEEL"
    return None if wanted in archive.namelist() else f"WHEEL not found at {wanted}"


def _name_in_sdist(filename: str, metadata: Metadata) -> str:
    """The project's name in a file name; in that of a post-release the version may hold a hyphen."""
    try:
        name: str = parse_sdist_filename(filename)[0]
    except InvalidSdistFilename:
        raise Refusal(400, f"Invalid source distribution filename: {filename}") from None
    hyphens = filename.count("-") > 1
    if metadata.version.is_postrelease and name != canonicalize_name(metadata.name) and hyphens:
        shorter = filename.rsplit("-", 2)[0]
        try:
            Version(filename[len(shorter) + 1 : -len(".tar.gz")])
        except InvalidVersion:
            return shorter
        return shorter
    return name


def _check_wheel_name(filename: str, metadata: Metadata) -> None:
    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename as error:
        raise Refusal(400, str(error)) from None
    for platform in sorted({tag.platform for tag in tags}):
        if not platform_allowed(platform):
            raise Refusal(400, f"Binary wheel '{filename}' has an unsupported platform tag '{platform}'.")
    normalized = canonicalize_name(metadata.name)
    escaped = normalized.replace("-", "_")
    if name != normalized:
        raise Refusal(400, f"Start filename for {metadata.name!r} with {escaped!r}.")
    written = filename.partition("-")[0]
    if written != escaped:
        complaint = f"should contain the normalized project name {escaped!r}, not {written!r}."
        raise Refusal(400, f"Filename {filename!r} {complaint}")
    if version != metadata.version:
        raise Refusal(400, f"Version in filename should be {str(metadata.version)!r} not {str(version)!r}.")


def _check_licenses(metadata: Metadata, filename: str, members: list[str], folder: str) -> None:
    for license_file in metadata.license_files or ():
        wanted = posixpath.join(folder, license_file)
        if wanted not in members:
            missing = f"License-File {license_file} does not exist in distribution file {filename} at {wanted}"
            raise Refusal(400, missing)


def _check_required(filename: str, members: list[str], wanted: str, what: str) -> None:
    if wanted not in members:
        raise Refusal(400, f"Wheel '{filename}' does not contain the required {what} file: {wanted}")


def _check_entry_points(filename: str, content: bytes) -> None:
    """By the specification of entry points; what a name points at is not looked at."""
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # the documented way to keep upper case
    try:
        parser.read_string(content.decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        valid = False
    else:
        scripts = [parser[group] for group in ("console_scripts", "gui_scripts") if group in parser]
        names = [name for group in scripts for name in group]
        valid = all(re.fullmatch(r"[\w.-]+", name) for name in names)
    if not valid:
        where = "in the entry_points.txt file"
        raise Refusal(400, f"Wheel '{filename}' has invalid entry points defined {where}")
