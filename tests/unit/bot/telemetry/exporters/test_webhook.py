"""Events go to a web address as signed batches, never inward unless allowed."""

import asyncio
import base64
import hmac
import json
import subprocess
import sys

import pytest

from snipersight.bot.telemetry.exporters import ExportFailed, ExportRefused
from snipersight.bot.telemetry.exporters.webhook import WebhookExporter
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.event_log import StoredEvent
from tests.fakes.scripted_http import Asked, Reply, ScriptedHttp

SECRET = "a secret of some length"
EVENTS = [
    StoredEvent(seq=7, event_type="kill", at_us=1, body='{"event": "kill", "at": "é"}', key="a:1"),
    StoredEvent(seq=9, event_type="kill", at_us=2, body='{"event": "kill", "at": "y"}'),
]


async def exported(*replies: Reply, times: int = 1, timeout_s: float = 5.0) -> list[Asked]:
    async with ScriptedHttp(*replies) as server:
        exporter = WebhookExporter(
            f"{server.url}/hook/s3cret", SECRET, allow_private=True, timeout_s=timeout_s
        )
        for _ in range(times):
            await asyncio.to_thread(exporter.export, EVENTS)
        exporter.close()
    return server.asked


async def test_a_batch_is_signed_json_and_the_same_batch_has_the_same_name():
    first, again = await exported(Reply(), times=2)
    names = {name.lower(): value for name, value in first.headers.items()}
    signed = f"{names['webhook-id']}.{names['webhook-timestamp']}.".encode() + first.body
    expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, "sha256")).decode()
    assert names["webhook-signature"] == f"v1,{expected}"
    assert json.loads(first.body) == {
        "schema": "snipersight.events/1",
        "events": [
            {"seq": 7, "key": "a:1", "event": "kill", "at": "é"},
            {"seq": 9, "event": "kill", "at": "y"},
        ],
    }
    assert again.headers["webhook-id"] == first.headers["webhook-id"]


@pytest.mark.parametrize("status", [400, 401, 404, 410, 302])
async def test_a_refusal_is_for_a_person(status):
    with pytest.raises(ExportRefused, match=f"answered {status}"):
        await exported(Reply(status=status))


async def test_a_refusal_names_the_variable_and_not_the_address():
    with pytest.raises(ExportRefused) as caught:
        await exported(Reply(status=404))
    assert "EVENTS_WEBHOOK_URL" in str(caught.value)
    assert "snipersight events send" in str(caught.value)
    assert "s3cret" not in str(caught.value)


async def test_what_may_pass_is_tried_again_when_the_receiver_asks():
    with pytest.raises(ExportFailed) as caught:
        await exported(Reply(status=429, headers={"retry-after": "7"}))
    assert caught.value.after_s == 7.0


@pytest.mark.parametrize("reply", [Reply(hang_up=True), Reply(after_s=5), Reply(status=503)])
async def test_no_answer_is_tried_again(reply):
    with pytest.raises(ExportFailed):
        await exported(reply, timeout_s=0.3)


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::1]", "router.local"])
def test_an_address_that_points_inward_is_refused_with_the_variable_that_allows_it(host):
    with pytest.raises(ConfigInvalid) as caught:
        WebhookExporter(f"https://{host}/hook", SECRET)
    assert "EVENTS_WEBHOOK_ALLOW_PRIVATE" in caught.value.next_step


async def test_a_name_that_leads_inward_is_refused_on_the_way(monkeypatch):
    def inward(*_args, **_words):
        return [(2, 1, 6, "", ("10.0.0.1", 443))]

    monkeypatch.setattr("socket.getaddrinfo", inward)
    exporter = WebhookExporter("https://hooks.example.org/x", SECRET)
    with pytest.raises(ExportRefused, match="points to this machine"):
        await asyncio.to_thread(exporter.export, EVENTS)


def test_a_short_secret_names_its_variable():
    with pytest.raises(ConfigInvalid) as caught:
        WebhookExporter("https://hooks.example.org/x", "short")
    assert caught.value.where == "EVENTS_WEBHOOK_SECRET"


def test_a_name_server_that_hangs_holds_no_process_at_its_end():
    program = """
import socket, threading, time
from datetime import UTC, datetime
from snipersight.bot.telemetry.exporters.webhook import WebhookExporter
from snipersight.domain.event_log import StoredEvent

asked = threading.Event()
def hang(*_args, **_options):
    asked.set()
    time.sleep(60)
socket.getaddrinfo = hang
exporter = WebhookExporter("https://hooks.example.org/x", "a-secret-of-some-length")
event = StoredEvent(seq=1, event_type="kill", at_us=1, body='{"event": "kill"}')
threading.Thread(target=exporter.export, args=([event],), daemon=True).start()
assert asked.wait(20)
"""
    ended = subprocess.run([sys.executable, "-c", program], timeout=30, check=False)
    assert ended.returncode == 0
