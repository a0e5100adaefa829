"""What `snipersight report` does: read once, draw, and write one file that is whole or not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from pathlib import Path

from snipersight.bootstrap.environment import absolute
from snipersight.bootstrap.findings import actual_outcomes, find
from snipersight.bootstrap.settings import load_settings
from snipersight.cli.evidence_choice import Choice, filter_of, open_evidence
from snipersight.cli.exits import ExitCode
from snipersight.cli.report_page.building import page_of
from snipersight.cli.report_page.rendering import html_of
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.home import Home


def write_report(env_file: Path | None, choice: Choice, *, out: Path | None) -> ExitCode:
    """Write the page and say where it is.

    Raises:
        ConfigInvalid: an option cannot be read.
        StateUnavailable: the evidence cannot be read, or the page cannot be written.
    """
    wanted = filter_of(choice)
    now_ms = time.time_ns() // 1_000_000
    with open_evidence(env_file) as store:
        findings = find(store, wanted)
        page = page_of(findings, actual_outcomes(store, findings), made_ms=now_ms)
    target = absolute(out) if out is not None else _default_file(env_file, now_ms)
    replace_private(target, html_of(page).encode())
    print(f"Wrote {page.title.lower()} to {target}")
    return ExitCode.OK


def _default_file(env_file: Path | None, now_ms: int) -> Path:
    home = Home(load_settings(env_file)[0].snipersight_home)
    day = time.strftime("%Y-%m-%d", time.gmtime(now_ms / 1000))
    return home.reports() / f"report-{day}.html"


def replace_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read; a reader sees the old one or the whole new one.

    Raises:
        StateUnavailable: it cannot be written; an older file stays as it was.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()


def _unwritable(path: Path, error: OSError) -> StateUnavailable:
    reason = (error.strerror or type(error).__name__).lower()
    return StateUnavailable(
        f"the report cannot be written: {reason}",
        where=str(path),
        next_step="name a file with --out, in a folder you can write to, with room for it",
    )
