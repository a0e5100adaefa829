"""Events reach a collector that speaks OTLP over HTTP, as it decodes them."""

import asyncio
import builtins
import logging
import time

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from snipersight.bot.telemetry.exporters import ExportFailed
from snipersight.bot.telemetry.exporters.otlp import OtlpExporter
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.event_log import StoredEvent
from tests.fakes.scripted_http import Asked, Reply, ScriptedHttp

EVENTS = [
    StoredEvent(
        seq=7,
        event_type="signal_generated",
        at_us=1_717_761_600_000_001,
        body=(
            '{"event": "signal_generated", "at": "2024-06-07T12:00:00.000Z", "score": 81.5, '
            '"symbol": "BTC/USDT", "tiers": ["A", "B"], "nothing": null}'
        ),
        key="a:1",
    ),
    StoredEvent(seq=8, event_type="kill", at_us=1, body='{"event": "kill", "at": "y"}'),
]
TAKEN = Reply(headers={"content-type": "application/x-protobuf"})


async def exported(*replies: Reply, path: str = "", timeout_s: float = 5.0) -> list[Asked]:
    async with ScriptedHttp(*replies) as server:
        exporter = OtlpExporter(f"{server.url}{path}", timeout_s=timeout_s)
        try:
            await asyncio.to_thread(exporter.export, EVENTS)
        finally:
            await asyncio.to_thread(exporter.close)
    return server.asked


def attributes(record) -> dict[str, object]:
    return {
        one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in record.attributes
    }


async def test_a_collector_decodes_every_event():
    (asked,) = await exported(TAKEN)
    assert asked.path == "/v1/logs"
    request = ExportLogsServiceRequest.FromString(asked.body)
    (resource,) = request.resource_logs
    assert {one.key: one.value.string_value for one in resource.resource.attributes}[
        "service.name"
    ] == "snipersight"
    signal, kill = resource.scope_logs[0].log_records
    assert signal.time_unix_nano == 1_717_761_600_000_001_000
    assert (signal.event_name, signal.body.string_value) == ("signal_generated",) * 2
    assert (signal.severity_text, kill.severity_text) == ("INFO", "WARN")
    assert attributes(signal) == {
        "score": 81.5,
        "symbol": "BTC/USDT",
        "tiers": '["A", "B"]',
        "snipersight.key": "a:1",
        "snipersight.seq": 7,
    }
    assert attributes(kill) == {"snipersight.seq": 8}


async def test_a_path_of_one_s_own_is_kept():
    (asked,) = await exported(TAKEN, path="/collect/logs")
    assert asked.path == "/collect/logs"


async def test_a_collector_that_refuses_is_an_error_with_its_reason(capfd):
    with pytest.raises(ExportFailed, match="400") as caught:
        await exported(Reply(status=400, body=b"bad"))
    assert caught.value.where == "127.0.0.1"
    assert not logging.getLogger("opentelemetry.exporter.otlp").propagate
    assert capfd.readouterr().err == ""  # told once, by whoever called


async def test_a_collector_that_hangs_is_given_up():
    started = time.monotonic()
    with pytest.raises(ExportFailed):
        await exported(Reply(after_s=5), timeout_s=0.3)
    assert time.monotonic() - started < 4


def test_without_its_packages_the_error_names_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("opentelemetry.exporter"):
            raise ModuleNotFoundError("no", name="opentelemetry")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigInvalid) as caught:
        OtlpExporter("http://127.0.0.1:4318")
    assert "snipersight[otlp]" in caught.value.next_step
