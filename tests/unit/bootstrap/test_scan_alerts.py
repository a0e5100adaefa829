"""What a scan says is wrong with the system: rarely, and not for what a market may do."""

from dataclasses import replace

import pytest

from snipersight.bootstrap.scan_alerts import SERIES, RefusalSeries, alerts_of
from snipersight.domain.decision import Check, Stage, TerminalReason
from snipersight.domain.units import Symbol
from snipersight.engine.report import Refusal, ScanReport
from tests.unit.cli.report_builders import a_ranked_plan, a_report

AT_MS = 1_717_761_600_000


def refused(symbol: str, stage: Stage, name: str = "") -> Refusal:
    reason = TerminalReason(stage=stage, name=name)
    return Refusal(symbol=Symbol(symbol), reason=reason, detail="", at_ms=AT_MS)


def by_gate(*codes: str) -> ScanReport:
    refusals = tuple(refused(f"S{i}/USDT", Stage.REJECTED, code) for i, code in enumerate(codes))
    return a_report(plans=(), refusals=refusals)


def triggers(report: ScanReport, series: RefusalSeries | None = None) -> list[str]:
    found = alerts_of(report, series or RefusalSeries(), account_id="main", at_ms=AT_MS)
    return [alert.trigger for alert in found]


def test_a_quiet_market_and_a_full_account_are_no_alert():
    assert triggers(a_report()) == []
    assert triggers(by_gate("max_total"), RefusalSeries().after(by_gate("max_total"))) == []


def test_only_a_row_of_refusals_by_one_code_is_an_alert():
    series = RefusalSeries()
    for _ in range(SERIES - 1):
        series = series.after(by_gate("max_total", "max_total"))
    assert triggers(by_gate("max_total"), series) == []
    series = series.after(by_gate())  # a scan without plans says nothing of the gate
    series = series.after(by_gate("max_total"))
    assert (series.scans, triggers(by_gate("max_total"), series)) == (SERIES, ["refusals"])
    assert series.after(by_gate("max_total", "halted")) == RefusalSeries()
    assert series.after(by_gate("halted")) == RefusalSeries(code="halted", scans=1)
    assert series.after(a_report(plans=(a_ranked_plan(),))) == RefusalSeries()


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", '{"code": "a"}', '{"code": 1, "scans": "x"}']
)
def test_a_series_that_cannot_be_read_begins_anew(text: str | None):
    assert RefusalSeries.read(text) == RefusalSeries()


def test_a_series_is_read_as_it_was_stored():
    series = RefusalSeries(code="max_total", scans=2)
    assert RefusalSeries.read(series.text()) == series


def test_an_audit_that_cannot_be_written_is_critical_and_hides_the_series():
    series = RefusalSeries(code="audit_unwritable", scans=SERIES)
    (alert,) = alerts_of(by_gate("audit_unwritable"), series, account_id="main", at_ms=AT_MS)
    assert (alert.trigger, alert.severity, alert.subject) == ("audit", "critical", "main")


def test_data_are_old_only_where_no_symbol_is_fresh():
    names = ("A/USDT", "B/USDT")
    stale = tuple(refused(name, Stage.STALE) for name in names)
    universe = tuple(map(Symbol, names))
    assert triggers(a_report(plans=(), universe=universe, refusals=stale)) == ["data_stale"]
    mixed = (stale[0], refused(names[1], Stage.NO_SETUP))
    assert triggers(a_report(plans=(), universe=universe, refusals=mixed)) == []
    assert triggers(a_report(plans=(), universe=(), refusals=())) == []


def test_clocks_that_disagree_are_told():
    skewed = Check(code="clock_skew", passed=False)
    refusal = replace(refused("A/USDT", Stage.REJECTED, "stale_data"), checks=(skewed,))
    assert triggers(a_report(plans=(), refusals=(refusal,))) == ["clock_skew"]
    passed = replace(refusal, checks=(Check(code="clock_skew", passed=True),))
    assert triggers(a_report(plans=(), refusals=(passed,))) == []


def test_plans_that_are_traded_already_begin_no_row_of_refusals():
    series = RefusalSeries()
    for _ in range(SERIES):
        series = series.after(by_gate("already_live", "already_live"))
    assert series == RefusalSeries()
    mixed = series.after(by_gate("already_live", "max_total"))
    assert mixed == RefusalSeries(code="max_total", scans=1)
