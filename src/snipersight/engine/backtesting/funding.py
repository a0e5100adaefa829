"""Funding of modelled trades at the rates that were recorded.

The kernel lets every payment cost the rate that is taken where nothing is known, whichever the
side. What a payment came to in truth is a multiple of that, so it is put in its place bar by bar,
before any account sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from snipersight.domain.direction import Direction
from snipersight.domain.evidence import SignalTerms
from snipersight.domain.funding import FundingRecord, FundingUsed, due_times
from snipersight.domain.quick import replace
from snipersight.matching.outcomes.steps import TradePath, TradeStep


def funded(
    path: TradePath, terms: SignalTerms, record: FundingRecord | None, *, bar_ms: int
) -> TradePath:
    """Return a trade's path with recorded rates; times without one cost what the kernel took.

    Args:
        path: as the kernel walked it.
        terms: side of the trade, and the rate that the kernel took.
        record: of the market; None changes nothing.
        bar_ms: length of the longest bars that it was walked over.
    """
    before = sum(one.funding for one in path.steps)
    if record is None or before == 0:
        return path
    steps = tuple(
        replace(one, funding=one.funding * _factor(times, terms, record)) if times else one
        for one, times in _paid(path.steps, terms, bar_ms)
    )
    after = sum(one.funding for one in steps)
    outcome = path.outcome
    funding_r = outcome.funding_r * after / before
    return replace(
        path,
        steps=steps,
        outcome=replace(
            outcome, funding_r=funding_r, net_r=outcome.net_r + outcome.funding_r - funding_r
        ),
    )


def funding_used(
    steps: Sequence[TradeStep], terms: SignalTerms, record: FundingRecord | None, *, bar_ms: int
) -> FundingUsed:
    """Return by what the payments of a trade were counted.

    Args:
        steps: of the trade.
        terms: of the trade; where the kernel took no rate, nothing is paid.
        record: of the market, if there is one.
        bar_ms: length of the longest bars that it was walked over.
    """
    rates = {} if record is None else record.rates
    due = [time for _, times in _paid(steps, terms, bar_ms) for time in times]
    recorded = sum(1 for time in due if time in rates)
    return FundingUsed(recorded=recorded, assumed=len(due) - recorded)


def _paid(
    steps: Sequence[TradeStep], terms: SignalTerms, bar_ms: int
) -> Iterator[tuple[TradeStep, range]]:
    """Yield each step with the times whose payments it holds.

    While something is held every payment makes a step, so that none lies between two of them.
    """
    if terms.costs.funding_rate <= 0:
        yield from ((one, range(0)) for one in steps)
        return
    interval_ms, held, since_ms = terms.costs.funding_interval_ms, 0.0, 0
    for one in steps:
        after_ms = since_ms if held > 0 else one.at_ms - bar_ms
        times = due_times(after_ms, one.at_ms, interval_ms)
        is_paid = one.funding != 0 or held > 0  # a rate may have been 0
        yield one, times if is_paid else range(0)
        held, since_ms = one.held, one.at_ms


def _factor(times: range, terms: SignalTerms, record: FundingRecord) -> float:
    """Return what payments came to as a multiple of what was taken; below 0 where paid to us."""
    side = 1.0 if terms.direction is Direction.LONG else -1.0
    assumed = terms.costs.funding_rate
    rates = [side * record.rates[time] if time in record.rates else assumed for time in times]
    return sum(rates) / (assumed * len(rates))
