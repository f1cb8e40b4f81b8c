"""What PyPI says of a distribution's metadata.

The texts are those of `packaging.metadata` and of warehouse/forklift/metadata.py; the rules are the core metadata's,
https://packaging.python.org/specifications/core-metadata.
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind

_said = partial(Kind, said_by="PyPI")
_REBUILD = " Then build again; `nox -s build` finds it before anything is public."

METADATA_NAME = _said(
    "metadata-name",
    "The project's name is not one: it must begin and end with a letter or a digit, and hold only ASCII letters, "
    "digits, dots, dashes and underscores.",
    "Correct name under [project] in pyproject.toml." + _REBUILD,
    recognises=("is an invalid value for Name", "Start and end with a letter or numeral"),
)
METADATA_VERSION_UNKNOWN = _said(
    "metadata-version-unknown",
    "The build backend wrote a Metadata-Version that the index does not know: PyPI takes 1.0 to 1.2 and 2.1 to 2.5.",
    "The backend is newer than the index. Pin an older one in build-system.requires." + _REBUILD,
    recognises=("is not a valid metadata version",),
)
METADATA_SUMMARY = _said(
    "metadata-summary",
    "The summary is too long or holds a line break: PyPI takes one line of at most 512 characters.",
    "Shorten description under [project]; the long text belongs into the readme." + _REBUILD,
    recognises=("'summary' field must be 512 characters or less", "'summary' must be a single line"),
)
METADATA_CLASSIFIER = _said(
    "metadata-classifier",
    "A classifier is not on PyPI's list, or was taken off it. The list changes, so one that was good may be no more.",
    "Correct classifiers under [project] by https://pypi.org/classifiers/. To keep a project off PyPI on purpose, "
    "`Private :: Do Not Upload` does it." + _REBUILD,
    recognises=("is not a valid classifier", "The classifier … has been deprecated"),
)
METADATA_ADDRESS = _said(
    "metadata-address",
    "An address of the project is not one: a URL without http:// or https://, a URL whose label is missing or longer "
    "than 32 characters, or an e-mail address that is none.",
    "Correct urls, authors or maintainers under [project]." + _REBUILD,
    recognises=(
        "is not a valid url",
        "is not a valid email address",
        "Must have a label. See …core-metadata",
        "Must have a URL. See …core-metadata",
        "must be 32 characters or less",
        "'project_urls' has invalid data",
    ),
)
METADATA_DIRECT_DEPENDENCY = _said(
    "metadata-direct-dependency",
    "The project depends on something by its address (`package @ git+https://…`), which nobody could install safely "
    "from an index.",
    "Require a released version of that package, publish it first, or take the dependency out (a dependency group is "
    "not published)." + _REBUILD,
    recognises=("Can't have direct dependency",),
)
METADATA_REQUIREMENT = _said(
    "metadata-requirement",
    "A requirement, an extra or the range of Pythons is not written as the metadata asks for.",
    "Correct dependencies, optional-dependencies or requires-python under [project]: a requirement as in "
    "`requests>=2.31`, a range as in `>=3.10`." + _REBUILD,
    recognises=(
        "is invalid for 'requires-dist'",
        "is invalid for 'requires-python'",
        "is invalid for 'provides-extra'",
        "is invalid for 'provides-dist'",
        "is invalid for 'obsoletes-dist'",
        "'requires_dist' has invalid data",
        "'requires_python' has invalid data",
    ),
)
METADATA_DYNAMIC = _said(
    "metadata-dynamic",
    "The build backend declares a field as dynamic that is none, or must never be (such as the name).",
    "Correct dynamic under [project]; if it is right there, bring the backend up to date." + _REBUILD,
    recognises=("is not a valid dynamic field", "is not allowed as a dynamic field"),
)
METADATA_LICENSE = _said(
    "metadata-license",
    "The licence is given in two ways, or not as an SPDX expression, or a licence file is named by a path that leads "
    "out of the project.",
    'Write `license = "MIT"` (an SPDX expression) and license-files under [project], and nothing else: no table, no '
    "classifier `License ::` (PEP 639)." + _REBUILD,
    recognises=(
        "License is deprecated when License-Expression is present",
        "is invalid for 'license-expression'",
        "is invalid for 'license-file'",
    ),
)
METADATA_VERSION_MALFORMED = _said(
    "metadata-version-malformed",
    "The distribution's version is missing or not one by PEP 440.",
    "Write a version such as 1.2.0, 1.2.0rc1 or 1.2.0.post1; `invoke bump` writes it everywhere." + _REBUILD,
    recognises=("'version' is a required field", "is invalid for 'version'", "'version' has invalid data"),
)
METADATA_FIELD = _said(
    "metadata-field",
    "A field of the metadata holds what it must not: a control character, a wrong form, or text that is no UTF-8.",
    "The message names the field in quotes: correct it in pyproject.toml, or bring the build backend up to date."
    + _REBUILD,
    recognises=(
        "has invalid data",
        "is a required field",
        "is invalid for '…'",
    ),
)
DESCRIPTION_NOT_RENDERED = _said(
    "description-not-rendered",
    "The readme cannot be shown: it does not render as what it is declared to be, or its content type is not one that "
    "PyPI knows (reStructuredText where nothing is declared).",
    'Name the readme with its right ending under [project] (`readme = "README.md"`), and see its faults by '
    "`twine check --strict dist/*`." + _REBUILD,
    recognises=(
        "The description failed to render",
        "'description-content-type' must be one of",
        "'description-content-type' can only specify the UTF-8 charset",
        "valid Markdown variants for 'description-content-type'",
        "'description-content-type' has invalid data",
    ),
)
