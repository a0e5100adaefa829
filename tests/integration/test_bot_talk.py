"""What Telegram answers to the one who reads its updates, with the real client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from snipersight.bot.notifications.markup.formatted_text import FormattedText
from snipersight.bot.operator.talk import PollTrouble
from snipersight.bot.operator.telegram_talk import TelegramTalk
from snipersight.bot.operator.updates import Said, Unread
from snipersight.domain.channels import Button, Delivered, Stopped, TryAgain, Unsendable
from snipersight.sandbox.telegram import FaultKind, FaultPlan, TelegramSandbox
from tests.fakes.operating import ADMIN, a_sandbox

ROWS = ((Button(text="Yes", data="y"),),)


@asynccontextmanager
async def talking(
    server: TelegramSandbox, *, token: str = "", url: str = ""
) -> AsyncIterator[TelegramTalk]:
    talk = TelegramTalk(token or server.token, api_url=url or server.url)
    try:
        yield talk
    finally:
        await talk.close()


@pytest.fixture
async def server() -> AsyncIterator[TelegramSandbox]:
    async with a_sandbox() as opened:
        yield opened


async def trouble(talk: TelegramTalk) -> PollTrouble:
    found = await talk.updates(offset=0, wait_s=0)
    assert isinstance(found, PollTrouble)
    return found


async def test_a_wrong_token_is_said_and_lasts_and_is_not_told(server):
    async with talking(server, token="1000001:wrong-token-that-opens-nothing") as talk:
        found = await trouble(talk)
        assert found.is_lasting
        assert "TELEGRAM_BOT_TOKEN" in found.sentence
        assert "wrong-token" not in found.sentence
        assert isinstance(await talk.username(), PollTrouble)


async def test_nobody_there_is_trouble_that_may_pass(server):
    async with talking(server, url="http://127.0.0.1:9") as talk:
        found = await trouble(talk)
        assert not found.is_lasting
        assert found.sentence.startswith("Telegram does not answer")
        outcome = await talk.say(str(ADMIN), FormattedText(text="hello"))
        assert isinstance(outcome, TryAgain)


async def test_a_webhook_and_another_reader_are_told_apart(server):
    async with talking(server) as talk, talking(server) as other:
        server.set_webhook_active(True)
        assert "webhook" in (await trouble(talk)).sentence
        server.set_webhook_active(False)
        waiting = asyncio.create_task(talk.updates(offset=0, wait_s=5))
        await asyncio.sleep(0.1)
        await other.updates(offset=0, wait_s=0)
        found = await waiting
    assert isinstance(found, PollTrouble)
    assert "another program" in found.sentence


@pytest.mark.parametrize(
    ("kind", "says", "after_s"),
    [
        (FaultKind.FLOOD, "patience", 1.0),
        (FaultKind.SERVER_ERROR, "error", None),
        (FaultKind.RESET, "does not answer", None),
        (FaultKind.DROP_BEFORE, "does not answer", None),
    ],
)
async def test_every_failure_is_a_sentence(server, kind, says, after_s):
    server.set_faults(FaultPlan(rates={kind: 1.0}, methods=frozenset()))
    async with talking(server) as talk:
        found = await trouble(talk)
    assert says in found.sentence
    assert found.after_s == after_s


async def test_an_update_that_the_client_cannot_read_is_passed_over(server):
    server._world.updates.put("message", {"message_id": "seven", "chat": 5})
    server.write_as_user(ADMIN, "/status")
    async with talking(server) as talk:
        found = await talk.updates(offset=0, wait_s=0)
        assert not isinstance(found, PollTrouble)
        odd, said = found
        assert isinstance(odd, Unread)
        assert isinstance(said, Said)
        assert said.text == "/status"
        assert await talk.updates(offset=said.update_id + 1, wait_s=0) == ()


async def test_what_is_sent_has_an_outcome(server):
    async with talking(server) as talk:
        assert await talk.username() == "snipersight_sandbox_bot"
        sent = await talk.say(str(ADMIN), FormattedText(text="Sure?"), rows=ROWS, reply_to="77")
        assert isinstance(sent, Delivered)
        assert [one.data for row in server.messages[0].keyboard for one in row] == ["y"]
        assert isinstance(await talk.replace_buttons(str(ADMIN), "1", ()), Delivered)
        assert isinstance(await talk.replace_buttons(str(ADMIN), "1", ()), Unsendable)
        assert isinstance(await talk.say("999", FormattedText(text="hello")), Stopped)
        query = server.press(ADMIN, 1, "y", is_forged=True)
        assert isinstance(await talk.answer_press(query, "Done."), Delivered)
        assert server.answer_to(query) == "Done."
        assert isinstance(await talk.answer_press(query, "Done."), Unsendable)
        assert isinstance(await talk.show_commands("999", ()), Stopped)
