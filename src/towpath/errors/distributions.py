"""Errors of distributions: building, contents, imports."""

from __future__ import annotations

from towpath.errors.kinds import Kind, Retry

BUILD_FAILED = Kind(
    "build-failed",
    "Building failed: `{command}` ended with {code}.",
    "Read its own words below; the same command in a fresh clone shows the same.",
    recognises=(
        "subprocess-exited-with-error",
        "Backend subprocess exited when trying to invoke",
        "Package build failed",
        "Package build fails",
        "Package building failed",
        "Failed to build `",
        "The build backend returned an error",
    ),
)
WRONG_DISTRIBUTIONS = Kind(
    "wrong-distributions",
    "The build left {names}; wanted: {wanted}.",
    "Look at the build backend's configuration; which files make up a version is declared as `expect` (and `sdist`) in "
    "[tool.towpath.build].",
)
DAMAGED_DISTRIBUTION = Kind(
    "damaged-distribution", "{file} cannot be read: {why}.", "Build again with a standard backend."
)
VERSION_DIFFERS = Kind(
    "version-differs",
    "{what} says {found}, but the version is {wanted}.",
    "Let every place say the same version: bump with `invoke bump`, or read it from the installed metadata.",
)
DIST_TRACKED = Kind(
    "dist-tracked",
    "git tracks files in dist/, such as {file}; build replaces what lies there.",
    "Take dist/ out of git (`git rm -r --cached dist`) and add it to .gitignore.",
)
LOCAL_VERSION = Kind(
    "local-version",
    "{version} is a local version (`+…`), which {index} refuses.",
    "Release a version without the part behind the plus.",
    retry=Retry.NEVER,
    recognises=("The use of local versions in '…' is not allowed",),
)
DIRTY_TREE = Kind(
    "dirty-tree",
    "There is uncommitted work, but {gate} is about a commit.",
    "Commit or stash it. A rehearsal (`nox -s release`) takes uncommitted work along.",
    recognises=(
        "Your local changes to the following files would be overwritten",
        "You have unstaged changes",
        "Your index contains uncommitted changes",
    ),
)
NAME_DIFFERS = Kind(
    "name-differs",
    "{file} is of the project {found!r}, not {wanted!r}.",
    "Let the backend's configuration and pyproject.toml give the same name.",
)
DOES_NOT_FIT = Kind(
    "does-not-fit",
    "What {file} brings along does not fit together.",
    "Mend the project's dependencies; the installer's own words are below.",
)
NO_MODULES = Kind(
    "no-modules",
    "{name} installs no module that can be imported.",
    "Look at what the build backend puts into the wheel: a wheel without code is no release.",
)
IMPORT_FAILED = Kind(
    "import-failed",
    "{count} cannot be imported where only the distribution and its dependencies are installed: {modules}.",
    "Declare the missing dependency, import it late, or name the module with its reason under skip-imports in "
    "[tool.towpath.verify-install].",
    recognises=(
        "ModuleNotFoundError: No module named",
        "ImportError: cannot import name",
        "Module import failures",
        "Import errors",
        "most likely due to a circular import",
    ),
)
IMPORTED_ELSEWHERE = Kind(
    "imported-elsewhere",
    "{modules} came from outside the clean environment, so the distribution was not what was tested.",
    "Look for path tricks (.pth files, sys.path) in the package.",
)
PROBE_ENDED = Kind(
    "probe-ended",
    "The process that imported the modules {how}.",
    "A module ends or blocks the process when it is imported; guard it by `if __name__ == '__main__'`.",
)
