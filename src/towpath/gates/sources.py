"""Where a project's own code lies, by the layouts in common use."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from towpath import errors
from towpath.repository.git import Git

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def source_paths(root: Path, project: str) -> tuple[str, ...]:
    """All that may be shipped: `src`, and whatever folder or module holds Python; `.` if there is none.

    Tests, documentation and the project's own tooling stay out, by the names in common use. A folder is named whole,
    but where tests lie within it beside the code (`packages/core/tests`): then the folders of the code are.
    Raises git-failed.
    """
    name = re.sub(r"[-.]+", "_", project).lower()
    named = {path for path in ("src", name, f"{name}.py") if (root / path).exists()}
    files = _python_files(root)
    found = named | set(_wholes([path for path in files if path.parts[0] not in named], _packages(files)))
    return tuple(sorted(found)) or (".",)


_ASIDE = re.compile(
    r"\..*|((unit|integration)_?)?tests?|testing|docs?|documentation|examples?|bench(marks?)?|scripts"
    r"|(setup|noxfile|tasks|conftest|test_.*|.*_test)\.py"
)
# Unless they hold a package: then they are one's own, and may be shipped.
_TOOLING = re.compile(r"ci|dev|tools?|tooling|script|samples?|demos?|tutorials?|notebooks?|website|fuzz(ing)?|perf|e2e")
# Within a folder of any other name, where `testing`, `docs` and `tasks.py` may well be code.
_BESIDE = re.compile(r"\..*|((unit|integration)_?)?tests?|(setup|noxfile|conftest|test_.*)\.py")


def _wholes(files: Collection[PurePosixPath], packages: Collection[str]) -> Iterator[str]:
    """For each file of code the outermost folder that has code right in it, or has nothing but code in it."""
    tops = {path: path.parts[0] for path in files}
    aside = {top for top in tops.values() if _ASIDE.fullmatch(top) or (_TOOLING.fullmatch(top) and top not in packages)}
    code = [path for path, top in tops.items() if top not in aside and not any(map(_BESIDE.fullmatch, path.parts))]
    mixed = {folder for path in set(files).difference(code) for folder in path.parents}
    holding = {path.parent for path in code}
    for path in code:
        outermost_first = [*reversed(path.parents), path][1:]
        yield str(next(one for one in outermost_first if one in holding or one not in mixed))


def _packages(files: Collection[PurePosixPath]) -> set[str]:
    """The top-level folders that are packages, or hold one right in them."""
    return {path.parts[0] for path in files if path.name == "__init__.py" and len(path.parts) in {2, 3}}


def _python_files(root: Path) -> list[PurePosixPath]:
    """Those that git tracks or would, relative to the root; outside of a repository, those of packages and modules."""
    try:
        listed = Git(root)("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py")
    except errors.TowpathError as error:
        if "not a git repository" not in error.problems[0].detail:
            raise
        globbed = (path for pattern in ("*.py", "*/__init__.py", "*/*/__init__.py") for path in root.glob(pattern))
        return [PurePosixPath(path.relative_to(root).as_posix()) for path in globbed]
    return [PurePosixPath(path) for path in listed.split("\0") if path and (root / path).is_file()]
