"""Worlds in which a walk must refuse: what somebody else has done before the gate is reached, and what mends it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import requests
from faults.world import NAME, TAG

from towpath.index.twin import Fault
from towpath.index.upload import upload
from towpath.model import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from faults.world import World


@dataclass(frozen=True)
class Situation:
    """What is so before `gate`, in words; `healed` mends it, None where only another version helps."""

    title: str
    gate: str
    arrange: Callable[[World], None]
    healed: Callable[[World], None] | None = None

    @property
    def id(self) -> str:
        return f"met/{self.gate}/{self.title.replace(' ', '-')}"

    @contextmanager
    def arranged(self, world: World) -> Iterator[None]:
        """In the block it is so."""
        claims = dict(world.lab.issuer.claims)
        try:
            self.arrange(world)
            yield
        finally:
            world.lab.issuer.claims.update(claims)


def _given(world: World, path: Path) -> None:
    answer = upload(world.main.address, path, login=Login("__token__", world.main.token()), loopback_only=True)
    assert answer.status == 200, answer


def _ours(world: World) -> None:
    """The project exists, and trusts us."""
    world.main.create_project(NAME)
    world.main.add_publisher(world.lab.issuer.publisher(NAME))


def _copied(world: World, pattern: str, name: str = "") -> Path:
    (sealed,) = (world.project.root / "dist").glob(pattern)
    return shutil.copyfile(sealed, world.lab.here / (name or sealed.name))


def _other_bytes(world: World) -> None:
    copy = _copied(world, "*.tar.gz")
    copy.write_bytes(copy.read_bytes() + b"\0" * 512)
    _given(world, copy)


def _burned(world: World) -> None:
    _ours(world)
    _given(world, _copied(world, "*.tar.gz"))
    world.main.delete_file("sample_pkg-1.0.0.tar.gz")


def _old(world: World) -> None:
    _ours(world)
    _given(world, _copied(world, "*.whl"))
    world.main.age_release(NAME, "1.0.0", timedelta(days=15))


def _foreign(world: World) -> None:
    _given(world, _copied(world, "*.whl", "sample_pkg-1.0.0-1-py3-none-any.whl"))


def _archived(world: World) -> None:
    _ours(world)
    world.main.set_status(NAME, "archived")


def _half_and_stale(world: World) -> None:
    refusal = Fault("error-before-commit", "upload", 1, 1, 400)
    world.main.faults.add(Fault("stale", "simple", times=None), refusal)
    assert world.walk(["publish"]).problems == ("upload-refused",)
    assert len(world.main.files(NAME)) == 1


def _tag_elsewhere(world: World) -> None:
    project = world.project
    other = project.git("commit-tree", "-m", "Somebody else's", "HEAD^{tree}")
    project.git("push", "--quiet", str(world.remote), f"{other}:refs/tags/{TAG}")


def _moved_on(world: World) -> None:
    project = world.project
    other = project.git("commit-tree", "-p", "HEAD", "-m", "Somebody else's", "HEAD^{tree}")
    project.git("push", "--quiet", str(world.remote), f"{other}:refs/heads/main")


def _forge_file(world: World) -> None:
    address = world.forge.address
    headers = {"Authorization": f"Bearer {world.forge.token}"}
    url = f"{address.api_url}/repos/{address.repository}/releases"
    made = requests.post(url, json={"tag_name": TAG, "draft": True}, headers=headers, timeout=5).json()
    name = {"name": "sample_pkg-1.0.0.tar.gz"}
    sent = requests.post(made["upload_url"].partition("{")[0], b"other", params=name, headers=headers, timeout=5)
    assert sent.status_code == 201


def _altered(world: World) -> None:
    (wheel,) = (world.project.root / "dist").glob("*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"\0")


def _restored(world: World) -> None:
    (wheel,) = (world.project.root / "dist").glob("*.whl")
    wheel.write_bytes(wheel.read_bytes()[:-1])


def _flagged(flag: str, *, enabled: bool) -> Callable[[World], None]:
    return lambda world: world.main.set_flag(flag, enabled=enabled)


def _claiming(repository: str) -> Callable[[World], None]:
    return lambda world: world.lab.issuer.claims.update(repository=repository)


SITUATIONS = (
    Situation("the tag is on another commit", "tag", _tag_elsewhere),
    Situation("the branch has moved on", "tag", _moved_on),
    Situation("a sealed file was changed here", "publish", _altered, _restored),
    Situation("other bytes under our name", "publish", _other_bytes),
    Situation("a file that is not ours", "publish", _foreign),
    Situation("a burned name", "publish", _burned),
    Situation("half a release of 15 days ago", "publish", _old),
    Situation("an archived project", "publish", _archived, lambda world: world.main.set_status(NAME, "")),
    Situation(
        "new uploads disabled",
        "publish",
        _flagged("disallow-new-upload", enabled=True),
        _flagged("disallow-new-upload", enabled=False),
    ),
    Situation("read-only mode", "publish", _flagged("read-only", enabled=True), _flagged("read-only", enabled=False)),
    Situation("a wrong publisher", "publish", _claiming("somebody/else"), _claiming("towpath/rehearsal")),
    Situation("half a release and an old page", "publish", _half_and_stale, lambda world: world.main.faults.clear()),
    Situation("other bytes on the forge", "github-release", _forge_file),
)
