from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from faults import record
from faults.world import Lab, lab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEEN = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-faults", action="store_true", help="every case of the fault matrix, not a sample")
    parser.addoption(
        "--record-faults", action="store_true", help="keep what is seen, and make docs/reference/faults.md"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SEEN] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--record-faults", default=False):
        seen = session.config.stash[SEEN]
        record.record(seen)


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory, shared_cache: Path) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("faults"), shared_cache) as made:
        yield made


@pytest.fixture
def seen(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where what is seen goes; with --record-faults it becomes what is known."""
    return request.config.stash[SEEN]


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--record-faults", default=False))
