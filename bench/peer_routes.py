"""How each tool releases the same project, configured as its own documentation has it: for peers.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from peer_project import NAME, NEW, OLD, Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

INIT = f"src/{NAME}/__init__.py"
TESTS = ("python", "-m", "pytest", "-q")
BUILD = ("python", "-m", "build", "--quiet", "--installer", "uv")
TWINE = ("twine", "upload", "dist/benched-1.1.0-py3-none-any.whl", "dist/benched-1.1.0.tar.gz")
PUSH = ("git", "push", "--quiet", "--follow-tags", "origin", "main")
COMMIT = ("git", "commit", "--quiet", "--all", "--message", f"Release {NEW}")
TAG = ("git", "tag", "--annotate", "--message", NEW, f"v{NEW}")
WRITE = ("python", "{shared}/write.py", "pyproject.toml", INIT)


WRITER = f'''\
"""What a person does in an editor: write the new version into the files, and close the changelog's section."""

import sys
from pathlib import Path

for name in sys.argv[1:]:
    path = Path(name)
    text = path.read_text(encoding="utf-8").replace("{OLD}", "{NEW}") if name.endswith((".toml", ".py")) else (
        path.read_text(encoding="utf-8").replace("=\\n\\n*", "=\\n\\n* :release:`{NEW} <2026-11-21>`\\n*", 1)
    )
    path.write_text(text, encoding="utf-8")
'''


FIRST = f"\n\n\n{OLD} (2026-01-01)\n------------------\n\n- The first.\n"
ZEST_LOG = f"Changes\n=======\n\n{NEW} (unreleased)\n------------------\n\n"
RELEASES_LOG = "=========\nChangelog\n=========\n\n"
RELEASES_OLD = f"* :release:`{OLD} <2026-01-01>`\n* :feature:`-` The first.\n"
RELEASES = (f"{RELEASES_LOG}* :feature:`1` Something new.\n{RELEASES_OLD}", f"{RELEASES_LOG}{RELEASES_OLD}")


@dataclass(frozen=True)
class Route:
    """One way to release: what is installed and configured for it, and its commands one after the other."""

    name: str
    installed: tuple[str, ...]
    bump: tuple[tuple[str, ...], ...]
    release: tuple[tuple[str, ...], ...]
    shape: Shape = field(default_factory=Shape)
    only_bump: tuple[tuple[str, ...], ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    terminal: bool = False
    rebuilds: bool = False
    uncounted: str = ""
    slow: bool = False
    then: tuple[tuple[str, ...], ...] = ()


LOADED = {"TWINE_REPOSITORY_URL": "{upload}", "TWINE_USERNAME": "__token__", "TWINE_PASSWORD": "{token}"}
IMPORT = f"import {NAME}"
TOWPATH = Route(
    "towpath",
    ("towpath",),
    bump=(("invoke", "bump", "--part", "minor"),),
    release=(("nox", "-s", "release", "--", "--to", "own", "--yes"),),
    shape=Shape(
        files={
            "noxfile.py": "from towpath.nox import sessions\nfrom towpath.pipeline import RELEASE\n\n"
            'sessions(RELEASE.without("github-release"))\n',
            "tasks.py": "from towpath.invoke import tasks\n\nns = tasks()\n",
        },
        pyproject='\n[tool.towpath]\npython = ["current"]\n',
    ),
    uncounted="""
[tool.towpath.publish]
index = "own"
patience = 2

[tool.towpath.publish-test]
index = "own-test"

[tool.towpath.routes]
final = ["own"]

[tool.towpath.index.own]
upload-url = "{upload}"
simple-url = "{simple}"

[tool.towpath.index.own-test]
upload-url = "{upload}"
simple-url = "{simple}"
""",
    more={"TOWPATH_TOKEN_OWN": "{token}"},
)
PIP = Route(
    "by hand (pip)",
    ("twine", "build", "pip", "pytest"),
    bump=(WRITE, COMMIT),
    release=(
        TESTS,
        ("python", "-m", "build", "--quiet"),
        ("python", "-m", "venv", "--clear", "{folder}/clean"),
        ("{folder}/clean/{bin}/python", "-m", "pip", "install", "--quiet", TWINE[2]),
        ("{folder}/clean/{bin}/python", "-I", "-c", IMPORT),
        TWINE,
        ("python", "-m", "venv", "--clear", "{folder}/clean"),
        ("{folder}/clean/{bin}/python", "-m", "pip", "install", "--quiet", "--index-url", "{simple}", f"{NAME}=={NEW}"),
        ("{folder}/clean/{bin}/python", "-I", "-c", IMPORT),
        TAG,
        PUSH,
    ),
    slow=True,
    more=LOADED,
)
UV = Route(
    "by hand (uv)",
    ("uv",),
    bump=(("uv", "version", "--quiet", "--bump", "minor", "--frozen"), (*WRITE[:2], INIT), COMMIT),
    release=(
        ("uv", "run", "--quiet", "--group", "test", "pytest", "-q"),
        ("uv", "build", "--quiet", "--clear"),
        ("uv", "run", "--quiet", "--isolated", "--no-project", "--with", TWINE[2], "python", "-I", "-c", IMPORT),
        ("uv", "publish", "--quiet", "--trusted-publishing", "never"),
        ("uv", "run", "--quiet", "--isolated", "--no-project", "--refresh", "--index", "{simple}",
         "--with", f"{NAME}=={NEW}", "python", "-I", "-c", IMPORT),
        TAG,
        PUSH,
    ),
    more={"UV_PUBLISH_URL": "{upload}", "UV_PUBLISH_TOKEN": "{token}"},
)  # fmt: skip
INVOCATIONS = Route(
    "invocations",
    ("invocations", "pip"),
    bump=(("invoke", "release.prepare"),),
    release=(("invoke", "release.publish"), ("invoke", "release.push")),
    terminal=True,
    slow=True,
    rebuilds=True,
    shape=Shape(
        changelog=("docs/changelog.rst", *RELEASES),
        files={
            "docs/conf.py": f'project = "{NAME}"\nextensions = ["releases"]\nmaster_doc = "changelog"\n'
            'releases_github_path = "ada/benched"\n',
            "tasks.py": "from invocations.packaging import release\nfrom invoke import Collection\n\n"
            "ns = Collection(release)\n"
            f'ns.configure({{"packaging": {{"changelog_file": "docs/changelog.rst", "package": "{NAME}"}}}})\n',
        },
    ),
    more={**LOADED, "EDITOR": f"python {{shared}}/write.py {INIT}"},
)
ZEST = Route(
    "zest.releaser",
    ("zest.releaser", "pip"),
    bump=(),
    release=(("fullrelease", "--no-input"),),
    only_bump=(("prerelease", "--no-input"),),
    then=(("release", "--no-input"), ("postrelease", "--no-input")),
    rebuilds=True,
    shape=Shape(
        changelog=("CHANGES.rst", f"{ZEST_LOG}- Something new.{FIRST}", f"{ZEST_LOG}- Nothing changed yet.{FIRST}"),
        single_source=True,
        starts_at=f"{NEW}.dev0",
        pyproject='\n[tool.zest-releaser]\ntag-format = "v{version}"\n',
    ),
    more=LOADED,
)
TBUMP = Route(
    "tbump",
    ("tbump", "build", "twine", "pytest", "uv"),
    bump=(),
    release=(("tbump", "--non-interactive", NEW),),
    only_bump=(("tbump", "--non-interactive", "--only-patch", NEW),),
    then=(TWINE,),
    rebuilds=True,
    shape=Shape(
        changelog=(
            "CHANGELOG.md",
            f"# Changelog\n\n## {NEW}\n\n- something new\n\n## {OLD}\n\n- the first\n",
            f"# Changelog\n\n## {OLD}\n\n- the first\n",
        ),
        files={
            "tbump.toml": f"""\
[version]
current = "{OLD}"
regex = '(?P<major>\\d+)\\.(?P<minor>\\d+)\\.(?P<patch>\\d+)'

[git]
message_template = "Bump to {{new_version}}"
tag_template = "v{{new_version}}"

[[file]]
src = "pyproject.toml"
search = 'version = "{{current_version}}"'

[[file]]
src = "{INIT}"

[[before_commit]]
name = "Run the tests"
cmd = "python -m pytest -q"

[[before_commit]]
name = "Check the changelog"
cmd = "grep -q -F {{new_version}} CHANGELOG.md"

[[after_push]]
name = "Publish"
cmd = "python -m build --quiet --installer uv && {" ".join(TWINE)}"
""",
        },
    ),
    more=LOADED,
)
BMV = Route(
    "bump-my-version + twine",
    ("bump-my-version", "build", "twine", "uv"),
    bump=(("bump-my-version", "bump", "minor"),),
    release=(PUSH, BUILD, TWINE),
    shape=Shape(
        pyproject=f"""
[tool.bumpversion]
current_version = "{OLD}"
commit = true
tag = true
tag_name = "v{{new_version}}"

[[tool.bumpversion.files]]
filename = "pyproject.toml"
search = 'version = "{{current_version}}"'
replace = 'version = "{{new_version}}"'

[[tool.bumpversion.files]]
filename = "{INIT}"

[[tool.bumpversion.files]]
filename = "CHANGELOG.md"
search = "## [Unreleased]"
replace = "## [Unreleased]\\n\\n## [{{new_version}}] - {{now:%Y-%m-%d}}"
"""
    ),
    more=LOADED,
)
PSR = Route(
    "python-semantic-release + twine",
    ("python-semantic-release", "build", "twine", "pip"),
    bump=(),
    release=(("semantic-release", "--strict", "version", "--no-vcs-release"), TWINE),
    only_bump=(("semantic-release", "version", "--no-vcs-release", "--no-push", "--skip-build"),),
    shape=Shape(
        pyproject=f"""
[tool.semantic_release]
build_command = "python -m build"
version_toml = ["pyproject.toml:project.version"]
version_variables = ["{INIT}:__version__"]
"""
    ),
    uncounted="\n[tool.semantic_release.remote]\nignore_token_for_push = true\n",
    more=LOADED,
)
CZ = Route(
    "commitizen + twine",
    ("commitizen", "build", "twine", "uv"),
    bump=(("cz", "bump", "--yes", "--check-consistency"),),
    release=(PUSH, BUILD, TWINE),
    shape=Shape(
        pyproject=f"""
[tool.commitizen]
name = "cz_conventional_commits"
version_provider = "pep621"
version_files = ["{INIT}:__version__"]
tag_format = "v$version"
annotated_tag = true
update_changelog_on_bump = true
"""
    ),
    more=LOADED,
)
HATCH = Route(
    "hatch",
    ("hatch",),
    bump=(("hatch", "version", "minor"), COMMIT),
    release=(("hatch", "test"), ("hatch", "build", "--clean"), ("hatch", "--no-interactive", "publish"), TAG, PUSH),
    only_bump=(("hatch", "version", "minor"),),
    shape=Shape(single_source=True),
    more={"HATCH_INDEX_REPO": "{front}", "HATCH_INDEX_USER": "__token__", "HATCH_INDEX_AUTH": "{token}"},
)
_JUPYTER = ("jupyter-releaser",)
JUPYTER = Route(
    "jupyter_releaser",
    ("jupyter_releaser", "hatch", "pip"),
    bump=(
        (*_JUPYTER, "prep-git", "--git-url", "{remote}", "--branch", "main", "--repo", "ada/benched"),
        (*_JUPYTER, "bump-version", "--version-spec", "minor"),
    ),
    release=(
        (*_JUPYTER, "build-python"),
        (*_JUPYTER, "check-python"),
        (*_JUPYTER, "tag-release"),
        ("git", "-C", ".jupyter_releaser_checkout", "push", "--quiet", "--follow-tags", "origin", "main"),
        (*_JUPYTER, "publish-assets", "--release-url", f"https://github.com/ada/benched/releases/tag/v{NEW}"),
    ),
    shape=Shape(single_source=True, pyproject=f'\n[tool.jupyter-releaser.options]\ncheck-imports = ["{NAME}"]\n'),
    slow=True,
    more={**LOADED, "PYPI_TOKEN": "{token}"},
)
ROUTES = (TOWPATH, PIP, UV, INVOCATIONS, ZEST, TBUMP, BMV, PSR, CZ, HATCH, JUPYTER)


def configured(route: Route) -> int:
    """Lines that the project has for this way to release alone; not those that point it at the loopback index."""
    source = 2 if route.shape.single_source else 0
    texts = (route.shape.pyproject, *route.shape.files.values())
    return source + sum(bool(line.strip()) for text in texts for line in text.splitlines())
