"""Metrics of a home in which something of everything has happened."""

from decimal import Decimal

import pytest
from prometheus_client.parser import text_string_to_metric_families

from snipersight.bootstrap.metrics.evidence_metrics import EventReader, EvidenceReader, _scans
from snipersight.bootstrap.metrics.opening import open_metrics
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.bootstrap.telemetry import TELEMETRY_FILE, open_telemetry
from snipersight.bot.telemetry.metrics.serving import metrics_text, registry_of
from snipersight.domain.statistics import Enough
from snipersight.storage.telemetry.metrics_view import ScanTotal
from tests.builders.metric_homes import CLOSED, DAYS, fill_home

LIVE = {"origin": "live", "profile": "balanced"}


class Scrape:
    """What one scrape shows."""

    def __init__(self, settings: Settings) -> None:
        with open_metrics(settings) as collector:
            self.text = metrics_text(registry_of(collector))
        families = text_string_to_metric_families(self.text)
        self.samples = [sample for family in families for sample in family.samples]

    def value(self, name: str, **labels: str) -> float | None:
        """Return the one sample of a name with these labels, whatever others it has."""
        found = [
            sample.value
            for sample in self.samples
            if sample.name == f"snipersight_{name}" and labels.items() <= sample.labels.items()
        ]
        assert len(found) <= 1, (name, found)
        return found[0] if found else None


@pytest.fixture
async def scrape(tmp_path):
    return Scrape(await fill_home(tmp_path))


def test_everything_that_was_traded_and_told_is_measured(scrape):
    for reader in ("build", "accounts", "outbox", "events", "evidence"):
        assert scrape.value("reader_up", reader=reader) == 1.0
    # executed on paper: three entries wait, and the account was halted
    assert scrape.value("positions", account="practice", state="reserved") == 1.0
    assert scrape.value("trading_state", account="practice", state="HALTED") == 1.0
    assert scrape.value("breaker_tripped", account="practice", breaker="operator") == 1.0
    assert scrape.value("breaker_tripped", account="practice", breaker="daily_loss") == 0.0
    assert scrape.value("uncovered_positions", account="practice") == 0.0
    risk = scrape.value("account_open_risk", account="practice")
    assert risk == scrape.value("limit_used", account="practice", limit="max_total")
    assert 0 < risk <= 100
    # messages: one sent, one given up, one waits
    assert scrape.value("outbox_items", topic="delivery", state="pending") == 1.0
    assert scrape.value("outbox_items", topic="delivery", state="dead") == 1.0
    assert scrape.value("outbox_oldest_seconds", topic="delivery") > 0
    # what was derived from the store, and who has it
    assert scrape.value("events_total", type="order_submitted") == 3.0
    assert scrape.value("events_total", type="message_failed") == 1.0
    total = sum(one.value for one in scrape.samples if one.name == "snipersight_events_total")
    assert scrape.value("exporter_lag_events", exporter="jsonl") == total
    assert scrape.value("database_size_bytes") > 0


def test_results_are_those_of_the_hand_made_signals(scrape):
    assert scrape.value("closed_signals", **LIVE) == CLOSED
    assert scrape.value("hit_ratio", **LIVE) == pytest.approx(2 / 3)
    assert scrape.value("expectancy_r", **LIVE) == pytest.approx(1 / 3)
    assert scrape.value("tier_closed_signals", tier="A", **LIVE) == 36.0
    assert scrape.value("tier_closed_signals", tier="B", **LIVE) == 24.0
    assert scrape.value("tier_hit_ratio", tier="A", **LIVE) == pytest.approx(2 / 3)
    assert scrape.value("tier_hit_ratio", tier="B", **LIVE) is None  # fewer than 30
    assert scrape.value("signals", verdict="rejected", **LIVE) == 1.0
    assert scrape.value("outcomes", kind="modelled", status="closed", **LIVE) == CLOSED
    assert scrape.value("scans_total", **LIVE) == 1.0
    assert scrape.value("scan_candidates_total", stage="no_setup", **LIVE) == 40.0
    assert scrape.value("rejections_total", code="max_total", **LIVE) == 1.0


async def test_too_few_closed_signals_have_a_count_and_no_rate(tmp_path):
    settings = await fill_home(tmp_path)
    with open_telemetry(settings) as telemetry:
        for enough in (Enough(closed=CLOSED + 1, days=1), Enough(closed=1, days=DAYS + 1)):
            reader = EvidenceReader(telemetry.database, enough=enough)
            found = {family.name: family.values for family in reader()}
            assert found["closed_signals"] == {("live", "balanced"): CLOSED}
            assert (found["hit_ratio"], found["expectancy_r"]) == ({}, {})
            assert (found["tier_hit_ratio"], found["tier_expectancy_r"]) == ({}, {})


def test_no_symbol_is_a_label(scrape):
    names = {name for sample in scrape.samples for name in sample.labels}
    assert "symbol" not in names
    assert "BTC" not in scrape.text


def test_telemetry_that_cannot_be_read_keeps_the_accounts_visible(tmp_path):
    settings = load_settings()[0]
    settings.snipersight_home.mkdir(parents=True)
    (settings.snipersight_home / TELEMETRY_FILE).write_bytes(b"no database" * 1000)
    scrape = Scrape(settings)
    assert scrape.value("reader_up", reader="evidence") == 0.0
    assert scrape.value("account_equity", account="practice") == 10_000.0


def test_without_analytics_there_is_no_telemetry_to_read(monkeypatch):
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    settings = load_settings()[0]
    scrape = Scrape(settings)
    assert scrape.value("reader_up", reader="evidence") is None
    assert scrape.value("reader_up", reader="accounts") == 1.0
    assert not (settings.snipersight_home / TELEMETRY_FILE).exists()


def test_limits_are_the_accounts_own(monkeypatch):
    monkeypatch.setenv("MAX_TOTAL_EXPOSURE", "0.08")
    scrape = Scrape(load_settings()[0])
    allowed = scrape.value("limit_allowed", account="practice", limit="max_total")
    assert Decimal(str(allowed)) == Decimal(800)


async def test_a_store_that_was_replaced_is_read_at_the_next_scrape(tmp_path):
    settings = await fill_home(tmp_path)
    file = settings.snipersight_home / TELEMETRY_FILE
    with open_metrics(settings) as collector:
        registry = registry_of(collector)
        assert 'reader_up{reader="evidence"} 1.0' in metrics_text(registry)
        for one in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            one.unlink(missing_ok=True)
        metrics_text(registry)
        again = metrics_text(registry)
    assert 'reader_up{reader="evidence"} 1.0' in again
    assert 'reader_up{reader="events"} 1.0' in again


async def test_exporters_are_those_of_the_settings(tmp_path):
    settings = await fill_home(tmp_path)
    with open_telemetry(settings) as telemetry:
        telemetry.events.claim("given_up", "me", for_us=1)
        (lag,) = [
            one
            for one in EventReader(telemetry.database, ["jsonl", "never_run"])()
            if one.name == "exporter_lag_events"
        ]
        assert set(lag.values) == {("jsonl",), ("never_run",)}
        assert lag.values["never_run",] == telemetry.events.newest() > 0


def test_a_reason_in_a_persons_words_is_no_label():
    funnel = {"rejected:max_total": 2, "rejected:I did not like it at 12:03": 1, "rejected:": 1}
    total = ScanTotal(origin="live", profile="swing", scans=1, funnel=funnel, newest_ms=1)
    found = {family.name: family.values for family in _scans((total,))}
    assert found["rejections"] == {
        ("live", "swing", "max_total"): 2,
        ("live", "swing", "other"): 2,
    }
