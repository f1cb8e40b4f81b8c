"""Which names a new project may have, and which platforms a wheel may name."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from towpath.index.twin.answers import Refusal, see

if TYPE_CHECKING:
    from towpath.index.twin.records import State

RESERVED = frozenset({"requirements-txt", "rrequirements-txt"})
CLASH = "conflict with Python Standard Library module name"

# Modules that left the standard library, whose names PyPI keeps closed.
_GONE = """
__builtin__ _winreg aifc anydbm asynchat asyncore audioop basehttpserver bastion binhex bsddb bzip2 cgi
cgihttpserver cgitb chunk commands compiler configparser cookie cookielib copy_reg cpickle cprofile crypt
cstringio dbhash distutils docxmlrpcserver dumbdbm dummy_thread dummy_threading exceptions formatter
future_builtins gdbm gl hotshot htmlentitydefs htmllib htmlparser httplib ihooks imageop imghdr imp
imputil ini_parser jpeg lib2to3 macpath macurl2path mailcap md5 mhlib mimetools mimewriter mimify msilib
multifile mutex new nis nntplib os2emxpath ossaudiodev parser pipes popen2 posixfile queue quopri rexec
rfc822 robotparser sets sgmllib sha simplehttpserver simplexmlrpcserver smtpd sndhdr socketserver spwd
statvfs stringio sunau sunaudio sunaudiodev symbol telnetlib test thread tkinter tobytes ttk turtledemo
undoc urllib2 urlparse user userdict userlist userstring uu whichdb xdrlib xmllib xmlrpclib
"""
_SUBMODULES = """
collections.abc concurrent.futures curses.ascii curses.panel curses.textpad ctypes.util dbm.dumb dbm.gnu
dbm.ndbm distutils.core email.charset email.encoders email.errors email.generator email.header
email.headerregistry email.message email.mime email.parser email.policy email.utils encodings.idna
html.entities html.parser http.client http.cookiejar http.cookies http.server importlib.abc
importlib.machinery importlib.metadata importlib.resources importlib.util json.tool logging.config
logging.handlers multiprocessing.connection multiprocessing.dummy multiprocessing.managers
multiprocessing.pool multiprocessing.sharedctypes os.path test.support tkinter.ttk unittest.mock
urllib.error urllib.parse urllib.request urllib.response urllib.robotparser wsgiref.handlers
wsgiref.headers wsgiref.simple_server wsgiref.util wsgiref.validate xml.dom xml.dom.minidom
xml.dom.pulldom xml.etree xml.etree.elementtree xml.parsers xml.parsers.expat xml.sax xml.sax.handler
xml.sax.saxutils xml.sax.xmlreader xmlrpc.client xmlrpc.server
"""
_STANDARD = frozenset(
    canonicalize_name(name.strip("-_."))
    for name in [
        *(name for name in sys.stdlib_module_names if not name.startswith("_")),
        *("__future__", "__main__", "_thread", "_dummy_thread"),
        *_GONE.split(),
        *_SUBMODULES.split(),
    ]
)

_FIXED_PLATFORMS = frozenset(
    {"any", "win32", "win_arm64", "win_amd64", "win_ia64", "linux_armv6l", "linux_armv7l"}
    | {f"manylinux{version}_{arch}" for version in ("1", "2010") for arch in ("x86_64", "i686")}
    | {f"manylinux2014_{arch}" for arch in ("x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x")}
)
_LINUX = "x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64"
_MAC = "ppc|ppc64|i386|x86_64|arm64|intel|fat|fat3|fat64|universal|universal2"
_PLATFORMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"macosx_10_\d+_({_MAC})",
        rf"macosx_(11|12|13|14|15|26)_0_({_MAC})",
        rf"manylinux_\d+_\d+_({_LINUX}|ppc64)",
        rf"musllinux_\d+_\d+_({_LINUX})",
        r"ios_\d+_\d+_(arm64|x86_64)_(iphoneos|iphonesimulator)",
        r"android_\d+_(armeabi_v7a|arm64_v8a|x86|x86_64)",
        r"(pyodide|pyemscripten)_\d+_\d+_wasm32",
    )
)


def check_new_name(state: State, name: str) -> None:
    """Raise a Refusal unless a project of that name may be made."""
    if "disallow-new-project-registration" in state.flags:
        raise Refusal(403, f"New project registration temporarily disabled. {see('admin-intervention')}")
    normalized = canonicalize_name(name)
    if normalized in _STANDARD:
        raise Refusal(400, f"The name {name!r} isn't allowed ({CLASH}). {see('project-name')}")
    if normalized in RESERVED or normalized in state.prohibited:
        raise Refusal(400, f"The name {name!r} isn't allowed. {see('project-name')}")
    if _lookalike(normalized) in {_lookalike(known) for known in state.projects}:
        raise Refusal(400, f"The name {name!r} is too similar to an existing project. {see('project-name')}")


def why_prohibited(name: str) -> str:
    """Why PyPI would make no project of that name, so far as can be known without its own list; "" if it would."""
    normalized = canonicalize_name(name)
    if normalized in _STANDARD:
        return CLASH
    return "the name is reserved" if normalized in RESERVED else ""


def platform_allowed(tag: str) -> bool:
    """Whether PyPI takes wheels for the platform."""
    return tag in _FIXED_PLATFORMS or any(pattern.fullmatch(tag) for pattern in _PLATFORMS)


def _lookalike(name: str) -> str:
    """The name with separators left out and the letters that look alike made one."""
    bare = re.sub(r"[._-]", "", name.lower())
    return re.sub("[li]", "1", bare).replace("o", "0")
