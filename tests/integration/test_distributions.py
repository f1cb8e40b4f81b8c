"""What a wheel holds, what it says of itself, and importing all of it where nothing else is."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from towpath.distributions import importing
from towpath.distributions.contents import Metadata, Modules, metadata, modules
from towpath.distributions.importing import Expected, import_everything
from towpath.distributions.sources import compare
from towpath.errors import Problem, TowpathError

if TYPE_CHECKING:
    from collections.abc import Mapping

METADATA = (
    "Metadata-Version: 2.4\nName: Sample.Pkg\nVersion: 1.0\nRequires-Dist: a>1\nRequires-Dist: b; extra == 'x'\n"
    "\nName: body\n"
)
INFO = "sample_pkg-1.0.dist-info"


def wheel(folder: Path, files: Mapping[str, str], *, meta: str | None = METADATA) -> Path:
    path = folder / "sample_pkg-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        if meta is not None:
            archive.writestr(f"{INFO}/METADATA", meta)
    return path


def sdist(folder: Path, files: Mapping[str, str]) -> Path:
    path = folder / "sample_pkg-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return path


def named(tmp_path: Path, *names: str) -> Modules:
    return modules(wheel(tmp_path, dict.fromkeys(names, "")))


class TestModules:
    def test_packages_and_top_level_modules(self, tmp_path: Path) -> None:
        assert named(
            tmp_path, "single.py", "pkg/__init__.py", "pkg/a.py", "pkg/sub/__init__.py", "pkg/sub/b.py"
        ) == Modules(("pkg", "pkg.a", "pkg.sub", "pkg.sub.b", "single"), ())

    def test_a_namespace(self, tmp_path: Path) -> None:
        assert named(tmp_path, "ns/part/__init__.py", "ns/other.py").imported == ("ns.other", "ns.part")

    def test_extension_modules_of_every_platform(self, tmp_path: Path) -> None:
        found = named(
            tmp_path,
            "pkg/_a.cpython-311-x86_64-linux-gnu.so", "pkg/_b.abi3.so", "pkg/_c.cp311-win_amd64.pyd",
            "pkg/__init__.cpython-311-darwin.so", "pkg.libs/libx-1234.so.6", "sample_pkg.libs/libfoo-123abc.so",
        )  # fmt: skip
        assert found == Modules(("pkg", "pkg._a", "pkg._b", "pkg._c"), ())

    def test_a_library_for_ctypes_is_no_module(self, tmp_path: Path) -> None:
        """python-manta ships a library that Go has built beside its modules."""
        module, library = "\x7fELF\0PyInit__d\0", "\x7fELF\0Parse\0"
        shipped = {"pkg/_d.so": module, "pkg/libwrapper.so": library, "pkg/_e.abi3.so": library}
        assert modules(wheel(tmp_path, shipped)) == Modules(("pkg._d", "pkg._e"), ())

    def test_main_and_names_that_none_can_import_are_compiled_only(self, tmp_path: Path) -> None:
        found = named(
            tmp_path, "pkg/__init__.py", "pkg/__main__.py", "pkg/2to3.py", "pkg/a-b.py", "my-dir/x.py", "__main__.py"
        )
        assert found == Modules(
            ("pkg",), ("__main__.py", "my-dir/x.py", "pkg/2to3.py", "pkg/__main__.py", "pkg/a-b.py")
        )

    def test_data_folders_as_they_are_installed(self, tmp_path: Path) -> None:
        data = "sample_pkg-1.0.data"
        found = named(
            tmp_path,
            f"{data}/purelib/pure/__init__.py", f"{data}/platlib/plat.py", f"{data}/scripts/tool.py",
            f"{data}/data/share/x.py", f"{data}/headers/h.py", f"{INFO}/odd.py",
        )  # fmt: skip
        assert found == Modules(("plat", "pure"), ())

    def test_other_files_are_none(self, tmp_path: Path) -> None:
        assert named(
            tmp_path, "pkg/py.typed", "pkg/data.json", "pkg/a.pyi", "pkg/a.pyc", "pkg/a.pyx", "pkg/"
        ) == Modules((), ())

    def test_a_name_in_other_letters(self, tmp_path: Path) -> None:
        assert named(tmp_path, "größe.py").imported == ("größe",)

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip at all"])
    def test_a_damaged_wheel(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "a-1-py3-none-any.whl"
        path.write_bytes(content)
        for read in (modules, metadata):
            with pytest.raises(TowpathError) as caught:
                read(path)
            assert caught.value.problems[0].id == "damaged-distribution"


def damaged(path: Path) -> str:
    with pytest.raises(TowpathError) as caught:
        metadata(path)
    (problem,) = caught.value.problems
    assert problem.id == "damaged-distribution"
    assert not problem.cause.endswith(": ."), "it says why"
    return problem.cause


class TestMetadata:
    EXPECTED = Metadata("Sample.Pkg", "1.0", ("a>1", "b; extra == 'x'"))

    def test_of_a_wheel(self, tmp_path: Path) -> None:
        assert metadata(wheel(tmp_path, {})) == self.EXPECTED

    def test_of_a_wheel_that_vendors_others(self, tmp_path: Path) -> None:
        """As setuptools does, whose own dist-info folder comes last."""
        vendored = {"pkg/_vendor/other-9.dist-info/METADATA": "Name: other\nVersion: 9\n"}
        assert metadata(wheel(tmp_path, vendored)) == self.EXPECTED

    def test_of_an_sdist(self, tmp_path: Path) -> None:
        top = "sample_pkg-1.0"
        files = {f"{top}/setup.py": "", f"{top}/src/x.egg-info/PKG-INFO": "Name: no\n", f"{top}/PKG-INFO": METADATA}
        assert metadata(sdist(tmp_path, files)) == self.EXPECTED

    def test_none_in_it(self, tmp_path: Path) -> None:
        assert "its metadata is missing" in damaged(wheel(tmp_path, {"a.py": ""}, meta=None))
        assert "its metadata is missing" in damaged(sdist(tmp_path, {"sample_pkg-1.0/setup.py": ""}))

    def test_an_empty_archive(self, tmp_path: Path) -> None:
        assert "its metadata is missing" in damaged(sdist(tmp_path, {}))

    @pytest.mark.parametrize(
        "meta", ["", "Name: x\n", "Version: 1.0\n", "Name: x\nVersion: one\n", "Name: x\nVersion:\n"]
    )
    def test_metadata_that_names_no_release(self, tmp_path: Path, meta: str) -> None:
        assert "name and version" in damaged(wheel(tmp_path, {}, meta=meta))

    def test_an_sdist_cut_short_anywhere(self, tmp_path: Path) -> None:
        path = sdist(
            tmp_path, {"sample_pkg-1.0/filler": "".join(map(str, range(3000))), "sample_pkg-1.0/PKG-INFO": METADATA}
        )
        whole = path.read_bytes()
        for length in range(0, len(whole) - 20, 97):
            path.write_bytes(whole[:length])
            try:
                assert metadata(path) == self.EXPECTED, "all of it came before the cut"
            except TowpathError as error:
                assert error.problems[0].id == "damaged-distribution"  # noqa: PT017 - one of two good ends

    def test_any_byte_altered(self, tmp_path: Path) -> None:
        for path in (sdist(tmp_path, {"sample_pkg-1.0/PKG-INFO": METADATA}), wheel(tmp_path, {"a.py": "x"})):
            whole = path.read_bytes()
            for place in range(len(whole)):
                path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
                try:
                    metadata(path)
                except TowpathError as error:
                    assert error.problems[0].id == "damaged-distribution"  # noqa: PT017 - one of two good ends

    def test_no_file(self, tmp_path: Path) -> None:
        damaged(tmp_path / "a-1-py3-none-any.whl")
        damaged(tmp_path / "a-1.tar.gz")


class Clean:
    """A real environment with nothing in it; wheels are unpacked into it, as an installer would."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder, self.environ = folder, environ
        subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True, env=dict(environ)
        )
        scripts = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
        self.python = folder / "env" / scripts
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        done = subprocess.run([str(self.python), "-c", ask], check=True, capture_output=True, text=True)
        self.site = Path(done.stdout.strip())

    def install(self, files: Mapping[str, str]) -> Modules:
        path = wheel(self.folder, files)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(self.site)  # noqa: S202 - made a line above
        return modules(path)

    def imports(
        self, files: Mapping[str, str], *, version: str = "1.0", skipped: Mapping[str, str] | None = None
    ) -> int:
        found = self.install(files)
        return import_everything(
            self.python, Expected("sample-pkg", version, found, skipped or {}), environ=self.environ
        )

    def closed(self, files: Mapping[str, str], *, version: str = "1.0") -> Problem:
        with pytest.raises(TowpathError) as caught:
            self.imports(files, version=version)
        (problem,) = caught.value.problems
        return problem


@pytest.fixture
def clean(tmp_path: Path, environ: dict[str, str]) -> Clean:
    return Clean(tmp_path, environ)


INIT = "pkg/__init__.py"


class TestImportingEverything:
    def test_all_of_it(self, clean: Clean) -> None:
        files = {
            INIT: "__version__ = '1.0.0'\n",
            "pkg/a.py": "from pkg import __version__",
            "pkg/__main__.py": "1 / 0",
            "n/x.py": "",
        }
        assert clean.imports(files) == 3, "__main__ is only compiled"

    def test_what_is_printed_does_no_harm(self, clean: Clean) -> None:
        noisy = "import sys\nprint('x' * 300_000)\nprint('{}', file=sys.stderr)\n"
        noisy += "sys.stdout.close()\nsys.argv[:] = ['mine']\n"
        assert clean.imports({INIT: noisy, "pkg/b.py": "import os; os.chdir('/')"}) == 2

    @pytest.mark.parametrize("code", ["import os; os._exit(0)", "import os; os._exit(3)", "import os; os.abort()"])
    def test_a_module_that_ends_the_process(self, clean: Clean, code: str) -> None:
        assert clean.closed({INIT: "", "pkg/end.py": code}).id == "probe-ended"

    @pytest.mark.parametrize(
        "code",
        [
            "raise SystemExit(0)",
            "raise SystemExit",
            "raise KeyboardInterrupt",
            "1 / 0",
            "import nothing_like_it",
            "def (",
        ],
    )
    def test_a_module_that_cannot_be_imported(self, clean: Clean, code: str) -> None:
        problem = clean.closed({INIT: "", "pkg/bad.py": code, "pkg/good.py": ""})
        assert problem.id == "import-failed"
        assert problem.cause.startswith("1 module cannot")
        assert "pkg.bad" in problem.detail

    def test_a_module_that_hangs(self, clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importing, "LIMIT_SECONDS", 1.0)
        problem = clean.closed({INIT: "import time; time.sleep(60)"})
        assert problem.id == "probe-ended"
        assert "did not end within 1 s" in problem.cause

    def test_a_process_that_fails_at_its_very_end(self, clean: Clean) -> None:
        assert clean.closed({INIT: "import atexit, os; atexit.register(os._exit, 5)"}).id == "probe-ended"

    def test_a_main_that_does_not_compile(self, clean: Clean) -> None:
        problem = clean.closed({INIT: "", "pkg/__main__.py": "def (:\n"})
        assert problem.id == "import-failed"
        assert "pkg/__main__.py" in problem.cause
        assert "SyntaxError" in problem.detail

    def test_a_module_that_is_not_there_once_installed(self, clean: Clean) -> None:
        found = clean.install({INIT: "", "pkg/a.py": "", "pkg/2b.py": ""})
        (clean.site / "pkg" / "a.py").unlink()
        (clean.site / "pkg" / "2b.py").unlink()
        with pytest.raises(TowpathError) as caught:
            import_everything(clean.python, Expected("sample-pkg", "1.0", found, {}), environ=clean.environ)
        assert "2 modules cannot be imported" in caught.value.problems[0].cause

    def test_the_current_folder_and_pythonpath_do_not_help(self, clean: Clean, tmp_path: Path) -> None:
        (tmp_path / "undeclared.py").write_text("")
        clean.environ = {**clean.environ, "PYTHONPATH": str(tmp_path)}
        assert clean.closed({INIT: "import undeclared"}).id == "import-failed"

    @pytest.mark.parametrize("trick", ["__path__.insert(0, {!r})", "__path__ = [{!r}]"])
    def test_modules_from_outside(self, clean: Clean, tmp_path: Path, trick: str) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "a.py").write_text("")
        problem = clean.closed({INIT: trick.format(str(outside)), "pkg/a.py": "1 / 0"})
        assert (problem.id, "pkg.a" in problem.cause) == ("imported-elsewhere", True)

    def test_a_package_from_outside_by_a_path_file(self, clean: Clean, tmp_path: Path) -> None:
        outside = tmp_path / "outside" / "pkg"
        outside.mkdir(parents=True)
        (outside / "__init__.py").write_text("")
        (clean.site / "editable.pth").write_text(f"import sys; sys.path.insert(0, {str(outside.parent)!r})\n")
        assert clean.closed({INIT: "1 / 0"}).id == "imported-elsewhere"

    @pytest.mark.parametrize("name", ["json", "sys", "time", "zipimport", "_frozen_importlib"])
    def test_a_name_that_pythons_own_module_has(self, clean: Clean, name: str) -> None:
        """Python's own comes first, so the wheel's is never found: it was not what was imported."""
        assert clean.closed({INIT: "", f"{name}.py": "1 / 0"}).id in {
            "imported-elsewhere",
            "import-failed",
            "probe-ended",
        }

    @pytest.mark.parametrize("version", ["1.0", "1.0.0", "1", "v1.0"])
    def test_the_same_version_in_another_spelling(self, clean: Clean, version: str) -> None:
        assert clean.imports({INIT: f"__version__ = {version!r}"}, version="1.0") == 1

    @pytest.mark.parametrize("version", ["'0.9'", "'1.0.dev0'", "'unknown'", "''", "(1, 0)", "1.1"])
    def test_another_version_in_the_module(self, clean: Clean, version: str) -> None:
        problem = clean.closed({INIT: f"__version__ = {version}"})
        assert (problem.id, problem.cause.startswith("pkg.__version__ says")) == ("version-differs", True)

    def test_another_version_in_the_metadata(self, clean: Clean) -> None:
        problem = clean.closed({INIT: ""}, version="2.0")
        assert problem.cause == "the installed sample-pkg says 1.0, but the version is 2.0."

    def test_a_submodule_called_version_is_none(self, clean: Clean) -> None:
        assert clean.imports({INIT: "", "pkg/__version__.py": "version = '1.0'"}) == 2

    def test_declared_exceptions_are_not_imported(self, clean: Clean) -> None:
        files = {INIT: "", "pkg/gui.py": "1 / 0", "pkg/gui2.py": ""}
        assert clean.imports(files, skipped={"pkg.gui": "needs a screen"}) == 2

    def test_an_exception_covers_that_module_alone(self, clean: Clean) -> None:
        files = {INIT: "", "pkg/gui/__init__.py": "", "pkg/gui/main.py": "1 / 0"}
        with pytest.raises(TowpathError):
            clean.imports(files, skipped={"pkg.gui": "needs a screen"})

    def test_nothing_to_import(self, clean: Clean) -> None:
        assert clean.closed({"pkg/data.txt": ""}).id == "no-modules"
        with pytest.raises(TowpathError) as caught:
            clean.imports({"one.py": ""}, skipped={"one": "why not"})
        assert caught.value.problems[0].id == "no-modules"

    def test_a_module_that_replaces_itself(self, clean: Clean) -> None:
        code = "import sys\nclass Lazy:\n    pass\nsys.modules[__name__] = Lazy()\n"
        assert clean.imports({INIT: "", "pkg/lazy.py": code, "alone.py": code}) == 3


class TestWhatAWheelLacks:
    """Which modules of a commit a wheel should have had."""

    def lacks(self, folder: Path, shipped: str, others: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is missing, and which tests; `shipped` are paths in the commit, below src/ or not."""
        held = {path: f"# {path}\n" for path in (*shipped.split(), *others.split())}
        made = wheel(folder, {path.removeprefix("src/"): held[path] for path in shipped.split()})
        tree = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in held.items()}
        found = compare(made, tree)
        assert (found.differing, found.extra) == ((), ())
        return found.missing, found.tests

    @pytest.mark.parametrize(
        ("others", "missing"),
        [
            ("pkg/testing/tools.py", "pkg/testing/tools.py"),
            ("pkg/testing/tools.py pkg/testing/tests/test_tools.py", "pkg/testing/tools.py"),
            ("pkg/tests/__init__.py pkg/tests/data.py", "pkg/tests/__init__.py pkg/tests/data.py"),
            ("pkg/testing/tools.py pkg/testing/a_test.py", ""),
            ("pkg/tests/help.py pkg/tests/unit/test_a.py", ""),
            ("pkg/tests/help.py pkg/tests/conftest.py", ""),
            ("pkg/conftest.py pkg/test_a.py", ""),
        ],
    )
    def test_a_folder_without_a_test_is_not_for_tests(self, tmp_path: Path, others: str, missing: str) -> None:
        found, tests = self.lacks(tmp_path, "pkg/__init__.py", others)
        assert found == tuple(missing.split())
        assert {*found, *tests} == {*others.split()}

    def test_a_project_that_lies_in_a_folder_of_tests(self, tmp_path: Path) -> None:
        made = wheel(tmp_path, {"pkg/__init__.py": ""})
        empty = hashlib.sha256(b"").hexdigest()
        paths = ("tests/pkg/__init__.py", "tests/pkg/lost.py", "tests/pkg/test_a.py")
        found = compare(made, dict.fromkeys(paths, empty))
        assert (found.missing, found.tests) == (("pkg/lost.py",), ("pkg/test_a.py",))

    @pytest.mark.parametrize(
        ("shipped", "others", "missing"),
        [
            # a second package below src, or below the same namespace there
            ("src/pkg/__init__.py", "src/other/__init__.py src/other/sub/a.py", "other/__init__.py other/sub/a.py"),
            ("src/ns/pkg/__init__.py", "src/ns/other/__init__.py", "ns/other/__init__.py"),
            ("src/ns/pkg/__init__.py", "src/other/__init__.py", "other/__init__.py"),
            ("src/ns/a.py", "src/other/__init__.py src/ns/b.py", "ns/b.py other/__init__.py"),
            # a namespace, of which what lies in no folder of its own is one
            ("ns/a.py", "ns/b.py ns/scripts/c.py", "ns/b.py"),
            ("ns/a.py ns/pkg/__init__.py", "ns/b.py ns/pkg/c.py", "ns/b.py ns/pkg/c.py"),
            # what lies there and need not be shipped
            ("src/pkg/__init__.py", "src/build_ffi.py src/c/make.py tests/__init__.py other/__init__.py", ""),
            ("pkg/__init__.py", "tests/__init__.py docs/conf.py scripts/__init__.py other/__init__.py setup.py", ""),
            ("pkg/__init__.py", "src/other/__init__.py", ""),
            ("src/pkg/__init__.py", "examples/src/pkg2/__init__.py", ""),
            ("top.py", "other.py src/top2.py", ""),
        ],
    )
    def test_what_lies_beside(self, tmp_path: Path, shipped: str, others: str, missing: str) -> None:
        assert self.lacks(tmp_path, shipped, others) == (tuple(missing.split()), ())

    def test_tests_below_src(self, tmp_path: Path) -> None:
        others = "src/tests/__init__.py src/tests/test_a.py"
        assert self.lacks(tmp_path, "src/pkg/__init__.py", others) == ((), ("tests/__init__.py", "tests/test_a.py"))

    def test_data_are_no_namespace(self, tmp_path: Path) -> None:
        tree = dict.fromkeys(("share/a.py", "share/b.py"), hashlib.sha256(b"1").hexdigest())
        found = compare(wheel(tmp_path, {"sample_pkg-1.0.data/data/share/a.py": "1"}), tree)
        assert (found.same, found.missing) == (1, ())
