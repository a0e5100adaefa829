"""Marking an account to market: its balance, and what its positions would bring now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.account import AccountState
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.observations import Observations, ReferencePrice
from snipersight.domain.quick import quick
from snipersight.domain.standing import MarkedPrice
from snipersight.domain.store import AccountRow
from snipersight.domain.units import Money
from snipersight.risk.breakers.equity_marks import gain_at
from snipersight.risk.policy import RiskPolicy

UNKNOWN: Final = Money(Decimal("NaN"))
_ZERO: Final = Decimal(0)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What an account is worth, and by which prices.

    Args:
        account: marked to market; its equity is NaN where that is unknown.
        prices: of the open positions on the observed venue, oldest first; empty where the equity
            is unknown.
        is_bound: the equity is the least it can be while stops hold, because a position is on
            another venue; good to judge by, but no measurement to mark.
    """

    account: AccountState
    prices: tuple[MarkedPrice, ...] = ()
    is_bound: bool = False

    @property
    def is_measured(self) -> bool:
        """Return whether the equity may be marked."""
        return not self.is_bound and self.account.equity.is_finite()


def valued(
    row: AccountRow,
    entries: Sequence[LedgerEntry],
    observations: Observations,
    policy: RiskPolicy,
) -> Valuation:
    """Return an account marked to market: balance plus what its open positions would bring.

    Positions are valued as if closed now at the reference price of their own market, the costs
    they were planned with included, at the present quote rate. What is held on another venue than
    the observed one has no price here, and counts as if it were stopped out now.

    Args:
        row: the account.
        entries: its live entries; what is only pending is worth nothing yet.
        observations: the markets now.
        policy: how old a price may be.

    Returns:
        Equity NaN, which approves nothing, where a position cannot be valued; `source` then
        names it.
    """
    held = [entry for entry in entries if entry.open_size > 0]
    elsewhere = [entry for entry in held if entry.venue != observations.venue]
    equity = Decimal(row.standing.balance) - sum(entry.open.risk for entry in elsewhere)
    prices = []
    for entry in held:
        if entry.venue != observations.venue:
            continue
        price = _present_price(entry, observations, policy)
        if price is None:
            source = f"no present price of the position in {entry.symbol} on {entry.venue}"
            return Valuation(account=_state(row, UNKNOWN, source))
        equity += gain_at(entry, price=price.price, quote_rate=price.quote_rate)
        prices.append(price)
    account = _state(row, Money(equity), _source(elsewhere))
    return Valuation(account=account, prices=tuple(prices), is_bound=bool(elsewhere))


class KeptValuation:
    """The newest valuation, kept while nothing changes that it follows from.

    A scan judges many plans beside the same open positions, at the same prices.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._observations: Observations | None = None
        self._value: Valuation | None = None

    def of(
        self,
        row: AccountRow,
        entries: Sequence[LedgerEntry],
        observations: Observations,
        policy: RiskPolicy,
    ) -> Valuation:
        """Return what `valued` returns."""
        held = tuple(entry for entry in entries if entry.open_size > 0)
        key = (row.account_id, row.currency, row.standing.balance, held, policy.max_data_age_us)
        if self._value is None or observations is not self._observations or key != self._key:
            self._value = valued(row, held, observations, policy)
            self._key, self._observations = key, observations
        return self._value


def _source(elsewhere: Sequence[LedgerEntry]) -> str:
    source = "balance and positions at market"
    if not elsewhere:
        return source
    names = ", ".join(sorted({f"{entry.symbol} on {entry.venue}" for entry in elsewhere}))
    return f"{source}, {names} as if stopped out"


def _state(row: AccountRow, equity: Money, source: str) -> AccountState:
    return AccountState(
        account_id=row.account_id, currency=row.currency, equity=equity, source=source
    )


def _present_price(
    entry: LedgerEntry, observations: Observations, policy: RiskPolicy
) -> MarkedPrice | None:
    """Return what an open position would be closed at now; None: unknown."""
    facts = observations.markets.get(entry.symbol)
    if facts is None:
        return None
    reference, rate = facts.reference, facts.quote_rate
    if reference is None or rate is None or not _is_usable(rate):
        return None
    if not _is_usable(reference.price) or not _is_present(reference, observations, policy):
        return None
    return MarkedPrice(entry_id=entry.entry_id, price=reference.price, quote_rate=rate)


def _is_usable(number: Decimal) -> bool:
    return number.is_finite() and number > _ZERO


def _is_present(reference: ReferencePrice, observations: Observations, policy: RiskPolicy) -> bool:
    age_ms = observations.as_of_ms - reference.at_ms
    return age_ms <= policy.max_data_age_us // 1000 + reference.step_ms
