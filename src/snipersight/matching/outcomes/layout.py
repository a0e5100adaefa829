"""Records that the kernel reads and writes: bars, the terms of a signal, and how far it has come.

*Signed view.* A long reads prices as they are, a short negated, with high and low exchanged. All is
written once, for the long, and is the mirror image for the short by construction. Every price in
these records is signed; sizes are fractions of the whole, results quote per unit of the whole.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

# Structured arrays: kernels read fields as attributes, which numpy's types do not know.
Array = Any
Record = Any

ENTRIES: Final = 3  # near edge, middle, far edge
TARGETS: Final = 8  # most targets of a plan
NEVER: Final = 2**62  # later than any time

WAITING, OPEN, CLOSED, MISSED, INVALIDATED, EXPIRED = range(6)
NONE, BY_TARGETS, BY_STOP, BY_BREAK_EVEN, BY_TRAILING, BY_TIME, BY_JUDGEMENT = range(7)

BAR: Final = np.dtype(
    [
        ("open_ms", "i8"),
        ("close_ms", "i8"),
        ("open", "f8"),
        ("high", "f8"),
        ("low", "f8"),
        ("close", "f8"),
    ]
)
TERMS: Final = np.dtype(
    [
        ("entries", "f8", ENTRIES),
        ("shares", "f8", ENTRIES),
        ("stop", "f8"),
        ("targets", "f8", TARGETS),
        ("fractions", "f8", TARGETS),
        ("target_count", "i8"),
        ("cost", "f8"),
        ("atr", "f8"),
        ("tick", "f8"),
        ("lot", "f8"),  # of the whole size; 0: shares are exact
        ("ticks_per_unit", "f8"),  # 0: the tick is no whole fraction of 1
        ("known_ms", "i8"),
        ("valid_until_ms", "i8"),
        ("shift_ms", "i8"),  # first shift of structure against it after it was known
        ("break_even", "i8"),
        ("trailing_atr", "f8"),
        ("time_stop_ms", "i8"),
        ("min_rr", "f8"),
        ("maker", "f8"),
        ("taker", "f8"),
        ("slippage", "f8"),
        ("funding_rate", "f8"),
        ("funding_ms", "i8"),
    ]
)
STATE: Final = np.dtype(
    [
        ("status", "i8"),
        ("ending", "i8"),
        ("bars", "i8"),  # taken so far
        ("taken", "i8", ENTRIES),  # entries that were filled
        ("is_new", "i8"),  # an entry was filled in this bar
        ("has_exited", "i8"),
        ("entered", "f8"),
        ("entry_value", "f8"),
        ("average", "f8"),
        ("held", "f8"),
        ("most", "f8"),  # held in this bar once its entries were filled
        ("proceeds", "f8"),
        ("fees", "f8"),
        ("entry_fees", "f8"),  # of them, what entries paid
        ("slippage", "f8"),
        ("funding", "f8"),
        ("due_ms", "i8"),  # next time that funding is paid
        ("stop", "f8"),
        ("stop_kind", "i8"),
        ("best", "f8"),  # close that a trailing stop follows
        ("rest", "f8", TARGETS),  # what rests at each target
        ("done", "f8", TARGETS),  # what each target closed
        ("mae", "f8"),
        ("mfe", "f8"),
        ("is_ambiguous", "i8"),
        ("missing", "i8"),
        ("coarsest_ms", "i8"),
        ("entered_ms", "i8"),
        ("ended_ms", "i8"),
        ("followed_ms", "i8"),
    ]
)
