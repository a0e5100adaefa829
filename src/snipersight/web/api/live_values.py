"""What the stream tells of a topic: how it stands now, or what is new since the last time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_signals import EventFilter, SignalFilter, SignalOrder
from snipersight.bootstrap.dashboard.views_system import AuditFilter, Topic
from snipersight.domain.audit import AuditKind
from snipersight.web.api.account_models import ExposureModel, OrdersModel, PositionsModel
from snipersight.web.api.messages import Message, message
from snipersight.web.api.signal_models import EventModel, SignalPageModel
from snipersight.web.api.system_models import RecordModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.web.api.values import Model

_MOST: Final = 100  # of what is new at once; the rest is read from its page
_READ: Final[Mapping[Topic, str]] = {
    Topic.PLANS: "/api/v1/signals",
    Topic.DECISIONS: "/api/v1/decisions",
    Topic.ORDERS: "/api/v1/orders",
    Topic.POSITIONS: "/api/v1/positions",
    Topic.EXPOSURE: "/api/v1/exposure",
    Topic.EVENTS: "/api/v1/events",
    Topic.AUDIT: "/api/v1/audit",
    Topic.STATS: "/api/v1/stats",
    Topic.EVIDENCE: "/api/v1/evidence",
    Topic.COMMANDS: "/api/v1/audit?kind=operator",
    Topic.SYSTEM: "/api/v1/system",
}


class LiveValues:
    """Words messages; it remembers how far it has told, so it belongs to one stream.

    Args:
        reader: is asked, in whichever thread calls.
    """

    def __init__(self, reader: DashboardReader) -> None:
        self._reader: Final = reader
        self._told_event = 0
        self._told_records: Final[dict[tuple[Topic, str], int]] = {}
        self._new: Final[Mapping[Topic, Callable[[], list[object]]]] = {
            Topic.PLANS: self._plans,
            Topic.ORDERS: lambda: self._books(OrdersModel),
            Topic.POSITIONS: lambda: self._books(PositionsModel),
            Topic.EXPOSURE: lambda: self._books(ExposureModel),
            Topic.EVENTS: self._events,
            Topic.AUDIT: lambda: self._records(Topic.AUDIT, ()),
            Topic.DECISIONS: lambda: self._records(Topic.DECISIONS, (AuditKind.DECISION.value,)),
        }

    def message(self, topic: Topic, *, is_first: bool) -> Message | None:
        """Return what to tell of a topic that changed; None where there is nothing to tell.

        What takes long to read (statistics) is told without its figures: `read` says where they are.

        Args:
            topic: which.
            is_first: nobody was told anything yet: only remember how far things have come.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        rows = self._new[topic]() if topic in self._new else None
        if is_first or rows == []:
            return None
        told = {} if rows is None else {"rows": rows}
        return message(topic.value, {"read": _READ[topic], **told})

    def _plans(self) -> list[object]:
        wanted = SignalFilter(order=SignalOrder.RANK, limit=_MOST)
        return [_json(SignalPageModel, self._reader.signals(wanted))]

    def _books(self, model: type[Model]) -> list[object]:
        names = self._reader.accounts()
        return [_json(model, self._reader.book(name)) for name in names]

    def _events(self) -> list[object]:
        rows = self._reader.events(EventFilter(limit=_MOST)).rows
        new = [row for row in rows if row.seq > self._told_event]
        self._told_event = max((row.seq for row in rows), default=self._told_event)
        return [_json(EventModel, row) for row in reversed(new)]

    def _records(self, topic: Topic, kinds: tuple[str, ...]) -> list[object]:
        told: list[object] = []
        for name in self._reader.accounts():
            page = self._reader.audit(AuditFilter(account=name, kinds=kinds, limit=_MOST))
            last = self._told_records.get((topic, name), 0)
            new = [row for row in page.rows if row.record.seq > last]
            self._told_records[topic, name] = max(last, page.head_seq)
            told += [{"account": name, **_record(_json(RecordModel, row))} for row in reversed(new)]
        return told


def _json(model: type[Model], view: object) -> dict[str, object]:
    held: dict[str, object] = json.loads(model.model_validate(view).model_dump_json())
    return held


def _record(values: dict[str, object]) -> dict[str, object]:
    """Return a record without its body, which may be long: it is read where it is wanted."""
    return {name: value for name, value in values.items() if name != "body"}
