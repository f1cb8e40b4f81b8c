"""Write them: `python -m towpath.pages docs/reference`."""

from __future__ import annotations

import sys
from pathlib import Path

from towpath.pages.made import pages

if __name__ == "__main__":
    for name, text in pages().items():
        Path(sys.argv[1], name).write_text(text, encoding="utf-8")
