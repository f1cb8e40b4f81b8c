"""What `invoke doctor` finds in a project, on this machine, on the forge and on the indexes, before a release does."""

from __future__ import annotations

from towpath.errors.kinds import Kind

NAME_INVALID = Kind(
    "name-invalid",
    "No index takes the name {name!r}: a name is letters and digits, with single `-`, `_` or `.` between them.",
    "Change name under [project] before the first upload. See "
    "https://packaging.python.org/en/latest/specifications/name-normalization/.",
)
NAME_PROHIBITED = Kind(
    "name-prohibited",
    "PyPI makes no new project called {name!r}: {why}.",
    "Choose another name before the first upload; the import name may stay.",
)
NO_REQUIRES_PYTHON = Kind(
    "no-requires-python",
    "The project does not say which Pythons it runs on, so that pip installs it on every one, however old.",
    'Set requires-python, such as ">=3.10", under [project].',
)
PYTHON_CLASSIFIERS = Kind(
    "python-classifiers",
    "The classifiers name Python {pythons}, which requires-python ({requires}) does not allow.",
    "Make the two agree: pip goes by requires-python, people by the classifiers.",
)
NO_CHANGELOG = Kind(
    "no-changelog",
    "The project has no changelog: the notes of a release would be the subject lines of its commits.",
    "Begin a CHANGES.md with a heading `## [Unreleased]`; `invoke bump` makes an entry of it.",
)
CHANGELOG_UNREADABLE = Kind(
    "changelog-unreadable",
    "{path} has neither an entry of a version nor an Unreleased section that can be recognised.",
    "Give each version a heading that begins with its number, such as `## [1.2.0] - 2026-01-31`.",
)
NO_UNRELEASED = Kind(
    "no-unreleased",
    "{path} has no Unreleased section: the next bump would have nothing to make an entry of.",
    "Write what changed under a heading `## [Unreleased]` above the newest version.",
)
TESTS_NOT_FOUND = Kind(
    "tests-not-found",
    "No test was found by which a release could be held back: no file that pytest collects, and no command.",
    "Write tests, or name the commands in [tool.towpath.test]. A project that has none says so: "
    '`tests = "none"` with a reason.',
)
FILES_UNTRACKED = Kind(
    "files-untracked",
    "git does not know these modules, so that they are in no checkout and in no distribution: {paths}.",
    "`git add` and commit them, or move them away.",
)
MODULES_IGNORED = Kind(
    "modules-ignored",
    "These modules of the project's packages are left out by .gitignore ({paths}): what imports them works here alone.",
    "Narrow the pattern in .gitignore and commit them; what the build writes is declared as `generated` in "
    "[tool.towpath.build].",
)
RELEASE_BRANCH_MISSING = Kind(
    "release-branch-missing",
    "There is no branch {branch!r}, neither here nor among what was last fetched from {remote}; {where} names it.",
    "Set it to the branch that you release from.",
)
BRANCH_ELSEWHERE = Kind(
    "branch-elsewhere",
    "The folder is on {current}, and a release is made on {wanted}.",
    "`git switch {wanted}` before the release.",
)
TAGS_SPELLED_OTHERWISE = Kind(
    "tags-spelled-otherwise",
    "None of the newest tags ({tags}) is spelled as [tool.towpath.tag] format says ({format}).",
    "Set format to how this project spells its tags, with {{version}} in it.",
)
TAG_NOT_PUSHED = Kind(
    "tag-not-pushed",
    "The tag {tag} is here and not on {remote}: no workflow has seen it.",
    "`nox -s tag` pushes it once the commit is proven; a tag that was made by mistake goes with `git tag -d {tag}`.",
)
GIT_OLD = Kind(
    "git-old",
    "git is {found} here; towpath uses what came with {wanted}.",
    "Install a newer git.",
)
UV_MISSING = Kind(
    "uv-missing",
    "uv is not here: environments and builds take several times as long, and the workflows' lock cannot be made.",
    '`python -m pip install "towpath[uv]"`.',
)
TOKEN_LEFT_HERE = Kind(
    "token-left-here",
    "{where} holds a token or password for an upload, though {index} is published to by a trusted publisher.",
    "Take it away here and revoke it on the index: whoever reads it can publish.",
)
TOKEN_READABLE = Kind(
    "token-readable",
    "{path} holds a password, and others on this machine may read the file.",
    "`chmod 600 {path}`.",
)
CLOCK_OFF = Kind(
    "clock-off",
    "The clock of this machine is {seconds} s {direction} that of {index}; tokens are refused from 30 s on.",
    "Let the system set its clock (NTP).",
)
REPOSITORY_RENAMED = Kind(
    "repository-renamed",
    "{repository} is called {now} on the forge.",
    "`git remote set-url {remote} …`, and register the trusted publisher with the new name: the old one matches no run "
    "any more.",
)
REPOSITORY_ARCHIVED = Kind(
    "repository-archived",
    "{repository} is archived on the forge: nothing can be pushed, no workflow runs.",
    "Unarchive it under Settings, General.",
)
DEFAULT_BRANCH_DIFFERS = Kind(
    "default-branch-differs",
    "The default branch of {repository} is {default}; [tool.towpath.workflow] branch is {branch}.",
    'Set branch = "{default}": the check workflow runs for pushes to it, and a manual start needs the workflow there.',
)
ENVIRONMENT_MISSING = Kind(
    "environment-missing",
    "The repository has no environment {environment!r}: GitHub would make one without any rule when the job that "
    "publishes to {index} first runs, or, where that is not allowed, say that it was not found.",
    "Make it under {page}, with a required reviewer and the tags {tags} as the only ones that may use it.",
)
ENVIRONMENT_UNREVIEWED = Kind(
    "environment-unreviewed",
    "The environment {environment!r} has no required reviewer: whoever can push a tag publishes to {index}.",
    "Add one under {page}; a run then waits for a yes before it publishes.",
)
ENVIRONMENT_OPEN = Kind(
    "environment-open",
    "Any branch and any tag may use the environment {environment!r}, and with it publish to {index}.",
    "Under {page} choose selected branches and tags, and add a tag rule {tags}.",
)
ENVIRONMENT_BARS = Kind(
    "environment-bars",
    "The environment {environment!r} lets only {allowed} through, so that the job of {ref} would be refused.",
    "Add a rule for it under {page}: a tag needs a rule of type tag, a rule for branches does not match it.",
)
TAGS_UNPROTECTED = Kind(
    "tags-unprotected",
    "No ruleset keeps the tags {tags} from being moved or deleted once they are out.",
    "Make a tag ruleset for them under {page} that restricts updates and deletions.",
)
TAGS_BARRED = Kind(
    "tags-barred",
    "The ruleset {ruleset!r} lets nobody without a bypass make a tag such as {tag}.",
    "Put whoever releases (for a manual start, the workflow's own token cannot be one) on its bypass list under "
    "{page}, or allow creations.",
)
WORKFLOW_TOKEN_WRITES = Kind(
    "workflow-token-writes",
    "Every workflow of {repository} that does not say otherwise gets a token that may write to the repository.",
    "Choose read permissions under {page}; jobs that write name it themselves.",
)
ACTIONS_DISABLED = Kind(
    "actions-disabled",
    "GitHub Actions is switched off for {repository}: no workflow starts.",
    "Allow it under {page}.",
)
SECRET_STALE = Kind(
    "secret-stale",
    "The repository keeps the secret {secret} (set {since}), though publishing is trusted and needs none.",
    "Delete it under {page} and revoke the token on the index.",
)
SECRET_MISSING = Kind(
    "secret-missing",
    "The workflow takes {what} from the secret {secret}, which is not set for {where}.",
    "Set it under {page}. The token of an index is better not needed: register the workflow as trusted publisher and "
    "drop the secret from [tool.towpath.workflow.secrets].",
)
IMMUTABLE_BY_HAND = Kind(
    "immutable-by-hand",
    "Releases of {repository} are immutable once published, and publishing one by hand starts the workflow: it could "
    "add no file any more.",
    'Start by a tag (`triggers = ["tag"]` in [tool.towpath.workflow]), so that towpath sends the files to a draft '
    "first; or switch immutable releases off.",
)
WORKFLOW_DISABLED = Kind(
    "workflow-disabled",
    "{path} is disabled on the forge ({state}): no tag starts it.",
    "Enable it under {page}.",
)
WORKFLOW_NOT_THERE = Kind(
    "workflow-not-there",
    "The forge knows no workflow {path} yet.",
    "Push it to the default branch: a manual start needs it there, and a tag starts only what its commit holds.",
)
PROJECT_NEW = Kind(
    "project-new",
    "{project} is not on {index} yet: a trusted publisher can be registered only as a pending one, and a token of one "
    "project cannot make it.",
    "Register a pending publisher with the values below at {page}. It reserves nothing: the first upload takes the "
    "name, if nobody has taken it before.",
)
VERSION_THERE = Kind(
    "version-there",
    "{index} has files of {version} already, and HEAD is not the commit of its tag: this commit cannot be released as "
    "{version}.",
    "`invoke bump` to the next version. A file name that was used once is never free again.",
)
NAME_OF_OTHERS = Kind(
    "name-of-others",
    "{index} has a project {project}, and none of its versions ({versions}) is known in this repository.",
    "Make sure that it is yours. If not, choose another name: one that is taken stays taken.",
)
PUBLISHER_DIFFERS = Kind(
    "publisher-differs",
    "The last release on {index} came from {there}; the configuration would publish from {here}.",
    "Register the new one at {page} before the next release, or take over the registered names: `release` and "
    "`environments` in [tool.towpath.workflow].",
)
