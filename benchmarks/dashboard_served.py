"""A real dashboard of its own process, over a home with many signals, and who may look at it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import psutil

from benchmarks.telemetry_stats import fill
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.compile_cache import configure_compile_cache
from snipersight.bootstrap.settings import VARIABLES, load_settings

_PROGRAM: Final = Path(sys.executable).with_name("snipersight")
_ROOT: Final = Path(__file__).resolve().parents[1]
_STARTS_S: Final = 60.0
_ENDS_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A dashboard that runs.

    Args:
        url: of its first page, without the slash.
        token: that may do anything.
        process: its process.
    """

    url: str
    token: str
    process: psutil.Process

    def client(self) -> httpx.AsyncClient:
        """Return a client of the API that shows the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)

    def memory_mb(self) -> float:
        """Return the resident memory of the process itself."""
        return self.process.memory_info().rss / 1e6

    def helpers_mb(self) -> float:
        """Return the resident memory of the processes that read charts for it."""
        children = self.process.children(recursive=True)
        return float(sum(child.memory_info().rss for child in children)) / 1e6

    def computed_s(self) -> float:
        """Return how long the process itself has computed."""
        used = self.process.cpu_times()
        return float(used.user + used.system)


def prepare_home(home: Path, *, signals: int) -> dict[str, str]:
    """Fill a home with signals and an account; return the environment of programs that use it.

    This process uses the home as well from now on.

    Args:
        home: an empty folder.
        signals: how many are stored.
    """
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    own = {"SNIPERSIGHT_HOME": str(home), "RUN_LISTEN": "none"}
    kernels = configure_compile_cache(_ROOT / ".numba_cache")
    os.environ.update(own)
    fill(home, signals)
    with open_books(load_settings(None)[0], account_id="main"):
        pass
    return {**kept, **own, "NUMBA_CACHE_DIR": str(kernels.path)}


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Iterator[Served]:
    """Yield a dashboard of its own process, on a port that is free; end it afterwards.

    Raises:
        RuntimeError: it does not say where it listens, or does not answer.
    """
    add = (str(_PROGRAM), "dashboard", "token", "add", "bench", "--scope", "admin")
    made = subprocess.run(add, env=environment, check=True, capture_output=True, text=True)
    run = (str(_PROGRAM), "dashboard", "--listen", "127.0.0.1:0")
    with subprocess.Popen(
        run, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            assert child.stdout is not None
            url = child.stdout.readline().strip()
            process = psutil.Process(child.pid)
            served = Served(url=url, token=made.stdout.strip(), process=process)
            _await_answer(served)
            yield served
        finally:
            child.terminate()
            child.wait(_ENDS_S)


def _await_answer(served: Served) -> None:
    until_s = time.monotonic() + _STARTS_S
    headers = {"Authorization": f"Bearer {served.token}"}
    while time.monotonic() < until_s:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{served.url}/api/v1/accounts", headers=headers).raise_for_status()
            return
        time.sleep(0.1)
    raise RuntimeError(f"the dashboard at {served.url!r} does not answer")
