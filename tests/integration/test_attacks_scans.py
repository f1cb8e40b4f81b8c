"""What an attack on the scans found: commands that lead nowhere, code and secrets not looked at, bad configuration."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from towpath import processes
from towpath.config.reading import load
from towpath.config.sections import Commands
from towpath.credentials.environment import for_installer, without_credentials
from towpath.distributions.contents import Modules
from towpath.distributions.importing import Expected, import_everything
from towpath.errors import Problem, TowpathError
from towpath.gates.dependencies import configured
from towpath.gates.scan_secrets import scan_secrets
from towpath.gates.sources import source_paths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from towpath.gates.scanning import Scan

# In parts, so that no scanner finds them here.
AWS = "AKIA" + "IOSFODNN7ABCDEFG"
PYPI = "pypi-" + "AgEI" + "cHlwaS5vcmc-_" * 5
GITHUB = "ghp" + "_" + "a1B2" * 9
KEY = "-----BEGIN OPENSSH " + "PRIVATE KEY-----"


def only(caught: pytest.ExceptionInfo[TowpathError]) -> Problem:
    (problem,) = caught.value.problems
    return problem


class TestCommands:
    """Console scripts of what was installed."""

    @pytest.fixture
    def site(self, tmp_path: Path) -> Path:
        venv.create(tmp_path / "env", symlinks=sys.platform != "win32")
        base = str(tmp_path / "env")
        site = Path(sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base}))
        info = site / "sample-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n")
        (site / "sample.py").write_text("value = 3\n\n\ndef main():\n    pass\n")
        (site / "other.py").write_text("raise RuntimeError('no screen')\n")
        return site

    def imported(self, site: Path, entry_points: str, skipped: Mapping[str, str] | None = None) -> int:
        (site / "sample-1.0.dist-info" / "entry_points.txt").write_text(entry_points)
        scripts = Path("env", "Scripts", "python.exe") if sys.platform == "win32" else Path("env", "bin", "python")
        folder = next(parent for parent in site.parents if (parent / scripts).exists())
        wanted = Expected("sample", "1.0", Modules(("sample",), ()), skipped or {})
        return import_everything(folder / scripts, wanted, environ={})

    @pytest.mark.parametrize("group", ["console_scripts", "gui_scripts"])
    @pytest.mark.parametrize("target", ["sample:nothing", "nothing:main", "other:main", "sample:value", "a-b:x:y"])
    def test_one_that_leads_nowhere(self, site: Path, group: str, target: str) -> None:
        with pytest.raises(TowpathError) as caught:
            self.imported(site, f"[{group}]\nsample = {target}\n")
        assert only(caught).id == "import-failed"
        assert "script sample" in only(caught).cause

    @pytest.mark.parametrize(
        "entry_points",
        [
            "[console_scripts]\nsample = sample:main\n",
            "[console_scripts]\nsample = other:main [gui]\n",
            "[plugins]\nsample = other:main\n",
        ],
    )
    def test_what_is_no_fault(self, site: Path, entry_points: str) -> None:
        assert self.imported(site, entry_points) == 1

    def test_one_of_a_module_that_is_skipped_with_a_reason(self, site: Path) -> None:
        assert self.imported(site, "[gui_scripts]\nsample = other:main\n", {"other": "needs a screen"}) == 1


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ("src/sample/__init__.py extra/__init__.py", "extra src"),
        ("src/sample/__init__.py helper.py", "helper.py src"),
        ("sample/__init__.py helper.py setup.py noxfile.py tasks.py conftest.py test_a.py", "helper.py sample"),
        ("sample/__init__.py other/__init__.py tests/unit/__init__.py docs/__init__.py", "other sample"),
        ("sample/__init__.py space/part/__init__.py", "sample space"),
        ("tests/__init__.py sample.py", "sample.py"),
        ("tests/__init__.py setup.py lib/a.py", "."),
    ],
)
def test_all_that_may_be_shipped_is_looked_at(tmp_path: Path, files: str, expected: str) -> None:
    for name in files.split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert source_paths(tmp_path, "sample") == tuple(expected.split())


class RealScanner:
    """The part of a toolbox that a scan uses, over the scanner of these tests' own environment."""

    def capture(self, command: Sequence[str], cwd: Path) -> processes.Completed:
        program = "import sys; from detect_secrets.main import main; sys.exit(main(sys.argv[1:]))"
        return processes.capture([sys.executable, "-c", program, *command[1:]], cwd=cwd, env=os.environ)


class TestSecrets:
    """The scan itself, real as far as the package is there."""

    @pytest.fixture(autouse=True)
    def scanner(self) -> None:
        pytest.importorskip("detect_secrets")

    def scan(self, folder: Path, files: Mapping[str, bytes]) -> Scan:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return scan_secrets(cast("Any", RealScanner()), folder)

    def closed(self, folder: Path, files: Mapping[str, bytes]) -> Problem:
        problem = self.scan(folder, files).problem
        assert problem is not None
        assert problem.id == "secrets-found"
        return problem

    @pytest.mark.parametrize("name", [".pypirc", ".netrc", "_netrc", ".env", "a/id_rsa", "id_dsa", "b/c/id_ed25519"])
    def test_files_that_are_made_to_hold_them(self, tmp_path: Path, name: str) -> None:
        assert self.closed(tmp_path, {name: b"password = x\n"}).detail.startswith(f"{name}: ")

    @pytest.mark.parametrize("secret", [AWS, PYPI, GITHUB, KEY])
    @pytest.mark.parametrize("encoding", ["ascii", "utf-16", "utf-16-le", "utf-16-be"])
    def test_in_files_of_kinds_that_are_passed_over(self, tmp_path: Path, secret: str, encoding: str) -> None:
        text = f"first\nvalue = {secret}"
        detail = self.closed(tmp_path, {"poetry.lock": text.encode(encoding), "logo.png": b"\x89PNG\r\n"}).detail
        assert detail.startswith("poetry.lock:2: begins with")
        assert secret not in detail

    def test_in_binary_files_and_once_only(self, tmp_path: Path) -> None:
        files = {"logo.png": b"\x89PNG\xff" * 9000 + AWS.encode(), "a.py": f"k = '{AWS}'\n".encode()}
        assert self.closed(tmp_path, files).cause.startswith("2 things")

    def test_what_is_none(self, tmp_path: Path) -> None:
        allowed = f"a = {AWS}  # pragma: allowlist secret\n"
        next_line = f"# pragma: allowlist nextline secret\nb = {GITHUB}\n"
        files = {
            "a.lock": allowed.encode(),
            "b.svg": next_line.encode(),
            "c.png": b"",
            "wide.lock": allowed.encode("utf-16"),
            ".env.example": b"X=\n",
            "docs/id_rsa.pub": b"ssh-rsa AAAA\n",
            ".git/config": AWS.encode(),
        }
        assert self.scan(tmp_path, files).problem is None

    def test_a_pragma_speaks_for_its_own_line_only(self, tmp_path: Path) -> None:
        text = f"# pragma: allowlist secret\nb = {GITHUB}\n# pragma: allowlist secret\n"
        assert self.closed(tmp_path, {"a.lock": text.encode()}).detail.startswith("a.lock:2")

    def test_a_file_that_the_baseline_lists(self, tmp_path: Path) -> None:
        entry = b'{"results": {"a.lock": [{"hashed_secret": "0"}]}}'
        scan = self.scan(tmp_path, {".secrets.baseline": entry, "a.lock": AWS.encode()})
        assert scan.problem is None
        assert scan.note.endswith("1 secret accepted by .secrets.baseline")

    @pytest.mark.parametrize("text", ["", "[]", '{"results": []}', '{"results": {"a": [{}]}}', "{}"])
    def test_a_baseline_that_is_none(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(TowpathError) as caught:
            self.scan(tmp_path, {".secrets.baseline": text.encode()})
        assert only(caught).id == "bad-baseline"

    def test_a_new_secret_beside_a_baseline(self, tmp_path: Path) -> None:
        entry = b'{"results": {"other.py": [{"hashed_secret": "0"}]}}'
        files = {".secrets.baseline": entry, "a.py": f"k = '{AWS}'\n".encode()}
        assert self.closed(tmp_path, files).detail.startswith("a.py:1")

    def test_what_the_baseline_leaves_out_is_said(self, tmp_path: Path) -> None:
        path = "detect_secrets.filters.regex.should_exclude_file"
        entry = {"results": {}, "filters_used": [{"path": path, "pattern": ["^keys/"]}]}
        key = b"password = https://me:" + b"Zx81spectrum@host/\n"
        files = {".secrets.baseline": json.dumps(entry).encode(), "keys/a.py": key}
        scan = self.scan(tmp_path, files)
        assert scan.problem is None
        assert "which leaves out ^keys/" in scan.note
        assert self.closed(tmp_path, {"b.py": key}).detail.startswith("b.py:1")

    def test_a_baseline_that_leaves_everything_out(self, tmp_path: Path) -> None:
        path = "detect_secrets.filters.regex.should_exclude_file"
        entry = {"results": {}, "filters_used": [{"path": path, "pattern": [".*"]}]}
        with pytest.raises(TowpathError) as caught:
            self.scan(tmp_path, {".secrets.baseline": json.dumps(entry).encode()})
        assert only(caught).id == "nothing-scanned"

    @pytest.mark.parametrize("name", ["README.md", "docs/use.txt", "tests/test_url.py", "a/conftest.py"])
    def test_a_password_in_an_example_of_a_url(self, tmp_path: Path, name: str) -> None:
        url = b"at https://user:" + b"opensesame@host/\n"
        scan = self.scan(tmp_path, {name: url})
        assert scan.problem is None
        assert scan.note.endswith("1 URL with a password in documentation and tests taken for examples")
        assert scan.facts["examples"] == [f"{name}:1"]
        assert self.closed(tmp_path, {"src/a.py": url, "settings.ini": url}).cause.startswith("2 things")

    @pytest.mark.parametrize("name", ["README.md", "tests/test_a.py"])
    def test_a_real_token_in_an_example_is_none(self, tmp_path: Path, name: str) -> None:
        assert self.closed(tmp_path, {name: f"k = {GITHUB}\n".encode()}).detail.startswith(f"{name}:1")

    def test_the_canary_never_stands_for_a_file_of_the_project(self, tmp_path: Path) -> None:
        name = "towpath-canary.txt"
        assert name in self.closed(tmp_path, {name: f"key = '{AWS}'\n".encode()}).detail


class TestCredentials:
    """What children are not given."""

    @pytest.mark.parametrize("name", ["FERNET_KEY", "SLACK_WEBHOOK_URL", "GIT_CONFIG_COUNT", "GIT_CONFIG_VALUE_10"])
    def test_by_name(self, name: str) -> None:
        assert without_credentials({name: "x"}) == for_installer({name: "x"}) == {}

    @pytest.mark.parametrize("url", ["postgres://u:p@h/db", "redis://:p@h", "x https://token:@h/simple y"])
    def test_by_a_password_in_a_url(self, url: str) -> None:
        assert without_credentials({"PIP_INDEX_URL": url, "https_proxy": url, "DATABASE_URL": url}) == {}

    @pytest.mark.parametrize("url", ["https://h:80/a@b", "ssh://git@h:22/x", "https://[::1]:80/?q=a:b@c"])
    def test_urls_without_one(self, url: str) -> None:
        assert without_credentials({"PLACE": url}) == {"PLACE": url}

    def test_an_installer_keeps_the_way_to_its_index(self) -> None:
        names = "UV_INDEX UV_INDEX_URL UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL PIP_INDEX_URL PIP_EXTRA_INDEX_URL"
        kept = dict.fromkeys([*names.split(), "HTTPS_PROXY", "http_proxy"], "https://u:p@h/")
        assert for_installer({**kept, "DATABASE_URL": "https://u:p@h/"}) == kept

    def test_named_ones_always_go(self) -> None:
        environ = {"OWN": "x", "PIP_INDEX_URL": "https://u:p@h/", "LEFT": "y"}
        assert without_credentials(environ, ["OWN"], drop=["OWN", "PIP_INDEX_URL"]) == {"LEFT": "y"}
        assert for_installer(environ, drop=["OWN", "PIP_INDEX_URL"]) == {"LEFT": "y"}

    def test_what_programs_need_stays(self) -> None:
        needed = dict.fromkeys(["PATH", "HOME", "LANG", "DISPLAY", "COVERAGE_FILE", "COVERAGE_KEY"], "a://b:c@d")
        assert without_credentials(needed) == needed


class TestConfiguration:
    """Exit 2 with cause and fix, never a traceback."""

    def closed(self, folder: Path, text: str) -> Problem:
        (folder / "pyproject.toml").write_text(f'{text}\n[project]\nname = "sample"\n')
        with pytest.raises(TowpathError) as caught:
            configured(Commands(groups=("a",)), load(folder).pyproject, folder)
        assert caught.value.exit_code == 2
        return only(caught)

    @pytest.mark.parametrize("section", ["lint", "test"])
    @pytest.mark.parametrize(
        "value",
        [
            "commands = ['ruff \"check']",
            'commands = [""]',
            "commands = [[]]",
            'commands = [[""]]',
            'commands = ["  "]',
            'commands = [["a", "b\\u0000"]]',
            'environment = {A = "b\\u0000"}',
            'environment = {"A\\u0000" = "b"}',
            'environment = {"A=B" = "c"}',
            'environment = {"" = "c"}',
        ],
    )
    def test_what_no_system_can_start(self, tmp_path: Path, section: str, value: str) -> None:
        problem = self.closed(tmp_path, f"[tool.towpath.{section}]\n{value}\n")
        assert problem.id == "bad-configuration"
        assert f"[tool.towpath.{section}]" in problem.cause

    @pytest.mark.parametrize(
        "text",
        [
            '[dependency-groups]\na = [{include-group = "nothing"}]\n',
            '[dependency-groups]\na = [{include-group = "a"}]\n',
            '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}]\n',
            '[dependency-groups]\na = ["no requirement !"]\n',
            "[dependency-groups]\na = [3]\n",
            '[dependency-groups]\na = "pytest"\n',
            "[dependency-groups]\na = 3\n",
            '[[dependency-groups]]\na = ["pytest"]\n',
            'dependency-groups = "a"\n',
            '[tool.pdm.dev-dependencies]\na = "pytest"\n',
        ],
    )
    def test_dependency_groups(self, tmp_path: Path, text: str) -> None:
        problem = self.closed(tmp_path, text)
        assert problem.id == "bad-dependency-groups"
        assert "include-group" in problem.fix
