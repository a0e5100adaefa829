"""What was heard is answered once, however often it is told."""

import asyncio

import pytest

from snipersight.bot.operator.hearing import Hearing
from snipersight.bot.operator.updates import ButtonPress, Place, Said, Sender, Unread


def said(update_id: int) -> Said:
    return Said(
        update_id=update_id,
        sender=Sender(user_id="7", name="Ann"),
        place=Place(address="7", is_private=True),
        message_id="1",
        at_s=0,
        text="",
        is_own=True,
    )


async def test_what_is_being_answered_is_not_answered_again_by_whoever_begins_anew():
    hearing, answered, gate = Hearing(lambda _: True), [], asyncio.Event()

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
    hearing = Hearing(lambda _: True)

    async def converse(_: Said | ButtonPress) -> None:
        raise ZeroDivisionError("a bug")

    hearing.take([said(3)], converse)
    with pytest.raises(ZeroDivisionError):
        await hearing.settle(within_s=5)
