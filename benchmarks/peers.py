"""The packages we compare ourselves with: each in a process of its own, in its own environment.

`dev.py bench` names that environment in SNIPERSIGHT_PEERS_PYTHON, or says in
SNIPERSIGHT_PEERS_MISSING why there is none. A peer that cannot be measured is never an error:
its figure says why it is missing.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("peer_worker.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerMissing:
    """A peer that cannot be measured here.

    Args:
        name: of the package.
        reason: one sentence.
    """

    name: str
    reason: str


class PeerFailed(Exception):
    """A peer stopped without an answer; the text holds its last words.

    Args:
        name: of the package.
        reason: one sentence.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


class Peer:
    """One warmed-up peer that measures itself on request.

    Args:
        name: of the package, known to the worker.
        python: interpreter of the peers' environment.
        candles: `.npz` file with open, high, low, close and volume.
        complaints: file that takes what the peer prints.
        worker: script that runs it.

    Attributes:
        told: what it said of itself after the warm-up.

    Raises:
        PeerFailed: it does not get through the warm-up.
    """

    def __init__(
        self, name: str, python: str, candles: Path, complaints: Path, *, worker: Path = WORKER
    ) -> None:
        self.name = name
        self._complaints = complaints
        with complaints.open("wb") as log:
            self._process = subprocess.Popen(
                [python, str(worker), name, str(candles)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.told: Mapping[str, Any] = self._answer()
        self.version = str(self.told["version"])

    def measure(self, *, at_least_s: float = 0.0) -> float:
        """Return how many seconds its calls take: the mean of repeating them for so long.

        Raises:
            PeerFailed: it stopped.
        """
        if self._process.stdin is None:
            raise PeerFailed(self.name, "takes no requests")
        with suppress(BrokenPipeError):  # it has died; the answer that is missing says so
            self._process.stdin.write(f"{at_least_s}\n")
            self._process.stdin.flush()
        return float(self._answer()["seconds"])

    def _answer(self) -> Any:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if line:
            return json.loads(line)
        self.close()
        said = self._complaints.read_text(encoding="utf-8", errors="replace").strip()
        last = said.splitlines()[-1] if said else "nothing was printed"
        raise PeerFailed(self.name, f"stopped with code {self._process.returncode}: {last}")

    def close(self) -> None:
        """End the process and close its pipes; a second call changes nothing."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._process.wait()


@contextmanager
def opened_peers(
    names: tuple[str, ...],
    candles: Path,
    *,
    environment: Mapping[str, str] = os.environ,
    worker: Path = WORKER,
) -> Iterator[tuple[list[Peer], list[PeerMissing]]]:
    """Start the peers that can be started here, and end them afterwards.

    Args:
        names: of the packages.
        candles: what they compute on; their printed words are kept beside it.
        environment: where the peers' Python is named, or the reason why there is none.
        worker: script that runs a peer.
    """
    python = environment.get("SNIPERSIGHT_PEERS_PYTHON")
    if not python:
        reason = environment.get("SNIPERSIGHT_PEERS_MISSING") or (
            "no environment for peers; `python3 dev.py bench scan` builds it"
        )
        yield [], [PeerMissing(name=name, reason=reason) for name in names]
        return
    peers: list[Peer] = []
    missing: list[PeerMissing] = []
    try:
        for name in names:
            log = candles.with_name(f"{name}.log")
            try:
                peers.append(Peer(name, python, candles, log, worker=worker))
            except (PeerFailed, OSError) as problem:
                missing.append(PeerMissing(name=name, reason=str(problem)))
        yield peers, missing
    finally:
        for peer in peers:
            peer.close()
