"""Long lists of executions: window by window in time, then by the venue's own counting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

Rows = Sequence[Mapping[str, Any]]
PAGE: Final = 1_000


async def trades_since(
    ask: Callable[[Mapping[str, object]], Awaitable[Rows]],
    *,
    since_ms: int,
    now_ms: int,
    window_ms: int,
) -> list[Mapping[str, Any]]:
    """Return Binance's trades of one market since a moment, oldest first.

    The venue takes no more than a window of time at once; once a trade is found, the later ones
    are asked for by their number, which has no such limit.

    Args:
        ask: sends the question with these parameters beside the market.
        since_ms: first moment, milliseconds UTC.
        now_ms: the venue's time.
        window_ms: longest span of time in one question.
    """
    found: list[Mapping[str, Any]] = []
    start_ms = since_ms
    while start_ms <= now_ms and not found:
        end_ms = start_ms + window_ms - 1
        # A last window without an end: our clock may be behind what has just been traded.
        span = {"endTime": end_ms} if end_ms < now_ms else {}
        found.extend(await ask({"startTime": start_ms, **span, "limit": PAGE}))
        start_ms += window_ms
    page: Rows = found
    while page and (len(page) >= PAGE or start_ms <= now_ms):
        page = await ask({"fromId": int(found[-1]["id"]) + 1, "limit": PAGE})
        found.extend(page)
    return sorted(found, key=lambda row: int(row["id"]))
