"""How far a topic has been told: its number, how it stands, and what is told next."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.web.api.differences import difference
from snipersight.web.api.live_values import News
from snipersight.web.api.messages import Message, message

if TYPE_CHECKING:
    from collections.abc import Mapping

STANDING: Final = frozenset({Topic.PLANS, Topic.ORDERS, Topic.POSITIONS, Topic.EXPOSURE})
GROWING: Final = frozenset({Topic.EVENTS, Topic.AUDIT, Topic.DECISIONS})
_READ: Final[Mapping[Topic, str]] = {
    Topic.PLANS: "/api/v1/signals?order=rank",
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


@dataclass(frozen=True)
class Told:
    """What everybody who listens to a topic knows of it.

    Args:
        topic: which.
        stands: its rows, if it is one of `STANDING`; of the others nothing is kept.
        revision: of what was told; each message about the topic has the next one.
    """

    topic: Topic
    stands: News
    revision: int = 1

    @classmethod
    def first(cls, topic: Topic, news: News) -> Told:
        """Return how a topic stands when the first one begins to listen; nothing is new then."""
        return cls(topic, news if topic in STANDING else News())

    @cached_property
    def whole(self) -> Message | None:
        """Return how the topic stands now, for those who begin; None where its page tells it."""
        if self.topic not in STANDING:
            return None
        values = {**_head(self.topic, self.revision), "more": self.stands.more}
        return message(self.topic.value, values, {"whole": self.stands.rows})

    def then(self, news: News) -> tuple[Told, Message] | None:
        """Return what is known after the next message, and the message; None: nothing is new.

        A topic that stands is told also if its rows are as they were: something beside them, a pause
        for example, has changed.
        """
        head = _head(self.topic, self.revision + 1)
        after = Told(self.topic, news if self.topic in STANDING else News(), self.revision + 1)
        if self.topic in STANDING:
            return after, self._changed(news, head)
        if self.topic in GROWING:
            told = message(self.topic.value, {**head, "more": news.more}, {"rows": news.rows})
            return (after, told) if news.rows else None
        return after, message(self.topic.value, head)

    def _changed(self, news: News, head: Mapping[str, object]) -> Message:
        found = difference(self.stands.rows, news.rows)
        values = {**head, "more": news.more, "gone": found.gone}
        changes = [f'{{"place":{json.dumps(place)},"row":{row}}}' for place, row in found.changes]
        return message(self.topic.value, values, {"changes": changes})


def _head(topic: Topic, revision: int) -> dict[str, object]:
    return {"read": _READ[topic], "revision": revision}
