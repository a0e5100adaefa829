"""A backtest: the engine of scan and run over recorded markets, with one account for all of them.

Plans are decided as `scan` decides them, judged by the same risk gate beside everything that is
reserved and open at that moment, sized, entered and managed by the profile's own rules, and
written into a ledger that breakers watch. Only the venue is modelled (docs/adr/0010). Bars on
which nothing can happen are skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Candidate
from snipersight.domain.funding import FundingUsed
from snipersight.domain.ports import LeaderContext, PlanSource
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import DAY_MS
from snipersight.domain.units import Currency, Symbol
from snipersight.engine.backtesting.agenda import Agenda
from snipersight.engine.backtesting.arena import Arena
from snipersight.engine.backtesting.collecting import rare_collections
from snipersight.engine.backtesting.daily import daily_account
from snipersight.engine.backtesting.funding import funding_used
from snipersight.engine.backtesting.portfolio import Portfolio
from snipersight.engine.backtesting.results import BacktestResult, BacktestTrade
from snipersight.engine.backtesting.store import BacktestStore
from snipersight.engine.backtesting.trading import Trading
from snipersight.engine.recording import Decided, Period, decide, warm_ms
from snipersight.risk.policy import RiskPolicy

ACCOUNT: Final = "backtest"
REARM_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestTerms:
    """By what a backtest is made.

    Args:
        profile: thresholds and management.
        plans: where plans come from; opened anew for each market.
        policy: limits of settings and profile.
        currency, balance: of the account.
        period: decisions that count; nothing that closed later is looked at.
        rearm_days: after how many days the operator lifts a breaker that holds until a person
            lifts it; 0: never, and nothing is entered any more.
        keeps_records: what gate and ledger write is part of the result.
    """

    profile: Profile
    plans: PlanSource
    policy: RiskPolicy
    currency: Currency
    balance: Decimal
    period: Period
    rearm_days: int = REARM_DAYS
    keeps_records: bool = True


def backtest(
    arena: Arena,
    leader: LeaderContext,
    terms: BacktestTerms,
    *,
    progress: Callable[[str, int, int], object] = lambda *_: None,
) -> BacktestResult:
    """Return what an account would have lived through.

    Args:
        arena: the markets.
        leader: the leading market's state over time.
        terms: account, limits and period.
        progress: told what is done, how far, of how much.

    Raises:
        DataInvalid: candles or rules of a market are unusable.
    """
    decisions, count = {}, len(arena.recordings)
    with rare_collections():
        for done, (symbol, recording) in enumerate(sorted(arena.recordings.items())):
            progress(f"deciding {symbol}", done, count)
            decisions[symbol] = decide(recording, leader, terms.plans, terms.profile)
        progress("trading", count, count)
        return traded(arena, decisions, terms)


def traded(
    arena: Arena, decisions: Mapping[Symbol, Decided], terms: BacktestTerms
) -> BacktestResult:
    """Return what an account makes of decisions that are known.

    Args:
        arena: the markets.
        decisions: of every market.
        terms: account, limits and period.
    """
    period = terms.period
    store = BacktestStore(
        ACCOUNT,
        terms.currency,
        terms.balance,
        at_us=period.start_ms * 1000,
        keeps_records=terms.keeps_records,
    )
    agenda = Agenda(candidates_of(arena, decisions, terms))
    shifts = {symbol: one.shifts for symbol, one in decisions.items()}
    trading = Trading(arena, shifts, terms.profile, store, agenda, until_ms=period.end_ms)
    portfolio = Portfolio(
        arena,
        shifts,
        policy=terms.policy,
        store=store,
        agenda=agenda,
        trading=trading,
        rearm_after_ms=terms.rearm_days * DAY_MS,
    )
    portfolio.live_through(until_ms=period.end_ms)
    trades, markets = tuple(trading.finished()), tuple(sorted(arena.recordings))
    return BacktestResult(
        source=terms.plans.name,
        period=period,
        currency=terms.currency,
        starting_balance=terms.balance,
        trades=trades,
        refused=tuple(portfolio.refused),
        funnel=dict(sorted(portfolio.funnel.items())),
        standing=store.row.standing,
        daily=daily_account(trades, arena.closes, period, balance=float(terms.balance)),
        rearmed_ms=tuple(portfolio.rearmed_ms),
        records=store.drafts,
        bars=sum(_bars(arena, one, period) for one in markets),
        markets=markets,
        first_markets=tuple(one for one in markets if arena.looks_at(one, period.start_ms)),
        funding=_funding(arena, trades, terms.profile),
    )


def _funding(arena: Arena, trades: Sequence[BacktestTrade], profile: Profile) -> FundingUsed:
    """Return by what the payments of all trades were counted."""
    bar_ms, sum_of = profile.timeframe("trigger").duration_ms, FundingUsed()
    for one in trades:
        record = arena.recordings[one.plan.symbol].funding
        sum_of += funding_used(one.steps, one.staged.terms, record, bar_ms=bar_ms)
    return sum_of


def candidates_of(
    arena: Arena,
    decisions: Mapping[Symbol, Decided],
    terms: BacktestTerms,
) -> list[Candidate]:
    """Return what was decided in the period, once a market's history is long enough to speak.

    Of a market that is not always looked at, what a scan sees when it is.

    Args:
        arena: the markets.
        decisions: of every market.
        terms: period and profile.
    """
    found: list[Candidate] = []
    for symbol, decided in decisions.items():
        start_ms = max(terms.period.start_ms, warm_ms(arena.recordings[symbol], terms.profile))
        within = decided.within(Period(start_ms=start_ms, end_ms=terms.period.end_ms))
        found += (one for one in within if seen_ms(arena, one, terms) is not None)
    return found


def seen_ms(arena: Arena, candidate: Candidate, terms: BacktestTerms) -> int | None:
    """Return the first close at which a scan sees what was decided; None where none does.

    A scan tells what was decided lately, as long ago as a plan may wait.

    Args:
        arena: the markets.
        candidate: what was decided.
        terms: period and profile.
    """
    profile, at_ms = terms.profile, candidate.at_ms
    waits_ms = profile.setup.valid_bars * profile.timeframe("trigger").duration_ms
    before_ms = min(at_ms + waits_ms, terms.period.end_ms + 1)
    return arena.first_look_ms(candidate.symbol, since_ms=at_ms, before_ms=before_ms)


def _bars(arena: Arena, symbol: Symbol, period: Period) -> int:
    """Return at how many closes of a period a market was looked at: what entries are counted by."""
    closes_ms = arena.closes.candles[symbol].close_time
    within = closes_ms[(closes_ms > period.start_ms) & (closes_ms <= period.end_ms)]
    if arena.universe is None:
        return len(within)
    return int(arena.universe.held(symbol, within).sum())
