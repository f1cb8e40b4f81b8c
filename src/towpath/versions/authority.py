"""The place that the build backend reads the version from: the one that decides.

Sources: PEP 621; hatch, "Dynamic metadata" (`[tool.hatch.version]`); setuptools, "Configuring setuptools
using pyproject.toml" and "using setup.cfg files"; flit, "Build backend settings"; pdm-backend,
"Dynamic version".
"""

from __future__ import annotations

import configparser
import posixpath
import re
from typing import TYPE_CHECKING

from towpath.versions import literals
from towpath.versions.patterns import whole_file
from towpath.versions.texts import Place, Text, decoded, decoded_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.versions.project import Project

SETUP_CFG = "setup.cfg"
# hatch's default pattern, from hatchling/version/core.py.
_HATCH_PATTERN = r"""(?i)^(__version__|VERSION)(?: ?\: ?str)? *= *([\'"])v?(?P<version>.+?)\2"""
_CFG_VERSION = re.compile(r"^version[ \t]*[=:][ \t]*(.*?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_CFG_SECTION = re.compile(r"^\[metadata\][^\n]*\n", re.MULTILINE)


def authoritative(project: Project) -> tuple[Place, ...]:
    """The places that decide the version: one, or none if there is none that can be written."""
    if project.version_from_git:
        return ()
    for reader in (_static, _hatch, _pdm, _setuptools, _flit, _setup_cfg, _setup_py):
        found = tuple(reader(project))
        if found:
            return found[:1]
    return ()


def static_places(project: Project) -> Iterator[Place]:
    """The versions in pyproject.toml and setup.cfg, whether or not the backend reads them."""
    yield from _static(project)
    yield from _setup_cfg(project)


def module_files(project: Project, module: str) -> Iterator[Text]:
    """The decoded file of a module by its dotted name."""
    for path in project.files_of(module):
        file_path = path if path.endswith(".py") else f"{path}/__init__.py"
        data = project.tree.read(file_path)
        file = decoded_python(file_path, data) if data is not None else None
        if file is not None:
            yield file


def _static(project: Project) -> Iterator[Place]:
    yield from project.static


def _hatch(project: Project) -> Iterator[Place]:
    path = project.get("tool", "hatch", "version", "path")
    pattern = project.get("tool", "hatch", "version", "pattern")
    if isinstance(path, str):
        yield from _in_file(project, path, pattern if isinstance(pattern, str) else _HATCH_PATTERN)


def _pdm(project: Project) -> Iterator[Place]:
    path = project.get("tool", "pdm", "version", "path") or project.get("tool", "pdm", "version", "from")
    if isinstance(path, str):
        yield from _in_file(project, path, _HATCH_PATTERN)


def _setuptools(project: Project) -> Iterator[Place]:
    where = project.get("tool", "setuptools", "dynamic", "version")
    if isinstance(where, dict):
        yield from _directive(project, str(where.get("attr") or ""), where.get("file"))


def _directive(project: Project, attr: str, files: object) -> Iterator[Place]:
    """Setuptools' `attr:` (package.module.name) and `file:`."""
    module, _, name = attr.strip().rpartition(".")
    for file in module_files(project, module) if module else ():
        yield from _in_module(project, module, file, name)
    for given in files if isinstance(files, list) else [files] if isinstance(files, str) else []:
        path = posixpath.normpath(str(given).strip())
        data = project.tree.read(path)
        yield from whole_file(decoded(path, data)) if data is not None else ()


def _flit(project: Project) -> Iterator[Place]:
    if project.backend.startswith("flit"):
        for module in project.modules:
            dotted = module.removeprefix("src/").removesuffix(".py")
            for file in module_files(project, dotted):
                yield from _in_module(project, dotted.replace("/", "."), file, "__version__")


def _in_module(project: Project, module: str, file: Text, name: str) -> Iterator[Place]:
    """A literal of a module, or where it stands in the module that this one imports it from: backends follow that."""
    found = literals.assigned(file, name)
    imported = None if found else literals.imported(file, name)
    if imported:
        source, original = imported
        absolute = f"{module}{source}" if source.startswith(".") else source
        found = tuple(
            place for other in module_files(project, absolute) for place in literals.assigned(other, original)
        )
    yield from found


def _setup_cfg(project: Project) -> Iterator[Place]:
    data = project.tree.read(SETUP_CFG)
    if data is None:
        return
    file = decoded(SETUP_CFG, data)
    value = _metadata_version(file.text)
    if value.startswith("attr:"):
        yield from _directive(project, value.removeprefix("attr:"), None)
    elif value.startswith("file:"):
        yield from _directive(project, "", value.removeprefix("file:").split(",")[0])
    elif value:
        yield from _in_setup_cfg(file, value)


def _metadata_version(text: str) -> str:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return ""
    return parser.get("metadata", "version", fallback="").strip()


def _in_setup_cfg(file: Text, value: str) -> Iterator[Place]:
    section = _CFG_SECTION.search(file.text)
    line = _CFG_VERSION.search(file.text, section.end()) if section else None
    # configparser's reading decides; a value that it reads otherwise (a comment after it) is not one to edit.
    if line and line[1] == value:
        yield file.place("setup.cfg", line.span(1))


def _setup_py(project: Project) -> Iterator[Place]:
    data = project.tree.read("setup.py")
    file = decoded_python("setup.py", data) if data is not None else None
    if file is not None:
        yield from literals.keyword(file, "setup", "version")


def _in_file(project: Project, path: str, pattern: str) -> Iterator[Place]:
    path = posixpath.normpath(path)
    data = project.tree.read(path)
    if data is None:
        return
    file = decoded_python(path, data) if path.endswith(".py") else decoded(path, data)
    if file is None:
        return
    literal = literals.assigned(file, "__version__") if path.endswith(".py") and pattern == _HATCH_PATTERN else ()
    yield from literal or _matched(file, pattern)


def _matched(file: Text, pattern: str) -> Iterator[Place]:
    try:
        match = re.search(pattern, file.text, re.MULTILINE)
        span = match.span("version") if match else (0, 0)
    except (re.error, IndexError):
        return
    if span[1] > span[0]:
        yield file.place("file", span)
