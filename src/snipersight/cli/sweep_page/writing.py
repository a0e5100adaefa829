"""Writing a sweep's page: one file that is whole or not there."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.environment import absolute
from snipersight.cli.guard import say
from snipersight.cli.report_page.rendering import html_of
from snipersight.cli.report_writing import replace_private
from snipersight.cli.sweep_page.building import page_of

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.sweep import Swept


def write_page(swept: Swept, out: Path) -> Path:
    """Write the page of a finished sweep, say where it is, and return that.

    Args:
        swept: the sweep.
        out: where to.

    Raises:
        StateUnavailable: it cannot be written; an older file stays as it was.
    """
    target = absolute(out)
    page = page_of(swept, made_ms=time.time_ns() // 1_000_000)
    replace_private(target, html_of(page).encode())
    say(f"Wrote the page to {target}")
    return target
