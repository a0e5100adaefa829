"""From notices to deliveries, once each, whatever one of them contains."""

from collections.abc import Iterator

import pytest
from loguru import logger

from snipersight.bot.notifications.sending.fan_out import fan_out_due
from snipersight.domain.errors import DataInvalid, StateUnavailable
from snipersight.domain.outbox import NOTICES, DeliveryDraft, StoredNotice
from snipersight.domain.store import QueueDraft
from tests.fakes.memory_outbox import MemoryOutbox


@pytest.fixture
def outbox():
    return MemoryOutbox(clock=lambda: 5)


@pytest.fixture
def said() -> Iterator[list[str]]:
    """Return what is logged, one text each."""
    lines: list[str] = []
    handler = logger.add(lambda message: lines.append(str(message)), level="ERROR")
    yield lines
    logger.remove(handler)


def put(outbox: MemoryOutbox, *keys: str) -> None:
    for key in keys:
        assert outbox.put(QueueDraft(topic=NOTICES, key=key))


def to_two_chats(notice: StoredNotice) -> list[DeliveryDraft]:
    return [
        DeliveryDraft(key=f"{notice.key}|{chat}", channel="telegram", address=chat, body={})
        for chat in ("7", "8")
    ]


def test_each_notice_becomes_a_message_in_every_chat_that_wants_it_once(outbox):
    put(outbox, *(str(number) for number in range(45)))
    assert fan_out_due(outbox, "w", word=to_two_chats) == 90
    assert fan_out_due(outbox, "w", word=to_two_chats) == 0
    assert [one.draft.key for one in outbox.items][:3] == ["0|7", "0|8", "1|7"]


def test_a_sender_hears_of_each_notice_before_the_next_one_is_worded(outbox):
    put(outbox, "1", "2")
    heard: list[int] = []
    fan_out_due(outbox, "w", word=to_two_chats, stored=lambda: heard.append(len(outbox.items)))
    assert heard == [2, 4]


def test_a_notice_that_nobody_wants_is_finished(outbox):
    put(outbox, "1")
    assert fan_out_due(outbox, "w", word=lambda _: ()) == 0
    assert outbox.notices[0].state == "done"


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (DataInvalid("of an unknown kind", where="1"), "1: of an unknown kind"),
        (KeyError("plan"), "it cannot be worded: KeyError: 'plan'"),
        (RuntimeError("half \ud800"), "it cannot be worded: RuntimeError: half ?"),
    ],
)
def test_a_notice_that_cannot_be_worded_is_given_up_aloud_and_keeps_no_other_waiting(
    outbox, trouble, told, said
):
    put(outbox, "1", "2")

    def word(notice):
        if notice.key == "1":
            raise trouble
        return to_two_chats(notice)

    assert fan_out_due(outbox, "w", word=word) == 2
    assert (outbox.notices[0].state, outbox.notices[0].last_error) == ("dead", told)
    (line,) = said
    assert "notice 1 is given up" in line
    assert told in line


def test_a_store_that_is_away_gives_nothing_up(outbox):
    put(outbox, "1")

    def word(_notice):
        raise StateUnavailable("the database is locked")

    with pytest.raises(StateUnavailable):
        fan_out_due(outbox, "w", word=word)
    assert outbox.notices[0].state == "claimed"


def test_a_notice_that_another_one_took_over_meanwhile_is_left_to_that_one(outbox):
    put(outbox, "1")

    def word(notice):
        outbox.notices[0].owner = "other"
        return to_two_chats(notice)

    assert fan_out_due(outbox, "w", word=word) == 0
    assert outbox.items == []
