"""An event sink that remembers."""

from collections.abc import Mapping


class RecordingEvents:
    """Keeps every event in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []

    def emit(self, name: str, fields: Mapping[str, object]) -> None:
        """Remember one event."""
        self.events.append((name, dict(fields)))

    def named(self, name: str) -> list[dict[str, object]]:
        """Return the fields of every event of that name."""
        return [fields for found, fields in self.events if found == name]

    @property
    def names(self) -> list[str]:
        """Return the names of all events in order."""
        return [name for name, _ in self.events]
