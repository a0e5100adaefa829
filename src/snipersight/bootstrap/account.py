"""The simulated account as the settings know it, before its ledger is looked at."""

from __future__ import annotations

from decimal import Decimal

from snipersight.bootstrap.account_names import MAIN
from snipersight.bootstrap.settings import Settings
from snipersight.domain.account import AccountState
from snipersight.domain.units import Currency, Money


def simulated_account(
    settings: Settings, *, account_id: str = MAIN, balance: Decimal | None = None
) -> AccountState:
    """Return the account as far as the settings know it.

    Args:
        settings: `DEFAULT_ACCOUNT_BALANCE` and `ACCOUNT_CURRENCY`.
        account_id: its name.
        balance: equity the user asked for instead, in account currency.
    """
    equity = settings.default_account_balance if balance is None else balance
    return AccountState(
        account_id=account_id,
        currency=Currency(settings.account_currency),
        equity=Money(equity),
        source="DEFAULT_ACCOUNT_BALANCE" if balance is None else "--balance",
    )
