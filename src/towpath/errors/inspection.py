"""Errors that an inspection of the distributions finds."""

from __future__ import annotations

from towpath.errors.kinds import Kind

PYPI_REFUSES = Kind(
    "pypi-refuses",
    "PyPI would refuse {file}: {reason}",
    "Correct it in pyproject.toml or in the build backend's configuration; these are the index's own words, and the "
    "whole release is checked before its first file is sent.",
)
PLATFORM_REFUSED = Kind(
    "platform-refused",
    "PyPI would refuse the platform of {file}: {reason}",
    "A wheel of compiled code that was built here fits this machine alone. Repair it (auditwheel) or build it by "
    "cibuildwheel: `command` in [tool.towpath.build]; or publish a pure wheel where the extension is optional "
    "(`environment`, or `sdist` alone by `expect`).",
    recognises=("has an unsupported platform tag",),
)
TWINE_REFUSES = Kind(
    "twine-refuses",
    "`twine check --strict` does not pass {file}: {reason}",
    "Correct the metadata in pyproject.toml; most often it is the readme or its content type.",
    recognises=(
        "`long_description` has syntax errors in markup and would not be rendered on PyPI",
        "`long_description_content_type` missing",
    ),
)
WHEEL_CONTENTS = Kind(
    "wheel-contents",
    "In {file}, check-wheel-contents found {finding}.",
    "Look at what the build backend puts into the wheel; `ignore` in [tool.check-wheel-contents] leaves a check out.",
)
RECORD_WRONG = Kind(
    "record-wrong",
    "The RECORD of {file} does not fit its files: {what}.",
    "Build it again, and let nothing change a wheel after it is built; a tool that repairs wheels writes RECORD anew.",
)
NEVER_BELONGS = Kind(
    "never-belongs",
    "{file} holds {count} of a kind that never belongs there: {members}.",
    "Take them out of the project or out of the archive (and revoke a secret: what was public is known). What must be "
    "there, such as the keys of a test, stands with its reason under `allowed` in [tool.towpath.build].",
)
MODULE_DIFFERS = Kind(
    "module-differs",
    "{file} holds {count} with other bytes than the commit: {modules}.",
    "Find out what changes them while building. What the build writes is declared as `generated` in "
    "[tool.towpath.build].",
)
MODULE_FOREIGN = Kind(
    "module-foreign",
    "{file} holds {count} not in the commit: {modules}.",
    "Commit them, or declare what the build writes as `generated` in [tool.towpath.build].",
)
MODULE_LEFT_OUT = Kind(
    "module-left-out",
    "{file} lacks {count} of the commit's packages: {modules}.",
    "Look at which packages the build backend includes (a folder without `__init__.py`, an exclusion); what is left "
    "out on purpose stands with its reason under `left-out` in [tool.towpath.build].",
)
INCOMPLETE_SET = Kind(
    "incomplete-set",
    "{version} is not complete: {missing} is to be built elsewhere, and a publication needs every file.",
    "Collect what the other platforms built: `nox -s build -- --from FOLDER`, with their files and build.json.",
)
NOT_COLLECTED = Kind(
    "not-collected",
    "{what} in {folder} cannot be taken: {why}.",
    "Download the artifacts of one CI run of this commit, files and build.json together, into an empty folder.",
)
