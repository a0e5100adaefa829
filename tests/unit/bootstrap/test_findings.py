"""Which signals a question is about, and what happens while a scan records more."""

import numpy as np
import pytest

from snipersight.bootstrap.findings import actual_outcomes, find
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.evidence import EvidenceFilter, Origin
from snipersight.domain.evidence_columns import FactorColumns
from snipersight.domain.units import Symbol
from tests.builders.evidence import a_scan
from tests.builders.evidence_sets import SetStore, changed, joined, no_signals, signals_made_up


def test_live_signals_are_meant_before_practice_and_practice_before_replayed_ones():
    replayed = signals_made_up(5)
    practice = signals_made_up(4, origin=Origin.PRACTICE)
    live = signals_made_up(3, origin=Origin.LIVE)
    asked = EvidenceFilter()
    assert find(SetStore(joined(replayed, practice, live)), asked).wanted.origin is Origin.LIVE
    assert find(SetStore(joined(replayed, practice)), asked).wanted.origin is Origin.PRACTICE
    assert find(SetStore(replayed), asked).wanted.origin is Origin.REPLAY


def test_signals_of_other_origins_are_counted_and_play_no_part():
    mixed = joined(signals_made_up(5), signals_made_up(3, origin=Origin.LIVE))
    findings = find(SetStore(mixed), EvidenceFilter())
    assert len(findings.table) == 3
    assert findings.others == ((Origin.REPLAY, 5),)


def test_an_origin_that_is_named_is_the_one_that_is_read():
    mixed = joined(signals_made_up(5), signals_made_up(3, origin=Origin.LIVE))
    findings = find(SetStore(mixed), EvidenceFilter(origin=Origin.REPLAY))
    assert len(findings.table) == 5
    assert findings.others == ()


def test_of_one_symbol_no_candidates_of_others_are_counted():
    store = SetStore(signals_made_up(6), counts=[a_scan(origin=Origin.REPLAY)])
    assert find(store, EvidenceFilter()).view.funnel().candidates > 0
    found = find(store, EvidenceFilter(symbol=Symbol("BTC/USDT"))).view.funnel()
    assert (found.candidates, found.stages) == (0, ())
    assert "ask without a symbol" in found.sentence


def test_without_a_signal_scans_of_several_origins_are_not_mixed():
    scans = [a_scan(1, origin=Origin.PRACTICE), a_scan(2, origin=Origin.LIVE)]
    found = find(SetStore(no_signals(), counts=scans), EvidenceFilter()).view.funnel()
    assert found.scans == 1


def test_actual_outcomes_are_of_the_same_question():
    table = signals_made_up(6)
    store = SetStore(table, actual=changed(table, net_r=table.net_r + 1))
    findings = find(store, EvidenceFilter(profile="swing"))
    actual = actual_outcomes(store, findings)
    np.testing.assert_array_equal(actual.key, findings.table.key)
    np.testing.assert_allclose(actual.net_r, findings.table.net_r + 1)


def test_factors_of_other_signals_than_were_read_are_refused():
    class Growing(SetStore):
        """Holds one more signal each time it is asked for factors."""

        def factors(self, wanted: EvidenceFilter) -> FactorColumns:
            """Return factors of one signal too many."""
            return FactorColumns(names=("sweep",), points=np.zeros((len(self.modelled) + 1, 1)))

    findings = find(Growing(signals_made_up(6)), EvidenceFilter())
    with pytest.raises(StateUnavailable, match="6 signals were read"):
        findings.view.factors()
