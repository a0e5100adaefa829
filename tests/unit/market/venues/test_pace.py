"""A venue's limits are kept before it has to say so, and orders do not wait for questions."""

from typing import Any

import pytest

from snipersight.domain.errors import VenueUnavailable
from snipersight.market.venues.clock import VenueTime
from snipersight.market.venues.markets import OrderIds
from snipersight.market.venues.pace import Limits, Pace
from snipersight.market.venues.paging import PAGE, trades_since
from tests.builders.venue_contract import PERPETUAL

LIMITS = Limits(
    changes_per_s=10, changes_burst=5, questions_per_s=2, questions_burst=1, weight_per_minute=2400
)


class Bench:
    """A pace whose time is turned by hand; waiting turns it too."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.slept: list[float] = []
        self.pace = Pace(
            LIMITS,
            clock_ms=lambda: int(self.now_s * 1000),
            monotonic=lambda: self.now_s,
            sleep=self._sleep,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))


async def test_a_burst_passes_at_once_and_what_follows_is_spread():
    bench = Bench()
    for _ in range(8):
        await bench.pace.turn_of_change("order")
    assert bench.slept == [0.1, 0.2, 0.3]
    bench.now_s += 10
    bench.slept.clear()
    for _ in range(5):
        await bench.pace.turn_of_change("order")
    assert bench.slept == []


async def test_cancels_do_not_wait_behind_orders():
    bench = Bench()
    for _ in range(8):
        await bench.pace.turn_of_change("order")
    bench.slept.clear()
    await bench.pace.turn_of_change("cancel")
    assert bench.slept == []


async def test_questions_do_not_use_up_the_turns_of_orders():
    bench = Bench()
    for _ in range(10):
        await bench.pace.turn_of_question()
    bench.slept.clear()
    await bench.pace.turn_of_change("order")
    assert bench.slept == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "banned_s", "limited_s"),
    [
        (418, {"retry-after": "300"}, "", 300, None),
        (418, {}, "IP banned until 1300000.", 120, None),
        (418, {}, "IP banned until 0000001300000.", 300, None),
        (403, {}, "403, access too frequent.", 600, None),
        (403, {}, "<html>forbidden</html>", None, None),
        (429, {"retry-after": "7"}, "", None, 7),
        (429, {}, "", None, 60),
        (200, {}, "", None, None),
    ],
)
def test_a_ban_and_a_limit_last_as_long_as_the_venue_says(
    status, headers, body, banned_s, limited_s
):
    bench = Bench()
    bench.pace.note(status, headers, body)
    assert (bench.pace.banned_s > 0, bench.pace.limited_s > 0) == (
        banned_s is not None,
        limited_s is not None,
    )
    if banned_s is not None:
        assert bench.pace.banned_s == pytest.approx(banned_s)
    if limited_s is not None:
        assert bench.pace.limited_s == pytest.approx(limited_s)


def test_a_budget_that_is_nearly_used_is_kept_for_orders_until_the_minute_ends():
    bench = Bench()  # 1000 s: forty seconds into a minute
    bench.pace.note(200, {"x-mbx-used-weight-1m": "2160"}, "")
    assert bench.pace.saving_s < 0
    bench.pace.note(200, {"x-mbx-used-weight-1m": "2161"}, "")
    assert bench.pace.saving_s == pytest.approx(20)
    assert bench.pace.limited_s < 0


class Clocks:
    """Our clock and the venue's."""

    def __init__(self, *, ahead_ms: int, took_ms: list[int]) -> None:
        self.now_ms = 1_000_000
        self.ahead_ms = ahead_ms
        self.took_ms = took_ms
        self.asked = 0
        self.time = VenueTime(lambda: self.now_ms)

    async def ask(self) -> int:
        self.asked += 1
        took_ms = self.took_ms.pop(0) if self.took_ms else 10
        told_ms = self.now_ms + took_ms // 2 + self.ahead_ms
        self.now_ms += took_ms
        return told_ms


async def test_the_venues_time_is_ours_corrected_and_asked_for_every_ten_minutes():
    clocks = Clocks(ahead_ms=7_000, took_ms=[40])
    await clocks.time.compare(clocks.ask)
    assert clocks.time.now_ms() == clocks.now_ms + 7_000
    await clocks.time.compare(clocks.ask)
    assert clocks.asked == 1
    clocks.now_ms += 600_001
    await clocks.time.compare(clocks.ask)
    assert clocks.asked == 2
    clocks.time.doubt()
    await clocks.time.compare(clocks.ask)
    assert clocks.asked == 3


async def test_the_time_that_connecting_takes_is_not_taken_for_a_wrong_clock():
    clocks = Clocks(ahead_ms=0, took_ms=[1_500, 20])
    await clocks.time.compare(clocks.ask)
    assert (clocks.asked, clocks.time.ahead_ms) == (2, 0)


async def test_a_venue_that_tells_no_time_changes_nothing():
    clocks = Clocks(ahead_ms=5_000, took_ms=[])
    await clocks.time.compare(clocks.ask)
    clocks.time.doubt()

    async def silent() -> int:
        raise VenueUnavailable("no answer")

    with pytest.raises(VenueUnavailable):
        await clocks.time.compare(silent)
    assert clocks.time.ahead_ms == 5_000


class Trades:
    """A venue's trades, which are asked for in windows of time or by number."""

    def __init__(self, times: list[int], *, window_ms: int) -> None:
        self.rows = [{"id": number, "time": time} for number, time in enumerate(times)]
        self.window_ms = window_ms
        self.asked: list[dict[str, Any]] = []

    async def ask(self, span: Any) -> list[dict[str, Any]]:
        self.asked.append(dict(span))
        if "fromId" in span:
            return [row for row in self.rows if row["id"] >= span["fromId"]][: span["limit"]]
        start = span["startTime"]
        end = span.get("endTime", start + self.window_ms - 1)
        assert end - start < self.window_ms
        return [row for row in self.rows if start <= row["time"] <= end][: span["limit"]]


@pytest.mark.parametrize(
    "times",
    [
        [],
        [50],
        [5, 950],
        [450, 460, 999],
        list(range(0, 1000, 10)),
        [100] * (2 * PAGE + 5),
        [950] * (PAGE + 1),
    ],
)
async def test_no_execution_is_missed_or_counted_twice_over_windows_and_pages(times):
    venue = Trades(times, window_ms=100)
    found = await trades_since(venue.ask, since_ms=0, now_ms=999, window_ms=100)
    assert [row["id"] for row in found] == list(range(len(times)))


async def test_what_was_traded_after_our_clock_is_seen_too():
    venue = Trades([1_005], window_ms=100)
    found = await trades_since(venue.ask, since_ms=950, now_ms=1_000, window_ms=100)
    assert len(found) == 1


def test_ids_are_remembered_by_market_and_the_newest_stay():
    ids = OrderIds()
    ids.learn(PERPETUAL, "1", "ss-a")
    ids.learn(PERPETUAL, "", "ss-b")
    ids.learn(PERPETUAL, "2", "")
    assert ids.client_id(PERPETUAL, "1") == "ss-a"
    assert ids.client_id(PERPETUAL, "2") is None
    for number in range(3, 5_100):
        ids.learn(PERPETUAL, str(number), f"ss-{number}")
    assert ids.client_id(PERPETUAL, "1") is None
    assert ids.client_id(PERPETUAL, "5099") == "ss-5099"


class Waiting(Bench):
    """A bench where waiting turns the time."""

    async def _sleep(self, seconds: float) -> None:
        await super()._sleep(seconds)
        self.now_s += seconds


async def test_a_limit_of_a_moment_is_waited_out():
    bench = Waiting()
    bench.pace.note(429, {"retry-after": "1"}, "")
    await bench.pace.wait_out_limit()
    assert bench.slept == [1.0]
    assert bench.pace.limited_s <= 0
    await bench.pace.wait_out_limit()
    assert bench.slept == [1.0]


async def test_a_long_limit_and_a_ban_are_not_waited_out():
    bench = Waiting()
    bench.pace.note(429, {"retry-after": "2"}, "")
    bench.pace.note(418, {"retry-after": "1"}, "")
    await bench.pace.wait_out_limit()
    assert bench.slept == []
