"""The book of claims, against sums a person can do by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.domain.direction import Direction
from snipersight.domain.exposure import Amounts
from snipersight.domain.ledger import EntryState, LedgerEntry
from snipersight.domain.observations import Correlations
from snipersight.domain.plan import PlanId, SetupId
from snipersight.domain.units import Currency, Size, Symbol
from snipersight.risk.exposure.book import Claim, ExposureBook
from snipersight.risk.inputs import ClusterLoad, ExposureView, Holding
from tests.builders.ledger import a_claim, an_entry, correlations

LONG, SHORT = Direction.LONG, Direction.SHORT
BTC, ETH, SOL, PEPE = (Currency(name) for name in ("BTC", "ETH", "SOL", "PEPE"))
NONE_KNOWN = Correlations()
THRESHOLD = Decimal("0.7")


def view_of(
    book: ExposureBook,
    underlying: Currency = BTC,
    *,
    setup: str | None = None,
    known: Correlations = NONE_KNOWN,
) -> ExposureView:
    setup_id = None if setup is None else SetupId(setup)
    return book.view(underlying, setup_id, correlations=known, threshold=THRESHOLD)


def load_of(*claims: Claim, underlying: Currency = BTC, known: Correlations) -> ClusterLoad:
    return view_of(ExposureBook.of((), claims), underlying, known=known).cluster


def test_an_asset_is_the_same_in_every_quote_and_market() -> None:
    book = ExposureBook.of(
        [
            an_entry("BTC/USDT", entry_id="a", pending="1", stop="90"),  # risk 10
            an_entry("BTC/USDC", entry_id="b", pending="2", stop="90"),  # risk 20
            an_entry("BTC/USDT:USDT", entry_id="c", filled="4", stop="95", leverage="5"),  # 20
            an_entry("ETH/USDT", entry_id="d", pending="7", stop="90"),  # risk 70
        ]
    )
    view = view_of(book)
    assert view.asset == Amounts(risk=Decimal("50"), notional=Decimal("700"), margin=Decimal("380"))
    assert view.total == Amounts(
        risk=Decimal("120"), notional=Decimal("1400"), margin=Decimal("1080")
    )
    assert view.positions == 4


def test_a_bundle_counts_under_its_asset() -> None:
    book = ExposureBook.of(
        [
            an_entry(
                "1000PEPE/USDT:USDT", entry_id="a", entry="0.01", pending="5000", stop="0.009"
            ),
            an_entry(
                "PEPE/USDT", entry_id="b", entry="0.00001", pending="1000000", stop="0.000009"
            ),
        ]
    )
    # 5,000 × 0.001 and 1,000,000 × 0.000001
    assert view_of(book, PEPE).asset.risk == Decimal("6")


@pytest.mark.parametrize(("direction", "stop"), [(LONG, "90"), (SHORT, "110")])
def test_pending_and_filled_parts_count_at_their_own_prices(
    direction: Direction, stop: str
) -> None:
    fill = "98" if direction is LONG else "102"  # better than the near edge: less is lost
    half_filled = an_entry(
        direction=direction, pending="6", filled="4", fill=fill, stop=stop, cost="0.5"
    )
    # 6 × (10 + 0.5) + 4 × (8 + 0.5)
    assert Claim.of(half_filled).amounts.risk == Decimal("97")
    assert Claim.of(half_filled).is_open
    assert not Claim.of(an_entry(direction=direction, stop=stop)).is_open


def test_a_claim_tells_of_its_trade_what_may_conflict_with_another() -> None:
    entry = an_entry("ETH/USDC", filled="0.5", venue="bybit", leverage="2")
    claim = Claim.of(entry)
    assert claim == Claim(
        venue="bybit",
        symbol=Symbol("ETH/USDC"),
        underlying=ETH,
        direction=LONG,
        plan_id=PlanId("plan-entry-1"),
        setup_id=SetupId("setup-entry-1"),
        amounts=Amounts(risk=Decimal(5), notional=Decimal(50), margin=Decimal(25)),
        is_open=True,
    )
    assert claim.holding == Holding(
        venue="bybit",
        symbol=Symbol("ETH/USDC"),
        direction=LONG,
        plan_id=PlanId("plan-entry-1"),
        setup_id=SetupId("setup-entry-1"),
        is_open=True,
    )


def test_a_stop_beyond_break_even_risks_nothing_but_ties_up_margin() -> None:
    safe = an_entry(filled="10", stop="101", leverage="2")
    assert Claim.of(safe).amounts == Amounts(
        risk=Decimal("0"), notional=Decimal("1000"), margin=Decimal("500")
    )


def test_amounts_are_in_the_currency_of_the_account() -> None:
    in_euro = an_entry("BTC/EUR", pending="1", stop="90", quote_rate="1.1")
    assert Claim.of(in_euro).amounts.risk == Decimal("11")
    assert Claim.of(in_euro).amounts.notional == Decimal("110")


def test_an_ended_entry_claims_nothing() -> None:
    ended = an_entry(pending="0", state=EntryState.RELEASED, ended_us=1)
    assert ExposureBook.of([ended]).claims == ()
    assert view_of(ExposureBook.of([ended])) == ExposureView()


def test_a_cluster_of_nothing_is_told_in_exact_numbers() -> None:
    # An audit record tells a Decimal from an int: of another type it would not read back equal.
    assert repr(view_of(ExposureBook.of([])).cluster) == repr(ClusterLoad())


# Signed risks r and the correlations between them; √(rᵀρr) by hand.
CLUSTERS = [
    # 100² + 100² + 2·0.8·100·100
    (("100", LONG), ("100", LONG), "0.8", "36000"),
    (("100", SHORT), ("100", SHORT), "0.8", "36000"),
    # a hedge: 100² + 100² − 2·0.8·100·100
    (("100", LONG), ("100", SHORT), "0.8", "4000"),
    # both sides of a pair that moves against each other lose together
    (("100", LONG), ("100", SHORT), "-0.9", "38000"),
    (("30", LONG), ("40", LONG), "1", "4900"),
]


@pytest.mark.parametrize(("one", "other", "rho", "square"), CLUSTERS)
def test_a_cluster_adds_up_signed_risks(
    one: tuple[str, Direction], other: tuple[str, Direction], rho: str, square: str
) -> None:
    load = load_of(
        a_claim("BTC/USDT", risk=one[0], direction=one[1]),
        a_claim("ETH/USDT", risk=other[0], direction=other[1]),
        known=correlations(BTC_ETH=rho),
    )
    signed = Decimal(other[0]) * other[1].sign
    assert load.members == (BTC, ETH)
    assert load.square == Decimal(square)
    assert load.cross == Decimal(one[0]) * one[1].sign + Decimal(rho) * signed
    assert load.unknown_long == load.unknown_short == 0


def test_a_cluster_of_three_counts_every_pair_once() -> None:
    load = load_of(
        a_claim("BTC/USDT", risk="100"),
        a_claim("ETH/USDT", risk="50"),
        a_claim("SOL/USDT:USDT", risk="20", direction=SHORT),
        known=correlations(BTC_ETH="0.9", BTC_SOL="0.8", ETH_SOL="0.5"),
    )
    # 10000 + 2500 + 400 + 2·(0.9·100·50 − 0.8·100·20 − 0.5·50·20)
    assert load.square == Decimal("17700")
    assert load.cross == Decimal("129")  # 100 + 0.9·50 − 0.8·20
    assert (load.long, load.short) == (Decimal("150"), Decimal("20"))


@pytest.mark.parametrize(
    ("rho", "members"),
    [("0.7", (BTC, ETH)), ("-0.7", (BTC, ETH)), ("0.6999", (BTC,)), ("-0.6999", (BTC,))],
)
def test_correlation_in_either_direction_makes_a_cluster(
    rho: str, members: tuple[Currency, ...]
) -> None:
    load = load_of(a_claim("BTC/USDT"), a_claim("ETH/USDT"), known=correlations(BTC_ETH=rho))
    assert load.members == members


def test_two_sides_of_one_asset_hedge_its_signed_risk_only() -> None:
    load = load_of(
        a_claim("BTC/USDT", risk="100"),
        a_claim("BTC/USDT:USDT", risk="60", direction=SHORT),
        known=NONE_KNOWN,
    )
    assert (load.long, load.short) == (Decimal("100"), Decimal("60"))
    assert load.square == Decimal("1600")  # (100 − 60)²


def test_unknown_correlation_adds_up_one_side_and_relieves_no_other() -> None:
    load = load_of(
        a_claim("ETH/USDT", risk="30"),
        a_claim("SOL/USDT", risk="40"),
        a_claim("PEPE/USDT:USDT", risk="20", direction=SHORT),
        known=NONE_KNOWN,
    )
    assert load.members == (ETH, PEPE, SOL)
    assert load.square == Decimal("5300")  # (30 + 40)² + 20²
    assert load.cross == 0
    assert load.cross_for(LONG) == Decimal("70")
    assert load.cross_for(SHORT) == Decimal("-20")


def test_what_is_known_of_a_cluster_counts_as_it_is_beside_what_is_not() -> None:
    load = load_of(
        a_claim("BTC/USDT", risk="100"),
        a_claim("ETH/USDT", risk="50"),
        a_claim("SOL/USDT:USDT", risk="20", direction=SHORT),
        known=correlations(BTC_ETH="0.8", ETH_SOL="-0.9"),
    )
    # 10000 + 2500 + 400 + 2·(0.8·100·50 + 0.9·50·20); BTC and SOL are unknown and hedge nothing
    assert load.square == Decimal("22700")


def test_sums_are_exact_beyond_the_digits_of_a_decimal() -> None:
    tiny = "0.0000000000000000000000000001"
    claims = a_claim("BTC/USDT", risk="10000"), a_claim("BTC/USDT", risk=tiny)
    book = ExposureBook().with_claim(claims[0]).with_claim(claims[1])
    for one in (book, ExposureBook.of((), claims)):
        assert str(one.total.risk) == f"10000{tiny[1:]}"
    cluster = view_of(book).cluster
    assert str(cluster.long) == f"10000{tiny[1:]}"
    # (10⁴ + 10⁻²⁸)² = 10⁸ + 2·10⁻²⁴ + 10⁻⁵⁶
    assert str(cluster.square) == f"100000000.{'0' * 23}2{'0' * 31}1"


def test_an_asset_without_claims_has_the_cluster_of_its_relatives() -> None:
    book = ExposureBook.of((), [a_claim("ETH/USDT", risk="50")])
    load = view_of(book, known=correlations(BTC_ETH="0.8")).cluster
    assert (load.members, load.cross, load.square) == ((ETH,), Decimal("40"), Decimal("2500"))


def test_holdings_are_those_of_the_asset_and_of_the_setup_elsewhere() -> None:
    book = ExposureBook.of(
        (),
        [
            a_claim("ETH/USDT", setup_id=SetupId("same"), venue="bybit"),
            a_claim("BTC/USDC", setup_id=SetupId("other")),
            a_claim("SOL/USDT", setup_id=SetupId("foreign")),
            a_claim("BTC/USDT", setup_id=SetupId("same"), is_open=True),
        ],
    )
    held = view_of(book, setup="same").holdings
    assert [(one.symbol, one.is_open) for one in held] == [
        ("BTC/USDC", False),
        ("BTC/USDT", True),
        ("ETH/USDT", False),
    ]
    assert view_of(book, SOL).holdings[0].symbol == "SOL/USDT"


def test_a_foreign_position_without_setup_is_no_holding_of_another_asset() -> None:
    book = ExposureBook.of((), [a_claim("ETH/USDT", setup_id=None, plan_id=None)])
    assert view_of(book, setup=None).holdings == ()
    assert view_of(book).total.risk == Decimal("100")


def test_what_was_worked_out_is_kept_until_correlations_or_claims_change() -> None:
    known = correlations(BTC_ETH="0.8")
    book = ExposureBook.of((), [a_claim("ETH/USDT")])
    first = view_of(book, known=known).cluster
    assert view_of(book, known=known).cluster is first
    assert view_of(book, known=correlations(BTC_ETH="0.1")).cluster.members == ()
    assert view_of(book, known=known).cluster == first
    grown = book.with_claim(a_claim("BTC/USDT"))
    assert view_of(grown, known=known).cluster.members == (BTC, ETH)
    assert view_of(book, known=known).cluster == first
    loose = book.view(BTC, None, correlations=known, threshold=Decimal("0.9")).cluster
    assert loose.members == ()


def test_an_earlier_book_spares_entries_that_are_the_same_objects() -> None:
    kept, changed = an_entry(entry_id="kept"), an_entry("ETH/USDT", entry_id="changed")
    before = ExposureBook.of([changed, kept], [a_claim("SOL/USDT")])
    moved = an_entry("ETH/USDT", entry_id="changed", pending="5")
    after = ExposureBook.of([moved, kept], before=before.with_claim(a_claim("SOL/USDT")))
    assert after.claims == ExposureBook.of([moved, kept]).claims
    assert after.claims[1] is before.claims[1]


def test_the_heat_of_an_earlier_book_counts_by_its_own_correlations_only() -> None:
    entries = [an_entry("BTC/USDT", entry_id="a"), an_entry("ETH/USDT", entry_id="b")]
    before = ExposureBook.of(entries)
    assert view_of(before, known=correlations(BTC_ETH="0.8")).cluster.square == Decimal(36_000)
    after = ExposureBook.of(entries, before=before)
    assert view_of(after, known=correlations(BTC_ETH="1")).cluster.square == Decimal(40_000)


NAMES = ("BTC", "ETH", "SOL", "PEPE")
amounts = st.decimals(min_value=0, max_value=10**9, places=8)
sides = st.sampled_from(Direction)
claims = st.lists(
    st.builds(
        lambda name, risk, notional, side: a_claim(
            f"{name}/USDT:USDT", risk=str(risk), notional=str(notional), direction=side
        ),
        st.sampled_from(NAMES),
        amounts,
        amounts,
        sides,
    ),
    max_size=12,
)
coefficients = st.one_of(st.none(), st.decimals(min_value=-1, max_value=1, places=4))
tables = st.lists(coefficients, min_size=6, max_size=6).map(
    lambda values: Correlations(
        pairs={
            (Currency(one), Currency(other)): rho
            for (one, other), rho in zip(combinations(sorted(NAMES), 2), values, strict=True)
            if rho is not None
        }
    )
)


@given(claims, tables, st.randoms(use_true_random=False))
def test_neither_order_nor_way_changes_an_amount(
    given_claims: list[Claim], known: Correlations, random: object
) -> None:
    shuffled = list(given_claims)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one_by_one = ExposureBook()
    for claim in shuffled:
        one_by_one = one_by_one.with_claim(claim)
    at_once = ExposureBook.of((), given_claims)
    for name in (*NAMES, "XRP"):
        whole = view_of(at_once, Currency(name), known=known)
        grown = view_of(one_by_one, Currency(name), known=known)
        assert (whole.total, whole.asset, whole.cluster) == (
            grown.total,
            grown.asset,
            grown.cluster,
        )


@given(claims, tables)
def test_mirrored_claims_have_the_same_risk(given_claims: list[Claim], known: Correlations) -> None:
    mirrored = [
        a_claim(one.symbol, risk=str(one.amounts.risk), direction=one.direction.opposite)
        for one in given_claims
    ]
    there = load_of(*given_claims, known=known)
    back = load_of(*mirrored, known=known)
    assert (there.square, there.long, there.short) == (back.square, back.short, back.long)
    assert there.cross_for(LONG) == -back.cross_for(SHORT)


def an_entry_of(number: int, name: str, size: int, side: Direction) -> LedgerEntry:
    return an_entry(
        f"{name}/USDT:USDT", entry_id=f"e{number}", pending=f"{size}.50", direction=side
    )


sized = st.tuples(st.sampled_from(NAMES), st.integers(0, 50), sides)
changes = st.lists(
    st.tuples(st.integers(0, 9), st.one_of(st.none(), st.just("ended"), sized)), max_size=8
)


@given(st.lists(sized, max_size=8), changes, claims, tables)
def test_a_book_made_from_an_earlier_one_is_the_book_made_from_nothing(
    held: list[tuple[str, int, Direction]],
    changed: list[tuple[int, tuple[str, int, Direction] | str | None]],
    beside: list[Claim],
    known: Correlations,
) -> None:
    entries = {number: an_entry_of(number, *one) for number, one in enumerate(held)}
    book = ExposureBook.of(list(entries.values()), beside)
    for number, change in changed:
        view_of(book, known=known)
        if change is None:
            entries.pop(number, None)
        elif isinstance(change, tuple):
            entries[number] = an_entry_of(number, *change)
        elif number in entries:
            entries[number] = replace(
                entries[number],
                pending_size=Size(Decimal(0)),
                state=EntryState.RELEASED,
                ended_us=1,
            )
        book = ExposureBook.of(list(entries.values()), beside[:number], before=book)
        anew = ExposureBook.of(list(entries.values()), beside[:number])
        assert (book.claims, str(book.total)) == (anew.claims, str(anew.total))
        for name in (*NAMES, "XRP"):
            underlying = Currency(name)
            assert view_of(book, underlying, known=known) == view_of(anew, underlying, known=known)
