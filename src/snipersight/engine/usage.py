"""How much of each limit the ledger takes, for those who look at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.exposure import NOTHING, Amounts, Basis
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.units import Currency
from snipersight.risk.policy import RiskPolicy

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One limit and what is taken of it.

    Args:
        code: of the limit.
        of: what it counts, in words.
        amount, limit: account currency, or numbers of trades.
        is_count: whether they are numbers of trades.
    """

    code: str
    of: str
    amount: Decimal
    limit: Decimal
    is_count: bool = False

    @property
    def left(self) -> Decimal:
        """Return what is left, never negative."""
        return max(self.limit - self.amount, _ZERO)

    @property
    def share(self) -> Decimal:
        """Return the taken share; 1 for a limit of nothing."""
        return self.amount / self.limit if self.limit > 0 else _ONE


def usage(
    entries: Sequence[LedgerEntry], *, equity: Decimal, policy: RiskPolicy
) -> tuple[Used, ...]:
    """Return the use of every limit that adds trades up; of assets, the fullest one.

    Args:
        entries: the ledger; what has ended takes nothing.
        equity: that fractions are of; zero or negative allows nothing.
        policy: the limits.
    """
    base, basis = max(equity, _ZERO), policy.basis
    assets: dict[Currency, Amounts] = defaultdict(lambda: NOTHING)
    total = NOTHING
    for entry in entries:
        assets[entry.underlying] += entry.amounts
        total += entry.amounts
    rows = [_row("max_total", f"{basis} of all trades", total.on(basis), policy.max_total * base)]
    if assets:
        name, amounts = max(assets.items(), key=lambda item: (item[1].on(basis), item[0]))
        limit = policy.max_per_asset * base
        rows.append(_row("max_per_asset", f"{basis} in {name}", amounts.on(basis), limit))
    notional, margin = total.on(Basis.NOTIONAL), total.on(Basis.MARGIN)
    rows.append(_row("max_gross_notional", "gross notional", notional, policy.max_leverage * base))
    rows.append(_row("max_margin", "margin", margin, policy.max_margin * base))
    live = sum(entry.state.is_live for entry in entries)
    trades = Used(
        code="max_positions",
        of="trades, reserved ones included",
        amount=Decimal(live),
        limit=Decimal(policy.max_positions),
        is_count=True,
    )
    return (*rows, trades)


def _row(code: str, of: str, amount: Decimal, limit: Decimal) -> Used:
    return Used(code=code, of=of, amount=amount, limit=limit)
