from __future__ import annotations

import ast
import codecs
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from towpath.errors import TowpathError
from towpath.versions import tuples
from towpath.versions.places import Declared, Edit, Overlay, Place, edits_in, out_of_step, places_in, version_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = '[project]\nname = "sample"\nversion = "1.2.0"\n'
DYNAMIC = '[project]\nname = "sample"\ndynamic = ["version"]\n'
NEW = Version("1.3.0rc1")


@dataclass(frozen=True)
class Files:
    """A tree in memory."""

    files: Mapping[str, bytes] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def children(self, folder: str) -> tuple[str, ...]:
        base = PurePosixPath(folder)
        paths = (PurePosixPath(path) for path in self.files)
        return tuple(sorted({path.relative_to(base).parts[0] for path in paths if path.is_relative_to(base)}))


def of(files: Mapping[str, str | bytes]) -> Files:
    return Files({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def found(files: Files, *declared: Declared) -> list[tuple[str, str, str]]:
    return [(place.path, place.kind, place.value) for place in places_in(files, name="x", declared=declared)]


def changed(files: Files, *declared: Declared, new: Version = NEW) -> dict[str, bytes]:
    places = places_in(files, name="x", declared=declared)
    made = {edit.path: edit.after for edit in edits_in(files, places, new)}
    after = places_in(Overlay(files, made), name="x", declared=declared)
    assert len(after) == len(places)
    assert not out_of_step(after, new)
    return made


def problem(files: Files) -> tuple[str, str]:
    with pytest.raises(TowpathError) as caught:
        version_in(files, name="here")
    return caught.value.problems[0].id, caught.value.problems[0].cause


# ---- pyproject.toml -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        PROJECT,
        "[project]\nname='sample'\nversion   =   '1.2.0'   # 1.2.0\n",
        'project = {name = "sample", version = "1.2.0"}\n',
        'project.name = "sample"\nproject.version = "1.2.0"\n',
        '[project]\n"version" = "1.2.0"\nname = "sample"\n[tool.other]\nversion = "1.2.0"\n',
        '[tool.other]\nversion = "1.2.0"\nnan = nan\n[project]\nname = "sample"\nversion = """1.2.0"""\n',
        '[project]\nname = "sample"\ndescription = """\nversion = "1.2.0"\n"""\nversion = "1.2.0"',
        '# version = "1.2.0"\n[project]\r\nname = "sample"\r\nversion = "1.2.0"\r\n\n',
        '[project]\nname = "sample"\nkeywords = ["1.2.0", "é"]\nversion = "1.2.0"\n',
        '[tool.poetry]\nname = "sample"\nversion = "1.2.0"\n[tool.poetry.dependencies]\nother = "1.2.0"\n',
    ],
)
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_only_the_projects_version_changes(text: str, mark: bytes) -> None:
    files = of({"pyproject.toml": mark + text.encode()})
    (place,) = places_in(files, name="x")
    start, end = place.span
    after = changed(files)["pyproject.toml"]
    assert files.files["pyproject.toml"][start:end] == b"1.2.0"
    assert after == files.files["pyproject.toml"][:start] + b"1.3.0rc1" + files.files["pyproject.toml"][end:]
    assert files.files["pyproject.toml"][:end].count(b"\n") == place.line - 1


def test_poetry_and_project_are_both_written_and_project_decides() -> None:
    files = of({"pyproject.toml": '[tool.poetry]\nversion = "1.1.0"\n' + PROJECT})
    assert found(files) == [("pyproject.toml", "project", "1.2.0"), ("pyproject.toml", "poetry", "1.1.0")]
    assert version_in(files, name="x").value == "1.2.0"
    assert changed(files)["pyproject.toml"].count(b"1.3.0rc1") == 2


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, ("no-pyproject", "There is no pyproject.toml in here.")),
        ({"pyproject.toml": "[project\n"}, ("bad-toml", "pyproject.toml does not parse")),
        ({"pyproject.toml": b"# \xff\n[project]\n"}, ("bad-toml", "pyproject.toml does not parse")),
        ({"pyproject.toml": '[project]\nname = "sample"\n'}, ("no-version", "neither [project] nor [tool.poetry]")),
        ({"pyproject.toml": "[tool.x]\n"}, ("no-version", "neither [project] nor [tool.poetry]")),
        ({"pyproject.toml": "project = 3\n"}, ("no-version", "neither [project] nor [tool.poetry]")),
        ({"pyproject.toml": DYNAMIC}, ("no-version", "pyproject.toml calls it dynamic")),
        (
            {"pyproject.toml": PROJECT.replace("1.2.0", "1.2.x")},
            ("bad-version", "pyproject.toml, line 3, says '1.2.x'"),
        ),
        (
            {"pyproject.toml": DYNAMIC + '[build-system]\nrequires = ["setuptools_scm[toml]>=8"]\n'},
            ("no-version", "setuptools-scm takes it from git's tags"),
        ),
        (
            {
                "pyproject.toml": DYNAMIC
                + '[tool.hatch.version]\nsource = "vcs"\n[build-system]\nrequires = ["hatch-vcs"]'
            },
            ("no-version", "hatch-vcs takes it from git's tags"),
        ),
        (
            {"pyproject.toml": '[tool.poetry]\nversion = "0.0.0"\n[tool.poetry-dynamic-versioning]\nenable = true\n'},
            ("no-version", "poetry-dynamic-versioning takes it from git's tags"),
        ),
    ],
)
def test_without_a_version_the_error_says_why(files: dict[str, str | bytes], expected: tuple[str, str]) -> None:
    kind, cause = problem(of(files))
    assert kind == expected[0]
    assert expected[1] in cause


# ---- files that the backend reads ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pyproject", "path", "content"),
    [
        (
            '[tool.hatch.version]\npath = "src/sample/__about__.py"\n',
            "src/sample/__about__.py",
            "__version__ = '1.2.0'\n",
        ),
        ('[tool.hatch.version]\npath = "src/sample/v.py"\n', "src/sample/v.py", 'VERSION: str = "v1.2.0"\n'),
        (
            '[tool.hatch.version]\npath = "version.h"\npattern = "V (?P<version>.+)$"\n',
            "version.h",
            "#define V 1.2.0\n",
        ),
        (
            '[tool.setuptools.dynamic]\nversion = {attr = "sample.__version__"}\n',
            "sample/__init__.py",
            '__version__ = "1.2.0"',
        ),
        ('[tool.setuptools.dynamic]\nversion = {attr = "sample.v.V"}\n', "src/sample/v.py", 'V = "1.2.0"\n'),
        ('[tool.setuptools.dynamic]\nversion = {file = ["VER"]}\n', "VER", "\n1.2.0\r\n"),
        ('[tool.pdm.version]\nsource = "file"\npath = "sample.py"\n', "sample.py", '__version__ = "1.2.0"\n'),
        ('[build-system]\nbuild-backend = "flit_core.buildapi"\n', "src/sample.py", '"""x"""\n__version__ = "1.2.0"\n'),
        ('[build-system]\nbuild-backend = "flit_core.buildapi"\n', "sample/__init__.py", '__version__ = "1.2.0"\n'),
        ("", "setup.cfg", "[other]\nversion = 7\n[metadata]\nname = sample\nversion = 1.2.0\n"),
        ("", "setup.py", 'import setuptools\nsetuptools.setup(name="sample", version="1.2.0")\n'),
    ],
)
def test_the_file_that_the_backend_reads_decides(pyproject: str, path: str, content: str) -> None:
    files = of({"pyproject.toml": DYNAMIC + pyproject, path: content})
    place = version_in(files, name="x")
    assert (place.path, place.value) == (path, "1.2.0")
    assert places_in(files, name="x") == (place,)
    assert changed(files) == {path: content.replace("1.2.0", "1.3.0rc1").encode()}


def test_setup_cfg_may_point_to_a_file_or_an_attribute() -> None:
    for directive, path, content in (
        ("file: VERSION", "VERSION", "1.2.0"),
        ("attr: sample.V", "sample.py", "V = '1.2.0'"),
    ):
        files = of({"pyproject.toml": DYNAMIC, "setup.cfg": f"[metadata]\nversion = {directive}\n", path: content})
        assert version_in(files, name="x").path == path


def test_old_flit_names_its_module() -> None:
    pyproject = '[build-system]\nbuild-backend = "flit_core.buildapi"\n[tool.flit.metadata]\nmodule = "sample"\n'
    files = of({"pyproject.toml": pyproject, "sample.py": "__version__ = '1.2.0'\n"})
    assert version_in(files, name="x").path == "sample.py"


# ---- literals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["__init__.py", "_version.py", "version.py", "__about__.py"])
@pytest.mark.parametrize("folder", ["src/sample", "sample"])
def test_a_literal_is_found_in_the_usual_files(folder: str, file: str) -> None:
    files = of({"pyproject.toml": PROJECT, f"{folder}/__init__.py": "", f"{folder}/{file}": "__version__ = '1.1.0'\n"})
    assert found(files)[1:] == [(f"{folder}/{file}", "literal", "1.1.0")]
    assert changed(files)[f"{folder}/{file}"] == b"__version__ = '1.3.0rc1'\n"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"""\n__version__ = "0.9"\n"""\n__version__: str = "1.2.0"  # "1.2.0"\n', ["1.2.0"]),
        ("# __version__ = '1'\nx = 'é'; __version__ = version = u'1.2.0'; y = '1.2.0'\n", ["1.2.0"]),
        ("\ufeff__version__ = '1.2.0'\r\nz = 1\r", ["1.2.0"]),
        ("\x0c__version__ = (\n    '''1.2.0'''\n)", ["1.2.0"]),
        ("try:\n    from a import __version__\nexcept ImportError:\n    __version__ = '0.0.0'\n", []),
        ("__version__ = '1.' '2.0'\n", []),
        ("__version__ = f'{x}'\n", []),
        ("__version__ = version('sample')\n", []),
        ("__version__ = '1.\\x32.0'\n", []),
        ("__version__ = '1.2.0'\nprint 'Python 2'\n", []),
        ("x.__version__ = '1.2.0'\n__version__ = ''\n", []),
        ("__version__ = '1.2.0'\n__version__ = '1.2.1'\n", ["1.2.0", "1.2.1"]),
    ],
)
def test_only_a_literal_that_the_module_assigns_counts(source: str, expected: list[str]) -> None:
    files = of({"pyproject.toml": PROJECT, "sample/__init__.py": source})
    assert [value for _, _, value in found(files)[1:]] == expected
    after = changed(files).get("sample/__init__.py", source.encode()).decode()
    for value in expected:
        assert after.count("1.3.0rc1") == len(expected)
        assert len(after) == len(source) + sum(len("1.3.0rc1") - len(value) for value in expected)


def test_an_encoding_declaration_is_followed() -> None:
    source = "# -*- coding: latin-1 -*-\nname = 'é'; __version__ = '1.2.0'\n".encode("latin-1")
    files = of({"pyproject.toml": PROJECT, "sample.py": source})
    assert changed(files)["sample.py"] == source.replace(b"1.2.0", b"1.3.0rc1")


def test_a_file_that_cannot_be_decoded_holds_no_literal() -> None:
    files = of({"pyproject.toml": PROJECT, "sample.py": b"__version__ = '1.2.0' # \xff\n"})
    assert len(found(files)) == 1


@pytest.mark.parametrize(
    ("extra", "path"),
    [
        ('[tool.hatch.build.targets.wheel]\npackages = ["src/other"]\n', "src/other/__init__.py"),
        ('[tool.poetry]\npackages = [{include = "other", from = "python"}]\n', "python/other/__init__.py"),
        ('[tool.setuptools]\npackages = ["other"]\n', "other/__init__.py"),
        ('[tool.setuptools]\npy-modules = ["other"]\n', "other.py"),
        ('[tool.setuptools]\npackages = ["other"]\npackage-dir = {"" = "code"}\n', "code/other/__init__.py"),
        ('[tool.flit.module]\nname = "other"\n', "src/other.py"),
        ('[tool.uv.build-backend]\nmodule-name = "other"\n', "src/other/__init__.py"),
        ("", "src/other/__init__.py"),
        ("", "other/__init__.py"),
    ],
)
def test_the_projects_packages_are_known(extra: str, path: str) -> None:
    files = of({"pyproject.toml": PROJECT + extra, path: "__version__ = '1.2.0'\n", "tests/__init__.py": ""})
    assert (path, "literal", "1.2.0") in found(files)


def test_a_foreign_package_is_not_taken_for_the_projects() -> None:
    literal = "__version__ = '9.9'\n"
    files = of(
        {
            "pyproject.toml": PROJECT,
            "sample/__init__.py": "",
            "vendored/__init__.py": literal,
            "docs/__init__.py": literal,
        }
    )
    assert len(found(files)) == 1


def test_where_git_decides_only_declared_places_are_left() -> None:
    pyproject = DYNAMIC + '[build-system]\nrequires = ["hatchling", "hatch-vcs"]\n'
    files = of(
        {
            "pyproject.toml": pyproject,
            "sample/_version.py": "__version__ = '1.0'\n",
            "sample/__init__.py": "",
            "V": "1.0",
        }
    )
    assert found(files) == []
    assert found(files, Declared("V")) == [("V", "file", "1.0")]


@pytest.mark.parametrize(
    "key",
    [
        "project", "project.name", "project.version", "project.dynamic", "build-system", "build-system.requires",
        "build-system.build-backend", "tool", "tool.hatch.version", "tool.hatch.version.path",
        "tool.hatch.version.source",
        "tool.hatch.version.pattern", "tool.hatch.build.targets.wheel.packages", "tool.setuptools",
        "tool.setuptools.package-dir", "tool.setuptools.packages", "tool.setuptools.packages.find.where",
        "tool.setuptools.dynamic.version", "tool.setuptools.dynamic.version.attr",
        "tool.setuptools.dynamic.version.file",
        "tool.poetry", "tool.poetry.version", "tool.poetry.packages", "tool.flit.module", "tool.flit.metadata.module",
        "tool.pdm.version", "tool.pdm.version.path", "tool.uv.build-backend", "tool.uv.build-backend.module-name",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "junk", ["3", "true", "[]", "[3, {}]", "{}", "{x = 3}", '""', '"("', '"../../etc"', '["a.b", "/"]']
)
def test_nonsense_in_the_configuration_never_crashes(key: str, junk: str) -> None:
    files = of(
        {"pyproject.toml": f"{key} = {junk}\n", "a.py": "__version__ = '1'", "setup.cfg": "[metadata]\nversion = 2"}
    )
    assert all(place.value for place in places_in(files, name="x"))


def test_one_file_named_in_two_ways_is_one_place() -> None:
    pyproject = DYNAMIC + '[tool.hatch.version]\npath = "./src/sample/../sample/__init__.py"\n'
    files = of({"pyproject.toml": pyproject, "src/sample/__init__.py": "__version__ = '1.2.0'\n"})
    pattern = "__version__ = '{version}'"
    assert found(files, Declared("./src/sample/__init__.py", pattern)) == [
        ("src/sample/__init__.py", "literal", "1.2.0")
    ]


# ---- tuples, files, locks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "version", "after"),
    [
        ("(1, 2, 0)", "1.3.0", "(1, 3, 0)"),
        ("(1,2,0,)", "1.3.0", "(1,3,0,)"),
        ("(1, 2, 0)", "1.3.0rc1", '(1, 3, 0, "rc1")'),
        ('(1, 3, 0, "rc1")', "1.3.0", "(1, 3, 0)"),
        ("(1, 2, 0, 'final', 0)", "1.3.0rc1", "(1, 3, 0, 'candidate', 1)"),
        ("(1, 2, 0, 'b', 2)", "1.2.0rc1", "(1, 2, 0, 'rc', 1)"),
        ("('1', '2', '0')", "1.3.0", "('1', '3', '0')"),
        ("(1, 4, 7, 6)", "1.4.8.0", "(1, 4, 8, 0)"),
        ("(1, 2)", "1.3", "(1, 3)"),
        ("(\r\n    1,  # of 7\r\n    2,\r\n    0,\r\n)", "1.3.0", "(\r\n    1,  # of 7\r\n    3,\r\n    0,\r\n)"),
    ],
)
def test_a_tuple_keeps_its_layout(source: str, version: str, after: str) -> None:
    assert tuples.written(source, Version(version)) == after
    assert tuples.agrees(after, Version(version))
    assert not tuples.agrees(source, Version(version))


@given(
    st.sampled_from(["(1, 2, 0)", "(1, 2, 0, 'final', 0)", "('1', '2', '0')", "(0,)"]),
    st.lists(st.integers(0, 99), min_size=1, max_size=4),
    st.sampled_from(["", "a1", "rc2", ".post1", ".dev3"]),
)
def test_a_tuple_that_is_written_says_the_version(source: str, release: list[int], suffix: str) -> None:
    version = Version(".".join(map(str, release)) + suffix)
    after = tuples.written(source, version)
    assert isinstance(ast.literal_eval(after), tuple)
    assert tuples.agrees(after, version)


def test_string_and_tuple_are_written_together() -> None:
    source = "__version__ = '1.2.0'\n__version_info__ = (1, 1, 0)\n"
    files = of({"pyproject.toml": PROJECT, "sample/__init__.py": "", "sample/_version.py": source})
    assert found(files)[1:] == [
        ("sample/_version.py", "literal", "1.2.0"),
        ("sample/_version.py", "tuple", "(1, 1, 0)"),
    ]
    after = changed(files)["sample/_version.py"]
    assert after == b"__version__ = '1.3.0rc1'\n__version_info__ = (1, 3, 0, \"rc1\")\n"


@pytest.mark.parametrize(
    "content", [b"1.2.0", b"v1.2.0\n", b"\xef\xbb\xbf1.2.0\r\n", "\ufeff1.2.0\r\n".encode("utf-16-le")]
)
def test_a_version_file_keeps_its_form(content: bytes) -> None:
    files = of({"pyproject.toml": PROJECT, "VERSION": content})
    encoding = "utf-16-le" if b"\0" in content else "utf-8"
    after = content.replace("1.2.0".encode(encoding), "1.3.0rc1".encode(encoding))
    assert changed(files)["VERSION"] == after


@pytest.mark.parametrize("content", ["", "see below\n", "1.2.0\n1.1.0\n", "1" * 300])
def test_some_other_version_file_is_left_alone(content: str) -> None:
    assert len(found(of({"pyproject.toml": PROJECT, "VERSION": content}))) == 1


LOCK = """version = 1
requires-python = ">=3.10"

[[package]]
name = "other"
version = "1.2.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "sample"
version = "1.2.0"
source = { editable = "." }
dependencies = [
    { name = "other", version = "1.2.0" },
]

[package.metadata]
requires-dist = [{ name = "other", specifier = ">=1.2.0" }]

[[package]]
name = "zebra"
version = "1.2.0"
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_projects_own_entry_of_the_lock_changes(newline: str) -> None:
    lock = LOCK.replace("\n", newline)
    own = f'name = "sample"{newline}version = "1.2.0"'
    after = lock.replace(own, own.replace("1.2.0", "1.3.0rc1")).encode()
    pyproject = PROJECT.replace("sample", "Sample").replace("1.2.0", "v1.2.0-beta.1")
    assert changed(of({"pyproject.toml": pyproject, "uv.lock": lock}))["uv.lock"] == after


@pytest.mark.parametrize(
    "lock", ["version = 1\n", LOCK.replace('version = "1.2.0"\nsource = { editable', "source = { editable"), ""]
)
def test_a_lock_without_the_projects_version_has_no_place(lock: str) -> None:
    assert len(found(of({"pyproject.toml": PROJECT, "uv.lock": lock}))) == 1


# ---- declared places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "pattern", "content", "after"),
    [
        ("README.md", "?v={version}", "a?v=1.2.0)\nb?v=v1.1-rc.1&x 1.2.0", "a?v=1.3.0rc1)\nb?v=v1.3.0-rc.1&x 1.2.0"),
        ("README.md", "version-{version}-blue", "x/version-1.2.0-blue.svg", "x/version-1.3.0rc1-blue.svg"),
        ("docs/conf.py", 'release = "{version}"', 'x = 1\nrelease = "0.9"\n', 'x = 1\nrelease = "1.3.0rc1"\n'),
        (".manta-version", "v{major}.{minor}.{patch}", "v1.2.0\n", "v1.3.0\n"),
        ("tests/test_it.py", "== '{version}'", "assert v == '1.2.0'", "assert v == '1.3.0rc1'"),
        ("a.txt", "{major}.{minor}", "see 1.2, not 11.2.0 nor 1.2.7", "see 1.3, not 11.2.0 nor 1.2.7"),
        ("a.txt", "{{{release}{pre}}}", "x {1.2.0} y", "x {1.3.0rc1} y"),
        ("a.txt", "V{version}", b"\xff V1.2.0 \xe9\r\n", b"\xff V1.3.0rc1 \xe9\r\n"),
        ("a.txt", "{version}", "1.2.0\n", "1.3.0rc1\n"),
    ],
)
def test_declared_places(path: str, pattern: str, content: str | bytes, after: str | bytes) -> None:
    files = of({"pyproject.toml": PROJECT, path: content})
    assert changed(files, Declared(path, pattern))[path] == (after.encode() if isinstance(after, str) else after)


def test_declared_places_that_match_nothing_are_reported_together() -> None:
    files = of({"pyproject.toml": PROJECT, "README.md": "nothing here", "VERSION.h": "1.2.0\n1.1.0\n"})
    declared = [Declared("README.md", "v{version}"), Declared("gone.md", "v{version}"), Declared("VERSION.h")]
    with pytest.raises(TowpathError) as caught:
        places_in(files, name="x", declared=declared)
    assert [(one.id, one.cause) for one in caught.value.problems] == [
        ("place-missing", "The version should stand in README.md as 'v{version}', but nothing in it matches."),
        ("place-missing", "The version should stand in gone.md as 'v{version}', but there is no such file."),
        ("place-missing", "The version should stand in VERSION.h as '{version}', but nothing in it matches."),
    ]


@pytest.mark.parametrize("pattern", ["", "v1.2.0", "{versoin}", "{version", "{}", "{0}"])
def test_a_pattern_without_a_known_field_is_refused(pattern: str) -> None:
    with pytest.raises(TowpathError) as caught:
        places_in(of({"pyproject.toml": PROJECT, "a": "1.2.0"}), name="x", declared=[Declared("a", pattern)])
    assert caught.value.problems[0].id == "bad-configuration"


# ---- disagreement and edits --------------------------------------------------------------------------------


def test_each_place_out_of_step_is_named_with_file_line_and_value() -> None:
    files = of(
        {
            "pyproject.toml": PROJECT,
            "sample/__init__.py": "\n__version__ = '1.1.0'\n__version_info__ = (1, 2, 0)\n",
            "VERSION": "v1.2\n",
            "README.md": "\n\n?v=1.0.9",
        }
    )
    places = places_in(files, name="x", declared=[Declared("README.md", "?v={version}")])
    assert [one.cause for one in out_of_step(places, Version("1.2.0"))] == [
        "sample/__init__.py, line 2, says 1.1.0, but the version is 1.2.0.",
        "README.md, line 3, says 1.0.9, but the version is 1.2.0.",
    ]


def test_what_says_the_version_already_is_not_edited() -> None:
    files = of({"pyproject.toml": PROJECT.replace("1.2.0", "v1.2"), "VERSION": "1.2.0.0\n"})
    assert edits_in(files, places_in(files, name="x"), Version("1.2.0")) == ()


def test_a_file_that_changed_since_is_not_edited() -> None:
    files = of({"pyproject.toml": PROJECT})
    places = places_in(files, name="x")
    moved = of({"pyproject.toml": "\n" + PROJECT})
    with pytest.raises(TowpathError) as caught:
        edits_in(moved, places, NEW)
    assert caught.value.problems[0].id == "place-changed"
    with pytest.raises(TowpathError):
        edits_in(of({}), places, NEW)


def test_an_edit_shows_before_and_after() -> None:
    files = of({"pyproject.toml": PROJECT})
    before = PROJECT.encode()
    (edit,) = edits_in(files, places_in(files, name="x"), NEW)
    assert edit == Edit("pyproject.toml", before, before.replace(b"1.2.0", b"1.3.0rc1"))


def test_the_projects_tags_show_how_a_suffix_is_written() -> None:
    files = of({"pyproject.toml": PROJECT})
    (edit,) = edits_in(files, places_in(files, name="x"), NEW, style=["v1.2.0", "v1.2.0-beta.3"])
    assert b'version = "1.3.0-rc.1"' in edit.after


@given(st.text(alphabet="ab1.2 0\"'é\n\r\t#=v[]", max_size=40), st.text(alphabet="ab1.20\"'é\n#", max_size=40))
def test_nothing_else_changes_by_a_byte(before: str, after: str) -> None:
    content = f"{before}<{{1.2.0}}>{after}".encode()
    files = of({"pyproject.toml": PROJECT, "a.txt": content})
    start = len(f"{before}<{{".encode())
    made = changed(files, Declared("a.txt", "<{{{version}}}>"))["a.txt"]
    assert made == content[:start] + b"1.3.0rc1" + content[start + 5 :]


def test_a_place_is_a_value() -> None:
    place = version_in(of({"pyproject.toml": PROJECT}), name="x")
    assert place == Place("pyproject.toml", "project", (37, 42), "1.2.0", 3)
