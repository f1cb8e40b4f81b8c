"""How `nox -s docs` makes the site: Sphinx reads these pages as they are."""

from pathlib import Path

import tomllib

_PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = _PROJECT["name"]
release = version = _PROJECT["version"]
extensions = ["myst_parser"]
exclude_patterns = ["adr/README.md"]
myst_heading_anchors = 3  # each error is a heading of the third level
nitpicky = True
html_theme = "furo"
html_title = f"{project} {release}"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
