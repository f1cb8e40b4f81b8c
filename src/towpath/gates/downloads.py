"""What an index gives out, downloaded file by file and compared with the sealed bytes."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from towpath import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from towpath.index.client import IndexClient, IndexFile
    from towpath.model import Distribution

_PAUSES = (1.0, 3.0)  # a connection that breaks says nothing of the file


def compare_downloads(
    client: IndexClient, project: str, wanted: tuple[Distribution, ...], *, tell: Callable[[str], None]
) -> dict[str, str]:
    """Download every file and return their URLs by name.

    Raises index-incomplete for a file that is not listed, download-differs and, where a download breaks again and
    again, index-unreachable.
    """
    listed = client.files(project)
    with tempfile.TemporaryDirectory(prefix="towpath-") as folder:
        for file in wanted:
            if file.filename not in listed:
                raise errors.INDEX_INCOMPLETE.error(index=client.address.name, file=file.filename, seconds=0)
            tell(f"downloading {file.filename} from {client.address.name}, {file.size} bytes")
            came = _download(client, listed[file.filename], Path(folder, "download"), file.size)
            if came != file.sha256:
                raise errors.DOWNLOAD_DIFFERS.error(
                    file=file.filename, index=client.address.name, there=came[:12], sealed=file.sha256[:12]
                )
    return {file.filename: listed[file.filename].url for file in wanted}


def _download(client: IndexClient, file: IndexFile, to: Path, size: int) -> str:
    for pause in _PAUSES:
        try:
            return client.download(file, to, size=size)
        except errors.TowpathError as error:
            if error.problems[0].id != errors.INDEX_UNREACHABLE.id:
                raise
            time.sleep(pause)
    return client.download(file, to, size=size)
