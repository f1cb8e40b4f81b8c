"""The build gate: how distributions are made, what is expected of them, and taking over what was built elsewhere."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from archives import wheel
from universe import FILES, PYPROJECT, Project

from towpath.distributions import expected
from towpath.errors import Problem, TowpathError
from towpath.evidence.record import Record, encode
from towpath.evidence.store import measure
from towpath.gates.acts import build as gate
from towpath.gates.complete import missing_for_publication, require_complete
from towpath.gates.sealed import publishable_files
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.gates.gate import Workspace
    from towpath.model import Outcome

PURE = "sample_pkg-1.0.0-py3-none-any.whl"
SDIST = "sample_pkg-1.0.0.tar.gz"
LINUX = "sample_pkg-1.0.0-py3-none-manylinux_2_17_x86_64.whl"
MAC = "sample_pkg-1.0.0-py3-none-macosx_11_0_arm64.whl"
# A build of a project's own: it copies a wheel that lies beside the project under the names that it is told.
COPY = "import shutil, sys; [shutil.copyfile(sys.argv[1], sys.argv[2] + '/' + name) for name in sys.argv[3:]]"


@pytest.fixture
def opened(make_project: Callable[..., Project]) -> Callable[..., Workspace]:
    """A maker of workspaces: the sample with `[tool.towpath.build]` as given, in a rehearsal."""

    def make(
        build: str = "", *, files: Mapping[str, str | None] | None = None, pyproject: str = PYPROJECT
    ) -> Workspace:
        table = f"{pyproject}\n[tool.towpath.build]\n{build}\n"
        ignored = {".gitignore": "dist/\n", "pyproject.toml": table}
        project = make_project(files={**ignored, **(files or {})})
        workspace = open_workspace(project.root, project.environ)
        return replace(workspace, target=replace(workspace.target, rehearsal="here"))

    return make


def closed(workspace: Workspace) -> tuple[Problem, ...]:
    with pytest.raises(TowpathError) as caught:
        gate.act(workspace, "")
    assert workspace.store.manifest() == ("", ()), "nothing is sealed"
    return caught.value.problems


def names(outcome: Outcome) -> list[str]:
    return [file.filename for file in outcome.distributions]


def in_dist(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in (workspace.root / "dist").iterdir())


def copying(*wanted: str, of: str) -> str:
    """The configuration of a build that copies a finished wheel."""
    command = [sys.executable, "-c", COPY, of, "{dist}", *wanted]
    return f"command = {command!r}"


@pytest.fixture
def finished(tmp_path: Path) -> str:
    """A wheel of the sample, made beside the project, whose tags are not looked at inside."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    code = {path.removeprefix("src/"): text for path, text in FILES.items() if path.startswith("src/")}
    return str(wheel(folder, code))


class TestMaking:
    def test_the_sdist_and_the_wheel_from_it(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened()
        outcome = gate.act(workspace, "")
        assert names(outcome) == [PURE, SDIST] == in_dist(workspace)
        assert "built from the commit, the wheel from the sdist" in outcome.notes[0]
        assert outcome.facts["elsewhere"] == []
        again = gate.act(workspace, "")
        assert again.distributions == outcome.distributions
        assert "sealed before" in again.notes[0]

    def test_what_the_sdist_lacks_the_wheel_lacks_too(self, opened: Callable[..., Workspace]) -> None:
        (problem,) = closed(opened(pyproject=f"{PYPROJECT}\n[tool.flit.sdist]\nexclude = ['src/sample_pkg/core.py']"))
        assert (problem.id, "core.py" in problem.cause) == ("module-left-out", True)

    def test_the_date_in_the_archives_is_the_commits(self, opened: Callable[..., Workspace]) -> None:
        workspace = opened()
        gate.act(workspace, "")
        commit = time.gmtime(workspace.repository.commit_seconds())[:6]
        with zipfile.ZipFile(workspace.root / "dist" / PURE) as archive:
            # a zip archive counts every other second
            assert {(*member.date_time[:5], member.date_time[5] // 2) for member in archive.infolist()} == {
                (*commit[:5], commit[5] // 2)
            }

    def test_a_project_without_an_sdist(self, opened: Callable[..., Workspace]) -> None:
        assert names(gate.act(opened("sdist = false"), "")) == [PURE]

    def test_what_is_prepared_in_the_clone_alone(self, opened: Callable[..., Workspace]) -> None:
        code = "import os, pathlib; pathlib.Path('src/sample_pkg/native.bin').write_text(os.environ['SAY'])"
        before = f'before = [[{sys.executable!r}, "-c", "{code}"]]\nenvironment = {{ SAY = "made" }}\nsdist = false'
        workspace = opened(before)
        outcome = gate.act(workspace, "")
        with zipfile.ZipFile(workspace.root / "dist" / PURE) as archive:
            assert archive.read("sample_pkg/native.bin") == b"made"
        assert names(outcome) == [PURE]
        assert not (workspace.root / "src/sample_pkg/native.bin").exists()

    def test_a_preparation_that_fails(self, opened: Callable[..., Workspace]) -> None:
        (problem,) = closed(opened(f'before = [[{sys.executable!r}, "-c", "raise SystemExit(3)"]]'))
        assert (problem.id, "ended with 3" in problem.cause) == ("build-failed", True)

    @pytest.mark.parametrize(
        ("requires", "backend", "table", "written"),
        [
            (
                '"setuptools>=77", "setuptools-scm>=8"',
                "setuptools.build_meta",
                '[tool.setuptools_scm]\nversion_file = "src/sample_pkg/_version.py"',
                "sample_pkg/_version.py",
            ),
            (
                '"hatchling", "hatch-vcs"',
                "hatchling.build",
                '[tool.hatch]\nversion.source = "vcs"\nbuild.hooks.vcs.version-file = "src/sample_pkg/_v.py"',
                "sample_pkg/_v.py",
            ),
        ],
        ids=["setuptools-scm", "hatch-vcs"],
    )
    def test_the_chosen_version_where_it_comes_from_git(
        self, make_project: Callable[..., Project], requires: str, backend: str, table: str, written: str
    ) -> None:
        pyproject = (
            f'[build-system]\nrequires = [{requires}]\nbuild-backend = "{backend}"\n[project]\nname = "sample-pkg"\n'
            f'dynamic = ["version"]\ndescription = "A sample."\nreadme = "README.md"\nlicense = "MIT"\n{table}\n'
        )
        files = {"pyproject.toml": pyproject, ".gitignore": "dist/\n_v*.py\n", "src/sample_pkg/__init__.py": ""}
        project = make_project(files=files)
        project.git("tag", "v1.0.0")
        project.write("more.txt", "x")
        project.commit("Release it\n\nRelease: 1.1.0")
        workspace = open_workspace(project.root, project.environ)
        workspace = replace(workspace, target=replace(workspace.target, rehearsal="here"))
        outcome = gate.act(workspace, "")
        made, source = names(outcome)
        assert (made.partition("-py")[0], source) == ("sample_pkg-1.1.0", "sample_pkg-1.1.0.tar.gz")
        assert f"generated: {written}" in "\n".join(outcome.notes)
        assert project.git("tag", "--list") == "v1.0.0", "the tag was set in the clone alone"

    def test_a_backend_that_makes_another_version(self, opened: Callable[..., Workspace], tmp_path: Path) -> None:
        other = tmp_path / "other"
        other.mkdir()
        metadata = "Metadata-Version: 2.1\nName: other\nVersion: 2.0\n"
        made = wheel(other, {"a.py": ""}, metadata=metadata, info="other-2.0.dist-info")
        problems = closed(opened(copying(PURE, of=str(made))))
        assert [problem.id for problem in problems] == ["name-differs"]


class TestACommandOfTheProjectsOwn:
    def test_platform_wheels_without_an_sdist(self, opened: Callable[..., Workspace], finished: str) -> None:
        expect = 'sdist = false\nexpect = [{ file = "py3-none-manylinux_2_17_x86_64" }, { file = "py3-none-macosx_*" }]'
        outcome = gate.act(opened(f"{copying(LINUX, MAC, of=finished)}\n{expect}"), "")
        assert names(outcome) == [MAC, LINUX]

    def test_wheels_from_the_sdist_that_is_built_first(self, opened: Callable[..., Workspace], finished: str) -> None:
        code = "import pathlib, sys, shutil; assert pathlib.Path(sys.argv[3]).is_file(); " + COPY.replace(
            "sys.argv[3:]", "sys.argv[4:]"
        ).removeprefix("import shutil, sys; ")
        command = [sys.executable, "-c", code, finished, "{dist}", "{sdist}", PURE]
        assert names(gate.act(opened(f"command = {command!r}"), "")) == [PURE, SDIST]

    def test_it_fails(self, opened: Callable[..., Workspace]) -> None:
        (problem,) = closed(
            opened(f'command = [{sys.executable!r}, "-c", "raise SystemExit(4)", "{{dist}}"]\nsdist = false')
        )
        assert (problem.id, "ended with 4" in problem.cause) == ("build-failed", True)

    def test_it_makes_nothing(self, opened: Callable[..., Workspace]) -> None:
        (problem,) = closed(opened(f'command = [{sys.executable!r}, "-c", "", "{{dist}}"]\nsdist = false'))
        assert problem.id == "wrong-distributions"
        assert problem.cause == "The build left nothing; wanted: a wheel."

    def test_a_platform_that_makes_nothing_has_nothing_to_prove(self, opened: Callable[..., Workspace]) -> None:
        nothing = f'command = [{sys.executable!r}, "-c", "", "{{dist}}"]\nsdist = false\n'
        (problem,) = closed(opened(nothing + 'expect = [{ file = "py3-none-win_amd64", platform = "windows-arm9" }]'))
        assert problem.cause == "The build left nothing; wanted: py3-none-win_amd64 (windows-arm9)."

    def test_it_leaves_something_else(self, opened: Callable[..., Workspace], finished: str) -> None:
        problems = closed(opened(f"{copying(PURE, 'notes.txt', of=finished)}\nsdist = false"))
        assert [problem.id for problem in problems] == ["damaged-distribution"]


class TestTheExpectedSet:
    def test_one_that_is_missing_and_one_that_is_not_expected(
        self, opened: Callable[..., Workspace], finished: str
    ) -> None:
        build = f'{copying(LINUX, of=finished)}\nexpect = [{{ file = "sdist" }}, {{ file = "cp3*-*-manylinux_*" }}]'
        (problem,) = closed(opened(build))
        assert problem.id == "wrong-distributions"
        assert problem.detail.splitlines() == [
            "not there: sdist", "not there: cp3*-*-manylinux_*", f"not expected: {LINUX}",
        ]  # fmt: skip

    def test_what_is_built_elsewhere_is_told_and_keeps_a_publication_closed(
        self, opened: Callable[..., Workspace]
    ) -> None:
        far = (
            'expect = [{ file = "sdist" }, { file = "py3-none-any" }, '
            '{ file = "cp39-abi3-win_amd64", platform = "windows-arm9" }]'
        )
        workspace = opened(far)
        outcome = gate.act(workspace, "")
        assert "built elsewhere: cp39-abi3-win_amd64 (windows-arm9)" in outcome.notes
        assert outcome.facts["elsewhere"] == ["cp39-abi3-win_amd64"]
        missing = missing_for_publication(workspace, outcome.distributions)
        assert [one.pattern for one in missing] == ["cp39-abi3-win_amd64"]
        require_complete(workspace, outcome.distributions)  # a rehearsal goes on with what is here
        real = replace(workspace, target=replace(workspace.target, rehearsal=""))
        with pytest.raises(TowpathError) as caught:
            require_complete(real, outcome.distributions)
        (problem,) = caught.value.problems
        assert problem.id == "incomplete-set"
        assert "cp39-abi3-win_amd64 (windows-arm9) is to be built elsewhere" in problem.cause

    def test_the_default_refuses_a_second_sdist(self) -> None:
        found = expected.weigh([SDIST, "other-1.tar.gz", PURE], expected.by_default(sdist=True), "linux-x86_64")
        assert set(found.doubled) == {SDIST, "other-1.tar.gz"}

    @pytest.mark.parametrize(
        ("filename", "pattern", "same"),
        [
            (SDIST, "sdist", True),
            (PURE, "sdist", False),
            (PURE, "py3-none-any", True),
            ("a-1-py2.py3-none-any.whl", "py3-none-any", True),
            ("a-1-1-py3-none-any.whl", "py3-none-any", True),
            (
                "a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "cp311-cp311-manylinux2014_x86_64",
                True,
            ),
            ("a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "cp311-*-manylinux*_x86_64", True),
            ("a-1-cp311-cp311-musllinux_1_2_x86_64.whl", "cp311-*-manylinux*_x86_64", False),
            ("a-1.zip", "*-*-*", False),
            ("a-1.whl", "*-*-*", False),
        ],
    )
    def test_which_file_is_meant(self, filename: str, pattern: str, same: bool) -> None:  # noqa: FBT001 - a table's column
        assert expected.matches(expected.Expected(pattern), filename) is same

    def test_this_machine_has_a_name(self) -> None:
        system, _, machine = expected.here().partition("-")
        assert system in {"linux", "macos", "windows"}
        assert machine


class Elsewhere:
    """A folder as CI leaves it: each platform's files with the record of the build that sealed them."""

    def __init__(self, folder: Path, workspace: Workspace, finished: str) -> None:
        self.folder, self._subject, self._finished = folder, workspace.subject, finished

    def platform(self, name: str, *files: str, **changed: Any) -> Path:
        place = self.folder / name
        (place / "dist").mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(self._finished, place / "dist" / file)
        made = tuple(sorted(measure(place / "dist" / file) for file in files))
        record = Record(
            gate="build", variant="", passed=True, project=self._subject.project, version=self._subject.version,
            tree=self._subject.tree, commit=str(self._subject.commit), configuration="c" * 64, distributions=made,
            facts={"platform": name},
        )  # fmt: skip
        (place / "build.json").write_bytes(encode(replace(record, **changed)))
        return place


@pytest.fixture
def collecting(opened: Callable[..., Workspace], finished: str, tmp_path: Path) -> tuple[Workspace, Elsewhere]:
    build = (
        'sdist = false\nexpect = [{ file = "py3-none-manylinux_*", platform = "linux-arm9" }, '
        '{ file = "py3-none-macosx_*", platform = "macos-arm9" }]'
    )
    workspace = opened(build)
    folder = tmp_path / "artifacts"
    return replace(workspace, options={"--from": str(folder)}), Elsewhere(folder, workspace, finished)


class TestFrom:
    def test_what_every_platform_built_is_sealed_as_one(self, collecting: tuple[Workspace, Elsewhere]) -> None:
        workspace, elsewhere = collecting
        elsewhere.platform("linux-arm9", LINUX)
        elsewhere.platform("macos-arm9", MAC)
        outcome = gate.act(workspace, "")
        assert names(outcome) == [MAC, LINUX] == in_dist(workspace)
        assert {one["platform"] for one in outcome.facts["from"]} == {"linux-arm9", "macos-arm9"}
        assert missing_for_publication(workspace, outcome.distributions) == ()
        shutil.rmtree(elsewhere.folder)
        again = gate.act(replace(workspace, options={}), "")
        assert again.distributions == outcome.distributions, "kept like anything that was built here"

    def test_a_platform_that_is_missing(self, collecting: tuple[Workspace, Elsewhere]) -> None:
        workspace, elsewhere = collecting
        elsewhere.platform("linux-arm9", LINUX)
        (problem,) = closed(workspace)
        assert (problem.id, "not there: py3-none-macosx_* (macos-arm9)" in problem.detail) == (
            "wrong-distributions",
            True,
        )

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"commit": "d" * 40}, f"it is about the commit {'d' * 40}"),
            ({"version": "0.9"}, "it is about the version 0.9, not 1.0.0"),
            ({"project": "other"}, "it is about the project other"),
            ({"passed": False}, "it says that build stayed closed"),
        ],
    )
    def test_a_record_about_something_else(
        self, collecting: tuple[Workspace, Elsewhere], changed: dict[str, Any], words: str
    ) -> None:
        workspace, elsewhere = collecting
        elsewhere.platform("linux-arm9", LINUX)
        elsewhere.platform("macos-arm9", MAC, **changed)
        (problem,) = closed(workspace)
        assert problem.id == "not-collected"
        assert "macos-arm9/build.json" in problem.cause
        assert words in problem.cause

    def test_every_fault_of_the_folder_together(self, collecting: tuple[Workspace, Elsewhere]) -> None:
        workspace, elsewhere = collecting
        linux, mac = elsewhere.platform("linux-arm9", LINUX), elsewhere.platform("macos-arm9", MAC)
        (linux / "dist" / LINUX).write_bytes(b"altered")
        (mac / "dist" / MAC).rename(mac / "dist" / PURE)
        causes = " ".join(problem.cause for problem in closed(workspace))
        assert "was sealed" in causes
        assert f"{PURE} in {elsewhere.folder} cannot be taken: no record of build names it" in causes
        assert f"{MAC} in {elsewhere.folder} cannot be taken: build.json names it, and it is not there" in causes

    def test_a_record_that_was_altered(self, collecting: tuple[Workspace, Elsewhere]) -> None:
        workspace, elsewhere = collecting
        record = elsewhere.platform("linux-arm9", LINUX) / "build.json"
        record.write_text(record.read_text(encoding="utf-8").replace("linux-arm9", "linux-arm8"), encoding="utf-8")
        assert "evidence-broken" in [problem.id for problem in closed(workspace)]

    @pytest.mark.parametrize("swapped", [False, True])
    def test_digests_that_were_handed_over_apart(
        self, collecting: tuple[Workspace, Elsewhere], *, swapped: bool
    ) -> None:
        workspace, elsewhere = collecting
        records = [elsewhere.platform("linux-arm9", LINUX), elsewhere.platform("macos-arm9", MAC)]
        lines = [f"{place.name}/build.json={measure(place / 'build.json').sha256}" for place in records]
        if swapped:
            elsewhere.platform("macos-arm9", MAC, tools={"build": "another"})
        workspace = replace(workspace, environ={**workspace.environ, "TOWPATH_EVIDENCE_DIGESTS": "\n".join(lines)})
        if swapped:
            (problem,) = closed(workspace)
            assert "its sha256 is none of those that were handed over" in problem.cause
        else:
            assert names(gate.act(workspace, "")) == [MAC, LINUX]

    def test_two_records_that_do_not_agree(self, collecting: tuple[Workspace, Elsewhere]) -> None:
        workspace, elsewhere = collecting
        first = elsewhere.platform("linux-arm9", LINUX)
        file = measure(first / "dist" / LINUX)
        elsewhere.platform("linux-arm10", distributions=(replace(file, sha256="0" * 64),))
        assert "two records name it with different bytes" in closed(workspace)[0].cause

    def test_no_such_folder_and_an_empty_one(self, collecting: tuple[Workspace, Elsewhere]) -> None:
        workspace, elsewhere = collecting
        assert "there is no such folder" in closed(workspace)[0].cause
        elsewhere.folder.mkdir()
        assert "there is no record of build" in closed(workspace)[0].cause

    def test_what_is_collected_is_inspected(self, collecting: tuple[Workspace, Elsewhere], tmp_path: Path) -> None:
        workspace, elsewhere = collecting
        bad = tmp_path / "bad"
        bad.mkdir()
        elsewhere._finished = str(wheel(bad, {"sample_pkg/__init__.py": "evil = 1\n"}))  # noqa: SLF001 - of this file
        elsewhere.platform("linux-arm9", LINUX)
        elsewhere.platform("macos-arm9", MAC)
        assert {problem.id for problem in closed(workspace)} == {"module-differs", "module-left-out"}


KILLED = """\
import os, signal, sys
from pathlib import Path
from dataclasses import replace
from towpath.gates.acts import build as gate
from towpath.walk.world import open_workspace

calls = 0

def watch(event, arguments):
    global calls
    if event == sys.argv[2] and sys.argv[3] in str(arguments):
        calls += 1
        if calls == int(sys.argv[4]):
            os.kill(os.getpid(), signal.SIGKILL)

workspace = open_workspace(Path(sys.argv[1]), dict(os.environ))
workspace = replace(workspace, target=replace(workspace.target, rehearsal="here"))
sys.addaudithook(watch)
gate.act(workspace, "")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signal there ends a process at once")
@pytest.mark.parametrize(
    ("event", "where", "call"),
    [
        ("shutil.copyfile", "1.0.0/dist", 1),
        ("shutil.copyfile", "1.0.0/dist", 2),
        ("os.rename", "distributions.json", 1),
        ("shutil.copyfile", ".part", 1),
        ("shutil.move", ".part", 2),
    ],
)
def test_a_killed_build_leaves_nothing_that_looks_finished(
    opened: Callable[..., Workspace], finished: str, event: str, where: str, call: int
) -> None:
    workspace = opened(f"{copying(LINUX, MAC, of=finished)}\nsdist = false")
    command = [sys.executable, "-c", KILLED, str(workspace.root), event, where, str(call)]
    done = subprocess.run(command, env=dict(workspace.environ), check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    commit, files = workspace.store.manifest()
    kept = workspace.store.kept(workspace.repository.head)
    assert kept is None or (commit, kept) == (workspace.repository.head, files), "all of it, or nothing"
    assert workspace.store.load("build.json") is None
    with pytest.raises(TowpathError):
        publishable_files(workspace)
    outcome = gate.act(workspace, "")
    assert names(outcome) == [MAC, LINUX] == in_dist(workspace)
    if kept is not None:
        assert outcome.distributions == kept, "what was finished is not built twice"


def test_options_of_the_gate_reach_it_and_narrow_nothing(make_project: Callable[..., Project], finished: str) -> None:
    noxfile = (
        "from dataclasses import replace\nfrom towpath.gates.build import build\n"
        "from towpath.gates.gate import Pipeline\nfrom towpath.nox import sessions\n\n"
        "sessions(Pipeline(replace(build(), needs=())))\n"
    )
    build = (
        '\n[tool.towpath.build]\nsdist = false\nexpect = [{ file = "py3-none-manylinux_*", platform = "linux-arm9" }]\n'
    )
    files = {"noxfile.py": noxfile, "pyproject.toml": PYPROJECT + build, ".gitignore": "dist/\n"}
    project = make_project(files=files)
    opened = open_workspace(project.root, project.environ)
    folder = project.root.parent / "artifacts"
    Elsewhere(folder, opened, finished).platform("linux-arm9", LINUX)
    ended = project.nox("-s", "build", "--", "--from", str(folder))
    assert ended.code == 0, ended.all
    assert "build: proven" in ended.out
    assert f"collected from {folder}" in ended.out
    sealed = opened.store.load("build.json")
    assert sealed is not None
    assert sealed.record.facts["from"][0]["platform"] == "linux-arm9"
    for words, told in ((("--form", "x"), "'--form' is not an option"), (("--from",), "--from needs a value")):
        wrong = project.nox("-s", "build", "--", *words)
        assert (wrong.code, told in wrong.out) == (2, True), wrong.all
