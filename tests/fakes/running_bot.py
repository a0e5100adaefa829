"""`snipersight run` as a service manager starts, ends and kills it, on a home of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from snipersight.bootstrap.settings import VARIABLES
from snipersight.domain.candles import utc_text
from tests.fakes.compiling import compile_detectors

PROGRAM = ("snipersight",)


class SandboxTime:
    """A time that goes on while the bot is down, as real time does.

    Args:
        began_ms: what it shows at the beginning, milliseconds UTC.
        scale: seconds of it in a real one.
    """

    def __init__(self, began_ms: int, *, scale: float) -> None:
        self._began_ms = began_ms
        self.scale = scale
        self._began_s = time.monotonic()

    def ms(self) -> int:
        """Return the time, milliseconds UTC."""
        return self._began_ms + int((time.monotonic() - self._began_s) * self.scale * 1000)


class RunningBot:
    """One process of the bot.

    Args:
        process: running.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls, home: Path, *arguments: str, program: Sequence[str] = PROGRAM, **more: str
    ) -> RunningBot:
        """Start it, with compiled detectors; `more` are variables besides its own."""
        names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
        await asyncio.to_thread(compile_detectors)  # a sandbox's hours would pass meanwhile
        own = {
            "SNIPERSIGHT_HOME": str(home),
            "RUN_LISTEN": "none",
            "COLUMNS": "160",
            "PYTHONUNBUFFERED": "1",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *program,
            "run",
            *arguments,
            "--debug",
            env=names | own | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return cls(process)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode().rstrip())

    @property
    def pid(self) -> int:
        """Return the number of its process."""
        return self._process.pid

    @property
    def output(self) -> str:
        """Return everything it has said."""
        return "\n".join(self.lines)

    @property
    def returncode(self) -> int | None:
        """Return how it ended; None while it runs."""
        return self._process.returncode

    async def until(self, seen: Callable[[], object] | str, *, within_s: float = 60.0) -> None:
        """Wait until something is seen, or a text is said; fail if it ends before."""
        is_seen = (lambda: seen in self.output) if isinstance(seen, str) else seen
        until_s = time.monotonic() + within_s
        while not is_seen():
            assert time.monotonic() < until_s, f"not seen within {within_s} s:\n{self.output}"
            assert self.returncode is None, f"it ended with {self.returncode}:\n{self.output}"
            await asyncio.sleep(0.05)

    async def until_said_or_ended(self, text: str, *, within_s: float = 30.0) -> None:
        """Wait until a text is said, or it has ended."""
        until_s = time.monotonic() + within_s
        while text not in self.output and self.returncode is None:
            assert time.monotonic() < until_s, self.output
            await asyncio.sleep(0.01)

    async def stop(self, *, name: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """End it in order; return its exit code and how long that took, real seconds."""
        began_s = time.monotonic()
        if self.returncode is None:
            self._process.send_signal(name)
        code = await asyncio.wait_for(self._process.wait(), 30)
        await self._reading
        return code, time.monotonic() - began_s

    def signal(self, name: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(name)

    async def end(self) -> int:
        """Wait for its own end, and return its exit code."""
        code = await asyncio.wait_for(self._process.wait(), 120)
        await self._reading
        return code

    async def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        if self.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading


def at(time_ms: int) -> tuple[str, str]:
    """Return the option that sets the bot's time."""
    return "--at", utc_text(time_ms)
