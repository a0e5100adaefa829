from decimal import Decimal

from snipersight.domain.exposure import Basis
from snipersight.engine.usage import Used, usage
from tests.builders.ledger import a_policy, an_entry

EQUITY = Decimal(10_000)


def by_code(*entries, equity=EQUITY, **limits) -> dict[str, Used]:
    return {row.code: row for row in usage(entries, equity=equity, policy=a_policy(**limits))}


def test_nothing_held_takes_nothing_and_no_asset_is_named():
    rows = by_code()
    assert "max_per_asset" not in rows
    assert {row.amount for row in rows.values()} == {0}
    assert rows["max_total"].limit == Decimal(1000)
    assert rows["max_gross_notional"].limit == Decimal(50_000)
    assert rows["max_positions"].limit == 10


def test_amounts_add_up_and_the_fullest_asset_is_named():
    # Each risks 100 on a notional of 1,000; the two BTC symbols are one asset.
    held = (
        an_entry("BTC/USDT:USDT", entry_id="a", leverage="2"),
        an_entry("BTC/USDC:USDC", entry_id="b"),
        an_entry("ETH/USDT:USDT", entry_id="c"),
    )
    rows = by_code(*held)
    assert rows["max_total"].amount == Decimal(300)
    assert (rows["max_per_asset"].amount, rows["max_per_asset"].of) == (Decimal(200), "risk in BTC")
    assert rows["max_per_asset"].share == Decimal("0.4")
    assert rows["max_gross_notional"].amount == Decimal(3000)
    assert rows["max_margin"].amount == Decimal(2500)
    assert (rows["max_positions"].amount, rows["max_positions"].left) == (Decimal(3), Decimal(7))


def test_the_basis_says_what_total_and_asset_count():
    rows = by_code(an_entry(), basis=Basis.NOTIONAL)
    assert rows["max_total"].amount == rows["max_per_asset"].amount == Decimal(1000)
    assert rows["max_total"].of == "notional of all trades"


def test_more_than_a_limit_leaves_nothing_and_no_equity_allows_nothing():
    over = by_code(an_entry(pending="200"))["max_total"]
    assert (over.left, over.share) == (Decimal(0), Decimal(2))
    ruined = by_code(an_entry(), equity=Decimal(-5))["max_total"]
    assert (ruined.limit, ruined.left, ruined.share) == (Decimal(0), Decimal(0), Decimal(1))
