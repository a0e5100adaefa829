"""The money of an account of Binance spot, and what its key may do."""

from __future__ import annotations

from typing import Any, Final

from snipersight.domain.instrument import Fees
from snipersight.sandbox.exchange.binance.protocol import Asked
from snipersight.sandbox.exchange.spot.bodies import money
from snipersight.sandbox.exchange.spot.desk import Desk

_CREATED_MS: Final = 1_704_067_200_000
_BASIS_POINTS: Final = 10_000


class AccountDesk:
    """The routes about money and keys.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._world = desk.world

    async def account(self, asked: Asked) -> dict[str, Any]:
        """Answer what an account holds; `omitZeroBalances` leaves out what it does not."""
        fees = self._fees()
        return {
            "makerCommission": int(fees.maker * _BASIS_POINTS),
            "takerCommission": int(fees.taker * _BASIS_POINTS),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {
                "maker": money(fees.maker),
                "taker": money(fees.taker),
                "buyer": money(None),
                "seller": money(None),
            },
            "canTrade": True,
            "canWithdraw": asked.account is not None and asked.account.can_withdraw,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": self._world.clock() // 1_000,
            "accountType": "SPOT",
            "balances": self._balances(asked),
            "permissions": ["SPOT"],
            "uid": 354_937_868,
        }

    async def api_restrictions(self, asked: Asked) -> dict[str, Any]:
        """Answer what the key may do."""
        account = asked.account
        can_withdraw = account is not None and account.can_withdraw
        return {
            "ipRestrict": account is not None and account.is_ip_restricted,
            "createTime": _CREATED_MS,
            "enableReading": True,
            "enableSpotAndMarginTrading": True,
            "enableWithdrawals": can_withdraw,
            "enableInternalTransfer": can_withdraw,
            "permitsUniversalTransfer": can_withdraw,
            "enableMargin": False,
            "enableFutures": True,
            "enableVanillaOptions": False,
            "enablePortfolioMarginTrading": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
        }

    def _balances(self, asked: Asked) -> list[dict[str, str]]:
        leaves_out = asked.fields.flag("omitZeroBalances")
        return [
            {
                "asset": row.currency,
                "free": money(row.free),
                "locked": money(row.total - row.free),
            }
            for row in self._world.engine.balances(asked.account_id)
            if row.total or not leaves_out
        ]

    def _fees(self) -> Fees:
        known = (rules.fees for rules in self._world.instruments.values())
        return next(fees for fees in known if fees is not None)
