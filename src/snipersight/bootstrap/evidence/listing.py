"""Kept signals as a person looks at them: the newest, each with what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from snipersight.domain.evidence import (
    EvidenceFilter,
    EvidenceStore,
    Kind,
    Origin,
    Outcome,
    OutcomeStatus,
    SignalKey,
    SignalRecord,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """One signal and its ends.

    Args:
        signal: what was recorded.
        modelled: by closed candles; None where nobody has looked yet.
        actual: by real fills or by hand; None where nobody traded it.
    """

    signal: SignalRecord
    modelled: Outcome | None
    actual: Outcome | None

    @property
    def status(self) -> OutcomeStatus:
        """Return where the signal is by its candles; waiting where nobody has looked yet."""
        return OutcomeStatus.WAITING if self.modelled is None else self.modelled.status


def newest_outcomes(
    evidence: EvidenceStore,
    *,
    limit: int,
    origin: Origin | None = None,
    profile: str | None = None,
    status: OutcomeStatus | None = None,
) -> tuple[OutcomeRow, ...]:
    """Return the newest signals, newest first.

    Args:
        evidence: the store.
        limit: how many at most.
        origin, profile, status: only such; None: any.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    table = evidence.table(EvidenceFilter(origin=origin, profile=profile))
    chosen = np.arange(len(table))
    if status is not None:
        chosen = chosen[table.status.equal(status.value)]
    keys = [SignalKey(table.key[place]) for place in chosen[::-1][:limit]]
    rows = [_row(evidence, key) for key in keys]
    return tuple(row for row in rows if row is not None)


def _row(evidence: EvidenceStore, key: SignalKey) -> OutcomeRow | None:
    signal = evidence.signal(key)
    if signal is None:  # it was pruned in between
        return None
    ends = evidence.outcomes(key)
    return OutcomeRow(signal=signal, modelled=ends.get(Kind.MODELLED), actual=ends.get(Kind.ACTUAL))
