"""The money of an account of Binance USD-M, and what changed it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from snipersight.domain.units import plain
from snipersight.matching import Book, Posting
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.usdm.desk import Desk
from snipersight.sandbox.exchange.usdm.positions import PositionDesk, margin_of, money, result_of

_INCOMES: Final = {
    Book.OUTSIDE: "TRANSFER",
    Book.MARKET: "REALIZED_PNL",
    Book.FEES: "COMMISSION",
    Book.FUNDING: "FUNDING_FEE",
    Book.INSURANCE: "INSURANCE_CLEAR",
}


class AccountDesk:
    """The routes about money.

    Args:
        desk: of the venue.
        positions: the routes about positions.
    """

    def __init__(self, desk: Desk, positions: PositionDesk) -> None:
        self._desk = desk
        self._world = desk.world
        self._positions = positions

    async def account(self, asked: Asked) -> dict[str, Any]:
        """Answer money and positions."""
        assets = self.assets(asked.account_id)
        names = ("walletBalance", "unrealizedProfit", "marginBalance", "initialMargin",
                 "maintMargin", "availableBalance", "maxWithdrawAmount")  # fmt: skip
        usdt = {name: assets[0][name] if assets else "0" for name in names}
        return {
            "feeTier": 0,
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": asked.account is not None and asked.account.can_withdraw,
            "updateTime": 0,
            "multiAssetsMargin": False,
            "tradeGroupId": -1,
            "totalInitialMargin": usdt["initialMargin"],
            "totalMaintMargin": usdt["maintMargin"],
            "totalWalletBalance": usdt["walletBalance"],
            "totalUnrealizedProfit": usdt["unrealizedProfit"],
            "totalMarginBalance": usdt["marginBalance"],
            "totalPositionInitialMargin": usdt["initialMargin"],
            "totalOpenOrderInitialMargin": "0.00000000",
            "totalCrossWalletBalance": usdt["walletBalance"],
            "totalCrossUnPnl": usdt["unrealizedProfit"],
            "availableBalance": usdt["availableBalance"],
            "maxWithdrawAmount": usdt["maxWithdrawAmount"],
            "assets": assets,
            "positions": [
                self._positions.in_account(asked.account_id, position)
                for position in self._world.engine.positions(asked.account_id)
            ],
        }

    async def balance(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer the money of an account, by currency."""
        return [
            {
                "accountAlias": "SbX1",
                "asset": asset["asset"],
                "balance": asset["walletBalance"],
                "crossWalletBalance": asset["crossWalletBalance"],
                "crossUnPnl": asset["crossUnPnl"],
                "availableBalance": asset["availableBalance"],
                "maxWithdrawAmount": asset["maxWithdrawAmount"],
                "marginAvailable": True,
                "updateTime": asset["updateTime"],
            }
            for asset in self.assets(asked.account_id)
        ]

    async def income(self, asked: Asked) -> list[dict[str, Any]]:
        """Answer what changed the wallet, oldest first."""
        fields = asked.fields
        wanted, since_us = fields.optional("incomeType"), fields.whole("startTime", 0) * 1_000
        until_us = fields.whole("endTime", 10**15) * 1_000 + 999
        rows = [
            self._income(posting)
            for posting in self._world.engine.journal(asked.account_id)
            if posting.book in _INCOMES and since_us <= posting.at_us <= until_us
        ]
        name = fields.optional("symbol")
        kept = [
            row for row in rows if wanted in ("", row["incomeType"]) and name in ("", row["symbol"])
        ]
        return kept[: max(1, fields.whole("limit", 100))]

    async def commission_rate(self, asked: Asked) -> dict[str, Any]:
        """Answer the fees of one market."""
        symbol = self._desk.symbol_of(asked.fields.text("symbol"))
        fees = self._world.instruments[symbol].fees
        return {
            "symbol": asked.fields.text("symbol"),
            "makerCommissionRate": "0" if fees is None else plain(fees.maker),
            "takerCommissionRate": "0" if fees is None else plain(fees.taker),
        }

    async def multi_assets(self, asked: Asked) -> dict[str, Any]:
        """Answer that margin is of one currency."""
        return {"multiAssetsMargin": False}

    def assets(self, account: str) -> list[dict[str, Any]]:
        """Return the money of an account, by currency."""
        rows = []
        for balance in self._world.engine.balances(account):
            held = [
                p
                for p in self._world.engine.positions(account)
                if p.symbol.endswith(f":{balance.currency}")
            ]
            result = sum((result_of(position) for position in held), Decimal(0))
            kept = sum((self._positions.maintenance(position) for position in held), Decimal(0))
            total, tied = balance.total, balance.total - balance.free
            rows.append(
                {
                    "asset": balance.currency,
                    "walletBalance": money(total),
                    "unrealizedProfit": money(result),
                    "marginBalance": money(total + result),
                    "maintMargin": money(kept),
                    "initialMargin": money(tied),
                    "positionInitialMargin": money(sum(map(margin_of, held), Decimal(0))),
                    "openOrderInitialMargin": money(Decimal(0)),
                    "crossWalletBalance": money(total),
                    "crossUnPnl": money(result),
                    "availableBalance": money(balance.free),
                    "maxWithdrawAmount": money(balance.free),
                    "marginAvailable": True,
                    "updateTime": self._world.clock() // 1_000,
                }
            )
        return rows

    def _income(self, posting: Posting) -> dict[str, Any]:
        name = "" if posting.symbol is None else self._world.venue_id_of(posting.symbol)
        return {
            "symbol": name,
            "incomeType": _INCOMES[posting.book],
            "income": plain(-posting.amount),  # what the other book gave, the wallet got
            "asset": posting.currency,
            "info": _INCOMES[posting.book],
            "time": posting.at_us // 1_000,
            "tranId": posting.entry,
            "tradeId": "" if posting.book is Book.FUNDING else posting.reference,
        }
