"""PyPI's own rules, asked offline of small files that each break one."""

from __future__ import annotations

import io
import secrets
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
from archives import INFO, METADATA, sdist, wheel

from towpath.index.rules import refusals
from towpath.index.twin import uploads

if TYPE_CHECKING:
    from pathlib import Path

CODE = {"sample_pkg/__init__.py": '"""A sample."""\n'}


def with_lines(*lines: str) -> str:
    head, _, body = METADATA.partition("\n\n")
    return "\n".join([head, *lines]) + "\n\n" + body


def replaced(old: str, new: str) -> str:
    assert old in METADATA
    return METADATA.replace(old, new)


def test_a_wheel_and_an_sdist_that_pypi_takes(tmp_path: Path) -> None:
    assert refusals(wheel(tmp_path, CODE)) == ()
    assert refusals(sdist(tmp_path, CODE)) == ()


METADATA_RULES = {
    "a metadata version that PyPI does not know": (replaced("2.4", "2.6"), "'2.6' is not a valid metadata version"),
    "a local version": (replaced("Version: 1.0.0", "Version: 1.0.0+g1"), "The use of local versions in '1.0.0+g1'"),
    "an unknown classifier": (with_lines("Classifier: Topic :: Nonsense"), "'Topic :: Nonsense' is not a valid"),
    "a deprecated classifier": (with_lines("Classifier: Natural Language :: Ukranian"), "has been deprecated"),
    "a direct dependency": (
        with_lines("Requires-Dist: other @ https://example.org/other.zip"),
        "Can't have direct dependency: other",
    ),
    "two licences": (with_lines("License: MIT"), "License is deprecated when License-Expression is present"),
    "a long summary": (replaced("A sample.", "x" * 513), "'summary' field must be 512 characters or less"),
    "a URL without a scheme": (with_lines("Project-URL: Home, example.org"), "'example.org' is not a valid url"),
    "a description that does not render": (
        replaced("Description-Content-Type: text/markdown\n\n# sample", "\n.. nonsense::\n   x\n\n`` broken\n"),
        "The description failed to render in the default format of reStructuredText",
    ),
    "a licence file that is not there": (
        with_lines("License-File: LICENSE"),
        "License-File LICENSE does not exist in distribution file",
    ),
}


@pytest.mark.parametrize("what", METADATA_RULES)
def test_a_rule_about_the_metadata(tmp_path: Path, what: str) -> None:
    metadata, words = METADATA_RULES[what]
    local = "+g1" if "+g1" in metadata else ""
    info = INFO.replace("1.0.0", f"1.0.0{local}")
    found = refusals(
        wheel(tmp_path, CODE, name=f"sample_pkg-1.0.0{local}-py3-none-any.whl", info=info, metadata=metadata)
    )
    assert len(found) == 1, found
    assert words in found[0]


def test_several_rules_are_told_together(tmp_path: Path) -> None:
    broken = with_lines(
        "License: MIT", "Classifier: Topic :: Nonsense", "Requires-Dist: other @ https://example.org/x.zip"
    )
    assert len(refusals(wheel(tmp_path, CODE, metadata=broken))) == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "Sample.Pkg-1.0.0.tar.gz",
            "Filename 'Sample.Pkg-1.0.0.tar.gz' is invalid, should be 'sample_pkg-1.0.0.tar.gz'",
        ),
        ("sample_pkg-1.0.tar.gz", "should be 'sample_pkg-1.0.0.tar.gz'"),
        ("other-1.0.0.tar.gz", "Start filename for 'sample-pkg' with 'sample_pkg'"),
    ],
)
def test_names_by_pep_625(tmp_path: Path, name: str, words: str) -> None:
    (found,) = refusals(sdist(tmp_path, CODE, name=name))
    assert words in found


WHEEL_NAMES = {
    "sample_pkg-1.0.0-cp311-cp311-linux_x86_64.whl": "unsupported platform tag 'linux_x86_64'",
    "Sample_Pkg-1.0.0-py3-none-any.whl": "should contain the normalized project name 'sample_pkg'",
    "sample_pkg-2.0.0-py3-none-any.whl": "Version in filename should be '1.0.0' not '2.0.0'",
}


@pytest.mark.parametrize("name", WHEEL_NAMES)
def test_names_and_tags_of_wheels(tmp_path: Path, name: str) -> None:
    info = "-".join(name.split("-")[:2]) + ".dist-info"
    (found,) = refusals(wheel(tmp_path, CODE, name=name, info=info))
    assert WHEEL_NAMES[name] in found


def test_entry_points_that_none_could_call(tmp_path: Path) -> None:
    broken = {"entry_points.txt": "[console_scripts]\nno good name = sample_pkg:main\n"}
    (found,) = refusals(wheel(tmp_path, CODE, extra=broken))
    assert "has invalid entry points" in found


def test_a_wheel_without_record(tmp_path: Path) -> None:
    path = wheel(tmp_path, CODE)
    with zipfile.ZipFile(path) as whole:
        held = {name: whole.read(name) for name in whole.namelist() if not name.endswith("RECORD")}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in held.items():
            archive.writestr(name, content)
    (found,) = refusals(path)
    assert "does not contain the required RECORD file" in found


def test_archives_that_two_readers_could_understand_differently(tmp_path: Path) -> None:
    path = wheel(tmp_path, CODE)
    path.write_bytes(path.read_bytes() + b"x")
    (found,) = refusals(path)
    assert "Trailing data" in found


def test_an_sdist_with_two_folders_at_its_top(tmp_path: Path) -> None:
    path = sdist(tmp_path, CODE)
    with tarfile.open(path, "w:gz") as archive:
        for name in ("sample_pkg-1.0.0/PKG-INFO", "other/x.py"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    assert "Incorrect number of top-level directories in sdist" in " ".join(refusals(path))


def test_an_sdist_whose_metadata_lie_elsewhere(tmp_path: Path) -> None:
    """twine finds nothing to send then; the archive is judged all the same."""
    path = sdist(tmp_path, {**CODE, "pyproject.toml": ""}, metadata=None)
    assert refusals(path) == ("Invalid distribution file. PKG-INFO not found at sample_pkg-1.0.0/PKG-INFO",)


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "FILE_LIMIT", 1 << 20)
    path = sdist(tmp_path, {"noise.bin": bytes(range(256)) * 8, **CODE})
    assert refusals(path) == ()
    (found,) = refusals(sdist(tmp_path, {"noise.bin": secrets.token_bytes(2 << 20), **CODE}))
    assert "File too large. Limit for project" in found


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive"])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    for name in ("sample_pkg-1.0.0-py3-none-any.whl", "sample_pkg-1.0.0.tar.gz"):
        path = tmp_path / name
        path.write_bytes(content)
        assert refusals(path)
