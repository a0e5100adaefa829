"""Notifications put together: outbox, chats and channels; worded, sent, and told of when one stops."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from snipersight.bootstrap.channels import load_chats
from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.notifiers import OpenNotifiers, open_notifiers
from snipersight.bootstrap.operating.offers import Offers
from snipersight.bootstrap.paced_outbox import PacedOutbox
from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.score_meaning import ScoreMeanings
from snipersight.bootstrap.settings import Settings
from snipersight.bot.notifications.notices.alerts import raise_alert, stop_alert
from snipersight.bot.notifications.notices.deliveries import (
    deliveries_of,
    no_buttons,
    nothing_known,
)
from snipersight.bot.notifications.notices.rendering import Rows
from snipersight.bot.notifications.notices.results import CLOSES
from snipersight.bot.notifications.sending.fan_out import fan_out_due
from snipersight.bot.notifications.sending.precedence import Precedence
from snipersight.bot.notifications.sending.rates import RateLimiter
from snipersight.bot.notifications.sending.send_report import SendCounts, SendReport
from snipersight.bot.notifications.sending.sender import Sender
from snipersight.bot.operator.callbacks import button_secret
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.audit import AuditKind, AuditRecord
from snipersight.domain.channels import Chat, Notifier
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.domain.notices import Signal
from snipersight.domain.outbox import DeliveryDraft, StoppedLane, StoredNotice
from snipersight.risk.audit.query import AuditQuery
from snipersight.storage.audit_log import AuditLog
from snipersight.storage.database import Database, open_database
from snipersight.storage.home import make_private_folder
from snipersight.storage.key_value import KeyValueStore
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.outbox_lease import SqlSenderLease
from snipersight.storage.outbox_view import (
    LaneView,
    TroubledItem,
    lanes_waiting,
    notices_waiting,
    troubled,
)

PICTURES: Final = "charts"  # folder of the home in which a signal's chart is looked for
_LOOK_AGAIN_S: Final = 0.5  # how long a notice of another process waits to be worded, at most
_NOTHING: Final = SendReport(sent=0, retried=0, buried=0, stopped=0, ambiguous=0, waiting=None)
OnProgress = Callable[[SendCounts], None]


class AuditReader:
    """Finds the audit records that notices refer to.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._log: Final = AuditLog(database)

    def record(self, account_id: str, seq: int) -> AuditRecord | None:
        """Return the record of a number; None if there is none."""
        return self._log.record(account_id, seq)

    def newest_verdict(self, account_id: str, plan_id: str) -> AuditRecord | None:
        """Return the newest decision about a plan; None if there is none."""
        query = AuditQuery(kinds=(AuditKind.DECISION.value,), subject=plan_id)
        found = self._log.records(account_id, query, newest_first=True)
        return next((record for record in found if record.subject == plan_id), None)

    def closes(self, account_id: str, entry_id: str) -> tuple[AuditRecord, ...]:
        """Return the records that closed a part or all of an entry, oldest first."""
        found = self._log.records(account_id, AuditQuery(kinds=CLOSES, subject=entry_id))
        return tuple(record for record in found if record.subject == entry_id)


@dataclass(slots=True, kw_only=True)
class Notifying:
    """Everything that tells, for one store.

    Args:
        database: the store.
        outbox: in it.
        chats: all there are.
        notifiers: channels by name.
        lease: the right to send.
        reader: finds audit records.
        pictures: folder in which a signal's chart is looked for, named after its plan.
        meanings: says what a signal's score has meant so far.
        buttons: what people may press under a signal that is offered to them.
        public_url: where people reach the dashboard; empty: messages do not link to it.
        problems: what keeps a chat from being told, one sentence each.
        sending: the outbox as the sender sees it; None: as everybody does.
        limiter: counts what leaves; whoever else writes over the same channels shares it.
        precedence: says what waits while new signals are expected.
    """

    database: Database
    outbox: SqlOutbox
    chats: tuple[Chat, ...]
    notifiers: dict[str, Notifier]
    lease: SqlSenderLease
    reader: AuditReader
    pictures: Path
    meanings: Callable[[Signal], str] = nothing_known
    buttons: Callable[[Signal], Rows] = no_buttons
    public_url: str = ""
    problems: tuple[str, ...] = ()
    sending: SqlOutbox | None = None
    limiter: RateLimiter = field(default_factory=RateLimiter)
    precedence: Precedence = field(default_factory=Precedence)
    _sender: Sender | None = field(default=None, init=False)
    _is_stopping: bool = field(default=False, init=False)

    def notices_waiting(self) -> int:
        """Return how many notices are not worded yet."""
        return notices_waiting(self.database)

    def lanes_waiting(self) -> tuple[LaneView, ...]:
        """Return the chats that something waits for, by name."""
        return lanes_waiting(self.database)

    def troubled(self, limit: int) -> tuple[TroubledItem, ...]:
        """Return what was given up or may have arrived twice, newest first."""
        return troubled(self.database, limit=limit)

    @property
    def has_channels(self) -> bool:
        """Return whether anybody can be told at all."""
        return any(chat.channel in self.notifiers for chat in self.chats)

    def fan_out(self, *, stored: Callable[[], object] = lambda: None) -> int:
        """Word every notice that is due, and return how many deliveries are new.

        With nobody to tell, notices stay as they are: a channel may be set up later.

        Args:
            stored: called when the deliveries of a notice can be sent.

        Raises:
            StateUnavailable: the store cannot be used; what was not worded still waits.
        """
        if not self.has_channels:
            return 0
        now_us = self.outbox.now_us()
        return fan_out_due(
            self.sending or self.outbox,
            self.lease.owner,
            word=lambda notice: self._words_of(notice, now_us),
            stored=stored,
        )

    async def deliver(
        self,
        deadline_s: float | None = None,
        *,
        until_empty: bool = True,
        on_progress: OnProgress | None = None,
    ) -> SendReport:
        """Word what is due and send it, each chat in its order and within its limits.

        A channel that stops is told of on the others, and in the log, once. While another process
        sends from this store, what was worded here is left to it, and the report says so.

        Args:
            deadline_s: begin nothing new after so many seconds; None: take the time it takes.
            until_empty: return when nothing is left but what is stopped, neither to be sent nor
                to be worded, be it by another process; False: go on with what comes, until the
                deadline or `request_stop`.
            on_progress: called after every attempt with the counts so far.

        Raises:
            StateUnavailable: the store cannot be used; nothing is lost.
        """
        if not self.has_channels:
            return _NOTHING
        await asyncio.to_thread(self.fan_out)
        self._sender = sender = Sender(
            self.sending or self.outbox,
            self.notifiers,
            lease=self.lease,
            limiter=self.limiter,
            precedence=self.precedence,
            on_stopped=self._tell_stopped,
            on_progress=on_progress,
        )
        if self._is_stopping:
            sender.request_stop()
        wording = asyncio.create_task(self._keep_wording())
        # Ended by a bug, it would let the sender wait for ever for what it should word.
        wording.add_done_callback(lambda _: sender.request_stop())
        try:
            return await sender.drain(until_empty=until_empty, deadline_s=deadline_s)
        finally:
            wording.cancel()
            with suppress(asyncio.CancelledError):
                await wording

    async def word_now(self) -> None:
        """Word what is due at once, and let a sender that is at work take each as it is worded.

        Raises:
            StateUnavailable: the store cannot be used; what was not worded still waits.
        """
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(
            self.fan_out, stored=lambda: loop.call_soon_threadsafe(self._wake_sender)
        )

    def signals_came(self) -> None:
        """Let what waited for new signals leave as well, at once."""
        self.precedence.signals_came()
        self._wake_sender()

    def request_stop(self) -> None:
        """Let what is under way end, hand back the rest, and return from `deliver`."""
        self._is_stopping = True
        if self._sender is not None:
            self._sender.request_stop()

    async def close(self) -> None:
        """Release the connections of every channel, also where one of them fails."""
        ended = await asyncio.gather(
            *(notifier.close() for notifier in self.notifiers.values()), return_exceptions=True
        )
        for name, error in zip(self.notifiers, ended, strict=True):
            if isinstance(error, Exception):
                _log(f"channel {name} could not be closed", error)

    def _words_of(self, notice: StoredNotice, now_us: int) -> tuple[DeliveryDraft, ...]:
        return deliveries_of(
            notice,
            self.chats,
            self.notifiers,
            reader=self.reader,
            pictures=self.pictures,
            now_us=now_us,
            meaning=self.meanings,
            buttons=self.buttons,
            public_url=self.public_url,
        )

    def _wake_sender(self) -> None:
        if self._sender is not None:
            self._sender.wake()

    async def _keep_wording(self) -> None:
        """Word what others store while messages are sent; a store that is away is asked again."""
        while True:
            await asyncio.sleep(_LOOK_AGAIN_S)
            with suppress(StateUnavailable):  # the sender waits for it too, and says so
                await asyncio.to_thread(self.fan_out)

    async def _tell_stopped(self, stopped: StoppedLane) -> None:
        """Tell the other channels and the log, once for each stop."""
        alert = stop_alert(stopped)
        try:
            is_new = await asyncio.to_thread(raise_alert, self.outbox, alert)
            if is_new:
                await asyncio.to_thread(self.fan_out)
        except SniperSightError as error:
            _log("an alert could not be stored", error)
            is_new = True
        if is_new:
            log_structured(
                alert.text, level="WARNING", stage="notifications", channel=stopped.channel
            )


def open_notifying(
    settings: Settings,
    database: Database,
    *,
    clock: RunClock | None = None,
    rehearses: bool = False,
) -> Notifying:
    """Return what tells the chats of the settings from a store; no connection is made yet.

    Args:
        settings: channels and chats.
        database: the store; whoever opened it closes it.
        clock: that the store lives by, where that is a sandbox's; None: by its own.
        rehearses: whether a setup that was decided on in a dry run is not offered again.

    Raises:
        ConfigInvalid: `channels.toml` or the address of a channel is wrong.
    """
    chats = load_chats(settings)
    channels = {chat.channel for chat in chats}
    opened = open_notifiers(settings, channels)
    lease = SqlSenderLease(database, owner=_owner())
    return Notifying(
        database=database,
        outbox=SqlOutbox(database, lease=lease),
        chats=chats,
        notifiers=opened.by_name,
        lease=lease,
        reader=AuditReader(database),
        pictures=settings.snipersight_home / PICTURES,
        meanings=ScoreMeanings(KeyValueStore(database)),
        buttons=_offers(settings, database, rehearses=rehearses),
        public_url=settings.public_url or "",
        problems=(*opened.problems, *_unserved(chats, opened), *_unused(settings, channels)),
        sending=None if clock is None else PacedOutbox(database, lease=lease, clock=clock),
    )


def _offers(settings: Settings, database: Database, *, rehearses: bool) -> Callable[[Signal], Rows]:
    token = settings.telegram_bot_token
    if token is None:
        return no_buttons
    secret = button_secret(token.get_secret_value())
    return Offers(database, secret=secret, rehearses=rehearses)


def open_outbox_database(settings: Settings) -> Database:
    """Open the database whose outbox is looked at; the caller closes it. No account is opened.

    Raises:
        ConfigInvalid: its URL is unusable.
        StateUnavailable: the home or the database cannot be used.
    """
    if settings.database_url is None:
        make_private_folder(settings.snipersight_home)
    return open_database(database_url(settings))


def _unserved(chats: Iterable[Chat], opened: OpenNotifiers) -> tuple[str, ...]:
    return tuple(
        f"chat {chat.lane} is not told: its channel cannot be used"
        for chat in chats
        if chat.channel not in opened.by_name
    )


def _unused(settings: Settings, channels: Collection[str]) -> tuple[str, ...]:
    return tuple(
        f"NOTIFY_PLUGINS names {name}, but channels.toml has no chat in it"
        for name in settings.notify_plugins
        if name not in channels
    )


def _owner() -> str:
    """Return a name that no other process has, nor this one the next time."""
    return f"{socket.gethostname()[:32]}:{os.getpid()}:{secrets.token_hex(4)}"


def _log(what: str, error: Exception) -> None:
    log_structured(f"{what}: {error}", level="WARNING", stage="notifications")
