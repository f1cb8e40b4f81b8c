"""The security gate with real scanners, and a double of the service that knows of vulnerabilities."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from universe import PYPROJECT

from towpath.config.reading import load
from towpath.errors import Problem, TowpathError
from towpath.gates.acts import security
from towpath.gates.scan_dependencies import read_answer
from towpath.walk.world import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from universe import Project

    from towpath.model import Outcome

SAFE = """\
name: check
on: push
permissions: {}
concurrency: check
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - run: echo done
"""
UNSAFE = SAFE.replace("echo done", 'echo "${{ github.event.head_commit.message }}"')
WORKFLOW = ".github/workflows/check.yml"


def act(project: Project) -> Outcome:
    return security.act(open_workspace(project.root, environ=project.environ), "")


def closed(project: Project) -> dict[str, Problem]:
    """Everything that keeps the gate closed, by id."""
    with pytest.raises(TowpathError) as caught:
        act(project)
    return {problem.id: problem for problem in caught.value.problems}


def configured(text: str, dependencies: str = "[]") -> dict[str, str]:
    project = PYPROJECT.replace('license = "MIT"\n', f'license = "MIT"\ndependencies = {dependencies}\n')
    return {"pyproject.toml": f"{project}\n[tool.towpath.security]\n{text}\n"}


class TestVerdicts:
    """Each scan has its own, and all are made."""

    def test_all_pass_and_each_says_what_it_saw(self, make_project: Callable[..., Project]) -> None:
        outcome = act(make_project(files={WORKFLOW: SAFE}))
        assert {tool: one["verdict"] for tool, one in outcome.facts["checks"].items()} == dict.fromkeys(
            ("bandit", "detect-secrets", "zizmor"), "passed"
        )
        assert outcome.notes[0] == "nothing found by bandit, detect-secrets, zizmor"
        assert outcome.notes[3] == "passed: zizmor: 1 workflow, 0 findings"
        assert outcome.valid_for is None

    def test_no_workflows_is_not_passed(self, make_project: Callable[..., Project]) -> None:
        outcome = act(make_project())
        assert outcome.facts["checks"]["zizmor"]["verdict"] == "nothing to look at"
        assert outcome.notes[0] == "nothing found by bandit, detect-secrets"
        assert outcome.notes[3] == "nothing to look at: zizmor: the repository has no workflows"

    def test_all_that_fail_are_told_together(self, make_project: Callable[..., Project]) -> None:
        files = {
            WORKFLOW: UNSAFE,
            "src/sample_pkg/run.py": "import hashlib\n\nDIGEST = hashlib.md5(b'x')\n",
            "a.txt": "AKIA" + "IOSFODNN7ABCDEFG\n",
        }
        problems = closed(make_project(files=files))
        assert list(problems) == ["insecure-code", "secrets-found", "unsafe-workflows"]
        assert problems["insecure-code"].detail.startswith("src/sample_pkg/run.py:3: B324 high: ")
        assert problems["secrets-found"].detail.startswith("a.txt:1: ")
        assert problems["unsafe-workflows"].detail.startswith(f"{WORKFLOW}:9: template-injection high: ")

    def test_what_is_allowed_to_fail_stays_visible(self, make_project: Callable[..., Project]) -> None:
        files = {**configured('allowed-to-fail = { zizmor = "nobody else runs it" }'), WORKFLOW: UNSAFE}
        outcome = act(make_project(files=files))
        summary = "nothing found by bandit, detect-secrets; zizmor failed, allowed: nobody else runs it"
        assert outcome.notes[0] == summary
        check = outcome.facts["checks"]["zizmor"]
        assert check["verdict"] == "failed, as it may"
        assert "template-injection" in check["problems"][0]

    def test_what_could_not_be_looked_at_is_never_allowed(self, make_project: Callable[..., Project]) -> None:
        files = {**configured('allowed-to-fail = { bandit = "a", zizmor = "b" }'), WORKFLOW: "jobs: ["}
        files[".github/workflows/other.yml"] = SAFE  # beside which zizmor would pass over the first
        problems = closed(make_project(files={**files, "src/sample_pkg/bad.py": "def (:\n"}))
        assert list(problems) == ["unscanned-code", "unscanned-workflows"]


class TestCode:
    """bandit."""

    MARKED = "import hashlib\n\nDIGEST = hashlib.md5(b'x')  # nosec B324 - no secret\n"

    def test_marks_are_counted(self, make_project: Callable[..., Project]) -> None:
        check = act(make_project(files={"src/sample_pkg/run.py": self.MARKED})).facts["checks"]["bandit"]
        assert (check["findings"], check["nosec"]) == (0, 1)

    @pytest.mark.parametrize(
        "files",
        [
            {"pyproject.toml": PYPROJECT + '\n[tool.bandit]\nskips = ["B324"]\n'},
            {"bandit.yaml": "skips: [B324]\n"},
            {".bandit": "[bandit]\nskips: B324\n"},
        ],
    )
    def test_its_own_configuration_is_read(self, make_project: Callable[..., Project], files: dict[str, str]) -> None:
        insecure = self.MARKED.replace("# nosec B324", "#")
        project = make_project(files={"src/sample_pkg/run.py": insecure, **files})
        outcome = act(project)
        assert outcome.facts["checks"]["bandit"]["findings"] == 0
        assert ("without B324 by [tool.bandit]" in outcome.notes[1]) == ("pyproject.toml" in files)

    @pytest.mark.parametrize(
        ("files", "told"),
        [
            (
                {"pyproject.toml": PYPROJECT + '\n[tool.bandit]\nexclude_dirs = ["run.py"]\ntests = ["B101"]\n'},
                "only B101 by [tool.bandit], but for paths with run.py by [tool.bandit]",
            ),
            (
                {"bandit.yaml": "exclude_dirs: [run.py, x]\nassert_used: {skips: ['*']}\n"},
                "but for paths with run.py, x by bandit.yaml, assert_used set by bandit.yaml",
            ),
            ({".bandit": "[bandit]\nskips: B324\n"}, "without B324 by .bandit"),
            ({".bandit": "[bandit]\nexclude: src/sample_pkg/run.py\n"}, "but for paths with src/sample_pkg/run.py by"),
            # which bandit finds by itself
            ({"src/sample_pkg/.bandit": "[bandit]\ntests: B101\n"}, "only B101 by src/sample_pkg/.bandit"),
            (
                {".bandit": "[bandit]\nconfigfile: own.yaml\n", "own.yaml": "skips: [B324]\n"},
                "without B324 by own.yaml, configfile set by .bandit",
            ),
            (
                {".bandit": "[bandit]\nconfigfile: own.toml\n", "own.toml": '[tool.bandit]\nskips = ["B324"]\n'},
                "without B324 by own.toml",
            ),
        ],
    )
    def test_what_its_configuration_leaves_out_is_told(
        self, make_project: Callable[..., Project], files: dict[str, str], told: str
    ) -> None:
        outcome = act(make_project(files={"src/sample_pkg/run.py": self.MARKED.replace("# nosec B324", "#"), **files}))
        assert outcome.facts["checks"]["bandit"]["findings"] == 0
        assert told in outcome.notes[1]
        assert told in ", ".join(outcome.facts["checks"]["bandit"]["left_out"])

    @pytest.mark.parametrize("beside", ["hatch_build.py", "extra/__init__.py"])
    @pytest.mark.parametrize("path", ["company/sample/bad.py", "python/src/sample_pkg/bad.py", "othername/bad.py"])
    def test_what_lies_beside_a_module_or_package_is_looked_at(
        self, make_project: Callable[..., Project], beside: str, path: str
    ) -> None:
        moved = {"src/sample_pkg/__init__.py": None, "src/sample_pkg/core.py": None}
        text = "import hashlib\n\nDIGEST = hashlib.md5(b'x')\n"
        problems = closed(make_project(files={**moved, beside: "x = 1\n", path: text}))
        assert list(problems) == ["insecure-code"]
        assert problems["insecure-code"].detail.startswith(f"{path}:3: B324")

    def test_nothing_that_it_could_read(self, make_project: Callable[..., Project]) -> None:
        text = PYPROJECT + '\n[tool.bandit]\nexclude_dirs = ["src"]\n'
        assert list(closed(make_project(files={"pyproject.toml": text}))) == ["nothing-scanned"]


class TestWorkflows:
    """zizmor."""

    def test_the_threshold(self, make_project: Callable[..., Project]) -> None:
        checkout = SAFE.replace("- run: echo done", f"- uses: actions/checkout@{'a' * 40}")
        assert list(closed(make_project("strict", files={WORKFLOW: checkout}))) == ["unsafe-workflows"]
        lenient = configured('workflow-severity = "high"')
        check = act(make_project("lenient", files={WORKFLOW: checkout, **lenient})).facts["checks"]["zizmor"]
        assert (check["findings"], check["below"]) == (0, 1)

    def test_the_persona(self, make_project: Callable[..., Project]) -> None:
        wide = SAFE.replace("permissions: {}", "permissions: write-all")
        files = {WORKFLOW: wide, **configured('workflow-persona = "pedantic"')}
        assert "excessive-permissions" in closed(make_project(files=files))["unsafe-workflows"].detail

    def test_what_is_ignored_is_counted(self, make_project: Callable[..., Project]) -> None:
        ignored = UNSAFE.rstrip() + "  # zizmor: ignore[template-injection] a reason\n"
        outcome = act(make_project(files={WORKFLOW: ignored}))
        assert outcome.notes[3] == "passed: zizmor: 1 workflow, 0 findings, 1 ignored by the project"

    def test_one_that_git_is_told_to_ignore(self, make_project: Callable[..., Project]) -> None:
        project = make_project(files={WORKFLOW: UNSAFE})
        project.write(".gitignore", ".github/\n")
        project.commit("Ignore")
        assert list(closed(project)) == ["unsafe-workflows"]


class Service:
    """A double of OSV's query, https://google.github.io/osv.dev/post-v1-query/."""

    def __init__(self, known: Mapping[str, list[dict[str, Any]]], status: int = 200) -> None:
        asked: list[str] = []

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = query["package"]["name"]
                asked.append(f"{name} {query['version']}")
                body = json.dumps({"vulns": known[name]} if name in known else {}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.asked = asked
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/v1/query"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def vulnerability(name: str, **more: Any) -> dict[str, Any]:
    mended = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.7"}]}
    affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [mended]}]
    return {"id": "PYSEC-1", "aliases": ["CVE-1"], "summary": "bad", "affected": affected, **more}


class TestDependencies:
    """pip-audit."""

    @pytest.fixture
    def serve(self) -> Iterator[Callable[..., Service]]:
        services: list[Service] = []

        def start(known: Mapping[str, list[dict[str, Any]]] | None = None, status: int = 200) -> Service:
            services.append(Service(known or {}, status))
            return services[-1]

        yield start
        for service in services:
            service.close()

    @pytest.fixture
    def audited(self, make_project: Callable[..., Project]) -> Callable[..., Project]:
        def make(url: str, more: str = "", dependencies: str = '["idna==3.6"]') -> Project:
            text = f'audit-dependencies = true\naudit-service = "{url}"\n{more}'
            return make_project(files=configured(text, dependencies))

        return make

    def test_all_known_and_clean(self, audited: Callable[..., Project], serve: Callable[..., Service]) -> None:
        service = serve()
        outcome = act(audited(service.url))
        assert service.asked == ["idna 3.6"]
        assert outcome.notes[4] == "passed: pip-audit: 1 dependency looked up, 0 vulnerabilities"
        assert outcome.facts["checks"]["pip-audit"]["dependencies"] == {"idna": "3.6"}
        assert outcome.valid_for == 24 * 60 * 60

    def test_a_vulnerability(self, audited: Callable[..., Project], serve: Callable[..., Service]) -> None:
        problems = closed(audited(serve({"idna": [vulnerability("idna")]}).url))
        assert list(problems) == ["vulnerable-dependencies"]
        assert problems["vulnerable-dependencies"].detail == "idna 3.6: PYSEC-1 (CVE-1), mended in 3.7"

    def test_what_other_pythons_get_is_looked_up_too(
        self, audited: Callable[..., Project], serve: Callable[..., Service]
    ) -> None:
        """By its name, and where another version of it is wanted there."""
        service = serve({"tomli": [vulnerability("tomli")]})
        old = "\"tomli==2.0.1; python_version < '3'\", \"idna==3.4; python_version < '3'\""
        project = audited(service.url, dependencies=f"[\"idna==3.6; python_version > '3'\", {old}]")
        assert closed(project)["vulnerable-dependencies"].detail == "tomli 2.0.1: PYSEC-1 (CVE-1), mended in 3.7"
        assert service.asked == ["idna 3.6", "tomli 2.0.1", "idna 3.4"]
        project.replace("pyproject.toml", service.url, serve().url)
        outcome = act(project)
        assert "3 dependencies looked up, 0 vulnerabilities" in outcome.notes[4]
        assert outcome.notes[4].endswith(", for other Pythons or platforms: tomli, idna")
        assert outcome.facts["checks"]["pip-audit"]["elsewhere"] == {"tomli": "2.0.1", "idna": "3.4"}

    @pytest.mark.parametrize("others", ["", '"idna==3.6", '])
    def test_one_that_can_be_had_on_no_other_python_is_unknown(
        self, audited: Callable[..., Project], serve: Callable[..., Service], others: str
    ) -> None:
        dependencies = f"[{others}\"tomli==0.0.0; python_version < '3'\"]"
        project = audited(serve().url, dependencies=dependencies)
        problem = closed(project)["dependencies-unknown"]
        assert problem.cause.startswith(f"1 dependency of {2 if others else 1} could not be looked up")
        assert "tomli: only for other Pythons or platforms, and: " in problem.detail
        project.replace("pyproject.toml", "audit-dependencies", 'unaudited = { tomli = "gone" }\naudit-dependencies')
        assert act(project).notes[4].endswith("0 vulnerabilities, not looked up: tomli (gone)")

    @pytest.mark.parametrize("name", ["PYSEC-1", "CVE-1"])
    def test_one_that_is_ignored_stays_visible(
        self, audited: Callable[..., Project], serve: Callable[..., Service], name: str
    ) -> None:
        more = f'ignore-vulnerabilities = {{ {name} = "never called", PYSEC-2 = "old" }}'
        outcome = act(audited(serve({"idna": [vulnerability("idna")]}).url, more))
        assert "ignored: idna 3.6: PYSEC-1 (CVE-1), mended in 3.7 (never called)" in outcome.notes[4]
        assert outcome.notes[4].endswith("no longer known: PYSEC-2")

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            ([], 500),
            ([vulnerability("idna", schema_version="2.0.0")], 200),  # pip-audit passes over what it cannot read
            ([{"id": "PYSEC-1"}], 200),
        ],
    )
    def test_what_is_not_known_is_not_clean(
        self, audited: Callable[..., Project], serve: Callable[..., Service], answer: list[dict[str, Any]], status: int
    ) -> None:
        assert list(closed(audited(serve({"idna": answer}, status).url))) == ["dependencies-unknown"]

    def test_a_service_that_is_out_of_reach(self, audited: Callable[..., Project]) -> None:
        problem = closed(audited("http://127.0.0.1:9/", 'allowed-to-fail = { pip-audit = "x" }'))[
            "dependencies-unknown"
        ]
        assert problem.cause.startswith("1 dependency of 1 could not be looked up at http://127.0.0.1:9/")
        assert "idna 3.6: requests.exceptions.ConnectionError: " in problem.detail

    def test_one_that_is_declared_as_unknowable(self, audited: Callable[..., Project]) -> None:
        outcome = act(audited("http://127.0.0.1:9/", 'unaudited = { Idna = "our own" }'))
        assert "0 dependencies looked up, 0 vulnerabilities, not looked up: idna (our own)" in outcome.notes[4]

    def test_variables_of_the_caller_do_not_decide(
        self, audited: Callable[..., Project], serve: Callable[..., Service], tmp_path: Path
    ) -> None:
        config = tmp_path / "zizmor.yml"
        config.write_text("rules:\n  template-injection:\n    disable: true\n")
        project = audited(serve({"idna": [{"id": "PYSEC-1"}]}).url)
        project.write(WORKFLOW, UNSAFE)
        misled = {"PIP_AUDIT_LOGLEVEL": "ERROR", "PIP_AUDIT_OUTPUT": "x", "ZIZMOR_CONFIG": str(config)}
        workspace = open_workspace(project.root, environ={**project.environ, **misled})
        with pytest.raises(TowpathError) as caught:
            security.act(workspace, "")
        assert [problem.id for problem in caught.value.problems] == ["unsafe-workflows", "dependencies-unknown"]

    def test_none_at_all(self, audited: Callable[..., Project]) -> None:
        outcome = act(audited("http://127.0.0.1:9/", dependencies="[]"))
        assert outcome.facts["checks"]["pip-audit"]["verdict"] == "nothing to look at"
        assert outcome.notes[4].endswith("the project has no dependencies")

    def test_an_extra_is_looked_up_where_it_is_named(
        self, make_project: Callable[..., Project], serve: Callable[..., Service]
    ) -> None:
        service = serve()
        text = f'audit-dependencies = true\naudit-extras = ["more"]\naudit-service = "{service.url}"'
        files = configured(text)
        files["pyproject.toml"] += '\n[project.optional-dependencies]\nmore = ["idna==3.6"]\nother = ["tomli"]\n'
        outcome = act(make_project(files=files))
        assert service.asked == ["idna 3.6"]
        assert outcome.facts["checks"]["pip-audit"]["elsewhere"] == {}


class TestConfiguration:
    """What no scan has a meaning for, and what is declared without a reason."""

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ('severity = "hihg"', "severity: 'hihg' is none of low, medium, high"),
            ('workflow-severity = "none"', "workflow-severity: 'none' is none of"),
            ('workflow-persona = "strict"', "workflow-persona: 'strict' is none of"),
            ('audit-service = "ovs"', "audit-service: 'ovs' is neither of pypi, osv nor a URL"),
            ('allowed-to-fail = { detect-secrets = "x" }', "'detect-secrets' is none of bandit, zizmor, pip-audit"),
            ('allowed-to-fail = { bandit = " " }', "allowed-to-fail: 'bandit' has no reason"),
            ('ignore-vulnerabilities = { PYSEC-1 = "" }', "ignore-vulnerabilities: 'PYSEC-1' has no reason"),
            ('unaudited = { idna = "" }', "unaudited: 'idna' has no reason"),
        ],
    )
    def test_it_is_told(self, tmp_path: Path, text: str, what: str) -> None:
        (tmp_path / "pyproject.toml").write_text(configured(text)["pyproject.toml"])
        with pytest.raises(TowpathError) as caught:
            load(tmp_path)
        (problem,) = caught.value.problems
        assert (problem.id, problem.exit_code) == ("bad-configuration", 2)
        assert what in problem.cause

    @pytest.mark.parametrize(
        ("command", "what"),
        [
            ('{ run = "mypy", allowed-to-fail = "" }', "the command 'mypy' is allowed to fail without a reason"),
            ('{ run = "", allowed-to-fail = "x" }', "names no program"),
            ('{ run = "mypy", alowed-to-fail = "x" }', "unknown key 'alowed-to-fail'"),
            ('{ run = "mypy", environment = { "A=B" = "x" } }', "environment cannot hold 'A=B'"),
            ("3", "is wanted, and a whole number is there"),
        ],
    )
    @pytest.mark.parametrize("section", ["lint", "test"])
    def test_commands(self, tmp_path: Path, section: str, command: str, what: str) -> None:
        (tmp_path / "pyproject.toml").write_text(f"{PYPROJECT}\n[tool.towpath.{section}]\ncommands = [{command}]\n")
        with pytest.raises(TowpathError) as caught:
            load(tmp_path)
        assert {problem.id for problem in caught.value.problems} == {"bad-configuration"}
        assert any(what in problem.cause for problem in caught.value.problems)


class TestAnswers:
    """pip-audit's own JSON, as it was recorded from version 2.10.1."""

    # It ended with 0 and "No known vulnerabilities found".
    SKIPPED = (
        '{"dependencies": [{"name": "idna", "skip_reason": "Dependency not found on PyPI and could not be audited: '
        'idna (3.6)"}, {"name": "jinja2", "version": "3.1.2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.3"], '
        '"aliases": ["CVE-2024-22195"], "description": "..."}]}], "fixes": []}'
    )

    def test_skipped_is_unknown(self) -> None:
        answer = read_answer(json.loads(self.SKIPPED), {"idna": "3.6", "jinja2": "3.1.2"})
        assert list(answer.unknown) == ["idna"]
        assert [one.told() for one in answer.vulnerabilities] == [
            "jinja2 3.1.2: PYSEC-1 (CVE-2024-22195), mended in 3.1.3"
        ]

    @pytest.mark.parametrize("pins", [{"jinja2": "3.1.3"}, {"other": "1"}])
    def test_what_is_not_answered_is_unknown(self, pins: dict[str, str]) -> None:
        assert read_answer(json.loads(self.SKIPPED), pins).unknown == dict.fromkeys(pins, "it is not in the answer")
