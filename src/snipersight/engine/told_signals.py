"""What became of signals that were told: their life by the candles that closed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from snipersight.domain.direction import Direction
from snipersight.domain.errors import DataInvalid, NoData, UnknownSymbol, VenueUnavailable
from snipersight.domain.instrument import Instrument
from snipersight.domain.notices import Signal, SignalUpdate
from snipersight.domain.plan import TradePlan
from snipersight.domain.ports import CandleSource, EventSink, PlanSource
from snipersight.domain.units import Symbol
from snipersight.engine.structure_shifts import bars_since, shifts_before
from snipersight.planner.life import LifeEvent, life_of
from snipersight.planner.voids import bars_of

PlansOf = Callable[[str], PlanSource | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Looks at told signals as of one moment.

    Args:
        source: candles of the venue they were told for.
        plans_of: where plans of a profile come from, by its name; None for a profile that is
            gone: its structure is not read any more, prices alone are.
        sink: is told of signals that cannot be followed now; the next look does.
        as_of_ms: the moment, milliseconds UTC; no later bar is looked at.
    """

    source: CandleSource
    plans_of: PlansOf
    sink: EventSink
    as_of_ms: int

    async def updates(self, signals: Iterable[Signal]) -> tuple[SignalUpdate, ...]:
        """Return every turn in the life of the signals, each signal's own oldest first.

        The same turns come again at the next look, with the same names: who stores them stores
        each once.

        Raises:
            VenueUnavailable: the venue cannot tell what it lists.
        """
        instruments = await self.source.instruments()
        found: list[SignalUpdate] = []
        for signal in signals:
            if signal.decision.plan.venue == self.source.venue:
                found += await self._updates_of(signal, instruments)
        return tuple(found)

    async def _updates_of(
        self, signal: Signal, instruments: Mapping[Symbol, Instrument]
    ) -> list[SignalUpdate]:
        plan = signal.decision.plan
        try:
            trigger = await bars_since(
                self.source,
                plan.symbol,
                plan.timeframe,
                _decided_ms(plan),
                as_of_ms=self.as_of_ms,
            )
            shifts = await self._shifts(plan, instruments.get(plan.symbol))
        except NoData:
            return []  # no bar has closed since
        except (DataInvalid, UnknownSymbol, VenueUnavailable) as error:
            fields = {"symbol": plan.symbol, "stage": "following", "what": str(error)}
            self.sink.emit("data_quality", fields)
            return []
        told_ms = max(_decided_ms(plan), signal.judged_ms)
        bars = bars_of(trigger, after_ms=told_ms, shifts=shifts)
        life = life_of(plan, bars, told_ms=told_ms, last_price=signal.last_price)
        return [_update(signal, event) for event in life]

    async def _shifts(
        self, plan: TradePlan, instrument: Instrument | None
    ) -> Mapping[int, Direction]:
        """Return the shifts of major structure while the plan may wait for its entry."""
        plans = self.plans_of(plan.profile)
        if plans is None or instrument is None:
            return {}
        until_ms = min(self.as_of_ms, int(plan.valid_until.timestamp() * 1000))
        return await shifts_before(self.source, plans, instrument, (until_ms,))


def _decided_ms(plan: TradePlan) -> int:
    return int(plan.created_at.timestamp() * 1000)


def _update(signal: Signal, event: LifeEvent) -> SignalUpdate:
    return SignalUpdate(
        signal=signal,
        event=event.event,
        at_ms=event.at_ms,
        price=event.price,
        target=event.target,
        net_r=event.net_r,
        detail=event.detail,
    )
