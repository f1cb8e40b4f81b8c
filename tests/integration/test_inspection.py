"""The inspection: a commit, and small distributions that each break one rule against it."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from archives import INFO, METADATA, sdist, wheel, zipped
from universe import FILES, PYPROJECT, Project

from towpath.distributions.sources import compare
from towpath.errors import Problem, TowpathError
from towpath.gates.inspection import Inspected, inspect, require_acceptable
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from towpath.gates.gate import Workspace

INIT, CORE = "sample_pkg/__init__.py", "sample_pkg/core.py"
CODE = {INIT: FILES[f"src/{INIT}"], CORE: FILES[f"src/{CORE}"]}
SOURCES = {f"src/{path}": text for path, text in CODE.items()}
TOKEN = "pypi-AgE" + "IcHlwaS5vcmc" + "x" * 60
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nabc\n"


class Bench:
    """A project under git, and files that are inspected as if they had been built from it."""

    def __init__(self, make: Callable[..., Project], folder: Path) -> None:
        self._make, self.folder = make, folder
        folder.mkdir()

    def workspace(self, build: str = "", *, files: Mapping[str, str] | None = None, tables: str = "") -> Workspace:
        pyproject = f"{PYPROJECT}\n[tool.towpath.build]\n{build}\n{tables}\n"
        project = self._make(files={"pyproject.toml": pyproject, **(files or {})})
        opened = open_workspace(project.root, project.environ)
        return replace(opened, target=replace(opened.target, rehearsal="here"))

    def inspected(self, *paths: Path, **options: Any) -> Inspected:
        return inspect(self.workspace(**options), paths)

    def closed(self, *paths: Path, **options: Any) -> tuple[Problem, ...]:
        with pytest.raises(TowpathError) as caught:
            self.inspected(*paths, **options)
        return caught.value.problems

    def wheel(self, files: Mapping[str, Any] | None = None, **options: Any) -> Path:
        return wheel(self.folder, {**CODE, **(files or {})}, **options)

    def sdist(self, files: Mapping[str, Any] | None = None, **options: Any) -> Path:
        return sdist(self.folder, {**SOURCES, **(files or {})}, **options)


@pytest.fixture
def bench(make_project: Callable[..., Project], tmp_path: Path) -> Bench:
    return Bench(make_project, tmp_path / "out")


def ids(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.id for problem in problems]


def test_what_is_as_it_should_be(bench: Bench) -> None:
    found = bench.inspected(bench.sdist(), bench.wheel())
    told = "\n".join(found.notes)
    assert "twine check --strict, check-wheel-contents, PyPI's own rules" in told
    assert "2 modules as in the commit, byte for byte" in told
    assert found.facts["sources"]["sample_pkg-1.0.0-py3-none-any.whl"] == {"same": 2, "generated": [], "left_out": []}
    assert "not compared with the last release: a rehearsal" in told


def test_everything_is_told_together(bench: Bench) -> None:
    broken = bench.sdist(
        {".pypirc": "x"}, metadata=METADATA.replace("License-Expression: MIT", "License: MIT\nHome-page: x")
    )
    problems = bench.closed(broken, bench.wheel({CORE: "# other\n", "tests/__init__.py": ""}))
    assert ids(problems) == [
        "pypi-refuses",
        "never-belongs",
        "module-differs",
        "module-foreign",
        "wheel-contents",
        "wheel-contents",
    ]


class TestTools:
    def test_twine_check_is_strict(self, bench: Bench) -> None:
        bare = METADATA.partition("Description-Content-Type")[0]
        problems = bench.closed(bench.wheel(metadata=bare))
        assert ids(problems) == ["twine-refuses", "twine-refuses"]
        assert "`long_description` missing" in problems[1].cause

    def test_metadata_that_twine_cannot_send(self, bench: Bench) -> None:
        (problem,) = bench.closed(bench.sdist(metadata=METADATA.replace("Version: 1.0.0", "Version: one")))
        assert (problem.id, "one" in problem.cause) == ("twine-refuses", True)

    def test_the_index_s_own_words(self, bench: Bench) -> None:
        refused = METADATA.replace("Summary", "Requires-Dist: other @ https://example.org/x.zip\nSummary")
        (problem,) = bench.closed(bench.sdist(metadata=refused))
        assert problem.id == "pypi-refuses"
        assert "Can't have direct dependency: other" in problem.cause

    def test_a_wheel_for_this_machine_alone(self, bench: Bench) -> None:
        (problem,) = bench.closed(bench.wheel(name="sample_pkg-1.0.0-cp311-cp311-linux_x86_64.whl"))
        assert problem.id == "platform-refused"
        assert "auditwheel" in problem.fix

    def test_pypi_s_rules_are_not_those_of_an_index_of_one_s_own(self, bench: Bench) -> None:
        own = (
            '[tool.towpath.publish]\nindex = "own"\n[tool.towpath.publish-test]\nindex = "try"\n'
            '[tool.towpath.index.own]\nupload-url = "http://127.0.0.1:9/"\nsimple-url = "http://127.0.0.1:9/"\n'
            '[tool.towpath.index.try]\nupload-url = "http://127.0.0.1:8/"\nsimple-url = "http://127.0.0.1:8/"\n'
        )
        workspace = bench.workspace(tables=own)
        workspace = replace(workspace, target=replace(workspace.target, rehearsal=""))
        found = inspect(workspace, [bench.wheel(name="sample_pkg-1.0.0-cp311-cp311-linux_x86_64.whl")])
        assert "not applied: PyPI's own rules, as neither index is PyPI's" in found.notes
        assert "not compared with the last release: " in found.notes[-1], "nobody answers there"

    def test_they_are_asked_again_where_pypi_is_the_target(self, bench: Bench) -> None:
        """What was built for an index of one's own, and is now sent to PyPI by `--to pypi`."""
        local = bench.wheel(name="sample_pkg-1.0.0-cp311-cp311-linux_x86_64.whl")
        rehearsed = bench.workspace()
        require_acceptable(rehearsed, [local])
        real = replace(rehearsed, target=replace(rehearsed.target, rehearsal=""))
        require_acceptable(real, [bench.wheel()])
        with pytest.raises(TowpathError) as caught:
            require_acceptable(real, [local])
        assert ids(caught.value.problems) == ["platform-refused"]

    def test_check_wheel_contents(self, bench: Bench) -> None:
        (problem,) = bench.closed(bench.wheel({"sample_pkg/a.txt": "twice\n", "sample_pkg/b.txt": "twice\n"}))
        assert problem.id == "wheel-contents"
        assert "found W002: Wheel contains duplicate files: sample_pkg/a.txt, sample_pkg/b.txt" in problem.cause

    def test_what_the_project_has_it_ignore_is_told(self, bench: Bench) -> None:
        twice = bench.wheel({"sample_pkg/a.txt": "twice\n", "sample_pkg/b.txt": "twice\n"})
        found = bench.inspected(twice, tables='[tool.check-wheel-contents]\nignore = ["W002"]')
        assert "check-wheel-contents is told to ignore W002" in found.notes

    @pytest.mark.parametrize(
        ("files", "told"),
        [
            ({"setup.cfg": "[tool:check-wheel-contents]\nignore = W002, W003\n"}, "W002, W003"),
            ({"tox.ini": "[check-wheel-contents]\nselect = W1,W001\n"}, "all but W1 W001"),
            ({".check-wheel-contents.cfg": "[check-wheel-contents]\nselect =\n"}, "all"),
            # The first that has a section decides.
            ({"tox.ini": "[check-wheel-contents]\n", "setup.cfg": "[tool:check-wheel-contents]\nignore = W1\n"}, None),
        ],
    )
    def test_so_is_what_it_is_told_elsewhere(self, bench: Bench, files: dict[str, str], told: str | None) -> None:
        found = bench.inspected(bench.wheel(), files=files)
        notes = [note for note in found.notes if "is told to ignore" in note]
        assert notes == ([f"check-wheel-contents is told to ignore {told}"] if told else [])

    def test_so_are_the_checks_that_it_is_to_select(self, bench: Bench) -> None:
        twice = bench.wheel({"sample_pkg/a.txt": "twice\n", "sample_pkg/b.txt": "twice\n"})
        table = '[tool.check-wheel-contents]\nselect = ["W001", "W101"]\nignore = "W101"'
        found = bench.inspected(twice, tables=table)
        assert "check-wheel-contents is told to ignore W101, all but W001 W101" in found.notes

    def test_a_configuration_that_it_cannot_read_is_no_pass(self, bench: Bench) -> None:
        (problem,) = bench.closed(bench.wheel(), tables='[tool.check-wheel-contents]\nignore = ["W999"]')
        assert (problem.id, "W999" in problem.detail) == ("unreadable-report", True)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda text: text.replace("sha256=", "sha256=A", 1), "has other bytes than its hash says"),
            (lambda text: "\n".join(text.splitlines()[1:]) + "\n", f"{INIT} is not listed"),
            (lambda text: "sample_pkg/gone.py,sha256=x,1\n" + text, "sample_pkg/gone.py is listed and not there"),
        ],
    )
    def test_a_record_that_does_not_fit(self, bench: Bench, change: Callable[[str], str], words: str) -> None:
        with zipfile.ZipFile(bench.wheel()) as archive:
            good = archive.read(f"{INFO}/RECORD").decode()
        problems = bench.closed(bench.wheel(record=change(good)))
        assert problems[0].id == "record-wrong"
        assert words in problems[0].cause

    @pytest.mark.parametrize("name", ["sample_pkg-1.0.0-py3-none-any.whl", "sample_pkg-1.0.0.tar.gz"])
    def test_a_damaged_file(self, bench: Bench, name: str) -> None:
        path = bench.folder / name
        path.write_bytes(b"PK\x03\x04 cut short")
        found = ids(bench.closed(path))
        assert "pypi-refuses" in found
        assert "damaged-distribution" in found


FORBIDDEN: dict[str, tuple[str, str | bytes, str]] = {
    "a token of PyPI": ("src/sample_pkg/conf.txt", f"token = {TOKEN}\n", "a secret in line 1"),
    "a token in UTF-16": ("src/sample_pkg/conf.txt", f"token = {TOKEN}\n".encode("utf-16"), "a secret in line 1"),
    "a private key": ("tests/key.pem", KEY, "a secret in line 1"),
    "a token of GitHub": ("notes.md", "ghp_" + "a" * 36, "a secret in line 1"),
    "a token in an archive inside": ("data/inner.zip", zipped({"deep/conf": TOKEN}), "inner.zip!/deep/conf (a secret"),
    "a token two archives deep": ("d/o.zip", zipped({"i.whl": zipped({"c": TOKEN})}), "o.zip!/i.whl!/c (a secret"),
    ".pypirc": (".pypirc", "x", "made to hold secrets"),
    ".env": ("sub/.env", "x", "made to hold secrets"),
    "git's folder": (".git/config", "x", "git's own folder"),
    "compiled files": ("src/sample_pkg/__pycache__/core.cpython-311.pyc", b"\0", "compiled files"),
    "a compiled file": ("src/sample_pkg/core.pyc", b"\0", "a compiled file"),
    "a new .pth file": ("hook.pth", "import os\n", "a .pth file"),
}  # fmt: skip


class TestWhatNeverBelongs:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_in_an_sdist(self, bench: Bench, what: str) -> None:
        path, content, words = FORBIDDEN[what]
        (problem,) = bench.closed(bench.sdist({path: content}))
        assert problem.id == "never-belongs"
        assert path in problem.cause
        assert words in problem.cause

    def test_in_a_wheel(self, bench: Bench) -> None:
        problems = bench.closed(
            bench.wheel(
                {"sample_pkg/.env": "x", "sample_pkg/conf": TOKEN, "sample_pkg/z.zip": zipped({"a/.pypirc": ""})}
            )
        )
        (problem,) = [one for one in problems if one.id == "never-belongs"]
        assert all(
            name in problem.cause for name in ("sample_pkg/.env", "sample_pkg/conf", "sample_pkg/z.zip!/a/.pypirc")
        )

    @pytest.mark.parametrize("path", ["hook.pth", "sample_pkg-1.0.0.data/purelib/hook.pth"])
    def test_a_pth_file_that_a_wheel_installs(self, bench: Bench, path: str) -> None:
        """Also where it is committed: Python runs its lines at every start."""
        files = {"hook.pth": "import os\n"}
        problems = bench.closed(bench.wheel({path: "import os\n"}), files=files)
        assert "never-belongs" in ids(problems)

    @pytest.mark.parametrize("folder", ["sample_pkg", "sample_pkg/data"])
    def test_data_of_that_name_in_a_package(self, bench: Bench, folder: str) -> None:
        path = f"{folder}/weights.pth"
        workspace = bench.workspace(files={f"src/{path}": "weights"})
        inspect(workspace, [bench.wheel({path: "weights"})])
        with pytest.raises(TowpathError) as caught:
            inspect(workspace, [bench.wheel({path: "import os\n"})])
        assert ids(caught.value.problems) == ["never-belongs"]

    def test_what_only_looks_alike(self, bench: Bench) -> None:
        harmless = {
            ".gitignore": "*.pyc\n", ".github/workflows/ci.yml": "on: push\n", ".env.example": "TOKEN=\n",
            "notes.md": "pypi-AgE… begins every token\n", "weights.pth": "committed data",
            "broken.zip": b"PK\x03\x04 is no archive",
        }  # fmt: skip
        found = bench.inspected(bench.sdist(harmless), files={"weights.pth": "committed data"})
        assert any("could not look into broken.zip" in note for note in found.notes)

    def test_what_is_declared_with_its_reason(self, bench: Bench) -> None:
        build = 'allowed = { "tests/keys/*" = "made for the tests", "gone/*" = "long ago" }'
        found = bench.inspected(bench.sdist({"tests/keys/a.pem": KEY}), build=build)
        assert "sample_pkg-1.0.0.tar.gz: allowed tests/keys/a.pem (made for the tests)" in found.notes
        assert "allowed matches nothing: gone/*" in found.notes

    def test_what_is_marked_as_no_secret(self, bench: Bench) -> None:
        marked = f"token = '{TOKEN}'  # pragma: allowlist secret\n"
        bench.inspected(bench.sdist({"notes.txt": marked}))

    def test_what_the_baseline_accepts_in_the_commit_s_bytes_alone(self, bench: Bench) -> None:
        baseline = '{"results": {"key.pem": [{"hashed_secret": "x"}]}}'
        files = {"key.pem": KEY, ".secrets.baseline": baseline}
        workspace = bench.workspace(files=files)
        inspect(workspace, [bench.sdist({"key.pem": KEY})])
        with pytest.raises(TowpathError):
            inspect(workspace, [bench.sdist({"key.pem": KEY + "more\n"})])


FLAT = {
    **dict.fromkeys(SOURCES),
    **CODE,
    "sample_pkg/sub/__init__.py": "v = 0\n",
    "sample_pkg/sub/_version.py": "w = 0\n",
}
POETRY = "[tool.poetry-dynamic-versioning]\nenable = true\n"


class TestSources:
    def test_a_module_with_other_bytes(self, bench: Bench) -> None:
        (problem,) = bench.closed(bench.wheel({CORE: "def answer() -> int:\n    return 43\n"}))
        assert (problem.id, CORE in problem.cause) == ("module-differs", True)

    def test_a_module_that_the_commit_does_not_have(self, bench: Bench) -> None:
        (problem,) = bench.closed(bench.wheel({"sample_pkg/evil.py": "1\n"}))
        assert (problem.id, "sample_pkg/evil.py" in problem.cause) == ("module-foreign", True)

    def test_a_module_that_the_wheel_lacks(self, bench: Bench) -> None:
        files = {"src/sample_pkg/sub/deep.py": "", "src/sample_pkg/more.py": ""}
        (problem,) = bench.closed(bench.wheel(), files=files)
        assert problem.id == "module-left-out"
        assert "sample_pkg/more.py, sample_pkg/sub/deep.py" in problem.cause

    def test_what_is_left_out_on_purpose(self, bench: Bench) -> None:
        files = {
            "src/sample_pkg/more.py": "",
            "src/sample_pkg/tests/test_more.py": "",
            "src/sample_pkg/conftest.py": "",
        }
        found = bench.inspected(
            bench.wheel(), build='left-out = { "sample_pkg/more.py" = "not for users" }', files=files
        )
        told = "\n".join(found.notes)
        assert "left out as declared: sample_pkg/more.py" in told
        assert "tests left out: sample_pkg/conftest.py, sample_pkg/tests/test_more.py" in told

    @pytest.mark.parametrize("pattern", ["src/sample_pkg/_version.py", "sample_pkg/_version.py", "*/_version.py"])
    def test_what_the_build_writes(self, bench: Bench, pattern: str) -> None:
        generated = bench.wheel({"sample_pkg/_version.py": "v = 1\n"})
        found = bench.inspected(generated, build=f'generated = ["{pattern}"]')
        assert any("generated: sample_pkg/_version.py" in note for note in found.notes)

    @pytest.mark.parametrize(
        "table",
        [
            '[tool.setuptools_scm]\nversion_file = "src/sample_pkg/_version.py"',
            '[tool.hatch.build.hooks.vcs]\nversion-file = "src/sample_pkg/_version.py"',
            '[tool.pdm.version]\nwrite_to = "sample_pkg/_version.py"',
            '[tool.poetry-dynamic-versioning]\nfiles."src/sample_pkg/_version.py" = {}',
        ],
    )
    def test_what_the_tools_of_versions_are_known_to_write(self, bench: Bench, table: str) -> None:
        bench.inspected(bench.wheel({"sample_pkg/_version.py": "v = 1\n"}), tables=table)

    def test_a_tool_that_may_write_everywhere_does_not_excuse_everything(self, bench: Bench) -> None:
        table = '[tool.poetry-dynamic-versioning]\nenable = true\nsubstitution.files = ["*.py"]'
        (problem,) = bench.closed(bench.wheel({CORE: "x = 1\n"}), tables=table)
        assert (problem.id, CORE in problem.cause) == ("module-differs", True)

    def flat(self, bench: Bench, changed: str) -> Path:
        code = {path: text for path, text in FLAT.items() if text is not None}
        return bench.wheel({**code, changed: "v = 1\n"})

    def test_what_poetry_dynamic_versioning_writes_by_default(self, bench: Bench) -> None:
        found = bench.inspected(self.flat(bench, INIT), tables=POETRY, files=FLAT)
        assert any(f"generated: {INIT}" in note for note in found.notes)

    @pytest.mark.parametrize("path", ["sample_pkg/sub/__init__.py", "sample_pkg/sub/_version.py", CORE])
    @pytest.mark.parametrize("more", ["", 'substitution.files = ["*/__init__.py", "*/_version.py"]'])
    def test_what_lies_deeper_is_not_written_by_it(self, bench: Bench, path: str, more: str) -> None:
        (problem,) = bench.closed(self.flat(bench, path), tables=POETRY + more, files=FLAT)
        assert (problem.id, path in problem.cause) == ("module-differs", True)

    def test_it_begins_at_the_project_s_folder(self, bench: Bench) -> None:
        (problem,) = bench.closed(bench.wheel({INIT: "v = 1\n"}), tables=POETRY)
        assert (problem.id, INIT in problem.cause) == ("module-differs", True)

    @pytest.mark.parametrize("more", ['folders = [{ path = "src" }]', 'files = ["src/*/__init__.py"]'])
    def test_or_where_it_is_told(self, bench: Bench, more: str) -> None:
        bench.inspected(bench.wheel({INIT: "v = 1\n"}), tables=f"{POETRY}substitution.{more}")

    @pytest.mark.parametrize("files", ["['/a.py', 'src/**.py', '../*.py', 3]", "3"])
    def test_patterns_that_are_none(self, bench: Bench, files: str) -> None:
        bench.inspected(bench.wheel(), tables=f"{POETRY}substitution.files = {files}")

    def test_a_copy_elsewhere_in_the_commit_is_not_the_source(self, bench: Bench) -> None:
        """A stale tree that somebody committed, such as build/lib, explains less than the real one."""
        files = {f"old/{CORE}": "stale\n"}
        (problem,) = bench.closed(bench.wheel({CORE: "stale\n"}), files=files)
        assert problem.id == "module-differs"

    def test_a_package_in_a_folder_of_another_name(self, tmp_path: Path) -> None:
        """As setuptools' package-dir has it: the same name and bytes, and what lies beside them."""
        made = wheel(tmp_path, {"pkg/__init__.py": "1\n", "pkg/core.py": "2\n", "pkg/evil.py": "3\n"})
        held = {"lib/__init__.py": "1\n", "lib/core.py": "2\n", "lib/lost.py": "4\n", "docs/conf.py": "5\n"}
        tree = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in held.items()}
        found = compare(made, tree)
        assert (found.same, found.differing) == (2, ())
        assert (found.extra, found.missing) == (("pkg/evil.py",), ("pkg/lost.py",))

    def test_scripts_are_not_compared(self, bench: Bench) -> None:
        bench.inspected(bench.wheel({"sample_pkg-1.0.0.data/scripts/tool.py": "#!python\n"}))
