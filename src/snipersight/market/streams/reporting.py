"""What is told about a venue's streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from snipersight.domain.candles import utc_text
from snipersight.domain.errors import SniperSightError
from snipersight.domain.ports import EventSink
from snipersight.market.streams.bars import Bar, StreamKey
from snipersight.market.streams.shelf import Difference


class StreamReport:
    """Turns what happens to streams into events.

    Args:
        venue: short name.
        events: takes them.
    """

    def __init__(self, venue: str, events: EventSink) -> None:
        self._venue = venue
        self._events = events

    def unavailable(self, count: int) -> None:
        """Tell that candles are asked for by request only."""
        what = f"{self._venue} streams no candles; {count} series are asked for by request"
        self._events.emit("stream_unavailable", {"venue": self._venue, "what": what})

    def down(self, keys: Sequence[StreamKey], error: SniperSightError) -> None:
        """Tell that a line broke; requests take its place."""
        self._emit_line("stream_down", keys, {"what": str(error)})

    def up(self, keys: Sequence[StreamKey]) -> None:
        """Tell that a line stands again."""
        self._emit_line("stream_up", keys, {})

    def unusable(self, key: StreamKey, bar: Bar, what: str) -> None:
        """Tell that a bar of the stream was not taken."""
        self._emit_bar(key, bar, {"what": what, "told": list(bar)})

    def contradicted(self, key: StreamKey, bar: Bar) -> None:
        """Tell that a stream told one closed bar in two ways."""
        what = "the stream told this bar twice and differently; it is asked for by request"
        self._emit_bar(key, bar, {"what": what, "told": list(bar)})

    def differences(self, key: StreamKey, found: Sequence[Difference]) -> None:
        """Tell that requests answer bars otherwise than they were streamed."""
        for one in found:
            answered = None if one.answered is None else list(one.answered)
            what = "a streamed bar is answered otherwise to a request, which holds"
            fields = {"what": what, "told": list(one.told), "answered": answered}
            self._emit_bar(key, one.told, fields)

    def _emit_bar(self, key: StreamKey, bar: Bar, fields: Mapping[str, object]) -> None:
        named = {
            "venue": self._venue,
            "symbol": str(key.symbol),
            "timeframe": key.timeframe.name,
            "time": utc_text(bar.open_ms),
        }
        self._events.emit("data_quality", {**named, **fields})

    def _emit_line(self, name: str, keys: Sequence[StreamKey], more: Mapping[str, object]) -> None:
        examples = [str(key) for key in keys[:3]]
        fields = {"venue": self._venue, "series": len(keys), "examples": examples}
        self._events.emit(name, {**fields, **more})
