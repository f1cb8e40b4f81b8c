"""The tables of `[tool.towpath]`, every key with a default that fits an ordinary project."""

from __future__ import annotations

import msgspec


class Section(msgspec.Struct, frozen=True, rename="kebab"):
    """A table whose keys are its fields, with dashes; any other is found by `_unknown_keys`."""


class Command(Section, frozen=True):
    """A command with what is declared about it.

    `allowed_to_fail` is the reason why its failure does not close the gate; it stays visible. `environment` is set for
    this command, over the gate's own.
    """

    run: str | tuple[str, ...]
    allowed_to_fail: str | None = None
    environment: dict[str, str] = {}


class Commands(Section, frozen=True):
    """What a gate runs, and what is installed to run it.

    A command is a string, split as a POSIX shell would split it (no shell is run), a list of words, or a table with
    either of them under `run`.
    """

    commands: tuple[str | tuple[str, ...] | Command, ...] = ()
    groups: tuple[str, ...] | None = None
    extras: tuple[str, ...] | None = None
    requirements: tuple[str, ...] = ()
    environment: dict[str, str] = {}


class Test(Commands, frozen=True):
    """What the tests are, and what they must show.

    `coverage` is the lowest share that is enough, in percent, over all Pythons together. `against` is `source` (the
    checkout lies beside the installed project) or `wheel` (the package's sources are hidden, so that only what was
    installed can be imported). `tests` is `run`, or `none` with a `reason`.
    """

    coverage: float | None = None
    against: str = "source"
    tests: str = "run"
    reason: str = ""


class Security(Section, frozen=True):
    """What the scans look for, and what is declared about their findings, each with its reason.

    `severity` is bandit's threshold, `workflow_severity` and `workflow_persona` are zizmor's. With
    `audit_dependencies` pip-audit asks `audit_service` (`pypi`, `osv`, or the URL of an OSV API) about everything that
    the project and its `audit_extras` depend on, but for what `ignore_vulnerabilities` (by id) and `unaudited` (by
    name) declare. `allowed_to_fail` is by tool.
    """

    severity: str = "medium"
    workflow_severity: str = "medium"
    workflow_persona: str = "regular"
    audit_dependencies: bool = False
    audit_extras: tuple[str, ...] = ()
    audit_service: str = "pypi"
    ignore_vulnerabilities: dict[str, str] = {}
    unaudited: dict[str, str] = {}
    allowed_to_fail: dict[str, str] = {}


class ExpectedFile(Section, frozen=True):
    """A file that a release must have: `sdist` or a wheel's three tags, and the platform that makes it."""

    file: str
    platform: str = "any"


class Build(Section, frozen=True):
    """How the distributions are made, and what must and may be in them.

    `before` prepares the throw-away clone; `command` builds instead of the backend, into `{dist}`, perhaps from
    `{sdist}`. `generated` are patterns of modules that no commit holds; `left_out` and `allowed` are patterns of
    files that the wheel lacks and of what is found in an archive though it belongs into none, each with its reason.
    """

    before: tuple[str | tuple[str, ...], ...] = ()
    command: str | tuple[str, ...] = ()
    groups: tuple[str, ...] | None = None
    requirements: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    sdist: bool = True
    expect: tuple[ExpectedFile, ...] = ()
    generated: tuple[str, ...] = ()
    left_out: dict[str, str] = {}
    allowed: dict[str, str] = {}


class VerifyInstall(Section, frozen=True):
    """What is asked of an installed distribution besides importing all of it.

    Each with its reason: `skip_imports` are modules that are not imported (`pkg.gui`), or files that are not compiled
    either (`pkg/templates/*.py`), `*` being any text; `skip_scripts` commands that are not run; `skip_versions` modules
    whose `__version__` is not the project's. `scripts` says what a command is asked in place of `--help`; `smoke` are
    commands of the project's own.
    """

    skip_imports: dict[str, str] = {}
    skip_scripts: dict[str, str] = {}
    skip_versions: dict[str, str] = {}
    scripts: dict[str, str | tuple[str, ...]] = {}
    smoke: str | tuple[str | tuple[str, ...], ...] = ()


class Evidence(Section, frozen=True):
    """`max-age`: how old evidence may be to be used again instead of a run (`90m`, `12h`, `7d`, `2w`)."""

    max_age: str = "7d"


class Tag(Section, frozen=True):
    """How tags are spelled, the remote that they are pushed to, and the branches to tag on.

    In `branches`, `*` is any text; none listed means any branch.
    """

    format: str = "v{version}"
    remote: str = "origin"
    branches: tuple[str, ...] = ()


class Publish(Section, frozen=True):
    """The name of the index that a publishing gate sends to.

    `patience` is how many seconds a file that was not surely taken is asked for and sent again.
    """

    index: str = ""
    patience: int = 600


class Publishing(Publish, frozen=True):
    """Publishing for good, and who does it: `from` is `ci` or `here`; empty: CI where a workflow publishes.

    `ci_wait` is how many seconds a run of CI is followed; an approval counts, too. `other_workflows` are those that
    look as if they published a release of this project and do not, each by its file's name with the reason.
    """

    from_: str = msgspec.field(default="", name="from")
    ci_wait: int = 21600
    other_workflows: dict[str, str] = {}


class Routes(Section, frozen=True):
    """The indexes that each kind of version goes to, in order; an empty list: it is not published.

    Without a list, `prerelease` is the test index, `final` the index (and the test index before it where the project
    names one), `development` what `prerelease` is, and `post` what `final` is.
    """

    final: tuple[str, ...] | None = None
    prerelease: tuple[str, ...] | None = None
    development: tuple[str, ...] | None = None
    post: tuple[str, ...] | None = None


class VerifyPublished(Section, frozen=True):
    """`wait`: how many seconds an index is given to show what it has taken; PyPI's may be stale for minutes."""

    wait: int = 1800


class Index(Section, frozen=True):
    """An index of your own: `[tool.towpath.index.NAME]`.

    `credentials` says where its token or password comes from (`trusted`, `environment`, `keyring`, `pypirc`); without
    it trusted publishing is used where the environment offers it, else the variable. `username` is for passwords.
    """

    upload_url: str
    simple_url: str
    token_variable: str = ""
    credentials: str = ""
    username: str = "__token__"


class GithubRelease(Section, frozen=True):
    """The forge; by default GitHub and the repository that the remote names."""

    repository: str = ""
    api_url: str = "https://api.github.com"


class AfterRelease(Section, frozen=True):
    """What is done when a release is finished: `[tool.towpath.after-release.NAME]`.

    `reason` says what it is for. `kinds` are the kinds of versions after which it is done; `variables` those that its
    command is given though they look like credentials; `limit` is how many seconds it may take. `rehearse` says that
    it touches nothing but what its variables name, so that a rehearsal does it, too.
    """

    command: str | tuple[str, ...]
    reason: str
    kinds: tuple[str, ...] = ("final", "post")
    variables: tuple[str, ...] = ()
    limit: int = 600
    rehearse: bool = False


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


class Workflow(Section, frozen=True):
    """The generated GitHub Actions workflows.

    `release` and `check` are the file names (an empty `check`: none); trusted publishing is bound to the first.
    `triggers` start a release: `tag`, `release`, `dispatch`, the last one on `branch`. `python` runs the pipeline
    itself. `publish-by` is `nox` or `action` (PyPA's). `install` is the requirement that the pipeline comes by, `.`
    in its own repository. `environments` and `secrets` are by index: without a secret, publishing is trusted.
    `runners` are by the platform of expected files. `pythons` are checked besides, where the project's own list names
    only the current one.
    """

    release: str = "release.yml"
    check: str = "check.yml"
    triggers: tuple[str, ...] = ("tag",)
    branch: str = "main"
    python: str = "3.12"
    operating_systems: tuple[str, ...] = ("ubuntu-latest",)
    publish_by: str = "nox"
    install: str = "towpath[uv]"
    environments: dict[str, str] = {}
    secrets: dict[str, str] = {}
    pythons: tuple[str, ...] = ()
    runners: dict[str, str] = {}


class Settings(Section, frozen=True):
    """All of `[tool.towpath]`.

    `python` lists the Pythons that are required, `current` being the one that runs us; without a list they follow from
    requires-python and the classifiers. `missing_pythons` are those that may be missing all the same, each with the
    reason; `fetch_pythons` lets uv install one that is required and missing. `prefix` stands before the names of all
    sessions and tasks, where the project has others of these names.
    """

    python: tuple[str, ...] = ()
    missing_pythons: dict[str, str] = {}
    fetch_pythons: bool = False
    installer: str = "auto"
    prefix: str = ""
    pass_environment: tuple[str, ...] = ()
    lint: Commands = Commands()
    test: Test = Test()
    security: Security = Security()
    build: Build = Build()
    verify_install: VerifyInstall = VerifyInstall()
    evidence: Evidence = Evidence()
    bump: Bump = Bump()
    tag: Tag = Tag()
    publish_test: Publish = Publish(index="testpypi")
    publish: Publishing = Publishing(index="pypi")
    routes: Routes = Routes()
    verify_published: VerifyPublished = VerifyPublished()
    github_release: GithubRelease = GithubRelease()
    workflow: Workflow = Workflow()
    after_release: dict[str, AfterRelease] = {}
    index: dict[str, Index] = {}
