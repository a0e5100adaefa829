"""What was heard is answered once, however often it is told."""

import asyncio

import pytest

from snipersight.bot.operator.hearing import Hearing, Urgency, begin_to_answer
from snipersight.bot.operator.updates import ButtonPress, Place, Said, Sender, Unread


def said(update_id: int, text: str = "") -> Said:
    return Said(
        update_id=update_id,
        sender=Sender(user_id="7", name="Ann"),
        place=Place(address="7", is_private=True),
        message_id="1",
        at_s=0,
        text=text,
        is_own=True,
    )


async def test_what_is_being_answered_is_not_answered_again_by_whoever_begins_anew():
    hearing, answered, gate = Hearing(lambda _: Urgency.LOOKS), [], asyncio.Event()

    async def converse(update: Said | ButtonPress) -> None:
        answered.append(update.update_id)
        await gate.wait()

    hearing.take([said(3)], converse)
    await asyncio.sleep(0)
    hearing.begin_anew()
    hearing.take([said(3), Unread(update_id=4)], converse)
    gate.set()
    await hearing.settle(within_s=5)
    assert answered == [3]
    assert hearing.offset == 5


async def test_a_fault_in_an_answer_is_not_swallowed():
    hearing = Hearing(lambda _: Urgency.LOOKS)

    async def converse(_: Said | ButtonPress) -> None:
        raise ZeroDivisionError("a bug")

    hearing.take([said(3)], converse)
    with pytest.raises(ZeroDivisionError):
        await hearing.settle(within_s=5)


async def test_a_kill_waits_for_no_answer_and_what_follows_waits_for_both():
    kinds = {"acts": Urgency.ACTS, "kills": Urgency.KILLS, "looks": Urgency.LOOKS}
    begun: list[str] = []
    full, dying = asyncio.Event(), asyncio.Event()

    def urgency_of(update: Said | ButtonPress) -> Urgency:
        assert isinstance(update, Said)
        return kinds[update.text]

    async def converse(update: Said | ButtonPress) -> None:
        assert isinstance(update, Said)
        begun.append(update.text)
        await {"acts": full, "kills": dying, "looks": asyncio.Event()}[update.text].wait()

    hearing = Hearing(urgency_of)
    hearing.take([said(1, "acts"), said(2, "acts"), said(3, "kills"), said(4, "looks")], converse)
    await asyncio.sleep(0.01)
    assert begun == ["acts", "kills"]
    full.set()
    await asyncio.sleep(0.01)
    assert begun == ["acts", "kills", "acts"]  # which looked for the one before it alone
    dying.set()
    await asyncio.sleep(0.01)
    assert begun == ["acts", "kills", "acts", "looks"]
    await hearing.end(within_s=0)


async def test_what_changes_something_after_a_kill_waits_for_it():
    begun: list[str] = []

    async def converse(update: Said | ButtonPress) -> None:
        assert isinstance(update, Said)
        begun.append(update.text)
        await asyncio.Event().wait()

    hearing = Hearing(
        lambda one: Urgency.KILLS if getattr(one, "text", "") == "kill" else Urgency.ACTS
    )
    hearing.take([said(1, "kill"), said(2, "resume")], converse)
    await asyncio.sleep(0.01)
    assert begun == ["kill"]
    await hearing.end(within_s=0)


async def test_a_pause_waits_for_what_was_done_before_and_not_for_its_answer():
    """A chat that is full may take a minute to tell what became of the command before."""
    begun, full = list[str](), asyncio.Event()

    async def converse(update: Said | ButtonPress) -> None:
        assert isinstance(update, Said)
        begun.append(update.text)
        if update.text == "took":
            await asyncio.sleep(0.01)
            begun.append("stored")
            begin_to_answer()
            await full.wait()
            begun.append("told")

    def urgency_of(update: Said | ButtonPress) -> Urgency:
        return Urgency.LOOKS if getattr(update, "text", "") == "status" else Urgency.ACTS

    hearing = Hearing(urgency_of)
    hearing.take([said(1, "took"), said(2, "pause"), said(3, "status")], converse)
    await asyncio.sleep(0.05)
    assert begun == ["took", "stored", "pause", "status"]
    assert hearing.offset == 1  # which is heard again if its answer is lost
    full.set()
    await hearing.settle(within_s=5)
    assert begun == ["took", "stored", "pause", "status", "told"]
