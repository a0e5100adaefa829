"""Compiled and interpreted, the kernel says the same, bit for bit."""

import os
import subprocess
import sys

SCRIPT = """
import hashlib
from dataclasses import replace
import numpy as np
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Costs
from snipersight.matching.outcomes.layout import BY_STOP, STATE, TERMS
from snipersight.matching.outcomes.rows import row_of
from snipersight.matching.outcomes.series import series_of
from snipersight.matching.outcomes.stepping import walk_logged
from snipersight.matching.outcomes.walk import walk_all
from tests.builders.outcomes import KEY, bars, in_lots, wandering_rows, wandering_terms

costs = Costs(maker=0.0002, taker=0.0005, slippage=0.0005, funding_rate=0.0001,
              funding_interval_ms=2_700_000)
told = series_of(bars(wandering_rows(7, 300, start=500.0)), None, until_ms=None)
seen = told.seen_by(Direction.LONG)


def moved(terms, by):
    return replace(terms, near=terms.near + by, mid=terms.mid + by, far=terms.far + by,
                   stop=terms.stop + by, targets=tuple((p + by, f) for p, f in terms.targets))


terms = [replace(moved(wandering_terms(seed), seen["open"][seed] - 101.0), costs=costs,
                 cost_per_unit=0.3, known_ms=int(seen["open_ms"][seed]),
                 valid_until_ms=int(seen["open_ms"][seed + 40]))
         for seed in range(200)]
rows = np.array([row_of(KEY, in_lots(one, 7), shift_ms=2**62, lot=1 / 7) for one in terms],
                dtype=TERMS)
rows["lot"][::2] = 0.0
states = np.zeros(len(rows), dtype=STATE)
states["stop"], states["stop_kind"] = rows["stop"], BY_STOP
again, log = states.copy(), np.zeros(10_000, dtype=STATE)
first = np.arange(200)
views = [seen, rows, states, again, log]
if INTERPRETED:  # numpy reads a record's fields as attributes only through this view
    views = [one.view(np.recarray) for one in views]
walk_all(*views[:3], first)
ends = walk_logged(views[0], views[1], views[3], first, views[4])
assert again.tobytes() == states.tobytes()
told = states.tobytes() + ends.tobytes() + log.tobytes()
print((states["status"] > 1).sum(), ends[-1], hashlib.sha256(told).hexdigest())
"""


def run(*, interpreted: bool) -> list[str]:
    """Return what a fresh process prints about two hundred signals."""
    environment = dict(os.environ) | ({"NUMBA_DISABLE_JIT": "1"} if interpreted else {})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("INTERPRETED", repr(interpreted))],
        capture_output=True,
        text=True,
        env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_interpreted_kernel_says_what_the_compiled_one_says():
    compiled = run(interpreted=False)
    assert int(compiled[0]) > 150
    assert 400 < int(compiled[1]) < 10_000
    assert run(interpreted=True) == compiled
