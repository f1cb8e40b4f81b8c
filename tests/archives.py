"""Small distributions, made by hand so that each can break one rule and no other."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WHEEL_NAME = "sample_pkg-1.0.0-py3-none-any.whl"
SDIST_NAME = "sample_pkg-1.0.0.tar.gz"
INFO = "sample_pkg-1.0.0.dist-info"
METADATA = """\
Metadata-Version: 2.4
Name: sample-pkg
Version: 1.0.0
Summary: A sample.
License-Expression: MIT
Requires-Python: >=3.9
Description-Content-Type: text/markdown

# sample
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: by-hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(
    folder: Path,
    files: Mapping[str, str | bytes],
    *,
    name: str = WHEEL_NAME,
    info: str = INFO,
    metadata: str | None = METADATA,
    record: str | None = None,
    extra: Mapping[str, str] | None = None,
) -> Path:
    """A wheel with these files and a RECORD that fits them; `extra` goes into its dist-info folder."""
    held = {path: _bytes(content) for path, content in files.items()}
    if metadata is not None:
        held[f"{info}/METADATA"] = metadata.encode()
    held |= {f"{info}/{path}": content.encode() for path, content in {"WHEEL": WHEEL, **(extra or {})}.items()}
    rows = [f"{path},{_hashed(content)},{len(content)}" for path, content in held.items()]
    rows.append(f"{info}/RECORD,,")
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in held.items():
            archive.writestr(member, content)
        archive.writestr(f"{info}/RECORD", "\n".join(rows) + "\n" if record is None else record)
    return path


def sdist(
    folder: Path, files: Mapping[str, str | bytes], *, name: str = SDIST_NAME, metadata: str | None = METADATA
) -> Path:
    """An sdist with these files below its one folder."""
    path, top = folder / name, name.removesuffix(".tar.gz")
    held = {f"{top}/{member}": _bytes(content) for member, content in files.items()}
    if metadata is not None:
        held[f"{top}/PKG-INFO"] = metadata.encode()
    with tarfile.open(path, "w:gz") as archive:
        for member, content in held.items():
            one = tarfile.TarInfo(member)
            one.size = len(content)
            archive.addfile(one, io.BytesIO(content))
    return path


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """An archive to put inside another."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for member, text in files.items():
            archive.writestr(member, text)
    return content.getvalue()


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _hashed(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
