"""`[tool.towpath]` read from a folder: strict, and everything that is wrong is told together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from towpath.config.reading import load
from towpath.errors import Problem, TowpathError

if TYPE_CHECKING:
    from pathlib import Path

    from towpath.config.configuration import Configuration

PROJECT = '[project]\nname = "sample"\n'


def read(folder: Path, text: str, before: str = PROJECT) -> Configuration:
    (folder / "pyproject.toml").write_bytes((before + text).encode())
    return load(folder)


def problems(folder: Path, text: str, before: str = PROJECT) -> tuple[Problem, ...]:
    with pytest.raises(TowpathError) as caught:
        read(folder, text, before)
    assert caught.value.exit_code == 2, "the configuration is wrong"
    return caught.value.problems


def only(folder: Path, text: str, before: str = PROJECT) -> Problem:
    (problem,) = problems(folder, text, before)
    return problem


def test_no_table_at_all(tmp_path: Path) -> None:
    assert read(tmp_path, "").name == "sample"


def test_every_key(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        """
[tool.towpath]
python = ["3.10", "3.12"]
installer = "uv"
pass-environment = ["CI"]
[tool.towpath.lint]
commands = ["ruff check .", ["mypy", "src dir"]]
groups = ["lint"]
extras = ["x"]
requirements = ["r.txt"]
environment = { A = "1" }
[tool.towpath.test]
commands = []
[tool.towpath.security]
severity = "high"
[tool.towpath.verify-install]
skip-imports = { "sample.gui" = "needs a screen" }
[tool.towpath.tag]
format = "sample-{version}"
remote = "upstream"
branches = ["main", "release/*"]
[tool.towpath.publish-test]
index = "testpypi"
[tool.towpath.publish]
index = "own"
[tool.towpath.routes]
final = ["own"]
prerelease = ["testpypi"]
development = []
post = ["testpypi", "own"]
[tool.towpath.github-release]
repository = "a/b"
api-url = "https://x"
[tool.towpath.index.own]
upload-url = "https://u"
simple-url = "https://s"
token-variable = "T"
""",
    ).settings
    assert settings.lint.commands == ("ruff check .", ("mypy", "src dir"))
    assert settings.tag.format == "sample-{version}"
    assert settings.index["own"].token_variable == "T"
    assert settings.routes.post == ("testpypi", "own")


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    assert read(tmp_path, "", "\ufeff" + PROJECT).name == "sample"


def test_poetrys_name(tmp_path: Path) -> None:
    assert read(tmp_path, "", '[tool.poetry]\nname = "poem"\n').name == "poem"


@pytest.mark.parametrize(
    ("text", "where", "suggestion"),
    [
        ("[tool.towpath]\npythons = []", "[tool.towpath]: unknown key 'pythons'", "'python'"),
        ("[tool.towpath.lnit]\ncommands = []", "[tool.towpath]: unknown key 'lnit'", "'lint'"),
        ("[tool.towpath.lint]\ncomands = []", "[tool.towpath.lint]: unknown key 'comands'", "'commands'"),
        ("[tool.towpath.publish_test]\nindex = 'a'", "[tool.towpath]: unknown key 'publish_test'", "'publish-test'"),
        ("[tool.towpath.tag]\nsign = true", "[tool.towpath.tag]: unknown key 'sign'", ""),
        (
            "[tool.towpath.index.own]\nupload-url='https://u'\nsimple-url='https://s'\nurl='x'",
            "[tool.towpath.index.own]: unknown key 'url'",
            "",
        ),
    ],
)
def test_an_unknown_key(tmp_path: Path, text: str, where: str, suggestion: str) -> None:
    problem = only(tmp_path, text)
    assert problem.id == "bad-configuration"
    assert where in problem.cause
    assert (f"Did you mean {suggestion}? " if suggestion else "Correct") in problem.fix


def test_every_unknown_key_is_told_together(tmp_path: Path) -> None:
    found = problems(
        tmp_path, "[tool.towpath]\na1 = 1\n[tool.towpath.lint]\nb2 = 1\n[tool.towpath.index.own]\nc3 = 1\n"
    )
    told = " ".join(problem.cause for problem in found)
    assert all(name in told for name in ("'a1'", "'b2'", "'c3'")), told


def test_whatever_is_wrong_is_told_together(tmp_path: Path) -> None:
    text = "[tool.towpath]\ntypo = 1\ninstaller = 'conda'\n[tool.towpath.tag]\nformat = 'v'\n"
    told = " ".join(problem.cause for problem in problems(tmp_path, text))
    assert all(part in told for part in ("'typo'", "'conda'", "format")), told


def test_a_wrong_type_is_told_beside_what_else_is_wrong(tmp_path: Path) -> None:
    text = "[tool.towpath]\ntypo = 1\npython = '3.12'\n"
    told = " ".join(problem.cause for problem in problems(tmp_path, text))
    assert "'typo'" in told
    assert "a list is wanted, and text in quotes is there" in told


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[tool.towpath]\npython = '3.12'", "[tool.towpath.python]: a list is wanted, and text in quotes is there."),
        (
            "[tool.towpath]\npython = [3.12]",
            "[tool.towpath.python[0]]: text in quotes is wanted, and a number is there.",
        ),
        ("[tool.towpath]\nlint = 'ruff'", "[tool.towpath.lint]: a table is wanted, and text in quotes is there."),
        ("[tool]\ntowpath = 3", "[tool.towpath]: a table is wanted, and a whole number is there."),
        (
            "[tool.towpath.tag]\nremote = 1",
            "[tool.towpath.tag.remote]: text in quotes is wanted, and a whole number is there.",
        ),
        ("[tool.towpath.index.own]\nupload-url = 'x'", "missing required field `simple-url`"),
        ("[tool.towpath]\nindex = 3", "[tool.towpath.index]: a table is wanted, and a whole number is there."),
    ],
)
def test_a_wrong_type(tmp_path: Path, text: str, cause: str) -> None:
    problem = only(tmp_path, text)
    assert problem.id == "bad-configuration"
    assert cause in problem.cause


@pytest.mark.parametrize("choice", ["installer = 'uvx'", "security.severity = 'hihg'"])
def test_a_wrong_choice(tmp_path: Path, choice: str) -> None:
    problem = only(tmp_path, f"[tool.towpath]\n{choice}")
    assert "is none of" in problem.cause
    assert problem.fix.startswith("Did you mean ")


@pytest.mark.parametrize(
    "text",
    ["v", "", "{}", "{0}", "{{version}}", "{version", "version}", "{name}-{version}", "{version!r}", "{version:>9}",
     "{version}{version}", "v {version}", "v{version}\\n"],
)  # fmt: skip
def test_a_tag_format_that_makes_no_tag(tmp_path: Path, text: str) -> None:
    assert "format" in only(tmp_path, f'[tool.towpath.tag]\nformat = "{text}"').cause


@pytest.mark.parametrize(
    "text", ["{version}", "v{version}", "sample-{version}", "sample/v{version}", "release_{version}_x"]
)
def test_a_tag_format_that_does(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f'[tool.towpath.tag]\nformat = "{text}"').settings.tag.format == text


@pytest.mark.parametrize("name", ["rehearsal", "dist", "logs", "..", "../../etc", "a/b", "a\\\\b", " ", "", ".x", "x."])
def test_an_index_whose_name_cannot_be_a_folder_beside_the_others(tmp_path: Path, name: str) -> None:
    text = f'[tool.towpath.index."{name}"]\nupload-url = "https://u"\nsimple-url = "https://s"\n'
    assert "cannot be named" in only(tmp_path, text).cause


@pytest.mark.parametrize(
    "before",
    ["", "[project]\n", "[project]\nname = ''\n", "[project]\nname = 3\n", "project = 3\n", "tool = 3\n",
     "project = []\n", "[tool]\npoetry = 'x'\n", "[tool.poetry]\nname = []\n"],
)  # fmt: skip
def test_no_name(tmp_path: Path, before: str) -> None:
    assert only(tmp_path, "", before).id == "no-project-name"


@pytest.mark.parametrize("text", ["[", "a = ", "a = 1\na = 2", "\x00", "[project]\nname = 'x"])
def test_toml_that_does_not_parse(tmp_path: Path, text: str) -> None:
    problem = only(tmp_path, text, "")
    assert problem.id == "bad-toml"
    assert problem.cause.startswith("pyproject.toml does not parse: ")


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[project]\nname = '\xff'\n")
    with pytest.raises(TowpathError) as caught:
        load(tmp_path)
    assert caught.value.problems[0].id == "bad-toml"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(TowpathError) as caught:
        load(tmp_path)
    assert caught.value.problems[0].id == "no-pyproject"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("upload-url = 'http://i.example/'", "own.upload-url begins with http://: a token sent there could be read"),
        ("simple-url = 'http://i.example/'", "own.simple-url begins with http://"),
        ("upload-url = 'i.example'", "own.upload-url must begin with https://"),
        ("upload-url = 'https://[::1'", "own.upload-url is no URL"),
        ("simple-url = 'https://ada:secret@i.example/'", "own.simple-url holds a user"),  # pragma: allowlist secret
        ("credentials = 'keyrign'", "own.credentials is 'keyrign': it is one of trusted, environment, keyring, pypirc"),
        ("username = ''", "own.username is ''"),
        ("username = 'a:b'", "own.username is 'a:b'"),
    ],
)
def test_an_index_that_no_credential_should_go_to(tmp_path: Path, lines: str, what: str) -> None:
    known = {"upload-url": "'https://i.example/up/'", "simple-url": "'https://i.example/simple/'"}
    key, _, value = lines.partition(" = ")
    text = "".join(f"{name} = {given}\n" for name, given in {**known, key: value}.items())
    problem = only(tmp_path, f"[tool.towpath.index.own]\n{text}")
    assert what in problem.cause
    assert "secret" not in problem.cause


def test_plain_http_on_this_machine(tmp_path: Path) -> None:
    text = "[tool.towpath.index.own]\nupload-url = 'http://localhost:3141/'\nsimple-url = 'http://127.0.0.1:3141/'\n"
    assert read(tmp_path, text).index("own").upload_url == "http://localhost:3141/"


@pytest.mark.parametrize("where", ["publish.patience", "publish-test.patience", "verify-published.wait"])
def test_a_wait_that_is_none(tmp_path: Path, where: str) -> None:
    assert "0 is no number of seconds to wait" in only(tmp_path, f"[tool.towpath]\n{where} = 0\n").cause


@pytest.mark.parametrize(
    ("text", "cause", "fix"),
    [
        ('test.coverage = "85"', "a number is wanted, and text in quotes is there", "Take the quotes off. Correct "),
        ("tag.remote = 1", "text in quotes is wanted, and a whole number is there", "Put it in quotes. Correct "),
        ("python = '3.12'", "a list is wanted, and text in quotes is there", "Put it in square brackets. Correct "),
        ("test.coverage = [85]", "a number is wanted, and a list is there", "Correct "),
    ],
)
def test_a_wrong_type_in_words(tmp_path: Path, text: str, cause: str, fix: str) -> None:
    problem = only(tmp_path, f"[tool.towpath]\n{text}\n")
    assert cause in problem.cause
    assert "`" not in problem.cause
    assert problem.fix.startswith(fix)
