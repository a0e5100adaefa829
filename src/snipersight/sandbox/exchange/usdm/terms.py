"""What an account of Binance USD-M sets: leverage, margin, position mode, its stream's key."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from snipersight.domain.venue import ProblemClass, Reason
from snipersight.sandbox.exchange.binance.listen_keys import ListenKeys
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.binance.refusals import Refusal
from snipersight.sandbox.exchange.usdm.desk import Desk
from snipersight.sandbox.exchange.usdm.positions import PositionDesk

_DONE: Final = {"code": 200, "msg": "success"}


class _MarginType(StrEnum):
    ISOLATED = "ISOLATED"
    CROSSED = "CROSSED"


class TermsDesk:
    """The routes that set something.

    Args:
        desk: of the venue.
        positions: the routes about positions.
        keys: of user streams.
    """

    def __init__(self, desk: Desk, positions: PositionDesk, keys: ListenKeys) -> None:
        self._desk = desk
        self._world = desk.world
        self._positions = positions
        self._keys = keys

    async def set_leverage(self, asked: Asked) -> dict[str, Any]:
        """Set the leverage of one market; nothing happens if it is that already.

        Raises:
            Refusal: it is more than the market allows or less than 1, or the margin for it fails.
        """
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        leverage = asked.fields.whole("leverage")
        answer = self._world.engine.set_leverage(asked.account_id, symbol, Decimal(leverage))
        problem = answer.problem
        if problem is not None and problem.reason is Reason.FUNDS:
            raise Refusal(-2027, "Exceeded the maximum allowable position at current leverage.")
        if problem is not None and problem.kind is not ProblemClass.HARMLESS:
            raise Refusal(-4028, f"Leverage {leverage} is not valid")
        return {
            "leverage": leverage,
            "maxNotionalValue": self._positions.most_notional(symbol),
            "symbol": asked.fields.text("symbol"),
        }

    async def set_margin_type(self, asked: Asked) -> dict[str, Any]:
        """Set whether the margin of one market is isolated.

        Raises:
            Refusal: it is so already, or a position or order is open there.
        """
        symbol, engine = self._desk.symbol_of(asked.fields.text("symbol")), self._world.engine
        refused = Refusal(-1128, "Combination of optional parameters invalid.")
        kind = asked.fields.choice("marginType", _MarginType, refused)
        problem = engine.set_isolated(
            asked.account_id, symbol, kind is _MarginType.ISOLATED
        ).problem
        if problem is None:
            return dict(_DONE)
        if problem.kind is ProblemClass.HARMLESS:
            raise Refusal(-4046, "No need to change margin type.")
        if engine.orders(asked.account_id, symbol=symbol):
            raise Refusal(-4047, "Margin type cannot be changed if there exists open orders.")
        raise Refusal(-4048, "Margin type cannot be changed if there exists position.")

    async def position_mode(self, asked: Asked) -> dict[str, Any]:
        """Answer whether the account is in hedge mode."""
        return {"dualSidePosition": self._world.engine.is_hedged(asked.account_id)}

    async def set_position_mode(self, asked: Asked) -> dict[str, Any]:
        """Turn hedge mode on or off.

        Raises:
            Refusal: it is so already, or something is open.
        """
        asked.fields.text("dualSidePosition")
        engine, account = self._world.engine, asked.account_id
        problem = engine.set_hedged(account, asked.fields.flag("dualSidePosition")).problem
        if problem is None:
            return dict(_DONE)
        if problem.kind is ProblemClass.HARMLESS:
            raise Refusal(-4059, "No need to change position side.")
        if engine.orders(account):
            raise Refusal(-4067, "Position side cannot be changed if there exists open orders.")
        raise Refusal(-4068, "Position side cannot be changed if there exists position.")

    async def give_key(self, asked: Asked) -> dict[str, Any]:
        """Give out the key of the account's stream."""
        return {"listenKey": self._keys.give(asked.account_id, at_us=self._world.clock())}

    async def renew_key(self, asked: Asked) -> dict[str, Any]:
        """Let the key of the account's stream be good for another hour.

        Raises:
            Refusal: there is none.
        """
        return {"listenKey": self._keys.renew(asked.account_id, at_us=self._world.clock())}

    async def end_key(self, asked: Asked) -> dict[str, Any]:
        """End the key of the account's stream."""
        self._keys.end(asked.account_id)
        return {}
