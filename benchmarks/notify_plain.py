"""What the same faults do to the loop of many a tutorial: send each message once, log what fails."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from telegram import Bot
from telegram.error import TelegramError

from benchmarks.harness import Figure, progress
from benchmarks.notify_run import FAULT_SHARE, GROUPS, PRIVATE, report_of, served
from snipersight.sandbox.telegram.tokens import SANDBOX_TOKEN

_APART_S: Final = 1 / 28


def plain_figure(messages: int) -> Figure:
    """Return how many messages python-telegram-bot's own `send_message` loses in a loop."""
    progress(f"{messages} messages in a plain loop")
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # what fails is counted here
    with served(seed=2) as api_url:
        failed = asyncio.run(_send(api_url, messages))
        report = report_of(api_url)
    texts = {message["text"] for message in report["messages"]}
    lost = messages - len(texts)
    note = (
        f"of {messages} by python-telegram-bot alone, nobody killed, {FAULT_SHARE:.0%} faults of "
        f"each kind; {failed} errors logged"
    )
    return Figure(name="plain_loop_lost", value=lost, unit="messages", note=note)


async def _send(api_url: str, messages: int) -> int:
    chats, failed = PRIVATE + GROUPS, 0
    bot = Bot(SANDBOX_TOKEN, base_url=f"{api_url}/bot")
    async with bot:
        for number in range(messages):
            try:
                await bot.send_message(chats[number % len(chats)], f"message {number}")
            except TelegramError:
                failed += 1
            await asyncio.sleep(_APART_S)
    return failed
