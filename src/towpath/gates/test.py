"""test: the project's tests, on every Python that comes into question, against the project as installed."""

from __future__ import annotations

from towpath.gates.gate import Gate
from towpath.gates.late import Late

_PYTEST_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")

_DOES = Late("test")


def test() -> Gate:
    """The gate."""
    return Gate(
        "test",
        "Run the tests on every supported Python.",
        _DOES.act,
        configuration=_DOES.configuration,
        tools=_DOES.tools,
        # PYTHONOPTIMIZE takes every assert out
        altered_by=(*_PYTEST_VARIABLES, "PYTHONOPTIMIZE", "COVERAGE_RCFILE"),
        per_python=True,
        closing="coverage",
        by_default=True,
        takes_arguments=True,
        runs_project_code=True,
        loads=(_DOES.module,),
    )
