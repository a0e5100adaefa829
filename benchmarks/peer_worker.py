"""Runs inside the peers' environment: times one peer on the candles of a file, once per request.

usage: peer_worker.py NAME CANDLES.npz

Warms up, writes one JSON line `{"version": …}`, then answers every line on stdin, which says for
how many seconds to repeat the calls, with `{"seconds": …}`: the mean wall time of the peer's calls
alone, without conversion or loading.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

Columns = dict[str, Any]


def load_columns(path: Path) -> Columns:
    """Return open, high, low, close and volume as float64 arrays."""
    with np.load(path) as stored:
        return {name: stored[name] for name in ("open", "high", "low", "close", "volume")}


def smartmoneyconcepts(columns: Columns) -> Callable[[], object]:
    """Return its swings, gaps, structure, order blocks and liquidity as one call."""
    os.environ["SMC_CREDIT"] = "0"  # no banner
    import pandas as pd
    from smartmoneyconcepts import smc

    frame = pd.DataFrame(columns)

    def run() -> None:
        swings = smc.swing_highs_lows(frame, swing_length=5)
        smc.fvg(frame, join_consecutive=False)
        smc.bos_choch(frame, swings, close_break=True)
        smc.ob(frame, swings, close_mitigation=False)
        smc.liquidity(frame, swings, range_percent=0.01)

    return run


def pyvsmc(columns: Columns) -> Callable[[], object]:
    """Return its swings, gaps, structure, order blocks and liquidity as one call."""
    import pyvsmc as smc

    o, h, low, c = (columns[name] for name in ("open", "high", "low", "close"))

    def run() -> None:
        smc.detect_swings(h, low, window_size=5)
        smc.detect_fvg(h, low, close=c, compute_mitigation=True)
        smc.detect_structure(h, low, c, window_size=5, break_mode="close")
        smc.detect_order_blocks(o, h, low, c, window_size=5, compute_mitigation=True)
        smc.detect_liquidity(h, low, c, window_size=5, equal_threshold=0.001)

    return run


PEERS = {peer.__name__: peer for peer in (smartmoneyconcepts, pyvsmc)}


def serve(name: str, path: Path) -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the peer prints must not be taken for an answer
    run = PEERS[name](load_columns(path))
    run()  # imports, compiles, fills caches
    print(json.dumps({"version": version(name)}), file=answers, flush=True)
    for request in sys.stdin:
        elapsed = mean_seconds(run, at_least_s=float(request))
        print(json.dumps({"seconds": elapsed}), file=answers, flush=True)


def mean_seconds(run: Callable[[], object], *, at_least_s: float) -> float:
    """Return the mean wall time of a call that is repeated for so long, as the harness does."""
    started, calls = time.perf_counter(), 0
    while True:
        run()
        calls += 1
        elapsed = time.perf_counter() - started
        if elapsed >= at_least_s:
            return elapsed / calls


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
