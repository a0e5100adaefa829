"""Events of orders, positions and messages: brought from the store into telemetry's log.

Money is stored first and told afterwards, by whoever comes next: a command that was killed leaves
nothing untold. Telemetry that cannot be used is one warning and stops no command.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.store import system_us
from snipersight.bot.telemetry.audit_events import KINDS, accepted_events, audit_events
from snipersight.bot.telemetry.event_pump import EventSource, Page, pump
from snipersight.bot.telemetry.logging import log_structured
from snipersight.bot.telemetry.message_events import EndedMessage, message_event
from snipersight.domain.errors import DataInvalid, SniperSightError
from snipersight.domain.event_log import EventLog
from snipersight.domain.store import Clock
from snipersight.risk.audit.codec import decode_entry
from snipersight.risk.audit.query import body_of
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.event_tails import EndedItem, ended_after, first_of_entry, records_after
from snipersight.storage.home import Home

if TYPE_CHECKING:
    from snipersight.bootstrap.settings import Settings

_OVERLAP_US: Final = 60_000_000  # a transaction may end this long after the time it wrote
_TOLD_FOR_US: Final = 25 * 86_400_000_000  # less than telemetry keeps an order's events
_PAGE: Final = 500
_WRITE_S: Final = 2.0  # a command waits no longer for telemetry
_PUMP_S: Final = 2.0


class AuditTail:
    """The events of one account's audit chain; a name with a colon holds back no pruning.

    Args:
        database: of the store.
        account_id: whose chain.
    """

    def __init__(self, database: Database, account_id: str) -> None:
        self._database: Final = database
        self._account_id: Final = account_id
        self._risks: Final[dict[str, Decimal | None]] = {}

    @property
    def name(self) -> str:
        """Return the name of the cursor."""
        return f"audit:{self._account_id}"

    def page(self, cursor: int) -> Page:
        """Return the events of the next records."""
        found = records_after(self._database, self._account_id, cursor, kinds=KINDS, limit=_PAGE)
        events = [
            event
            for record in found.records
            for event in audit_events(record, risk_of=self._risk_of)
        ]
        return Page(events=events, cursor=found.cursor, is_last=found.is_last)

    def _risk_of(self, entry_id: str) -> Decimal | None:
        if entry_id not in self._risks:
            self._risks[entry_id] = self._planned_risk(entry_id)
        return self._risks[entry_id]

    def _planned_risk(self, entry_id: str) -> Decimal | None:
        """Return what an entry was planned to lose when it began, costs included."""
        first = first_of_entry(self._database, self._account_id, entry_id)
        if first is None:
            return None
        try:
            entry = decode_entry(body_of(first).get("entry"))
        except DataInvalid:
            return None
        loss = abs(entry.entry_price - entry.stop_price) + entry.cost_per_unit
        return (entry.pending_size + entry.open_size) * loss * entry.quote_rate


class OrderTail:
    """What the venues have in their books of one account's orders, told once each.

    Args:
        decisions: the store.
        account_id: whose orders.
        clock: microseconds UTC.
    """

    def __init__(self, decisions: SqlDecisionStore, account_id: str, clock: Clock) -> None:
        self._clock: Final = clock
        self._decisions: Final = decisions
        self._account_id: Final = account_id

    @property
    def name(self) -> str:
        """Return the name of the cursor; it never moves, the orders are few."""
        return f"orders:{self._account_id}"

    def page(self, cursor: int) -> Page:
        """Return the events of every order that is working now, unless they may be pruned already.

        One that works for weeks is told by the chain when it ends, if nobody has told it.
        """
        since_us = self._clock() - _TOLD_FOR_US
        orders = self._decisions.view(self._account_id, lambda unit: unit.book.open_intents())
        events = [
            event
            for order in orders
            if order.updated_us >= since_us
            for event in accepted_events(order)
        ]
        return Page(events=events, cursor=cursor, is_last=True)


class MessageTail:
    """Messages that were delivered or given up.

    Args:
        database: of the store.
    """

    def __init__(self, database: Database) -> None:
        self._database: Final = database
        self._places: Final[dict[int, tuple[int, int]]] = {}

    @property
    def name(self) -> str:
        """Return the name of the cursor, a time of the database in microseconds."""
        return "messages:ended"

    def page(self, cursor: int) -> Page:
        """Return the events of the next messages, at first with a minute's overlap.

        A cursor of after now is of before the clock was set back: what has ended since then would
        never be told, so that all are told again and the log passes over what it has.
        """
        now_us = self._database.read(self._database.now_us)
        is_set_back = cursor > now_us + _OVERLAP_US
        if is_set_back and cursor not in self._places:
            cursor = 0
        place, is_last = self._places.get(cursor, (max(0, cursor - _OVERLAP_US), 0)), False
        found: list[EndedItem] = []
        # A page leads on from its cursor, however much the overlap holds.
        while not is_last and place[0] <= cursor:
            part = ended_after(self._database, place[0], behind=place[1], limit=_PAGE)
            is_last = len(part) < _PAGE
            found += part
            place = (part[-1].ended_us, part[-1].item_id) if part else place
        reached = max(cursor, place[0])
        if not is_last:  # several may have ended at that moment: the next page begins within it
            self._places[reached] = place
        else:
            reached = min(reached, now_us if is_set_back else max(cursor, now_us))
        events = [message_event(_message(item)) for item in found]
        return Page(events=events, cursor=reached, is_last=is_last)


def _message(item: EndedItem) -> EndedMessage:
    return EndedMessage(
        item_id=item.item_id,
        attempts=item.attempts,
        channel=item.channel,
        is_sent=item.is_sent,
        is_ambiguous=item.is_ambiguous,
        waited_us=max(0, item.ended_us - item.created_us),
        ended_us=item.ended_us,
        error=item.error,
    )


def derived_sources(
    decisions: SqlDecisionStore, database: Database, *, clock: Clock = system_us
) -> tuple[EventSource, ...]:
    """Return everything that events are derived from, of every account.

    Args:
        decisions: accounts and orders.
        database: theirs.
        clock: microseconds UTC.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    accounts = [row.account_id for row in decisions.accounts()]
    return (
        *(AuditTail(database, account) for account in accounts),
        *(OrderTail(decisions, account, clock) for account in accounts),
        MessageTail(database),
    )


def pump_events(
    log: EventLog,
    decisions: SqlDecisionStore,
    database: Database,
    *,
    seconds: float | None = None,
    clock: Clock = system_us,
) -> bool:
    """Store every event that the store tells and the log lacks; return whether any was new.

    Args:
        log: where events are kept.
        decisions: accounts and orders.
        database: theirs.
        seconds: how long it may take, about; what is left is for the next time.
        clock: microseconds UTC.

    Raises:
        StateUnavailable: the store or the log cannot be used.
    """
    owner = f"pump:{os.getpid()}"
    sources = derived_sources(decisions, database, clock=clock)
    return pump(log, sources, owner=owner, seconds=seconds)


def pump_quietly(log: EventLog, decisions: SqlDecisionStore, database: Database) -> None:
    """Do as `pump_events` for two seconds; what goes wrong is one warning.

    What was not told is told by a later command.
    """
    try:
        pump_events(log, decisions, database, seconds=_PUMP_S)
    except Exception as error:  # noqa: BLE001 - what telemetry stumbles over changes no command
        _warn(error)


def tell_events(settings: Settings, *, tell: Callable[[str], None]) -> None:
    """Store what has happened to orders and messages, and bring it to the exporters.

    For the end of a command that keeps no telemetry open, once the user has the answer: it may
    take some seconds. Nothing happens where telemetry is switched off; whatever goes wrong is one
    warning.

    Args:
        settings: of the command.
        tell: told where events are being sent, if that is another machine.
    """
    if not settings.analytics_enabled:
        return
    try:
        _tell_events(settings, tell)
    except Exception as error:  # noqa: BLE001 - what telemetry stumbles over changes no command
        _warn(error)


def _tell_events(settings: Settings, tell: Callable[[str], None]) -> None:
    from snipersight.bootstrap.event_flow import EventFlow
    from snipersight.bootstrap.notifying import open_outbox_database
    from snipersight.bootstrap.telemetry import open_telemetry

    home = Home(settings.snipersight_home)
    with open_telemetry(settings, timeout_s=_WRITE_S) as telemetry:
        before = telemetry.events.newest()
        with open_outbox_database(settings) as database:
            decisions = SqlDecisionStore(database, clock=system_us)
            pump_quietly(telemetry.events, decisions, database)
        if telemetry.events.newest() > before:
            logs = None if home.problem() else home.logs()
            EventFlow(telemetry.events, settings, logs=logs).close(tell)


def _warn(error: Exception) -> None:
    why = str(error) if isinstance(error, SniperSightError) else repr(error)
    log_structured(f"events were not told: {why}", level="WARNING", stage="telemetry")
