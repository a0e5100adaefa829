"""What the stream tells of a topic: how it stands now, or what is new since the last time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from snipersight.bootstrap.dashboard.views_signals import (
    EventFilter,
    SignalFilter,
    SignalOrder,
    SignalRow,
)
from snipersight.bootstrap.dashboard.views_system import AuditFilter, Topic
from snipersight.domain.audit import AuditKind
from snipersight.web.api.account_models import ExposureModel, OrdersModel, PositionsModel
from snipersight.web.api.signal_models import EventModel, SignalModel
from snipersight.web.api.system_models import RecordModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snipersight.bootstrap.dashboard.reader import DashboardReader
    from snipersight.web.api.values import Model

_MOST: Final = 100  # of what stands or is new at once; the rest is read from its page


class News(NamedTuple):
    """What reading a topic came to.

    Args:
        rows: each as JSON; nothing but equal values is equal text.
        more: there are others, which are read from the topic's page.
    """

    rows: tuple[str, ...] = ()
    more: bool = False


class LiveValues:
    """Words rows; it remembers how far it has read, so it belongs to one stream and one thread.

    Args:
        reader: is asked, in whichever thread calls.
    """

    def __init__(self, reader: DashboardReader) -> None:
        self._reader: Final = reader
        self._read_events = 0
        self._read_records: Final[dict[tuple[Topic, str], int]] = {}
        self._worded: dict[SignalRow, str] = {}
        self._ways: Final[Mapping[Topic, Callable[[], News]]] = {
            Topic.PLANS: self._plans,
            Topic.ORDERS: lambda: self._books(OrdersModel),
            Topic.POSITIONS: lambda: self._books(PositionsModel),
            Topic.EXPOSURE: lambda: self._books(ExposureModel),
            Topic.EVENTS: self._events,
            Topic.AUDIT: lambda: self._records(Topic.AUDIT, ()),
            Topic.DECISIONS: lambda: self._records(Topic.DECISIONS, (AuditKind.DECISION.value,)),
        }

    def read(self, topic: Topic) -> News:
        """Return the rows of a topic: all that stand now, or those that are new.

        What takes long to read (statistics) has none.

        Raises:
            StateUnavailable: the store cannot be read.
        """
        way = self._ways.get(topic)
        return News() if way is None else way()

    def _plans(self) -> News:
        page = self._reader.signals(SignalFilter(order=SignalOrder.RANK, limit=_MOST))
        before = self._worded
        self._worded = {row: before.get(row) or _json(SignalModel, row) for row in page.rows}
        return News(tuple(self._worded.values()), more=page.next_cursor is not None)

    def _books(self, model: type[Model]) -> News:
        names = self._reader.accounts()
        return News(tuple(_json(model, self._reader.book(name), "read_at") for name in names))

    def _events(self) -> News:
        rows = self._reader.events(EventFilter(limit=_MOST)).rows
        new = [row for row in rows if row.seq > self._read_events]
        self._read_events = max((row.seq for row in rows), default=self._read_events)
        told = tuple(_json(EventModel, row) for row in reversed(new))
        return News(told, more=len(new) == _MOST)

    def _records(self, topic: Topic, kinds: tuple[str, ...]) -> News:
        told: list[str] = []
        more = False
        for name in self._reader.accounts():
            page = self._reader.audit(AuditFilter(account=name, kinds=kinds, limit=_MOST))
            last = self._read_records.get((topic, name), 0)
            new = [row for row in page.rows if row.record.seq > last]
            self._read_records[topic, name] = max(last, page.head_seq)
            # Its body may be long: it is read where it is wanted.
            records = [_json(RecordModel, row, "body") for row in reversed(new)]
            told += [f'{{"account":{json.dumps(name)},{record[1:]}' for record in records]
            more |= len(new) == _MOST
        return News(tuple(told), more=more)


def _json(model: type[Model], view: object, *left_out: str) -> str:
    return model.model_validate(view).model_dump_json(exclude=set(left_out))
