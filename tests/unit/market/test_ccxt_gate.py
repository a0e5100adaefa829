"""Patience with a venue that fails, and none with one that bans."""

import asyncio

import ccxt
import pytest

from snipersight.domain.errors import DataInvalid, VenueUnavailable
from snipersight.market.ccxt_gate import RequestGate


class Venue:
    """A scripted venue and the time that passes while waiting for it."""

    def __init__(self, *outcomes: Exception | str) -> None:
        self.outcomes = list(outcomes)
        self.time_s = 1_700_000_000.0
        self.slept: list[float] = []
        self.running = self.most_running = 0
        self.gate = RequestGate(
            "x",
            clock=lambda: int(self.time_s * 1000),
            monotonic=lambda: self.time_s,
            sleep=self.sleep,
            chance=lambda: 1.0,
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time_s += seconds

    async def request(self) -> str:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def run(self) -> str:
        return await self.gate.run(self.request, where="x BTC/USDT")

    async def slow_request(self) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0)
        self.running -= 1


DOWN = ccxt.ExchangeNotAvailable("down")


async def test_a_request_that_works_is_sent_once():
    venue = Venue("answer")
    assert await venue.run() == "answer"
    assert venue.slept == []


async def test_pauses_grow_until_the_request_works():
    venue = Venue(DOWN, DOWN, DOWN, "answer")
    assert await venue.run() == "answer"
    assert venue.slept == [0.5, 1.0, 2.0]


async def test_after_four_attempts_the_venue_is_unavailable():
    venue = Venue(DOWN, DOWN, DOWN, DOWN, "too late")
    with pytest.raises(VenueUnavailable):
        await venue.run()
    assert venue.outcomes == ["too late"]


async def test_a_definite_refusal_is_not_repeated():
    venue = Venue(ccxt.BadRequest("no"), "never asked")
    with pytest.raises(DataInvalid):
        await venue.run()
    assert venue.outcomes == ["never asked"]


async def test_an_error_of_our_own_passes_unchanged():
    error = DataInvalid("broken bar")
    with pytest.raises(DataInvalid) as raised:
        await Venue(error).run()
    assert raised.value is error
    assert raised.value.__cause__ is None


async def test_cancelling_is_never_repeated():
    venue = Venue()

    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await venue.gate.run(cancelled, where="x")
    assert venue.slept == []


async def test_a_rate_limit_of_one_request_holds_back_the_next_one():
    venue = Venue("answer")
    venue.gate.note_answer(429, {"retry-after": "12"}, "")
    await venue.run()
    assert venue.slept == [12.25]


@pytest.mark.parametrize("value", ["Wed, 21 Oct 2026 07:28:00 GMT", "", "-5"])
async def test_a_retry_after_that_is_no_number_is_left_to_the_growing_pauses(value):
    venue = Venue("answer")
    venue.gate.note_answer(429, {"Retry-After": value}, "")
    await venue.run()
    assert venue.slept == []


async def test_a_wait_of_more_than_a_minute_is_the_users_decision():
    venue = Venue("never asked")
    venue.gate.note_answer(429, {"Retry-After": "61"}, "")
    with pytest.raises(VenueUnavailable, match="try again in 61 s"):
        await venue.run()
    assert venue.outcomes == ["never asked"]


async def test_a_ban_ends_when_the_venue_said():
    venue = Venue("answer")
    venue.gate.note_answer(418, {}, f"IP banned until {int((venue.time_s + 500) * 1000)}.")
    with pytest.raises(VenueUnavailable, match="send nothing for 500 s"):
        await venue.run()
    venue.time_s += 501
    assert await venue.run() == "answer"


async def test_a_ban_without_an_end_lasts_two_minutes():
    venue = Venue("answer")
    venue.gate.note_answer(418, {}, "")
    with pytest.raises(VenueUnavailable, match="120 s"):
        await venue.run()


async def test_a_good_answer_changes_nothing():
    venue = Venue("answer")
    venue.gate.note_answer(200, {"Retry-After": "30"}, "until 9999999999999")
    await venue.run()
    assert venue.slept == []


async def test_only_a_few_requests_are_in_flight_at_once():
    venue = Venue()
    await asyncio.gather(*(venue.gate.run(venue.slow_request, where="x") for _ in range(40)))
    assert venue.most_running == 8


async def test_the_time_in_the_head_of_an_answer_is_remembered():
    venue = Venue("answer")
    assert venue.gate.answered_ms is None
    venue.gate.note_answer(200, {"date": "Fri, 07 Jun 2024 12:00:00 GMT"}, "")
    for odd in ({}, {"Date": "yesterday"}, {"Date": ""}):
        venue.gate.note_answer(200, odd, "")
    assert venue.gate.answered_ms == 1_717_761_600_000
