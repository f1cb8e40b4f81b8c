"""A project that is checked on two systems, of which this machine is one: `invoke workflow --run` can still pass it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.pipeline import RELEASE
from towpath.workflow import here

if TYPE_CHECKING:
    from universe import Project

TWO_SYSTEMS = """\
on: {push: {tags: ["v*"]}}
permissions: {}
jobs:
  test:
    strategy: {fail-fast: false, matrix: {system: [ubuntu-latest, windows-latest, macos-latest]}}
    runs-on: ${{ matrix.system }}
    steps: [{run: "true"}]
  build:
    needs: test
    runs-on: ubuntu-latest
    steps: [{run: "true"}]
  alone:
    runs-on: windows-latest
    if: ${{ github.ref_name == 'v1.0.1' }}
    steps: [{run: "true"}]
"""


def test_legs_of_other_systems_keep_nothing_from_running(project: Project) -> None:
    project.write(".github/workflows/release.yml", TWO_SYSTEMS)
    project.commit("Check on three systems")
    with here.opened(project.root, project.environ, RELEASE) as world:
        run = world.start("tag")
    assert {name: job.result for name, job in run.jobs.items()} == {
        "test": "success",
        "build": "success",
        "alone": "skipped",
    }
    assert run.result == "success"
    assert [leg.name for leg in run.not_here] == ["test (windows-latest)", "test (macos-latest)"]


def test_a_job_that_is_for_another_system_only_is_not_taken_for_passed(project: Project) -> None:
    project.write(".github/workflows/release.yml", TWO_SYSTEMS.replace("== 'v1.0.1'", "== 'v1.0.0'"))
    project.commit("Build on Windows")
    with here.opened(project.root, project.environ, RELEASE) as world:
        run = world.start("tag")
    assert (run.jobs["alone"].result, run.result) == ("cancelled", "cancelled")
