"""Telegram: signals, summaries and alerts arrive as text with entities, whatever they say."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from snipersight.bot.notifications.channels.direct import Patience, send_patiently, summary_of
from snipersight.bot.notifications.channels.pictures import UnfitPicture, read_picture
from snipersight.bot.notifications.channels.telegram_bodies import Form, bodies_of, forms_of
from snipersight.bot.notifications.channels.vendor_logs import mask_vendor_logs
from snipersight.bot.telemetry.logging import log_structured
from snipersight.bot.telemetry.masking import mask, register_secrets
from snipersight.domain.channels import (
    Body,
    ChatRole,
    Rendered,
    SendOutcome,
    Stopped,
    TryAgain,
    Unsendable,
)
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.notices import Alert, ScanSummary, Severity, Signal

if TYPE_CHECKING:
    from snipersight.bot.notifications.channels.telegram_client import TelegramClient

API_URL: Final = "https://api.telegram.org"
SEND_TIMEOUT_S: Final = 60.0  # for a message in all its forms; a claim has to last longer
_TOKEN: Final = re.compile(r"[1-9][0-9]*:[A-Za-z0-9_-]+")
_LONGEST_TOKEN: Final = 80
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_STAGE: Final = "notifications"


class TelegramNotifier:
    """The channel `telegram`, and messages to one chat without an outbox.

    Text goes out with its entities and never with a parse mode, so that no character in a symbol
    or a reason can have the message refused. A picture that is missing or refused is left out, a
    format that is refused too: the words arrive. Links have no preview.

    It may be made anywhere and without a network. Connections belong to the event loop of the
    first message; `close` them there. The token appears in no log, error or repr.

    Args:
        bot_token: from @BotFather.
        chat_id: of the chat that `send_message` and its like write to; `send` is told its own.
        api_url: of the Bot API, without path; plain HTTP only on this machine.
        role: who reads that chat.
        patience: how long direct messages are tried.
        timeout_s: how long one `send` may take in all.

    Raises:
        ConfigInvalid: no token, or an address of the API that would give it away.
    """

    name = "telegram"

    def __init__(
        self,
        bot_token: str,
        chat_id: str = "",
        *,
        api_url: str = API_URL,
        role: ChatRole = ChatRole.PRIVATE,
        patience: Patience | None = None,
        timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        if not bot_token:
            raise ConfigInvalid(
                "no bot token", where="telegram", next_step="set TELEGRAM_BOT_TOKEN"
            )
        register_secrets([bot_token])
        mask_vendor_logs()
        self._token = bot_token
        self._chat_id = str(chat_id)
        self._api_url = _checked_api_url(api_url)
        self._role = role
        self._patience = patience or Patience()
        self._timeout_s = timeout_s
        self._client: TelegramClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        """Return the chat and the server, never the token."""
        return f"TelegramNotifier(chat_id={self._chat_id!r}, api_url={self._api_url!r})"

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return the messages of at most 4096 characters, 1024 with a picture, that tell it."""
        return bodies_of(message)

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Send one prepared message; see `domain.channels.Notifier`.

        Only what Telegram refuses for good is sent again in a plainer form. Telegram knows no
        idempotency key, so that `key` has no effect.
        """
        if not _TOKEN.fullmatch(self._token) or len(self._token) > _LONGEST_TOKEN:
            return Stopped(
                error="the bot token has not the shape of one — copy it again from @BotFather to "
                "TELEGRAM_BOT_TOKEN, then `snipersight notify retry`",
                is_whole_channel=True,
            )
        try:
            forms = forms_of(body)
        except ValueError as error:
            return Unsendable(error=f"what is stored cannot be sent: {error}")
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send_best(address, forms, reply_to)
        except TimeoutError:
            return TryAgain(error=f"no answer within {self._timeout_s:g} s", is_ambiguous=True)

    async def send_message(self, message: str, parse_mode: str = "Markdown") -> bool:
        """Send a text to the chat, in as many messages as it needs.

        Args:
            message: CommonMark with `~~strikethrough~~`.
            parse_mode: taken for the specification's sake; it changes nothing, and none is sent:
                the text is formatted by entities.

        Returns:
            Whether every part arrived. Attempts that fail are repeated after growing pauses, and
            after the time that Telegram asks for; why it was given up is logged. A text in which
            nothing is to be seen is not sent, and False.

        Raises:
            ConfigInvalid: the notifier has no chat.
        """
        return await self._tell(Rendered(title="", markdown=message))

    async def send_batch_summary(
        self, summary: ScanSummary | Sequence[Signal], top_n: int = 5
    ) -> bool:
        """Send what a scan found to the chat, with its best signals.

        Args:
            summary: of the scan; signals alone are ranked and summed up.
            top_n: how many signals are listed, those of the highest score.

        Returns:
            Whether every part arrived, as `send_message` does.

        Raises:
            ConfigInvalid: the notifier has no chat, or there is no signal.
            ValueError: `top_n` is below 0.
        """
        from snipersight.bot.notifications.formatters import format_summary

        facts = summary if isinstance(summary, ScanSummary) else summary_of(summary)
        text = format_summary(facts, role=self._role, top=top_n)
        return await self._tell(Rendered(title="Scan", markdown=text))

    async def send_alert(self, alert: Alert | str, *, severity: Severity = Severity.ERROR) -> bool:
        """Send something a person should know about the system to the chat.

        Args:
            alert: what happened; a plain text is told with the severity given beside it.
            severity: of a plain text.

        Returns:
            Whether every part arrived, as `send_message` does.

        Raises:
            ConfigInvalid: the notifier has no chat.
        """
        from snipersight.bot.notifications.formatters import format_alert

        facts = alert if isinstance(alert, Alert) else _alert_of(alert, severity)
        message = Rendered(title=facts.title, markdown=format_alert(facts), severity=facts.severity)
        return await self._tell(message)

    async def close(self) -> None:
        """Close the connections; the next message opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _tell(self, message: Rendered) -> bool:
        if not self._chat_id:
            raise ConfigInvalid("no chat", where="telegram", next_step="set TELEGRAM_CHAT_ID")
        bodies = self.prepare(message)
        address = await send_patiently(
            lambda address, body: self.send(address, body, key=""),
            self._chat_id,
            bodies,
            patience=self._patience,
        )
        self._chat_id = address or self._chat_id
        return bool(bodies) and address is not None

    async def _send_best(self, address: str, forms: Sequence[Form], reply_to: str) -> SendOutcome:
        """Send the first form that is not refused; the last one decides."""
        outcome: SendOutcome = Unsendable(error="there is nothing to send")
        for form in forms:
            photo = None if form.photo is None else await _photo(form.photo)
            if form.photo is not None and photo is None:
                continue
            client = self._connected()
            outcome = await client.send(address, form, photo=photo, reply_to=reply_to)
            if not isinstance(outcome, Unsendable):
                break
            _log("message refused in this form", outcome.error)
        return outcome

    def _connected(self) -> TelegramClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            from snipersight.bot.notifications.channels.telegram_client import TelegramClient

            # Those of another loop cannot even be closed here.
            self._client, self._loop = TelegramClient(self._token, api_url=self._api_url), loop
        return self._client


async def _photo(path: str) -> bytes | None:
    content = await asyncio.to_thread(read_picture, Path(path))
    if not isinstance(content, UnfitPicture):
        return content
    _log("picture left out", content.reason)
    return None


def _log(what: str, reason: str) -> None:
    log_structured(what, level="WARNING", stage=_STAGE, channel="telegram", reason=reason)


def _alert_of(text: str, severity: Severity) -> Alert:
    return Alert(
        trigger="direct",
        severity=severity,
        title="SniperSight",
        text=text,
        at_ms=time.time_ns() // 1_000_000,
    )


def _checked_api_url(url: str) -> str:
    parts = urlsplit(url)
    is_local = parts.hostname in _LOOPBACK
    if parts.hostname and parts.scheme in ("https", "http" if is_local else "https"):
        return url.rstrip("/")
    raise ConfigInvalid(
        f"{mask(url)!r} is no address the bot's token may be sent to",
        where="TELEGRAM_API_URL",
        next_step=f"use {API_URL}, or http:// on this machine alone",
    )
