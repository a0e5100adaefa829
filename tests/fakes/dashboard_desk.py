"""A bot on the built-in market, the dashboard beside it, and a browser that is let in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

from snipersight.bootstrap.access.tokens import make_token
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import VARIABLES, Settings
from snipersight.domain.access import Scope

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = {"width": 390, "height": 844}
LAPTOP = {"width": 1440, "height": 900}
PATIENCE_MS = 60_000


@dataclass(kw_only=True)
class Seen:
    """What a browser did besides showing pages."""

    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class DashboardDesk:
    """A home, what runs on it, and the browser.

    Args:
        home: of both processes.
        env: of both.
        url: of the dashboard.
        browser: shared; each `visit` is a person of its own.
        seen: requests to other places and errors on the console, of everybody.
        known: cookies of those who have logged in, by their token.
    """

    home: Path
    env: dict[str, str]
    url: str
    browser: Browser
    seen: Seen = field(default_factory=Seen)
    known: dict[str, Any] = field(default_factory=dict)

    def program(self, *arguments: str) -> str:
        """Run the program on the home and return what it said."""
        words = [sys.executable, "-m", "snipersight", *arguments]
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=100, env=self.env, check=True
        )
        return done.stdout

    def token(self, name: str, scope: Scope) -> str:
        """Make a token."""
        settings = Settings(snipersight_home=self.home)
        with open_books(settings, account_id=None, follows_balance=False) as books:
            made: str = make_token(books, name, scope).secret
            return made

    @contextmanager
    def visit(
        self,
        token: str,
        path: str = "/",
        *,
        size: dict[str, int] | None = None,
        theme: str = "dark",
    ) -> Iterator[Page]:
        """Offer a page that somebody with a token has opened, the first time by the login."""
        context = self.browser.new_context(
            viewport=size or LAPTOP,  # type: ignore[arg-type]  # a plain dict of two numbers
            color_scheme=theme,  # type: ignore[arg-type]  # one of its two words
            storage_state=self.known.get(token),
        )
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        self._watch(page)
        try:
            page.goto(self.url + path)
            if token not in self.known:
                page.fill("input[type=password]", token)
                page.click("button[type=submit]")
                page.wait_for_selector(".head")
                self.known[token] = context.storage_state()
            page.wait_for_selector(".head .facts .badge, .head .facts .blank")
            yield page
        finally:
            context.close()

    def _watch(self, page: Page) -> None:
        own = (self.url, self.url.replace("http", "ws", 1), "data:", "blob:")

        def asked(request: Any) -> None:
            if not request.url.startswith(own):
                self.seen.elsewhere.append(request.url)

        def told(message: Any) -> None:
            if message.type in ("error", "warning"):
                self.seen.complaints.append(f"{page.url}: {message.text}")

        page.on("request", asked)
        page.on("console", told)
        page.on("pageerror", lambda error: self.seen.complaints.append(f"{page.url}: {error}"))


@contextmanager
def open_desk(folder: Path, *run: str, listen: str = "none") -> Iterator[DashboardDesk]:
    """Yield a bot that has just begun and the dashboard beside it.

    Args:
        folder: for home and logs.
        run: arguments of the bot.
        listen: where it answers for its health.
    """
    names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
    env = names | {
        "SNIPERSIGHT_HOME": str(folder / "home"),
        "RUN_LISTEN": listen,
        "COLUMNS": "160",
        "APPROVAL_MINUTES": "600",
        "APPROVAL_MAX_DRIFT_R": "10",  # what a slow browser's seconds are worth at such a pace
    }
    with ExitStack() as stack:
        bot = _started(folder / "run.log", env, "run", *run)
        stack.callback(bot.wait, 30)
        stack.callback(bot.kill)
        # Whoever looks first sees an account of its time.
        _until_said(folder / "run.log", "pass in one")
        process, url = _dashboard(folder, env)
        stack.callback(process.communicate)
        stack.callback(process.terminate)
        play = stack.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS])
        stack.callback(browser.close)
        desk = DashboardDesk(home=folder / "home", env=env, url=url, browser=browser)
        yield desk


def _started(log: Path, env: dict[str, str], *words: str) -> subprocess.Popen[str]:
    with log.open("w") as told:
        command = [sys.executable, "-m", "snipersight", *words]
        return subprocess.Popen(command, stdout=told, stderr=told, text=True, env=env)


def _until_said(log: Path, text: str) -> None:
    until_s = time.monotonic() + PATIENCE_MS / 1000
    while text not in log.read_text():
        assert time.monotonic() < until_s, log.read_text()
        time.sleep(0.05)


def _dashboard(folder: Path, env: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    words = [sys.executable, "-m", "snipersight", "dashboard", "--listen", "127.0.0.1:0"]
    with (folder / "dashboard.log").open("w") as told:
        process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=told, text=True, env=env, cwd=folder
        )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def hurdles(page: Page, *rules: str) -> list[str]:
    """Return what keeps people with other senses or hands from using a page, by rule and place.

    Args:
        page: as it is now.
        rules: only these; none: all of them.
    """
    options = {"runOnly": {"type": "rule", "values": [*rules]}} if rules else None
    found = Axe().run(page, options=options).response
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:120]} {node.get('failureSummary', '')}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
