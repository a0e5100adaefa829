"""Bybit's routes about positions: the list, leverage, position mode, the position's own stop."""

from __future__ import annotations

from typing import Any, Final

from snipersight.domain.units import Symbol
from snipersight.domain.venue import Answer, ProblemClass, Reason
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.names import PositionIdx
from snipersight.sandbox.exchange.bybit.paging import paged
from snipersight.sandbox.exchange.bybit.position_bodies import position_body
from snipersight.sandbox.exchange.bybit.refusals import Refusal, bad_parameter
from snipersight.sandbox.exchange.bybit.routes import Asked

_MODES: Final = {"0": False, "3": True}


class PositionDesk:
    """The routes about positions.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def positions(self, asked: Asked) -> dict[str, Any]:
        """Answer the positions of a market, flat ones too, or the open ones of a coin.

        Raises:
            Refusal: neither a market nor a coin is named.
        """
        fields, account = asked.fields, asked.account_id
        if not fields.is_linear():
            return paged([], fields, id_name="symbol")
        if "symbol" in fields:
            symbol = self._desk.symbol_of(fields.text("symbol"))
            places = [(symbol, idx) for idx in self._places(account)]
        elif "settleCoin" in fields or "baseCoin" in fields:
            places = self._open_places(account, fields.optional("settleCoin", "USDT"))
        else:
            raise bad_parameter("symbol or settleCoin")
        rows = [position_body(self._desk, account, symbol, idx) for symbol, idx in places]
        return paged(rows, fields, id_name="symbol", usual=20, most=200)

    async def set_leverage(self, asked: Asked) -> dict[str, Any]:
        """Set the leverage of a market; both sides have the same here.

        Raises:
            Refusal: it is that already, too high, or cannot be paid for.
        """
        fields = asked.fields
        fields.require_linear()
        symbol = self._desk.symbol_of(fields.text("symbol"))
        buys, sells = fields.number("buyLeverage"), fields.number("sellLeverage")
        if buys != sells:
            raise Refusal(10001, "buy leverage not equal sell leverage")
        engine = self._world.engine
        answer: Answer = engine.set_leverage(asked.account_id, symbol, buys)
        if answer.problem is None:
            return {}
        if answer.problem.kind is ProblemClass.HARMLESS:
            raise Refusal(110043, "Set leverage has not been modified.")
        if answer.problem.reason is Reason.FUNDS:
            raise Refusal(110012, "Insufficient available balance.")
        raise Refusal(110013, "Cannot set leverage due to risk limit level.")

    async def switch_mode(self, asked: Asked) -> dict[str, Any]:
        """Set one-way or hedge mode; here it holds for the whole account.

        Raises:
            Refusal: it is so already, or a position or an order is open.
        """
        fields, account = asked.fields, asked.account_id
        fields.require_linear()
        mode = fields.text("mode")
        if mode not in _MODES:
            raise bad_parameter("mode")
        if "symbol" in fields:
            self._desk.symbol_of(fields.text("symbol"))
        elif "coin" not in fields:
            raise bad_parameter("symbol or coin")
        answer: Answer = self._world.engine.set_hedged(account, _MODES[mode])
        if answer.problem is None:
            return {}
        if answer.problem.kind is ProblemClass.HARMLESS:
            raise Refusal(110025, "Position mode has not been modified.")
        if self._world.engine.positions(account):
            text = "You have an existing position, so the position mode cannot be switched."
            raise Refusal(110024, text)
        text = "You have existing open orders, so the position mode cannot be switched."
        raise Refusal(110028, text)

    async def switch_isolated(self, asked: Asked) -> dict[str, Any]:
        """Refuse: a unified account has one margin mode for all markets.

        Raises:
            Refusal: always.
        """
        raise Refusal(100028, "unified account is forbidden")

    def _places(self, account: str) -> tuple[PositionIdx, ...]:
        if self._desk.is_hedged(account):
            return (PositionIdx.HEDGE_BUY, PositionIdx.HEDGE_SELL)
        return (PositionIdx.ONE_WAY,)

    def _open_places(self, account: str, coin: str) -> list[tuple[Symbol, PositionIdx]]:
        return [
            (position.symbol, self._desk.idx(account, position.direction))
            for position in self._world.engine.positions(account)
            if self._world.instruments[position.symbol].quote == coin
        ]
