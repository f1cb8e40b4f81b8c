"""What stands for actions/setup-python where tests run workflows: nothing has to be downloaded for each job."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from universe import RUNNING

import towpath
from towpath.workflow.interpreter.actions.calling import Call, Done, Handler
from towpath.workflow.interpreter.actions.python import PYTHON

SOURCE = Path(towpath.__file__).parents[1]
# The job's own `python -m pip` finds everything there; it need not resolve sixty packages again, eleven times in a run.
QUICK = "import os, sys; sys.orig_argv[1:3] == ['-m', 'pip'] and os.environ.update(PIP_NO_DEPS='1')"
PROGRAMS = {"nox": "from nox.__main__ import main", "invoke": "from invoke.main import program; main = program.run"}


def set_up_python(call: Call) -> Done:
    """An environment of the job's own, on which what the tests run with is there."""
    folder = call.tools / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    site.joinpath("tests.pth").write_text(f"{SOURCE}\n{sysconfig.get_path('purelib')}\n{QUICK}\n", encoding="utf-8")
    for name, line in PROGRAMS.items():
        program = folder / "bin" / name
        program.write_text(f"#!{folder}/bin/python\nimport sys\n{line}\nsys.exit(main())\n", encoding="utf-8")
        program.chmod(0o755)
    return Done({"python-version": RUNNING}, {}, (str(folder / "bin"),), {})


HANDLERS = {"actions/setup-python": Handler(PYTHON.inputs, PYTHON.outputs, set_up_python)}
