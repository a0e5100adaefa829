"""The sandbox server: Telegram's Bot API on the loopback address, for an unmodified client."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from snipersight.domain.errors import ConfigInvalid, VenueUnavailable
from snipersight.sandbox.telegram.admin import Admin
from snipersight.sandbox.telegram.answers import Refusal
from snipersight.sandbox.telegram.bot_api import BotApi
from snipersight.sandbox.telegram.chats import ChatBook, SandboxChat
from snipersight.sandbox.telegram.connections import end_quietly
from snipersight.sandbox.telegram.faults import FaultDice, FaultPlan
from snipersight.sandbox.telegram.guard import only_from_here
from snipersight.sandbox.telegram.limits import RateLimits
from snipersight.sandbox.telegram.messages import SandboxUser, SentMessage
from snipersight.sandbox.telegram.report import report_of
from snipersight.sandbox.telegram.tokens import SANDBOX_TOKEN, bot_id_of, check_token
from snipersight.sandbox.telegram.world import Clock, World

LOOPBACK: Final = "127.0.0.1"
DEFAULT_CHATS: Final = (SandboxChat(id=1001, title="You"),)
_MAX_BODY: Final = 50 * 1024 * 1024
_GRACE_S: Final = 0.5
_SYSTEM_CLOCK: Final = Clock(lambda: time.time_ns() // 1_000_000, time.monotonic)


class TelegramSandbox:
    """A Telegram of one's own, for one bot, while the context lasts.

    `async with TelegramSandbox() as server:` answers at `server.url`, and
    `Bot(server.token, base_url=f"{server.url}/bot")` talks to it. It listens on the loopback
    address only, keeps everything in memory, and forgets it at the end.

    Args:
        token: the one bot's.
        chats: that exist.
        limits: flood limits.
        faults: what goes wrong on purpose; the default is nothing.
        host: a loopback address.
        port: to listen on; 0 for any free one.
        clock: where the time comes from.

    Raises:
        ConfigInvalid: a host that others could reach, or a token of impossible shape.
        VenueUnavailable: the port is taken; raised when the context is entered.
    """

    def __init__(
        self,
        *,
        token: str = SANDBOX_TOKEN,
        chats: Iterable[SandboxChat] = DEFAULT_CHATS,
        limits: RateLimits | None = None,
        faults: FaultPlan | None = None,
        host: str = LOOPBACK,
        port: int = 0,
        clock: Clock = _SYSTEM_CLOCK,
    ) -> None:
        _check_token_shape(token)
        self.token = token
        self._host, self._port = _loopback(host), port
        self._world = World(
            bot_id=bot_id_of(token), chats=chats, limits=limits or RateLimits(), clock=clock
        )
        self._api = BotApi(self._world, FaultDice(faults or FaultPlan()), token=token)
        self._admin = Admin(self._world, self._api)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(
            self._application(), access_log=None, shutdown_timeout=_GRACE_S
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise VenueUnavailable(
                f"port {self._port} of {self._host} cannot be used: {error.strerror or error}",
                next_step="give another port with --port, or end the program that has it",
            ) from error
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Return the address, `http://127.0.0.1:PORT`; `/bot` and the token come after it."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def chats(self) -> ChatBook:
        """Return the chats; `chats.put` changes one while the server runs."""
        return self._world.chats

    @property
    def messages(self) -> tuple[SentMessage, ...]:
        """Return every message in the order of delivery, of the bot and of users."""
        return self._world.messages

    @property
    def over_limit(self) -> int:
        """Return how many messages were refused for being over a flood limit."""
        return self._world.gate.over_limit.total()

    @property
    def polls(self) -> int:
        """Return how often updates were asked for."""
        return self._world.requests["getupdates"]

    @property
    def pending_updates(self) -> int:
        """Return how many updates are not confirmed."""
        return len(self._world.updates)

    def report(self) -> dict[str, Any]:
        """Return what `/sandbox/report` answers: counts, chats and messages."""
        return report_of(self._world, self._api.dice)

    def set_faults(self, plan: FaultPlan) -> None:
        """Follow another plan from now on; what was counted stays."""
        self._admin.follow(plan)

    def set_webhook_active(self, is_active: bool) -> None:
        """Pretend that a webhook is set, which makes polling a conflict."""
        self._world.updates.has_webhook = is_active

    def commands_in(self, chat_id: int | None = None) -> list[object]:
        """Return the commands that a chat was given a menu of; None: everybody else's."""
        scope = "default" if chat_id is None else f"chat {chat_id}"
        return list(self._world.commands.get(scope, []))

    def write_as_user(
        self, chat_id: int, text: str, *, user: SandboxUser | None = None
    ) -> SentMessage:
        """Let somebody write to the bot; the bot fetches it as an update.

        Args:
            chat_id: where.
            text: what.
            user: who; None: whoever the chat is with.
        """
        return self._world.write_as_user(self.chats[chat_id], text, user)

    def press(
        self,
        chat_id: int,
        message_id: int,
        data: str,
        *,
        user: SandboxUser | None = None,
        is_forged: bool = False,
    ) -> str:
        """Let somebody press a button under a message and return the id of the query.

        Args:
            chat_id, message_id: where the message is.
            data: that the button sends back.
            user: who presses; None: whoever the chat is with.
            is_forged: there need be no such button: a client can send what it likes.

        Raises:
            Refusal: there is no such message, or no such button under it.
        """
        message = self._world.find(chat_id, message_id)
        if message is None:
            raise Refusal(404, "message not found")
        return self._world.press(message, data, user, is_forged=is_forged)

    def answer_to(self, query_id: str) -> str | None:
        """Return what the bot answered to a pressed button; None before it did."""
        return self._world.answered.get(query_id)

    def _application(self) -> web.Application:
        application = web.Application(
            client_max_size=_MAX_BODY, middlewares=[end_quietly, only_from_here]
        )
        self._admin.add_to(application)
        application.router.add_route("*", "/{path:.*}", self._api.answer)
        return application


def _check_token_shape(token: str) -> None:
    try:
        check_token(token, known=token)
    except Refusal:
        raise ConfigInvalid(
            "the token of the sandbox has an impossible shape",
            next_step=f"use a number, a colon and letters, such as {SANDBOX_TOKEN}",
        ) from None


def _loopback(host: str) -> str:
    """Return the address of this machine that a host means."""
    if host == "localhost":
        return LOOPBACK
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ConfigInvalid(
            f"the sandbox does not listen on {host}: others could write to its chats",
            next_step=f"use {LOOPBACK} or ::1",
        )
    return host
