"""What a scan finds wrong with the system itself, as alerts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Final

from snipersight.bot.notifications.notices.alerts import an_alert
from snipersight.domain.decision import Stage
from snipersight.domain.notices import Alert
from snipersight.engine.report import ScanReport

SERIES: Final = 3  # scans in a row whose plans were all refused by the same code
_UNWRITABLE: Final = "audit_unwritable"
_SKEW: Final = "clock_skew"
_LIVE: Final = "already_live"  # a plan that is traded already; nothing is wrong with it


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalSeries:
    """How many scans in a row had all their plans refused by one code.

    Args:
        code: the first failed check of all of them; empty for none.
        scans: how many.
    """

    code: str = ""
    scans: int = 0

    def after(self, report: ScanReport) -> RefusalSeries:
        """Return the series after one more scan; one without plans leaves it as it is."""
        refused = Counter(
            refusal.reason.name
            for refusal in report.refusals
            if refusal.reason.stage is Stage.REJECTED and refusal.reason.name != _LIVE
        )
        if report.plans or len(refused) > 1:
            return RefusalSeries()
        if not refused:
            return self
        (code,) = refused
        return RefusalSeries(code=code, scans=self.scans + 1 if code == self.code else 1)

    def text(self) -> str:
        """Return it for the store."""
        return json.dumps({"code": self.code, "scans": self.scans})

    @classmethod
    def read(cls, text: str | None) -> RefusalSeries:
        """Return what was stored; an empty series for nothing, or for what cannot be read."""
        try:
            held = json.loads(text or "{}")
            return cls(code=str(held["code"]), scans=int(held["scans"]))
        except (ValueError, KeyError, TypeError):
            return cls()


def alerts_of(
    report: ScanReport, series: RefusalSeries, *, account_id: str, at_ms: int
) -> tuple[Alert, ...]:
    """Return what a person should know of the system after a scan; most often nothing.

    Args:
        report: the scan.
        series: with this scan.
        account_id: whose gate judged.
        at_ms: now, milliseconds UTC.
    """
    found = []
    if any(refusal.reason.name == _UNWRITABLE for refusal in report.refusals):
        text = (
            f"No verdict of account {account_id} can be recorded, so that nothing is approved. "
            "`snipersight db check` tells what is wrong with the database."
        )
        found.append(an_alert("audit", text, subject=account_id, at_ms=at_ms))
    elif series.scans >= SERIES:
        text = (
            f"{series.scans} scans in a row made plans for account {account_id}, and the risk "
            f"gate refused all of them: {series.code}. `snipersight risk status` tells more."
        )
        subject = f"{account_id}:{series.code}"
        found.append(an_alert("refusals", text, subject=subject, at_ms=at_ms))
    if _disagree(report):
        text = (
            f"The clock of {report.venue} and ours disagree, or by how much is unknown, so that "
            "nothing is approved. Set this machine's clock: it should follow a time server."
        )
        found.append(an_alert("clock_skew", text, subject=report.venue, at_ms=at_ms))
    if _is_stale(report):
        text = (
            f"None of {len(report.universe)} symbols of {report.venue} has candles that are new "
            "enough: its feed, or our clock, stands still."
        )
        found.append(an_alert("data_stale", text, subject=report.venue, at_ms=at_ms))
    return tuple(found)


def _disagree(report: ScanReport) -> bool:
    return any(
        check.code == _SKEW and not check.passed
        for refusal in report.refusals
        if refusal.reason.stage is Stage.REJECTED
        for check in refusal.checks
    )


def _is_stale(report: ScanReport) -> bool:
    stale = {refusal.symbol for refusal in report.refusals if refusal.reason.stage is Stage.STALE}
    return bool(report.universe) and stale >= set(report.universe)
