from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.environments import installer, interpreters
from towpath.environments.index import configuration_files, configured_index
from towpath.environments.installer import Installer, Options
from towpath.environments.interpreters import Interpreter
from towpath.environments.kept import Recipe, default_cache

PYTHON = Interpreter(Path("/opt/python3.12"), "3.12.1", "cpython", "linux-x86_64")
UV = Installer("uv", Path("/opt/uv"))


def recipe(**changes: Any) -> Recipe:
    inputs = {"interpreter": PYTHON, "requirements": ("a", "b>=1"), "installer": UV, "index": None}
    return Recipe(**(inputs | changes))  # type: ignore[arg-type]  # the inputs are of mixed types


def test_the_short_version_of_an_interpreter() -> None:
    assert PYTHON.short == "3.12"


def test_the_order_and_repetition_of_requirements_do_not_matter() -> None:
    assert recipe().key == recipe(requirements=("b>=1", "a", "a")).key


@pytest.mark.parametrize(
    "changes",
    [
        {"interpreter": Interpreter(PYTHON.executable, "3.12.2", "cpython", "linux-x86_64")},
        {"interpreter": Interpreter(Path("/usr/bin/python3"), "3.12.1", "cpython", "linux-x86_64")},
        {"interpreter": Interpreter(PYTHON.executable, "3.12.1", "pypy", "linux-x86_64")},
        {"requirements": ("a",)},
        {"installer": Installer("pip")},
        {"index": "http://127.0.0.1/simple"},
    ],
)
def test_each_input_changes_the_key(changes: dict[str, object]) -> None:
    assert recipe(**changes).key != recipe().key


def test_another_uv_is_no_other_input() -> None:
    assert recipe(installer=Installer("uv", Path("/elsewhere/uv"))).key == recipe().key


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_different_requirements_have_different_keys(one: list[str], other: list[str]) -> None:
    same = recipe(requirements=tuple(one)).key == recipe(requirements=tuple(other)).key
    assert same == (set(one) == set(other))


@pytest.mark.parametrize("request_", ["", "3.x", "latest", ">=3.9", "3.12.1.2", "3.12; rm", "../python"])
def test_a_request_that_names_no_python(request_: str) -> None:
    with pytest.raises(errors.TowpathError) as raised:
        interpreters.find(request_, environ={})
    assert raised.value.problems[0].id == "bad-python-request"
    assert raised.value.exit_code == 2


def test_children_get_the_index_and_no_other_configuration() -> None:
    environ = {
        "PATH": "/bin",
        "HOME": "/home/user",
        "HTTPS_PROXY": "http://proxy",
        "PIP_CERT": "/ca.pem",
        "UV_CACHE_DIR": "/cache",
        "PIP_EXTRA_INDEX_URL": "http://extra",
        "PIP_FIND_LINKS": "/wheels",
        "PIP_TARGET": "/elsewhere",
        "UV_INDEX": "http://extra",
        "UV_FIND_LINKS": "/wheels",
        "UV_EXCLUDE_NEWER": "2020-01-01",
        "PYTHONPATH": "/src",
        "VIRTUAL_ENV": "/venv",
    }
    given_on = installer.children(environ, "http://user:secret@index/simple")
    assert {name: given_on[name] for name in given_on if name in environ} == {
        "PATH": "/bin",
        "HOME": "/home/user",
        "HTTPS_PROXY": "http://proxy",
        "PIP_CERT": "/ca.pem",
        "UV_CACHE_DIR": "/cache",
    }
    assert given_on["PIP_INDEX_URL"] == given_on["UV_DEFAULT_INDEX"] == "http://user:secret@index/simple"
    assert given_on["PIP_CONFIG_FILE"] == os.devnull


@pytest.mark.parametrize("tool", [UV, Installer("pip")])
def test_no_index_stands_in_a_command(tool: Installer) -> None:
    command = installer.installing(tool, Path("python"), ["a"], Options(no_deps=True, reinstall=True, refresh=True))
    assert "--no-deps" in command
    assert command[-1] == "a"
    assert not [part for part in command if "index" in part]


def test_uv_is_used_where_it_is_and_pip_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installer, "uv", lambda _: None)
    assert installer.find_installer("auto", environ={}) == Installer("pip")
    with pytest.raises(errors.TowpathError) as raised:
        installer.find_installer("uv", environ={})
    assert raised.value.problems[0].id == "no-uv"
    monkeypatch.setattr(installer, "uv", lambda _: Path("/opt/uv"))
    assert installer.find_installer("auto", environ={}) == UV
    assert installer.find_installer("uv", environ={}) == UV
    assert installer.find_installer("pip", environ={}) == Installer("pip")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (
            {"UV_DEFAULT_INDEX": "http://a", "UV_INDEX_URL": "http://b", "PIP_INDEX_URL": "http://c"},
            "http://a",
        ),
        ({"UV_INDEX_URL": "http://b", "PIP_INDEX_URL": "http://c"}, "http://b"),
        ({"UV_DEFAULT_INDEX": "", "PIP_INDEX_URL": "http://c/?x=1"}, "http://c/?x=1"),
        ({"UV_DEFAULT_INDEX": "corp=https://d/simple"}, "https://d/simple"),
        ({"PIP_EXTRA_INDEX_URL": "http://e", "PIP_FIND_LINKS": "/f", "UV_INDEX": "http://g"}, None),
        ({}, None),
    ],
)
def test_the_index_by_variables(environ: dict[str, str], expected: str | None) -> None:
    assert configured_index(environ, files=()) == expected


def places(environ: dict[str, str], platform: str) -> list[str]:
    return [path.as_posix() for path in configuration_files(environ, platform=platform, prefix="/venv")]


def test_the_places_of_pips_configuration_weakest_first() -> None:
    home = {"HOME": "/home/me"}
    linux = [
        "/etc/xdg/pip/pip.conf",
        "/etc/pip.conf",
        "/home/me/.pip/pip.conf",
        "/home/me/.config/pip/pip.conf",
    ]
    assert places(home, "linux") == [*linux, "/venv/pip.conf"]
    assert places(home | {"XDG_CONFIG_HOME": "/conf", "XDG_CONFIG_DIRS": "/a:/b"}, "linux") == [
        "/a/pip/pip.conf",
        "/b/pip/pip.conf",
        "/etc/pip.conf",
        "/home/me/.pip/pip.conf",
        "/conf/pip/pip.conf",
        "/venv/pip.conf",
    ]
    assert places(home | {"PIP_CONFIG_FILE": "/not/there"}, "linux")[-1] == "/not/there"
    assert places(home | {"PIP_CONFIG_FILE": os.devnull}, "linux") == []
    assert places(home, "darwin") == [
        "/Library/Application Support/pip/pip.conf",
        "/home/me/.pip/pip.conf",
        "/home/me/.config/pip/pip.conf",
        "/venv/pip.conf",
    ]
    windows = {"PROGRAMDATA": "C:/ProgramData", "APPDATA": "C:/Roaming", "USERPROFILE": "C:/Users/me"}
    assert places(windows, "win32") == [
        "C:/ProgramData/pip/pip.ini",
        "C:/Users/me/pip/pip.ini",
        "C:/Roaming/pip/pip.ini",
        "/venv/pip.ini",
    ]


def test_the_cache_can_be_chosen() -> None:
    assert default_cache({"TOWPATH_CACHE_DIR": "/somewhere"}) == Path("/somewhere").absolute() / "environments"
    assert default_cache({}).name == "environments"
    assert "towpath" in str(default_cache({}))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "no-space"),
        (errno.EACCES, "not-writable"),
        (errno.EROFS, "not-writable"),
        (errno.EIO, "disk-failure"),
    ],
)
def test_what_an_os_error_means(number: int, expected: str) -> None:
    with pytest.raises(errors.TowpathError) as raised, errors.disk("write the file"):
        raise OSError(number, os.strerror(number), "/somewhere/file")
    (problem,) = raised.value.problems
    assert problem.id == expected
    assert "could not write the file" in problem.cause.lower()
