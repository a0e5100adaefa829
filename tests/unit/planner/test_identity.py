"""A setup keeps its name while it is the same setup, and only then."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings

from snipersight.analysis.entry_zone import EntryZone, entry_zone
from snipersight.analysis.facts import PriceZone, Setup, Shift
from snipersight.domain.direction import Direction
from snipersight.domain.profile import Profile
from snipersight.domain.timeframe import Timeframe
from snipersight.planner.identity import identify_setup
from tests.builders import a_profile, a_setup, an_instrument
from tests.builders.strategies import contexts

M15 = Timeframe.parse("15m")


def zone_of(setup: Setup, profile: Profile | None = None) -> EntryZone:
    zone = entry_zone(setup, (profile or a_profile()).setup.zone_from)
    assert zone is not None
    return zone


def name(setup: Setup, symbol: str = "BTC/USDT", timeframe: Timeframe = M15, **market: str) -> str:
    return identify_setup(setup, zone_of(setup), an_instrument(symbol, **market), timeframe)


def test_the_same_zone_of_the_same_leg_is_the_same_setup_at_every_later_close():
    setup = a_setup()
    later = replace(setup, known_at_ms=setup.known_at_ms + 900_000, close=105.0, atr=2.5)
    assert name(later) == name(setup)


def test_a_second_level_broken_by_the_same_leg_makes_no_second_setup():
    setup = a_setup()
    again = replace(setup.shift, level=103.5, at_ms=setup.shift.at_ms + 900_000)
    assert isinstance(again, Shift)
    assert name(replace(setup, shift=again)) == name(setup)


@pytest.mark.parametrize(
    "other",
    [
        a_setup(Direction.SHORT),
        a_setup(block=PriceZone(low=98.0, high=100.5, at_ms=a_setup().origin_at_ms)),
        a_setup(block=None),
        a_setup(gap=None),
        a_setup(origin_at_ms=a_setup().origin_at_ms - 900_000),
    ],
)
def test_another_side_zone_or_leg_is_another_setup(other):
    assert name(other) != name(a_setup())


def test_another_market_venue_or_timeframe_is_another_setup():
    setup = a_setup()
    names = {
        name(setup),
        name(setup, "BTC/USDT:USDT"),
        name(setup, "ETH/USDT"),
        name(setup, venue="binance"),
        name(setup, timeframe=Timeframe.parse("5m")),
    }
    assert len(names) == 5


def test_the_tick_plays_no_part():
    assert name(a_setup(), tick="0.5") == name(a_setup(), tick="0.00000001")


def test_the_name_is_made_of_market_side_zone_and_leg_alone():
    text = "sandbox|BTC/USDT|LONG|15m|100|99|1717749000000|1717750800000|1717748100000"
    assert name(a_setup()) == hashlib.sha256(text.encode()).hexdigest()[:16]


@settings(deadline=None)
@given(context=contexts())
def test_any_setup_with_a_zone_has_a_name_of_sixteen_hexadecimal_digits(context):
    identity = name(context.setup)
    assert len(identity) == 16
    assert int(identity, 16) >= 0
