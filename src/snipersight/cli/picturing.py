"""Saving a picture of each plan, under a name that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.guard import say
from snipersight.cli.options import ThemeName
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.plan import TradePlan

if TYPE_CHECKING:
    from snipersight.domain.ports import CandleSource
    from snipersight.engine.report import ScanReport


async def save_pictures(
    report: ScanReport, source: CandleSource, folder: Path, *, top: int | None, theme: ThemeName
) -> Mapping[str, str]:
    """Save a picture of each shown plan and return its path by plan id.

    Args:
        report: the scan.
        source: where its candles came from.
        folder: where the pictures go; it is created.
        top: how many plans are shown, None for all.
        theme: colours.

    Raises:
        ConfigInvalid: the folder cannot be created.
        ChartUnavailable: a picture cannot be drawn or written.
    """
    from snipersight.charts import Theme, save_plan
    from snipersight.engine.pictures import pictures

    ranks = {ranked.plan.plan_id: ranked.rank for ranked in report.plans[:top]}
    if not ranks:
        return {}
    _make_folder(folder)
    saved: dict[str, str] = {}
    for picture in await pictures(report, source):
        plan = picture.plan
        if plan.plan_id in ranks:
            path = folder / picture_name(plan, ranks[plan.plan_id])
            save_plan(picture, path, theme=Theme(theme.value))
            saved[plan.plan_id] = str(path)
    say(f"Saved {len(saved)} {'picture' if len(saved) == 1 else 'pictures'} in {folder}.")
    return saved


def picture_name(plan: TradePlan, rank: int) -> str:
    """Return a file name: `01-BTC-USDT-LONG-<plan id>.png`."""
    symbol = plan.symbol.replace("/", "-").replace(":", "-")
    return f"{rank:02d}-{symbol}-{plan.direction.value}-{plan.plan_id}.png"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigInvalid(
            f"the folder cannot be created: {(error.strerror or 'unknown reason').lower()}",
            where=f"--charts {folder}",
            next_step="name a folder you can write to",
        ) from error
