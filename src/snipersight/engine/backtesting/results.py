"""What a backtest of an account gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from snipersight.domain.audit import AuditDraft
from snipersight.domain.decision import Candidate
from snipersight.domain.evidence import Outcome
from snipersight.domain.funding import FundingUsed
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.plan import TradePlan
from snipersight.domain.quick import quick
from snipersight.domain.standing import AccountStanding
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.backtesting.staging import Staged
from snipersight.engine.recording import Period
from snipersight.matching.outcomes.steps import TradeStep


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestTrade:
    """One trade, from approval to its end or the end of the data.

    Args:
        staged: plan, size and orders.
        entry: the ledger's, as it was left.
        steps: what happened to it, in the order of time.
        outcome: how far it has come, in R of the plan.
    """

    staged: Staged
    entry: LedgerEntry
    steps: tuple[TradeStep, ...]
    outcome: Outcome

    @property
    def plan(self) -> TradePlan:
        """Return its plan."""
        return self.staged.approved.plan

    @property
    def risk(self) -> Decimal:
        """Return what was risked at the approval, account currency."""
        return Decimal(self.staged.approved.risk)

    @property
    def result(self) -> Decimal:
        """Return what was realised, net of costs, account currency."""
        return Decimal(self.entry.realised)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyAccount:
    """An account at the end of each UTC day.

    Args:
        days_ms: beginnings of the days, milliseconds UTC, every day of the period.
        equity: balance and what is open at the newest closes, account currency.
        exposure: share of the day's closes at which a position was open.
    """

    days_ms: npt.NDArray[np.int64]
    equity: npt.NDArray[np.float64]
    exposure: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestResult:
    """Everything that a backtest knows at its end.

    Args:
        source: where the plans came from, `smc`.
        period: decisions that counted.
        currency: of the account.
        starting_balance: what it began with.
        trades: every approval that was sent, in that order.
        refused: every candidate that ended otherwise and had a plan, in the order of time.
        funnel: how all candidates ended; the counts add up to the candidates and the approvals.
        standing: of the account at the end.
        daily: the account over time.
        rearmed_ms: when the operator lifted a breaker, milliseconds UTC.
        records: what the gate and the ledger wrote; none where nobody wanted them.
        bars: closed trigger bars at which a market was looked at, of all markets together.
        markets: what was traded on.
        first_markets: those of them that were looked at as the period began.
        funding: by what the payments of positions were counted.
    """

    source: str
    period: Period
    currency: Currency
    starting_balance: Decimal
    trades: tuple[BacktestTrade, ...]
    refused: tuple[Candidate, ...]
    funnel: Mapping[str, int]
    standing: AccountStanding
    daily: DailyAccount
    rearmed_ms: tuple[int, ...]
    records: tuple[AuditDraft, ...]
    bars: int
    markets: tuple[Symbol, ...]
    first_markets: tuple[Symbol, ...]
    funding: FundingUsed = field(default_factory=FundingUsed)
