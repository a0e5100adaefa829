"""From the words of a command to the signals it asks for, and to the store that has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.arguments import require_symbol
from snipersight.cli.guard import say
from snipersight.cli.moments import moment_us
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.evidence import EvidenceFilter, Kind, Origin

if TYPE_CHECKING:
    from snipersight.storage.telemetry.evidence import SqlEvidenceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which signals are asked for, as the user wrote it; see `evidence_options`."""

    profile: str | None = None
    symbol: str | None = None
    since: str | None = None
    until: str | None = None
    account: str | None = None
    origin: str | None = None
    kind: str = Kind.MODELLED.value


def filter_of(choice: Choice) -> EvidenceFilter:
    """Return what is asked for.

    Raises:
        ConfigInvalid: a time or symbol cannot be read, or the period ends before it begins.
    """
    since_us = moment_us(choice.since, option="--since")
    until_us = moment_us(choice.until, option="--until")
    if since_us is not None and until_us is not None and until_us <= since_us:
        raise ConfigInvalid(
            "the period ends before it begins",
            where=f"--since {choice.since} --until {choice.until}",
            next_step="name an end after the beginning",
        )
    return EvidenceFilter(
        origin=None if choice.origin is None else Origin(choice.origin),
        profile=choice.profile,
        symbol=None if choice.symbol is None else require_symbol(choice.symbol),
        account_id=choice.account,
        since_ms=None if since_us is None else since_us // 1000,
        until_ms=None if until_us is None else until_us // 1000,
        kind=Kind(choice.kind),
    )


@contextmanager
def open_evidence(env_file: Path | None) -> Iterator[SqlEvidenceStore]:
    """Yield the evidence that the settings name.

    Raises:
        ConfigInvalid: a setting is wrong.
        StateUnavailable: the evidence cannot be read.
    """
    from snipersight.bootstrap.settings import load_settings
    from snipersight.bootstrap.telemetry import open_telemetry

    settings, warnings = load_settings(env_file)
    for warning in warnings:
        say(f"warning: {warning}")
    if not settings.analytics_enabled:
        say("ANALYTICS_ENABLED is false: scans record no signals; this is what there was before.")
    with open_telemetry(settings) as telemetry:
        yield telemetry.evidence
