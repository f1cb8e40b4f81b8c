"""What PyPI says of a file: its name, its archive, what lies in it, its attestations.

The texts are those of warehouse/forklift/legacy.py; for the rules about archives see https://docs.pypi.org/archives.
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind

_said = partial(Kind, said_by="PyPI")
_BEFORE = " Build again; the gate build finds it before anything is public."

FILENAME_CHARACTERS = _said(
    "filename-characters",
    "The file's name holds a slash, a backslash or a character that cannot be printed.",
    "Let a build backend name the file, and send it under that name; never rename a distribution.",
    recognises=("Cannot upload a file with '/' or", "Cannot upload a file with non-printable characters"),
)
FILE_EXTENSION = _said(
    "file-extension",
    "The file's ending does not fit what it is: an sdist ends with .tar.gz, a wheel with .whl.",
    "Send what the build made, unrenamed. An old `formats=zip` in setup.cfg is to be taken out." + _BEFORE,
    recognises=("Invalid file extension:",),
)
ARCHIVE_BROKEN = _said(
    "archive-broken",
    "The file is not the archive that its name promises, is damaged, or is packed by a method that PyPI does not read.",
    "Build it again with a standard backend, and send it as it is: no unpacking, no compressing anew in between."
    + _BEFORE,
    recognises=(
        "Invalid distribution file.",
        "File is not a zipfile",
        "File is not a tarfile",
        "File does not use a supported compression type",
        "File exceeds compression ratio",
    ),
)
ARCHIVE_AMBIGUOUS = _said(
    "archive-ambiguous",
    "The zip archive of the wheel could be read in two ways (a name twice, data behind its end, sizes that differ), "
    "and different installers would install different things.",
    "Build it with a standard backend, and let no tool work on the wheel afterwards; one that must, writes the archive "
    "anew. See https://docs.pypi.org/archives." + _BEFORE,
    recognises=("Invalid distribution file. ZIP archive not accepted", "ZIP archive not accepted"),
)
SDIST_LAYOUT = _said(
    "sdist-layout",
    "The sdist is not laid out as one: it must hold one folder, `name-version`, with PKG-INFO in it.",
    "Let a build backend make the sdist; a plain tar of the sources is none." + _BEFORE,
    recognises=(
        "Incorrect number of top-level directories in sdist",
        "Invalid distribution file. PKG-INFO not found at",
        "PKG-INFO not found at",
    ),
)
SDIST_FILENAME = _said(
    "sdist-filename",
    "The sdist's name is not built as PEP 625 asks for: the normalized project name, a dash, the normalized version, "
    ".tar.gz.",
    "Bring the build backend up to date (setuptools from 69.3 on does so), and do not rename the file." + _BEFORE,
    recognises=(
        "Invalid source distribution filename",
        "Start filename for '…' with",
        "Filename '…' is invalid, should be",
    ),
)
WHEEL_FILENAME = _said(
    "wheel-filename",
    "The wheel's name does not fit the project, the version or the form `name-version-python-abi-platform.whl`.",
    "Bring the build backend up to date, and do not rename the file. Where the version differs, an old wheel lay in "
    "dist/: send only what this build made." + _BEFORE,
    recognises=(
        "should contain the normalized project name",
        "Version in filename should be",
        "Invalid wheel filename",
        "Invalid build number:",
        "Unable to parse name and version from wheel filename",
    ),
)
SECOND_SDIST = _said(
    "second-sdist",
    "The release has an sdist already, under another name, and PyPI takes one for each release.",
    "Send one sdist only. If the one that is there is wrong, release a new version: `invoke bump --part patch`.",
    recognises=("Only one sdist may be uploaded per release",),
)
LICENSE_FILE_LEFT_OUT = _said(
    "license-file-left-out",
    "The metadata names a licence file that the archive does not hold at that place.",
    "Correct license-files under [project], commit the file, and see that the backend includes it." + _BEFORE,
    recognises=("License-File … does not exist in distribution file",),
)
WHEEL_INCOMPLETE = _said(
    "wheel-incomplete",
    "The wheel lacks RECORD, WHEEL or METADATA in its .dist-info folder, or its name and that folder's differ.",
    "Build it with a standard backend; a tool that changes wheels must write these files anew." + _BEFORE,
    recognises=(
        "does not contain the required RECORD file",
        "does not contain the required METADATA file",
        "Invalid distribution file. WHEEL not found at",
        "WHEEL not found at",
    ),
)
WHEEL_ENTRY_POINTS = _said(
    "wheel-entry-points",
    "The wheel's entry_points.txt cannot be read: a command or an entry point is not written as `module:object`.",
    "Correct scripts, gui-scripts or entry-points under [project]." + _BEFORE,
    recognises=("has invalid entry points defined in the entry_points.txt file",),
)
ATTESTATION_NOT_ALLOWED = _said(
    "attestation-not-allowed",
    "Attestations came along with an upload by API token; the index takes them from trusted publishers only.",
    "Publish as a trusted publisher, or without attestations (`attestations: false` in the publishing action).",
    recognises=("Attestations are only supported when using Trusted Publishing",),
)
ATTESTATION_REFUSED = _said(
    "attestation-refused",
    "The attestation does not prove this file: it was made for other bytes, by another workflow (a reusable one, most "
    "often) or is not readable.",
    "Let the top-level workflow that is registered as publisher make it, after the last change of the file; two for "
    "each file at most. Without attestations the upload is taken as well.",
    recognises=(
        "Invalid attestations supplied during upload",
        "Could not verify the uploaded artifact using the included attestation",
        "A maximum of 2 attestations per file are supported",
        "Malformed attestations",
    ),
)
