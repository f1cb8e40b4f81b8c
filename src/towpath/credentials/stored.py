"""Credentials that are kept on a machine: the system's keyring, and .pypirc. Used only where configured so."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

from towpath import errors
from towpath.model import Login

if TYPE_CHECKING:
    from towpath.model import IndexAddress

PYPIRC = "~/.pypirc"


def from_keyring(address: IndexAddress) -> Login:
    """What the keyring holds for the upload URL and the user name, as twine looks it up.

    Raises no-stored-credential.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise _missing(address, "keyring", "there is no keyring on this machine") from None
    try:
        password = keyring.get_password(address.upload_url, address.username)
    except KeyringError as error:
        raise _missing(address, "keyring", type(error).__name__) from None
    if not password:
        raise _missing(address, "keyring", f"it has none for the user {address.username}")
    return Login(address.username, password)


def from_pypirc(address: IndexAddress) -> Login:
    """What ~/.pypirc says for the very URL that files are sent to, whatever the section is called.

    https://packaging.python.org/en/latest/specifications/pypirc/. Raises no-stored-credential.
    """
    from twine.exceptions import TwineException
    from twine.utils import get_config

    try:
        sections = get_config(PYPIRC)
    except (configparser.Error, TwineException, OSError) as error:  # the text may hold the line with the password
        raise _missing(address, PYPIRC, f"it cannot be read ({type(error).__name__})") from None
    wanted = address.upload_url.rstrip("/")
    for section in sections.values():
        if (section.get("repository") or "").rstrip("/") == wanted and section.get("password"):
            return Login(section.get("username") or address.username, section["password"] or "")
    raise _missing(address, PYPIRC, "no section has this URL and a password")


def _missing(address: IndexAddress, store: str, why: str) -> errors.TowpathError:
    return errors.NO_STORED_CREDENTIAL.error(index=address.name, store=store, why=why, url=address.upload_url)
