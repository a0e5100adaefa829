"""How the machinery is: processes by their signs of life, venues by their events, what waits to be sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from snipersight import __version__
from snipersight.bootstrap.dashboard.engines import engine_view
from snipersight.bootstrap.dashboard.views_system import (
    PartView,
    ProcessView,
    SystemView,
    VenueView,
)
from snipersight.bootstrap.running.vital_asking import HealthAnswer, asked_health
from snipersight.bot.telemetry.events import EventType
from snipersight.domain.errors import ConfigInvalid, VenueUnavailable
from snipersight.storage.commands import SqlCommands
from snipersight.storage.outbox_view import lanes_waiting, notices_waiting, troubled
from snipersight.storage.signs_of_life import signs_of_life, successor_of
from snipersight.storage.telemetry.event_listing import list_events

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.bootstrap.settings import Settings
    from snipersight.domain.event_log import StoredEvent

_TROUBLE: Final = frozenset(
    (
        EventType.STREAM_DOWN.value,
        EventType.STREAM_UNAVAILABLE.value,
        EventType.CLOCK_SKEW.value,
        EventType.HISTORY_NOT_SERVED.value,
    )
)
_OF_VENUES: Final = _TROUBLE | {EventType.STREAM_UP.value, EventType.RECONCILIATION.value}
_SEARCHED: Final = 5_000  # events back: what was told longer ago says nothing of now
_MOST: Final = 200


def system_view(store: DashboardStore, account: str | None) -> SystemView:
    """Return how the machinery is; see `DashboardReader.system`."""
    account_id, database = store.account_id(account), store.database
    answer, why_not = _asked(store.settings)
    signs = signs_of_life(database)
    return SystemView(
        engine=engine_view(store, account_id),
        health=answer.status if answer is not None else why_not,
        is_health_known=answer is not None,
        parts=() if answer is None else _parts(answer),
        processes=tuple(
            ProcessView(
                name=one.name,
                owner=one.owner,
                seen_ms=one.seen_us // 1000,
                is_live=one.is_live,
                successor=successor_of(one, signs),
            )
            for one in signs
        ),
        venues=_venues(store),
        lanes=lanes_waiting(database),
        notices_waiting=notices_waiting(database),
        troubled=troubled(database),
        commands_waiting=len(SqlCommands(database).waiting(account_id).commands),
        version=__version__,
        database=database.place,
        read_ms=store.clock() // 1000,
    )


def _asked(settings: Settings) -> tuple[HealthAnswer | None, str]:
    try:
        return asked_health(settings.listen_address), ""
    except (ConfigInvalid, VenueUnavailable) as error:
        return None, str(error)


def _parts(answer: HealthAnswer) -> tuple[PartView, ...]:
    return tuple(
        PartView(
            name=part.name,
            age_s=part.age_s,
            within_s=part.within_s,
            trouble=part.trouble,
            restarts=part.restarts,
            is_late=part.name in answer.late,
        )
        for part in answer.parts
    )


def _venues(store: DashboardStore) -> tuple[VenueView, ...]:
    telemetry = store.telemetry()
    if telemetry is None:
        return ()
    events = list_events(telemetry.database, types=_OF_VENUES, limit=_MOST, among=_SEARCHED)
    newest: dict[str, VenueView] = {}
    for event in events:
        view = _venue(event)
        if view is not None:
            newest.setdefault(view.venue, view)
    return tuple(newest[name] for name in sorted(newest))


def _venue(event: StoredEvent) -> VenueView | None:
    try:
        held = json.loads(event.body)
    except ValueError:
        return None
    if not isinstance(held, dict) or not isinstance(held.get("venue"), str):
        return None
    what = held.get("what") or held.get("sentence") or ""
    words = event.event_type.replace("_", " ")
    return VenueView(
        venue=held["venue"],
        sentence=f"{words}: {what}" if what else words,
        at_ms=event.at_us // 1000,
        is_well=event.event_type not in _TROUBLE,
    )
