"""Runs the sandbox servers in the foreground until they are told to stop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.telegram import (
    SANDBOX_TOKEN,
    FaultPlan,
    SandboxChat,
    TelegramSandbox,
)

_DEFAULT_CHATS = ["1001:You", "-1002000000001:Signals"]


def serve_telegram(
    *,
    host: str,
    port: int,
    token: str | None,
    chats: Sequence[str],
    fault_rate: float,
    seed: int,
) -> ExitCode:
    """Run the Telegram sandbox until SIGINT or SIGTERM and say what it has seen.

    Raises:
        ConfigInvalid: an impossible host, token or chat.
        VenueUnavailable: the port is taken.
    """
    server = TelegramSandbox(
        host=host,
        port=port,
        token=token or SANDBOX_TOKEN,
        chats=[chat_of(written) for written in chats or _DEFAULT_CHATS],
        faults=FaultPlan.even(fault_rate, seed=seed),
    )
    asyncio.run(_serve(server))
    return ExitCode.OK


def chat_of(written: str) -> SandboxChat:
    """Return the chat that `ID` or `ID:TITLE` means.

    Raises:
        ConfigInvalid: the id is no whole number, or 0.
    """
    number, _, title = written.partition(":")
    try:
        chat_id = int(number)
    except ValueError:
        raise ConfigInvalid(
            f"{written!r} is no chat", where="--chat", next_step="write 1001 or 1001:Me"
        ) from None
    return SandboxChat(id=chat_id, title=title.strip())


async def _serve(server: TelegramSandbox) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with server:
        first = next(iter(server.chats))
        print(f"TELEGRAM_API_URL={server.url}")
        print(f"TELEGRAM_BOT_TOKEN={server.token}")
        print(f"TELEGRAM_CHAT_ID={first.id}")
        print(f"# page: {server.url}/", flush=True)
        say("Ctrl-C ends it.")
        await stop.wait()
    report = server.report()
    say(
        f"{report['delivered']} messages delivered, {server.over_limit} refused for coming too fast."
    )
