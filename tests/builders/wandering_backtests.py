"""Backtests over markets that wander about, with plans that follow from their closes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Candidate
from snipersight.domain.direction import Direction
from snipersight.domain.instrument import Instrument
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import LeaderContext
from snipersight.domain.profile import Profile
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.engine.backtesting.results import BacktestResult
from snipersight.engine.recording import Recording
from snipersight.risk.audit.chain import canonical
from snipersight.risk.audit.codec import RecordedDecision, decode_decision, decode_entry
from tests.builders.backtests import (
    HOUR_MS,
    HOURLY,
    START_MS,
    a_profile_of_hours,
    an_idea,
    candidate_of,
    hourly,
    recorded,
)
from tests.builders.outcomes import wandering_rows
from tests.builders.plans import a_confluence

SYMBOLS = tuple(f"{name}/USDT:USDT" for name in ("BTC", "ETH", "SOL"))
_START = 256.0


def wandering_markets(
    seed: int, *, bars: int = 120, count: int = 3, missing: float = 0.0
) -> list[Recording]:
    """Return markets on quarters of a point, around 256 at first.

    Args:
        seed: of all of them.
        bars: hours.
        count: how many.
        missing: share of the bars that are not there, in runs.
    """
    found = []
    for number, symbol in enumerate(SYMBOLS[:count]):
        rows = wandering_rows(1_000 * seed + number, bars, start=_START)
        holes = _holes(1_000 * seed + number, bars, missing)
        found.append(recorded(hourly(rows, symbol=symbol, without=holes)))
    return found


def _holes(seed: int, bars: int, share: float) -> list[int]:
    dice = np.random.default_rng(seed)
    starts = np.flatnonzero(dice.random(bars) < share / 3)
    return [n for one in starts for n in range(int(one) + 1, int(one) + 1 + dice.integers(1, 6))]


def cut(recording: Recording, end_ms: int) -> Recording:
    """Return a market as it was known at a moment."""
    return replace(
        recording,
        bars={frame: one.known_at(end_ms) for frame, one in recording.bars.items()},
        finer=recording.finer.known_at(end_ms),
    )


def managed(seed: int) -> Profile:
    """Return management of some kind."""
    dice = np.random.default_rng(seed)
    return a_profile_of_hours(
        entry_fractions=[("1", "0", "0"), ("0.5", "0.25", "0.25")][dice.integers(2)],
        break_even=bool(dice.integers(2)),
        **[{}, {"trailing_atr": "1"}][dice.integers(2)],
        **[{}, {"time_stop_hours": "9"}][dice.integers(2)],
    )


@dataclass(frozen=True, kw_only=True)
class WanderingPlans:
    """Implements `PlanSource`: now and then a close brings a plan around it.

    Args:
        seed: of when and what.
        rate: share of the closes that bring one.
        peeks: bars after the close that the plan's price is taken from; 0 is honest.
    """

    seed: int
    rate: float = 0.1
    peeks: int = 0

    @property
    def name(self) -> str:
        return "wandering"

    @property
    def history(self) -> Mapping[Timeframe, int]:
        return {HOURLY: 0}

    def open(self, instrument: Instrument, leader: LeaderContext | None) -> WanderingFeed:
        return WanderingFeed(self, instrument)


class WanderingFeed:
    """Draws at every close, by its time alone, and prices from the close."""

    def __init__(self, source: WanderingPlans, instrument: Instrument) -> None:
        self._source, self._instrument = source, instrument
        self._now_ms = START_MS

    def advance(self, bars: Mapping[Timeframe, Candles], *, until_ms: int) -> Sequence[Candidate]:
        trigger, found = bars[HOURLY], []
        first, stop = trigger.close_time.searchsorted([self._now_ms, until_ms], side="right")
        for row in range(int(first), int(stop)):
            at_ms = int(trigger.close_time[row])
            dice = np.random.default_rng([self._source.seed, at_ms // HOUR_MS, self._number])
            if dice.random() < self._source.rate:
                seen = min(row + self._source.peeks, len(trigger) - 1)
                found.append(candidate_of(self._plan(float(trigger.close[seen]), at_ms, dice)))
        self._now_ms = max(self._now_ms, until_ms)
        return found

    @property
    def _number(self) -> int:
        return SYMBOLS.index(self._instrument.symbol)

    def _plan(self, close: float, at_ms: int, dice: np.random.Generator) -> TradePlan:
        side = Direction.LONG if dice.random() < 0.5 else Direction.SHORT
        sign = side.sign
        near = close - sign * dice.integers(0, 8) / 4
        zone, stop = dice.integers(0, 3) / 4, dice.integers(6, 24) / 4
        first = near + sign * stop * 2
        targets = [str(first), str(first + sign * 3)][: int(dice.integers(1, 3))]
        return an_idea(
            (at_ms - START_MS) // HOUR_MS,
            symbol=self._instrument.symbol,
            direction=side,
            near=str(near),
            far=str(near - sign * zone),
            stop=str(near - sign * stop),
            targets=targets,
            valid_hours=int(dice.integers(2, 24)),
            confluence=a_confluence(float(dice.integers(50, 90))),
        )

    def shifts(self) -> Mapping[int, Direction]:
        return {}

    @property
    def is_warm(self) -> bool:
        return True

    @property
    def regime(self) -> Regime | None:
        return None

    def outlook(self) -> str:
        return "a lucky close"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A record, and the ledger once it was written.

    Args:
        record: what was written.
        ledger: every entry by its name.
        decision: the verdict it tells of, if it is one.
    """

    record: AuditDraft
    ledger: Mapping[EntryId, LedgerEntry]
    decision: RecordedDecision | None

    @property
    def live(self) -> list[LedgerEntry]:
        """Return what counts."""
        return [one for one in self.ledger.values() if one.state.is_live]


def told(result: BacktestResult) -> Iterator[Told]:
    """Yield every record of a backtest with the ledger that the records up to it tell of."""
    ledger: dict[EntryId, LedgerEntry] = {}
    for record in result.records:
        body: dict[str, Any] = json.loads(canonical(record.body))
        if "entry" in body:
            entry = decode_entry(body["entry"])
            ledger = {**ledger, entry.entry_id: entry}
        is_verdict = record.kind is AuditKind.DECISION
        decision = decode_decision(body) if is_verdict else None
        yield Told(record=record, ledger=ledger, decision=decision)
