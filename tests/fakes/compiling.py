"""Compile the detectors where the suite keeps them, if nobody has: `python -m tests.fakes.compiling`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from snipersight.bootstrap.compile_cache import configure_compile_cache
from snipersight.bootstrap.settings import VARIABLES

# Compiled kernels outlive the run, in a folder named after their sources, or every run would
# compile afresh. A NUMBA_CACHE_DIR that the developer has set is left alone.
KERNELS = Path(__file__).resolve().parents[2] / ".numba_cache"
_SCAN = ("scan", "--symbols", "BTC/USDT,ETH/USDT", "--no-notify")
_FOLLOWING = """
import asyncio
from snipersight.bootstrap.compile_cache import configure_compile_cache
configure_compile_cache()
from snipersight.bootstrap.running.warming import warm_up_following
asyncio.run(warm_up_following(stop=asyncio.Event()))
"""
_ENDED_WELL = (0, 3)  # with plans, or without


def compile_detectors() -> None:
    """Scan two markets and follow a signal in processes of their own, which keep every kernel.

    Raises:
        CalledProcessError: it cannot; what it said stands on stderr.
    """
    if not configure_compile_cache(KERNELS).is_cold:
        return
    names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
    with tempfile.TemporaryDirectory() as home:
        env = {**names, "SNIPERSIGHT_HOME": home}
        following = [sys.executable, "-c", _FOLLOWING]
        subprocess.run(following, env=env, stdout=subprocess.DEVNULL, check=True)
        words = [sys.executable, "-m", "snipersight", *_SCAN]
        done = subprocess.run(words, env=env, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in _ENDED_WELL:
        raise subprocess.CalledProcessError(done.returncode, words)


if __name__ == "__main__":
    compile_detectors()
