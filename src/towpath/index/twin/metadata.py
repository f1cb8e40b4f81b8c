"""The metadata of an upload: first the checks of `packaging`, then those that PyPI adds.

Of several faults PyPI names one: that of metadata-version, name or version, else the first field by alphabet.
"""

from __future__ import annotations

import email.utils
from typing import TYPE_CHECKING, Any, cast

from packaging.metadata import ExceptionGroup, InvalidMetadata, Metadata, RawMetadata
from packaging.requirements import InvalidRequirement, Requirement

from towpath.index.twin.addresses import bad_address, is_web_address
from towpath.index.twin.answers import Refusal
from towpath.index.twin.form import CORE_METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from towpath.index.twin.form import Form

METADATA_VERSIONS = frozenset({"1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5"})
SUMMARY_LENGTH = 512
LABEL_LENGTH = 32

_LOCAL_VERSIONS = (
    "See https://packaging.python.org/en/latest/specifications/version-specifiers/#local-version-identifiers "
    "for more information."
)
_IMPORTANT: tuple[str, ...] = ("metadata-version", "name", "version")
_TEXTS = (
    "metadata_version",
    "name",
    "version",
    "summary",
    "description",
    "description_content_type",
    "home_page",
    "download_url",
    "author",
    "author_email",
    "maintainer",
    "maintainer_email",
    "license",
    "license_expression",
    "requires_python",
)
# Form field → field of packaging's RawMetadata.
_LISTS = {
    "platform": "platforms",
    "supported_platform": "supported_platforms",
    "classifiers": "classifiers",
    "requires_dist": "requires_dist",
    "provides_dist": "provides_dist",
    "obsoletes_dist": "obsoletes_dist",
    "requires_external": "requires_external",
    "requires": "requires",
    "provides": "provides",
    "obsoletes": "obsoletes",
    "provides_extra": "provides_extra",
    "dynamic": "dynamic",
    "license_file": "license_files",
    "import_name": "import_names",
    "import_namespace": "import_namespaces",
}
_EXPRESSION = "License-Expression"
_NEVER_DYNAMIC = frozenset({"name", "version", "metadata-version", "dynamic"})


def check_metadata(form: Form) -> Metadata:
    """The metadata in the form. Raises a Refusal that names one fault."""
    metadata, faults = _read(form)
    if metadata is None or faults:
        raise _refusal(faults)
    return metadata


def refusals(form: Form) -> tuple[Refusal, ...]:
    """What PyPI would say one upload after the other: a Refusal for each field that is wrong."""
    _, faults = _read(form)
    fields = sorted({fault.field for fault in faults}, key=lambda name: (name not in _IMPORTANT, name))
    return tuple(_refusal([fault for fault in faults if fault.field == field]) for field in fields)


def _read(form: Form) -> tuple[Metadata | None, list[InvalidMetadata]]:
    """The metadata, and everything that is wrong with them; without what cannot be read there are none."""
    raw, unparsed = _raw(form)
    if unparsed:
        return None, [InvalidMetadata(name, f"{name!r} has invalid data") for name in unparsed]
    try:
        metadata = Metadata.from_raw(cast("RawMetadata", raw))
    except ExceptionGroup as group:
        return None, [fault for fault in group.exceptions if isinstance(fault, InvalidMetadata)]
    return metadata, [InvalidMetadata(field, message) for field, message in _faults(metadata)]


def _raw(form: Form) -> tuple[dict[str, Any], list[str]]:
    """The form as packaging's raw metadata, and the fields that could not be read."""
    raw: dict[str, Any] = {}
    unparsed = []
    for name, values in form.fields.items():
        if values == [""]:
            continue
        if name in _LISTS:
            raw[_LISTS[name]] = values
        elif name in _TEXTS and len(values) == 1:
            raw[name] = values[0]
        elif name == "keywords" and len(values) == 1:
            raw[name] = [word.strip() for word in values[0].split(",")]
        elif name == "project_urls" and (urls := _labelled(values)) is not None:
            raw[name] = urls
        elif name in (*_TEXTS, "keywords", "project_urls"):
            unparsed.append(name)
    return raw, unparsed


def _labelled(values: list[str]) -> dict[str, str] | None:
    """The project URLs by label; None where a label comes twice."""
    pairs = [(value.partition(",")[0].strip(), value.partition(",")[2].strip()) for value in values]
    urls = dict(pairs)
    return urls if len(urls) == len(pairs) else None


def _refusal(faults: list[InvalidMetadata]) -> Refusal:
    fields: set[str] = {fault.field for fault in faults}
    important = [name for name in _IMPORTANT if name in fields]
    field = (important or sorted(fields))[0]
    of_field = [str(fault) for fault in faults if fault.field == field]
    message = of_field[0] if of_field[0].endswith(".") else f"{of_field[0]}."
    local = field == "version" and any("use of local versions" in text for text in of_field)
    return Refusal(400, f"{message} {_LOCAL_VERSIONS if local else CORE_METADATA}")


def _faults(metadata: Metadata) -> Iterator[tuple[str, str]]:
    """What PyPI asks beyond the specification: the field and the complaint."""
    yield from _version_faults(metadata)
    if metadata.summary and len(metadata.summary) > SUMMARY_LENGTH:
        yield "summary", f"'summary' field must be {SUMMARY_LENGTH} characters or less."
    for field in ("author-email", "maintainer-email"):
        yield from _address_faults(field, getattr(metadata, field.replace("-", "_")))
    yield from _classifier_faults(set(metadata.classifiers or ()))
    for field in ("home-page", "download-url"):
        url = getattr(metadata, field.replace("-", "_"))
        if url is not None and not is_web_address(url):
            yield field, f"{url!r} is not a valid url."
    for label, url in (metadata.project_urls or {}).items():
        yield from _project_url_faults(label, url)
    yield from _dependency_faults(metadata)
    for name in _NEVER_DYNAMIC.intersection(metadata.dynamic or ()):
        yield "dynamic", f"Dynamic field {name!r} is not a valid dynamic field."
    if metadata.license and metadata.license_expression:
        yield "license", f"License is deprecated when {_EXPRESSION} is present. Only {_EXPRESSION} should be present."


def _version_faults(metadata: Metadata) -> Iterator[tuple[str, str]]:
    if metadata.metadata_version not in METADATA_VERSIONS:
        yield "metadata-version", f"{metadata.metadata_version!r} is not a valid metadata version"
    if metadata.version.local:
        yield "version", f"The use of local versions in '{metadata.version}' is not allowed."


def _address_faults(field: str, value: str | None) -> Iterator[tuple[str, str]]:
    """Several addresses in one field are not looked at: the parser that PyPI uses finds none there."""
    found = [address for _, address in email.utils.getaddresses([value or ""])]
    if len(found) == 1 and found[0] and (complaint := bad_address(found[0])):
        yield field, f"{found[0]!r} is not a valid email address: {complaint}"


def _classifier_faults(classifiers: set[str]) -> Iterator[tuple[str, str]]:
    if not classifiers:
        return
    from trove_classifiers import classifiers as known
    from trove_classifiers import deprecated_classifiers

    for classifier in sorted(classifiers - set(known) - set(deprecated_classifiers)):
        yield "classifier", f"{classifier!r} is not a valid classifier."
    for classifier in sorted(classifiers & set(deprecated_classifiers)):
        instead = deprecated_classifiers[classifier]
        advice = f", use one of {instead} instead." if instead else "."
        yield "classifier", f"The classifier {classifier!r} has been deprecated{advice}"


def _project_url_faults(label: str, url: str) -> Iterator[tuple[str, str]]:
    if not label:
        yield "project-url", "Must have a label"
    elif len(label) > LABEL_LENGTH:
        yield "project-url", f"{label!r} must be {LABEL_LENGTH} characters or less."
    elif not url:
        yield "project-url", "Must have a URL"
    elif not is_web_address(url):
        yield "project-url", f"{url!r} is not a valid url"


def _dependency_faults(metadata: Metadata) -> Iterator[tuple[str, str]]:
    for field in ("provides-dist", "obsoletes-dist"):
        for text in getattr(metadata, field.replace("-", "_")) or ():
            try:
                requirement = Requirement(text)
            except InvalidRequirement as error:
                yield field, f"{text!r} is invalid: {error}"
                continue
            if requirement.url is not None:
                yield field, f"Can't have direct dependency: {text!r}"
    for requirement in metadata.requires_dist or ():
        if requirement.url is not None:
            yield "requires-dist", f"Can't have direct dependency: {requirement}"
