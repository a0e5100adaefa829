"""Funding rates fetched page by page."""

from __future__ import annotations

from snipersight.market.ccxt_past import funding_between

EIGHT = 8 * 3_600_000
ROWS = [{"timestamp": n * EIGHT + 3, "fundingRate": n / 1e5} for n in range(1, 12)]


def venue(page: int):
    asked: list[int] = []

    async def fetch(since_ms, _count):
        asked.append(since_ms)
        return [row for row in ROWS if row["timestamp"] >= since_ms][:page]

    return fetch, asked


async def test_all_payments_of_a_period_are_fetched_whatever_a_page_holds():
    wanted = [(n * EIGHT + 3, n / 1e5) for n in range(3, 10)]
    for page in (1, 2, 3, 100):
        fetch, asked = venue(page)
        assert await funding_between(2 * EIGHT + 3, 9 * EIGHT + 3, fetch) == wanted
        assert asked == sorted(set(asked))


async def test_a_venue_that_repeats_itself_or_has_no_more_ends_the_walk():
    async def same(_since_ms, _count):
        return ROWS[:2]

    found = await funding_between(0, 100 * EIGHT, same)
    assert [time for time, _ in found] == [EIGHT + 3, 2 * EIGHT + 3]
    fetch, _asked = venue(100)
    assert len(await funding_between(0, 100 * EIGHT, fetch)) == len(ROWS)


async def test_rows_without_time_or_rate_are_passed_over():
    async def fetch(since_ms, _count):
        rows = [{"timestamp": None, "fundingRate": 1.0}, {"timestamp": EIGHT, "fundingRate": None}]
        return rows + [row for row in ROWS[:1] if row["timestamp"] >= since_ms]

    assert await funding_between(0, 5 * EIGHT, fetch) == [(EIGHT + 3, 1e-5)]
