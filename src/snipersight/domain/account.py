"""What the account is worth, as the risk gate sees it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from snipersight.domain.quick import quick
from snipersight.domain.units import Currency, Money


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """Equity of one account at one moment.

    Args:
        account_id: the account's own name.
        currency: currency of all amounts.
        equity: marked to market; zero or negative approves nothing.
        available_margin: free to back new positions; None means all of the equity.
        source: where the figure comes from, for the reader.
    """

    account_id: str
    currency: Currency
    equity: Money
    available_margin: Decimal | None = None
    source: str = ""
