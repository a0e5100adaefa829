"""Writing a backtest's page: one file that is whole or not there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.environment import absolute
from snipersight.cli.backtest_page.building import page_of
from snipersight.cli.guard import say
from snipersight.cli.report_page.rendering import html_of
from snipersight.cli.report_writing import replace_private

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.backtest import Studied
    from snipersight.storage.home import Home


def write_page(done: Studied, home: Home, *, out: Path | None) -> Path:
    """Write the page of a finished backtest, say where it is, and return that.

    Args:
        done: the backtest.
        home: where reports lie that nobody named a place for.
        out: where to; None: into the home folder, by profile and day.

    Raises:
        StateUnavailable: it cannot be written; an older file stays as it was.
    """
    now_ms = time.time_ns() // 1_000_000
    name = done.world.terms.profile.name
    page = page_of(done.study, done.world.arena, name, made_ms=now_ms, remarks=done.world.remarks)
    day = time.strftime("%Y-%m-%d", time.gmtime(now_ms / 1000))
    target = home.reports() / f"backtest-{name}-{day}.html" if out is None else absolute(out)
    replace_private(target, html_of(page).encode())
    say(f"Wrote the page to {target}")
    return target
