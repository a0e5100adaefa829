"""The backdrop of a market is what the setups' own feed knows beside setups."""

import numpy as np

from snipersight.analysis.factors_conflict import unusual_volatility
from snipersight.domain.candles import Candles
from snipersight.domain.timeframe import DAY_MS, HOUR_MS, Timeframe
from snipersight.planner.comparison.backdrop import Backdrop, Backdrops
from snipersight.planner.smc_source import SmcPlanFeed, SmcPlanSource
from tests.builders import an_instrument
from tests.fakes.scanning import FINE, NOON_MS, a_lively_profile
from tests.unit.planner.comparison.markets import PROFILE, an_instrument_of_it, frames

QUARTER = Timeframe.parse("15m")
KEPT_MS = (PROFILE.setup.valid_bars + 2) * FINE.duration_ms


def the_setups_feed() -> SmcPlanFeed:
    return SmcPlanSource(PROFILE).open(an_instrument_of_it(), None)


def read(until_ms: int = NOON_MS, *, step_ms: int | None = None) -> Backdrop:
    backdrop, first = Backdrop(PROFILE), int(frames()[FINE].open_time[0])
    for moment_ms in range(first, until_ms, step_ms or until_ms):
        backdrop.advance(frames(), until_ms=moment_ms)
    backdrop.advance(frames(), until_ms=until_ms)
    return backdrop


def test_shifts_regime_and_volatility_are_those_of_the_setups_feed():
    feed, backdrop = the_setups_feed(), read()
    for moment_ms in range(NOON_MS - 6 * DAY_MS, NOON_MS + 1, 7 * HOUR_MS):
        feed.advance(frames(), until_ms=moment_ms)
        assert backdrop.shifts(moment_ms - KEPT_MS, moment_ms) == feed.shifts()
        state, zone = backdrop.state_at(moment_ms), feed.readings()["zone"]
        assert state is not None
        assert state.regime is feed.regime
        assert state.unusual_volatility == unusual_volatility(
            zone.atr_percentile, PROFILE.roles.zone
        )
    assert len(backdrop.shifts(0, NOON_MS)) > 20


def test_it_is_warm_from_the_very_close_the_setups_feed_is():
    warm_ms = read().warm_ms
    assert warm_ms is not None
    feed = the_setups_feed()
    feed.advance(frames(), until_ms=warm_ms - 1)
    assert not feed.is_warm
    feed.advance(frames(), until_ms=warm_ms)
    assert feed.is_warm


def test_however_bars_come_the_same_is_known_of_every_moment():
    whole, stepped = read(), read(step_ms=5 * HOUR_MS)
    assert whole.warm_ms == stepped.warm_ms
    assert whole.shifts(0, NOON_MS) == stepped.shifts(0, NOON_MS)
    for moment_ms in range(NOON_MS - 20 * DAY_MS, NOON_MS, HOUR_MS):
        assert whole.state_at(moment_ms) == stepped.state_at(moment_ms)


def test_what_is_known_of_a_moment_is_the_same_whatever_follows():
    middle = NOON_MS - 4 * DAY_MS
    early, later = read(middle), read()
    assert early.warm_ms == later.warm_ms
    assert early.shifts(0, middle) == later.shifts(0, middle)
    for moment_ms in range(middle - 9 * DAY_MS, middle + 1, HOUR_MS):
        assert early.state_at(moment_ms) == later.state_at(moment_ms)


def test_nothing_is_known_before_the_roles_may_speak():
    first = int(frames()[FINE].open_time[0])
    backdrop = read(first + DAY_MS)
    assert backdrop.warm_ms is None
    assert backdrop.state_at(first + DAY_MS) is None
    assert Backdrop(PROFILE).state_at(NOON_MS) is None
    assert Backdrop(PROFILE).shifts(0, NOON_MS) == {}


def test_behind_a_hole_in_the_zone_s_bars_nothing_is_known():
    zone = frames()[QUARTER]
    hole = (NOON_MS - 9 * HOUR_MS, NOON_MS - 6 * HOUR_MS)
    kept = (zone.close_time <= hole[0]) | (zone.close_time > hole[1])
    names = ("open_time", "open", "high", "low", "close", "volume")
    torn = Candles(
        symbol=zone.symbol, timeframe=QUARTER, **{name: getattr(zone, name)[kept] for name in names}
    )
    backdrop = Backdrop(PROFILE)
    backdrop.advance({**frames(), QUARTER: torn}, until_ms=NOON_MS)
    bar_ms = QUARTER.duration_ms
    assert backdrop.state_at(hole[0] + 2 * bar_ms - 1) is not None
    assert backdrop.state_at(hole[0] + 2 * bar_ms) is None
    assert backdrop.state_at(hole[1]) is None
    assert backdrop.state_at(hole[1] + bar_ms) is not None


def test_portions_of_a_long_history_lose_no_shift(monkeypatch):
    whole = read().shifts(0, NOON_MS)
    monkeypatch.setattr("snipersight.planner.comparison.backdrop._PORTION_BARS", 97)
    assert read().shifts(0, NOON_MS) == whole
    assert np.all(np.diff([*whole]) > 0)


def test_each_market_has_one_backdrop_whoever_asks():
    shared = Backdrops(a_lively_profile())
    here = an_instrument_of_it()
    assert shared.of(here) is shared.of(here)
    assert shared.of(here) is not shared.of(an_instrument("BTC/USDT"))
