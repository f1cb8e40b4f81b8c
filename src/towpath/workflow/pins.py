"""The actions that generated workflows use, each pinned to the commit of a version: the only table of pins."""

from __future__ import annotations

from types import MappingProxyType

# action → commit and version; each seen with that version in at least two well-kept repositories
PINS = MappingProxyType(
    {
        "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
        "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
        "actions/upload-artifact": ("043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "v7.0.1"),
        "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
        "pypa/gh-action-pypi-publish": ("dc37677b2e1c63e2034f94d8a5b11f265b73ba33", "v1.14.2"),
    }
)


def use(action: str) -> str:
    """The action with its commit, as `uses` wants it."""
    return f"{action}@{PINS[action][0]}"


def version_of(used: str) -> str:
    """The version that a pinned `uses` stands for; "" for what is not in the table."""
    action, _, commit = used.partition("@")
    known, version = PINS.get(action, ("", ""))
    return version if commit == known else ""
