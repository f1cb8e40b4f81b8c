"""The report that a walk leaves, looked at in a real browser, without a network and without a driver to install."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from universe import GATES, Project, states

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSER = next(
    (
        found
        for name in (
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
            "microsoft-edge",
            "msedge",
        )
        if (found := shutil.which(name))
    ),
    "",
)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)  # fmt: skip
CANARY = "canary-of-any-form-23"
HOSTILE = "<script>document.title='owned'</script><img src=https://evil.example/x onerror=alert(1)>"
FAILING = f"""\
from sample_pkg.core import answer


def test_answer() -> None:
    print({HOSTILE!r})
    print("the value is", {CANARY!r}, "and pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4OTAxMjM0")
    assert answer() == 43, {HOSTILE!r}
"""
NARROWEST = 320  # px: the narrowest phone, and what WCAG asks for (1.4.10)
# What a person with 4.5 : 1 can still read (WCAG 1.4.3), for each element that has words of its own.
CONTRASTS = """
(() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parts(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const told = [...document.querySelectorAll('body, body *')].filter(one =>
    [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  return told.map(one => {
    const [a, b] = [light(parts(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
    return [Math.round((a + 0.05) / (b + 0.05) * 100) / 100, one.tagName + '.' + one.className];
  });
})()
"""
PAPER = "getComputedStyle(document.body).backgroundColor"
HEADINGS = "[...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]))"
OPEN_ALL = "document.querySelectorAll('details').forEach(one => one.open = true)"
TOO_WIDE = (
    "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 0.5"
    " && !one.closest('pre')).map(one => one.tagName + '.' + one.className)"
)


class Browser:
    """A page of a headless browser, spoken to as https://chromedevtools.github.io/devtools-protocol says."""

    def __init__(self, sending: int, receiving: int) -> None:
        self._sending, self._receiving = sending, receiving
        self._numbers, self._read, self._session = itertools.count(1), b"", ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        said = {"id": number, "method": method, "params": parameters}
        os.write(
            self._sending, json.dumps(said | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        )
        while (answer := self._next()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, answer
        found: dict[str, Any] = answer["result"]
        return found

    def show(self, page: Path, *, width: int, scheme: str) -> None:
        """Open a page anew, as a reader with that screen and that taste sees it."""
        self.events.clear()
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=page.as_uri())
        while not self.told("Page.loadEventFired"):
            self.events.append(self._next())

    def evaluate(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def told(self, *methods: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("method") in methods]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            piece = os.read(self._receiving, 1 << 16)
            assert piece, "the browser has ended"
            self._read += piece
        message, _, self._read = self._read.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser with an empty profile; it reads from descriptor 3 and writes to 4.

    Its socket stands in the temporary folder, whose path must be short (108 characters, unix(7)): not pytest's.
    """
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="towpath-", ignore_cleanup_errors=True) as folder:
        yield from _browsing(folder)


def _browsing(folder: str) -> Iterator[Browser]:
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    nothing = os.open(os.devnull, os.O_RDWR)
    # None of ours may have the number of one of theirs.
    passed = [os.dup2(number, 60 + place) for place, number in enumerate((theirs_in, theirs_out))]
    moved = [(os.POSIX_SPAWN_DUP2, number, place) for place, number in enumerate((nothing, nothing, nothing, *passed))]
    environ = {**os.environ, "TMPDIR": folder, "HOME": folder}
    pid = os.posix_spawn(BROWSER, [BROWSER, *FLAGS, f"--user-data-dir={folder}/profile"], environ, file_actions=moved)
    for number in (theirs_in, theirs_out, nothing, *passed):
        os.close(number)
    try:
        browser = Browser(ours_out, ours_in)
        yield browser
        browser._session = ""  # noqa: SLF001 - of the browser as a whole
        browser.call("Browser.close")
    finally:
        os.close(ours_out)
        os.close(ours_in)
        os.waitpid(pid, 0)


@pytest.mark.skipif(sys.platform == "win32", reason="the browser is spoken to by descriptors of POSIX")
@pytest.mark.skipif(not BROWSER, reason="there is no Chromium, Chrome or Edge on PATH")
def test_a_complete_and_a_closed_walk_in_a_browser(project: Project, tmp_path: Path) -> None:
    complete, closed = walked(project, tmp_path)
    with browsing() as browser:
        papers = set()
        for page, width, scheme in itertools.product((complete, closed), (NARROWEST, 1280), ("light", "dark")):
            browser.show(page, width=width, scheme=scheme)
            papers.add((scheme, browser.evaluate(PAPER)))
            browser.evaluate(OPEN_ALL)
            assert browser.evaluate("document.documentElement.scrollWidth") <= width, (page, width)
            assert browser.evaluate(TOO_WIDE) == []
            contrasts = browser.evaluate(CONTRASTS)
            assert len(contrasts) > 100
            assert [one for one in contrasts if one[0] < 4.5] == [], (scheme, "is hard to read")
            asked = {event["params"]["request"]["url"] for event in browser.told("Network.requestWillBeSent")}
            assert asked == {page.as_uri()}, "it asks for itself and for nothing else"
            assert browser.told("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled") == []
            levels = browser.evaluate(HEADINGS)
            assert levels.count(1) == 1
            assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels
        assert len(papers) == 2, f"light and dark differ: {papers}"
        assert_complete(browser, complete)
        assert_closed(browser, closed)


def walked(project: Project, folder: Path) -> tuple[Path, Path]:
    """The pages of a complete rehearsal, and of one whose test fails with hostile words."""
    report = project.release()
    assert report["done"], report
    assert report["report"] == ".towpath/1.0.0/rehearsal/report.html"
    complete = Path(shutil.copy(project.root / report["report"], folder / "complete.html"))
    told = project.invoke("report", "--json").json()
    assert told["state"] == "complete"
    assert states(told) == states(report)
    assert project.invoke("report", "--markdown").out.startswith("## Rehearsal of sample-pkg 1.0.0: complete")
    assert project.invoke("report").out.strip() == report["report"]

    project.write("tests/test_other.py", FAILING)
    project.commit("Break it")
    shown = project.nox("-s", "release", TOWPATH_TOKEN_CANARY=CANARY)
    assert shown.code == 1
    assert "Report: .towpath/1.0.0/rehearsal/report.html" in shown.out
    return complete, Path(shutil.copy(project.root / report["report"], folder / "closed.html"))


def assert_complete(browser: Browser, page: Path) -> None:
    browser.show(page, width=NARROWEST, scheme="light")
    words = browser.evaluate("document.body.innerText")
    assert "This is a rehearsal." in words
    sessions = browser.evaluate("[...document.querySelectorAll('.gate h3')].map(one => one.firstChild.data)")
    assert sessions == list(GATES)
    bars = browser.evaluate("[...document.querySelectorAll('.bar')].map(one => one.getBoundingClientRect().width)")
    assert len(bars) == len(GATES)
    assert min(bars) >= 1, "each bar is seen"
    assert "sample_pkg-1.0.0-py3-none-any.whl" in words
    assert browser.evaluate("document.querySelectorAll('.gate.bad').length") == 0


def assert_closed(browser: Browser, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert CANARY not in text
    assert "pypi-AgE" not in text
    browser.show(page, width=NARROWEST, scheme="dark")
    assert browser.evaluate("document.title").endswith("stopped at test")
    assert browser.evaluate("document.querySelectorAll('script, img').length") == 0
    browser.evaluate(OPEN_ALL)
    words = browser.evaluate("document.body.innerText")
    for said in ("test stayed closed", "Fix:", "`python -m pytest` ended with 1.", "<script>document.title='owned'"):
        assert said in words
