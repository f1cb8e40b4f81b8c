"""The versions of tools that a project's pre-commit hooks name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from towpath import errors

if TYPE_CHECKING:
    from pathlib import Path

HOOKS = ".pre-commit-config.yaml"
# https://pre-commit.com/hooks.html: the repositories that carry a tool at its own version numbers
_HOOK_REPOSITORIES = {
    "astral-sh/ruff-pre-commit": "ruff",
    "charliermarsh/ruff-pre-commit": "ruff",
    "psf/black": "black",
    "psf/black-pre-commit-mirror": "black",
    "pycqa/isort": "isort",
    "timothycrosley/isort": "isort",
    "pycqa/flake8": "flake8",
    "pycqa/pylint": "pylint",
    "pycqa/bandit": "bandit",
    "pre-commit/mirrors-mypy": "mypy",
    "pre-commit/mirrors-isort": "isort",
    "robertcraigie/pyright-python": "pyright",
    "hukkin/mdformat": "mdformat",
    "executablebooks/mdformat": "mdformat",
}


def hook_versions(top: Path) -> dict[str, str]:
    """Tool → version, of what `.pre-commit-config.yaml` takes from the repositories that carry tools.

    Raises bad-hooks.
    """
    known: dict[str, str] = {}
    for repository in _hook_repositories(top):
        where = str(repository.get("repo", "")).lower().removesuffix("/").removesuffix(".git")
        tool = _HOOK_REPOSITORIES.get("/".join(where.split("/")[-2:]))
        version = re.fullmatch(r"v?(\d+(?:\.\d+)*\S*)", str(repository.get("rev", "")))
        if tool and version:
            known[tool] = version[1]
    return known


def _hook_repositories(top: Path) -> list[dict[str, Any]]:
    path = top / HOOKS
    if not path.is_file():
        return []
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        read = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise errors.BAD_HOOKS.error(path=HOOKS, why="it is no YAML", detail=str(error)) from None
    repositories = read.get("repos") if isinstance(read, dict) else None
    if not isinstance(repositories, list) or not all(isinstance(one, dict) for one in repositories):
        raise errors.BAD_HOOKS.error(path=HOOKS, why="it holds no list of repositories under `repos`")
    return repositories
