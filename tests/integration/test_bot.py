"""The bot people talk to, with the real client against the sandbox's Telegram and a real store."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.settings import load_settings
from snipersight.bot.operator.callbacks import (
    APPROVE,
    REJECT,
    TOOK,
    WHY,
    button_secret,
    callback_data,
)
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.risk.audit.query import AuditQuery, body_of
from snipersight.risk.manager import RiskManager
from snipersight.sandbox.telegram import SentMessage, TelegramSandbox
from snipersight.storage.audit_log import AuditLog
from tests.builders import DECIDED_AT_MS, a_plan, an_instrument
from tests.builders.ledger import observations
from tests.fakes.operating import (
    ADMIN,
    AUDIENCE,
    CHANNELS,
    DESK_ROOM,
    OTHER_ROOM,
    STRANGER,
    TRADER,
    VIEWER,
    BotScene,
    RecordingDesk,
    a_sandbox,
    listening,
)
from tests.fakes.scripted_talk import until

PLAN = a_plan()
BUTTONS = (("Approve", APPROVE), ("Reject", REJECT), ("Took it", TOOK), ("Why", WHY))


@pytest.fixture
async def server() -> AsyncIterator[TelegramSandbox]:
    async with a_sandbox() as opened:
        yield opened


@pytest.fixture
def books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: TelegramSandbox
) -> Iterator[Books]:
    values = {
        "SNIPERSIGHT_HOME": str(tmp_path),
        "TELEGRAM_BOT_TOKEN": server.token,
        "TELEGRAM_API_URL": server.url,
        "TELEGRAM_CHAT_ID": str(ADMIN),
        "TELEGRAM_ADMINS": str(ADMIN),
        "TELEGRAM_TRADERS": str(TRADER),
        "TELEGRAM_VIEWERS": str(VIEWER),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "channels.toml").write_text(CHANNELS)
    with open_books(load_settings()[0], clock=lambda: DECIDED_AT_MS * 1000) as opened:
        yield opened


@pytest.fixture
async def scene(books: Books, server: TelegramSandbox) -> AsyncIterator[BotScene]:
    async with listening(books, server) as opened:
        yield opened


def judge() -> None:
    manager = RiskManager()
    manager.observe(observations(an_instrument(PLAN.symbol)))
    manager.validate_plan(PLAN)


def data(action: str, server: TelegramSandbox, subject: str = PLAN.plan_id) -> str:
    return callback_data(action, subject, secret=button_secret(server.token))


async def a_signal(scene: BotScene, chat_id: int = TRADER) -> SentMessage:
    """Send a signal with its buttons, as the sender does."""
    from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup

    server = scene.server
    row = [
        InlineKeyboardButton(text, callback_data=data(action, server)) for text, action in BUTTONS
    ]
    async with Bot(server.token, base_url=f"{server.url}/bot") as bot:
        await bot.send_message(chat_id, "LONG BTC/USDT", reply_markup=InlineKeyboardMarkup([row]))
    return server.messages[-1]


def attempts(books: Books) -> list[AuditRecord]:
    """Return what the audit says of strangers."""
    query = AuditQuery(kinds=(AuditKind.OPERATOR.value,))
    records = AuditLog(books.store.database).records(books.ports.account_id, query)
    return [one for one in records if body_of(one)["command"] == "refused"]


LOOKS = {
    "/status": "ACTIVE",
    "/positions": "No open trade.",
    "/orders": "No order waits.",
    "/signals": "No signal was approved yet.",
    "/risk": "Budget",
    "/stats": "No signal was approved yet.",
    "/why 0000abcd": "No plan that was judged begins with 0000abcd.",
    "/why 0": "Write 4 letters",
    "/why": "Write /why ID",
    "/help": "You are a viewer.",
    "/start": "You are a viewer.",
    "/STATUS": "ACTIVE",
    "/status@snipersight_sandbox_bot": "ACTIVE",
    "/nonsense": "I do not know /nonsense.",
    "hello": "/help lists them",
}


async def test_a_viewer_may_look(scene):
    for text, says in LOOKS.items():
        answer = await scene.ask(VIEWER, text)
        assert says in answer.text
        assert answer.reply_to is not None
    assert scene.desk.submissions == 0


async def test_a_viewer_may_do_nothing(scene):
    for text in ("/pause", "/resume", "/kill", "/kill flatten", "/took abcd"):
        answer = await scene.ask(VIEWER, text)
        assert "Nothing was done." in answer.text
        assert answer.keyboard == ()
    assert scene.desk.submissions == 0


async def test_a_trader_may_not_resume_or_kill(scene):
    for text in ("/resume", "/kill", "/kill flatten"):
        assert "Only an admin" in (await scene.ask(TRADER, text)).text
    assert scene.desk.submissions == 0


async def test_a_trader_pauses_at_once_with_a_reason(scene):
    answer = await scene.ask(TRADER, "/pause the fed speaks *now*")
    (command,) = scene.desk.commands
    assert (command.kind, command.actor, command.name) == (
        CommandKind.PAUSE,
        f"telegram:{TRADER}",
        "Tom",
    )
    assert command.arguments == {"reason": "the fed speaks *now*"}
    assert answer.text == "pause of Tom is noted"


async def test_a_plan_is_explained_by_the_beginning_of_its_id(scene):
    judge()
    told = await scene.ask(VIEWER, f"/why {PLAN.plan_id[:4]}")
    assert "APPROVED" in told.text
    assert PLAN.plan_id in told.text
    assert PLAN.confluence.factors[0].sentence in told.text
    signals = await scene.ask(VIEWER, "/signals")
    assert PLAN.symbol in signals.text
    assert PLAN.plan_id[:8] in signals.text


async def test_a_trade_by_hand_names_the_whole_plan(scene):
    judge()
    await scene.ask(TRADER, f"/took {PLAN.plan_id[:6]} 0.5 42100.5")
    (command,) = scene.desk.commands
    assert (command.kind, command.subject) == (CommandKind.TOOK, PLAN.plan_id)
    assert command.arguments == {"size": "0.5", "price": "42100.5"}


async def test_a_trade_by_hand_that_cannot_be_read_is_not_recorded(scene):
    judge()
    plan = PLAN.plan_id[:6]
    for words in ("zzzz", f"{plan} 1,5", f"{plan} -1", f"{plan} 0", f"{plan} 1 2 3", ""):
        await scene.ask(TRADER, f"/took {words}".strip())
    assert scene.desk.submissions == 0


@pytest.mark.parametrize(
    ("text", "kind", "arguments"),
    [
        ("/kill", CommandKind.KILL, {"flatten": False}),
        ("/kill flatten", CommandKind.KILL, {"flatten": True}),
        ("/resume", CommandKind.RESUME, {}),
    ],
)
async def test_what_is_grave_is_done_once_it_is_confirmed(scene, text, kind, arguments):
    question = await scene.ask(ADMIN, text)
    assert scene.desk.submissions == 0
    yes = question.keyboard[0][0].data
    said = await scene.pressed(question, yes, user_id=ADMIN)
    (command,) = scene.desk.commands
    assert (command.kind, command.arguments) == (kind, arguments)
    assert said == f"{kind.value} of Ada is noted"
    await until(lambda: scene.now(question).keyboard == ())
    await until(lambda: scene.told(ADMIN)[-1].text == said)


async def test_a_confirmation_pressed_twice_is_one_command(scene):
    question = await scene.ask(ADMIN, "/kill")
    yes = question.keyboard[0][0].data
    first, second = (scene.press(question, yes, user_id=ADMIN) for _ in range(2))
    await until(lambda: None not in map(scene.server.answer_to, (first, second)))
    assert len(scene.desk.commands) == 1


async def test_no_means_no(scene):
    question = await scene.ask(ADMIN, "/kill flatten")
    no = question.keyboard[1][0].data
    assert await scene.pressed(question, no, user_id=ADMIN) == "Nothing was done."
    await until(lambda: scene.now(question).keyboard == ())
    assert scene.desk.submissions == 0


async def test_nobody_else_answers_a_question(scene):
    question = await scene.ask(ADMIN, "/kill", room=DESK_ROOM)
    yes = question.keyboard[0][0].data
    assert "Somebody else" in await scene.pressed(question, yes, user_id=TRADER)
    assert scene.desk.submissions == 0


async def test_a_question_ends_after_a_minute(scene, server, monkeypatch):
    question = await scene.ask(ADMIN, "/kill")
    old = question.keyboard[0][0].data.split(":")[1].split(".")
    late = ".".join((old[0], old[1], str(int(old[2]) - 61), old[3]))
    forged = data("ky", server, late)
    said = await scene.pressed(question, forged, user_id=ADMIN, is_forged=True)
    assert "Too late" in said
    assert scene.desk.submissions == 0


async def test_an_approval_is_answered_and_shown(scene):
    signal = await a_signal(scene)
    said = await scene.pressed(signal, data(APPROVE, scene.server), user_id=TRADER)
    (command,) = scene.desk.commands
    assert (command.kind, command.subject, command.at_us) == (
        CommandKind.APPROVE,
        PLAN.plan_id,
        DECIDED_AT_MS * 1000,
    )
    assert said == "approve of Tom is noted"
    await until(lambda: scene.now(signal).keyboard != signal.keyboard)
    labels = [one.text for row in scene.now(signal).keyboard for one in row]
    assert labels == ["✅ Approved · Tom", "Why"]


async def test_the_second_of_two_people_is_told_who_was_first(scene):
    signal = await a_signal(scene, DESK_ROOM)
    approve, reject = (data(action, scene.server) for action in (APPROVE, REJECT))
    queries = [
        scene.press(signal, approve, user_id=TRADER),
        scene.press(signal, reject, user_id=ADMIN),
    ]
    await until(lambda: None not in map(scene.server.answer_to, queries))
    assert len(scene.desk.commands) == 1
    first = scene.desk.commands[0]
    assert {scene.server.answer_to(one) for one in queries} == {
        f"{first.kind.value} of {first.name} is noted"
    }
    await until(lambda: scene.pending == 0)
    assert first.name in scene.now(signal).keyboard[0][0].text


async def test_a_viewer_decides_nothing_and_asks_why_as_often_as_they_like(scene):
    judge()
    signal = await a_signal(scene, VIEWER)
    for action in (APPROVE, REJECT, TOOK):
        said = await scene.pressed(signal, data(action, scene.server), user_id=VIEWER)
        assert "Only a trader" in said
    for _ in range(2):
        await scene.pressed(signal, data(WHY, scene.server), user_id=VIEWER)
    await until(lambda: sum("APPROVED" in one.text for one in scene.told(VIEWER)) == 2)
    assert scene.now(signal).keyboard == signal.keyboard
    assert scene.desk.submissions == 0


async def test_a_refused_approval_says_why(scene):
    scene.desk.state, scene.desk.sentence = CommandState.REFUSED, "price has run away"
    signal = await a_signal(scene)
    said = await scene.pressed(signal, data(APPROVE, scene.server), user_id=TRADER)
    assert said == "price has run away"
    await until(lambda: scene.now(signal).keyboard[0][0].text.startswith("⚠️ Not done"))


async def test_a_press_that_cannot_be_stored_leaves_the_buttons(scene):
    signal = await a_signal(scene)
    scene.desk.is_away = True
    said = await scene.pressed(signal, data(APPROVE, scene.server), user_id=TRADER)
    assert "Nothing was done" in said
    scene.desk.is_away = False
    said = await scene.pressed(signal, data(APPROVE, scene.server), user_id=TRADER)
    assert said == "approve of Tom is noted"


FORGED = (
    f"a:{PLAN.plan_id}:AAAAAAAA",
    f"a:{PLAN.plan_id}",
    "approve",
    "a:" + "x" * 60,
    '{"plan": 1}',
    "ky:kill.1001.9999999999.1:AAAAAAAA",
)


async def test_a_forged_press_is_recorded_and_does_nothing(scene, books):
    signal = await a_signal(scene)
    for forged in FORGED:
        assert await scene.pressed(signal, forged, user_id=TRADER, is_forged=True) == ""
    assert scene.desk.submissions == 0
    assert [one.actor for one in attempts(books)] == [f"telegram:{TRADER}"]


async def test_a_stranger_gets_nothing_but_one_record(scene, books):
    signal = await a_signal(scene, STRANGER)
    for text in ("/status", "/kill", "hello"):
        scene.write(STRANGER, text)
    scene.press(signal, data(APPROVE, scene.server), user_id=STRANGER)
    await scene.heard()
    assert len(scene.told(STRANGER)) == 1  # the signal itself
    (record,) = attempts(books)
    assert record.actor == f"telegram:{STRANGER}"
    assert body_of(record)["name"] == "Eve"
    assert scene.desk.submissions == 0


@pytest.mark.parametrize("room", [AUDIENCE, OTHER_ROOM])
async def test_nothing_is_answered_where_others_listen(scene, room):
    scene.write(ADMIN, "/status", room=room)
    scene.write(ADMIN, "/kill", room=room)
    await scene.heard()
    assert scene.told(room) == []
    signal = await a_signal(scene, room)
    assert await scene.pressed(signal, data(APPROVE, scene.server), user_id=ADMIN) == ""
    assert scene.desk.submissions == 0


async def test_in_a_room_of_ones_own_each_person_keeps_their_role(scene):
    assert "ACTIVE" in (await scene.ask(VIEWER, "/status", room=DESK_ROOM)).text
    assert "Only a trader" in (await scene.ask(VIEWER, "/pause", room=DESK_ROOM)).text
    before = len(scene.told(DESK_ROOM))
    scene.write(STRANGER, "/status", room=DESK_ROOM)
    scene.write(VIEWER, "/status@other_bot", room=DESK_ROOM)
    scene.write(VIEWER, "talk among people", room=DESK_ROOM)
    await scene.heard()
    assert len(scene.told(DESK_ROOM)) == before


async def test_a_flood_is_answered_once_and_stopping_still_works(scene):
    for _ in range(30):
        scene.write(ADMIN, "/help")
    await scene.heard()
    told = scene.told(ADMIN)
    assert len(told) == 21
    assert told[-1].text.startswith("Too fast.")
    assert (await scene.ask(ADMIN, "/kill")).keyboard != ()
    assert "ACTIVE" in (await scene.ask(VIEWER, "/status")).text


async def test_a_flood_of_presses_is_answered_no_more_often(scene):
    judge()
    signal = await a_signal(scene, VIEWER)
    forged = [
        scene.press(signal, f"x:{number}", user_id=VIEWER, is_forged=True) for number in range(25)
    ]
    await scene.heard()
    answers = [scene.server.answer_to(one) for one in forged]
    assert answers[:20] == [""] * 20
    assert (answers[20] or "").startswith("Too fast.")
    assert answers[21:] == [None] * 4


async def test_everybody_gets_a_menu_of_what_they_may_say(scene, server):
    await until(lambda: bool(server.commands_in(VIEWER)))

    def names(chat_id: int | None) -> set[str]:
        return {str(one["command"]) for one in server.commands_in(chat_id)}

    assert "kill" not in names(VIEWER)
    assert {"kill", "resume", "status"} <= names(ADMIN)
    assert names(None) == set()


async def test_what_was_said_during_a_short_absence_is_done_once(books, server):
    desk = RecordingDesk()
    async with listening(books, server, desk) as scene:
        signal = await a_signal(scene)
        await scene.heard()
    server.press(TRADER, signal.message_id, data(APPROVE, server))
    async with listening(books, server, desk, owner="two") as scene:
        await until(lambda: bool(desk.commands))
        await scene.heard()
    assert [one.kind for one in desk.commands] == [CommandKind.APPROVE]


async def test_a_crash_repeats_an_update_and_not_what_it_did(books, server):
    desk = RecordingDesk()
    async with listening(books, server, desk) as scene:
        desk.hangs = True
        scene.write(TRADER, "/pause now")
        await until(lambda: bool(desk.commands))
        scene.task.cancel()  # stored, and neither answered nor confirmed
    assert (scene.pending, scene.told(TRADER)) == (1, [])
    desk.hangs = False
    async with listening(books, server, desk, owner="two") as scene:
        await scene.heard()
    assert [one.text for one in scene.told(TRADER)] == ["pause of Tom is noted"]
    assert (len(desk.commands), desk.submissions) == (1, 2)


async def test_what_was_said_long_ago_is_not_done(books, server):
    desk = RecordingDesk()
    async with listening(books, server, desk) as scene:
        signal = await a_signal(scene)
    key = f"operator:telegram:{server.token.partition(':')[0]}"
    books.store.key_values.put(key, "1000")
    query = server.press(TRADER, signal.message_id, data(APPROVE, server))
    async with listening(books, server, desk, owner="two"):
        await until(lambda: server.answer_to(query) is not None)
        assert "too long ago" in (server.answer_to(query) or "")
        again = server.press(TRADER, signal.message_id, data(APPROVE, server))
        await until(lambda: server.answer_to(again) is not None)
    assert len(desk.commands) == 1


async def test_a_webhook_and_another_reader_are_said_and_waited_for(books, server):
    server.set_webhook_active(True)
    async with listening(books, server, waits=False) as scene:
        await until(lambda: bool(scene.health.troubles))
        assert "webhook" in scene.health.troubles[0]
        server.set_webhook_active(False)
        await until(lambda: scene.health.is_well)
        assert "ACTIVE" in (await scene.ask(VIEWER, "/status")).text


async def test_only_one_process_reads(books, server):
    async with listening(books, server) as first:
        assert "ACTIVE" in (await first.ask(VIEWER, "/status")).text
        async with listening(books, server, owner="two", waits=False) as second:
            await until(lambda: second.health.beats > 0)
            await first.ask(VIEWER, "/status")
            await asyncio.sleep(0.1)
            assert first.health.troubles == second.health.troubles == []
            assert len(first.told(VIEWER)) == 2


async def test_no_answer_shows_the_token(scene, server):
    for text in ("/status", "/help", f"/why {server.token}", f"/{server.token}", "/risk"):
        answer = await scene.ask(ADMIN, text)
        assert server.token not in answer.text
