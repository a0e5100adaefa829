"""The account a scan sizes for: the simulated one, until keys of a venue are read."""

from __future__ import annotations

from decimal import Decimal

from snipersight.bootstrap.settings import Settings
from snipersight.domain.account import AccountState
from snipersight.domain.units import Currency, Money


def simulated_account(settings: Settings, *, balance: Decimal | None = None) -> AccountState:
    """Return an account of the configured size in the configured currency.

    Args:
        settings: `DEFAULT_ACCOUNT_BALANCE` and `ACCOUNT_CURRENCY`.
        balance: equity the user asked for instead, in account currency.
    """
    equity = settings.default_account_balance if balance is None else balance
    return AccountState(
        account_id="simulated",
        currency=Currency(settings.account_currency),
        equity=Money(equity),
        source="DEFAULT_ACCOUNT_BALANCE" if balance is None else "--balance",
    )
