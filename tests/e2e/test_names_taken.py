"""A noxfile with sessions of our names that only running it shows: neither replaces the other unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from universe import Project

NOXFILE = """\
import nox

from towpath.nox import sessions

NAME = "test"

@nox.session(name=NAME)
@nox.parametrize("number", [1, 2])
def theirs(session, number):
    print("run: theirs")

for name in ("lint", "other"):
    nox.session(name=name)(lambda session: print("run: theirs"))

sessions()
"""


def test_a_taken_name_is_an_error_and_listing_still_works(project: Project) -> None:
    project.write("noxfile.py", NOXFILE)
    listed = project.nox("--list")
    assert listed.code == 0, listed.all
    assert "* lint -> Not lint but an error" in listed.all
    assert "- build -> Build the sdist" in listed.all
    for name in ("lint", "test"):
        ended = project.nox("-s", name)
        assert ended.code == 2, ended.all
        assert f"noxfile.py has sessions of these names already: {name}." in ended.all
        assert "Give ours a prefix" in ended.all
        assert "theirs" not in ended.out
    assert "run: theirs" in project.nox("-s", "other").out


def test_a_call_repeated_takes_no_name_from_itself(project: Project) -> None:
    twice = "import nox\nfrom towpath.nox import sessions\nsessions()\nsessions()\n"
    project.write("noxfile.py", twice)
    assert "Not lint but" not in project.nox("--list").all
    project.write("noxfile.py", f"{NOXFILE}\nsessions()\n")
    assert "* lint -> Not lint but an error" in project.nox("--list").all
