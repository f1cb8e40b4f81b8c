"""Whatever is broken closes the right gate, with the right cause; nothing after it is reached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from universe import FILES, GATES, NOXFILE, PYPROJECT, Project, problem_ids, states

if TYPE_CHECKING:
    from collections.abc import Callable

LENIENT = "[lint]\nselect = ['F']\n"  # so that no other gate closes first

BROKEN: dict[str, tuple[str, str, dict[str, str | None]]] = {
    "a failing test": ("test", "command-failed", {"tests/test_core.py": "def test_it():\n    assert 1 == 2\n"}),
    "no test at all": ("test", "no-test-ran", {"tests/test_core.py": None}),
    "every test skipped": (
        "test",
        "no-test-ran",
        {"tests/test_core.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_it():\n    pass\n"},
    ),
    "lint": ("lint", "command-failed", {"src/sample_pkg/core.py": "import os\n\n\ndef answer():\n    return 42\n"}),
    "insecure code": (
        "security",
        "insecure-code",
        {"src/sample_pkg/run.py": "import hashlib\n\nDIGEST = hashlib.md5(b'x')\n"},
    ),
    "code that bandit cannot read": (
        "security",
        "unscanned-code",
        {"ruff.toml": "exclude = ['src']\n", "src/sample_pkg/bad.py": "def (:\n"},
    ),
    "a secret": (
        "security",
        "secrets-found",
        {"notes.txt": "-----BEGIN RSA " + "PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\n"},
    ),
    "a backend that fails": (
        "test",
        "not-installed",
        {"pyproject.toml": PYPROJECT.replace('license = "MIT"', 'license = "Nonsense 42"')},
    ),
    "an sdist that lacks what the wheel is made of": (
        "build",
        "build-failed",
        {"pyproject.toml": PYPROJECT + '\n[tool.flit.sdist]\nexclude = ["README.md"]\n'},
    ),
    "a module that the wheel cannot import": (
        "verify-install",
        "import-failed",
        {"src/sample_pkg/extra.py": "import pytest  # declared nowhere\n\nprint(pytest)\n"},
    ),
    "a module that ends the process": (
        "verify-install",
        "probe-ended",
        {"src/sample_pkg/end.py": "import os\n\nos._exit(0)\n"},
    ),
    "a stale __version__ that the backend does not read": (
        "verify-install",
        "version-differs",
        {
            "pyproject.toml": PYPROJECT,
            "src/sample_pkg/__init__.py": '"""A sample."""\n\n__version__ = "0.9." + "0"\n',
        },
    ),
    "a test that changes the tree": (
        "test",
        "tree-changed",
        {"tests/test_core.py": "from pathlib import Path\n\n\ndef test_it():\n    Path('left.txt').write_text('x')\n"},
    ),
    "no such command": (
        "lint",
        "command-not-found",
        {"pyproject.toml": PYPROJECT + '\n[tool.towpath.lint]\ncommands = ["no-such-linter --all"]\ngroups = []\n'},
    ),
    "dependencies that cannot be resolved": (
        "test",
        "unresolvable",
        {"pyproject.toml": PYPROJECT.replace("[tool.flit", 'dependencies = ["idna==99999"]\n\n[tool.flit')},
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_closes_its_gate(make_project: Callable[..., Project], what: str) -> None:
    gate, problem, files = BROKEN[what]
    report = make_project(files={"ruff.toml": LENIENT, **files}).release()
    found = states(report)
    assert not report["done"]
    assert found[gate] == "closed", report
    assert problem in problem_ids(report), report
    after = GATES[GATES.index("build") :] if gate in GATES[:3] else GATES[GATES.index(gate) + 1 :]
    assert {found[name] for name in after if name != gate} == {"not reached"}


def test_the_failure_is_told_in_full(make_project: Callable[..., Project]) -> None:
    files = {"ruff.toml": LENIENT, "tests/test_core.py": "def test_it():\n    assert 'left' == 'right'\n"}
    project = make_project(files=files)
    ended = project.nox("-s", "release")
    assert ended.code == 1
    told = ended.out[ended.out.index("\nclosed: ") :]
    assert "`python -m pytest` ended with 1." in told
    assert "fix: " in told
    assert "assert 'left' == 'right'" in told, "the last lines that matter"
    log = next(line for line in told.splitlines() if line.strip().startswith("log: ")).split("log: ")[1]
    assert "assert 'left' == 'right'" in (project.root / log).read_text(encoding="utf-8")
    assert "Next: nox -s release" in told


def walked(project: Project) -> None:
    """The real gates up to verify-install, run alone and in place."""
    for gate in ("lint", "test", "security", "build", "verify-install"):
        ended = project.nox("-s", gate)
        assert ended.code == 0, ended.all


@pytest.fixture
def proven(project: Project) -> Project:
    project.write(".gitignore", "dist/\n")
    project.commit("Ignore dist")
    walked(project)
    return project


def test_gates_alone_refuse_without_evidence(project: Project) -> None:
    for gate, needed in (("build", "lint"), ("verify-install", "build"), ("publish", "tag")):
        for options in ((), ("--no-dependencies",)):
            ended = project.nox("-s", gate, *options)
            assert ended.code == 1
            assert f"The gate {needed} is not proven for this version." in ended.out
            assert f"nox -s {needed}" in ended.out
            assert not project.evidence(f"{gate}.json").exists(), "a refusal seals nothing"


def test_a_byte_in_dist_closes_what_follows(proven: Project) -> None:
    wheel = proven.root / "dist" / "sample_pkg-1.0.0-py3-none-any.whl"
    good = wheel.read_bytes()
    wheel.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    ended = proven.nox("-s", "verify-install")
    assert ended.code == 1
    assert "is not the file that build sealed" in ended.out
    again = proven.nox("-s", "build")
    assert again.code == 1
    assert "was not sealed by build" in again.out
    wheel.unlink()
    assert proven.nox("-s", "build").code == 0
    assert wheel.read_bytes() == good, "the sealed bytes are put back, never built twice"
    assert proven.nox("-s", "verify-install").code == 0


def test_a_stray_file_in_dist_closes_build(proven: Project) -> None:
    (proven.root / "dist" / "stray.whl").write_bytes(b"x")
    for gate in ("tag", "verify-install", "build"):
        assert "dist/stray.whl was not sealed by build" in proven.nox("-s", gate).out


def altered(text: str) -> str:
    return text.replace('"PASSED"', '"PASSED" ', 1).replace('"seconds": ', '"seconds": 1')


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (altered, "its contents do not match its seal"),
        (lambda text: text[: len(text) // 2], "it is cut short"),
        (lambda _: "{}", "it is cut short or is no record of ours"),
    ],
)
def test_an_altered_record_closes_the_next_gate(proven: Project, change: Callable[[str], str], cause: str) -> None:
    record = proven.evidence("test.json")
    record.write_text(change(record.read_text(encoding="utf-8")), encoding="utf-8")
    ended = proven.nox("-s", "build")
    assert ended.code == 1
    assert cause in ended.out
    assert "1.0.0/test.json" in ended.out


def test_a_record_far_down_the_chain_closes_what_follows(proven: Project) -> None:
    proven.evidence("lint.json").unlink()
    ended = proven.nox("-s", "tag")
    assert ended.code == 1
    assert "which has changed or gone since" in ended.out


def test_a_failure_undoes_an_earlier_pass(proven: Project) -> None:
    record = json.loads(proven.evidence("test.json").read_text(encoding="utf-8"))
    assert record["predicate"]["result"] == "PASSED"
    flag = proven.root.parent / "flag"
    flag.write_text("")
    test = f"from pathlib import Path\n\n\ndef test_it():\n    assert not Path({str(flag)!r}).exists()\n"
    proven.write("tests/test_core.py", test)
    proven.commit("A test that depends on the machine")
    assert proven.nox("-s", "test").code == 1
    flag.unlink()
    assert proven.nox("-s", "test").code == 0
    flag.write_text("")
    assert proven.nox("-s", "test").code == 1, "the same tree"
    record = json.loads(proven.evidence("test.json").read_text(encoding="utf-8"))
    assert record["predicate"]["result"] == "FAILED"


@pytest.mark.parametrize(
    ("arguments", "more", "why"),
    [
        (("--", "-k", "answer"), {}, "arguments -k answer"),
        ((), {"PYTEST_ADDOPTS": "-q"}, "PYTEST_ADDOPTS is set"),
        (("--no-install",), {}, "--no-install"),
        (("--install-only",), {}, "--install-only"),
        (("--force-python", "3.11"), {}, "--force-python"),
    ],
)
def test_a_narrowed_run_seals_nothing(
    project: Project, arguments: tuple[str, ...], more: dict[str, str], why: str
) -> None:
    ended = project.nox("-s", "test", *arguments, **more)
    assert ended.code == 0, ended.all
    assert "not sealed" in ended.out
    assert why in ended.out
    assert not project.evidence("test.json").exists()


def test_a_narrowed_walk_does_not_pass(project: Project) -> None:
    report = project.release(PYTEST_ADDOPTS="-q")
    assert states(report)["test"] == "closed"
    assert "not-sealed" in problem_ids(report)


def test_evidence_against_a_twin_opens_no_real_gate(project: Project) -> None:
    report = project.release()
    assert report["done"], report
    project.write(".gitignore", "dist/\n")  # another commit: nothing of the rehearsal counts
    project.commit("Ignore dist")
    refused = project.nox("-s", "publish")
    assert refused.code == 1
    assert "The gate tag is not proven" in refused.out


def test_a_rehearsal_serves_the_real_gates_up_to_verify_install(project: Project) -> None:
    project.git("init", "--quiet", "--bare", str(project.root.parent / "remote.git"))
    project.git("remote", "add", "origin", str(project.root.parent / "remote.git"))
    project.write("pyproject.toml", f'{PYPROJECT}\n[tool.towpath.publish-test]\nindex = "testpypi"\n')
    project.commit("Publish to the test index first")
    assert project.release()["done"]
    assert project.nox("-s", "build").code == 0, "puts the rehearsed bytes into dist/"
    tagged = project.nox("-s", "tag")
    assert tagged.code == 0, tagged.all
    refused = project.nox("-s", "publish")
    assert "publish-test is not proven" in refused.out, "a rehearsal's own evidence is about its twins"


def test_a_forged_target_does_not_count(project: Project) -> None:
    assert project.release()["done"]
    rehearsed = project.evidence("rehearsal")
    rehearsed.rename(project.evidence("pypi"))
    assert project.nox("-s", "build").code == 0
    refused = project.nox("-s", "publish")
    assert refused.code == 1
    assert "is about another target" in refused.out


def test_uncommitted_work_keeps_build_closed(project: Project) -> None:
    project.write("src/sample_pkg/more.py", "X = 1\n")
    ended = project.nox("-s", "build")
    assert ended.code == 1
    assert "There is uncommitted work" in ended.out


def test_a_session_that_ends_with_0_and_leaves_no_evidence_is_closed(make_project: Callable[..., Project]) -> None:
    liar = NOXFILE + "\nimport nox\n\n\n@nox.session(name='lint', venv_backend='none')\ndef lint(session):\n    pass\n"
    report = make_project(files={"noxfile.py": liar}).release()
    assert states(report)["lint"] == "closed"
    assert "evidence-missing" in problem_ids(report)


def test_credentials_reach_no_child(make_project: Callable[..., Project]) -> None:
    canary = "pypi-canary-3f9a"
    names = ("TOWPATH_TOKEN_PYPI", "TWINE_PASSWORD", "GITHUB_TOKEN", "UV_PUBLISH_TOKEN", "MY_API_KEY")
    variables: dict[str, Any] = dict.fromkeys(names, canary)
    test = (
        f"import os\n\n\ndef test_it():\n    assert {canary!r} not in os.environ.values()\n"
        "    assert 'TOWPATH_WORLD' not in os.environ\n"
    )
    project = make_project(files={"tests/test_core.py": test, "pyproject.toml": FILES["pyproject.toml"]})
    ended = project.nox("-s", "release", **variables)
    assert ended.code == 0, ended.all
    written = [path for path in (project.root / ".towpath").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if canary.encode() in path.read_bytes()]
    assert canary not in ended.all
