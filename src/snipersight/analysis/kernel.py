"""How the numeric kernels are compiled.

Numba caches a kernel under the hash of its own file only, so a change in a helper of another file
would leave stale machine code behind. Kernels are therefore cached on disk only where
`bootstrap.compile_cache` has named a directory after the hash of *all* kernel sources; without one
they are compiled anew in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import config, njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Return the compiled form of a function; `.py_func` is the Python one for coverage.

    No fast-math: results must not depend on how loops were vectorised.
    """
    cached = bool(getattr(config, "CACHE_DIR", ""))  # numba sets its options at run time
    compile_ = cast(
        "Callable[[_Function], _Function]", njit(cache=cached, nogil=True, error_model="numpy")
    )
    return compile_(function)
