"""From a scan to the phone: told once, in order, followed to its end, whatever is in the way."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from snipersight.bootstrap.settings import VARIABLES
from snipersight.bot.notifications.formatters import format_markdown
from snipersight.bot.notifications.telegram import TelegramNotifier
from snipersight.sandbox.telegram import SandboxChat, SentMessage, Standing, TelegramSandbox
from tests.builders import a_plan
from tests.builders.decisions import an_approval

ME = 1001
PUBLIC = -1002000000001
TOKEN = "1000001:sandbox-token-that-opens-nothing"
DAY_ONE, DAY_TWO, DAY_THREE = (f"2025-07-{day}T00:05:00+00:00" for day in (19, 20, 21))
NAMES = "XRP/USDT:USDT,ADA/USDT:USDT,BNB/USDT:USDT,DOGE/USDT:USDT,OP/USDT"
SCAN = ("scan", "--symbols", NAMES, "--notify")

pytestmark = pytest.mark.timeout(300)  # the first process may compile the detectors
CHANNELS = f"""
[[chat]]
channel = "telegram"
address = "{ME}"

[[chat]]
channel = "telegram"
address = "{PUBLIC}"
role = "public"
practice = true
"""


@pytest.fixture
async def phone() -> AsyncIterator[TelegramSandbox]:
    chats = [SandboxChat(id=ME, title="Me"), SandboxChat(id=PUBLIC, title="Signals")]
    async with TelegramSandbox(token=TOKEN, chats=chats) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


async def run(
    phone: TelegramSandbox, home: Path, moment: str, *arguments: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the program at a moment, pointed at the sandbox."""
    names = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    telegram = {
        "TELEGRAM_API_URL": phone.url,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_CHAT_ID": str(ME),
    }
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.fakes.at_moment", moment, *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env=names | telegram | {"SNIPERSIGHT_HOME": str(home)} | more,
        check=False,
    )


def messages_of(phone: TelegramSandbox, chat_id: int = ME) -> list[SentMessage]:
    return [message for message in phone.messages if message.chat_id == chat_id]


def heads(messages: list[SentMessage]) -> list[str]:
    """Return the line of each message that says what it is."""
    lines = (message.text.split("\n") for message in messages)
    return [line[1] if line[0].startswith("PRACTICE") else line[0] for line in lines]


def meanings(messages: list[SentMessage]) -> list[str]:
    """Return what the messages say about their scores, wherever a long one was parted."""
    lines = "\n".join(message.text for message in messages).split("\n")
    return [line for line in lines if line.startswith("📊")]


async def test_signals_are_told_with_chart_and_summary_then_followed_to_their_end(phone, home):
    (home / "channels.toml").write_text(CHANNELS)
    first = await run(phone, home, DAY_ONE, *SCAN)
    assert first.returncode == 0, first.stderr
    private = messages_of(phone)
    signals = [message for message in private if "Score:" in message.text]
    assert len(signals) == 3  # NOTIFY_TOP; the fourth is in the summary alone
    assert all(message.picture is not None for message in signals)
    assert len(meanings(private)) == 3
    assert all("nothing is known yet" in line for line in meanings(private))
    assert "4 new signals" in heads(private)[-1]
    assert all("USDT)" not in message.text for message in messages_of(phone, PUBLIC))
    assert "4 new signals" in heads(messages_of(phone, PUBLIC))[-1]

    again = await run(phone, home, DAY_ONE, *SCAN)
    assert again.returncode == 0, again.stderr
    assert messages_of(phone) == private

    await run(phone, home, DAY_TWO, *SCAN)
    await run(phone, home, DAY_THREE, *SCAN)
    later = messages_of(phone)[len(private) :]
    roots = {message.message_id for message in later + private if "Score:" in message.text}
    roots |= {private[-1].message_id}  # the summary, for the signal that it alone tells of
    updates = [message for message in later if "by the candles" in message.text]
    assert {"💨 Missed", "📥 Entered"} <= {head.split(" |")[0] for head in heads(updates)}
    replies = {message.reply_to for message in updates}
    assert private[-1].message_id in replies
    assert replies <= roots
    # What had closed until the scan before: signals are told before earlier ones are followed.
    assert all(line.startswith("📊 Too little evidence: ") for line in meanings(later))
    assert meanings(later)
    assert sum("2025-07-19" in head for head in heads(later)) == 1  # the digest of the first day
    assert len({message.text for message in later}) == len(later)
    assert phone.report()["over_limit"]["total"] == 0


async def test_a_chat_that_blocked_us_costs_no_scan_and_loses_nothing(phone, home):
    phone.chats.put(SandboxChat(id=ME, title="Me", standing=Standing.BLOCKED))
    first = await run(phone, home, DAY_ONE, *SCAN)
    assert first.returncode == 0, first.stderr
    assert "approved" in first.stdout
    assert "blocked" in first.stderr
    assert messages_of(phone) == []
    phone.chats.put(SandboxChat(id=ME, title="Me"))
    assert (await run(phone, home, DAY_ONE, "notify", "retry")).returncode == 0
    sent = await run(phone, home, DAY_ONE, "notify", "send")
    assert sent.returncode == 0, sent.stderr
    assert "4 new signals" in heads(messages_of(phone))[-1]


async def test_a_wrong_token_is_said_once_and_stands_nowhere(phone, home):
    wrong = "1000001:this-is-not-the-token-at-all-000000"
    ended = await run(phone, home, DAY_ONE, *SCAN, TELEGRAM_BOT_TOKEN=wrong, LOG_LEVEL="DEBUG")
    assert ended.returncode == 0, ended.stderr
    assert "Unauthorized" in ended.stderr
    logs = "".join(path.read_text() for path in (home / "logs").iterdir())
    assert "this-is-not-the-token" not in ended.stdout + ended.stderr + logs
    waiting = await run(phone, home, DAY_ONE, "notify", "queue", "--format", "json")
    assert json.loads(waiting.stdout)["waiting"]


async def test_no_network_is_no_reason_not_to_scan(phone, home):
    nowhere = {"TELEGRAM_API_URL": "http://127.0.0.1:9", "SCAN_PATIENCE_S": "8"}
    ended = await run(phone, home, DAY_ONE, *SCAN, **nowhere)
    assert ended.returncode == 0, ended.stderr
    assert "Still waiting" in ended.stderr
    assert (await run(phone, home, DAY_ONE, "notify", "retry")).returncode == 0
    sent = await run(phone, home, DAY_ONE, "notify", "send", "--for", "60s")
    assert sent.returncode == 0, sent.stderr
    assert "4 new signals" in heads(messages_of(phone))[-1]


async def test_the_specifications_snippet_sends_a_plan(phone):
    notifier = TelegramNotifier(bot_token=TOKEN, chat_id=str(ME), api_url=phone.url)
    try:
        assert await notifier.send_message(format_markdown(an_approval(a_plan())))
    finally:
        await notifier.close()
    (message,) = messages_of(phone)
    assert "LONG BTC/USDT" in message.text
    assert message.parse_mode == ""
    assert any(entity.kind == "bold" for entity in message.entities)
