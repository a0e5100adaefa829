"""What `snipersight stats` does: read once, then write it the way that was asked for."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.findings import Findings, find
from snipersight.cli.evidence_choice import Choice, filter_of, open_evidence
from snipersight.cli.evidence_options import By, StatsFormat
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.stats_values import stats_csv, stats_json
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.evidence import Kind

if TYPE_CHECKING:
    from snipersight.storage.telemetry.evidence import SqlEvidenceStore


def show_stats(
    env_file: Path | None, choice: Choice, *, by: By | None, format_: StatsFormat
) -> ExitCode:
    """Print an overview, or the signals by a property.

    Raises:
        ConfigInvalid: an option cannot be read, or two contradict each other.
        StateUnavailable: the evidence cannot be read.
    """
    wanted = filter_of(choice)
    if by is By.GATE and wanted.kind is Kind.ACTUAL:
        raise ConfigInvalid(
            "nothing real has happened to what a gate refused",
            where="--by gate --kind actual",
            next_step="leave --kind out: what the refused would have done is modelled",
        )
    with open_evidence(env_file) as store:
        findings = find(store, wanted)
        write(findings, by=by, format_=format_)
        _pack(store)
    return ExitCode.OK


def write(findings: Findings, *, by: By | None, format_: StatsFormat) -> None:
    """Write findings to stdout; what is no result goes to stderr where a program reads.

    Raises:
        StateUnavailable: the factors cannot be read.
    """
    if format_ is StatsFormat.JSON:
        print(json.dumps(stats_json(findings, by), indent=2, ensure_ascii=False))
        return
    if format_ is StatsFormat.CSV:
        sys.stdout.write(stats_csv(findings, by))
        _say_what_is_missing(findings)
        return
    from snipersight.cli.stats_document import breakdown, overview
    from snipersight.cli.stats_text import markdown_lines, print_document

    document = overview(findings) if by is None else breakdown(findings, by)
    if format_ is StatsFormat.MARKDOWN:
        print("\n".join(markdown_lines(document)))
    else:
        print_document(document)


def _pack(store: SqlEvidenceStore) -> None:
    """Let the next statistics be read faster; these have been told already."""
    sys.stdout.flush()
    try:
        store.pack()
    except StateUnavailable as error:
        say(f"the next statistics take as long as these: {error}")


def _say_what_is_missing(findings: Findings) -> None:
    from snipersight.cli.stats_words import next_steps, sentence

    for step in next_steps(findings):
        say(sentence(step))
