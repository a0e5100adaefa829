"""Outcomes as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from snipersight.domain.evidence import Ending, Kind, Outcome, OutcomeStatus, SignalKey
from snipersight.storage.row_codecs import Unreadable
from snipersight.storage.telemetry.signal_rows import Values, require_finite

NAMES: Final = tuple(field.name for field in fields(Outcome))
NUMBERS: Final = (
    "filled_fraction",
    "gross_r",
    "fees_r",
    "slippage_r",
    "funding_r",
    "net_r",
    "mae_r",
    "mfe_r",
    "planned_r",
)


def outcome_row(outcome: Outcome) -> Values:
    """Return an outcome as values by column.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    values: Values = {name: getattr(outcome, name) for name in NAMES}
    numbers = {name: float(getattr(outcome, name)) for name in NUMBERS}
    require_finite(outcome.key, *numbers.values())
    texts = {name: str(values[name]) for name in ("key", "kind", "status", "ending")}
    return values | numbers | texts | {"is_ambiguous": bool(outcome.is_ambiguous)}


def outcome_of(row: Sequence[Any]) -> Outcome:
    """Return the outcome of all its columns, in their order.

    Raises:
        Unreadable: they are none that `outcome_row` has made.
    """
    values = dict(zip(NAMES, row, strict=True))
    try:
        return Outcome(
            **values
            | {
                "key": SignalKey(values["key"]),
                "kind": Kind(values["kind"]),
                "status": OutcomeStatus(values["status"]),
                "ending": Ending(values["ending"]),
            }
        )
    except ValueError as error:
        raise Unreadable(f"outcome of {values['key']}: {error}") from error
