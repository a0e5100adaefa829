"""Compiled and interpreted kernels say the same, bit for bit."""

import os
import subprocess
import sys

SCRIPT = """
import hashlib
import numpy as np
from snipersight.analysis.smc.series import SmcSeries
from snipersight.domain.profile import SetupRules
from tests.builders.candles import Walk, smc_rules

walk = Walk(seed=21, bars=420, missing=0.02, flat=0.05).candles()
rules = smc_rules(burn_in_bars=60, epoch_bars=60, calendar=("day",), max_pierce_atr=3.0)
series = SmcSeries(rules, walk.timeframe, SetupRules(valid_bars=10), facts_from_ms=0)
if INTERPRETED:  # numpy reads a record's fields as attributes only through this view
    series._states = series._states.view(np.recarray)
    series._logs = series._logs.view(np.recarray)
setups = []
while (setup := series.advance(walk, until_ms=2**61, stop_at_setup=True)) is not None:
    setups.append(setup)
told = (series.facts().tobytes(), repr(setups), repr(series.reading()))
print(len(series.facts()), len(setups), *(hashlib.sha256(str(t).encode()).hexdigest() for t in told))
"""


def run(*, interpreted: bool) -> list[str]:
    """Return what a fresh process prints about one short series."""
    environment = dict(os.environ) | ({"NUMBA_DISABLE_JIT": "1"} if interpreted else {})
    script = SCRIPT.replace("INTERPRETED", repr(interpreted))
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_interpreted_kernels_say_what_compiled_ones_say():
    compiled = run(interpreted=False)
    assert int(compiled[0]) > 400
    assert int(compiled[1]) > 0
    assert run(interpreted=True) == compiled
