"""Answers and queued messages of one bot, before a Telegram that counts as strictly as it says."""

import asyncio
from pathlib import Path

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.notifying import open_notifying
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bot.notifications.notices.alerts import an_alert, raise_alert
from snipersight.sandbox.telegram import RateLimits, SandboxChat, TelegramSandbox
from tests.builders.execution_desk import DeskClock
from tests.fakes.operating import ADMIN, PEOPLE, RecordingDesk, listening

QUEUED, ASKED = 4, 3


async def test_answers_and_queued_messages_of_one_chat_never_exceed_its_limits(
    tmp_path: Path, monkeypatch
):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    chat = SandboxChat(id=ADMIN, title=PEOPLE[ADMIN])
    async with TelegramSandbox(chats=(chat,), limits=RateLimits()) as server:
        monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", server.token)
        monkeypatch.setenv("TELEGRAM_API_URL", server.url)
        monkeypatch.setenv("TELEGRAM_CHAT_ID", str(ADMIN))
        settings = load_settings()[0]
        with open_books(settings, account_id="practice", clock=DeskClock()) as books:
            notifying = open_notifying(settings, books.store.database)
            for number in range(QUEUED):
                alert = an_alert("run", "it is late", subject=f"part {number}", at_ms=1)
                raise_alert(notifying.outbox, alert)
            async with listening(books, server, RecordingDesk(), limiter=notifying.limiter) as bot:
                for _ in range(ASKED):
                    bot.write(ADMIN, "/help")
                await notifying.deliver(15)
                async with asyncio.timeout(15):
                    await bot.heard()
            await notifying.close()
        told = [one.text for one in server.messages if not one.is_users]
        assert sum("/positions" in text for text in told) == ASKED
        assert len(told) == QUEUED + ASKED
        assert server.over_limit == 0
