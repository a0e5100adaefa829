"""Bybit's route about the stop that it keeps for a whole position."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.units import Price, Symbol
from snipersight.domain.venue import Answer, Problem, ProblemClass, Reason
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.fields import Fields
from snipersight.sandbox.exchange.bybit.names import TriggerBy, shown
from snipersight.sandbox.exchange.bybit.placing import read_idx
from snipersight.sandbox.exchange.bybit.refusals import Refusal, not_simulated
from snipersight.sandbox.exchange.bybit.routes import Asked


class PositionStopDesk:
    """The route `trading-stop`, for stops of the whole position at market.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def set_stop(self, asked: Asked) -> dict[str, Any]:
        """Set, move or (at 0) take away a position's stop.

        Raises:
            Refusal: no position is open, it is so already, or price is beyond it.
        """
        fields, account = asked.fields, asked.account_id
        fields.require_linear()
        symbol = self._desk.symbol_of(fields.text("symbol"))
        idx = read_idx(fields, is_hedged=self._desk.is_hedged(account))
        _refuse_others(fields)
        await self._world.freshen([symbol])
        position = self._desk.position(account, symbol, idx)
        if position is None:
            raise Refusal(10001, "can not set tp/sl/ts for zero position")
        if "stopLoss" not in fields:
            raise _unchanged()
        source = fields.choice("slTriggerBy", TriggerBy, TriggerBy.LAST)
        trigger = fields.positive("stopLoss")
        answer: Answer = self._world.engine.set_position_stop(
            account,
            symbol,
            position.direction,
            trigger=None if trigger is None else Price(trigger),
            source=source.source,
            at_us=self._world.clock(),
        )
        if answer.problem is not None:
            raise self._refusal(answer.problem, symbol, position.direction, trigger)
        self._desk.watch_stop_by(account, symbol, idx, source)
        return {}

    def _refusal(
        self, problem: Problem, symbol: Symbol, direction: Direction, trigger: Decimal | None
    ) -> Refusal:
        if problem.kind is ProblemClass.HARMLESS:
            return _unchanged()
        if problem.reason is not Reason.WOULD_TRIGGER:
            return Refusal(10001, "Price invalid")
        last = shown(self._world.engine.quote(symbol).last)
        is_long = direction is Direction.LONG
        side, than = ("Buy", "lower") if is_long else ("Sell", "higher")
        text = f"StopLoss:{shown(trigger)} set for {side} position should {than} than base_price"
        return Refusal(10001, f"{text}:{last}??LastPrice")


def _refuse_others(fields: Fields) -> None:
    """Refuse what the sandbox does not simulate.

    Raises:
        Refusal: targets, trailing stops, or stops of a part are asked for.
    """
    for name in ("takeProfit", "trailingStop"):
        if fields.positive(name) is not None:
            raise not_simulated(name)
    if fields.optional("tpslMode", "Full") != "Full":
        raise not_simulated("tpslMode Partial")


def _unchanged() -> Refusal:
    return Refusal(34040, "not modified")
