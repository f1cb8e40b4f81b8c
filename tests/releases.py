"""Distributions made by hand, and a project whose build is sealed without having been run."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

from towpath.evidence.record import Record
from towpath.evidence.store import measure

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.gates.gate import Workspace

TEXT = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}"


def wheel(folder: Path, name: str = "sample-pkg", version: str = "1.0.0", more: str = "", body: str = "") -> Path:
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": body,
        f"{info}/METADATA": TEXT.format(name=name, version=version, more=more),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_recorded(text)},{len(text)}\n" for path, text in files.items())
    made = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return made


def _recorded(text: str) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def sdist(folder: Path, name: str = "sample-pkg", version: str = "1.0.0") -> Path:
    module = name.replace("-", "_")
    made = folder / f"{module}-{version}.tar.gz"
    text = TEXT.format(name=name, version=version, more="").encode()
    with tarfile.open(made, "w:gz") as archive:
        for path in ("PKG-INFO", "pyproject.toml"):
            member = tarfile.TarInfo(f"{module}-{version}/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return made


def altered(folder: Path) -> Path:
    """The sdist with other bytes and the same content."""
    made = sdist(folder)
    made.write_bytes(made.read_bytes() + b"\0" * 512)
    return made


def seal_build(workspace: Workspace, *files: Path) -> None:
    """As if the build gate had made exactly these files."""
    record = Record(
        gate="build",
        variant="",
        passed=True,
        project=workspace.subject.project,
        version=workspace.subject.version,
        tree=workspace.subject.tree,
        commit=workspace.subject.commit or "",
        configuration="",
        distributions=tuple(sorted(measure(path) for path in files)),
    )
    workspace.store.seal(record)
