"""The artifacts of a run: each a zip archive that never changes, found by its id or its name."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.workflow.interpreter.results import Artifact

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip knows
_FIRST = 4_000_000_001  # GitHub's ids need more than 32 bits
_FORBIDDEN = frozenset('":<>|*?\r\n')


class ArtifactError(Exception):
    """An artifact cannot be kept or is not as it was kept."""


@dataclass(slots=True)
class Artifacts:
    """What the jobs of a run have uploaded, those of the attempts before included."""

    folder: Path
    kept: list[Artifact] = field(default_factory=list)

    def keep(self, name: str, root: Path, files: Sequence[Path], *, overwrite: bool, by: tuple[str, int]) -> Artifact:
        """Keep files below a root, `by` a job and its attempt.

        Raises ArtifactError: a name is taken once in a run, all attempts together.
        """
        _check_name(name, root, files)
        if overwrite:
            self.kept = [one for one in self.kept if one.name.lower() != name.lower()]
        if any(one.name.lower() == name.lower() for one in self.kept):
            message = f"an artifact with the name {name!r} already exists in this run"
            raise ArtifactError(message)
        number = _FIRST + sum(1 for _ in self.folder.glob("*.zip")) if self.folder.exists() else _FIRST
        archive = self.folder / f"{number}.zip"
        _pack(archive, root, files)
        made = Artifact(number, name, _digest(archive), archive.stat().st_size, archive, *by)
        self.kept.append(made)
        return made

    def extract(self, artifact: Artifact, folder: Path) -> bool:
        """Lay its files into a folder; says whether the archive has still the digest that it was kept with."""
        intact = artifact.archive.is_file() and _digest(artifact.archive) == artifact.digest
        try:
            with zipfile.ZipFile(artifact.archive) as archive:
                archive.extractall(folder)
        except (OSError, zipfile.BadZipFile) as error:
            message = f"the artifact {artifact.name!r} cannot be read"
            raise ArtifactError(message) from error
        return intact


def _check_name(name: str, root: Path, files: Sequence[Path]) -> None:
    wrong = _FORBIDDEN | {"\\", "/"}
    if not name or set(name) & wrong:
        message = f"{name!r} cannot be the name of an artifact"
        raise ArtifactError(message)
    for file in files:
        if set(file.relative_to(root).as_posix()) & _FORBIDDEN:
            message = f"{file.name!r} cannot be the name of a file in an artifact"
            raise ArtifactError(message)


def _pack(archive: Path, root: Path, files: Sequence[Path]) -> None:
    """The same files make the same archive; permissions are lost, as in GitHub's."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(files):
            entry = zipfile.ZipInfo(file.relative_to(root).as_posix(), _BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as source, made.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)


def _digest(archive: Path) -> str:
    return hashlib.sha256(archive.read_bytes()).hexdigest()
