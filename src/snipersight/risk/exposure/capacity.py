"""What the limits leave, for those who ask without taking."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.observations import Correlations
from snipersight.domain.store import UnitOfWork
from snipersight.domain.units import NO_MONEY, Currency, Money, Symbol
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.exposure.checks import (
    MAX_CLUSTER,
    MAX_PER_ASSET,
    MAX_TOTAL,
    Headroom,
    headrooms,
)
from snipersight.risk.ledger.records import still_counting
from snipersight.risk.ledger.reserving import limit_checks
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.underlyings import underlying

_OF_ONE_ASSET: Final = (MAX_PER_ASSET, MAX_CLUSTER)
_NO_ASSET: Final = Currency("")
_ALL_UNKNOWN: Final = Correlations()


def claim_check(
    unit: UnitOfWork, code: str, claim: Claim | Check, *, policy: RiskPolicy, now_us: int
) -> Check:
    """Return one limit's answer to one more claim.

    Args:
        unit: an open view or transaction.
        code: of the limit.
        claim: beside what the ledger holds; a refusal to compute one is the answer itself.
        policy: the limits.
        now_us: microseconds UTC; a reservation that has ended by then counts no longer.
    """
    if isinstance(claim, Check):
        return claim
    checks = limit_checks(
        claim,
        still_counting(unit.live_entries(), at_us=now_us),
        equity=marked_equity(unit.account.standing),
        policy=policy,
        correlations=_ALL_UNKNOWN,
    )
    return next(check for check in checks if check.code == code)


def held_check(unit: UnitOfWork, *, policy: RiskPolicy, now_us: int) -> Check:
    """Return whether what is held keeps the limit of all trades; no equity allows none."""
    rooms, _ = _rooms(
        unit, None, Direction.LONG, policy=policy, now_us=now_us, correlations=_ALL_UNKNOWN
    )
    total = next(room for room in rooms if room.code == MAX_TOTAL)
    return Check(
        code=MAX_TOTAL,
        passed=total.limit > 0 and total.held <= total.limit,
        measured=total.held,
        limit=total.limit,
        sentence=f"{total.basis} of all trades is {total.held:.2f}, at most {total.limit:.2f}",
    )


def available(
    unit: UnitOfWork,
    symbol: str | None,
    *,
    policy: RiskPolicy,
    now_us: int,
    correlations: Correlations,
) -> Money:
    """Return the least that any limit of the policy's basis leaves; account currency.

    Args:
        unit: an open view or transaction.
        symbol: limits of its asset and cluster count too, for the side that has less; None: they
            do not.
        policy: the limits.
        now_us: microseconds UTC.
        correlations: between the underlyings.
    """
    left = []
    for direction in Direction:
        rooms, positions = _rooms(
            unit, symbol, direction, policy=policy, now_us=now_us, correlations=correlations
        )
        if positions >= policy.max_positions:
            return NO_MONEY
        left += [
            room.left
            for room in rooms
            if room.basis == policy.basis and (symbol is not None or room.code not in _OF_ONE_ASSET)
        ]
    return Money(max(min(left), Decimal(0)))


def _rooms(
    unit: UnitOfWork,
    symbol: str | None,
    direction: Direction,
    *,
    policy: RiskPolicy,
    now_us: int,
    correlations: Correlations,
) -> tuple[tuple[Headroom, ...], int]:
    book = ExposureBook.of(still_counting(unit.live_entries(), at_us=now_us))
    view = book.view(
        _NO_ASSET if symbol is None else underlying(Symbol(symbol)),
        None,
        correlations=correlations,
        threshold=policy.cluster_correlation,
    )
    equity = marked_equity(unit.account.standing)
    return headrooms(view, direction=direction, equity=equity, policy=policy), view.positions
