"""A chat or channel that refuses stops, is told of, and keeps its messages."""

from snipersight.domain.channels import Stopped
from snipersight.domain.outbox import StoppedLane
from tests.fakes.chatting import AWAY, Scripted, a_sender, an_outbox, draft
from tests.fakes.virtual_time import run_virtually


def test_a_chat_that_blocks_us_is_told_once_and_keeps_its_messages():
    told: list[StoppedLane] = []

    async def main():
        channel = Scripted(a=[Stopped(error="blocked", is_whole_channel=False)])
        outbox = an_outbox()
        outbox.fan_out([], [draft("a"), draft("b"), draft("x", "8")])
        sender = a_sender(outbox, channel, on_stopped=told.append)
        report = await sender.drain(until_empty=True)
        assert (report.sent, report.stopped, report.waiting) == (1, 1, 2)
        assert [(lane.address, lane.error) for lane in told] == [("7", "blocked")]
        outbox.resume()
        again = await sender.drain(until_empty=True)
        assert (again.sent, again.waiting) == (2, 0)
        return [key for _, key in channel.sent]

    assert run_virtually(main) == ["a", "x", "a", "b"]
    assert len(told) == 1


def test_a_wrong_token_stops_the_channel_and_another_tells_of_it():
    async def main():
        channel = Scripted(a=[Stopped(error="unauthorized", is_whole_channel=True)] * 2)
        other, outbox = Scripted("webhook"), an_outbox()
        outbox.fan_out([], [draft("a"), draft("b", "8")])

        async def tell(lane: StoppedLane) -> None:
            alert = draft("alert", channel="webhook", body={"text": lane.error}, priority=40)
            outbox.fan_out([], [alert])

        sender = a_sender(outbox, channel, other, on_stopped=tell, concurrency=1)
        report = await sender.drain(until_empty=True)
        assert (report.sent, report.waiting) == (1, 2)
        return channel.sent, other.sent

    assert run_virtually(main) == ([("7", "a")], [("7", "alert")])


def test_a_channel_that_several_chats_find_stopped_is_told_once():
    told: list[StoppedLane] = []

    async def main():
        channel = Scripted()
        refusal = Stopped(error="unauthorized", is_whole_channel=True)
        channel.outcomes = {key: [refusal] for key in "abc"}
        outbox = an_outbox()
        outbox.fan_out([], [draft("a"), draft("b", "8"), draft("c", "9")])
        report = await a_sender(outbox, channel, on_stopped=told.append).drain(until_empty=True)
        assert len(channel.sent) == 3
        return report.stopped

    assert run_virtually(main) == 1
    assert len(told) == 1


def test_what_was_stopped_before_is_told_again_at_every_start():
    told: list[StoppedLane] = []

    async def main():
        outbox = an_outbox()
        outbox.stop("telegram", "7", error="blocked")
        for owner in ("one", "two"):
            sender = a_sender(outbox, Scripted(), owner=owner, on_stopped=told.append)
            await sender.drain(until_empty=True)

    run_virtually(main)
    assert [lane.address for lane in told] == ["7", "7"]
    assert len({lane.since_us for lane in told}) == 1


def test_a_teller_that_finds_the_store_away_loses_no_delivery():
    async def main():
        channel = Scripted(a=[Stopped(error="blocked", is_whole_channel=False)])
        outbox = an_outbox()
        outbox.fan_out([], [draft("a")])

        def tell(_lane: StoppedLane) -> None:
            raise AWAY

        await a_sender(outbox, channel, on_stopped=tell).drain(until_empty=True)
        return outbox.items[0].state, outbox.items[0].is_ambiguous

    assert run_virtually(main) == ("pending", False)


def test_a_channel_that_is_not_set_up_stops_and_nothing_of_it_is_lost():
    async def main():
        outbox, channel = an_outbox(), Scripted()
        outbox.fan_out([], [draft("a", channel="discord"), draft("b")])
        report = await a_sender(outbox, channel).drain(until_empty=True)
        assert (report.sent, report.stopped, report.waiting) == (1, 1, 1)
        return outbox.stopped()[0].error

    assert "no channel named discord" in run_virtually(main)
