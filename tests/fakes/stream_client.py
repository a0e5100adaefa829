"""A client of the live stream, as docs/api.md says that one is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from snipersight.web.api.differences import Difference, Placed


def patched(before: tuple[Any, ...], found: Difference) -> tuple[Any, ...]:
    """Return the next list."""
    gone = frozenset(found.gone)
    rows = [row for place, row in enumerate(before) if place not in gone]
    for change in found.changes:
        rows.insert(change.place, change.row)
    return tuple(rows)


@dataclass
class StreamClient:
    """What a client knows.

    Args:
        rows: by topic, how it stands.
        revisions: by topic, of the newest message.
        missed: topics of which a message did not arrive.
        hellos: how often it was told to begin.
        seen: how each topic stood at each revision.
    """

    rows: dict[str, list[Any]] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    missed: set[str] = field(default_factory=set)
    hellos: int = 0
    seen: dict[tuple[str, int], list[Any]] = field(default_factory=dict)

    def hear(self, name: str, data: dict[str, Any]) -> None:
        """Take one event of the stream."""
        self._take(name, data)
        if name in self.rows:
            self.seen[name, self.revisions[name]] = self.rows[name]

    def agrees(self, other: StreamClient) -> bool:
        """Return whether both know the same wherever they were told as much, which they were."""
        both = self.seen.keys() & other.seen.keys()
        return bool(both) and all(self.seen[one] == other.seen[one] for one in both)

    def _take(self, name: str, data: dict[str, Any]) -> None:
        if name == "hello":
            self.hellos += 1
            self.rows.clear()
            self.missed.clear()
            self.revisions = dict(data["topics"])
        elif "whole" in data:
            assert data["revision"] == self.revisions[name]
            self.rows[name] = data["whole"]
        elif "revision" in data:
            if data["revision"] != self.revisions[name] + 1:
                self.missed.add(name)
            self.revisions[name] = data["revision"]
            if "changes" in data:
                self._change(name, data)

    def _change(self, name: str, data: dict[str, Any]) -> None:
        changes = tuple(Placed(**change) for change in data["changes"])
        found = Difference(tuple(data["gone"]), changes)
        self.rows[name] = [*patched(tuple(self.rows[name]), found)]
