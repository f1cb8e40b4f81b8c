"""What the troubleshooting sections of publishing guides warn of, and what finds its causes beforehand."""

from __future__ import annotations

from dataclasses import dataclass

from towpath import errors


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a guide: what it says, what the doctor finds of its causes, and the gate that finds the rest."""

    said: str
    kinds: tuple[errors.Kind, ...] = ()
    also: str = ""


ENTRIES = (
    Entry("Environment not found", (errors.ENVIRONMENT_MISSING,)),
    Entry(
        "Permission denied when publishing",
        (errors.ID_TOKEN_MISSING, errors.PUBLISHER_DIFFERS, errors.PUBLISHER_NAMES_DIFFER, errors.ENVIRONMENTS_DIFFER),
    ),
    Entry("Version already exists", (errors.VERSION_THERE,), "preflight of every walk"),
    Entry("File already exists", (errors.VERSION_THERE, errors.PUBLISHED_TWICE), "preflight of every walk"),
    Entry(
        "400 Bad Request from …/legacy/",
        (errors.VERSION_THERE, errors.LOCAL_VERSION, errors.NAME_INVALID, errors.NAME_PROHIBITED),
        "`build`, which asks PyPI's rules about each file",
    ),
    Entry(
        "Tests fail before deployment",
        (errors.TESTS_NOT_FOUND, errors.PUBLISH_UNGATED, errors.GATE_CANNOT_FAIL),
        "`test` and `lint` in a rehearsal",
    ),
    Entry("Tests failed or coverage below threshold", (errors.GATE_CANNOT_FAIL,), "`test` in a rehearsal"),
    Entry(
        "Tests fail in the workflow but pass locally",
        (errors.PYTHON_NOT_FOUND, errors.PYTHON_CLASSIFIERS, errors.FILES_UNTRACKED, errors.MODULES_IGNORED),
        "`test` on every Python, in a clean environment",
    ),
    Entry(
        "Invalid or expired token",
        (errors.SECRET_MISSING, errors.MALFORMED_CREDENTIAL, errors.TOKEN_OF_OTHER_INDEX),
        "the upload: whether a token has expired is known to the index alone",
    ),
    Entry(
        "Invalid or non-existent authentication information",
        (errors.SECRET_MISSING, errors.TOKEN_OF_OTHER_INDEX, errors.MALFORMED_CREDENTIAL, errors.SECRET_LEFT_OVER),
        "the upload",
    ),
    Entry("Project does not exist", (errors.PROJECT_NEW,)),
    Entry(
        "403 Forbidden",
        (errors.PROJECT_CLOSED, errors.TOKEN_OF_OTHER_INDEX, errors.NAME_OF_OTHERS),
        "the upload: roles are shown to nobody",
    ),
    Entry(
        "The user 'xxx' isn't allowed to upload to project",
        (errors.NAME_OF_OTHERS, errors.PROJECT_CLOSED),
        "the upload: roles are shown to nobody",
    ),
    Entry(
        "Workflow doesn't trigger",
        (
            errors.TRIGGER_MISSES_TAGS,
            errors.TAG_NOT_PUSHED,
            errors.WORKFLOW_DISABLED,
            errors.WORKFLOW_NOT_THERE,
            errors.WORKFLOW_UNCOMMITTED,
            errors.ACTIONS_DISABLED,
            errors.BAD_WORKFLOW,
        ),
    ),
    Entry("TestPyPI works but PyPI fails", (errors.PROJECT_NEW, errors.PUBLISHER_DIFFERS, errors.TOKEN_OF_OTHER_INDEX)),
    Entry("OIDC token request failed", (errors.ID_TOKEN_MISSING, errors.UNTRUSTED_TRIGGER)),
    Entry(
        "Trusted publishing exchange failure",
        (errors.PUBLISHER_DIFFERS, errors.REPOSITORY_RENAMED, errors.PUBLISHER_NAMES_DIFFER, errors.PROJECT_NEW),
    ),
    Entry(
        "Package build failed",
        (errors.FILES_UNTRACKED, errors.NO_VERSION, errors.CHECKOUT_SHALLOW),
        "`build` in a rehearsal",
    ),
    Entry("Import errors", (errors.MODULES_IGNORED, errors.FILES_UNTRACKED), "`verify-install` in a rehearsal"),
    Entry("GitHub release creation fails", (errors.RELEASE_NOT_ALLOWED, errors.IMMUTABLE_BY_HAND, errors.NO_FORGE)),
)
