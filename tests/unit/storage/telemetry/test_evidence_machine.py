"""The evidence in a database against the one in memory: every step answers the same in both."""

from dataclasses import fields
from typing import Any, cast

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import create_engine

from snipersight.domain.evidence import (
    EvidenceFilter,
    Kind,
    Origin,
    OutcomeStatus,
    SignalKey,
    Verdict,
)
from snipersight.domain.evidence_columns import EvidenceTable
from snipersight.storage.database import Database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.blocks import pack
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.builders.evidence import DECIDED_MS, a_scan, a_signal, an_outcome, some_terms
from tests.fakes.memory_evidence import MemoryEvidence

NUMBERS = st.integers(1, 5)
FINITE = st.floats(-100, 100)
FACTORS = st.dictionaries(st.sampled_from(["a", "b", "c"]), FINITE, max_size=3)

SIGNALS = st.builds(
    lambda number, verdict, score, factors, known_ms, **groups: a_signal(
        number,
        verdict=verdict,
        reason=f"{verdict}:x",
        score=score,
        factors=factors,
        terms=some_terms(known_ms=known_ms),
        plan_json=str(score),
        **groups,
    ),
    number=NUMBERS,
    verdict=st.sampled_from(Verdict),
    score=FINITE,
    factors=FACTORS,
    known_ms=st.integers(0, 9),
    symbol=st.sampled_from(["BTC/USDT", "ETH/USDT"]),
    venue=st.sampled_from(["binance", "bybit"]),
    origin=st.sampled_from(Origin),
)
OUTCOMES = st.builds(
    an_outcome,
    NUMBERS,
    kind=st.sampled_from(Kind),
    status=st.sampled_from(OutcomeStatus),
    net_r=st.sampled_from([0.0, -0.0, 1.5]),
    is_ambiguous=st.booleans(),
)
MOMENTS = st.none() | NUMBERS.map(lambda number: DECIDED_MS + number * 60_000)
FILTERS = st.builds(
    EvidenceFilter,
    origin=st.none() | st.sampled_from(Origin),
    symbol=st.none() | st.sampled_from(["BTC/USDT", "ETH/USDT"]),
    since_ms=MOMENTS,
    until_ms=MOMENTS,
    kind=st.sampled_from(Kind),
)


class PlainDatabase:
    """A database in memory; its transactions are whole."""

    place = "memory"
    dialect = "sqlite"
    timeout_s = 10.0

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://")
        migrate(cast("Database", self), TELEMETRY)

    def write(self, work: Any, **_limits: Any) -> Any:
        """Run a transaction."""
        with self.engine.begin() as connection:
            return work(connection)

    read = write


class EvidenceMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.database = PlainDatabase()
        self.real = SqlEvidenceStore(cast("Database", self.database))
        self.model = MemoryEvidence()
        self.approved: set[SignalKey] = set()
        self.ended: set[tuple[SignalKey, Kind]] = set()

    def teardown(self):
        self.database.engine.dispose()

    @rule(scan=NUMBERS, symbols=st.integers(0, 3), signals=st.lists(SIGNALS, max_size=4))
    def record(self, scan, symbols, signals):
        counts = a_scan(scan, symbols=symbols)
        for key in {one.key for one in signals if one.verdict is Verdict.APPROVED}:
            known = self.real.signal(key)
            if known is not None and known.verdict is not Verdict.APPROVED:
                self.ended.discard((key, Kind.MODELLED))
        assert self.real.record(counts, signals) == self.model.record(counts, signals)
        self.approved |= {one.key for one in signals if one.verdict is Verdict.APPROVED}

    @rule(outcomes=st.lists(OUTCOMES, max_size=4))
    def save(self, outcomes):
        assert self.real.save_outcomes(outcomes) == self.model.save_outcomes(outcomes)
        self.ended |= {(one.key, one.kind) for one in outcomes if one.status.is_final}

    @rule(many=NUMBERS)
    def pack(self, many):
        pack(cast("Database", self.database), least=1, many=many)

    @rule(wanted=FILTERS)
    def read(self, wanted):
        ours, theirs = self.real.table(wanted), self.model.table(wanted)
        for field in fields(EvidenceTable):
            assert getattr(ours, field.name).tolist() == getattr(theirs, field.name).tolist()
        mine, other = self.real.factors(wanted), self.model.factors(wanted)
        assert mine.names == other.names
        np.testing.assert_array_equal(mine.points, other.points)
        assert self.real.scans(wanted) == self.model.scans(wanted)

    @rule(venue=st.none() | st.sampled_from(["binance", "bybit"]), limit=st.none() | NUMBERS)
    def follow(self, venue, limit):
        mine = self.real.unfinished(venue=venue, limit=limit)
        assert mine == self.model.unfinished(venue=venue, limit=limit)

    @invariant()
    def an_approval_stays_one(self):
        for key in self.approved:
            signal = self.real.signal(key)
            assert signal == self.model.signal(key)
            assert signal is not None
            assert signal.verdict is Verdict.APPROVED

    @invariant()
    def an_end_stays_one(self):
        for key, kind in self.ended:
            outcome = self.real.outcomes(key)[kind]
            assert outcome == self.model.outcomes(key)[kind]
            assert outcome.status.is_final


TestEvidenceMachine = EvidenceMachine.TestCase
TestEvidenceMachine.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
