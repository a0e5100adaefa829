from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snipersight.bot.notifications.notices.alerts import an_alert
from snipersight.bot.notifications.notices.quiet import is_quiet, is_silent
from snipersight.domain.channels import Chat, QuietHours
from snipersight.domain.notices import Alert, Severity, SignalEvent, SignalUpdate
from tests.builders.stored_notices import a_told_signal

NIGHT = QuietHours(begin=time(22), end=time(7), timezone="Europe/Berlin")


def at(text: str) -> int:
    """Return a time with its zone as microseconds UTC."""
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2024-06-07T21:59:59+02:00", False),
        ("2024-06-07T22:00:00+02:00", True),
        ("2024-06-08T00:00:00+02:00", True),
        ("2024-06-08T06:59:59+02:00", True),
        ("2024-06-08T07:00:00+02:00", False),
        ("2024-01-07T22:00:00+01:00", True),  # the same wall time, an hour later in UTC
        ("2024-01-07T21:30:00+01:00", False),
    ],
)
def test_quiet_hours_run_over_midnight_by_the_clock_on_the_wall(moment, quiet):
    assert is_quiet(NIGHT, at_us=at(moment)) is quiet


def test_quiet_hours_within_a_day():
    lunch = QuietHours(begin=time(12), end=time(13, 30))
    moments = ("11:59:59", "12:00:00", "13:29:59", "13:30:00")
    found = [is_quiet(lunch, at_us=at(f"2024-06-07T{one}+00:00")) for one in moments]
    assert found == [False, True, True, False]


def test_an_hour_that_the_clocks_repeat_is_quiet_both_times():
    # Berlin, 27 October 2024: 02:30 is 00:30 UTC, and 01:30 UTC again.
    hours = QuietHours(begin=time(2), end=time(3), timezone="Europe/Berlin")
    moments = ("2024-10-26T23:59", "2024-10-27T00:30", "2024-10-27T01:30", "2024-10-27T02:00")
    found = [is_quiet(hours, at_us=at(f"{one}:00+00:00")) for one in moments]
    assert found == [False, True, True, False]


def test_an_hour_that_the_clocks_skip_is_never_quiet():
    # Berlin, 31 March 2024: 01:00 UTC is 03:00.
    hours = QuietHours(begin=time(2), end=time(3), timezone="Europe/Berlin")
    minutes = range(at("2024-03-31T00:00:00+00:00"), at("2024-03-31T04:00:00+00:00"), 60_000_000)
    assert not any(is_quiet(hours, at_us=minute) for minute in minutes)


TIMES = st.times()
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])


@given(begin=TIMES, end=TIMES, zone=ZONES, minute=st.integers(0, 5_000_000))
def test_a_moment_is_quiet_by_these_hours_or_by_their_opposite(begin, end, zone, minute):
    at_us = at("2020-01-01T00:00:00+00:00") + minute * 60_000_000
    here = is_quiet(QuietHours(begin=begin, end=end, timezone=zone), at_us=at_us)
    opposite = is_quiet(QuietHours(begin=end, end=begin, timezone=zone), at_us=at_us)
    assert here is not opposite if begin != end else not (here or opposite)


@given(begin=TIMES, end=TIMES, zone=ZONES, day=st.integers(0, 3_000))
def test_the_first_moment_is_quiet_and_the_end_is_not(begin, end, zone, day):
    first = datetime(2020, 1, 1, tzinfo=UTC).date() + timedelta(days=day)
    hours = QuietHours(begin=begin, end=end, timezone=zone)
    for wall, expected in ((begin, begin != end), (end, False)):
        moment = datetime.combine(first, wall, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if moment.astimezone(ZoneInfo(zone)).time() != wall:
            continue  # skipped by the clocks that day
        microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        assert is_quiet(hours, at_us=microseconds) is expected


def test_a_zone_that_does_not_exist_is_not_guessed():
    with pytest.raises(ZoneInfoNotFoundError):
        is_quiet(QuietHours(begin=time(1), end=time(2), timezone="Europe/Atlantis"), at_us=0)


def test_a_critical_alert_rings_at_night_and_a_lesser_one_does_not():
    chat = Chat(channel="telegram", address="1", quiet_hours=NIGHT)
    midnight = at("2024-06-08T00:00:00+02:00")
    critical = Alert(trigger="store", severity=Severity.CRITICAL, title="x", text="", at_ms=0)
    assert not is_silent(chat, critical, at_us=midnight)
    assert is_silent(chat, an_alert("venue_down", "x", at_ms=0), at_us=midnight)
    assert not is_silent(chat, an_alert("venue_down", "x", at_ms=0), at_us=at("2024-06-08T12:00Z"))


def test_a_price_that_nears_its_zone_is_told_quietly_at_noon_too():
    update = SignalUpdate(signal=a_told_signal(), event=SignalEvent.APPROACHING, at_ms=0)
    entered = SignalUpdate(signal=a_told_signal(), event=SignalEvent.ENTERED, at_ms=0)
    chat = Chat(channel="telegram", address="1")
    assert is_silent(chat, update, at_us=0)
    assert not is_silent(chat, entered, at_us=0)
