"""Sessions and kill zones move with the clock of their own city."""

from datetime import datetime

import pytest

from snipersight.analysis.sessions import KillZone, Session, kill_zones_at, sessions_at


def at(utc: str) -> int:
    return int(datetime.fromisoformat(f"{utc}+00:00").timestamp() * 1000)


def test_tokyo_knows_no_daylight_saving():
    for day in ("2024-01-10", "2024-07-10"):
        assert Session.ASIA not in sessions_at(at(f"{day} 23:59"))
        assert Session.ASIA in sessions_at(at(f"{day} 00:00"))
        assert Session.ASIA in sessions_at(at(f"{day} 08:59"))
        assert Session.ASIA not in sessions_at(at(f"{day} 09:00"))


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        ("2024-03-29", "08:00"),  # Friday before the clocks go forward in London
        ("2024-04-01", "07:00"),  # Monday after
        ("2024-10-25", "07:00"),  # Friday before they go back
        ("2024-10-28", "08:00"),  # Monday after
    ],
)
def test_london_opens_at_eight_by_its_own_clock(day, opens):
    opening = at(f"{day} {opens}")
    assert Session.LONDON in sessions_at(opening)
    assert Session.LONDON not in sessions_at(opening - 1)


@pytest.mark.parametrize(
    ("day", "opens"),
    [
        ("2024-03-08", "13:00"),  # Friday before the clocks go forward in New York
        ("2024-03-11", "12:00"),  # Monday after; London still has winter time
        ("2024-11-01", "12:00"),  # Friday before they go back
        ("2024-11-04", "13:00"),  # Monday after
    ],
)
def test_new_york_opens_at_eight_by_its_own_clock(day, opens):
    opening = at(f"{day} {opens}")
    assert Session.NEW_YORK in sessions_at(opening)
    assert Session.NEW_YORK not in sessions_at(opening - 1)


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2024-02-14 07:00", {KillZone.LONDON_OPEN}),
        ("2024-02-14 09:59", {KillZone.LONDON_OPEN}),
        ("2024-02-14 10:00", set()),
        ("2024-02-14 12:00", {KillZone.NEW_YORK_OPEN}),
        ("2024-02-14 15:00", {KillZone.LONDON_CLOSE}),
        ("2024-02-14 17:00", set()),
        ("2024-07-10 06:00", {KillZone.LONDON_OPEN}),
        ("2024-07-10 11:00", {KillZone.NEW_YORK_OPEN}),
        ("2024-07-10 14:00", {KillZone.LONDON_CLOSE}),
        # For three weeks in March New York is one hour nearer to London.
        ("2024-03-13 11:00", {KillZone.NEW_YORK_OPEN}),
        ("2024-03-13 14:00", set()),
        ("2024-03-13 15:00", {KillZone.LONDON_CLOSE}),
    ],
)
def test_kill_zones_are_half_open_hours_of_their_city(utc, expected):
    assert kill_zones_at(at(utc)) == expected


def test_london_and_new_york_overlap():
    assert sessions_at(at("2024-02-14 14:00")) == {Session.LONDON, Session.NEW_YORK}


def test_weekends_have_no_session_by_the_citys_own_day():
    assert sessions_at(at("2024-02-17 14:00")) == frozenset()  # Saturday
    assert kill_zones_at(at("2024-02-18 08:00")) == frozenset()  # Sunday
    # Sunday 23:30 UTC is Monday morning in Tokyo, before its session.
    assert sessions_at(at("2024-02-18 23:30")) == frozenset()
    assert sessions_at(at("2024-02-19 00:30")) == {Session.ASIA}
