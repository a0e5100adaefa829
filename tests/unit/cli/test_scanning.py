from collections.abc import Sequence
from typing import Any

import pytest

from snipersight.cli.exits import ExitCode
from snipersight.cli.picturing import picture_name
from snipersight.cli.scanning import exit_code_for
from snipersight.cli.trouble import trouble_lines
from snipersight.domain.decision import Stage
from snipersight.engine.report import Refusal, ScanReport
from tests.builders import a_plan
from tests.unit.cli.report_builders import a_ranked_plan, a_refusal, a_report, unread

NOTHING = a_refusal("ETH/USDT", Stage.NO_SETUP, "")


def report_of(
    *refusals: Refusal, dropped: Sequence[tuple[str, str]] = (), **overrides: Any
) -> ScanReport:
    universe = tuple(dict.fromkeys(["BTC/USDT", *(each.symbol for each in refusals)]))
    values: dict[str, Any] = {"universe": universe, "dropped": tuple(dropped)} | overrides
    return a_report(plans=[a_ranked_plan()], refusals=refusals, **values)


def test_a_scan_without_plans_is_a_success():
    report = report_of(a_refusal("BTC/USDT", Stage.NO_SETUP, ""), universe=("BTC/USDT",))
    assert exit_code_for(report, is_named=False) is ExitCode.OK


@pytest.mark.parametrize("stage", [Stage.NO_DATA, Stage.STALE])
def test_a_symbol_that_could_not_be_read_makes_it_partial(stage):
    refusal = a_refusal("X/USDT", stage, "")
    assert exit_code_for(report_of(refusal, NOTHING), is_named=False) is ExitCode.PARTIAL


def test_nothing_read_at_all_is_a_failure():
    report = a_report(plans=[], refusals=[unread("X/USDT")], universe=("X/USDT",))
    assert exit_code_for(report, is_named=False) is ExitCode.NO_SOURCE
    empty = a_report(plans=[], refusals=[], universe=())
    assert exit_code_for(empty, is_named=False) is ExitCode.NO_SOURCE


def test_a_scan_that_could_record_no_verdict_is_a_failure():
    unwritable = a_refusal("BTC/USDT", Stage.REJECTED, "audit_unwritable")
    report = a_report(plans=[], refusals=[unwritable], universe=("BTC/USDT",))
    assert exit_code_for(report, is_named=False) is ExitCode.NO_STORE
    assert exit_code_for(report_of(unwritable), is_named=False) is ExitCode.OK  # one was approved
    refused = a_refusal("BTC/USDT", Stage.REJECTED, "max_total")
    report = a_report(plans=[], refusals=[refused], universe=("BTC/USDT",))
    assert exit_code_for(report, is_named=False) is ExitCode.OK


def test_a_scan_without_a_ledger_is_a_failure_even_if_nothing_was_found():
    report = a_report(plans=[], refusals=[NOTHING], universe=("ETH/USDT",))
    assert exit_code_for(report, is_named=False) is ExitCode.OK
    assert exit_code_for(report, is_named=False, has_ledger=False) is ExitCode.NO_STORE


def test_a_symbol_left_out_matters_only_if_it_was_named():
    report = report_of(NOTHING, dropped=[("Y/USDT", "unknown")])
    assert exit_code_for(report, is_named=True) is ExitCode.PARTIAL
    assert exit_code_for(report, is_named=False) is ExitCode.OK


def test_trouble_is_told_once_a_kind_with_its_count():
    lines = trouble_lines({"candle_revised": 1200, "scan_started": 1, "clock_skew": 0})
    assert lines == ["1,200 stored candles were revised by the exchange; the new values count"]


def test_a_picture_is_named_after_what_it_shows_and_is_one_file_name():
    name = picture_name(a_plan(symbol="BTC/USDT:USDT"), 3)
    assert name.startswith("03-BTC-USDT-USDT-LONG-")
    assert name.endswith(".png")
    assert "/" not in name
