"""Refusals in series: scan after scan makes plans, and the risk gate refuses all by one code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.alerts import an_alert
from snipersight.domain.decision import Stage
from snipersight.domain.notices import Alert

SCANS_IN_A_ROW: Final = 3
_REFUSED: Final = f"{Stage.REJECTED}:"
_UNWRITABLE: Final = "audit_unwritable"
_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """How many scans in a row ended with nothing but refusals of one code.

    Args:
        code: of the refusals; empty where there is no series.
        scans: how many so far; 0 where there is none.
    """

    code: str = ""
    scans: int = 0

    def __str__(self) -> str:
        """Return the text that `parse` reads."""
        return f"{self.scans} {self.code}"

    @classmethod
    def parse(cls, text: str) -> Series:
        """Return the series of a text; none of a text that tells of none."""
        number, _, code = text.partition(" ")
        if not (number.isascii() and number.isdecimal() and len(number) <= 7 and code):
            return cls()
        return cls(code=code, scans=int(number))


def series_after(before: Series, funnel: Iterable[tuple[str, int]]) -> Series:
    """Return the series with one more scan.

    A scan that made no plan says nothing about the gate: the series stays as it is.

    Args:
        before: up to this scan.
        funnel: how often each terminal reason occurred in it.
    """
    counts = {reason: count for reason, count in funnel if count > 0}
    codes = {reason.removeprefix(_REFUSED) for reason in counts if reason.startswith(_REFUSED)}
    if Stage.APPROVED.value in counts or len(codes) > 1:
        return Series()
    if not codes:
        return before
    (code,) = codes
    return Series(code=code, scans=min(before.scans + 1, _MOST) if before.code == code else 1)


def series_alert(series: Series, *, account: str, at_ms: int) -> Alert | None:
    """Return the alert that a series is worth; None as long as it is worth none.

    A verdict that cannot be recorded is told at once: nothing is approved until it can be.

    Args:
        series: with the newest scan.
        account: whose scans.
        at_ms: when, milliseconds UTC.
    """
    if series.code == _UNWRITABLE:
        return an_alert(
            "audit",
            f"Account {account}: the audit cannot be written, so that every plan is refused. "
            "`snipersight db check` says what is wrong with the database.",
            at_ms=at_ms,
            subject=account,
        )
    if series.scans < SCANS_IN_A_ROW:
        return None
    return an_alert(
        "refusals",
        f"Account {account}: in {series.scans:,} scans in a row every plan was refused by "
        f"{series.code}. `snipersight risk status` and `snipersight audit list` show why.",
        at_ms=at_ms,
        subject=f"{account}:{series.code}",
    )
