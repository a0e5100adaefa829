"""The questions of `snipersight init`, group by group, in the order they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from snipersight.bootstrap.first_steps import Draft
from snipersight.cli.guard import error_block, say
from snipersight.cli.init_asking import ask_choice, ask_value, ask_yes, explain
from snipersight.cli.init_trying import tell, try_bot, try_chat, try_database, try_exchange
from snipersight.domain.errors import SniperSightError
from snipersight.domain.units import plain
from snipersight.domain.venue import Finding, FindingLevel

_LARGE: Final = 10_000_000
_WORLDS: Final = ("demo", "testnet", "live")
_VENUES: Final = {"binance": "binanceusdm", "bybit": "bybit"}


def ask_account(draft: Draft, _tests: bool) -> None:
    """Ask what there is to trade with, and what one trade may lose."""
    explain(
        "Account",
        "Sizes follow from what the account is worth and from what one trade may lose at its "
        "stop. Nothing is traded with it; later on results and deposits move it by themselves.",
    )
    ask_value(draft, "ACCOUNT_CURRENCY", "Currency of the account", default="USDT", read=str.upper)
    while True:
        ask_value(draft, "DEFAULT_ACCOUNT_BALANCE", "What is in it", default="10000")
        balance = draft.settings().default_account_balance
        if balance < _LARGE or ask_yes(f"Really {plain(balance)}?", default=False):
            break
    ask_value(
        draft,
        "MAX_RISK_PER_TRADE",
        "Largest loss of one trade (1% is usual, 5% the most)",
        default="0.01",
        read=fraction_text,
    )


def fraction_text(text: str) -> str:
    """Return a share as the settings want it: `1%` and `0.01` are the same."""
    number = text.strip().removesuffix("%").strip()
    if not text.strip().endswith("%"):
        return number
    from decimal import Decimal, InvalidOperation

    try:
        return plain(Decimal(number) / 100)
    except InvalidOperation:
        return text.strip()  # the setting itself says what is wrong with it


def ask_telegram(draft: Draft, tests: bool) -> None:
    """Ask for a bot and a chat, and write to it."""
    explain(
        "Telegram",
        "Signals, and what becomes of them, can come to your phone; there you can also approve "
        "trades. It needs a bot of your own: write /newbot to @BotFather, who answers with a "
        "token. Without it everything works, on this screen alone.",
    )
    if not ask_yes("Set it up?", default=bool(draft.value("TELEGRAM_BOT_TOKEN"))):
        return
    while True:
        before = dict(draft.changes)
        ask_value(draft, "TELEGRAM_BOT_TOKEN", "Token of the bot")
        if not draft.value("TELEGRAM_BOT_TOKEN"):
            return
        if not tests or _is_well(lambda: try_bot(draft)):
            break
        draft.changes = before  # Enter would offer what does not work again and again
    _ask_chat(draft, tests)
    _ask_people(draft)


def _ask_chat(draft: Draft, tests: bool) -> None:
    while True:
        before = dict(draft.changes)
        found = _found_chat(draft) if tests and not draft.value("TELEGRAM_CHAT_ID") else ""
        ask_value(draft, "TELEGRAM_CHAT_ID", "Number of the chat", default=found)
        if not draft.value("TELEGRAM_CHAT_ID") or not tests:
            return
        if not ask_yes("Write a message to it now?", default=True):
            return
        if _is_well(lambda: try_chat(draft)):
            return
        draft.changes = before


def _found_chat(draft: Draft) -> str:
    """Return the chat that wrote to the bot last, which is most likely the one that is meant."""
    from snipersight.bot.notifications.channels.telegram_identity import recent_chats

    if not ask_yes("Write the bot a word in Telegram. Done?", default=True):
        return ""
    token, api_url = draft.value("TELEGRAM_BOT_TOKEN"), draft.settings().telegram_api_url
    try:
        chats = asyncio.run(recent_chats(token, api_url=api_url))
    except SniperSightError as error:
        say(error_block(error))
        return ""
    if not chats:
        say("  Nothing arrived; @userinfobot tells you the number of your chat.")
        return ""
    for chat in chats:
        say(f"  {chat.chat_id}: {chat.title}{'' if chat.is_private else ' (group)'}")
    return chats[0].chat_id


def _ask_people(draft: Draft) -> None:
    if not draft.value("TELEGRAM_CHAT_ID"):
        return
    explain(
        "People",
        "The running bot takes commands and approvals from people that are named by their user "
        "ids, and from nobody else. Your own chat with the bot already stands for you, as long "
        "as nobody is named.",
    )
    ask_value(draft, "TELEGRAM_ADMINS", "User ids of those who may do everything, you included")
    ask_value(draft, "TELEGRAM_TRADERS", "Those who may also approve trades")


def ask_exchange(draft: Draft, tests: bool) -> None:
    """Ask for keys of an exchange, and try them in the world they are of."""
    explain(
        "Exchange",
        "Scanning needs no key, nor does paper trading on the simulated venue. Keys are for "
        "orders at a real exchange: first in its demo world, where no money is. They must be "
        "allowed to trade and not to withdraw.",
    )
    has_keys = any(draft.value(f"{name.upper()}_API_KEY") for name in _VENUES)
    if not ask_yes("Enter keys?", default=has_keys):
        return
    name = ask_choice("Exchange, binance or bybit", tuple(_VENUES), default="binance")
    while True:
        before = dict(draft.changes)
        _ask_keys(draft, name)
        has_key = bool(draft.value(f"{name.upper()}_API_KEY"))
        if not has_key or not tests or _tried(draft, _VENUES[name]):
            return
        draft.changes = before


def _ask_keys(draft: Draft, name: str) -> None:
    held = draft.value("EXECUTION_ENVIRONMENT") or "demo"
    world = ask_choice(f"Their world, {', '.join(_WORLDS)} (real money)", _WORLDS, default=held)
    draft.take("EXECUTION_ENVIRONMENT", world)
    if name == "binance":
        draft.take("BINANCE_TESTNET", "false" if world == "live" else "true")
    if world == "live":
        say("  Nothing is traded live before LIVE_ACCOUNT names an account; docs/execution.md.")
    if ask_value(draft, f"{name.upper()}_API_KEY", "API key"):
        ask_value(draft, f"{name.upper()}_API_SECRET", "Its secret")


def _tried(draft: Draft, venue: str) -> bool:
    try:
        found = try_exchange(draft, venue)
    except SniperSightError as error:
        say(error_block(error))
        return False
    tell(found)
    has_failed = any(one.level is FindingLevel.FAILED for one in found)
    return not has_failed or ask_yes("Keep them all the same?", default=False)


def ask_database(draft: Draft, tests: bool) -> None:
    """Ask where decisions are kept."""
    explain(
        "Database",
        "Decisions, trades and messages are kept in a file in your home folder, which is right "
        "for one machine. Several machines share a PostgreSQL server.",
    )
    if not ask_yes("Use a PostgreSQL server?", default=bool(draft.value("DATABASE_URL"))):
        return
    while True:
        before = dict(draft.changes)
        ask_value(draft, "DATABASE_URL", "postgresql://user:password@host/database")
        if not draft.value("DATABASE_URL") or not tests:
            return
        if _is_well(lambda: try_database(draft)):
            say("  `snipersight db upgrade` makes its tables, once for all machines.")
            return
        draft.changes = before


def _is_well(attempt: Callable[[], Finding]) -> bool:
    try:
        found = attempt()
    except SniperSightError as error:
        say(error_block(error))
        return False
    tell((found,))
    is_well = found.level is not FindingLevel.FAILED
    return is_well or ask_yes("Keep it all the same?", default=False)


QUESTIONS: Final[tuple[Callable[[Draft, bool], None], ...]] = (
    ask_account,
    ask_telegram,
    ask_exchange,
    ask_database,
)
