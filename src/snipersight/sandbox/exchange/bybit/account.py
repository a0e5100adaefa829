"""Bybit's routes about an account: wallet, margin mode, permissions of its key, coins."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from snipersight.domain.orders import Balance
from snipersight.domain.venue import Answer
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.names import shown
from snipersight.sandbox.exchange.bybit.position_bodies import Margins, margins_of
from snipersight.sandbox.exchange.bybit.refusals import Refusal, bad_parameter
from snipersight.sandbox.exchange.bybit.routes import Asked

_ISOLATED: Final = "ISOLATED_MARGIN"
_REGULAR: Final = "REGULAR_MARGIN"
_DOLLARS: Final = frozenset({"USDT", "USDC"})
_RATE: Final = Decimal("0.0001")
_NOTHING: Final = Decimal(0)
_CREATED: Final = "2026-01-01T00:00:00Z"
_EXPIRES: Final = "2030-01-01T00:00:00Z"


class AccountDesk:
    """The routes about an account.

    Args:
        desk: of the venue.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    async def wallet(self, asked: Asked) -> dict[str, Any]:
        """Answer what the unified account holds.

        Raises:
            Refusal: another kind of account is asked for.
        """
        if asked.fields.text("accountType") != "UNIFIED":
            raise Refusal(10001, "accountType only support UNIFIED.")
        coins = [name for name in asked.fields.optional("coin").split(",") if name]
        return {"list": [self.wallet_body(asked.account_id, coins)]}

    async def info(self, asked: Asked) -> dict[str, Any]:
        """Answer the margin mode of the account."""
        return {
            "marginMode": _ISOLATED if self._is_isolated(asked.account_id) else _REGULAR,
            "updatedTime": str(asked.call.at_ms),
            "unifiedMarginStatus": 6,
            "dcpStatus": "OFF",
            "timeWindow": 10,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }

    async def set_margin_mode(self, asked: Asked) -> dict[str, Any]:
        """Set isolated or cross margin of the whole account.

        Raises:
            Refusal: it is so already, or a position or an order is open.
        """
        mode = asked.fields.text("setMarginMode")
        if mode not in (_ISOLATED, _REGULAR):
            raise bad_parameter("setMarginMode")
        account, engine = asked.account_id, self._world.engine
        if self._is_isolated(account) is (mode == _ISOLATED):
            raise Refusal(110026, "Cross/isolated margin mode has not been modified.")
        if engine.positions(account) or engine.orders(account, open_only=True):
            why = {"reasonCode": "3400000", "reasonMsg": "You have open orders or positions"}
            raise Refusal(3400045, "Set margin mode failed", result={"reasons": [why]})
        for symbol in self._world.instruments:
            answer: Answer = engine.set_isolated(account, symbol, mode == _ISOLATED)
            if answer.problem is not None:
                raise Refusal(10001, answer.problem.text)
        return {"reasons": []}

    async def key(self, asked: Asked) -> dict[str, Any]:
        """Answer what the key may do."""
        account = asked.known_account
        moves = ["AccountTransfer", "SubMemberTransfer", "Withdraw"]
        return {
            "id": "1",
            "note": account.name,
            "apiKey": account.api_key,
            "readOnly": 0,
            "secret": "",
            "permissions": {
                "ContractTrade": ["Order", "Position"],
                "Spot": [],
                "Wallet": moves if account.can_withdraw else [],
                "Options": [],
                "Derivatives": [],
                "Exchange": [],
            },
            "ips": ["127.0.0.1"] if account.is_ip_restricted else ["*"],
            "type": 1,
            "deadlineDay": -2 if account.is_ip_restricted else 90,
            "expiredAt": _EXPIRES,
            "createdAt": _CREATED,
            "unified": 0,
            "uta": 1,
            "userID": 1,
            "inviterID": 0,
            "vipLevel": "No VIP",
            "mktMakerLevel": "0",
            "affiliateID": 0,
            "rsaPublicKey": "",
            "isMaster": True,
            "parentUid": "0",
        }

    async def coins(self, asked: Asked) -> dict[str, Any]:
        """Answer the coins of the listed markets; none of them can be moved anywhere."""
        rules = self._world.instruments.values()
        names = sorted({name for each in rules for name in (each.base, each.quote)})
        wanted = asked.fields.optional("coin")
        return {"rows": [_coin(name) for name in names if wanted in ("", name)]}

    def wallet_body(self, account: str, coins: Sequence[str] = ()) -> dict[str, Any]:
        """Return the account's money; of some coins only, if any are named."""
        margins = margins_of(self._desk, account)
        rows = [
            self._coin_row(balance, margins) for balance in self._world.engine.balances(account)
        ]
        total = {
            name: sum((Decimal(row[name]) for row in rows if row["coin"] in _DOLLARS), _NOTHING)
            for name in ("equity", "walletBalance", "unrealisedPnl", "totalPositionMM")
        }
        free = sum(
            (
                balance.free
                for balance in self._world.engine.balances(account)
                if balance.currency in _DOLLARS
            ),
            _NOTHING,
        )
        used = max(total["walletBalance"] - free, _NOTHING)
        return {
            "accountType": "UNIFIED",
            "accountLTV": "0",
            "accountIMRate": _share(used, total["equity"]),
            "accountMMRate": _share(total["totalPositionMM"], total["equity"]),
            "totalEquity": shown(total["equity"]),
            "totalWalletBalance": shown(total["walletBalance"]),
            "totalMarginBalance": shown(total["equity"]),
            "totalAvailableBalance": shown(free),
            "totalPerpUPL": shown(total["unrealisedPnl"]),
            "totalInitialMargin": shown(used),
            "totalMaintenanceMargin": shown(total["totalPositionMM"]),
            "coin": [row for row in rows if not coins or row["coin"] in coins],
        }

    def _coin_row(self, balance: Balance, margins: Margins) -> dict[str, Any]:
        """Return one coin. What is not free and backs no position is put down to orders.

        `availableToWithdraw` is empty, as Bybit leaves it for unified accounts.
        """
        margin = margins.initial.get(balance.currency, _NOTHING)
        result = margins.result.get(balance.currency, _NOTHING)
        equity = balance.total + result
        return {
            "coin": balance.currency,
            "equity": shown(equity),
            "usdValue": shown(equity if balance.currency in _DOLLARS else _NOTHING),
            "walletBalance": shown(balance.total),
            "availableToWithdraw": "",
            "availableToBorrow": "",
            "borrowAmount": "0",
            "accruedInterest": "0",
            "totalOrderIM": shown(max(balance.total - balance.free - margin, _NOTHING)),
            "totalPositionIM": shown(margin),
            "totalPositionMM": shown(margins.maintenance.get(balance.currency, _NOTHING)),
            "unrealisedPnl": shown(result),
            "cumRealisedPnl": "0",
            "bonus": "0",
            "locked": "0",
            "spotBorrow": "0",
            "spotHedgingQty": "0",
            "collateralSwitch": True,
            "marginCollateral": True,
        }

    def _is_isolated(self, account: str) -> bool:
        engine = self._world.engine
        return all(engine.is_isolated(account, symbol) for symbol in self._world.instruments)


def _share(part: Decimal, whole: Decimal) -> str:
    return shown((part / whole).quantize(_RATE)) if whole > 0 else "0"


def _coin(name: str) -> dict[str, Any]:
    return {"name": name, "coin": name, "remainAmount": "0", "chains": []}
