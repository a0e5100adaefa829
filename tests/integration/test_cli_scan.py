"""Whole scans of the built-in market and of files, through the command line."""

import json
import os
import pty
import select
import signal
import stat
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from snipersight.bootstrap.settings import VARIABLES
from tests.fakes.terminal import in_this_process

WHEN = "2024-06-07"
SCAN = ("scan", "--symbols", "BTC/USDT,ETH/USDT", "--as-of", WHEN)
RECORDED = Path(__file__).parents[2].parent / "shared/data/ohlcv/a_permissive"


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment with a home of its own and no settings of the developer."""
    names = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return names | {"SNIPERSIGHT_HOME": str(home)} | more


def in_a_process(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end, as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "snipersight", *arguments],
        capture_output=True,
        text=True,
        timeout=110,
        env=environment(home, **more),
        check=False,
    )


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def test_json_is_one_valid_object_on_stdout_and_nothing_else(home):
    ended = in_this_process(home, *SCAN, "--format", "json")
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    schema = json.loads((files("snipersight.cli.schemas") / "scan-1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(report)
    assert report["as_of"] == "2024-06-07T00:00:00Z"
    assert report["universe"] == ["BTC/USDT", "ETH/USDT"]
    counted = sum(row["count"] for row in report["funnel"])
    assert counted == report["plans_found"] + len(report["refusals"]) >= 2
    assert ended.stderr.count("No notification channel is configured") == 1


def test_the_same_scan_in_another_process_and_with_other_workers_is_the_same_text(home, tmp_path):
    first = in_this_process(home, *SCAN, "--format", "json")
    second = in_a_process(tmp_path / "elsewhere", *SCAN, "--format", "json", "--workers", "4")
    assert first.stdout == second.stdout
    other = in_this_process(home, *SCAN, "--format", "json", "--seed", "8")
    assert other.stdout != first.stdout


def test_a_piped_table_has_no_colours_and_the_funnel_adds_up(home):
    ended = in_this_process(home, *SCAN, "--no-notify")
    assert ended.returncode == 0
    assert "\x1b" not in ended.stdout + ended.stderr
    assert "together" in ended.stdout
    assert "sandbox · as of 2024-06-07 00:00 UTC" in ended.stdout
    assert "notification" not in ended.stderr


def test_markdown_is_written_for_pasting(home):
    ended = in_this_process(home, *SCAN, "--format", "markdown")
    assert ended.stdout.startswith("# Scan of sandbox")


def test_a_scan_leaves_a_private_log_whose_lines_carry_its_name(home):
    report = json.loads(in_this_process(home, *SCAN, "--format", "json").stdout)
    for name in ("snipersight.jsonl", "events.jsonl"):
        assert stat.S_IMODE((home / "logs" / name).stat().st_mode) == 0o600
        ids = {line["context_id"] for line in lines_of(home / "logs" / name)}
        assert ids == {report["context_id"]}
    events = [line["event"] for line in lines_of(home / "logs" / "events.jsonl")]
    assert (events[0], events[-1]) == ("scan_started", "scan_finished")


def test_without_analytics_no_events_are_kept(home):
    in_this_process(home, *SCAN, ANALYTICS_ENABLED="false")
    assert not (home / "logs" / "events.jsonl").exists()


def test_a_home_that_cannot_be_written_is_said_once_and_the_scan_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    ended = in_this_process(tmp_path / "file" / "home", *SCAN, "--format", "json")
    assert ended.returncode == 4  # nothing could be approved
    assert ended.stderr.count("cannot write to the home folder") == 1
    assert ended.stderr.count("no plan is approved, because no verdict can be recorded") == 1
    report = json.loads(ended.stdout)
    assert report["universe"] == ["BTC/USDT", "ETH/USDT"]
    assert "no plan is approved" in " ".join(report["warnings"])


def test_an_unknown_symbol_does_not_stop_the_others_and_the_exit_code_tells(home):
    ended = in_this_process(
        home, "scan", "--symbols", "BTC/USDT,BTCX/USDT", "--as-of", WHEN, "--format", "json"
    )
    assert ended.returncode == 3
    assert "BTCX/USDT is left out" in ended.stderr
    assert json.loads(ended.stdout)["universe"] == ["BTC/USDT"]


def test_only_unknown_symbols_are_a_failure(home):
    ended = in_this_process(home, "scan", "--symbols", "BTCX/USDT", "--as-of", WHEN)
    assert ended.returncode in (2, 4)
    assert "BTCX/USDT" in ended.stderr


def test_a_watch_list_is_scanned_by_name(home):
    home.mkdir()
    (home / "watchlists.toml").write_text('mine = ["SOL/USDT", "BTC/USDT"]\n')
    ended = in_this_process(home, "scan", "--symbols", "@mine", "--as-of", WHEN, "--format", "json")
    assert json.loads(ended.stdout)["universe"] == ["SOL/USDT", "BTC/USDT"]
    assert in_this_process(home, "scan", "--symbols", "@yours", "--as-of", WHEN).returncode == 2


def test_the_built_in_market_can_be_looked_at_in_the_future(home):
    ended = in_this_process(
        home, "scan", "--symbols", "BTC/USDT", "--as-of", "2035-01-01", "--format", "json"
    )
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["as_of"] == "2035-01-01T00:00:00Z"


def test_balance_and_risk_reach_the_report(home):
    ended = in_this_process(
        home, *SCAN, "--balance", "2500.50", "--risk", "0.5%", "--format", "json"
    )
    report = json.loads(ended.stdout)
    assert report["account"]["equity"] == "2500.5"
    assert report["profile"]["risk_fraction"] == "0.005"


def test_a_profile_above_the_risk_limit_is_lowered_aloud(home):
    ended = in_this_process(home, *SCAN, "--format", "json", MAX_RISK_PER_TRADE="0.002")
    assert "MAX_RISK_PER_TRADE" in ended.stderr
    assert json.loads(ended.stdout)["profile"]["risk_fraction"] == "0.002"


@pytest.mark.parametrize("symbol", ["BTC/USDT", "ETH/USDT"])
def test_explain_shows_what_every_timeframe_knows(home, symbol):
    ended = in_this_process(home, "explain", symbol, "--as-of", WHEN)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(f"{symbol} · sandbox · as of 2024-06-07 00:00 UTC")
    for part in ("Verdict:", "trigger 2h", "zone 4h", "bias 1d", "What was judged"):
        assert part in ended.stdout


def test_explain_as_json_is_one_object(home):
    ended = in_this_process(home, "explain", "ETH/USDT", "--as-of", WHEN, "--format", "json")
    values = json.loads(ended.stdout)
    assert values["schema"] == "snipersight.explain/1"
    assert set(values["readings"]) == {"trigger", "zone", "bias"}


def test_explain_of_an_unknown_symbol_names_near_ones(home):
    ended = in_this_process(home, "explain", "BTCX/USDT", "--as-of", WHEN)
    assert ended.returncode == 2
    assert "BTC/USDT" in ended.stderr


def test_secrets_of_the_settings_appear_nowhere(home):
    ended = in_this_process(
        home,
        *SCAN,
        TELEGRAM_BOT_TOKEN="123456789:secret-token-value-0123456789abcdef",
        TELEGRAM_CHAT_ID="-1001",
        LOG_LEVEL="DEBUG",
    )
    written = "".join(path.read_text() for path in (home / "logs").iterdir())
    assert "secret-token-value" not in ended.stdout + ended.stderr + written
    assert "the past is no news" in ended.stderr


def read_terminal(home: Path, *arguments: str, **more: str) -> str:
    """Run the program on a terminal and return everything it drew."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "snipersight", *arguments],
        stdin=child,
        stdout=child,
        stderr=child,
        env=environment(home, TERM="xterm-256color", COLUMNS="140", **more),
    )
    os.close(child)
    drawn = b""
    while process.poll() is None or select.select([parent], [], [], 0)[0]:
        if select.select([parent], [], [], 0.1)[0]:
            try:
                drawn += os.read(parent, 65536)
            except OSError:  # the terminal is gone with its last writer
                break
    process.wait(timeout=100)
    os.close(parent)
    return drawn.decode()


def test_a_terminal_gets_colours_and_a_passing_progress_bar(home):
    drawn = read_terminal(home, *SCAN)
    assert "\x1b[1m" in drawn
    assert "universe" in drawn


def test_no_color_is_respected_on_a_terminal(home):
    drawn = read_terminal(home, *SCAN, NO_COLOR="1")
    assert "\x1b[31m" not in drawn
    assert "\x1b[32m" not in drawn


def test_an_interrupt_ends_quietly(home):
    process = subprocess.Popen(
        [sys.executable, "-m", "snipersight", "scan", "--symbols", "top40", "--as-of", WHEN],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home),
    )
    log = home / "logs" / "snipersight.jsonl"
    until = time.monotonic() + 60
    while not log.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert out == ""


@pytest.mark.recorded
def test_recorded_candles_are_scanned_and_drawn(home, tmp_path):
    data = RECORDED / "binance_spot_5m_2024"
    if not data.exists():
        pytest.skip("needs recorded candles in ../shared/data")
    pictures = tmp_path / "pictures"
    arguments = ("--data", str(data), "--as-of", WHEN, "--profile", "aggressive")
    ended = in_this_process(home, "scan", *arguments, "--format", "json", "--charts", str(pictures))
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert report["venue"] == "binance"
    for plan in report["plans"]:
        assert Path(plan["chart"]).read_bytes().startswith(b"\x89PNG")
