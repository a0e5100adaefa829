"""What the parts of a running bot say, and what follows for the whole."""

import asyncio
import json
import time

import pytest

from snipersight.bootstrap.running.vital_metrics import run_families
from snipersight.bootstrap.running.vital_text import health_json, health_sentence
from snipersight.bootstrap.running.vitals import LOOP, Vitals, beat_of_loop
from snipersight.bot.telemetry.metrics import StoreCollector
from snipersight.bot.telemetry.metrics.serving import metrics_text, registry_of


class HandClock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def told():
    return []


@pytest.fixture
def vitals(clock, told):
    return Vitals(clock_s=clock, notify=told.append)


def test_a_bot_is_ready_from_the_moment_it_says_so_until_it_stops(vitals, told):
    assert not vitals.health().is_ready
    vitals.ready()
    vitals.ready()
    assert vitals.health().is_ready
    vitals.stopping()
    vitals.stopping()
    assert not vitals.health().is_ready
    assert told == ["READY=1", "STOPPING=1"]


def test_a_part_that_is_silent_for_too_long_makes_the_bot_unhealthy_until_it_beats(vitals, clock):
    vitals.ready()
    vitals.expect("sender", within_s=10)
    clock.now_s += 10
    assert vitals.health().is_healthy
    clock.now_s += 0.1
    health = vitals.health()
    assert (health.is_healthy, health.is_ready) == (False, False)
    assert [part.name for part in health.late] == ["sender"]
    vitals.beat("sender")
    assert vitals.health().is_ready


def test_a_part_nobody_expects_anything_of_is_never_late(vitals, clock):
    vitals.beat("hooks")
    clock.now_s += 1e6
    assert vitals.health().is_healthy
    vitals.expect("hooks", within_s=5)
    clock.now_s += 6
    assert not vitals.health().is_healthy
    vitals.forget("hooks")
    assert vitals.health().is_healthy
    assert vitals.health().parts == ()


def test_trouble_is_told_and_makes_nothing_unhealthy(vitals):
    vitals.ready()
    vitals.trouble("sender", "Telegram does not answer")
    vitals.restarted("sender")
    health = vitals.health()
    assert health.is_ready
    assert [(part.trouble, part.restarts) for part in health.troubled] == [
        ("Telegram does not answer", 1)
    ]
    vitals.well("sender")
    assert vitals.health().troubled == ()


def test_nothing_is_late_while_the_bot_comes_to_its_end(vitals, clock):
    vitals.expect("sender", within_s=1)
    clock.now_s += 60
    vitals.stopping()
    assert vitals.health().is_healthy
    assert health_sentence(vitals.health()) == "stopping"


@pytest.mark.parametrize("within_s", [0, -1, float("nan")])
def test_a_beat_that_can_never_be_on_time_is_refused(vitals, within_s):
    with pytest.raises(ValueError, match="sender cannot beat"):
        vitals.expect("sender", within_s=within_s)


def test_the_sentence_names_the_scan_what_hangs_and_what_is_in_trouble(vitals, clock):
    assert health_sentence(vitals.health()) == "starting"
    vitals.ready()
    assert health_sentence(vitals.health()) == "waiting for the first close"
    vitals.scanned(1_737_296_700_000, duration_s=0.4249)
    vitals.expect("loop", within_s=1)
    vitals.trouble("sender", "the token 1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw is wrong")
    clock.now_s += 2
    assert health_sentence(vitals.health()) == (
        "scanned 2025-01-19T14:25:00Z in 0.42 s; hangs: loop; 1 part in trouble: sender"
    )


def test_the_json_says_everything_but_secrets(vitals, clock):
    vitals.ready()
    vitals.expect("sender", within_s=30)
    vitals.trouble("sender", "bot1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw is wrong")
    vitals.scanned(1_737_296_700_000, duration_s=0.4249)
    clock.now_s += 2.04
    text = health_json(vitals.health())
    assert "AAHdqTcv" not in text
    shown = json.loads(text)
    assert shown["schema"] == "snipersight.health/1"
    assert (shown["is_ready"], shown["is_healthy"], shown["is_stopping"]) == (True, True, False)
    assert shown["last_scan"] == {"as_of": "2025-01-19T14:25:00Z", "duration_seconds": 0.425}
    (part,) = shown["parts"]
    assert (part["name"], part["age_seconds"], part["within_seconds"]) == ("sender", 2.0, 30)


def test_metrics_tell_the_same(vitals, clock):
    vitals.ready()
    vitals.expect("loop", within_s=1)
    vitals.trouble("sender", "down")
    vitals.restarted("sender")
    vitals.scanned(1_737_296_700_000, duration_s=0.5)
    clock.now_s += 3
    collector = StoreCollector({"run": lambda: run_families(vitals.health())})
    lines = metrics_text(registry_of(collector)).splitlines()
    for line in (
        "snipersight_run_ready 0.0",
        "snipersight_run_healthy 0.0",
        "snipersight_run_last_scan_timestamp_seconds 1.7372967e+09",
        "snipersight_run_last_scan_duration_seconds 0.5",
        'snipersight_run_part_trouble{part="sender"} 1.0',
        'snipersight_run_part_late{part="loop"} 1.0',
        'snipersight_run_part_age_seconds{part="loop"} 3.0',
        'snipersight_run_part_restarts_total{part="sender"} 1.0',
    ):
        assert line in lines, line
    assert not [line for line in lines if "age_seconds" in line and "sender" in line]


async def test_a_loop_that_hangs_is_late_and_one_that_runs_is_not():
    vitals = Vitals()
    beating = asyncio.create_task(beat_of_loop(vitals, every_s=0.01, within_s=0.15))
    await asyncio.sleep(0.3)
    assert vitals.health().is_healthy
    time.sleep(0.3)  # noqa: ASYNC251 - this is the hang
    assert [part.name for part in vitals.health().late] == [LOOP]
    await asyncio.sleep(0.05)
    assert vitals.health().is_healthy
    beating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beating
    assert vitals.health().parts == ()
