"""What a cluster holds and leaves, where its two sides or unknown correlations decide."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from snipersight.domain.direction import Direction
from snipersight.domain.exposure import NOTHING, Amounts
from snipersight.domain.observations import Correlations
from snipersight.domain.units import Currency
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.exposure.checks import exposure_checks, headrooms
from snipersight.risk.inputs import ClusterLoad, ExposureView
from tests.builders.ledger import a_claim, a_policy, correlations

LONG, SHORT = Direction.LONG, Direction.SHORT
POLICY = a_policy(max_cluster="0.05", max_per_asset="0.05", max_total="0.05")
EQUITY = Decimal(2_000)  # 5 % of it are 100


def held(*claims: Claim, known: Correlations | None = None) -> ExposureView:
    return ExposureBook.of((), claims).view(
        Currency("BTC"), None, correlations=known or Correlations(), threshold=Decimal("0.7")
    )


def room(view: ExposureView, side: Direction) -> Decimal:
    return headrooms(view, direction=side, equity=EQUITY, policy=POLICY)[1].left


def heat(load: ClusterLoad, side: Direction, risk: Decimal) -> Decimal:
    """Return the heat that the cluster's check measures with a further trade."""
    view, claim = ExposureView(cluster=load), Amounts(risk=risk)
    checks = exposure_checks(
        headrooms(view, direction=side, equity=EQUITY, policy=POLICY),
        claim,
        wanted=NOTHING,
        smallest_share=Decimal(0),
        view=view,
        policy=POLICY,
    )
    measured = checks[1].measured
    assert (checks[1].code, type(measured)) == ("max_cluster", Decimal)
    return Decimal(measured)  # type: ignore[arg-type]


def test_a_cluster_exactly_at_its_limit_takes_what_hedges_it() -> None:
    full = held(a_claim("BTC/USDT:USDT", risk="100"))
    assert room(full, LONG) == 0
    assert room(full, SHORT) == 100


@pytest.mark.parametrize("side", list(Direction))
def test_one_side_beyond_the_limit_leaves_nothing_to_the_other_though_it_is_hedged(
    side: Direction,
) -> None:
    hedged = held(
        a_claim("BTC/USDT:USDT", risk="120", direction=side),
        a_claim("BTC/USDT:USDT", risk="60", direction=side.opposite),
    )
    assert heat(hedged.cluster, side.opposite, Decimal(0)) == 120
    assert room(hedged, side.opposite) == room(hedged, side) == 0


@pytest.mark.parametrize("side", list(Direction))
def test_what_is_unknown_beside_what_moves_against_each_other_narrows_the_room(
    side: Direction,
) -> None:
    view = held(
        a_claim("ETH/USDT:USDT", risk="60", direction=side.opposite),
        a_claim("SOL/USDT:USDT", risk="30", direction=side),
        known=correlations(BTC_ETH="-0.75", ETH_SOL="0"),
    )
    # x² + 2·(45 + 30)·x + 60² + 30² ≤ 100², x = −75 + √11125
    assert round(room(view, side), 10) == Decimal("30.4751155486")


def test_the_stress_of_one_side_is_exact_where_the_correlated_risk_equals_it() -> None:
    long = Decimal("0.1234567890123456789012345678")
    with localcontext(prec=120):
        load = ClusterLoad(members=(Currency("BTC"),), long=long, square=long * long, cross=long)
    # (10⁸ + long)² is a square: its root has more digits than a root is told with.
    assert str(heat(load, LONG, Decimal(10**8))) == f"{10**8}{str(long)[1:]}"


def test_a_root_that_does_not_end_is_told_in_34_digits() -> None:
    # 40 long beside 60 short that move against each other: √(40² + 60² + 2·0.75·40·60).
    view = held(
        a_claim("BTC/USDT", risk="40"),
        a_claim("ETH/USDT:USDT", risk="60", direction=SHORT),
        known=correlations(BTC_ETH="-0.75"),
    )
    assert len(heat(view.cluster, LONG, Decimal(0)).as_tuple().digits) == 34
