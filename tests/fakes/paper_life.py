"""One plan executed by the real executor on the simulated venue, over a table of bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import numpy as np

from snipersight.bootstrap.execution import Execution
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.managing.amounts import towards_loss
from snipersight.bot.executor.safeguards import FiredSignals
from snipersight.bot.executor.submitting import Terms
from snipersight.bot.executor.trades import Staged, TradeExecutor
from snipersight.domain.candles import Candles
from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Costs, SignalTerms
from snipersight.domain.execution import ManagementRules, Mode, Trade
from snipersight.domain.instrument import Instrument
from snipersight.domain.observations import Observations
from snipersight.domain.orders import Fill, Side
from snipersight.domain.plan import TradePlan
from snipersight.domain.timeframe import Timeframe
from snipersight.domain.units import Currency, Price, Symbol
from snipersight.market.paper.state_file import PaperFile
from snipersight.market.paper.venue import PaperVenue
from snipersight.market.paper.world import FUNDING_MS, FUNDING_RATE
from snipersight.matching import MatchingRules
from snipersight.risk.manager import RiskManager
from tests.builders import a_plan, an_instrument
from tests.builders.candles import Row
from tests.builders.contexts import DECIDED_AT_MS
from tests.builders.ledger import a_policy, market_facts
from tests.fakes.candle_table import CandleTable
from tests.fakes.executor_desk import MemoryJournal, MemorySignals, at_once
from tests.fakes.memory_store import MemoryDecisionStore, a_memory_store
from tests.fakes.scripted_venue import Clock

ACCOUNT = "main"
STEP = Timeframe.parse("15m")
STEP_MS = STEP.duration_ms
SYMBOL = Symbol("BTC/USDT:USDT")
TICK, LOT = "0.25", "0.000001"
MAKER, TAKER = "0.0002", "0.0005"
PRELUDE = 3  # bars before the decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What became of an executed plan.

    Args:
        entered_ms: close of the bar of the first entry; 0 without one.
        ended_ms: close of the bar after which nothing was held or open any more; 0: not yet.
        entries: prices of the entries that were filled, as they were filled.
        exits: prices and sizes of all other fills, in order.
        stop: where the stop of the plan lay at last.
        net: result in quote currency for one unit of the whole size; of what is held nothing.
        note: why it ended.
        size: the whole size that was approved, base units.
    """

    entered_ms: int
    ended_ms: int
    entries: tuple[float, ...]
    exits: tuple[tuple[float, float], ...]
    stop: float
    net: float
    note: str
    size: Decimal


@dataclass(kw_only=True)
class PaperLife:
    """A plan, its management, and the bars that come after it was known.

    Args:
        folder: for the paper venue's file.
        plan: to execute.
        rules: of its management.
        candles: bars of its market, some from before the plan was known.
        tick: of the market.
        lot: of the market.
        known_ms: when the plan is executed; a bar opens then.
    """

    folder: Path
    plan: TradePlan
    rules: ManagementRules
    candles: Candles
    tick: str = TICK
    lot: str = LOT
    known_ms: int = DECIDED_AT_MS
    told: list[tuple[int, Trade]] = field(default_factory=list)

    async def live(self) -> Lived:
        """Execute the plan, let every bar happen, and return what became of it."""
        venue = await PaperVenue.open(
            account_id=ACCOUNT,
            source=self._source(),
            origin="a table",
            file=PaperFile(self.folder / "paper.json"),
            balances={Currency("USDT"): Decimal(1_000_000)},
            now_us=self.known_ms * 1000,
        )
        store = a_memory_store()
        execution = self._execution(venue, store)
        staged = execution.executor.stage_order(self.plan, Mode.PAPER)
        assert isinstance(staged, Staged), [one for one in staged.checks if not one]
        submitted = await execution.executor.submit_order(staged.approved, mode=Mode.PAPER)
        assert submitted, submitted

        async def note(moment_ms: int) -> None:
            self.told.append((moment_ms, trade_in(store)))

        await execution.play(self.known_ms)  # as a run does before the next bar
        await execution.play(int(self.candles.close_time[-1]), on_bar=note)
        return self._lived(venue, trade_in(store))

    @property
    def market(self) -> Instrument:
        """Return the market that all of it happens in."""
        symbol, tick, lot = self.candles.symbol, self.tick, self.lot
        return an_instrument(symbol, tick=tick, lot=lot, maker=MAKER, taker=TAKER)

    def _source(self) -> CandleTable:
        symbol = self.candles.symbol
        return CandleTable(
            base={symbol: self.candles},
            listed={symbol: self.market},
            own={(symbol, self.candles.timeframe): self.candles},
        )

    def _seen(self) -> Observations:
        price = str(self.candles.known_at(self.known_ms).close[-1])
        facts = market_facts(self.market, price=price, at_ms=self.known_ms)
        return Observations(
            venue="sandbox", as_of_ms=self.known_ms, markets={self.candles.symbol: facts}
        )

    def _execution(self, venue: PaperVenue, store: MemoryDecisionStore) -> Execution:
        clock = Clock(self.known_ms * 1000)
        policy = a_policy(slippage_fraction="0")
        desk = Desk(
            account_id=ACCOUNT,
            venue=venue,
            store=cast("Any", store),
            journal=MemoryJournal(),
            clock=lambda: venue.clock_us,
            policy=policy,
            instruments={self.candles.symbol: self.market},
            in_thread=at_once,
        )
        gate = RiskManager(
            account_id=ACCOUNT, store=cast("Any", store), clock=clock, policy=policy, actor="gate"
        )
        gate.observe(self._seen())
        terms = Terms(
            rules=self.rules,
            fired=FiredSignals(signals=MemorySignals(clock), account_id=ACCOUNT),
        )
        executor = TradeExecutor(desk, gate=gate, terms=terms)
        nothing = cast("Any", None)  # neither world nor books are asked while time is played
        return Execution(world=nothing, books=nothing, venue=venue, executor=executor, desk=desk)

    def _lived(self, venue: PaperVenue, trade: Trade) -> Lived:
        engine = venue._world.engine
        fills = engine.fills(ACCOUNT)
        side = self.plan.direction.sign
        entries = [one for one in fills if _sign(one) == side]
        exits = [one for one in fills if _sign(one) != side]
        funding = sum((one.amount for one in engine.funding(ACCOUNT)), Decimal(0))
        held = sum((one.size for one in entries), Decimal(0)) - sum(
            (one.size for one in exits), Decimal(0)
        )
        return Lived(
            entered_ms=self._close_of(entries[0]) if entries else 0,
            ended_ms=next((at_ms for at_ms, one in self.told if not one.state.is_live), 0),
            entries=tuple(float(one.price) for one in entries),
            exits=tuple((float(one.price), float(one.size / trade.size)) for one in exits),
            stop=float(trade.stop_price),
            net=float((_cash(fills) + held * _average(entries) * side + funding) / trade.size),
            note=trade.note or trade.exit_reason,
            size=trade.size,
        )

    def _close_of(self, fill: Fill) -> int:
        step_ms = self.candles.timeframe.duration_ms
        at_ms = fill.at_us // 1000
        if at_ms == self.known_ms and not fill.is_maker:
            return at_ms  # taken as it was sent
        return at_ms - at_ms % step_ms + step_ms


def trade_in(store: MemoryDecisionStore) -> Trade:
    """Return the only trade of an account."""
    (trade,) = store.view(ACCOUNT, lambda unit: unit.book.trades())
    return trade


def table(rows: Sequence[Row]) -> Candles:
    """Return bars from the decision on, after a quiet prelude at the first open."""
    quiet = [(rows[0][0], rows[0][0], rows[0][0], rows[0][0])] * PRELUDE
    columns = np.array([*quiet, *rows], dtype=np.float64).reshape(-1, 4)
    start_ms = DECIDED_AT_MS - PRELUDE * STEP_MS
    return Candles(
        symbol=SYMBOL,
        timeframe=STEP,
        open_time=start_ms + np.arange(len(columns), dtype=np.int64) * STEP_MS,
        open=columns[:, 0],
        high=columns[:, 1],
        low=columns[:, 2],
        close=columns[:, 3],
        volume=np.full(len(columns), 1e9),
    )


def a_lived_plan(
    direction: Direction,
    *,
    near: str,
    far: str,
    stop: str,
    targets: Sequence[str],
    valid_ms: int,
    known_ms: int = DECIDED_AT_MS,
    cost: str = "0.25",
    atr: str = "4",
) -> TradePlan:
    """Return a plan for the market, alive for so long."""
    created = datetime.fromtimestamp(known_ms / 1000, UTC)
    return a_plan(
        direction,
        symbol=SYMBOL,
        near=near,
        far=far,
        stop=stop,
        targets=targets,
        cost=cost,
        atr=Price(Decimal(atr)),
        created_at=created,
        valid_until=created + timedelta(milliseconds=valid_ms),
    )


def terms_of(plan: TradePlan, rules: ManagementRules, *, tick: str = TICK) -> SignalTerms:
    """Return the same plan and management as a signal, with what the simulated venue takes."""
    return SignalTerms(
        direction=plan.direction,
        near=float(plan.entry_near),
        mid=float(towards_loss(plan.entry_mid, plan.direction, tick=Decimal(tick))),
        far=float(plan.entry_far),
        entry_fractions=cast(
            "tuple[float, float, float]", tuple(map(float, rules.entry_fractions))
        ),
        stop=float(plan.stop_loss.price),
        targets=tuple((float(one.price), float(one.fraction)) for one in plan.targets),
        cost_per_unit=float(plan.round_trip_cost),
        atr=float(plan.atr),
        tick=float(tick),
        known_ms=round(plan.created_at.timestamp() * 1000),
        valid_until_ms=round(plan.valid_until.timestamp() * 1000),
        break_even=rules.break_even,
        trailing_atr=float(rules.trailing_atr or 0),
        time_stop_ms=(rules.time_stop_us or 0) // 1000,
        min_rr=float(rules.min_rr),
        costs=Costs(
            maker=float(MAKER),
            taker=float(TAKER),
            slippage=float(MatchingRules().slippage_fraction),
            funding_rate=float(FUNDING_RATE),
            funding_interval_ms=FUNDING_MS,
        ),
    )


def _sign(fill: Fill) -> int:
    return 1 if fill.side is Side.BUY else -1


def _cash(fills: Sequence[Fill]) -> Decimal:
    return sum((-_sign(one) * one.size * one.price - one.fee for one in fills), Decimal(0))


def _average(fills: Sequence[Fill]) -> Decimal:
    size = sum((one.size for one in fills), Decimal(0))
    return sum((one.size * one.price for one in fills), Decimal(0)) / size if size else size
