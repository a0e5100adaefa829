"""A Dask cluster of processes, started as its user starts one, that can be killed one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_WAIT_S: Final = 90
_PROJECT: Final = Path(__file__).parents[2]  # what is carried out is found by its name there


class DaskProcesses:
    """A scheduler, and workers of one thread each.

    Args:
        folder: for what they write.
        environment: variables besides those of this process.
        protocol: `tcp` or `tls`.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], *, protocol: str) -> None:
        self._folder = folder
        self._environment = {**os.environ, "PYTHONPATH": str(_PROJECT), **environment}
        file = folder / "scheduler.json"
        self.scheduler = self._started(
            "scheduler",
            *("--protocol", protocol, "--host", "127.0.0.1", "--port", "0"),
            *("--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(file)),
        )
        self.workers: list[subprocess.Popen[bytes]] = []
        until = time.monotonic() + _WAIT_S
        while not file.exists():
            assert self.scheduler.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        self.address = str(json.loads(file.read_text())["address"])

    def add_worker(self) -> None:
        """Start a worker and wait until the scheduler knows it."""
        log = self._folder / "worker.log"
        log.unlink(missing_ok=True)
        worker = self._started(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"
        )
        self.workers.append(worker)
        until = time.monotonic() + _WAIT_S
        while b"Registered to:" not in log.read_bytes():
            assert worker.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.05)

    def kill_workers(self) -> None:
        """End all workers without a word from them."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()

    def close(self) -> None:
        """End everything."""
        self.kill_workers()
        self.scheduler.kill()
        self.scheduler.wait()

    def _started(self, *words: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{words[0]}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=self._environment,
            )
