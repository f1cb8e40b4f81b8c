"""A workflow as YAML text: plain values in, the text of the file out.

ruamel.yaml writes YAML 1.2, in which `on` is a plain key, and keeps comments, which a pin's version stands in.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from towpath.workflow.pins import version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ruamel.yaml.comments import CommentedMap, CommentedSeq

# What a job may do beyond reading is explained where it stands.
_REASONS = {("id-token", "write"): "trusted publishing", ("contents", "write"): "tags and releases"}
_WIDTH = 110  # columns; a longer scalar goes on in the next line


def rendered(header: Sequence[str], workflow: Mapping[str, Any]) -> str:
    """The file's text: the header as comment lines, then the workflow."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = _WIDTH
    stream = io.StringIO()
    yaml.dump(_value(workflow), stream)
    comment = "".join(f"# {line}".rstrip() + "\n" for line in header)
    return comment + _spaced(stream.getvalue())


def _value(value: Any) -> Any:  # noqa: ANN401 - YAML holds anything
    from ruamel.yaml.scalarstring import LiteralScalarString

    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, (list, tuple)):
        return _sequence(value)
    if isinstance(value, str) and "\n" in value:
        return LiteralScalarString(value)
    return value


def _mapping(value: Mapping[str, Any]) -> CommentedMap:
    from ruamel.yaml.comments import CommentedMap

    made = CommentedMap((key, _value(item)) for key, item in value.items())
    pinned = version_of(str(value.get("uses", "")))
    if pinned:
        made.yaml_add_eol_comment(pinned, "uses", column=0)
    for key, item in value.items():
        if isinstance(item, str) and (key, item) in _REASONS:
            made.yaml_add_eol_comment(_REASONS[key, item], key, column=0)
    return made


def _sequence(value: Sequence[Any]) -> CommentedSeq:
    from ruamel.yaml.comments import CommentedSeq

    made = CommentedSeq(_value(item) for item in value)
    if all(isinstance(item, str) for item in value):
        made.fa.set_flow_style()
    return made


def _spaced(text: str) -> str:
    """An empty line before every top-level key, job and step."""
    lines: list[str] = []
    jobs = False
    for line in text.splitlines():
        top = line[:1] not in {"", " ", "#", "-"}
        job = jobs and line.startswith("  ") and line[2:3].isalpha()
        previous = lines[-1] if lines else ""
        if (top or job) and previous and previous != "jobs:":
            lines.append("")
        jobs = line == "jobs:" or (jobs and not top)
        lines.append(line)
    return "\n".join(lines) + "\n"
