"""The simulated account as the settings know it, before its ledger is looked at."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.bootstrap.settings import Settings
from snipersight.domain.account import AccountState
from snipersight.domain.units import Currency, Money

ACCOUNT_ID: Final = "main"


def simulated_account(settings: Settings, *, balance: Decimal | None = None) -> AccountState:
    """Return the account as far as the settings know it.

    Args:
        settings: `DEFAULT_ACCOUNT_BALANCE` and `ACCOUNT_CURRENCY`.
        balance: equity the user asked for instead, in account currency.
    """
    equity = settings.default_account_balance if balance is None else balance
    return AccountState(
        account_id=ACCOUNT_ID,
        currency=Currency(settings.account_currency),
        equity=Money(equity),
        source="DEFAULT_ACCOUNT_BALANCE" if balance is None else "--balance",
    )
