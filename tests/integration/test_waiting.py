from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.index.client import IndexClient
from towpath.index.twin import Fault, Twin
from towpath.index.waiting import wait_until_shown
from towpath.model import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WANTED = (Distribution("boat-1.0.tar.gz", 1, "0" * 64),)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[Twin]:
    with Twin.serve(tmp_path / "twin") as served:
        yield served


def test_what_never_appears_is_not_waited_for_for_ever(twin: Twin) -> None:
    with IndexClient(twin.address, loopback_only=True) as client:
        assert wait_until_shown(client, "boat", WANTED, limit=1.2) == set()
    assert 3 <= len(twin.log) <= 5


def test_a_stale_answer_is_asked_again(twin: Twin, tmp_path: Path) -> None:
    from twine.commands.upload import upload
    from twine.settings import Settings

    sdist = tmp_path / "boat-1.0.tar.gz"
    sdist.write_bytes(_sdist())
    twin.faults.add(Fault("stale", on="simple", times=2))
    settings = Settings(
        repository_url=twin.upload_url, username="__token__", password=twin.token(), disable_progress_bar=True
    )
    upload(settings, [str(sdist)])
    (name, sha256) = next(iter(twin.files("boat").items()))
    wanted = (Distribution(name, sdist.stat().st_size, sha256),)
    with IndexClient(twin.address, loopback_only=True) as client:
        assert client.present("boat", wanted) == set(), "the fault shows the state of before"
        assert wait_until_shown(client, "boat", wanted, limit=20) == {name}


def _sdist() -> bytes:
    import io
    import tarfile

    text = b"Metadata-Version: 2.1\nName: boat\nVersion: 1.0\n"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("PKG-INFO", "boat.py"):
            member = tarfile.TarInfo(f"boat-1.0/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
    return packed.getvalue()
