"""Columns of evidence with valid defaults, and histories whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np

from snipersight.bot.telemetry.statistics.columns import DAY_MS
from snipersight.domain.evidence_columns import EvidenceTable, Names

FIRST_DAY: Final = 19_900  # 2024-06-26
_TEXTS: Final = {
    "account_id": "main",
    "origin": "live",
    "profile": "intraday",
    "venue": "binance",
    "symbol": "BTC/USDT",
    "timeframe": "15m",
    "direction": "long",
    "verdict": "approved",
    "reason": "approved",
    "tier": "B",
    "regime": "trend",
    "leader": "trend",
    "session": "london",
    "status": "closed",
    "ending": "targets",
}
_WHOLE: Final = ("decided_ms", "entered_ms", "ended_ms", "targets_hit")


def a_table(signals: int, **columns: Any) -> EvidenceTable:
    """Return so many approved and closed signals of a net R of 0, one a day.

    Args:
        columns: a value for all, or one for each; `day` counts from `FIRST_DAY`.
    """
    day = _column(columns.pop("day", np.arange(signals)), signals, np.int64)
    columns.setdefault("decided_ms", (FIRST_DAY + day) * DAY_MS)
    columns.setdefault("key", [f"main:plan-{number}" for number in range(signals)])
    columns.setdefault("setup_id", [f"setup-{number}" for number in range(signals)])
    known: dict[str, Any] = {}
    for field in fields(EvidenceTable):
        name = field.name
        kind = object if name in _TEXTS or name in ("key", "setup_id") else np.float64
        kind = np.int64 if name in _WHOLE else np.bool_ if name == "is_ambiguous" else kind
        column = _column(columns.pop(name, _TEXTS.get(name, 0)), signals, kind)
        known[name] = Names.of(column) if name in _TEXTS else column
    if columns:
        raise ValueError(f"no columns of evidence: {sorted(columns)}")
    return EvidenceTable(**known)


def clustered(
    *,
    days: int,
    a_day: int,
    seed: int,
    mean: float = 0.0,
    between: float = 1.0,
    within: float = 1.0,
) -> EvidenceTable:
    """Return closed signals whose results share what their day did to the market.

    Args:
        days, a_day: how many days, and signals on each.
        seed: of the chance in it.
        mean: true expectancy, R.
        between, within: standard deviation of the days, and of the signals of one day, R.
    """
    random = np.random.default_rng(seed)
    of_day = np.repeat(random.normal(0, between, days), a_day)
    net_r = mean + of_day + random.normal(0, within, days * a_day)
    return a_table(days * a_day, day=np.repeat(np.arange(days), a_day), net_r=net_r)


def scored(
    score: Sequence[float] | np.ndarray[Any, Any],
    chance: Sequence[float] | np.ndarray[Any, Any],
    *,
    seed: int,
    a_day: int = 4,
) -> EvidenceTable:
    """Return closed signals that hit with a known chance each: +1 R, else −1 R."""
    random = np.random.default_rng(seed)
    hit = random.random(len(score)) < np.asarray(chance)
    day = np.arange(len(score)) // a_day
    return a_table(len(score), day=day, score=score, net_r=np.where(hit, 1.0, -1.0))


def _column(value: Any, signals: int, kind: Any) -> Any:
    if isinstance(value, str | int | float) or value is None:
        column = np.empty(signals, dtype=kind)
        column[:] = value
        return column
    given = np.array(list(value), dtype=kind)
    if len(given) != signals:
        raise ValueError(f"{len(given)} values for {signals} signals")
    return given
