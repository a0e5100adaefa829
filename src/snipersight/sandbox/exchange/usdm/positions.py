"""Positions of Binance USD-M, and the terms of its markets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.orders import VenuePosition
from snipersight.domain.units import Symbol, plain
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.usdm.desk import Desk, position_side


class PositionDesk:
    """The routes about positions and margin steps.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def positions_v3(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer what is held; a market without a position is missing."""
        account = asked.account_id
        return [
            self._v3(account, position)
            for position in self._world.engine.positions(account)
            if self._is_meant(asked, position.symbol)
        ]

    async def positions_v2(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer every market with its terms, whether something is held or not."""
        account = asked.account_id
        is_hedged = self._world.engine.is_hedged(account)
        held = {
            (position.symbol, position_side(position.direction, is_hedged=is_hedged)): position
            for position in self._world.engine.positions(account)
        }
        sides = ("LONG", "SHORT") if is_hedged else ("BOTH",)
        return [
            self._v2(account, symbol, side, held.get((symbol, side)))
            for symbol in self._world.instruments
            for side in sides
            if self._is_meant(asked, symbol)
        ]

    async def symbol_config(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer how the account trades its markets."""
        engine, account = self._world.engine, asked.account_id
        return [
            {
                "symbol": self._world.venue_id_of(symbol),
                "marginType": "ISOLATED" if engine.is_isolated(account, symbol) else "CROSSED",
                "isAutoAddMargin": False,
                "leverage": int(engine.leverage(account, symbol)),
                "maxNotionalValue": self.most_notional(symbol),
            }
            for symbol in self._world.instruments
            if self._is_meant(asked, symbol)
        ]

    async def brackets(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the margin steps of the markets."""
        return [
            {"symbol": self._world.venue_id_of(symbol), "brackets": self._steps(symbol)}
            for symbol in self._world.instruments
            if self._is_meant(asked, symbol)
        ]

    def _is_meant(self, asked: Asked, symbol: Symbol) -> bool:
        name = asked.fields.optional("symbol")
        return name in ("", self._world.venue_id_of(symbol))

    def maintenance(self, position: VenuePosition) -> Decimal:
        """Return the margin that a position must keep, quote currency."""
        notional = position.size * (position.mark_price or position.entry_price)
        fraction = Decimal(0)
        for tier in self._world.instruments[position.symbol].margin_tiers:
            if tier.notional_floor <= notional:
                fraction = tier.maintenance_fraction
        return notional * fraction

    def _side(self, account: str, position: VenuePosition) -> str:
        is_hedged = self._world.engine.is_hedged(account)
        return position_side(position.direction, is_hedged=is_hedged)

    def _v3(self, account: str, position: VenuePosition) -> dict[str, Any]:
        mark, margin = position.mark_price or position.entry_price, margin_of(position)
        own = margin if position.is_isolated else Decimal(0)
        result = result_of(position)
        return {
            "symbol": self._world.venue_id_of(position.symbol),
            "positionSide": self._side(account, position),
            "positionAmt": plain(signed(position)),
            "entryPrice": plain(position.entry_price),
            "breakEvenPrice": plain(position.entry_price),
            "markPrice": plain(mark),
            "unRealizedProfit": money(result),
            "liquidationPrice": plain(position.liquidation_price or Decimal(0)),
            "isolatedMargin": money(own + result if own else own),
            "notional": plain(signed(position) * mark),
            "marginAsset": self._world.instruments[position.symbol].quote,
            "isolatedWallet": money(own),
            "initialMargin": money(margin),
            "maintMargin": money(self.maintenance(position)),
            "positionInitialMargin": money(margin),
            "openOrderInitialMargin": "0",
            "adl": 1,
            "bidNotional": "0",
            "askNotional": "0",
            "updateTime": self._world.clock() // 1_000,
        }

    def _v2(
        self, account: str, symbol: Symbol, side: str, held: VenuePosition | None
    ) -> dict[str, Any]:
        engine = self._world.engine
        mark = self._world.tape.last.get(symbol, Decimal(0))
        body: dict[str, Any] = {
            "symbol": self._world.venue_id_of(symbol),
            "positionAmt": "0",
            "entryPrice": "0.0",
            "breakEvenPrice": "0.0",
            "markPrice": plain(mark),
            "unRealizedProfit": "0.00000000",
            "liquidationPrice": "0",
            "isolatedMargin": "0.00000000",
            "positionSide": side,
            "notional": "0",
            "isolatedWallet": "0",
            "updateTime": 0,
        }
        if held is not None:
            full = self._v3(account, held)
            body |= {name: full[name] for name in body}
        return {
            **body,
            "leverage": plain(engine.leverage(account, symbol)),
            "maxNotionalValue": self.most_notional(symbol),
            "marginType": "isolated" if engine.is_isolated(account, symbol) else "cross",
            "isAutoAddMargin": "false",
        }

    def in_account(self, account: str, position: VenuePosition) -> dict[str, Any]:
        """Return a position as the account itself lists it."""
        full = self._v3(account, position)
        return {
            "symbol": full["symbol"],
            "initialMargin": full["initialMargin"],
            "maintMargin": full["maintMargin"],
            "unrealizedProfit": full["unRealizedProfit"],
            "positionInitialMargin": full["positionInitialMargin"],
            "openOrderInitialMargin": "0",
            "leverage": plain(position.leverage or Decimal(1)),
            "isolated": bool(position.is_isolated),
            "entryPrice": full["entryPrice"],
            "maxNotional": self.most_notional(position.symbol),
            "bidNotional": "0",
            "askNotional": "0",
            "positionSide": full["positionSide"],
            "positionAmt": full["positionAmt"],
            "updateTime": full["updateTime"],
        }

    def most_notional(self, symbol: Symbol) -> str:
        """Return the largest position of a market, quote currency."""
        tiers = self._world.instruments[symbol].margin_tiers
        return plain(tiers[-1].notional_floor) if tiers else "0"

    def _steps(self, symbol: Symbol) -> list[dict[str, Any]]:
        tiers = self._world.instruments[symbol].margin_tiers
        caps = [tier.notional_floor for tier in tiers[1:]] + [Decimal(10**9)]
        return [
            {
                "bracket": number,
                "initialLeverage": int(tier.max_leverage),
                "notionalCap": int(cap),
                "notionalFloor": int(tier.notional_floor),
                "maintMarginRatio": float(tier.maintenance_fraction),
                "cum": 0.0,
            }
            for number, (tier, cap) in enumerate(zip(tiers, caps, strict=True), start=1)
        ]


def signed(position: VenuePosition) -> Decimal:
    """Return the size of a position, below 0 for a short."""
    return position.size if position.direction is Direction.LONG else -position.size


def result_of(position: VenuePosition) -> Decimal:
    """Return the unrealised result of a position at the mark price, quote currency."""
    mark = position.mark_price or position.entry_price
    return signed(position) * (mark - position.entry_price)


def margin_of(position: VenuePosition) -> Decimal:
    """Return the initial margin of a position, quote currency."""
    return position.size * position.entry_price / (position.leverage or Decimal(1))


def money(amount: Decimal) -> str:
    """Return an amount with eight decimals."""
    return format(amount, ".8f")
