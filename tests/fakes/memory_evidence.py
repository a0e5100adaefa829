"""Evidence in memory that keeps the promises of the port `EvidenceStore`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import (
    EvidenceFilter,
    Kind,
    Outcome,
    OutcomeStatus,
    ScanCount,
    SignalKey,
    SignalRecord,
    Verdict,
)
from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns, Names
from snipersight.domain.timeframe import Timeframe

_INTEGERS = frozenset({"decided_ms", "entered_ms", "ended_ms", "targets_hit"})
_FLAGS = frozenset({"is_ambiguous"})
_TEXTS = frozenset({"key", "setup_id"})
_NUMBERS = frozenset(
    "score risk_reward filled_fraction gross_r fees_r slippage_r funding_r net_r mae_r mfe_r".split()
)
_OF_SIGNAL = frozenset(field.name for field in fields(SignalRecord))


class MemoryEvidence:
    """Implements `EvidenceStore` with dictionaries.

    Attributes:
        error: raised by every method while set, as by a store that cannot be used.
    """

    def __init__(self) -> None:
        self.error: StateUnavailable | None = None
        self._signals: dict[SignalKey, SignalRecord] = {}
        self._outcomes: dict[tuple[SignalKey, Kind], Outcome] = {}
        self._scans: dict[str, ScanCount] = {}

    def record(self, scan: ScanCount, signals: Sequence[SignalRecord]) -> int:
        """Store a scan and its signals; return how many signals are new."""
        self._ensure_usable()
        self._scans[scan.context_id] = scan
        before = len(self._signals)
        batch: dict[SignalKey, SignalRecord] = {}
        for signal in signals:
            batch[signal.key] = _joined(batch.get(signal.key), signal)
        for key, signal in batch.items():
            kept = self._signals.get(key)
            self._signals[key] = _joined(kept, signal)
            if kept is not None and self._signals[key] is not kept:
                self._outcomes.pop((key, Kind.MODELLED), None)
        return len(self._signals) - before

    def unfinished(
        self, *, venue: str | None = None, limit: int | None = None
    ) -> Sequence[tuple[SignalRecord, Outcome | None]]:
        """Return signals whose modelled outcome is not final, oldest first."""
        self._ensure_usable()
        pairs = [
            (signal, self._outcomes.get((signal.key, Kind.MODELLED)))
            for signal in self._oldest_first(EvidenceFilter())
            if venue is None or signal.venue == venue
        ]
        return [(one, end) for one, end in pairs if end is None or not end.status.is_final][:limit]

    def save_outcomes(self, outcomes: Iterable[Outcome]) -> int:
        """Store outcomes, each in the place of the one before; return how many changed."""
        self._ensure_usable()
        changed = 0
        for outcome in outcomes:
            kept = self._outcomes.get((outcome.key, outcome.kind))
            goes_back = kept is not None and kept.status.is_final and not outcome.status.is_final
            if kept == outcome or goes_back:
                continue
            self._outcomes[outcome.key, outcome.kind] = outcome
            changed += 1
        return changed

    def signal(self, key: SignalKey) -> SignalRecord | None:
        """Return one signal."""
        self._ensure_usable()
        return self._signals.get(key)

    def outcomes(self, key: SignalKey) -> Mapping[Kind, Outcome]:
        """Return what is known of one signal, modelled and actual."""
        self._ensure_usable()
        return {kind: one for (mine, kind), one in self._outcomes.items() if mine == key}

    def table(self, wanted: EvidenceFilter) -> EvidenceTable:
        """Return signals and outcomes as columns."""
        self._ensure_usable()
        rows = [(one, self._end(one.key, wanted.kind)) for one in self._oldest_first(wanted)]
        names = [field.name for field in fields(EvidenceTable)]
        columns: dict[str, Any] = {
            name: _column(name, [_cell(name, *row) for row in rows]) for name in names
        }
        return EvidenceTable(**columns)

    def factors(self, wanted: EvidenceFilter) -> FactorColumns:
        """Return what the factors added, in the order of `table`."""
        self._ensure_usable()
        signals = self._oldest_first(wanted)
        names = tuple(sorted({name for signal in signals for name in signal.factors}))
        points = np.full((len(signals), len(names)), np.nan)
        for row, signal in enumerate(signals):
            for name, value in signal.factors.items():
                points[row, names.index(name)] = value
        return FactorColumns(names=names, points=points)

    def scans(self, wanted: EvidenceFilter) -> Sequence[ScanCount]:
        """Return the counts of scans, oldest first."""
        self._ensure_usable()
        found = [
            scan
            for scan in self._scans.values()
            if wanted.origin in (None, scan.origin)
            and wanted.profile in (None, scan.profile)
            and wanted.account_id in (None, scan.account_id)
            and _is_within(wanted, scan.at_ms)
        ]
        return sorted(found, key=lambda scan: (scan.at_ms, scan.context_id))

    def _oldest_first(self, wanted: EvidenceFilter) -> list[SignalRecord]:
        found = [
            signal
            for signal in self._signals.values()
            if wanted.origin in (None, signal.origin)
            and wanted.profile in (None, signal.profile)
            and wanted.symbol in (None, signal.symbol)
            and wanted.account_id in (None, signal.account_id)
            and _is_within(wanted, signal.decided_ms)
        ]
        return sorted(found, key=lambda signal: (signal.decided_ms, signal.key))

    def _end(self, key: SignalKey, kind: Kind) -> Outcome:
        unheard = Outcome(key=key, kind=kind, status=OutcomeStatus.WAITING)
        return self._outcomes.get((key, kind), unheard)

    def _ensure_usable(self) -> None:
        if self.error is not None:
            raise self.error


def _joined(kept: SignalRecord | None, new: SignalRecord) -> SignalRecord:
    """Return what stands of one signal: nothing but an approval takes the place of a refusal."""
    if kept is None:
        return new
    if kept.verdict is Verdict.APPROVED or new.verdict is not Verdict.APPROVED:
        return kept
    return new


def _is_within(wanted: EvidenceFilter, at_ms: int) -> bool:
    if wanted.since_ms is not None and at_ms < wanted.since_ms:
        return False
    return wanted.until_ms is None or at_ms < wanted.until_ms


def _cell(name: str, signal: SignalRecord, outcome: Outcome) -> object:
    value: object = getattr(signal if name in _OF_SIGNAL else outcome, name)
    if isinstance(value, Timeframe):
        return value.name
    return str(value) if isinstance(value, str) else value  # a plain text, not a member of an enum


def _column(name: str, values: list[object]) -> np.ndarray | Names:
    if name in _INTEGERS:
        return np.array(values, dtype=np.int64)
    if name in _NUMBERS:
        return np.array(values, dtype=np.float64)
    if name in _FLAGS or name in _TEXTS:
        return np.array(values, dtype=np.bool_ if name in _FLAGS else np.object_)
    return Names.of(map(str, values))
