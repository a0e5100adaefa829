"""What the scans of a running bot tell the chats."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.digest import store_digest
from snipersight.bootstrap.direct_alert import tell_of_store
from snipersight.bootstrap.scan_notices import ScanNotices
from snipersight.bootstrap.scan_telling import ScanTelling
from snipersight.bot.notifications.notices.alerts import an_alert, raise_alert
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.timeframe import DAY_MS
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.told_signals import ToldSignals

if TYPE_CHECKING:
    from snipersight.bootstrap.notifying import Notifying
    from snipersight.bootstrap.running.opening import OpenRun
    from snipersight.engine.report import ScanReport

# Longer than a look takes from a close to its first signal; a venue that is slower keeps no fill untold.
_FIRST_WITHIN_S: Final = 5.0


class RunTelling:
    """Brings what scans found into the outbox; the sender takes it from there.

    Args:
        run: open, with chats to tell.
        notifying: of it.
    """

    def __init__(self, run: OpenRun, notifying: Notifying) -> None:
        self._run: Final = run
        self._notifying: Final = notifying
        session = run.session
        database = run.books.store.database
        self._notices: Final = ScanNotices(
            account_id=run.books.ports.account_id,
            outbox=SqlOutbox(database, guard=run.shares.guard),
            told=ToldSignals(database),
            reader=notifying.reader,
            top=session.surroundings.settings.notify_top,
        )
        self._telling: Final = ScanTelling(
            notices=self._notices,
            source=session.source,
            sink=session.sink,
            profiles=session.surroundings.home.profiles,
            pictures=notifying.pictures,
            key_values=run.books.store.key_values,
            warn=lambda sentence: run.say(f"warning: {sentence}"),
            part=lambda: run.shares.part,
            wake=notifying.word_now,
            drawing=run.drawing,
        )
        self._digest_day = -1

    def expect_signals(self) -> None:
        """Let what became of earlier signals wait for those of the look that begins, for a while."""
        self._notifying.precedence.expect_signals(within_s=_FIRST_WITHIN_S)

    def signals_came(self) -> None:
        """Let everything leave again."""
        self._notifying.signals_came()

    async def before_scan(self) -> None:
        """Sum up yesterday, on the first scan of a day and before it marks the account.

        Raises:
            StateUnavailable: the store cannot be used.
        """
        # Not at the start: a bot that is not ready yet needs the processor itself.
        self._run.drawing.warm_up()
        day = self._run.clock.ms() // DAY_MS
        if day != self._digest_day:
            notices = replace(self._notices, outbox=self._notifying.outbox)
            await asyncio.to_thread(store_digest, notices, self._run.books.ports)
            self._digest_day = day

    async def after_look(self, report: ScanReport) -> int:
        """Store what is new; the sender is woken. Return how many notices wait to be worded.

        Raises:
            StateUnavailable: the store cannot be used; asked again, it tells nothing twice.
        """
        stored = await self._telling.tell_new(report)
        if stored:
            await self._notifying.word_now()
        return stored

    async def lives(self, report: ScanReport) -> int:
        """Store what became of earlier signals.

        Raises:
            StateUnavailable: the store cannot be used; asked again, it tells nothing twice.
        """
        return await self._telling.tell_lives(report)


class RunAlerts:
    """Tells of the running bot itself; also while its store is away.

    Args:
        run: open, with chats to tell.
        notifying: of it.
    """

    def __init__(self, run: OpenRun, notifying: Notifying) -> None:
        self._run: Final = run
        self._notifying: Final = notifying

    async def raise_alarm(self, part: str, sentence: str) -> None:
        """Tell that a part is in trouble, once an hour at most.

        Raises:
            StateUnavailable: it could not be stored; whoever is told of alerts was told so.
        """
        alert = an_alert("run", sentence, subject=part, at_ms=self._run.clock.ms())
        try:
            await asyncio.to_thread(raise_alert, self._notifying.outbox, alert)
        except StateUnavailable as error:
            surroundings = self._run.session.surroundings
            stamps = surroundings.home.cache() if surroundings.is_writable else None
            await tell_of_store(surroundings.settings, error, stamps=stamps)
            raise
