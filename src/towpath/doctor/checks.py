"""THE list of what the doctor looks at, part by part, offline first: read this first."""

from __future__ import annotations

from types import MappingProxyType

from towpath import errors
from towpath.doctor import forge, index, machine, project, proving, repository, safety, workflows
from towpath.doctor.nouns import Check

PROJECT, REPOSITORY, WORKFLOWS, MACHINE = "the project", "the repository", "the workflows", "this machine"
REMOTE, FORGE, INDEX = "the remote", "the forge", "the indexes"

CHECKS = (
    Check(PROJECT, "name", "an index takes it", project.name, (errors.NAME_INVALID, errors.NAME_PROHIBITED)),
    Check(PROJECT, "version", "every place says the same, and it goes to an index", project.version),
    Check(
        PROJECT,
        "changelog",
        "there, readable, with something unreleased",
        project.changelog,
        (errors.NO_CHANGELOG, errors.CHANGELOG_UNREADABLE, errors.NO_UNRELEASED),
    ),
    Check(
        PROJECT,
        "supported Pythons",
        "requires-python is there and fits the classifiers",
        project.pythons,
        (errors.NO_REQUIRES_PYTHON, errors.PYTHON_CLASSIFIERS),
    ),
    Check(
        PROJECT,
        "tests",
        "there are some, or it is declared that there are none",
        project.tests,
        (errors.TESTS_NOT_FOUND,),
    ),
    Check(
        PROJECT,
        "files",
        "git knows every module",
        project.files,
        (errors.FILES_UNTRACKED, errors.MODULES_IGNORED),
    ),
    Check(PROJECT, "dist", "nothing in it but what was sealed", project.dist),
    Check(REPOSITORY, "remote", "there, and on a forge", repository.remote),
    Check(
        REPOSITORY,
        "branch",
        "the configured ones exist, and HEAD is on one",
        repository.branch,
        (errors.RELEASE_BRANCH_MISSING, errors.BRANCH_ELSEWHERE),
    ),
    Check(REPOSITORY, "tags", "spelled as configured", repository.tags, (errors.TAGS_SPELLED_OTHERWISE,)),
    Check(
        WORKFLOWS,
        "generated",
        "there, current, locked and committed",
        workflows.current,
        (errors.WORKFLOW_ABSENT, errors.WORKFLOW_UNCOMMITTED),
    ),
    Check(WORKFLOWS, "syntax", "every file is one that GitHub takes", workflows.readable),
    Check(
        WORKFLOWS,
        "publisher",
        "one workflow publishes, under the names that the index knows",
        workflows.second_publisher,
        (errors.PUBLISHED_TWICE, errors.PUBLISHER_NAMES_DIFFER),
    ),
    Check(
        WORKFLOWS,
        "environments",
        "one for each index, named by every job that publishes",
        workflows.environments,
        (errors.ENVIRONMENTS_DIFFER, errors.ENVIRONMENT_UNNAMED),
    ),
    Check(WORKFLOWS, "triggers", "this project's tags start them", workflows.triggers, (errors.TRIGGER_MISSES_TAGS,)),
    Check(
        WORKFLOWS,
        "identity",
        "`id-token: write` where it publishes, and nowhere else",
        safety.identity,
        (errors.ID_TOKEN_MISSING, errors.ID_TOKEN_TOO_WIDE, errors.ID_TOKEN_BESIDE_CODE),
    ),
    Check(
        WORKFLOWS,
        "permissions",
        "named, and enough for the release",
        safety.permissions,
        (errors.PERMISSIONS_OPEN, errors.RELEASE_NOT_ALLOWED),
    ),
    Check(WORKFLOWS, "pins", "every action by a full commit SHA", safety.pins, (errors.ACTION_UNPINNED,)),
    Check(
        WORKFLOWS,
        "strangers",
        "no pull_request_target, no text of theirs in a command",
        safety.untrusted,
        (errors.UNTRUSTED_TRIGGER, errors.UNTRUSTED_TEXT),
    ),
    Check(WORKFLOWS, "tokens", "none where the publisher is trusted", safety.secrets, (errors.SECRET_LEFT_OVER,)),
    Check(WORKFLOWS, "checks", "each of them can fail", proving.gates, (errors.GATE_CANNOT_FAIL,)),
    Check(
        WORKFLOWS,
        "inputs",
        "compared as what they are",
        proving.inputs,
        (errors.INPUT_AS_TEXT, errors.ROUTED_BY_HYPHEN),
    ),
    Check(
        WORKFLOWS,
        "checkouts",
        "with the tags, where they give the version",
        proving.checkouts,
        (errors.CHECKOUT_SHALLOW,),
    ),
    Check(
        WORKFLOWS,
        "order",
        "publishing waits for tests, and skips nothing",
        proving.gated,
        (errors.PUBLISH_UNGATED, errors.EXISTING_SKIPPED),
    ),
    Check(
        MACHINE,
        "tools",
        "git with your name, nox, uv",
        machine.tools,
        (errors.GIT_OLD, errors.UV_MISSING),
    ),
    Check(MACHINE, "Pythons", "every required one is here", machine.pythons),
    Check(
        MACHINE,
        "left-over tokens",
        "none lies about, and each is of its index",
        machine.tokens,
        (errors.TOKEN_LEFT_HERE, errors.TOKEN_READABLE),
    ),
    Check(
        REMOTE,
        "pushed",
        "the remote has nothing that is not here",
        repository.pushed,
        (errors.TAG_NOT_PUSHED,),
        online=True,
    ),
    Check(
        FORGE,
        "repository",
        "there under this name, with this branch",
        forge.about,
        (errors.REPOSITORY_RENAMED, errors.REPOSITORY_ARCHIVED, errors.DEFAULT_BRANCH_DIFFERS),
        online=True,
    ),
    Check(
        FORGE,
        "environments",
        "there, reviewed, and open for the release",
        forge.environments,
        (errors.ENVIRONMENT_MISSING, errors.ENVIRONMENT_UNREVIEWED, errors.ENVIRONMENT_OPEN, errors.ENVIRONMENT_BARS),
        online=True,
    ),
    Check(
        FORGE,
        "tag rules",
        "tags can be made, and not be moved",
        forge.tag_rules,
        (errors.TAGS_UNPROTECTED, errors.TAGS_BARRED),
        online=True,
    ),
    Check(
        FORGE,
        "workflow token",
        "Actions is on, and its token reads only by default",
        forge.permissions,
        (errors.ACTIONS_DISABLED, errors.WORKFLOW_TOKEN_WRITES),
        online=True,
    ),
    Check(
        FORGE,
        "secrets",
        "those that are needed, and no others",
        forge.secrets,
        (errors.SECRET_MISSING, errors.SECRET_STALE),
        online=True,
    ),
    Check(
        FORGE,
        "immutable releases",
        "the files can still be added",
        forge.immutable,
        (errors.IMMUTABLE_BY_HAND,),
        online=True,
    ),
    Check(
        FORGE,
        "workflows",
        "known and enabled",
        forge.workflows,
        (errors.WORKFLOW_DISABLED, errors.WORKFLOW_NOT_THERE),
        online=True,
    ),
    Check(
        INDEX,
        "project",
        "there and ours, or new",
        index.project,
        (errors.PROJECT_NEW, errors.NAME_OF_OTHERS),
        online=True,
    ),
    Check(INDEX, "clock", "this machine's is that of the index", machine.clock, (errors.CLOCK_OFF,), online=True),
    Check(INDEX, "status", "it takes uploads", index.status, online=True),
    Check(INDEX, "version", "free, or released from this commit", index.version, (errors.VERSION_THERE,), online=True),
    Check(
        INDEX,
        "publisher",
        "the last release's is the configured one",
        index.publisher,
        (errors.PUBLISHER_DIFFERS,),
        online=True,
    ),
)

# What no question can answer before it is tried, and where it is answered instead.
NOT_TO_KNOW = MappingProxyType(
    {
        "whether PyPI finds the name too similar to another one, or has prohibited it": "the first upload",
        "whether a publisher is registered that has not published yet": "the job that publishes; the form is below",
        "whether a token has expired, or is of an account without rights": "the upload",
        "whether a file name was used and deleted": "the upload",
        "whether tests pass, the build succeeds and what was built can be imported": "`nox -s release`, the rehearsal",
    }
)
