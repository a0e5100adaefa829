"""What was not drained yet as JSON values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from snipersight.domain.direction import Direction
from snipersight.domain.orders import Fill, FundingPayment, OrderStatus
from snipersight.matching.floor import FillNote, Floor, FundingNote, Note, OrderNote, PositionNote
from snipersight.matching.values import from_json, to_json


def keep_note(note: Note) -> dict[str, Any]:
    """Return a note as JSON values."""
    kept = {"note": type(note).__name__, **note._asdict()}
    if isinstance(note, OrderNote):
        kept["order"] = note.order.venue_id
    return {name: to_json(value) for name, value in kept.items()}


def revive_note(floor: Floor, kept: Mapping[str, Any]) -> Note:
    """Return the note that was kept.

    Raises:
        ValueError: no note has that name.
    """
    account_id, at_us = kept["account_id"], kept["at_us"]
    match kept["note"]:
        case "OrderNote":
            return _order_note(floor, kept)
        case "FillNote":
            return FillNote(account_id, at_us, from_json(Fill, kept["fill"]))
        case "PositionNote":
            return PositionNote(
                account_id,
                at_us,
                kept["symbol"],
                Direction(kept["direction"]),
                Decimal(kept["size"]),
                Decimal(kept["cost"]),
            )
        case "FundingNote":
            return FundingNote(account_id, at_us, from_json(FundingPayment, kept["payment"]))
        case unknown:
            raise ValueError(f"no note is called {unknown!r}")


def _order_note(floor: Floor, kept: Mapping[str, Any]) -> OrderNote:
    return OrderNote(
        kept["account_id"],
        kept["at_us"],
        floor.account(kept["account_id"]).by_venue_id[kept["order"]],
        OrderStatus(kept["status"]),
        Decimal(kept["size"]),
        Decimal(kept["filled"]),
        Decimal(kept["value"]),
        kept["text"],
    )
