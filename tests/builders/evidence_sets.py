"""Sets of signals with known outcomes, as columns, and a store that holds nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from itertools import chain
from typing import Any

import numpy as np

from snipersight.domain.evidence import EvidenceFilter, Kind, Origin, ScanCount
from snipersight.domain.evidence_columns import EvidenceTable, FactorColumns, Names
from tests.fakes.memory_evidence import MemoryEvidence

DAY_MS = 86_400_000
FIRST_MS = 1_704_067_200_000  # 2024-01-01
_REASONS = ("gated:min_score", "gated:regime", "rejected:max_total", "declined:min_rr")


def signals_made_up(
    count: int, *, seed: int = 1, days: int = 90, origin: Origin = Origin.REPLAY
) -> EvidenceTable:
    """Return signals of which higher scores do better; a third is refused, a third never enters."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.uniform(55, 98, count), 1)
    tier = np.where(score >= 85, "A", np.where(score >= 70, "B", "C")).astype(object)
    decided = FIRST_MS + np.sort(rng.integers(0, days * 96, count)) * 900_000
    refused = rng.random(count) < 0.35
    status = rng.choice(
        np.array(["closed", "missed", "expired", "invalidated", "open"], dtype=object),
        count,
        p=[0.64, 0.12, 0.12, 0.1, 0.02],
    )
    closed = status == "closed"
    hit = rng.random(count) < 0.2 + (score - 55) / 120 - 0.05 * refused
    won = np.minimum(rng.gamma(3.0, 0.55, count), 4.5)
    gross = np.where(closed, np.where(hit, won, -0.93 - 0.1 * rng.random(count)), 0.0)
    fees, slippage = 0.05 + 0.03 * rng.random(count), 0.02 * rng.random(count)
    funding = 0.012 * rng.random(count)
    fees, slippage, funding = (np.where(closed, one, 0.0) for one in (fees, slippage, funding))
    net = gross - fees - slippage - funding

    def pick(*names: str) -> np.ndarray:
        return rng.choice(np.array(names, dtype=object), count)

    columns: dict[str, Any] = {
        "key": np.array([f"replay:{number:06d}" for number in range(count)], dtype=object),
        "setup_id": np.array([f"setup-{number:06d}" for number in range(count)], dtype=object),
        "account_id": np.full(count, "replay", dtype=object),
        "origin": np.full(count, origin.value, dtype=object),
        "profile": pick("intraday", "swing"),
        "venue": np.full(count, "binance", dtype=object),
        "symbol": pick("BTC/USDT", "ETH/USDT", "SOL/USDT", "1000PEPE/USDT", "LINK/USDT"),
        "timeframe": pick("15m", "1h"),
        "direction": pick("LONG", "SHORT"),
        "verdict": np.where(refused, "gated", "approved").astype(object),
        "reason": np.where(refused, pick(*_REASONS), "approved").astype(object),
        "tier": tier,
        "regime": pick("trend", "range", "volatile"),
        "leader": pick("trend", "range"),
        "session": pick("london", "new_york", "asia", "none"),
        "status": status,
        "ending": np.where(closed, np.where(hit, "targets", "stop"), "").astype(object),
        "decided_ms": decided,
        "entered_ms": np.where(closed, decided + 3_600_000, 0),
        "ended_ms": np.where(status == "open", 0, decided + rng.integers(4, 200, count) * 900_000),
        "targets_hit": np.where(hit & closed, 2, 0),
        "score": score,
        "risk_reward": 2 + rng.random(count),
        "filled_fraction": np.where(closed, 1.0, 0.0),
        "gross_r": gross,
        "fees_r": fees,
        "slippage_r": slippage,
        "funding_r": funding,
        "net_r": net,
        "mae_r": np.where(closed, np.where(hit, 0.8 * rng.random(count), 1.0), 0.0),
        "mfe_r": np.where(closed, np.where(hit, won + 0.3, 1.4 * rng.random(count)), 0.0),
        "is_ambiguous": rng.random(count) < 0.05,
    }
    every: dict[str, Any] = {name: named(name, one) for name, one in columns.items()}
    return EvidenceTable(**every)


def named(name: str, column: np.ndarray) -> np.ndarray | Names:
    """Return a column of names as such, and any other as it is."""
    is_names = column.dtype == object and name not in ("key", "setup_id")
    return Names.of(column.tolist()) if is_names else column


def no_signals() -> EvidenceTable:
    """Return an empty table."""
    return signals_made_up(0)


def chosen(table: EvidenceTable, mask: np.ndarray) -> EvidenceTable:
    """Return the rows of a mask."""
    return EvidenceTable(**{one.name: getattr(table, one.name)[mask] for one in fields(table)})


def changed(table: EvidenceTable, **columns: Any) -> EvidenceTable:
    """Return a table with other columns."""
    return replace(table, **columns)


def joined(*tables: EvidenceTable) -> EvidenceTable:
    """Return the rows of several tables, oldest decision first."""
    columns = {
        one.name: _after_one_another([getattr(table, one.name) for table in tables])
        for one in fields(EvidenceTable)
    }
    order = np.argsort(columns["decided_ms"], kind="stable")
    return EvidenceTable(**{name: column[order] for name, column in columns.items()})


def _after_one_another(parts: list[Any]) -> Any:
    if isinstance(parts[0], Names):
        return Names.of(chain.from_iterable(parts))
    return np.concatenate(parts)


def filled(column: Names | np.ndarray, value: str) -> Names | np.ndarray:
    """Return a column of one value."""
    if isinstance(column, Names):
        return Names.of([value] * len(column))
    return np.full(len(column), value, dtype=object)


class SetStore(MemoryEvidence):
    """Answers the questions of views from tables at hand.

    Args:
        modelled, actual: the same signals with either outcome.
        counts: of scans.
    """

    def __init__(
        self,
        modelled: EvidenceTable,
        actual: EvidenceTable | None = None,
        counts: Sequence[ScanCount] = (),
    ) -> None:
        super().__init__()
        self.modelled = modelled
        self.actual = actual
        self.counts = counts

    def table(self, wanted: EvidenceFilter) -> EvidenceTable:
        """Return the signals of the wanted origin and profile."""
        given = self.actual if wanted.kind is Kind.ACTUAL else self.modelled
        found = no_signals() if given is None else given
        mask = np.ones(len(found), dtype=np.bool_)
        for column, value in (
            (found.origin, wanted.origin),
            (found.profile, wanted.profile),
            (found.symbol, wanted.symbol),
        ):
            mask &= np.ones(len(found), np.bool_) if value is None else column.equal(str(value))
        return chosen(found, mask)

    def factors(self, wanted: EvidenceFilter) -> FactorColumns:
        """Return two factors whose contribution grows with the score."""
        score = self.table(wanted).score
        points = np.stack([score / 10, np.where(score > 75, 8.0, 0.0)], axis=1)
        return FactorColumns(names=("displacement", "sweep"), points=points)

    def scans(self, wanted: EvidenceFilter) -> Sequence[ScanCount]:
        """Return the counts given."""
        return [one for one in self.counts if wanted.origin in (None, one.origin)]


def scans_made_up() -> list[ScanCount]:
    """Return the counts of three scans."""
    funnel = {
        "no_data": 4,
        "no_setup": 900,
        "gated:min_score": 120,
        "gated:regime": 44,
        "declined:min_rr": 31,
        "declined:stop_too_wide": 3,
        "rejected:max_total": 12,
        "approved": 29,
    }
    return [
        ScanCount(
            context_id=f"scan-{number}",
            account_id="replay",
            origin=Origin.REPLAY,
            profile="intraday",
            venue="binance",
            at_ms=FIRST_MS + number * DAY_MS,
            symbols=40,
            funnel=funnel,
        )
        for number in range(3)
    ]
