"""What `snipersight export` does: signals and outcomes into one file."""

from __future__ import annotations

from pathlib import Path

from snipersight.bootstrap.environment import absolute
from snipersight.cli.evidence_choice import Choice, filter_of, open_evidence
from snipersight.cli.exits import ExitCode
from snipersight.domain.wording import counted


def run_export(env_file: Path | None, file: Path, choice: Choice) -> ExitCode:
    """Write the file and say how many signals it holds.

    Raises:
        ConfigInvalid: an option cannot be read, or the file has another ending.
        StateUnavailable: the evidence cannot be read, or the file cannot be written.
    """
    from snipersight.storage.telemetry.exporting import write_table

    wanted = filter_of(choice)
    with open_evidence(env_file) as store:
        written = write_table(store, wanted, absolute(file))
    print(f"Wrote {counted(written, 'signal')} to {file}")
    return ExitCode.OK
