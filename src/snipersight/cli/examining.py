"""What `snipersight doctor` does: asks everything, and never stops at the first answer."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from snipersight.bootstrap.examination import Examination, examine
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.domain import wording as texts
from snipersight.domain.venue import Finding, FindingLevel

SCHEMA: Final = "snipersight.doctor/1"
_STYLES: Final = {
    FindingLevel.OK: "bold green",
    FindingLevel.WARNING: "bold yellow",
    FindingLevel.SKIPPED: "bold yellow",
    FindingLevel.FAILED: "bold red",
}
_WORDS: Final = {
    FindingLevel.OK: "ok",
    FindingLevel.WARNING: "warning",
    FindingLevel.SKIPPED: "skipped",
    FindingLevel.FAILED: "FAILED",
}


def perform_doctor(
    env_file: Path | None, *, account: str | None, venue: str | None, as_json: bool
) -> ExitCode:
    """Ask everything and print a line for each answer."""
    found = asyncio.run(examine(Examination(env_file=env_file, account=account, venue=venue)))
    if as_json:
        values = {"schema": SCHEMA, "findings": [_json(one) for one in found]}
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        print_findings(found, output())
    has_failed = any(one.level is FindingLevel.FAILED for one in found)
    return ExitCode.PARTIAL if has_failed else ExitCode.OK


def print_findings(found: Sequence[Finding], console: Console) -> None:
    """Print a line for each finding, then how many of each kind there were."""
    grid = Table.grid(padding=(0, 2))
    for _ in range(2):
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for one in found:
        grid.add_row(
            Text(_WORDS[one.level], style=_STYLES[one.level]), one.name, Text(one.sentence)
        )
    console.print(grid)
    console.print(Text(summary_of(found)))


def summary_of(found: Sequence[Finding]) -> str:
    """Return how many findings are fine and how many are not."""
    counts = Counter(one.level for one in found)
    failed, warned = counts[FindingLevel.FAILED], counts[FindingLevel.WARNING]
    if not failed and not warned:
        return "Nothing is in the way."
    parts = [
        f"{texts.counted(failed, 'finding')} to put right" if failed else "",
        f"{texts.counted(warned, 'warning')}" if warned else "",
    ]
    return f"{', '.join(part for part in parts if part)}."


def _json(finding: Finding) -> dict[str, str]:
    return {
        "name": finding.name,
        "level": finding.level.value,
        "sentence": finding.sentence,
    }
