"""What the stages of a scan pass on: an immutable context, richer after every stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from snipersight.domain.account import AccountState
from snipersight.domain.candles import Candles
from snipersight.domain.decision import Approved, Candidate
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.domain.instrument import Instrument
from snipersight.domain.ports import (
    CandleSource,
    EventSink,
    LeaderContext,
    PlanFeed,
    PlanSource,
    RiskGate,
)
from snipersight.domain.regime import Regime
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Symbol
from snipersight.engine.core import EngineState
from snipersight.engine.report import ScanRequest

Progress = Callable[[str, int, int], None]  # what is being done, how many done, of how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The outside, as the stages see it.

    Args:
        source: candles, instruments, rates and prices.
        plans: where plans come from.
        gate: sizes and approves.
        account: as it is known before the markets are observed; its currency holds.
        sink: takes the events.
        progress: is told how far a stage has come.
    """

    source: CandleSource
    plans: PlanSource
    gate: RiskGate
    account: AccountState
    sink: EventSink
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolReading:
    """One symbol after its candles were read.

    Args:
        symbol: the symbol.
        candidates: what its closes decided within the time a plan may live, oldest first; for a
            symbol that could not be read, or without a setup, the one candidate that says so.
        trigger: bars of the trigger timeframe, at least as far back as a plan may live; None if
            they could not be read.
        feed: the feed that read them, None if it could not.
        regime: of the zone timeframe, None if unknown.
        error: why it could not be read, None if it could.
    """

    symbol: Symbol
    candidates: tuple[Candidate, ...]
    trigger: Candles | None = None
    feed: PlanFeed | None = None
    regime: Regime | None = None
    error: SniperSightError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanContext:
    """One scan, stage by stage.

    Args:
        request: what was asked.
        context_id: names the scan in logs.
        as_of_ms: the moment it speaks about.
        trigger: trigger timeframe, on which plans are followed.
        valid_ms: how long a plan may wait.
        instruments: every market of the source.
        universe, dropped: what is read, and what is left out with its reason.
        leader_symbol, leader: the leading market and its state over time.
        readings: one a symbol of the universe, in its order.
        state: the core after the newest bar.
        account: as the gate knows it after the markets were observed; None before.
        unjudgeable: why the gate cannot judge, None if it can.
        ended: candidates with a terminal reason.
        approved: decisions of the gate, best first.
        warnings: what the reader should know.
    """

    request: ScanRequest
    context_id: str
    as_of_ms: int
    trigger: Timeframe
    valid_ms: int
    instruments: Mapping[Symbol, Instrument] = field(default_factory=dict)
    universe: tuple[Symbol, ...] = ()
    dropped: tuple[tuple[str, str], ...] = ()
    leader_symbol: Symbol | None = None
    leader: LeaderContext | None = None
    readings: tuple[SymbolReading, ...] = ()
    state: EngineState = field(default_factory=EngineState)
    account: AccountState | None = None
    unjudgeable: StateUnavailable | None = None
    ended: tuple[Candidate, ...] = ()
    approved: tuple[Approved, ...] = ()
    warnings: tuple[str, ...] = ()
