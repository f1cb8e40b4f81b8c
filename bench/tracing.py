"""Which programs ran when, as the processes that started them saw it: what of a walk is the tools' and what is ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "TOWPATH_BENCH_TRACE"
_REMOTE = {"push", "ls-remote", "tag"}
# Loaded by every Python that has its folder on PYTHONPATH: the walk and its sessions, not the tools' environments.
_HOOK = f"""\
import os
if os.environ.get("{VARIABLE}"):
    import json, subprocess, time
    class Popen(subprocess.Popen):
        def __init__(self, args, *more, **options):
            began = time.time()
            super().__init__(args, *more, **options)
            self.traced = (began, [str(word) for word in ([args] if isinstance(args, str) else args)][:8])
        def __setattr__(self, name, value):
            super().__setattr__(name, value)
            if name == "returncode" and value is not None and hasattr(self, "traced"):
                began, words = self.traced
                del self.traced
                line = json.dumps([began, time.time(), words]) + "\\n"
                with open(os.environ["{VARIABLE}"], "a") as file:
                    file.write(line)
    subprocess.Popen = Popen
    if "nox" in str(getattr(__import__("sys"), "orig_argv", [])):
        import http.client
        send, receive = http.client.HTTPConnection.putrequest, http.client.HTTPConnection.getresponse
        def putrequest(self, *given, **options):
            self.traced_since = time.time()
            return send(self, *given, **options)
        def getresponse(self, *given, **options):
            answer = receive(self, *given, **options)
            with open(os.environ["{VARIABLE}"], "a") as file:
                file.write(json.dumps([self.traced_since, time.time(), ["http"]]) + "\\n")
            return answer
        http.client.HTTPConnection.putrequest = putrequest
        http.client.HTTPConnection.getresponse = getresponse
"""


@dataclass(frozen=True)
class Trace:
    """A file in which every process started is noted, and the folder with the hook that notes it."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "trace.jsonl"

    def begin(self) -> dict[str, str]:
        """Empty the log; returns the variables that switch the hook on."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "sitecustomize.py").write_text(_HOOK, encoding="utf-8")
        self.log.unlink(missing_ok=True)
        return {VARIABLE: str(self.log)}

    def in_tools(self) -> float:
        """Seconds in which at least one tool ran, or an index or a forge was waited for.

        Neither a session of ours is a tool, nor what nox asks uv when it is imported (the floor has it, too), nor git
        where it does our bookkeeping; what it pushes and asks a remote is the work of a gate.
        """
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        spans = sorted((began, ended) for began, ended, words in map(json.loads, lines) if _is_tool(words))
        total, until = 0.0, 0.0
        for began, ended in spans:
            total += max(0.0, ended - max(began, until))
            until = max(until, ended)
        return total


def _is_tool(words: list[str]) -> bool:
    if Path(words[0]).stem == "git":
        return not _REMOTE.isdisjoint(words)
    return "nox" not in words and words[1:3] != ["self", "version"]
