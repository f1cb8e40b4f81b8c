"""verify-install, as a gate: for each thing that it looks at, what breaks just that, and what passes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from towpath import errors
from towpath.environments import environment as environments
from towpath.environments.interpreters import find
from towpath.errors import Problem, TowpathError
from towpath.evidence.record import Record
from towpath.evidence.store import measure
from towpath.gates import answering
from towpath.gates.acts.verify_install import act, configuration
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from towpath.model import Outcome

INFO = "sample_pkg-1.0.dist-info"
METADATA = "Metadata-Version: 2.1\nName: sample-pkg\nVersion: 1.0\n"
PLAIN = {"pkg/__init__.py": "__version__ = '1.0'\n", "pkg/cli.py": "def main():\n    print('usage')\n"}
CLI = "[console_scripts]\nsample = pkg.cli:main\n"
PYPROJECT = '[project]\nname = "sample-pkg"\nversion = "1.0"\n'


@dataclass
class Release:
    """A project with distributions that are made by hand, and sealed as build would."""

    root: Path
    environ: Mapping[str, str]
    config: str = ""
    source: dict[str, str] = field(default_factory=dict)

    def wheel(
        self,
        files: Mapping[str, str] = PLAIN,
        *,
        scripts: str = "",
        metadata: str = METADATA,
        tags: str = "py3-none-any",
    ) -> Release:
        own = {
            f"{INFO}/METADATA": metadata,
            f"{INFO}/WHEEL": f"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: {tags}\n",
            **({f"{INFO}/entry_points.txt": scripts} if scripts else {}),
        }
        held = {**files, **own}
        record = "".join(f"{name},,\n" for name in (*held, f"{INFO}/RECORD"))
        (self.root / "dist").mkdir(exist_ok=True)
        with zipfile.ZipFile(self.root / "dist" / f"sample_pkg-1.0-{tags}.whl", "w") as archive:
            for name, text in {**held, f"{INFO}/RECORD": record}.items():
                archive.writestr(name, text)
        return self

    def sdist(self, files: Mapping[str, str]) -> Release:
        build = '\n[build-system]\nrequires = ["flit-core>=3.11,<4"]\nbuild-backend = "flit_core.buildapi"\n'
        project = f'{PYPROJECT}description = "x"\n{build}\n[tool.flit.module]\nname = "pkg"\n'
        with tarfile.open(self.root / "dist" / "sample_pkg-1.0.tar.gz", "w:gz") as archive:
            for name, text in {"pyproject.toml": project, "PKG-INFO": METADATA, **files}.items():
                member = tarfile.TarInfo(f"sample_pkg-1.0/{name}")
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        return self

    def verify(self, variant: str = "") -> Outcome:
        (self.root / "pyproject.toml").write_text(f"{PYPROJECT}\n[tool.towpath.verify-install]\n{self.config}\n")
        (self.root / ".gitignore").write_text("dist/\n.towpath/\n")
        for path, text in self.source.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)
        for command in (
            ("init", "--quiet"),
            ("add", "--all"),
            ("commit", "--quiet", "--allow-empty", "--message", "x"),
        ):
            subprocess.run(["git", *command], cwd=self.root, env=dict(self.environ), check=True)
        workspace = open_workspace(self.root, self.environ)
        files = tuple(sorted(map(measure, (self.root / "dist").iterdir())))
        subject = workspace.subject
        workspace.store.seal(
            Record(
                "build",
                "",
                passed=True,
                project=subject.project,
                version="1.0",
                tree=subject.tree,
                commit=subject.commit or "",
                configuration="",
                distributions=files,
            )
        )
        return act(workspace, variant)

    def closed(self, variant: str = "") -> Problem:
        with pytest.raises(TowpathError) as caught:
            self.verify(variant)
        (problem,) = caught.value.problems
        return problem


@pytest.fixture
def release(tmp_path: Path, environ: dict[str, str]) -> Release:
    root = tmp_path / "project"
    root.mkdir()
    return Release(root, environ)


class TestWhatPasses:
    def test_a_plain_wheel(self, release: Release) -> None:
        outcome = release.wheel(scripts=CLI).verify()
        assert outcome.notes[0] == "1 distribution installed, every submodule imported"
        assert "2 modules imported, 1 command answered on Python" in outcome.notes[1]
        assert outcome.facts["files"]["sample_pkg-1.0-py3-none-any.whl"] == {
            "imported": 2, "answered": ["sample"], "smoke": [],
        }  # fmt: skip
        assert [file.filename for file in outcome.distributions] == ["sample_pkg-1.0-py3-none-any.whl"]

    @pytest.mark.parametrize("python", ["3.8", "3.9"])
    def test_on_a_python_older_than_ours(self, release: Release, environ: dict[str, str], python: str) -> None:
        """The probe runs there, a name with a dot included, which their importlib.metadata does not find."""
        installed = [str(folder) for folder in Path(sys.base_prefix).parent.glob(f"{python}*/bin")]  # as pyenv has them
        release.environ = {**environ, "PATH": os.pathsep.join([*installed, environ["PATH"]])}
        try:
            find(python, environ=release.environ)
        except TowpathError:
            pytest.skip(f"there is no Python {python} on this machine")
        files = {**PLAIN, "pkg/__main__.py": "1 / 0\n", "pkg/data.txt": "", "pkg/2to3.py": "print('x')\n"}
        outcome = release.wheel(files, scripts=CLI).verify(python)
        assert f"2 modules imported, 1 command answered on Python {python}." in outcome.notes[1]
        release.wheel({**files, "pkg/new.py": "match 1:\n    case 1: pass\n"})
        assert release.closed(python).id == "import-failed"

    def test_the_wheel_and_the_sdist_apart(self, release: Release) -> None:
        outcome = release.wheel(scripts="").sdist({"pkg/__init__.py": '"""x"""\n', "pkg/cli.py": ""}).verify()
        assert outcome.notes[0] == "2 distributions installed apart, every submodule imported"
        assert len(outcome.facts["files"]) == 2

    def test_an_sdist_alone(self, release: Release) -> None:
        """What it must bring is what the wheel has that it builds."""
        (release.root / "dist").mkdir()
        outcome = release.sdist({"pkg/__init__.py": '"""x"""\n', "pkg/cli.py": ""}).verify()
        assert outcome.notes[0] == "1 distribution installed, every submodule imported"
        assert outcome.facts["files"]["sample_pkg-1.0.tar.gz"]["imported"] == 2
        problem = release.sdist({"pkg/__init__.py": '"""x"""\n', "pkg/cli.py": "1 / 0\n"}).closed()
        assert (problem.id, "pkg.cli" in problem.cause) == ("import-failed", True)


class TestWhatIsInstalled:
    def test_an_sdist_that_lacks_a_module_that_the_wheel_has(self, release: Release) -> None:
        problem = release.wheel(scripts="").sdist({"pkg/__init__.py": '"""x"""\n'}).closed()
        assert (problem.id, "pkg.cli" in problem.cause) == ("import-failed", True)

    def test_a_dependency_that_is_not_declared(self, release: Release) -> None:
        problem = release.wheel({**PLAIN, "pkg/a.py": "import requests\n"}).closed()
        assert (problem.id, "requests" in problem.detail) == ("import-failed", True)

    def test_a_dependency_that_cannot_be_had(self, release: Release) -> None:
        metadata = f"{METADATA}Requires-Dist: sample-pkg>2\n"
        assert release.wheel(metadata=metadata).closed().id in {"unresolvable", "not-installed"}

    def test_what_does_not_fit_together(self, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
        """An installer that leaves a dependency out is caught by `pip check`."""
        install: Any = environments.install

        def carelessly(clean: Any, arguments: Any, **options: Any) -> None:
            install(clean, ["--no-deps", *arguments], **options)

        monkeypatch.setattr(environments, "install", carelessly)
        problem = release.wheel(metadata=f"{METADATA}Requires-Dist: requests\n").closed()
        assert (problem.id, "requests" in problem.detail) == ("does-not-fit", True)

    def test_another_version_attribute(self, release: Release) -> None:
        problem = release.wheel({"pkg/__init__.py": "__version__ = '0.9'\n"}).closed()
        assert (problem.id, "pkg.__version__ says 0.9" in problem.cause) == ("version-differs", True)

    def test_an_attribute_that_cannot_be_asked(self, release: Release) -> None:
        problem = release.wheel({"pkg/__init__.py": "def __getattr__(name):\n    return 1 / 0\n"}).closed()
        assert (problem.id, "pkg.__version__" in problem.cause) == ("import-failed", True)

    def test_a_declared_version_of_its_own(self, release: Release) -> None:
        release.config = 'skip-versions = { vendored = "a copy of another project" }'
        outcome = release.wheel({**PLAIN, "vendored.py": "__version__ = '7'\n"}).verify()
        assert outcome.notes[0] == "1 distribution installed, imported with declared exceptions"
        assert outcome.notes[-1] == "version not compared: vendored (a copy of another project)"

    @pytest.mark.parametrize("name", ["pkg/a-b.py", "pkg/__main__.py", "pkg/templates/setup.py.d/x y.py"])
    def test_a_file_that_is_no_python(self, release: Release, name: str) -> None:
        problem = release.wheel({**PLAIN, name: "print 'x'\n"}).closed()
        assert (problem.id, name in problem.cause) == ("import-failed", True)

    def test_a_module_that_is_not_imported_must_compile(self, release: Release) -> None:
        release.config = 'skip-imports = { "pkg.gui" = "needs a display" }'
        outcome = release.wheel({**PLAIN, "pkg/gui.py": "1 / 0\n"}).verify()
        assert outcome.notes[0] == "1 distribution installed, imported with declared exceptions"
        assert "not imported: pkg.gui (needs a display)" in outcome.notes
        problem = release.wheel({**PLAIN, "pkg/gui.py": "def (\n"}).closed()
        assert (problem.id, "pkg/gui.py" in problem.cause) == ("import-failed", True)

    def test_files_that_are_not_compiled(self, release: Release) -> None:
        release.config = 'skip-imports = { "pkg/templates/*" = "templates", "pkg.gui.*" = "needs a display" }'
        files = {
            **PLAIN,
            "pkg/templates/{{name}}/setup.py": "{{ no python }}\n",
            "pkg/templates/main.py": "{{ no python }}\n",
            "pkg/gui/__init__.py": "",
            "pkg/gui/window.py": "1 / 0\n",
        }
        assert "3 modules imported" in release.wheel(files).verify().notes[1]

    @pytest.mark.parametrize(
        "config",
        [
            'skip-imports = { "pkg.gone" = "x" }',
            'skip-imports = { "pkg/gone/*" = "x" }',
            'skip-versions = { gone = "x" }',
            'skip-scripts = { gone = "x" }',
            'scripts = { gone = "--version" }',
        ],
    )
    def test_an_exception_that_fits_nothing(self, release: Release, config: str) -> None:
        release.config = config
        problem = release.wheel(scripts=CLI).closed()
        assert (problem.id, "gone" in problem.cause) == ("unknown-name", True)

    @pytest.mark.parametrize(
        "config",
        [
            'skip-imports = { "pkg.gui" = " " }', 'skip-scripts = { x = "" }', 'skip-versions = { x = "" }',
            'scripts = { x = "\'" }', 'smoke = ""', 'smoke = ["python \'"]', "smoke = [[]]",
            'scripts = { x = "--version" }\nskip-scripts = { x = "why" }',
        ],
        ids=range(8),
    )  # fmt: skip
    def test_a_configuration_that_says_nothing(self, release: Release, config: str) -> None:
        release.config = config
        problem = release.wheel(scripts=CLI).closed()
        assert (problem.id, "verify-install" in problem.cause) == ("bad-configuration", True)


class TestCommands:
    def script(self, release: Release, body: str, **more: Any) -> Release:
        return release.wheel({**PLAIN, "pkg/cli.py": f"import sys\ndef main():\n    {body}\n"}, scripts=CLI, **more)

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ("raise RuntimeError('broken')", "ended with 1"),
            ("import not_there", "ended with 1"),
            ("sys.exit(2)", "ended with 2"),
            ("input('name? ')", "ended with 1"),
            ("import os; os.kill(os.getpid(), 9)", "ended with -9"),
        ],
    )
    def test_one_that_does_not_answer(self, release: Release, body: str, words: str) -> None:
        problem = self.script(release, body).closed()
        assert problem.id == "script-failed"
        assert problem.cause.startswith(f"`sample --help` {words} where only")
        assert 'scripts.sample = "--version"' in problem.fix

    def test_one_that_goes_on_for_ever_and_what_it_started(
        self, release: Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(answering, "SCRIPT_SECONDS", 1.0)
        beats = tmp_path / "beats"
        child = f"import time\nwhile True:\n open({str(beats)!r}, 'a').write('.')\n time.sleep(0.05)\n"
        body = f"import subprocess; subprocess.Popen([sys.executable, '-c', {child!r}]).wait()"
        problem = self.script(release, body).closed()
        assert (problem.id, "did not end within 1 s" in problem.cause) == ("script-silent", True)
        size = beats.stat().st_size
        assert size > 0
        time.sleep(0.3)
        assert beats.stat().st_size == size, "nothing that it started is left"

    @pytest.mark.parametrize(
        ("how", "expected"), [("unlink()", "script-missing"), ("write_text('no program')", "script-failed")]
    )
    def test_one_that_is_not_there_or_cannot_be_started(self, release: Release, how: str, expected: str) -> None:
        """Here the package itself does it, when it is imported."""
        code = (
            f"import sys\nfrom pathlib import Path\nfor path in Path(sys.prefix).glob('*/sample*'):\n    path.{how}\n"
        )
        problem = release.wheel({**PLAIN, "pkg/__init__.py": code}, scripts=CLI).closed()
        assert (problem.id, "sample" in problem.cause) == (expected, True)

    @pytest.mark.parametrize("value", ["pkg.gone:main", "pkg.cli:gone", "pkg.cli:text"])
    def test_one_that_leads_nowhere(self, release: Release, value: str) -> None:
        files = {**PLAIN, "pkg/cli.py": "text = 'x'\n"}
        problem = release.wheel(files, scripts=f"[gui_scripts]\nwindow = {value}\n").closed()
        assert (problem.id, "script window" in problem.cause) == ("import-failed", True)

    def test_one_with_a_window_is_loaded_and_not_run(self, release: Release) -> None:
        files = {**PLAIN, "pkg/cli.py": "def main():\n    raise SystemExit(1)\n"}
        outcome = release.wheel(files, scripts="[gui_scripts]\nwindow = pkg.cli:main\n").verify()
        assert "not run: window (it has a window)" in outcome.notes

    def test_what_one_is_asked_is_configured(self, release: Release) -> None:
        body = "sys.exit(sys.argv[1:] != ['--version', 'a b'])"
        assert self.script(release, body).closed().id == "script-failed"
        for line in ("scripts = { sample = \"--version 'a b'\" }", 'scripts = { sample = ["--version", "a b"] }'):
            release.config = line
            assert release.verify().facts["files"]["sample_pkg-1.0-py3-none-any.whl"]["answered"] == ["sample"]

    def test_declared_exceptions_are_told(self, release: Release) -> None:
        release.config = 'skip-scripts = { sample = "starts a server" }'
        outcome = self.script(release, "sys.exit(1)").verify()
        assert outcome.notes[0] == "1 distribution installed, imported with declared exceptions"
        assert outcome.notes[-1] == "not run: sample (starts a server)"
        release.config = 'skip-imports = { "pkg.cli" = "needs a display" }'
        assert "not run: sample (pkg.cli is not imported)" in self.script(release, "sys.exit(1)").verify().notes
        release.config = ""
        release.wheel(scripts="[console_scripts]\nsample = pkg.cli:main [more]\n")
        assert "not run: sample (it needs the extra more)" in release.verify().notes

    def test_nothing_around_helps_one(self, release: Release, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "helpful.py").write_text("")
        release.environ = {**release.environ, "PYTHONPATH": str(elsewhere), "DISPLAY": ":0"}
        assert self.script(release, "import helpful").closed().id == "script-failed"
        body = "import os; sys.exit(bool(os.listdir('.')) or sys.stdin.read() != '' or 'DISPLAY' in os.environ)"
        assert self.script(release, body).verify()


class TestTyped:
    TYPED = f"{METADATA}Classifier: Typing :: Typed\n"

    def test_the_classifier_without_the_marker(self, release: Release) -> None:
        problem = release.wheel(metadata=self.TYPED).closed()
        assert (problem.id, "leaves no pkg/py.typed" in problem.cause) == ("not-typed", True)
        release.wheel({**PLAIN, "pkg/py.typed": ""}, metadata=self.TYPED).verify()

    def test_a_marker_of_the_source_that_the_wheel_lost(self, release: Release) -> None:
        release.source = {"src/pkg/py.typed": "", "tests/data/py.typed": "", "src/pkg/sub/py.typed": ""}
        problem = release.wheel().closed()
        assert (problem.id, "leaves no pkg/py.typed," in problem.cause) == ("not-typed", True)
        release.wheel({**PLAIN, "pkg/py.typed": ""}).verify()

    def test_one_that_only_the_sdist_loses(self, release: Release) -> None:
        release.wheel({**PLAIN, "pkg/py.typed": ""})
        problem = release.sdist({"pkg/__init__.py": '"""x"""\n', "pkg/cli.py": ""}).closed()
        assert problem.cause.startswith("Installing sample_pkg-1.0.tar.gz leaves no pkg/py.typed")

    def test_a_package_of_stubs_alone_has_none(self, release: Release) -> None:
        files = {**PLAIN, "other-stubs/__init__.pyi": ""}
        release.wheel(files, metadata=self.TYPED).verify()

    def test_a_project_that_does_not_say_so(self, release: Release) -> None:
        release.wheel().verify()


class TestOtherPlatforms:
    ELSEWHERE = "cp39-cp39-win_arm64"

    def test_a_wheel_for_elsewhere_is_not_here(self, release: Release) -> None:
        outcome = release.wheel(scripts=CLI).wheel(tags=self.ELSEWHERE).verify()
        assert outcome.notes[0] == "1 distribution installed, every submodule imported, 1 not here"
        assert outcome.facts["not here"] == [f"sample_pkg-1.0-{self.ELSEWHERE}.whl"]
        assert list(outcome.facts["files"]) == ["sample_pkg-1.0-py3-none-any.whl"]
        assert len(outcome.distributions) == 2, "it is about both all the same"

    def test_nothing_that_could_be_installed(self, release: Release) -> None:
        assert release.wheel(tags=self.ELSEWHERE).closed().id == "nothing-installable"

    def test_one_for_another_python(self, release: Release) -> None:
        other = "cp310" if sys.version_info[:2] != (3, 10) else "cp311"
        release.wheel(tags=f"{other}-none-any")
        assert release.closed().id == "nothing-installable"


class TestSmoke:
    @pytest.mark.parametrize(
        "smoke",
        [
            "\"python -c 'import pkg, os; assert not os.listdir()'\"",
            '["sample", ["python", "-m", "pkg.cli"]]',
        ],
    )
    def test_what_holds(self, release: Release, smoke: str) -> None:
        release.config = f"smoke = {smoke}"
        outcome = release.wheel(scripts=CLI).verify()
        assert outcome.facts["files"]["sample_pkg-1.0-py3-none-any.whl"]["smoke"]

    @pytest.mark.parametrize(
        ("smoke", "expected"),
        [
            ("python -c 'import pkg; assert pkg.__version__ == 2'", "command-failed"),
            ("python -c 'import pip_was_not_installed'", "command-failed"),
            ("no-such-program --help", "command-not-found"),
        ],
    )
    def test_what_does_not(self, release: Release, smoke: str, expected: str) -> None:
        release.config = f'smoke = ["python -c pass", "{smoke}"]'
        assert release.wheel().closed().id == expected

    def test_an_assertion_that_the_caller_has_switched_off(self, release: Release) -> None:
        release.environ = {**release.environ, "PYTHONOPTIMIZE": "1"}
        release.config = "smoke = ['python -c \"assert False\"']"
        assert release.wheel().closed().id == "command-failed"

    def test_one_that_does_not_end(self, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(answering, "SMOKE_SECONDS", 1.0)
        release.config = "smoke = ['python -c \"import time; time.sleep(60)\"']"
        assert release.wheel().closed().id == "smoke-silent"


def test_evidence_is_bound_to_all_of_its_configuration(release: Release) -> None:
    def said(config: str) -> str:
        release.config = config
        release.wheel(scripts=CLI).verify()
        return json.dumps(configuration(open_workspace(release.root, release.environ), ""), sort_keys=True)

    lines = ("", 'smoke = "python -c pass"', 'scripts = { sample = "" }', 'skip-scripts = { sample = "why" }')
    assert len({said(line) for line in lines}) == len(lines)


def test_every_error_of_installing_is_met_above() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    kinds: tuple[Callable[..., object] | errors.Kind, ...] = tuple(vars(errors.installing).values())
    assert [kind.id for kind in kinds if isinstance(kind, errors.Kind) and f'"{kind.id}"' not in here] == []
