"""A bot and a dashboard that are killed and begun again, and a store that is taken away and put back."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright
from pydantic import SecretStr

from snipersight.bootstrap.access.tokens import make_token
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import VARIABLES, Settings
from snipersight.domain.access import Scope
from snipersight.domain.candles import utc_text
from tests.fakes.dashboard_desk import FLAGS, PATIENCE_MS, DashboardDesk

BEGUN = "pass in one"


@dataclass(kw_only=True)
class LiveDesk(DashboardDesk):
    """A desk whose processes and store come and go.

    Args:
        folder: of the logs, and of the disk that the store is on.
        began_ms: the account's time at the beginning, milliseconds UTC.
        processes: that run, by their command; killed at the end.
    """

    folder: Path
    began_ms: int
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    @property
    def disk(self) -> Path:
        """Return where the store is."""
        return self.folder / "disk"

    def token(self, name: str, scope: Scope) -> str:
        """Make a token; the account begins at its own time, before a bot runs as after."""
        url = SecretStr(self.env["DATABASE_URL"])
        settings = Settings(snipersight_home=self.home, database_url=url)
        with open_books(
            settings,
            account_id="practice",
            clock=lambda: self.began_ms * 1000,
            is_sandbox_time=True,
            follows_balance=False,
        ) as books:
            made: str = make_token(books, name, scope).secret
            return made

    def begin_bot(self, *words: str, at_ms: int) -> None:
        """Start the bot at a moment, and wait until its time goes on."""
        log = self._start("run", *words, "--at", utc_text(at_ms))
        self._until(lambda: BEGUN in log.read_text(), log)

    def begin_dashboard(self) -> None:
        """Start the dashboard at the address it has, and wait until it answers."""
        log = self._start("dashboard", "--listen", self.url.partition("//")[2])
        self._until(self._answers, log)

    def kill(self, command: str) -> None:
        """Kill a process, as `kill -9` does."""
        process = self.processes.pop(command)
        process.kill()
        process.wait(30)

    def end(self, command: str) -> int:
        """Have a process end in order, and return its exit code."""
        process = self.processes.pop(command)
        process.send_signal(signal.SIGTERM)
        return process.wait(30)

    @contextmanager
    def without_store(self) -> Iterator[None]:
        """Take the disk of the store away for a while."""
        away = self.disk.rename(self.folder / "unplugged")
        try:
            yield
        finally:
            away.rename(self.disk)

    def _start(self, *words: str) -> Path:
        log = self.folder / f"{words[0]}.log"
        with log.open("w") as told:
            self.processes[words[0]] = subprocess.Popen(
                [sys.executable, "-m", "snipersight", *words],
                stdout=told,
                stderr=told,
                text=True,
                env=self.env,
                cwd=self.folder,
            )
        return log

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def _until(self, seen: Callable[[], bool], log: Path) -> None:
        until_s = time.monotonic() + PATIENCE_MS / 1000
        while not seen():
            assert time.monotonic() < until_s, log.read_text()
            time.sleep(0.05)


@contextmanager
def open_live_desk(
    folder: Path, *, began_ms: int, database: str | None = None
) -> Iterator[LiveDesk]:
    """Yield a home and a browser.

    Args:
        folder: of the home, the logs, and the disk that the store is on.
        began_ms: the account's time at the beginning, milliseconds UTC.
        database: URL of the store; None: a file on that disk.
    """
    names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
    (folder / "disk").mkdir(exist_ok=True)
    env = names | {
        "SNIPERSIGHT_HOME": str(folder / "home"),
        "DATABASE_URL": database or f"sqlite:///{folder}/disk/snipersight.db",
        "RUN_LISTEN": "none",
        "COLUMNS": "160",
        "APPROVAL_MINUTES": "0",
        "APPROVAL_MAX_DRIFT_R": "10",  # what a slow browser's seconds are worth at such a pace
    }
    with ExitStack() as stack:
        play = stack.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS])
        stack.callback(browser.close)
        desk = LiveDesk(
            home=folder / "home",
            env=env,
            url=f"http://127.0.0.1:{_a_free_port()}",
            browser=browser,
            folder=folder,
            began_ms=began_ms,
        )
        stack.callback(_kill_all, desk)
        yield desk


def _kill_all(desk: LiveDesk) -> None:
    for command in tuple(desk.processes):
        desk.kill(command)


def _a_free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port
