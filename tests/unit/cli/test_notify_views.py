import json
from typing import Any

import pytest

from snipersight.bot.notifications.sending.send_report import SendReport
from snipersight.cli.notify_sending import report_lines, seconds_of
from snipersight.cli.notify_testing import Tried, outcome_lines, try_chats
from snipersight.cli.notify_views import QueueView, queue_json, queue_lines, retry_line
from snipersight.domain.channels import (
    Chat,
    Delivered,
    Moved,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.outbox import StoppedLane
from snipersight.storage.outbox_view import LaneView, TroubledItem
from tests.fakes.notifiers import RecordingNotifier

TOO_OLD = "too old to be sent as new  (signal:main:p|telegram:42|1)"
AT_US = 1_717_761_600_000_000  # 2024-06-07 12:00
CHAT = Chat(channel="telegram", address="42")
HOOK = Chat(channel="webhook", address="default")
BLOCKED = StoppedLane(channel="telegram", address="42", error="Forbidden: blocked", since_us=AT_US)
TROUBLE = TroubledItem(
    item_id=7,
    key="signal:main:p|telegram:42|1",
    channel="telegram",
    address="42",
    state="dead",
    attempts=3,
    is_ambiguous=True,
    created_us=AT_US,
    last_error="too old to be sent as new",
)
VIEW = QueueView(
    notices=1,
    lanes=(
        LaneView(
            channel="telegram",
            address="42",
            waiting=1_200,
            oldest_us=AT_US,
            next_us=AT_US + 1_000_000,
            last_error="Forbidden: blocked",
        ),
        LaneView(
            channel="apprise",
            address="mail",
            waiting=1,
            oldest_us=AT_US,
            next_us=AT_US,
            last_error="mail refused",
        ),
    ),
    stopped=(BLOCKED,),
    troubles=(
        TROUBLE,
        TroubledItem(
            item_id=6,
            key="strange",
            channel="",
            address="",
            state="dead",
            attempts=1,
            is_ambiguous=False,
            created_us=AT_US,
            last_error="there is no notice of kind 'song'",
        ),
        TroubledItem(
            item_id=5,
            key="k",
            channel="telegram",
            address="42",
            state="done",
            attempts=2,
            is_ambiguous=True,
            created_us=AT_US,
            last_error=None,
        ),
    ),
    has_channels=True,
)


def a_report(**fields: Any) -> SendReport:
    """Return a report of nothing but these."""
    values: dict[str, Any] = {
        "sent": 0,
        "retried": 0,
        "buried": 0,
        "stopped": 0,
        "ambiguous": 0,
        "waiting": 0,
    }
    return SendReport(**(values | fields))


def test_the_queue_is_told_chat_by_chat_with_every_reason_once():
    assert list(queue_lines(VIEW)) == [
        "1 notice not worded yet.",
        "1,201 messages waiting:",
        "  telegram:42  1,200, the oldest of 2024-06-07 12:00 UTC",
        "  apprise:mail  1, the oldest of 2024-06-07 12:00 UTC; last error: mail refused",
        "Nothing is taken by (`snipersight notify retry` lets them go on):",
        "  telegram:42  since 2024-06-07 12:00 UTC: Forbidden: blocked",
        "Given up, or perhaps arrived twice, newest first:",
        f"  2024-06-07 12:00 UTC  telegram:42  given up, tried 3×, may have arrived: {TOO_OLD}",
        "  2024-06-07 12:00 UTC  not worded  given up: there is no notice of kind 'song'  (strange)",
        "  2024-06-07 12:00 UTC  telegram:42  arrived, tried 2×, perhaps twice  (k)",
    ]


def test_an_empty_queue_and_one_without_channels_say_so():
    empty = QueueView(notices=0, lanes=(), stopped=(), troubles=(), has_channels=True)
    assert list(queue_lines(empty)) == ["0 messages waiting."]
    nobody = QueueView(notices=2, lanes=(), stopped=(), troubles=(), has_channels=False)
    assert list(queue_lines(nobody))[:2] == [
        "No notification channel is configured; what waits goes on waiting.",
        "2 notices not worded yet.",
    ]


def test_the_same_is_said_in_json():
    held = json.loads(json.dumps(queue_json(VIEW)))
    assert held["schema"] == "snipersight.notify-queue/1"
    assert held["waiting"][0] == {
        "channel": "telegram",
        "chat": "42",
        "messages": 1200,
        "oldest_at": "2024-06-07T12:00:00Z",
        "next_at": "2024-06-07T12:00:01Z",
        "last_error": "Forbidden: blocked",
    }
    assert held["stopped"][0]["since"] == "2024-06-07T12:00:00Z"
    assert [one["state"] for one in held["troubles"]] == ["given_up", "given_up", "done"]
    assert held["troubles"][1]["channel"] is None
    assert (held["notices"], held["has_channels"]) == (1, True)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("5m", 300), (" 2h ", 7200)])
def test_lengths_of_time_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "0m", "-5m", "1.5m", "5 min", "999999s", "²s"])
def test_what_is_no_length_of_time_is_refused(text):
    with pytest.raises(ConfigInvalid, match="no length of time"):
        seconds_of(text)


def test_what_was_sent_is_told_with_what_is_left_and_what_to_do():
    report = a_report(sent=1, retried=2, ambiguous=1, buried=1, waiting=3)
    assert list(report_lines(report, (BLOCKED,), unworded=2)) == [
        "Sent 1 message; 2 attempts failed, 1 of them may have arrived, 1 was given up.",
        "Still waiting: 3 messages, see `snipersight notify queue`.",
        "2 notices not worded yet; a scan may hold them back.",
        "telegram:42 takes nothing: Forbidden: blocked",
        "Once the cause is gone: `snipersight notify retry`, then `snipersight notify send`.",
    ]
    assert list(report_lines(a_report(sent=12), (), unworded=0)) == ["Sent 12 messages."]


def test_that_another_process_sends_is_said_first():
    first, *_ = report_lines(a_report(is_elsewhere=True), (), unworded=0)
    assert first == "Another SniperSight sends from this database; what waits is left to it."


def test_a_retry_says_how_much_goes_on():
    assert retry_line(0) == "Nothing is stopped or given up."
    assert "go on: 3." in retry_line(3)


@pytest.mark.parametrize(
    ("chat", "outcome", "lines"),
    [
        (CHAT, Delivered(message_id="5"), ["telegram:42  arrived"]),
        (
            CHAT,
            Moved(address="-1005"),
            [
                "telegram:42  arrived; the chat is -1005 now",
                "  to do: write the new number into TELEGRAM_CHAT_ID or channels.toml",
            ],
        ),
        (
            CHAT,
            TryAgain(error="flood", after_s=12.4),
            [
                "telegram:42  did not get through: flood",
                "  to do: look at the network and try again after 12 s; what waits is not lost",
            ],
        ),
        (
            CHAT,
            Stopped(error="Unauthorized — check the token", is_whole_channel=True),
            ["telegram:42  is refused: Unauthorized — check the token"],
        ),
        (
            HOOK,
            Unsendable(error="404 Not Found"),
            [
                "webhook:default  is refused: 404 Not Found",
                "  to do: compare NOTIFY_WEBHOOK_URL with what its server expects",
            ],
        ),
    ],
)
def test_a_test_says_what_became_of_it_and_what_to_do(
    chat: Chat, outcome: SendOutcome, lines: list[str]
):
    assert outcome_lines(Tried(chat=chat, outcome=outcome)) == lines


async def test_a_test_goes_to_every_chat_and_follows_one_that_moved():
    telegram = RecordingNotifier(outcomes=[Delivered(), Moved(address="-1005")])
    old = Chat(channel="telegram", address="-5")
    tried = await try_chats([CHAT, old, HOOK], {"telegram": telegram})
    assert [address for address, _, _ in telegram.sent] == ["42", "-5", "-1005"]
    arrived, moved, unserved = tried
    assert arrived.has_arrived
    assert moved.outcome == Moved(address="-1005")
    assert unserved.outcome == Stopped(error="its channel cannot be used", is_whole_channel=True)
    assert telegram.is_closed
