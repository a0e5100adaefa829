"""Events of what commands did to an account, at the end of those commands."""

import json
import signal
import subprocess
import sys
import urllib.request

from tests.fakes.terminal import in_this_process
from tests.integration.test_cli_scan import environment

HALT = ("risk", "halt", "--account", "practice", "--reason", "lunch")


def test_a_halt_is_in_the_file_of_events_when_the_command_ends(tmp_path):
    ended = in_this_process(tmp_path, *HALT)
    assert ended.returncode == 0, ended.stderr
    in_this_process(tmp_path, "risk", "resume", "--account", "practice")
    told = [json.loads(line) for line in (tmp_path / "logs/events.jsonl").read_text().splitlines()]
    assert [(event["event"], event["name"]) for event in told] == [
        ("breaker_tripped", "operator"),
        ("breaker_released", "operator"),
    ]
    assert told[0]["sentence"] == "lunch"


def test_telemetry_that_cannot_be_used_is_one_warning_and_changes_no_exit_code(tmp_path):
    (tmp_path / "telemetry.db").write_bytes(b"no database" * 1000)
    ended = in_this_process(tmp_path, *HALT)
    assert ended.returncode == 0
    assert "Halted" in ended.stdout
    assert ended.stderr.count("warning:") == 1
    assert "events were not told" in ended.stderr


def test_without_analytics_nothing_is_told_and_no_store_made(tmp_path):
    ended = in_this_process(tmp_path, *HALT, ANALYTICS_ENABLED="false")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not (tmp_path / "telemetry.db").exists()


def test_metrics_are_served_until_somebody_ends_them(tmp_path):
    in_this_process(tmp_path, *HALT)
    serving = subprocess.Popen(
        [sys.executable, "-m", "snipersight", "metrics", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    assert serving.stdout is not None
    with serving.stdout as out:
        address = out.readline().strip()
        with urllib.request.urlopen(address, timeout=20) as answer:
            text = answer.read().decode()
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(20) == 0
    assert address.startswith("http://127.0.0.1:")
    assert 'snipersight_trading_state{account="practice",state="HALTED"} 1.0' in text
    assert 'snipersight_events_total{type="breaker_tripped"} 1.0' in text


def test_an_address_that_is_none_is_said_in_one_block(tmp_path):

    ended = in_this_process(tmp_path, "metrics", "--host", "256.1.1.1")
    assert ended.returncode != 0
    assert "metrics cannot be served" in ended.stderr
    assert "Traceback" not in ended.stderr
