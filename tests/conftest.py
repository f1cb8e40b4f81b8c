from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from universe import Project, hermetic_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# How long an example takes says how busy the machine is; what never ends meets pytest's own limit.
# The same examples in each run: a gate says the same of the same tree.
settings.register_profile("towpath", deadline=None, derandomize=True)
settings.load_profile("towpath")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Environments are kept for all tests and all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return base / "towpath-cache"


@pytest.fixture
def environ(tmp_path: Path, shared_cache: Path) -> dict[str, str]:
    """An environment with a home, a temporary folder and a git configuration of its own."""
    return hermetic_environment(tmp_path / "home", shared_cache)


@pytest.fixture
def make_project(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Project]:
    """A maker of sample projects under git."""

    def make(name: str = "sample", **options: Any) -> Project:
        return Project.make(tmp_path / name, environ, **options)

    return make


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    return make_project()


@pytest.fixture(autouse=True)
def hermetic(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    """Nothing of the machine's own configuration, and no socket of this process but to loopback."""
    for name in list(os.environ):
        if name not in environ:
            monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        assert host in {"127.0.0.1", "::1", "localhost"}, f"a test reached for {host}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
