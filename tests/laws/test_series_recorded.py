"""The four laws on recorded markets: seven symbols, two crashes, outages and very small prices."""

import pytest

from snipersight.bootstrap.profiles import load_profile
from tests.builders.candles import dyadic_candles
from tests.laws.recordings import FOLDER, SPOT_2021, SPOT_2024, SPRING_2025, recorded, stretch
from tests.laws.series_laws import (
    Asked,
    mirror_breaks,
    prefix_breaks,
    scale_breaks,
    start_breaks,
)

BARS = 7_000
MARKETS = {
    "BTC 2024": (SPOT_2024, "BTCUSDT", "5m", "2024-03-01"),
    "ETH 2024": (SPOT_2024, "ETHUSDT", "5m", "2024-04-05"),
    "SOL 2024": (SPOT_2024, "SOLUSDT", "5m", "2024-06-10"),
    "PEPE 2024": (SPOT_2024, "PEPEUSDT", "5m", "2024-05-10"),
    "XRP 2024": (SPOT_2024, "XRPUSDT", "5m", "2024-07-01"),
    "BTC crash of May 2021": (SPOT_2021, "BTCUSDT", "5m", "2021-05-01"),
    "ADA crash of April 2025": (SPRING_2025, "ADAUSDT", "5m", "2025-03-18"),
    "LINK outage of April 2021": (SPOT_2021, "LINKUSDT", "5m", "2021-04-06"),
}
EACH = pytest.mark.parametrize("market", list(MARKETS))


def asked(market: str, *, is_dyadic: bool = False) -> Asked:
    """Return a recorded market under the rules of the default profile's trigger."""
    folder, pair, timeframe, day = MARKETS[market]
    candles = stretch(folder, pair, timeframe, from_text=day, bars=BARS)
    profile = load_profile("balanced", own_folder=FOLDER / "no profiles here")
    return Asked(
        candles=dyadic_candles(candles) if is_dyadic else candles,
        rules=profile.roles.trigger,
        setup=profile.setup,
    )


@recorded
@EACH
def test_later_bars_change_nothing_that_was_said(market):
    found = asked(market)
    assert found.said().setups
    for cut in (2_500, 5_000, BARS - 1):
        assert prefix_breaks(found, cut, seed=cut) == []


@recorded
@EACH
def test_earlier_bars_than_the_warm_up_change_nothing(market):
    found = asked(market)
    for dropped in (1, 399, 1_700):
        assert start_breaks(found, dropped) == []


@recorded
@EACH
def test_mirrored_prices_give_mirrored_facts(market):
    assert mirror_breaks(asked(market, is_dyadic=True), about=2.0**21) == []


@recorded
@EACH
@pytest.mark.parametrize("power", [-20, 3])
def test_prices_times_a_power_of_two_change_no_decision(market, power):
    assert scale_breaks(asked(market), power=power) == []
