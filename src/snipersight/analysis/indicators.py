"""TA-Lib, without the data frames that it would load beside its indicators."""

from __future__ import annotations

import inspect
import sys
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

_FRAMES: Final = frozenset({"pandas", "polars"})


@cache
def ta_lib() -> ModuleType:
    """Return the module, whose functions take arrays of float64.

    Where polars and pandas are installed TA-Lib loads both, to take their series too: half a second
    and seventy megabytes of every process that scans. We give it arrays; what is loaded already
    stays, and others load what they like meanwhile.
    """
    without = _Without()
    sys.meta_path.insert(0, without)
    try:
        import talib
    finally:
        sys.meta_path.remove(without)
    return talib


class _Without(MetaPathFinder):
    """Lets TA-Lib find no data frames."""

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> ModuleSpec | None:
        """Raise for what is not to be found, and leave everything else to others."""
        if fullname in _FRAMES and _is_asked_by("talib"):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def _is_asked_by(module: str) -> bool:
    """Return whether a module is being executed above, in this thread."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") != module:
        frame = frame.f_back
    return frame is not None
