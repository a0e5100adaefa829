"""A real `snipersight run`, its servers, and what can be seen of both from outside."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import psutil

from benchmarks.run_servers import CHAT, Outside
from snipersight.bootstrap.compile_cache import configure_compile_cache
from snipersight.bootstrap.settings import VARIABLES

ROOT: Final = Path(__file__).resolve().parents[1]
_PROGRAM: Final = Path(sys.executable).with_name("snipersight")
_ENDS_S: Final = 20.0
_ANSWER_S: Final = 30.0


class Servers:
    """The Telegram, and the venues, that a bot is pointed at.

    Args:
        outside: what there is.
    """

    def __init__(self, outside: Outside | None = None) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.run_servers", (outside or Outside()).as_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._child.stdout is not None
        where = json.loads(self._child.stdout.readline())
        self.settings: dict[str, str] = where.pop("settings")
        self._where: dict[str, str] = where
        self.orders: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, args=(self._child.stdout,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.orders.put(json.loads(line))

    def messages(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Return what the bot has sent, in order.

        Args:
            after: number of the last one that is known already.
        """
        found = self.telegram(after=after)["messages"]
        return [one for one in found if not one["is_users"]]

    def telegram(self, *, after: int = 0) -> dict[str, Any]:
        """Return everything that the Telegram counted, with the messages after a number."""
        return _got(f"{self.settings['TELEGRAM_API_URL']}/sandbox/report?after={after}")

    def exchange(self) -> dict[str, Any]:
        """Return what the exchange counted, and its time."""
        return _got(f"{self._where['admin']}/sandbox/report")

    def truth(self) -> dict[str, Any]:
        """Return what our books are compared with."""
        return _got(f"{self._where['own']}/truth")

    def press(self, message: Mapping[str, Any], data: str) -> None:
        """Press a button of a message."""
        body = {"chat_id": message["chat_id"], "message_id": message["message_id"], "data": data}
        _posted(f"{self.settings['TELEGRAM_API_URL']}/sandbox/press", body)

    def write(self, text: str) -> None:
        """Write to the bot."""
        body = {"chat_id": CHAT, "text": text}
        _posted(f"{self.settings['TELEGRAM_API_URL']}/sandbox/text", body)

    def spoil(self, *, exchange: Mapping[str, Any], telegram: Mapping[str, Any]) -> None:
        """Let things go wrong from now on, at each as its sandbox takes it."""
        _posted(f"{self._where['admin']}/sandbox/faults", exchange)
        _posted(f"{self.settings['TELEGRAM_API_URL']}/sandbox/faults", telegram)

    def restart(self, venue: str, *, down_s: float) -> None:
        """Let a venue be gone for seconds of ours, and every line to it end."""
        _posted(f"{self._where['admin']}/sandbox/restart", {"venue": venue, "down_s": down_s})

    def close(self) -> None:
        """End them."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait(_ENDS_S)
        if self._child.stdout is not None:
            self._child.stdout.close()


def _got(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(address, timeout=_ANSWER_S) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def _posted(address: str, body: Mapping[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=_ANSWER_S):
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A bot at one moment, with the processes that it started.

    Args:
        at_s: of the system's clock.
        resident: bytes held in memory; what several processes share counts for each.
        handles: open files, pipes and connections.
    """

    at_s: float
    resident: int
    handles: int


@dataclass
class Bot:
    """One process of `snipersight run`.

    Args:
        home: its home.
        words: of the command line.
        settings: variables besides those every bot of a benchmark gets.
    """

    home: Path
    words: Sequence[str]
    settings: Mapping[str, str]
    ready_s: float | None = None
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start it."""
        self.home.mkdir(exist_ok=True)
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # A path, because the abstract names that Linux has are not everywhere.
        place = self.home / "notify"
        place.unlink(missing_ok=True)
        self._ear.bind(str(place))
        environment = {name: text for name, text in os.environ.items() if name not in VARIABLES}
        own = {
            "SNIPERSIGHT_HOME": str(self.home),
            "RUN_LISTEN": "none",
            "NOTIFY_SOCKET": str(place),
        }
        self._began_s = time.monotonic()
        self._child = subprocess.Popen(
            [str(_PROGRAM), "run", *self.words],
            env={**environment, **own, **self.settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home,
        )
        assert self._child.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._child.stdout,), daemon=True)
        self._reader.start()
        self._seen = psutil.Process(self._child.pid)

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.lines.append(line.rstrip("\n"))

    @property
    def has_ended(self) -> bool:
        """Return whether it runs no more."""
        return self._child.poll() is not None

    def until_ready(self, *, within_s: float = 120.0) -> float:
        """Wait until it says that it is ready, and return how long that took, seconds.

        Raises:
            RuntimeError: it ended before, or took too long.
        """
        self._ear.settimeout(0.2)
        while time.monotonic() - self._began_s < within_s and not self.has_ended:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in self._ear.recv(4096):
                    self.ready_s = time.monotonic() - self._began_s
                    return self.ready_s
        raise RuntimeError("\n".join(["the bot did not become ready", *self.lines[-20:]]))

    def sample(self) -> Sample:
        """Return how much it holds now.

        Raises:
            psutil.NoSuchProcess: it has ended.
        """
        self._listen()
        everything = [self._seen, *self._seen.children(recursive=True)]
        return Sample(
            at_s=time.time(),
            resident=sum(one.memory_info().rss for one in everything),
            handles=sum(one.num_fds() for one in everything),
        )

    def _listen(self) -> None:
        """Take what it tells its service manager, so that nothing piles up."""
        self._ear.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._ear.recv(4096)

    def end(self) -> int:
        """Ask it to end and return its exit code; kill it if it does not."""
        if not self.has_ended:
            self._child.terminate()
        try:
            code = self._child.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            code = self._child.wait()
        self._leave()
        return code

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._child.kill()
        self._child.wait()
        self._leave()

    def _leave(self) -> None:
        self._reader.join(_ENDS_S)
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._ear.close()

    def log(self) -> Iterator[dict[str, Any]]:
        """Yield the lines of its log."""
        with (self.home / "logs/snipersight.jsonl").open(encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a bot's time and ours belong together.

    Args:
        real_s: a moment of ours, seconds of the system's clock.
        shown_us: what the bot's clock showed then, microseconds UTC.
        scale: seconds of its time in one of ours.
    """

    real_s: float
    shown_us: int
    scale: float

    def real(self, at_ms: int) -> float:
        """Return when it was a moment of the bot's, seconds of the system's clock."""
        return self.real_s + (at_ms * 1000 - self.shown_us) / 1e6 / self.scale


def pace_of(bot: Bot) -> Pace:
    """Return what a bot's log says of its clock.

    The line's own time is rounded to the millisecond, and so is every figure that rests on it.
    """
    from datetime import datetime

    line = next(line for line in bot.log() if line["message"] == "the time")
    real_s = datetime.fromisoformat(line["timestamp"].replace("Z", "+00:00")).timestamp()
    return Pace(real_s=real_s, shown_us=line["shown_us"], scale=line["scale"])


def compile_everything(scratch: Path) -> dict[str, str]:
    """Compile the detectors once and return the setting that lets every bot find them."""
    cache = configure_compile_cache(ROOT / ".numba_cache")
    settings = {"NUMBA_CACHE_DIR": str(cache.path)}
    if cache.is_cold:
        own = {"SNIPERSIGHT_HOME": str(scratch / "compiling"), **settings}
        words = [str(_PROGRAM), "scan", "--symbols", "top5", "--no-notify"]
        environment = {name: text for name, text in os.environ.items() if name not in VARIABLES}
        subprocess.run(words, env={**environment, **own}, check=True, stdout=subprocess.DEVNULL)
    return settings
