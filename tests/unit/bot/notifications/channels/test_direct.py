from collections.abc import Sequence

import pytest

from snipersight.bot.notifications.channels.direct import Patience, send_patiently, summary_of
from snipersight.domain.channels import (
    Body,
    Delivered,
    Moved,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.errors import ConfigInvalid
from tests.builders.notices import a_signal

PATIENCE = Patience(attempts=3, base_s=1.0, longest_pause_s=1.5, longest_wait_s=20.0, between_s=1.1)


class Script:
    """Answers each attempt with the next outcome, and keeps what was asked and waited."""

    def __init__(self, *outcomes: SendOutcome) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[tuple[str, Body]] = []
        self.waited: list[float] = []

    async def send(self, address: str, body: Body) -> SendOutcome:
        self.asked.append((address, body))
        return self.outcomes.pop(0)

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def run(self, bodies: Sequence[Body] = ({"n": 1},)) -> str | None:
        return await send_patiently(self.send, "7", bodies, patience=PATIENCE, sleep=self.sleep)


async def test_messages_go_in_order_with_a_pause_between_them() -> None:
    script = Script(Delivered(), Delivered())
    assert await script.run([{"n": 1}, {"n": 2}]) == "7"
    assert [body["n"] for _, body in script.asked] == [1, 2]
    assert script.waited == [1.1]


async def test_a_failed_attempt_is_repeated_after_a_growing_pause() -> None:
    script = Script(TryAgain(error="a"), TryAgain(error="b", is_ambiguous=True), Delivered())
    assert await script.run() == "7"
    first, second = script.waited
    assert 0 <= first <= 1.0
    assert 0 <= second <= 1.5


async def test_the_time_the_channel_asks_for_is_kept() -> None:
    script = Script(TryAgain(error="a", after_s=17.0), Delivered())
    assert await script.run() == "7"
    assert script.waited == [17.0]


@pytest.mark.parametrize(
    "last",
    [
        Stopped(error="blocked", is_whole_channel=False),
        Unsendable(error="no"),
        TryAgain(error="flood", after_s=21.0),
    ],
)
async def test_what_will_not_get_through_is_given_up_at_once(last: SendOutcome) -> None:
    script = Script(Delivered(), last)
    assert await script.run([{"n": 1}, {"n": 2}, {"n": 3}]) is None
    assert len(script.asked) == 2


async def test_attempts_come_to_an_end_without_a_last_pause() -> None:
    script = Script(*(TryAgain(error="away") for _ in range(3)))
    assert await script.run() is None
    assert (len(script.asked), len(script.waited)) == (3, 2)


async def test_a_chat_that_moved_is_followed_for_all_that_comes() -> None:
    script = Script(Moved(address="-100"), Delivered(), Delivered())
    assert await script.run([{"n": 1}, {"n": 2}]) == "-100"
    assert [address for address, _ in script.asked] == ["7", "-100", "-100"]


async def test_a_chat_that_moves_for_ever_is_given_up() -> None:
    script = Script(*(Moved(address=str(at)) for at in range(3)))
    assert await script.run() is None


def test_signals_are_summed_up_best_first() -> None:
    summary = summary_of([a_signal(), a_signal(judged_ms=5)])
    assert len(summary.signals) == 2
    assert summary.funnel == (("approved", 2),)
    assert summary.scanned == 1
    with pytest.raises(ConfigInvalid, match="no signals"):
        summary_of([])
