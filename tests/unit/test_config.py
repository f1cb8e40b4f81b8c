"""What a configuration means, once it is read. Reading it from a folder is tested in integration/test_config.py."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from towpath.config.checks import wrong_choices
from towpath.config.configuration import Configuration
from towpath.config.durations import duration
from towpath.config.sections import Evidence, Settings
from towpath.config.words import suggest
from towpath.errors import TowpathError
from towpath.model import ForgeAddress, IndexAddress


def configuration(**table: Any) -> Configuration:
    return Configuration("sample", {}, msgspec.convert(table, Settings))


class TestIndex:
    def test_pypi_and_testpypi_are_known(self) -> None:
        assert configuration().index("pypi") == IndexAddress(
            "pypi", "https://upload.pypi.org/legacy/", "https://pypi.org/simple/", "TOWPATH_TOKEN_PYPI"
        )
        assert configuration().index("testpypi").upload_url == "https://test.pypi.org/legacy/"

    def test_one_of_your_own(self) -> None:
        own = {"upload-url": "https://i.example/up", "simple-url": "https://i.example/simple/"}
        found = configuration(index={"my-own.index": own}).index("my-own.index")
        assert found == IndexAddress("my-own.index", own["upload-url"], own["simple-url"], "TOWPATH_TOKEN_MY_OWN_INDEX")

    def test_a_variable_of_its_own(self) -> None:
        own = {"upload-url": "u", "simple-url": "s", "token-variable": "COMPANY_KEY"}
        assert configuration(index={"own": own}).index("own").token_variable == "COMPANY_KEY"

    def test_a_known_name_may_be_given_another_address(self) -> None:
        mirror = {"upload-url": "https://mirror.example/up", "simple-url": "https://mirror.example/simple/"}
        assert configuration(index={"pypi": mirror}).index("pypi").upload_url == "https://mirror.example/up"

    def test_an_unknown_name_gets_a_suggestion_and_the_known(self) -> None:
        with pytest.raises(TowpathError) as caught:
            configuration().index("pypy")
        problem = caught.value.problems[0]
        assert (problem.id, problem.exit_code) == ("unknown-name", 2)
        assert "'pypy'" in problem.cause
        assert problem.fix == "Did you mean 'pypi'? Known are: pypi, testpypi."

    def test_nothing_near_suggests_nothing(self) -> None:
        assert suggest("zzz", ("pypi",)) == ""


class TestForge:
    @pytest.mark.parametrize(
        "remote",
        [
            "https://github.com/ada/sample",
            "https://github.com/ada/sample/",
            "https://github.com/ada/sample.git",
            "https://ada:secret@github.com/ada/sample.git",  # pragma: allowlist secret
            "https://x-access-token@github.com/ada/sample",
            "https://www.github.com/ada/sample",
            "https://GitHub.com/ada/sample.git",
            "http://github.com:80/ada/sample.git",
            "git@github.com:ada/sample.git",
            "github.com:ada/sample",
            "git@github.com:/ada/sample.git",
            "ssh://git@github.com/ada/sample.git",
            "ssh://git@github.com:22/ada/sample.git",
            "ssh://git@ssh.github.com:443/ada/sample.git",
            "git+ssh://git@github.com/ada/sample.git",
            "git://github.com/ada/sample.git",
        ],
    )
    def test_github_by_its_remote(self, remote: str) -> None:
        assert configuration().forge(remote) == ForgeAddress("https://api.github.com", "ada/sample")

    @pytest.mark.parametrize(
        "remote",
        [
            None,
            "",
            "https://gitlab.com/ada/sample",
            "https://notgithub.com/ada/sample",
            "https://github.com.evil.example/ada/sample",
            "https://evil.example/github.com/ada/sample",
            "https://github.com@evil.example/ada/sample",
            "/home/ada/src/github.com/ada/sample",
            "/home/ada/src/github.com/ada/sample.git",
            "../github.com/ada/sample",
            "file:///srv/github.com/ada/sample.git",
            "git@evil.example:github.com/ada/sample",
            "https://github.com/ada",
            "https://github.com/ada/sample/tree/main",
            "https://gist.github.com/ada/1234",
        ],
    )
    def test_anything_else_is_no_forge_that_is_known(self, remote: str | None) -> None:
        assert configuration().forge(remote) is None

    def test_a_name_with_dots(self) -> None:
        found = configuration().forge("git@github.com:ada/sample.git.py.git")
        assert found is not None
        assert found.repository == "ada/sample.git.py"

    def test_the_configuration_comes_first(self) -> None:
        chosen = {"repository": "bob/other", "api-url": "https://ghe.example/api/v3"}
        found = configuration(**{"github-release": chosen}).forge("https://github.com/ada/sample")
        assert found == ForgeAddress("https://ghe.example/api/v3", "bob/other")


def test_every_default_fits_an_ordinary_project() -> None:
    settings = configuration().settings
    assert settings.python == ()
    assert settings.installer == "auto"
    assert (settings.tag.format, settings.tag.remote) == ("v{version}", "origin")
    assert (settings.publish_test.index, settings.publish.index) == ("testpypi", "pypi")
    assert settings.security.severity == "medium"
    assert settings.lint.groups is None, "not the same as none at all"


@pytest.mark.parametrize(
    ("text", "hours"), [("90m", 1.5), ("12h", 12), ("7d", 168), ("2w", 336), ("0d", 0), ("99999h", 99999)]
)
def test_a_length_of_time(text: str, hours: float) -> None:
    assert duration(text).total_seconds() == hours * 3600


@pytest.mark.parametrize("text", ["", "7", "d", "7 days", "-1d", "1.5h", "7D", "7d ", "7s", "\u0667d", "100000d"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="no length of time"):
        duration(text)
    (problem,) = wrong_choices(Settings(evidence=Evidence(max_age=text)))
    assert (problem.id, "[tool.towpath.evidence]" in problem.cause) == ("bad-configuration", True)
