"""Which variables look like credentials, and whose a token is.

False positives are accepted where leaving one in would be the worse error.
"""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.credentials.environment import for_installer, without_credentials
from towpath.credentials.logins import require_possible
from towpath.errors import TowpathError
from towpath.model import IndexAddress


def _words(text: str) -> list[str]:
    return text.split()


SECRET = _words("""
TOWPATH_TOKEN_PYPI TWINE_PASSWORD TWINE_USERNAME TWINE_REPOSITORY_URL UV_PUBLISH_TOKEN UV_PUBLISH_USERNAME
GITHUB_TOKEN GH_TOKEN GH_PAT GITHUB_PAT AZURE_DEVOPS_EXT_PAT MY_API_KEY MY_APIKEY api_key PYPI_API_TOKEN FLIT_PASSWORD
POETRY_PYPI_TOKEN_PYPI POETRY_HTTP_BASIC_X_PASSWORD PDM_PUBLISH_PASSWORD HATCH_INDEX_AUTH MATURIN_PYPI_TOKEN
ACTIONS_ID_TOKEN_REQUEST_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_RUNTIME_TOKEN CI_JOB_TOKEN CI_JOB_JWT CI_JOB_JWT_V2
CI_REGISTRY_PASSWORD SYSTEM_ACCESSTOKEN AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
GOOGLE_APPLICATION_CREDENTIALS AZURE_CLIENT_SECRET VAULT_TOKEN SSH_AUTH_SOCK SSH_PRIVATE_KEY DEPLOY_KEY GPG_KEY
GPG_PASSPHRASE SIGNING_PASSPHRASE SIGNING_KEY ENCRYPTION_KEY DOCKER_AUTH_CONFIG NPM_CONFIG__AUTH PGPASSWORD MYSQL_PWD
SMTP_PASS CODECOV_TOKEN Token UV_INDEX_OWN_PASSWORD KEYRING_PASSWD
""")
ORDINARY = _words("""
PATH HOME LANG LC_ALL KEYBOARD AUTHOR GIT_AUTHOR_NAME MONKEY TURKEY PWD OLDPWD TMPDIR TEMP USER SHELL TERM CI
GITHUB_ACTIONS
GITHUB_WORKSPACE GITHUB_PATH PYTHONPATH PYTHONHASHSEED VIRTUAL_ENV PIP_INDEX_URL UV_DEFAULT_INDEX UV_CACHE_DIR
HTTPS_PROXY no_proxy SSL_CERT_FILE REQUESTS_CA_BUNDLE SOURCE_DATE_EPOCH XDG_CONFIG_HOME DISPLAY SYSTEMROOT
PROGRAMFILES
APPDATA COMSPEC PATHEXT NUMBER_OF_PROCESSORS TOKENIZERS_PARALLELISM TOWPATH_CACHE_DIR TOWPATH_WORLD TOWPATH_OUTCOME
PYTEST_ADDOPTS COMPASS BYPASS PASSENGER PATTERN COMPATIBILITY KEYMAP HOTKEY AUTHORITY XAUTHORITY UV_INDEX_OWN_USERNAME
""")
# Nobody misses these in a child of ours: a name that speaks of secrets is not asked what it holds.
FALSE_ALARMS = [
    "SECRETARY",
    "TOKEN_BUDGET",
    "MAX_TOKENS",
    "GPG_TTY",
    "PASSWORD_STORE_DIR",
    "MONKEY_API_KEYS",
    "FTP_PASS",
]


@pytest.mark.parametrize("name", SECRET + FALSE_ALARMS)
def test_taken_out(name: str) -> None:
    assert without_credentials({name: "x"}) == {}


@pytest.mark.parametrize("name", ORDINARY)
def test_left_in(name: str) -> None:
    assert without_credentials({name: "x"}) == {name: "x"}


def test_what_is_allowed_by_name_stays() -> None:
    environ = {"CODECOV_TOKEN": "a", "OTHER_TOKEN": "b", "PATH": "/bin"}
    assert without_credentials(environ, ["CODECOV_TOKEN"]) == {"CODECOV_TOKEN": "a", "PATH": "/bin"}


def test_a_name_is_allowed_exactly() -> None:
    assert without_credentials({"codecov_token": "a"}, ["CODECOV_TOKEN", "CODECOV"]) == {}


def test_an_installer_keeps_what_reads_an_index_and_nothing_else() -> None:
    environ = {
        "UV_INDEX_COMPANY_USERNAME": "u",
        "UV_INDEX_COMPANY_PASSWORD": "p",
        "UV_PUBLISH_PASSWORD": "q",
        "MY_UV_INDEX_X_PASSWORD": "r",
        "UV_INDEX_X_PASSWORD_FILE": "s",
        "PIP_INDEX_URL": "https://i.example/",
    }
    kept = {"UV_INDEX_COMPANY_USERNAME", "UV_INDEX_COMPANY_PASSWORD", "PIP_INDEX_URL"}
    assert set(for_installer(environ)) == kept


def test_the_given_environment_is_left_alone() -> None:
    environ = {"A_TOKEN": "x"}
    without_credentials(environ)
    assert environ == {"A_TOKEN": "x"}


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=5)))
def test_nothing_is_added_or_changed_and_once_is_enough(environ: dict[str, str]) -> None:
    clean = without_credentials(environ)
    assert clean.items() <= environ.items()
    assert without_credentials(clean) == clean


@given(st.sampled_from(SECRET).filter(lambda name: "TOKEN" in name.upper()), st.text("ABC_", max_size=4))
def test_a_token_is_found_wherever_the_word_stands(name: str, around: str) -> None:
    assert without_credentials({f"{around}{name}{around}": "x"}) == {}


PYPI = IndexAddress("pypi", "https://upload.pypi.org/legacy/", "https://pypi.org/simple/", "THE_TOKEN")
OTHER = IndexAddress("own", "https://upload.example.org/legacy/", "https://example.org/simple/", "THE_TOKEN")


def _token_of(issuer: str) -> str:
    """What PyPI's tokens begin with: version 2, a location of that length."""
    raw = b"\x02\x01" + bytes([len(issuer)]) + issuer.encode() + b"\x02" + b"x" * 60
    return "pypi-" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        ("my password", "malformed-credential"),
        ("password", "not-a-token"),
        ("Pypi-AgEIcHlwaS5vcmc", "not-a-token"),
        (_token_of("test.pypi.org"), "token-of-other-index"),
    ],
)
def test_a_token_that_pypi_cannot_take_is_refused_before_anything_happens(token: str, error: str) -> None:
    with pytest.raises(TowpathError) as caught:
        require_possible(PYPI, {"THE_TOKEN": token})
    assert caught.value.problems[0].id == error
    problem = caught.value.problems[0]
    assert token not in problem.cause
    assert not problem.detail


@pytest.mark.parametrize("token", [_token_of("pypi.org"), "pypi-of-no-form-that-is-known"])
def test_a_token_that_may_be_right_is_left_to_the_index(token: str) -> None:
    require_possible(PYPI, {"THE_TOKEN": token})


@pytest.mark.parametrize("token", ["password", _token_of("test.pypi.org")])
def test_of_another_index_nothing_is_known(token: str) -> None:
    require_possible(OTHER, {"THE_TOKEN": token})


@pytest.mark.parametrize(
    ("where", "id_"),
    [(PYPI, "no-credential"), (replace(PYPI, credentials="environment"), "no-own-credential"),
     (OTHER, "no-own-credential"), (replace(OTHER, username="ada"), "no-own-credential")],
)  # fmt: skip
def test_trusted_publishing_is_spoken_of_where_it_is_to_be_had(where: IndexAddress, id_: str) -> None:
    with pytest.raises(TowpathError) as caught:
        require_possible(where, {})
    (problem,) = caught.value.problems
    assert problem.id == id_
    assert ("trusted" in problem.cause + problem.fix) == (id_ == "no-credential")
    assert "THE_TOKEN" in problem.cause
    assert where.username in problem.fix or id_ == "no-credential"
