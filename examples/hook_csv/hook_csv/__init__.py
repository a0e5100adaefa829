"""Writes every plan that SniperSight approves into `plans.csv`, one row a plan."""

import csv
from pathlib import Path

from snipersight.bot.hooks import hookimpl

COLUMNS = (
    "approved_at_ms",
    "plan_id",
    "symbol",
    "direction",
    "entry_near",
    "stop_loss",
    "first_target",
    "size",
    "score",
)


class ApprovedPlans:
    """Appends a row when a plan is approved.

    Args:
        path: the file; a relative one lies in `SNIPERSIGHT_HOME/hooks/csv`.
    """

    def __init__(self, path: Path = Path("plans.csv")) -> None:
        self._path = path
        # A plan that still stands is told again after a restart.
        self._written = _plan_ids(path)

    @hookimpl
    def plan_approved(self, at_ms: int, data: dict) -> None:
        """Append one row; a plan that is in the file already is left alone."""
        if data["plan_id"] in self._written:
            return
        is_new = not self._path.exists()
        with self._path.open("a", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore")
            if is_new:
                writer.writeheader()
            row = {"approved_at_ms": at_ms, "first_target": data["targets"][0]}
            writer.writerow({**data, **row})
        self._written.add(data["plan_id"])


def _plan_ids(path: Path) -> set[str]:
    """Return the plans that a file holds; none for a file that is not there yet."""
    if not path.exists():
        return set()
    with path.open(newline="", encoding="utf-8") as stream:
        return {row["plan_id"] for row in csv.DictReader(stream)}
