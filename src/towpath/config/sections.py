"""The tables of `[tool.towpath]`, every key with a default that fits an ordinary project."""

from __future__ import annotations

import msgspec


class Section(msgspec.Struct, frozen=True, rename="kebab"):
    """A table whose keys are its fields, with dashes; any other is found by `_unknown_keys`."""


class Commands(Section, frozen=True):
    """What a gate runs, and what is installed to run it.

    A command is a string, split as a POSIX shell would split it (no shell is run), or a list of words.
    """

    commands: tuple[str | tuple[str, ...], ...] = ()
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] | None = None
    requirements: tuple[str, ...] = ()
    environment: dict[str, str] = {}


class Security(Section, frozen=True):
    """bandit's threshold: findings of at least this severity close the gate."""

    severity: str = "medium"


class VerifyInstall(Section, frozen=True):
    """`skip-imports`: modules that are not imported, each with the reason."""

    skip_imports: dict[str, str] = {}


class Tag(Section, frozen=True):
    """How tags are spelled, and the remote that they are pushed to."""

    format: str = "v{version}"
    remote: str = "origin"


class Publish(Section, frozen=True):
    """The name of the index that a publishing gate sends to."""

    index: str = ""


class Index(Section, frozen=True):
    """An index of your own: `[tool.towpath.index.NAME]`."""

    upload_url: str
    simple_url: str
    token_variable: str = ""


class GithubRelease(Section, frozen=True):
    """The forge; by default GitHub and the repository that the remote names."""

    repository: str = ""
    api_url: str = "https://api.github.com"


class DeclaredPlace(Section, frozen=True):
    """A place that a bump writes besides those that it finds: a file, and how the version stands in it."""

    path: str
    pattern: str = "{version}"


class Bump(Section, frozen=True):
    """What a bump writes, and where it may.

    `message` is the commit's, with `{version}`, `{old}` and `{tag}`; `branch` the only one to bump on, `*` being
    any text ("" for any); `changelog` its path ("" to find it); `changelog_prereleases` is whether a pre-release
    or development version has an entry of its own there.
    """

    places: tuple[DeclaredPlace, ...] = ()
    message: str = "Release {version}"
    branch: str = ""
    changelog: str = ""
    changelog_prereleases: bool = True


class Settings(Section, frozen=True):
    """All of `[tool.towpath]`."""

    python: tuple[str, ...] = ()
    installer: str = "auto"
    pass_environment: tuple[str, ...] = ()
    lint: Commands = Commands()
    test: Commands = Commands()
    security: Security = Security()
    verify_install: VerifyInstall = VerifyInstall()
    bump: Bump = Bump()
    tag: Tag = Tag()
    publish_test: Publish = Publish(index="testpypi")
    publish: Publish = Publish(index="pypi")
    github_release: GithubRelease = GithubRelease()
    index: dict[str, Index] = {}
