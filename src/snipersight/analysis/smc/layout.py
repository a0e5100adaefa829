"""The detectors' state: one plain structured record, so that it can be copied, compared and saved.

Two conventions hold in every kernel.

*Signed view.* `side` 0 reads prices as they are, `side` 1 negated, with high and low exchanged. A
detector is written once, for the bullish case, and run on both views: that is the mirror law by
construction. Prices inside the state are signed prices of their side.

*Machines.* A series is read by machines that start at calendar-fixed times, run silently for
`burn_in_bars`, then speak for `epoch_bars` and are dropped. At most two are alive (first axis of
most arrays); exactly one speaks. What is said at a bar thus depends only on the bars since that
machine's start, never on the first bar of the history (the start law).

Bars are counted by `n` since the series' first bar; `n` never leaves the kernels, facts carry times.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from snipersight.domain.profile import SetupRules, SmcRules
from snipersight.domain.timeframe import Timeframe

# Structured arrays: kernels read fields as attributes, which numpy's types do not know.
Array = Any
Record = Any

INTERNAL: Final = 0
SWING: Final = 1
CALENDAR_KINDS: Final = 4  # session, day, week, month
OLD_SWING, EQUAL, FIRST_CALENDAR = 0, 1, 2  # pool kinds, as in facts.PoolKind
POOL_CAP: Final = 24
RECENT_CAP: Final = 12
GAP_CAP: Final = 12
BLOCK_CAP: Final = 8
SWEEP_CAP: Final = 4
MOVE_BARS: Final = 5  # the longest displacement
ATR_RING: Final = 512  # above the widest regime window
# Bars remembered. The oldest one looked at is a block's candle: the lookback before a leg that began
# up to one level's age before the trend's last break, itself up to one level's age ago.
RING: Final = 1024
PERIOD: Final = 14
NEVER: Final = 2**62  # later than any bar number

RULES: Final = np.dtype(
    [
        ("duration_ms", "i8"),
        ("offset_ms", "i8"),
        ("burn_in", "i8"),
        ("epoch", "i8"),
        ("strength", "i8", 2),
        ("displacement_max", "i8"),
        ("displacement_body", "f8"),
        ("displacement_atr", "f8"),
        ("min_gap_atr", "f8"),
        ("block_lookback", "i8"),
        ("zone_max_age", "i8"),
        ("level_max_age", "i8"),
        ("equal_tolerance", "f8"),
        ("min_pool_age", "i8"),
        ("min_pierce", "f8"),
        ("max_pierce", "f8"),
        ("calendar", "i8", CALENDAR_KINDS),
        ("old_swings", "i8"),
        ("max_leg", "i8"),
        ("regime_window", "i8"),
        ("adx_enter", "f8"),
        ("adx_leave", "f8"),
        ("volatile_enter", "f8"),
        ("volatile_leave", "f8"),
        ("shift_strength", "i8"),
        ("shift_kinds", "i8", 3),
    ]
)
BAR: Final = np.dtype(
    [("t", "i8"), ("o", "f8"), ("h", "f8"), ("l", "f8"), ("c", "f8"), ("v", "f8")]
)
# The newest bar as each side sees it: read far more often than any other.
NOW: Final = np.dtype([("open", "f8"), ("high", "f8"), ("low", "f8"), ("close", "f8")])
CLOCK: Final = np.dtype(
    [
        ("n", "i8"),  # bars taken so far
        ("first_ms", "i8"),
        ("last_ms", "i8"),
        ("speaker", "i8"),  # machine that speaks at the newest bar, -1 while none may
        ("facts_from_ms", "i8"),  # earlier bars leave no facts in the log
    ]
)
MACHINE: Final = np.dtype(
    [
        ("epoch", "i8"),  # the epoch it will speak for
        ("alive", "i8"),
        ("complete", "i8"),  # the history reached back to its start
        ("born", "i8"),
        ("seen", "i8"),
        ("atr", "f8"),
        ("atr_before", "f8"),  # ATR at the bar before the newest one
        ("true_range_sum", "f8"),
        ("plus_dm", "f8"),
        ("minus_dm", "f8"),
        ("range_14", "f8"),
        ("dx_sum", "f8"),
        ("adx", "f8"),
        ("percentile", "f8"),
        ("regime", "i8"),  # -1 none, 0 trend, 1 range, 2 volatile
        ("is_trending", "i8"),
        ("is_volatile", "i8"),
    ]
)
PIVOT: Final = np.dtype([("live", "i8"), ("price", "f8"), ("at", "i8")])
LEVEL: Final = np.dtype(
    [("live", "i8"), ("price", "f8"), ("at", "i8"), ("far", "f8"), ("far_at", "i8")]
)
TREND: Final = np.dtype(
    [
        ("trend", "i8"),
        ("broken_at", "i8"),
        ("watch_side", "i8"),  # of the last break while it may still fail, else -1
        ("watch_price", "f8"),
        ("watch_at", "i8"),
    ]
)
LEG: Final = np.dtype(
    [("kind", "i8"), ("level", "f8"), ("level_at", "i8"), ("far", "f8"), ("far_at", "i8")]
)
# The bars that end at the newest one, 1 to MOVE_BARS of them: what a displacement needs to know.
MOVE: Final = np.dtype(
    [
        ("is_solid", "i8"),  # enough body, and it rises
        ("gap", "f8"),  # what is left of the gap around its first bar; 0 or less: none
        ("low", "f8"),
        ("low_at", "i8"),
        ("high", "f8"),
        ("bodies", "f8"),
        ("ranges", "f8"),
    ]
)
DISPLACEMENT: Final = np.dtype(
    [
        ("live", "i8"),
        ("start", "i8"),
        ("end", "i8"),
        ("low", "f8"),
        ("low_at", "i8"),
        ("last_start", "i8"),  # of the displacements that make up this one
        ("range_atr", "f8"),
        ("body", "f8"),
    ]
)
GAP: Final = np.dtype(
    [
        ("low", "f8"),
        ("high", "f8"),
        ("at", "i8"),
        ("at_ms", "i8"),
        ("known", "i8"),
        ("deepest", "f8"),  # lowest price of the returns into it
        ("inverse", "i8"),
    ]
)
BLOCK: Final = np.dtype(
    [
        ("low", "f8"),
        ("high", "f8"),
        ("at", "i8"),
        ("at_ms", "i8"),
        ("known", "i8"),
        ("state", "i8"),
        ("armed", "i8"),
        ("swept", "i8"),
        ("penetration", "f8"),
        ("deepest", "f8"),  # lowest price of the touches
        ("inducement", "f8"),  # NaN while there is none
        ("induced", "i8"),
    ]
)
POOL: Final = np.dtype(
    [
        ("live", "i8"),
        ("kind", "i8"),
        ("price", "f8"),
        ("reached", "f8"),  # furthest pierce so far; the price itself while untouched
        ("at", "i8"),
        ("at_ms", "i8"),
        ("touches", "i8"),
    ]
)
# What a bar must reach, in the set's own view, before any row of a set has to be looked at.
WATCH: Final = np.dtype([("reach", "f8"), ("close", "f8"), ("due", "i8")])
GAP_WATCH: Final = np.dtype(
    [
        ("lowest", "f8"),  # low of the bars that no gap has taken into its `deepest` yet
        ("below", "f8"),
        ("above", "f8"),
        ("due", "i8"),
    ]
)
PERIODS: Final = np.dtype(
    [("period", "i8"), ("whole", "i8"), ("price", "f8", 2), ("at", "i8", 2), ("at_ms", "i8", 2)]
)
SWEEP: Final = np.dtype(
    [
        ("at", "i8"),
        ("extreme", "f8"),
        ("price", "f8"),
        ("price_ms", "i8"),
        ("kind", "i8"),
        ("touches", "i8"),
        ("age", "i8"),
        ("depth_atr", "f8"),
    ]
)


STATE: Final = np.dtype(
    [
        ("rules", RULES),
        ("clock", CLOCK),
        ("now", NOW, 2),  # sides
        ("bars", BAR, RING),
        ("calendar", PERIODS, CALENDAR_KINDS),  # running periods, of the series
        ("calendar_pools", POOL, (2, CALENDAR_KINDS)),  # sides
        ("confirmed", "i8", (2, 2)),  # strengths, sides: swing the newest bar confirms, or -1
        ("moves", MOVE, (2, MOVE_BARS)),  # sides
        ("may_displace", "i8", 2),  # sides: any of the moves could be a displacement
        ("hole_at", "i8", 2),  # sides: middle bar of the newest gap of any width
        ("machine", MACHINE, 2),
        # From here on the first axis is the machine.
        ("atr", "f8", (2, 2 * ATR_RING)),  # written twice, so that any window is contiguous
        ("pivots", PIVOT, (2, 2, 2)),  # strengths, sides: last confirmed swing
        ("levels", LEVEL, (2, 2, 2)),  # the same while unbroken
        ("guards", LEVEL, (2, 2)),  # strengths: protected level of the trend
        ("trends", TREND, (2, 2)),
        ("legs", LEG, (2, 2)),  # leg of the newest break
        ("displacements", DISPLACEMENT, (2, 2)),  # sides
        ("gaps", GAP, (2, 2, GAP_CAP)),  # sides; oldest first
        ("blocks", BLOCK, (2, 2, BLOCK_CAP)),
        ("pools", POOL, (2, 2, POOL_CAP)),  # equal and old highs or lows
        ("recent", POOL, (2, 2, RECENT_CAP)),  # unpierced swings that may become equal
        ("counts", "i8", (2, 2, 5)),  # sides; gaps, blocks, pools, recent, sweeps
        ("gap_watch", GAP_WATCH, (2, 2)),  # sides
        ("block_watch", WATCH, (2, 2)),  # sides
        ("pool_watch", WATCH, (2, 2)),  # sides
        ("sweeps", SWEEP, (2, 2, SWEEP_CAP)),  # sides; oldest first
        ("setup_origins", "i8", (2, 2)),  # sides: bar a setup was last made from
    ]
)
GAPS, BLOCKS, POOLS, RECENT, SWEEPS = 0, 1, 2, 3, 4


def new_state(
    rules: SmcRules, timeframe: Timeframe, setup: SetupRules, *, facts_from_ms: int
) -> Array:
    """Return the state of a series that has seen no bar: one STATE record, shape (1,).

    Args:
        rules, timeframe, setup: what the detectors look for.
        facts_from_ms: bars that open earlier leave no facts in the log (setups always do).
    """
    state = np.zeros(1, STATE)
    state["rules"] = pack_rules(rules, timeframe, setup)
    state["clock"]["speaker"], state["clock"]["last_ms"] = -1, -(2**62)
    state["clock"]["facts_from_ms"] = facts_from_ms
    state["machine"]["epoch"] = state["calendar"]["period"] = -1
    state["hole_at"] = -MOVE_BARS
    return state


def pack_rules(rules: SmcRules, timeframe: Timeframe, setup: SetupRules) -> Array:
    """Return the rules as the record the kernels read."""
    packed = np.zeros(1, RULES)
    packed["duration_ms"], packed["offset_ms"] = timeframe.duration_ms, timeframe.offset_ms
    packed["burn_in"], packed["epoch"] = rules.burn_in_bars, rules.epoch_bars
    packed["strength"] = (rules.internal_strength, rules.swing_strength)
    packed["displacement_max"] = rules.displacement_max_bars
    packed["displacement_body"] = rules.displacement_body_ratio
    packed["displacement_atr"] = rules.displacement_atr
    packed["min_gap_atr"], packed["block_lookback"] = rules.min_gap_atr, rules.block_lookback_bars
    packed["zone_max_age"] = rules.zone_max_age_bars
    packed["level_max_age"] = rules.level_max_age_bars
    packed["equal_tolerance"] = rules.equal_tolerance_atr
    packed["min_pool_age"] = rules.min_pool_age_bars
    packed["min_pierce"], packed["max_pierce"] = rules.min_pierce_atr, rules.max_pierce_atr
    packed["calendar"] = tuple(
        kind in rules.calendar for kind in ("session", "day", "week", "month")
    )
    packed["old_swings"] = rules.old_swings
    packed["max_leg"], packed["regime_window"] = rules.max_leg_bars, rules.regime_window_bars
    packed["adx_enter"], packed["adx_leave"] = rules.adx_trend_enter, rules.adx_trend_leave
    packed["volatile_enter"] = rules.volatile_enter
    packed["volatile_leave"] = rules.volatile_leave
    packed["shift_strength"] = SWING if setup.shift_strength == "swing" else INTERNAL
    packed["shift_kinds"] = tuple(k in setup.shift_kinds for k in ("initial", "bos", "choch"))
    return packed
