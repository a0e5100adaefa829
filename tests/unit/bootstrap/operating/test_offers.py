"""The buttons under an offered signal: in a private chat of Telegram, while nobody has decided."""

from typing import Any

import pytest

from snipersight.bootstrap.notifying import AuditReader
from snipersight.bootstrap.operating.decided import as_rehearsed
from snipersight.bootstrap.operating.offers import Offers
from snipersight.bootstrap.operating.records import note_command
from snipersight.bot.notifications.notices.deliveries import deliveries_of
from snipersight.bot.notifications.notices.reading import signal_of
from snipersight.bot.notifications.sending.fan_out import fan_out_due
from snipersight.bot.notifications.telegram import TelegramNotifier
from snipersight.bot.operator.callbacks import button_secret, parse_callback
from snipersight.bot.operator.offer_buttons import buttons_of
from snipersight.domain.channels import Chat, ChatRole
from snipersight.domain.commands import CommandKind
from snipersight.domain.outbox import DeliveryDraft, StoredNotice
from snipersight.storage.outbox import SqlOutbox
from tests.builders.operating import Scene, a_bench, a_press, a_scene, of_setup

SECRET = button_secret("123:token")
PRIVATE = Chat(channel="telegram", address="42")
PUBLIC = Chat(channel="telegram", address="@all", role=ChatRole.PUBLIC)
MAIL = Chat(channel="mail", address="me")


def told(scene: Scene, tmp_path: Any) -> dict[str, list[Any]]:
    """Return the bodies that the notices which wait become, by address."""
    database = scene.books.store.database
    outbox = SqlOutbox(database)
    bodies: dict[str, list[Any]] = {}

    def word(notice: StoredNotice) -> tuple[DeliveryDraft, ...]:
        drafts = deliveries_of(
            notice,
            [PRIVATE, PUBLIC, MAIL],
            {
                "telegram": TelegramNotifier("123:token"),
                "mail": TelegramNotifier("123:token"),
            },
            reader=AuditReader(database),
            pictures=tmp_path,
            now_us=scene.clock(),
            buttons=Offers(database, secret=SECRET),
        )
        for draft in drafts:
            bodies.setdefault(draft.address, []).append(draft.body)
        return drafts

    fan_out_due(outbox, "a test", word=word)
    return bodies


async def test_a_private_chat_of_telegram_has_buttons_and_no_other(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        bodies = told(scene, tmp_path)
    [private], [public], [mail] = bodies["42"], bodies["@all"], bodies["me"]
    assert [[one["text"] for one in row] for row in private["buttons"]] == [
        ["✅ Approve", "✖️ Reject"],
        ["✋ Took it", "❓ Why"],
    ]
    pressed = parse_callback(private["buttons"][0][0]["data"], secret=SECRET)
    assert pressed is not None
    assert (pressed.action, pressed.subject) == ("a", plan.plan_id)
    assert "buttons" not in public
    assert "buttons" not in mail


async def test_a_signal_that_is_not_offered_has_none(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        scene.tell(offers=False)
        [body] = told(scene, tmp_path)["42"]
    assert "buttons" not in body


@pytest.mark.parametrize("kind", [CommandKind.REJECT, CommandKind.APPROVE])
async def test_once_somebody_has_decided_a_later_plan_of_the_setup_is_not_offered(
    tmp_path, books, clock, kind
):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        plan = scene.tell()
        told(scene, tmp_path)
        note_command(books.store.decisions, a_press(kind, plan.plan_id), clock=clock)
        scene.tell(of_setup(plan, "later000"))
        offers = Offers(books.store.database, secret=SECRET)
        assert offers(_signal(scene, of_setup(plan, "later000"))) == ()


async def test_what_a_rehearsal_decided_is_offered_where_orders_are_sent(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        plan = scene.tell()
        press = as_rehearsed(a_press(CommandKind.REJECT, plan.plan_id))
        note_command(books.store.decisions, press, clock=clock)
        database, signal = books.store.database, _signal(scene, plan)
        assert len(Offers(database, secret=SECRET)(signal)) == 2
        assert Offers(database, secret=SECRET, rehearses=True)(signal) == ()


async def test_a_refused_approval_leaves_the_setup_on_offer(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(CommandKind.PAUSE))
        await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id))
        offers = Offers(books.store.database, secret=SECRET)
        assert len(offers(_signal(scene, plan))) == 2


async def test_the_decision_is_a_reply_to_those_who_may_know_of_it(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id))
        bodies = told(scene, tmp_path)
    signal, decision = bodies["42"]
    assert decision["text"].splitlines()[1:] == [
        "🗳 Decided | LONG BTC/USDT:USDT",
        "Approved by Ann: entry orders for 32.258 BTC were sent (paper).",
        "2024-01-01 00:00 UTC, said by a person",
    ]
    assert len(bodies["@all"]) == 1  # the signal alone
    # Nobody is asked any more: it was worded once somebody had decided.
    assert "buttons" not in signal
    assert "buttons" not in decision


def test_an_id_that_no_button_can_carry_has_none():
    assert buttons_of("a plan", secret=SECRET) == ()
    assert buttons_of("x" * 64, secret=SECRET) == ()


def _signal(scene: Scene, plan: Any) -> Any:
    record = AuditReader(scene.books.store.database).newest_verdict("practice", plan.plan_id)
    assert record is not None
    return signal_of(record)
