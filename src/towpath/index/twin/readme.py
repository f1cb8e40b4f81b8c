"""Whether a description can be shown, by the renderer that PyPI uses."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from towpath.index.twin.answers import Refusal, see

if TYPE_CHECKING:
    from packaging.metadata import Metadata


def check_description(metadata: Metadata) -> None:
    """Raise a Refusal where the description does not render. Markdown and plain text always do."""
    if not metadata.description:
        return
    content_type = metadata.description_content_type
    kind = (content_type or "text/x-rst").partition(";")[0].strip().lower()
    if kind != "text/x-rst":
        return
    from readme_renderer import rst

    if rst.render(metadata.description, stream=io.StringIO()) is None:
        what = f"for '{content_type}'" if content_type else "in the default format of reStructuredText"
        raise Refusal(400, f"The description failed to render {what}. {see('description-content-type')}")
