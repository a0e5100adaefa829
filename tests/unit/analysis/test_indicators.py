"""TA-Lib is loaded without data frames, which others load as before."""

import subprocess
import sys

CODE = """
import sys, threading
import numpy as np
from snipersight.analysis.indicators import ta_lib
beside = threading.Thread(target=lambda: __import__("{beside}"))
beside.start()
assert ta_lib().SMA(np.arange(5.0), 2)[-1] == 3.5
beside.join()
print(sorted({{"polars", "pandas"}} & set(sys.modules)))
import polars, pandas
frame = pandas.Series(np.arange(5.0))
assert ta_lib().SMA(frame.to_numpy(), 2)[-1] == 3.5
"""


def loaded(beside: str) -> str:
    words = [sys.executable, "-W", "error", "-c", CODE.format(beside=beside)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_loaded_without_data_frames():
    assert loaded("numpy") == "[]"


def test_another_thread_loads_them_meanwhile():
    assert "polars" in loaded("polars")
