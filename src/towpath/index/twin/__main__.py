"""`python -m towpath.index.twin`: a twin that runs alone until it is interrupted."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

from towpath import errors
from towpath.index.twin.faults import KINDS, Fault

INTERRUPTED, REFUSED = 130, 2


def main(arguments: list[str] | None = None) -> int:
    """Start a twin and its issuer, say where they are in one line of JSON, and wait for Ctrl-C."""
    from towpath.index.twin.issuer import Issuer
    from towpath.index.twin.server import Twin

    options = _parser().parse_args(arguments)
    with ExitStack() as stack:
        issuer = stack.enter_context(Issuer.serve())
        try:
            twin = stack.enter_context(Twin.serve(options.folder, options.name, issuer=issuer, port=options.port))
        except (OSError, OverflowError) as error:
            return _refused(options, error)
        twin.faults.add(*options.fault)
        for project in options.trust:
            twin.add_publisher(issuer.publisher(project))
        where = {
            "url": twin.url,
            "upload_url": twin.upload_url,
            "simple_url": twin.simple_url,
            "token": twin.token(),
            "request_url": issuer.request_url,
            "request_token": issuer.request_token,
        }
        print(json.dumps(where), flush=True)  # noqa: T201 - the one line that this command is started for
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return INTERRUPTED
    return 0


def _refused(options: argparse.Namespace, error: OSError | OverflowError) -> int:
    why = str(getattr(error, "strerror", None) or error).rstrip(".")
    problem = errors.TWIN_NOT_STARTED.problem(port=options.port, folder=options.folder, why=why)
    sys.stderr.write(f"closed: {problem.cause}\n   fix: {problem.fix}\n")
    return REFUSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m towpath.index.twin", description=main.__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the twin keeps its state")
    parser.add_argument("--port", type=int, default=0, help="a loopback port; a free one by default")
    parser.add_argument("--name", choices=("pypi", "testpypi"), default="pypi", help="which index it stands for")
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="PROJECT",
        help="a project that the issuer's identity tokens may publish to",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault,
        metavar="KIND[,on=WHERE][,after=N][,times=N|ever][,status=CODE][,seconds=S]",
        help="a fault to strike with; the kinds are " + ", ".join(KINDS),
    )
    return parser


def _fault(text: str) -> Fault:
    try:
        return Fault.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
