"""An unmodified python-telegram-bot against the sandbox: every method and every error class."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TimedOut,
)
from telegram.ext import Application, MessageHandler, filters
from telegram.request import HTTPXRequest

from snipersight.sandbox.telegram import (
    FaultKind,
    FaultPlan,
    RateLimits,
    SandboxChat,
    SandboxUser,
    Standing,
    TelegramSandbox,
)
from tests.builders.pictures import png

ME = 1001
GROUP = -55
FREE = RateLimits(overall_per_s=1000, chat_per_s=1000, group_per_min=1000)


@pytest.fixture(autouse=True)
def waits_are_timedeltas(monkeypatch):
    """Opt in to what the client will do by itself one day; the other way warns."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


def bot_for(server: TelegramSandbox, token: str = "", read_timeout: float = 5) -> Bot:
    """Return a client as it comes from its package, pointed at the sandbox."""
    request = HTTPXRequest(read_timeout=read_timeout, connect_timeout=5)
    return Bot(token or server.token, base_url=f"{server.url}/bot", request=request)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something has happened."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("never happened")


@asynccontextmanager
async def talking(**settings: Any) -> AsyncIterator[tuple[TelegramSandbox, Bot]]:
    """Offer a sandbox and a client that has introduced itself."""
    settings = {"limits": FREE, **settings}
    async with TelegramSandbox(**settings) as server, bot_for(server) as bot:
        yield server, bot


async def test_a_text_arrives_with_its_entities_and_is_told_back():
    async with talking() as (server, bot):
        message = await bot.send_message(
            ME, "  🏟 LONG BTC", entities=[MessageEntity("bold", 5, 4)], disable_notification=True
        )
    assert (message.text, message.message_id, message.chat.id) == ("🏟 LONG BTC", 1, ME)
    assert message.parse_entities() == {message.entities[0]: "LONG"}
    (stored,) = server.messages
    assert (stored.text, stored.raw_text, stored.is_silent) == ("🏟 LONG BTC", "  🏟 LONG BTC", True)


async def test_ids_of_messages_count_in_each_chat_and_numbers_over_all():
    async with talking(chats=[SandboxChat(id=ME), SandboxChat(id=GROUP)]) as (server, bot):
        sent = [await bot.send_message(chat, "x") for chat in (ME, GROUP, ME)]
    assert [message.message_id for message in sent] == [1, 1, 2]
    assert [(message.number, message.chat_id) for message in server.messages] == [
        (1, ME),
        (2, GROUP),
        (3, ME),
    ]


async def test_a_picture_arrives_with_its_caption():
    async with talking() as (server, bot):
        message = await bot.send_photo(ME, png(640, 360), caption="BTC 1h")
        again = await bot.send_photo(ME, message.photo[0].file_id)
    assert (message.photo[0].width, message.photo[0].height) == (640, 360)
    assert (message.caption, again.photo, again.caption) == ("BTC 1h", message.photo, None)
    assert server.report()["delivered"] == 2


async def test_a_reply_quotes_the_message_it_answers():
    async with talking() as (_, bot):
        first = await bot.send_message(ME, "entered")
        reply = await bot.send_message(
            ME, "target hit", reply_parameters=ReplyParameters(first.message_id)
        )
        with pytest.raises(BadRequest, match="Message to be replied not found"):
            await bot.send_message(ME, "x", reply_parameters=ReplyParameters(99))
        gone = ReplyParameters(99, allow_sending_without_reply=True)
        alone = await bot.send_message(ME, "x", reply_parameters=gone)
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.text == "entered"
    assert alone.reply_to_message is None


async def test_the_second_message_within_a_second_is_asked_to_wait():
    async with talking(limits=RateLimits()) as (server, bot):
        await bot.send_message(ME, "one")
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(ME, "two")
    assert caught.value.retry_after == timedelta(seconds=1)
    assert server.over_limit == 1
    assert server.report()["over_limit"] == {"total": 1, "overall": 0, "chat": 1, "group": 0}


async def test_a_group_that_moved_tells_its_new_id():
    moved = SandboxChat(id=GROUP, standing=Standing.UPGRADED, moved_to=-1009)
    async with talking(chats=[moved]) as (_, bot):
        with pytest.raises(ChatMigrated) as caught:
            await bot.send_message(GROUP, "hello")
    assert caught.value.new_chat_id == -1009


async def test_a_chat_that_blocked_the_bot_forbids_and_an_unknown_one_is_not_found():
    async with talking(chats=[SandboxChat(id=ME, standing=Standing.BLOCKED)]) as (_, bot):
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(ME, "hello")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(7, "hello")


async def test_a_wrong_token_is_refused():
    async with TelegramSandbox() as server:
        stranger = bot_for(server, token="77:someone-else")
        with pytest.raises(InvalidToken):
            await stranger.initialize()
        await stranger.shutdown()


@pytest.mark.parametrize(
    ("kind", "delivered"),
    [
        (FaultKind.RESET, 0),
        (FaultKind.DROP_BEFORE, 0),
        (FaultKind.DROP_AFTER, 1),
        (FaultKind.SERVER_ERROR, 0),
        (FaultKind.SERVER_ERROR_AFTER, 1),
    ],
)
async def test_a_broken_connection_or_server_is_a_network_error(kind, delivered):
    async with talking(faults=FaultPlan(rates={kind: 1})) as (server, bot):
        with pytest.raises(NetworkError) as caught:
            await bot.send_message(ME, "hello")
    assert not isinstance(caught.value, TimedOut | BadRequest)
    assert len(server.messages) == delivered
    assert server.report()["faults"] == {**dict.fromkeys(FaultKind, 0), kind: 1}


async def test_a_delay_beyond_the_clients_patience_times_out_and_still_delivers():
    plan = FaultPlan(rates={FaultKind.DELAY: 1}, delay_s=0.3)
    async with TelegramSandbox(faults=plan) as server, bot_for(server, read_timeout=0.1) as bot:
        with pytest.raises(TimedOut):
            await bot.send_message(ME, "hello")
        assert not server.messages
        await until(lambda: [message.text for message in server.messages] == ["hello"])


async def test_a_thrown_in_flood_asks_to_wait_without_counting_as_a_violation():
    async with talking(faults=FaultPlan(rates={FaultKind.FLOOD: 1}, retry_after_s=3)) as (s, bot):
        with pytest.raises(RetryAfter) as caught:
            await bot.send_message(ME, "hello")
    assert caught.value.retry_after == timedelta(seconds=3)
    assert s.over_limit == 0


async def test_a_message_can_be_edited_once_into_the_same_words():
    async with talking() as (server, bot):
        sent = await bot.send_message(ME, "open")
        edited = await bot.edit_message_text("closed", ME, sent.message_id)
        assert isinstance(edited, Message)
        with pytest.raises(BadRequest, match="Message is not modified"):
            await bot.edit_message_text("closed", ME, sent.message_id)
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("closed", ME, 99)
    assert (edited.text, edited.message_id) == ("closed", 1)
    assert edited.edit_date is not None
    assert [message.text for message in server.messages] == ["closed"]


async def test_a_pressed_button_reaches_the_bot_and_its_answer_the_user():
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Took it", callback_data="took:7")]])
    async with talking() as (server, bot):
        sent = await bot.send_message(ME, "signal", reply_markup=keyboard)
        assert sent.reply_markup == keyboard
        query_id = server.press(ME, 1, "took:7")
        (update,) = await bot.get_updates(timeout=5)
        query = update.callback_query
        assert query is not None
        assert query.message is not None
        assert (query.data, query.message.message_id) == ("took:7", 1)
        assert await bot.answer_callback_query(query.id, "noted")
        assert server.answer_to(query_id) == "noted"
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(query.id)
        assert await bot.get_updates(offset=update.update_id + 1, timeout=0) == ()


async def test_buttons_are_replaced_and_taken_away_under_a_picture_too():
    def keyboard(text: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data="why:7")]])

    async with talking() as (server, bot):
        sent = await bot.send_photo(ME, png(10, 10), reply_markup=keyboard("Approve"))
        await bot.edit_message_reply_markup(ME, sent.message_id, reply_markup=keyboard("Done"))
        assert [[one.text for one in row] for row in server.messages[0].keyboard] == [["Done"]]
        with pytest.raises(BadRequest, match="not modified"):
            await bot.edit_message_reply_markup(ME, sent.message_id, reply_markup=keyboard("Done"))
        await bot.edit_message_reply_markup(ME, sent.message_id)
        assert server.messages[0].keyboard == ()


async def test_somebody_else_writes_and_presses_in_a_group():
    ann = SandboxUser(id=7, name="Ann")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
    async with talking(chats=[SandboxChat(id=GROUP)]) as (server, bot):
        await bot.send_message(GROUP, "question", reply_markup=keyboard)
        server.write_as_user(GROUP, "/status", user=ann)
        server.press(GROUP, 1, "yes", user=ann)
        server.press(GROUP, 1, "no", user=ann, is_forged=True)
        said, pressed, forged = await bot.get_updates(timeout=5)
    assert said.message is not None
    assert said.message.from_user is not None
    assert (said.message.from_user.id, said.message.from_user.first_name) == (7, "Ann")
    for update, data in ((pressed, "yes"), (forged, "no")):
        assert update.callback_query is not None
        assert (update.callback_query.from_user.id, update.callback_query.data) == (7, data)


async def test_a_chat_has_a_menu_of_its_own():
    scope = BotCommandScopeChat(ME)
    async with talking() as (server, bot):
        await bot.set_my_commands([("kill", "End everything")], scope=scope)
        assert await bot.get_my_commands() == ()
        assert [one.command for one in await bot.get_my_commands(scope)] == ["kill"]
        assert len(server.commands_in(ME)) == 1
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.set_my_commands([("kill", "End everything")], scope=BotCommandScopeChat(9))


async def test_polling_conflicts_with_a_webhook():
    async with talking() as (server, bot):
        server.set_webhook_active(True)
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates(timeout=0)
        assert await bot.delete_webhook()
        assert await bot.get_updates(timeout=0) == ()


async def test_two_clients_that_poll_are_in_conflict():
    async with talking() as (server, first), bot_for(server) as second:
        polling = asyncio.create_task(first.get_updates(timeout=20))
        await until(lambda: server.report()["requests"].get("getupdates") == 1)
        waiting = asyncio.create_task(second.get_updates(timeout=20))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await polling
        server.write_as_user(ME, "hello")
        (update,) = await waiting
    assert update.message is not None
    assert (update.message.text, update.message.chat.id) == ("hello", ME)


async def test_an_application_that_polls_starts_answers_and_stops():
    async def answer(update, _context):
        await update.message.reply_text(f"you said {update.message.text}")

    async with TelegramSandbox(limits=FREE) as server:
        builder = Application.builder().token(server.token).base_url(f"{server.url}/bot")
        application = builder.build()
        updater = application.updater
        assert updater is not None
        application.add_handler(MessageHandler(filters.TEXT, answer))
        async with application:
            await application.start()
            await updater.start_polling(drop_pending_updates=True)
            server.write_as_user(ME, "/status")
            await until(lambda: len(server.messages) == 2)
            await updater.stop()
            await application.stop()
    assert [message.text for message in server.messages] == ["/status", "you said /status"]


async def test_commands_chats_and_webhooks_are_told():
    async with talking() as (_, bot):
        assert await bot.set_my_commands([("status", "Where things stand")])
        (command,) = await bot.get_my_commands()
        assert (command.command, command.description) == ("status", "Where things stand")
        assert (await bot.get_chat(ME)).first_name == "You"
        assert (await bot.get_webhook_info()).url == ""
        assert (await bot.get_me()).username == "snipersight_sandbox_bot"


async def test_under_every_fault_at_once_each_message_is_accounted_for():
    """A client that repeats until it hears success loses nothing; the faults explain the rest."""
    plan = FaultPlan(rates=dict.fromkeys(FaultKind, 0.1), seed=3, delay_s=0.01)
    async with talking(faults=plan) as (server, bot):
        for number in range(40):
            for _ in range(60):
                with suppress(NetworkError, RetryAfter):
                    await bot.send_message(ME, f"signal {number}")
                    break
    texts = [message.text for message in server.messages]
    after = (FaultKind.DROP_AFTER, FaultKind.SERVER_ERROR_AFTER)
    unheard = [message for message in server.messages if message.fault in after]
    assert list(dict.fromkeys(texts)) == [f"signal {number}" for number in range(40)]
    assert len(texts) == 40 + len(unheard)
    report = server.report()
    assert all(count > 0 for count in report["faults"].values())
    assert sum(report["faults"][kind] for kind in after) == len(unheard)
    assert (
        report["requests"]["sendmessage"]
        == 40 + sum(report["faults"].values()) - report["faults"]["delay"]
    )
