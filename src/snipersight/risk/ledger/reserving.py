"""What is asked before budget is taken, and what a close means for the account's standing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.ledger import LedgerEntry
from snipersight.domain.observations import Correlations
from snipersight.domain.quick import replace
from snipersight.domain.standing import AccountStanding, BreakerName
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import NO_MONEY, Money
from snipersight.risk.breakers.checks import CLOCK_SLACK_US, cooldown_check
from snipersight.risk.breakers.equity_marks import known_equity, marked_equity
from snipersight.risk.breakers.standing import cooldowns_of, mark, note_result, settle
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.exposure.checks import exposure_checks, headrooms
from snipersight.risk.exposure.proposals import refusal
from snipersight.risk.ledger.moves import Reduced, has_run_out
from snipersight.risk.policy import RiskPolicy

_WHOLE: Final = Decimal(0)  # of a size that is decided, nothing smaller is acceptable or not


def limit_checks(
    claim: Claim,
    entries: Sequence[LedgerEntry],
    *,
    equity: Decimal | None,
    policy: RiskPolicy,
    correlations: Correlations,
) -> tuple[Check, ...]:
    """Return every exposure limit's answer to one more claim of a size that is decided.

    Args:
        claim: beside the entries.
        entries: that count.
        equity: of the account; None, zero or negative leaves no room.
        policy: the limits.
        correlations: what is not among them is unknown, and counts fully on the same side.
    """
    view = ExposureBook.of(entries).view(
        claim.underlying,
        claim.setup_id,
        correlations=correlations,
        threshold=policy.cluster_correlation,
    )
    rooms = headrooms(view, direction=claim.direction, equity=equity, policy=policy)
    return exposure_checks(
        rooms,
        claim.amounts,
        wanted=claim.amounts,
        smallest_share=_WHOLE,
        view=view,
        policy=policy,
    )


def reserve_refusal(
    unit: UnitOfWork,
    entry: LedgerEntry,
    *,
    at_us: int,
    policy: RiskPolicy,
    correlations: Correlations,
) -> Check | None:
    """Return why budget for an entry is refused; None: it may be taken.

    Codes, in this order: `clock_backwards`, `stale_plan`, `already_live`, the breaker that holds,
    `cooldown`, the exposure limits.

    Args:
        unit: the transaction that will take it; what is due has expired in it.
        entry: the reservation, not yet saved.
        at_us: now by our clock, microseconds UTC.
        policy: the limits.
        correlations: between the underlyings.
    """
    row, live = unit.account, unit.live_entries()
    if at_us < row.last_us - CLOCK_SLACK_US:
        text = f"the clock says {at_us} µs, but {row.last_us} µs were recorded before"
        return refusal("clock_backwards", text)
    if has_run_out(entry, at_us=at_us):
        return refusal("stale_plan", "the reservation would have ended already")
    held = [one for one in live if one.setup_id == entry.setup_id and entry.setup_id is not None]
    if held:
        return refusal("already_live", f"its setup is live as entry {held[0].entry_id}")
    checks = (
        *breaker_refusals(row.standing, at_us=at_us),
        cooldown_check(cooldowns_of(row.standing, entry.symbol, at_us=at_us), entry),
        *limit_checks(
            Claim.of(entry),
            live,
            equity=marked_equity(row.standing),
            policy=policy,
            correlations=correlations,
        ),
    )
    return next((check for check in checks if not check.passed), None)


def breaker_refusals(standing: AccountStanding, *, at_us: int) -> tuple[Check, ...]:
    """Return a refusal for every breaker that holds at a moment."""
    return tuple(
        Check(
            code="halted" if breaker.name is BreakerName.OPERATOR else breaker.name.value,
            passed=False,
            measured=breaker.measured,
            limit=breaker.limit,
            sentence=breaker.sentence,
        )
        for breaker in settle(standing, at_us=at_us).tripped
    )


def with_result(
    standing: AccountStanding, reduced: Reduced, *, by_stop: bool, at_us: int, policy: RiskPolicy
) -> AccountStanding:
    """Return the standing after (part of) a position was closed.

    Every part is booked at once. The trade is a gain or a loss as a whole, when its last part is
    closed: a runner stopped at break-even after a target makes no loss of it.

    Args:
        standing: before.
        reduced: the entry after the close, and what the part earned.
        by_stop: the protective stop closed it.
        at_us: microseconds UTC.
        policy: the limits.
    """
    entry = reduced.entry
    whole = entry.realised if entry.open_size == 0 else NO_MONEY
    booked = standing.realised + reduced.realised
    return note_result(
        replace(standing, realised=Money(booked - whole)),
        realised=whole,
        by_stop=by_stop,
        symbol=entry.symbol,
        direction=entry.direction,
        at_us=at_us,
        policy=policy,
    )


def marked_anew(
    standing: AccountStanding, entries: Sequence[LedgerEntry], *, at_us: int, policy: RiskPolicy
) -> AccountStanding:
    """Return the standing marked at what the account is known to be worth, with what that trips.

    Whatever was realised counts at once, whether markets are observed again or not; positions
    stay at the prices they were marked at, so that nothing counts twice.

    Args:
        standing: with everything realised.
        entries: the live ones, as they are now.
        at_us: microseconds UTC.
        policy: the limits.
    """
    prices = () if standing.marks is None else standing.marks.prices
    equity = known_equity(standing, entries)
    return mark(standing, equity=equity, at_us=at_us, policy=policy, prices=prices)
