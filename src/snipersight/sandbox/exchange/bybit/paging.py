"""Long lists in pages, newest first, and the stretch of time a list is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, unquote

from snipersight.sandbox.exchange.bybit.fields import LINEAR, Fields
from snipersight.sandbox.exchange.bybit.refusals import Refusal, bad_parameter

WEEK_MS: Final = 7 * 24 * 60 * 60 * 1_000
_PREFIX: Final = "page_args="
Row = TypeVar("Row")


def paged(
    rows: Sequence[dict[str, Any]], fields: Fields, *, id_name: str, usual: int = 20, most: int = 50
) -> dict[str, Any]:
    """Return one page of a list as the result of a request; see `page_of`."""
    return page_of(
        rows,
        fields,
        id_of=lambda row: str(row[id_name]),
        body_of=lambda row: row,
        usual=usual,
        most=most,
    )


def page_of(
    rows: Sequence[Row],
    fields: Fields,
    *,
    id_of: Callable[[Row], str],
    body_of: Callable[[Row], dict[str, Any]],
    usual: int = 20,
    most: int = 50,
) -> dict[str, Any]:
    """Return one page of a list as the result of a request.

    Args:
        rows: all of them, newest first.
        fields: of the request: `limit`, `cursor`.
        id_of: returns what rows are told apart by.
        body_of: returns how a row is written; asked for those of the page alone.
        usual: rows of a page unless asked for others.
        most: rows of a page at most, whatever is asked for.

    Raises:
        Refusal: the cursor names no row.
    """
    begin = _begin([id_of(row) for row in rows], fields.optional("cursor"))
    count = min(max(fields.whole("limit", usual), 1), most)
    page = rows[begin : begin + count]
    has_more = begin + count < len(rows)
    return {
        "list": [body_of(row) for row in page],
        "nextPageCursor": quote(f"{_PREFIX}{id_of(page[-1])}", safe="") if has_more else "",
        "category": fields.optional("category", LINEAR),
    }


def _begin(ids: Sequence[str], cursor: str) -> int:
    if not cursor:
        return 0
    last = unquote(cursor).removeprefix(_PREFIX)
    if last not in ids:
        raise bad_parameter("cursor")
    return ids.index(last) + 1


def period_ms(fields: Fields, *, now_ms: int) -> tuple[int, int]:
    """Return the first and last millisecond that a list is about: seven days at most.

    Without `startTime` they end at `endTime` or now, with it alone they begin there.

    Raises:
        Refusal: more than seven days are asked for.
    """
    if "startTime" not in fields:
        end_ms = fields.whole("endTime", now_ms)
        return end_ms - WEEK_MS, end_ms
    begin_ms = fields.whole("startTime")
    end_ms = fields.whole("endTime", begin_ms + WEEK_MS)
    if end_ms - begin_ms > WEEK_MS:
        raise Refusal(10001, "The time range between startTime and endTime cannot exceed 7 days")
    return begin_ms, end_ms
