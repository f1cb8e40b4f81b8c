"""Gates as nox sessions. In a noxfile.py:

from towpath.nox import sessions
sessions()
"""  # noqa: D415 - the lines below are the sentence's end

from __future__ import annotations

import os
import shlex
import sys
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nox

from towpath.gates.after_release import configured
from towpath.pipeline import RELEASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from towpath.errors import TowpathError
    from towpath.gates.gate import Gate, Pipeline
    from towpath.walk.alone import Result

RELEASE_LINE = "Walk every gate in order. Rehearses by default; -- --to pypi does it for real."


def sessions(pipeline: Pipeline = RELEASE) -> None:
    """Register a session for each gate, one for each Python that comes into question, and `release`.

    It reads no more than pyproject.toml and never fails: a broken configuration is reported by the session that
    is run.
    """
    pyproject = _pyproject()
    pipeline = configured(pipeline, pyproject)
    pythons, prefix = _pythons(pyproject), _prefix(pyproject)
    for gate in pipeline:
        _register(f"{prefix}{gate.name}", gate.summary, _gate_session(pipeline, gate, None), default=gate.by_default)
        for python in pythons if gate.per_python else ():
            line = f"The same as {gate.name}, on Python {python} only."
            _register(f"{prefix}{gate.name}-{python}", line, _gate_session(pipeline, gate, python), default=False)
        if pythons and gate.closing and _is_set(pyproject, gate):
            line = f"Judge the {gate.closing} of all Pythons of {gate.name} together."
            run = _gate_session(pipeline, gate, gate.closing)
            _register(f"{prefix}{gate.name}-{gate.closing}", line, run, default=False)
    _register(f"{prefix}release", RELEASE_LINE, _release_session(pipeline), default=False)


def _register(name: str, line: str, run: Callable[[nox.Session], None], *, default: bool) -> None:
    if _is_taken(name):
        line, run = f"Not {name} but an error: the noxfile has a session of that name already.", _refusal(name)
    run.__doc__ = line
    nox.session(name=name, venv_backend="none", default=default)(run)


def _is_taken(name: str) -> bool:
    """Whether a session that is not ours has the name; one of ours, of a noxfile that is loaded again, may be."""
    there = nox.registry.get().get(name)
    if there is None:
        return False
    whose, what = (getattr(there.func, about, "") for about in ("__module__", "__qualname__"))
    return whose != __name__ or what.startswith(_refusal.__name__)  # a noxfile may call sessions() twice


def _refusal(name: str) -> Callable[[nox.Session], None]:
    """In place of a gate whose name is taken: neither session is run unseen for the other, and listing still works."""

    def run(session: nox.Session) -> None:
        from towpath import errors

        with _ending(session, as_json="--json" in session.posargs):
            raise errors.NAMES_TAKEN.error(path=Path(_noxfile(session)).name, what="sessions", names=name)

    return run


def _pyproject() -> dict[str, Any]:
    """pyproject.toml as it is, without checking it: listing sessions must stay quick and never fail."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _pythons(pyproject: dict[str, Any]) -> tuple[str, ...]:
    """The names of the Pythons that come into question; none if the configuration cannot be made out."""
    from towpath.environments.interpreters import current
    from towpath.gates.pythons import declared

    try:
        listed = pyproject.get("tool", {}).get("towpath", {}).get("python", ())
        return declared(pyproject, tuple(map(str, listed)), current()).names
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _prefix(pyproject: dict[str, Any]) -> str:
    """What stands before the sessions' names; nothing if the configuration cannot be made out."""
    try:
        return str(pyproject["tool"]["towpath"]["prefix"])
    except (KeyError, TypeError):
        return ""


def _is_set(pyproject: dict[str, Any], gate: Gate) -> bool:
    """Whether the table of a gate has the key that its closing variant is named after."""
    try:
        return gate.closing in pyproject["tool"]["towpath"][gate.name]
    except (KeyError, TypeError):
        return False


def _gate_session(pipeline: Pipeline, gate: Gate, variant: str | None) -> Callable[[nox.Session], None]:
    def run(session: nox.Session) -> None:
        from towpath.reports import github
        from towpath.reports.fence import fenced
        from towpath.walk.world import OUTCOME_VARIABLE

        _ends_quickly()
        ours = OUTCOME_VARIABLE not in os.environ  # else a walk has started us, and keeps what we print
        with _ending(session, as_json=False), _interruptible(), fenced(os.environ, to_the_runner=ours) as hide:
            for result in _run_gate(pipeline, gate, variant, session, hide):
                _tell_outcome(result)
                github.tell_result(os.environ, result)
                for note in result.outcome.notes:
                    _tell(note)
                _say(_sentence(result))
            if ours and gate.name == pipeline.names[-1]:
                from towpath.reports.release.kept import keep_alone
                from towpath.reports.terminal import console, show_kept

                show_kept(console(os.environ), keep_alone(pipeline, Path.cwd(), os.environ))

    return run


def _say(line: str) -> None:
    """A line, without what makes a terminal's view: a gate is started for each, and that takes long to load."""
    print(line, flush=True)  # noqa: T201


def _tell(line: str) -> None:
    """What a gate says while it acts."""
    _say(f"  {line}")


def _run_gate(
    pipeline: Pipeline, gate: Gate, variant: str | None, session: nox.Session, hide: Callable[[str], None]
) -> Iterator[Result]:
    from towpath import errors, typed
    from towpath.model import Outcome, State
    from towpath.walk import alone, narrowing, turns
    from towpath.walk.world import handed_down, open_workspace, part_of_gate

    turns.wait(gate, os.environ, [pipeline[name] for name in gate.needs])
    arguments, options, yes = typed.of_gate(gate, session.posargs)
    without = typed.left_out(options)
    world = handed_down(os.environ)
    opened = open_workspace(Path.cwd(), os.environ, world=world, arguments=arguments)
    workspace = replace(opened, options=options, tell=_tell, hide=hide)
    part, off = part_of_gate(pipeline, gate, workspace, world, without)
    if off and world is not None:
        raise errors.NOT_ON_ROUTE.error(gate=gate.name)
    if off:
        yield alone.Result(gate.name, State.NOT_ON_THE_ROUTE, 0.0, Outcome(), reasons=(off,))
        return
    if world is None:
        from towpath.walk.in_ci import require_from_here

        require_from_here(gate.name, pipeline, workspace, without)
    gate = part[gate.name]  # its needs pass through what this walk leaves out
    wanted = [alone.Step(gate, variant)] if variant else alone.steps(gate, workspace)
    reasons = narrowing.reasons(gate, os.environ, arguments=arguments, nox_options=_nox_options(session))
    where = gate.acts_on(workspace.target)
    if where:
        _tell(f"{gate.name} of {workspace.subject.version} → {where}")
    if world is None and gate.effect.value in {"shared", "permanent"} and not yes:
        _confirm(f"{gate.name} of {workspace.subject.version} → {where}. Go on?")
    if len(wanted) > 1 and not reasons:
        from towpath.walk.variants import Together, run_variants

        yield from run_variants(Together(part, wanted, workspace, _noxfile(session), _show))
        return
    for step in wanted:
        yield alone.run(part, step, workspace, narrowed=reasons)


def _show(line: bytes) -> None:
    """A line of a child's log, whose letters ours may not know."""
    sys.stdout.write(line.decode("utf-8", "replace"))
    sys.stdout.flush()


def _nox_options(session: nox.Session) -> tuple[str, ...]:
    """nox's own options that leave something out or replace the Python."""
    # nox has no public way to ask; the names are those of its command line
    options = session._runner.global_config  # noqa: SLF001
    named = {
        "--install-only": options.install_only,
        "--no-install": options.no_install,
        "--force-python": options.force_pythons,
        "--extra-pythons": options.extra_pythons,
    }
    return tuple(name for name, value in named.items() if value)


def _confirm(question: str) -> None:
    from towpath import errors
    from towpath.reports.terminal import TerminalAudience, console

    if not TerminalAudience(console(os.environ)).confirm(question):
        raise errors.NOT_CONFIRMED.error()


def _release_session(pipeline: Pipeline) -> Callable[[nox.Session], None]:
    def run(session: nox.Session) -> None:
        from towpath.reports.fence import fenced

        as_json = "--json" in session.posargs
        _ends_quickly()
        fence = nullcontext() if as_json else fenced(os.environ, to_the_runner=False)  # JSON ends no line by itself
        with _ending(session, as_json=as_json), _interruptible(), fence:
            _release(pipeline, session, as_json=as_json)

    return run


def _release(pipeline: Pipeline, session: nox.Session, *, as_json: bool) -> None:
    from threading import Thread

    from towpath import typed
    from towpath.reports.data import as_json as document
    from towpath.reports.data import report_data
    from towpath.reports.release.kept import keep, load
    from towpath.reports.terminal import TerminalAudience, console, show_report
    from towpath.walk.release import release

    screen = console(os.environ, to_stderr=as_json)
    audience = TerminalAudience(screen, meanwhile=Thread(target=load, args=(os.environ,), daemon=True))
    try:
        report = release(pipeline, Path.cwd(), os.environ, typed.of_release(session.posargs), audience)
    except KeyboardInterrupt:
        typed_again = f" -- {shlex.join(session.posargs)}" if session.posargs else ""
        audience.interrupted(f"nox -s {session.name}{typed_again}")
        raise
    finally:
        audience.close()
    kept = keep(pipeline, report, Path.cwd(), os.environ)
    if as_json:
        sys.stdout.write(document(report_data(report, kept.path)) + "\n")
    else:
        show_report(screen, report, kept)
    if not report.done:
        codes = [problem.exit_code for event in report.events for problem in event.problems]
        _end(session, max(codes, default=1), "the release stopped at a closed gate")


@contextmanager
def _ending(session: nox.Session, *, as_json: bool) -> Iterator[None]:
    """Whatever goes wrong ends in cause, fix and the right exit code, and reaches the walk that started us."""
    from towpath.entry import ending
    from towpath.reports import github

    def end(error: TowpathError) -> None:
        _tell_problems(error)
        github.tell_problems(os.environ, error.problems)
        _end(session, error.exit_code, error.problems[0].id)

    with ending(_noxfile(session), end, as_json=as_json):
        yield


def _noxfile(session: nox.Session) -> str:
    return str(session._runner.global_config.noxfile)  # noqa: SLF001 - nox has no public way to ask


def _end(session: nox.Session, code: int, why: str) -> None:
    """nox ends with 1 for an aborted session; only sys.exit gives it another code."""
    if code == 1:
        session.error(why)
    sys.exit(code)


def _tell_outcome(result: Result) -> None:
    _hand_up({"problems": [], "reasons": list(result.reasons)})


def _tell_problems(error: TowpathError) -> None:
    from towpath.reports.data import problems_data

    _hand_up({"problems": problems_data(error.problems), "reasons": []})


def _hand_up(said: dict[str, Any]) -> None:
    """Tell the walk that started us, if one did."""
    from towpath.reports.data import as_json
    from towpath.walk.world import OUTCOME_VARIABLE

    path = os.environ.get(OUTCOME_VARIABLE)
    if path:
        Path(path).write_text(as_json(said), encoding="utf-8")


def _sentence(result: Result) -> str:
    from towpath.model import State
    from towpath.reports.words import duration

    if result.state is State.NOT_ON_THE_ROUTE:
        return f"{result.session}: not on the route: {', '.join(result.reasons)}; nothing was done"
    if result.reasons:
        return f"{result.session}: passed in {duration(result.seconds)}, not sealed: {', '.join(result.reasons)}"
    return f"{result.session}: proven in {duration(result.seconds)}; evidence {result.record}"


@contextmanager
def _interruptible() -> Iterator[None]:
    """A termination is taken as an interruption, so that children and temporary folders go with us."""
    import signal

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _ends_quickly() -> None:
    """Have what is left at the end of this process not searched for cycles: that takes 40 ms and helps nobody."""
    import atexit
    import gc

    atexit.register(gc.freeze)
