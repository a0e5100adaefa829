"""How a scan tells the chats, and what of that the user should know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from snipersight.bot.telemetry.masking import mask
from snipersight.cli.guard import say
from snipersight.cli.notify_sending import report_lines
from snipersight.domain.errors import SniperSightError, VenueUnavailable

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.notifying import Notifying
    from snipersight.bootstrap.scan_notices import ScanNotices
    from snipersight.bootstrap.session import Session
    from snipersight.bot.notifications.sending.send_report import SendCounts
    from snipersight.cli.console import Report
    from snipersight.engine.report import ScanReport

T = TypeVar("T")

# A scan does not wait longer for its messages to leave; what is left waits in the outbox.
PATIENCE_S: Final = 60.0
_FAILED_S: Final = 10.0


class ScanTeller:
    """Tells the chats of one scan; whatever fails here never ends a scan.

    Args:
        session: the scan's; `tells` is set and its ledger is open.
        books: of the session.
    """

    def __init__(self, session: Session, books: Books) -> None:
        from snipersight.bootstrap.notifying import open_notifying

        self._session: Final = session
        self._books: Final = books
        self._notifying: Final[Notifying] = open_notifying(
            session.surroundings.settings, books.store.database
        )
        for problem in self._notifying.problems:
            say(f"warning: {problem}")

    async def run(self, scan: Callable[[], Awaitable[T]]) -> T:
        """Return what the scan returns; sum up yesterday before it, and tell of what ends it.

        Raises:
            Exception: whatever the scan raises.
        """
        await self._safely(lambda: asyncio.to_thread(self._store_digest))
        try:
            return await scan()
        except VenueUnavailable as error:
            subject = self._session.source.venue
            await self._safely(partial(self._tell_end, "venue_down", str(error), subject))
            raise
        except SniperSightError:
            raise  # the user's to mend, and said on the terminal
        except Exception as error:
            kind = type(error).__name__
            text = f"A scan ended with a fault of the program, {kind}. `snipersight scan --debug` shows where."
            await self._safely(partial(self._tell_end, "error", text, f"scan {kind}"))
            raise

    async def tell(self, report: ScanReport, show: Report) -> None:
        """Tell what a finished scan found, and send it as far as the time goes."""
        await self._safely(lambda: self._store(report))
        await self._safely(lambda: self._send(PATIENCE_S, show))

    async def close(self) -> None:
        """Release the connections of the channels."""
        await self._notifying.close()

    async def _safely(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001  the scan's own report is still to be printed
            say(mask(f"warning: not everything could be told: {_cause(error)}"))

    def _store_digest(self) -> None:
        from snipersight.bootstrap.digest import store_digest

        store_digest(self._notices(), self._books.ports)

    async def _store(self, report: ScanReport) -> None:
        from snipersight.bootstrap.scan_telling import ScanTelling

        session = self._session
        telling = ScanTelling(
            notices=self._notices(),
            source=session.source,
            sink=session.sink,
            profiles=session.surroundings.home.profiles,
            pictures=self._notifying.pictures,
            key_values=self._books.store.key_values,
            warn=lambda sentence: say(f"warning: {sentence}"),
        )
        await telling.tell(report)

    async def _tell_end(self, trigger: str, text: str, subject: str) -> None:
        from snipersight.bot.notifications.notices.alerts import an_alert, raise_alert

        outbox = self._notifying.outbox
        at_ms = await asyncio.to_thread(outbox.now_us) // 1000
        alert = an_alert(trigger, text, subject=subject, at_ms=at_ms)
        await asyncio.to_thread(raise_alert, outbox, alert)
        await self._send(_FAILED_S, lambda *_: None)

    async def _send(self, patience_s: float, show: Report) -> None:
        def on_progress(counts: SendCounts) -> None:
            show("telling", counts.sent, 0)

        report = await self._notifying.deliver(patience_s, on_progress=on_progress)
        stopped = await asyncio.to_thread(self._notifying.outbox.stopped)
        if report.sent or report.waiting or report.buried or stopped:
            for line in report_lines(report, stopped, unworded=0):
                say(line)

    def _notices(self) -> ScanNotices:
        from snipersight.bootstrap.scan_notices import ScanNotices
        from snipersight.storage.told_signals import ToldSignals

        return ScanNotices(
            account_id=self._books.ports.account_id,
            outbox=self._notifying.outbox,
            told=ToldSignals(self._books.store.database),
            reader=self._notifying.reader,
            top=self._session.surroundings.settings.notify_top,
        )


def _cause(error: Exception) -> str:
    if isinstance(error, SniperSightError):
        return str(error)
    return f"{type(error).__name__}: {error} (a fault of the program)"
