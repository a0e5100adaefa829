"""The exposure limits: each blocks alone, exactly at its border, on both sides."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts, Basis
from snipersight.domain.observations import Correlations
from snipersight.domain.units import Currency
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.exposure.checks import exposure_checks, headrooms
from snipersight.risk.inputs import ClusterLoad, ExposureView
from snipersight.risk.policy import RiskPolicy
from tests.builders.ledger import a_claim, a_policy, correlations

LONG, SHORT = Direction.LONG, Direction.SHORT
EQUITY = Decimal(10_000)
ORDER = (
    "max_per_asset",
    "max_cluster",
    "max_total",
    "max_gross_notional",
    "max_margin",
    "max_positions",
)


def loose(**limits: Any) -> RiskPolicy:
    """Return a policy in which nothing but the given limits can bind."""
    open_to_all: dict[str, Any] = {
        "max_per_asset": "1000",
        "max_total": "1000",
        "max_cluster": "1",
        "max_leverage": "125",
        "max_margin": "1",
        "max_positions": 10_000,
    }
    return a_policy(**(open_to_all | limits))


def view_of(*claims: Claim, known: Correlations | None = None) -> ExposureView:
    return ExposureBook.of((), claims).view(
        Currency("BTC"),
        None,
        correlations=known or correlations(BTC_ETH="0"),
        threshold=Decimal("0.7"),
    )


def ask(
    view: ExposureView,
    policy: RiskPolicy,
    claim: Amounts,
    *,
    direction: Direction = LONG,
    equity: Decimal | None = EQUITY,
    wanted: Amounts | None = None,
    share: str = "0.25",
) -> dict[str, Check]:
    rooms = headrooms(view, direction=direction, equity=equity, policy=policy)
    checks = exposure_checks(
        rooms,
        claim,
        wanted=claim if wanted is None else wanted,
        smallest_share=Decimal(share),
        view=view,
        policy=policy,
    )
    return {check.code: check for check in checks}


def failed(checks: dict[str, Check]) -> list[str]:
    return [code for code, check in checks.items() if not check.passed]


def amounts(risk: str = "0", notional: str = "0", margin: str = "0") -> Amounts:
    return Amounts(risk=Decimal(risk), notional=Decimal(notional), margin=Decimal(margin))


# The limit; what is held beside it; the largest claim that keeps it; the next one.
BORDERS = [
    # 5 % of 10,000 is 500 of risk in the asset; 380 is held in BTC, 600 in ETH
    ("max_per_asset", {"max_per_asset": "0.05"}, amounts("120"), amounts("120.00000001")),
    # 10 % is 1,000, and 380 + 600 are held
    ("max_total", {"max_total": "0.1", "max_cluster": "0.1", "max_per_asset": "0.1"},
     amounts("20"), amounts("20.00000001")),
    # 4.5 % is 450 in BTC's cluster, in which ETH is not
    ("max_cluster", {"max_cluster": "0.045"}, amounts("70"), amounts("70.00000001")),
    # 2 × 10,000 of notional; 3,800 + 6,000 are held
    ("max_gross_notional", {"max_leverage": "2"},
     amounts("1", "10200", "1"), amounts("1", "10200.00000001", "1")),
    # half of 10,000 as margin; 1,900 + 3,000 are held
    ("max_margin", {"max_margin": "0.5"}, amounts("1", "1", "100"), amounts("1", "1", "100.01")),
]  # fmt: skip


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize(("code", "limits", "fits", "exceeds"), BORDERS)
def test_a_limit_blocks_alone_and_only_beyond_its_border(
    code: str, limits: dict[str, str], fits: Amounts, exceeds: Amounts, direction: Direction
) -> None:
    held = view_of(
        a_claim("BTC/USDT", direction=direction, risk="380", notional="3800", margin="1900"),
        a_claim("ETH/USDT", direction=direction, risk="600", notional="6000", margin="3000"),
    )
    policy = loose(**limits)
    assert failed(ask(held, policy, fits, direction=direction)) == []
    assert failed(ask(held, policy, exceeds, direction=direction)) == [code]
    assert failed(ask(held, loose(), exceeds, direction=direction)) == []


def test_the_number_of_positions_blocks_alone() -> None:
    held = view_of(a_claim("BTC/USDT"), a_claim("ETH/USDT"))
    assert failed(ask(held, loose(max_positions=3), amounts("1"))) == []
    checks = ask(held, loose(max_positions=2), amounts("1"))
    assert failed(checks) == ["max_positions"]
    assert checks["max_positions"].measured == 3
    assert checks["max_positions"].limit == 2
    assert checks["max_positions"].sentence == "would be trade 3, at most 2"


@pytest.mark.parametrize(
    ("basis", "asset", "total"),
    [(Basis.RISK, "100", "220"), (Basis.NOTIONAL, "2000", "5000"), (Basis.MARGIN, "400", "1400")],
)
def test_asset_and_total_count_the_basis_of_the_policy(
    basis: Basis, asset: str, total: str
) -> None:
    held = view_of(
        a_claim("BTC/USDT", risk="100", notional="2000", margin="400"),
        a_claim("ETH/USDT", risk="120", notional="3000", margin="1000"),
    )
    rooms = {
        room.code: room
        for room in headrooms(
            held, direction=LONG, equity=EQUITY, policy=loose(basis=basis, max_per_asset="0.5",
                                                              max_total="1")
        )
    }  # fmt: skip
    assert rooms["max_per_asset"].held == Decimal(asset)
    assert rooms["max_total"].held == Decimal(total)
    assert rooms["max_per_asset"].left == 5000 - Decimal(asset)
    assert rooms["max_total"].left == 10_000 - Decimal(total)
    assert {room.basis for room in rooms.values() if room.code in ORDER[:3:2]} == {basis}
    assert rooms["max_cluster"].basis is Basis.RISK


@pytest.mark.parametrize("equity", [None, "0", "-1", "NaN", "Infinity", "-Infinity"])
def test_without_equity_nothing_is_left(equity: str | None) -> None:
    known = None if equity is None else Decimal(equity)
    rooms = headrooms(view_of(), direction=LONG, equity=known, policy=loose())
    assert [(room.limit, room.left) for room in rooms] == [(Decimal(0), Decimal(0))] * 5
    checks = ask(view_of(), loose(), amounts("1", "1", "1"), equity=known, share="0")
    assert failed(checks) == list(ORDER[:5])


def test_checks_come_in_a_fixed_order_and_say_what_they_measured() -> None:
    held = view_of(a_claim("BTC/USDT", risk="450", notional="4500"))
    checks = ask(held, a_policy(), amounts("100", "1000", "1000"))
    assert tuple(checks) == ORDER
    breach = checks["max_per_asset"]
    assert (breach.measured, breach.limit) == (Decimal("550"), Decimal("500.00"))
    assert breach.sentence == (
        "risk in this asset would be 550.00, at most 500.00; 50.00 is left of 100.00 wanted"
    )
    kept = checks["max_total"]
    assert (kept.measured, kept.limit) == (Decimal("550"), Decimal("1000.00"))


def test_a_claim_cut_to_a_crumb_is_refused_and_told_what_it_wanted() -> None:
    held = view_of(a_claim("BTC/USDT", risk="480"))
    policy = loose(max_per_asset="0.05")
    # 20 are left: a quarter of 80, less than a quarter of 80.01
    assert failed(ask(held, policy, amounts("20"), wanted=amounts("80"))) == []
    checks = ask(held, policy, amounts("20"), wanted=amounts("80.01"))
    assert failed(checks) == ["max_per_asset"]
    assert checks["max_per_asset"].measured == Decimal("560.01")


def test_a_claim_beyond_the_room_is_measured_as_it_is() -> None:
    held = view_of(a_claim("BTC/USDT", risk="450"))
    checks = ask(held, loose(max_per_asset="0.05"), amounts("60"), wanted=amounts("100"))
    assert checks["max_per_asset"].measured == Decimal("510")
    assert "50.00 is left of 100.00 wanted" in checks["max_per_asset"].sentence


def test_nothing_left_blocks_even_a_claim_that_shrank_to_nothing() -> None:
    held = view_of(a_claim("BTC/USDT", risk="500"))
    policy = loose(max_per_asset="0.05")
    assert failed(ask(held, policy, amounts(), wanted=amounts("80"), share="0")) == [
        "max_per_asset"
    ]
    assert failed(ask(held, policy, amounts(), wanted=amounts(), share="0")) == []


def test_nothing_left_blocks_a_claim_of_a_fraction_too() -> None:
    held = view_of(a_claim("BTC/USDT", risk="500"))
    checks = ask(held, loose(max_per_asset="0.05"), amounts(), wanted=amounts("0.5"), share="0")
    assert failed(checks) == ["max_per_asset"]


@pytest.mark.parametrize(
    ("equity", "held", "sentence"),
    [
        ("1", "0.04", "0.06, at most 0.05; 0.01 is left of 0.02 wanted"),
        ("0.01", "0.0004", "0.02, at most 0.00050; 0.00010 is left of 0.02 wanted"),
        ("1", "0.05", "0.07, at most 0.05; 0.00 is left of 0.02 wanted"),
    ],
)
def test_amounts_are_told_to_the_cent_or_to_their_first_digits(
    equity: str, held: str, sentence: str
) -> None:
    view = view_of(a_claim("BTC/USDT", risk=held))
    policy = loose(max_per_asset="0.0500")
    checks = ask(view, policy, amounts("0.02"), equity=Decimal(equity))
    assert checks["max_per_asset"].sentence == f"risk in this asset would be {sentence}"


def test_every_room_tells_the_side_it_is_for() -> None:
    for side in Direction:
        rooms = headrooms(view_of(), direction=side, equity=EQUITY, policy=loose())
        assert {room.direction for room in rooms} == {side}


def test_what_is_measured_is_exact_beyond_the_digits_of_a_decimal() -> None:
    tiny = "0.0000000000000000000000000001"
    checks = ask(view_of(a_claim("BTC/USDT", risk="1000")), loose(), amounts(tiny))
    assert str(checks["max_total"].measured) == f"1000{tiny[1:]}"


def test_a_limit_already_passed_leaves_nothing_not_less() -> None:
    rooms = headrooms(
        view_of(a_claim("BTC/USDT", risk="700")),
        direction=LONG,
        equity=EQUITY,
        policy=a_policy(),
    )
    assert rooms[0].left == 0
    assert rooms[0].held == Decimal("700")


# Held in BTC and ETH with their correlation; a further BTC trade's side and risk; the heat of all
# by hand: the larger of √(rᵀρr) and the sum of the trade's side.
HEATS = [
    ("100", LONG, "50", LONG, "0.8", LONG, "50", "200"),  # stress 100 + 50 + 50
    ("100", LONG, "50", LONG, "0.8", SHORT, "150", "150"),  # √((−50)² + 50² − 4000) < 150
    ("0", LONG, "30", SHORT, "-1", LONG, "40", "70"),  # 40 + 30 lose together
    ("0", LONG, "30", SHORT, "1", LONG, "40", "40"),  # hedged to 10, the stress is 40
    ("0", LONG, "60", SHORT, "-0.75", LONG, "80", "131.148770486040013046882200"),  # √17200
]


def heat_of(load: ClusterLoad, direction: Direction, risk: Decimal) -> Decimal:
    """Return the heat that a cluster's check measures with a further trade."""
    view = ExposureView(cluster=load)
    measured = ask(view, loose(), amounts(str(risk)), direction=direction)["max_cluster"].measured
    assert isinstance(measured, Decimal)
    return measured


@pytest.mark.parametrize(
    ("btc", "btc_side", "eth", "eth_side", "rho", "side", "risk", "heat"), HEATS
)
def test_heat_is_the_larger_of_correlated_risk_and_one_side_stopped_together(
    btc: str,
    btc_side: Direction,
    eth: str,
    eth_side: Direction,
    rho: str,
    side: Direction,
    risk: str,
    heat: str,
) -> None:
    load = view_of(
        a_claim("BTC/USDT:USDT", risk=btc, direction=btc_side),
        a_claim("ETH/USDT:USDT", risk=eth, direction=eth_side),
        known=correlations(BTC_ETH=rho),
    ).cluster
    measured = heat_of(load, side, Decimal(risk))
    assert round(measured, 20) == round(Decimal(heat), 20)


def test_the_cluster_binds_by_correlated_risk_where_sides_lose_together() -> None:
    held = view_of(
        a_claim("ETH/USDT:USDT", risk="60", direction=SHORT),
        known=correlations(BTC_ETH="-0.75"),
    )
    policy = loose(max_cluster="0.01")  # 100: x² + 90x + 3600 ≤ 10000, x = −45 + √8425
    (room,) = (
        one
        for one in headrooms(held, direction=LONG, equity=EQUITY, policy=policy)
        if one.code == "max_cluster"
    )
    assert round(room.left, 10) == Decimal("46.7877987534")
    assert round(room.held, 10) == Decimal("60")
    assert failed(ask(held, policy, amounts("46.78779875"))) == []
    assert failed(ask(held, policy, amounts("46.78779876"))) == ["max_cluster"]


@pytest.mark.parametrize("limit", range(100, 110))
def test_a_room_whose_root_does_not_end_is_rounded_down(limit: int) -> None:
    held = view_of(
        a_claim("ETH/USDT:USDT", risk="60", direction=SHORT),
        known=correlations(BTC_ETH="-0.75"),
    )
    rooms = headrooms(
        held, direction=LONG, equity=Decimal(limit * 100), policy=loose(max_cluster="0.01")
    )
    x = Fraction(rooms[1].left)
    assert limit**2 - Fraction(1, 10**25) < x * x + 90 * x + 3600 <= limit**2
    assert len(rooms[1].left.as_tuple().digits) <= 34


def test_a_cluster_beyond_its_limit_takes_not_even_a_hedge() -> None:
    held = view_of(a_claim("ETH/USDT", risk="120"), known=correlations(BTC_ETH="0.9"))
    checks = ask(held, loose(max_cluster="0.01"), amounts("50"), direction=SHORT)
    assert failed(checks) == ["max_cluster"]


def test_unknown_correlation_counts_as_one_on_the_same_side_and_relieves_no_other() -> None:
    held = view_of(a_claim("ETH/USDT", risk="60"), known=Correlations())
    policy = loose(max_cluster="0.01")
    assert failed(ask(held, policy, amounts("40"))) == []
    assert failed(ask(held, policy, amounts("40.01"))) == ["max_cluster"]
    # 60² + 80² = 100²: the long neither adds to the short nor hedges it
    assert failed(ask(held, policy, amounts("80"), direction=SHORT)) == []
    assert failed(ask(held, policy, amounts("80.01"), direction=SHORT)) == ["max_cluster"]


risks = st.decimals(min_value=0, max_value=2000, places=4)
loads = st.tuples(risks, risks, st.decimals(min_value=-1, max_value=1, places=4)).flatmap(
    lambda held: st.sampled_from(Direction).map(
        lambda side: (
            view_of(
                a_claim("BTC/USDT:USDT", risk=str(held[0])),
                a_claim("ETH/USDT:USDT", risk=str(held[1]), direction=side),
                known=correlations(BTC_ETH=str(held[2])),
            ).cluster
        )
    )
)


@given(loads, st.sampled_from(Direction), st.decimals(min_value=100, max_value=3000, places=2))
def test_the_cluster_room_is_the_whole_room(
    load: ClusterLoad, direction: Direction, limit: Decimal
) -> None:
    policy = loose(max_cluster=str(limit / EQUITY))
    rooms = headrooms(ExposureView(cluster=load), direction=direction, equity=EQUITY, policy=policy)
    left = rooms[1].left
    if left > 0:
        assert heat_of(load, direction, left) <= limit
        x, cross = Fraction(left), Fraction(load.cross_for(direction)) * direction.sign
        assert x * x + 2 * x * cross + Fraction(load.square) <= Fraction(limit) ** 2
    assume(load.square <= limit * limit)
    assert heat_of(load, direction, left + Decimal("0.0001")) > limit


def test_the_heat_of_a_cluster_is_exact_to_the_last_digit() -> None:
    long = "0.1234567890123456789012345678"
    load = ClusterLoad(long=Decimal(long), square=Decimal(0), cross=Decimal(0))
    assert str(heat_of(load, LONG, Decimal(10_000))) == f"10000{long[1:]}"
