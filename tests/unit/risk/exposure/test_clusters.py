"""Clusters: what is related directly or through what is held, and one limit for all of it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.decision import Check
from snipersight.domain.direction import Direction
from snipersight.domain.observations import Correlations
from snipersight.domain.units import Currency
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.exposure.checks import exposure_checks, headrooms
from snipersight.risk.inputs import ClusterLoad
from snipersight.risk.policy import RiskPolicy
from tests.builders.ledger import a_claim, a_policy, correlations

LONG, SHORT = Direction.LONG, Direction.SHORT
BTC, ETH, SOL, PEPE = (Currency(name) for name in ("BTC", "ETH", "SOL", "PEPE"))
THRESHOLD = Decimal("0.7")
WIDE = ("ADA", "BTC", "DOT", "ETH", "SOL", "XRP")


def load_in(book: ExposureBook, underlying: str, known: Correlations) -> ClusterLoad:
    view = book.view(Currency(underlying), None, correlations=known, threshold=THRESHOLD)
    return view.cluster


def load_of(*claims: Claim, underlying: Currency = BTC, known: Correlations) -> ClusterLoad:
    return load_in(ExposureBook.of((), claims), underlying, known)


def only(max_cluster: str) -> RiskPolicy:
    """Return a policy in which nothing but the limit of clusters can bind."""
    return a_policy(
        max_per_asset="1000",
        max_total="1000",
        max_cluster=max_cluster,
        max_leverage="125",
        max_margin="1",
        max_positions=10_000,
    )


def answer(book: ExposureBook, claim: Claim, known: Correlations, policy: RiskPolicy) -> Check:
    """Return what the limit of clusters says to a claim, at an equity of 10,000."""
    view = book.view(claim.underlying, None, correlations=known, threshold=THRESHOLD)
    equity = Decimal(10_000)
    rooms = headrooms(view, direction=claim.direction, equity=equity, policy=policy)
    checks = exposure_checks(
        rooms,
        claim.amounts,
        wanted=claim.amounts,
        smallest_share=Decimal(0),
        view=view,
        policy=policy,
    )
    return next(check for check in checks if check.code == "max_cluster")


def test_a_cluster_goes_on_through_what_is_held() -> None:
    chain = correlations(BTC_ETH="0.8", ETH_SOL="-0.8", BTC_SOL="0.5")
    ends = [a_claim("BTC/USDT", risk="50"), a_claim("SOL/USDT", risk="20", direction=SHORT)]
    assert load_of(*ends, known=chain).members == (BTC,)
    # A plan joins the two, and so does a claim; they keep the correlation that was measured.
    joined = load_of(*ends, underlying=ETH, known=chain)
    assert (joined.members, joined.long, joined.short) == ((BTC, SOL), Decimal(50), Decimal(20))
    assert joined.square == Decimal("1900")  # 2500 + 400 − 2·0.5·50·20
    assert joined.cross == Decimal("56")  # 0.8·50 + 0.8·20
    whole = load_of(*ends, a_claim("ETH/USDT", risk="0"), known=chain)
    assert (whole.members, whole.square) == ((BTC, ETH, SOL), Decimal("1900"))
    assert whole.cross == Decimal("40")  # 50 − 0.5·20


def test_what_was_never_measured_joins_all_that_is_held() -> None:
    load = load_of(
        a_claim("BTC/USDT", risk="50"),
        a_claim("ETH/USDT", risk="20"),
        a_claim("PEPE/USDT:USDT", risk="0"),
        known=correlations(BTC_ETH="0.1"),
    )
    assert load.members == (BTC, ETH, PEPE)
    assert load.square == Decimal("3100")  # 2500 + 400 + 2·0.1·50·20


sides = st.sampled_from(Direction)
wide_tables = st.lists(
    st.sampled_from([None, "-0.9", "-0.7", "0", "0.3", "0.5", "0.6999", "0.8"]),
    min_size=15,
    max_size=15,
).map(
    lambda values: correlations(
        **{
            "_".join(pair): rho
            for pair, rho in zip(combinations(WIDE, 2), values, strict=True)
            if rho is not None
        }
    )
)
wide_claims = st.lists(
    st.builds(
        lambda name, risk, side: a_claim(f"{name}/USDT:USDT", risk=str(risk), direction=side),
        st.sampled_from(WIDE),
        st.integers(0, 500),
        sides,
    ),
    max_size=8,
)


def united(names: set[str], known: Correlations) -> dict[str, str]:
    """Return the head of each name's cluster, by plain union-find."""
    heads = {name: name for name in names}

    def head(name: str) -> str:
        return name if heads[name] == name else head(heads[name])

    for one, other in combinations(sorted(names), 2):
        rho = known.pairs.get((Currency(one), Currency(other)))
        if rho is None or abs(rho) >= THRESHOLD:
            heads[head(one)] = head(other)
    return {name: head(name) for name in names}


@given(wide_claims, wide_tables)
def test_clusters_are_what_union_find_says(given_claims: list[Claim], known: Correlations) -> None:
    at_once, grown = ExposureBook.of((), given_claims), ExposureBook()
    for claim in given_claims:
        load_in(grown, "BTC", known)
        grown = grown.with_claim(claim)
    held = {str(claim.underlying) for claim in given_claims}
    for name in WIDE:
        heads = united(held | {name}, known)
        members = tuple(sorted(one for one in held if heads[one] == heads[name]))
        load = load_in(at_once, name, known)
        assert load.members == members
        assert load_in(grown, name, known) == load
        for direction, side in ((LONG, load.long), (SHORT, load.short)):
            assert side == sum(
                one.amounts.risk
                for one in given_claims
                if one.underlying in members and one.direction is direction
            )


@given(wide_claims, wide_tables)
def test_clusters_of_what_is_held_share_nothing_and_leave_nothing_out(
    given_claims: list[Claim], known: Correlations
) -> None:
    book = ExposureBook.of((), given_claims)
    held = {claim.underlying for claim in given_claims}
    clusters = {load_in(book, name, known).members for name in held}
    assert sorted(name for members in clusters for name in members) == sorted(held)


CHAIN = correlations(BTC_ETH="0.8", BTC_SOL="0.8", ETH_SOL="0.5")


def test_a_cluster_is_not_passed_from_the_side() -> None:
    policy, book = only("0.06"), ExposureBook()
    for symbol, risk, fits in (
        ("BTC/USDT", "100", True),
        ("ETH/USDT", "500", True),
        # ETH and SOL are related through BTC: 600 are held, nothing is left
        ("SOL/USDT", "0.01", False),
        ("SOL/USDT", "500", False),
    ):
        claim = a_claim(symbol, risk=risk)
        assert answer(book, claim, CHAIN, policy).passed is fits
        book = book.with_claim(claim) if fits else book


def test_a_trade_that_joins_two_clusters_keeps_both_sides_of_the_whole() -> None:
    held = [a_claim(f"{name}/USDT", risk="400", direction=SHORT) for name in ("ETH", "SOL")]
    apart = correlations(BTC_ETH="0.7", BTC_SOL="-0.7", ETH_SOL="0")
    book = ExposureBook.of((), held)
    long = a_claim("BTC/USDT", risk="100")
    # √(400² + 400² + …) is 574, but 800 would be stopped together on the other side
    assert answer(book, long, apart, only("0.08"))
    refusal = answer(book, long, apart, only("0.0799"))
    assert not refusal
    assert (refusal.measured, refusal.limit) == (Decimal(800), Decimal(799))


trades = st.lists(
    st.tuples(st.sampled_from(WIDE), st.integers(1, 60), st.sampled_from(Direction)), max_size=12
)


def clusters_of(names: set[str], known: Correlations) -> list[set[str]]:
    found: list[set[str]] = []
    for name in names:
        touched = [
            one
            for one in found
            if any(
                (rho := known.between(Currency(name), Currency(other))) is None
                or abs(rho) >= THRESHOLD
                for other in one
            )
        ]
        found = [one for one in found if one not in touched] + [{name}.union(*touched)]
    return found


@given(trades, wide_tables)
def test_every_cluster_keeps_its_limit_after_every_trade(
    asked: list[tuple[str, int, Direction]], known: Correlations
) -> None:
    book, policy = ExposureBook(), only("0.01")
    for name, risk, direction in asked:
        claim = a_claim(f"{name}/USDT", risk=str(risk), direction=direction)
        if not answer(book, claim, known, policy):
            continue
        book = book.with_claim(claim)
        for cluster in clusters_of({str(one.underlying) for one in book.claims}, known):
            held = [one for one in book.claims if one.underlying in cluster]
            for side in Direction:
                assert sum(one.amounts.risk for one in held if one.direction is side) <= 100
            assert squared_heat(held, known) <= 100**2


def squared_heat(held: list[Claim], known: Correlations) -> Fraction:
    risks: dict[Currency, Fraction] = {}
    for one in held:
        signed = Fraction(one.amounts.risk) * one.direction.sign
        risks[one.underlying] = risks.get(one.underlying, Fraction(0)) + signed
    total = Fraction(0)
    for one_name, r in risks.items():
        for other, s in risks.items():
            rho = known.between(one_name, other)
            total += max(r * s, Fraction(0)) if rho is None else Fraction(rho) * r * s
    return total
