"""What a scan leaves in the log: every stage, and its own id on every line."""

import json
import logging
import threading

import pytest
from loguru import logger

from snipersight.bot.telemetry.logging import LOG_FILE, configure_logging, log_structured
from snipersight.bot.telemetry.scan_sinks import ScanContextSink
from snipersight.domain.account import AccountState
from snipersight.domain.observations import Observations
from snipersight.engine.stages import STAGES
from snipersight.risk.manager import RiskManager
from tests.fakes.events import RecordingEvents
from tests.fakes.scanning import a_gate, a_lively_profile, scan, synthetic_table

SYMBOLS = ("BTC/USDT:USDT", "ETH/USDT:USDT")


@pytest.fixture
def logs(tmp_path):
    configure_logging(logs=tmp_path)
    yield tmp_path
    logger.remove()
    logger.configure(patcher=lambda _record: None)
    logging.getLogger().handlers.clear()


class TalkativeGate:
    """Logs from the thread it observes on."""

    def __init__(self, inner: RiskManager) -> None:
        self.held = inner.held
        self.validate_plan = inner.validate_plan
        self._observe = inner.observe

    def observe(self, observations: Observations) -> AccountState:
        """Log a line, and observe."""
        log_structured("observed", on=threading.current_thread().name)
        return self._observe(observations)


def test_the_log_of_a_scan_has_every_stage_under_one_context(logs):
    report = scan(
        synthetic_table(SYMBOLS),
        a_lively_profile(),
        workers=3,
        gate=TalkativeGate(a_gate()),
        sink=ScanContextSink(RecordingEvents()),
    )
    log_structured("after the scan")
    lines = [json.loads(line) for line in (logs / LOG_FILE).read_text().splitlines()]
    assert {line.get("context_id") for line in lines[:-1]} == {report.context_id}
    assert "context_id" not in lines[-1]
    stages = [line for line in lines if "stage" in line]
    assert [line["stage"] for line in stages] == [name for name, _stage in STAGES]
    (observed,) = [line for line in lines if line["message"] == "observed"]
    assert observed["on"] != threading.main_thread().name
    assert stages[-1]["approved"] == len(report.plans)
    assert stages[2]["read"] == len(SYMBOLS)
    assert all(line["seconds"] >= 0 for line in stages)
