"""The service files hold what systemd's own checkers ask, and start what exists."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fakes.command_lines import parses

FOLDER = Path(__file__).parents[2] / "deploy/systemd"
PROGRAM = "/opt/snipersight/.venv/bin/snipersight"
SERVICES = sorted(path.name for path in FOLDER.glob("*.service"))
MOST_EXPOSURE = 15  # tenths, as `systemd-analyze security` counts: 0 is safe, 100 is not
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs systemd-analyze: apt install systemd"
)


def lines_of(name: str, key: str) -> list[str]:
    text = (FOLDER / name).read_text()
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path):
    program = tmp_path / "snipersight"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = []
    for path in FOLDER.iterdir():
        units.append(tmp_path / path.name)
        units[-1].write_text(path.read_text().replace(PROGRAM, str(program)))
    checked = analyze("verify", "--man=no", *map(str, units))
    assert (checked.returncode, checked.stderr, checked.stdout) == (0, "", "")


@needs_systemd
def test_a_wrong_unit_would_be_noticed(tmp_path):
    unit = tmp_path / "snipersight.service"
    unit.write_text((FOLDER / "snipersight.service").read_text().replace("Type=", "Tpye="))
    assert "Tpye" in analyze("verify", "--man=no", str(unit)).stderr


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_do_little_beyond_its_work(name):
    options = ("--offline=true", f"--threshold={MOST_EXPOSURE}")
    checked = analyze("security", *options, str(FOLDER / name))
    assert checked.returncode == 0, checked.stdout
    bare = analyze("security", "--offline=true", "--threshold=1", str(FOLDER / name))
    assert bare.returncode != 0


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_starts_is_a_command_of_ours(name):
    started = lines_of(name, "ExecStart")
    assert started
    (options,) = re.findall(r'"RUN_OPTIONS=([^"]*)"', (FOLDER / name).read_text()) or [""]
    for line in started:
        assert line.startswith(f"{PROGRAM} ")
        assert parses(line.replace("$RUN_OPTIONS", options))


def test_the_bot_is_watched_started_again_and_given_time_to_end():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(FOLDER / "snipersight.service")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) >= 30  # the loop is late after 20
    assert (service["Restart"], unit["Unit"]["StartLimitIntervalSec"]) == ("on-failure", "0")
    assert int(service["RestartSec"]) >= 5
    assert int(service["TimeoutStopSec"]) >= 30
    assert service["RestartPreventExitStatus"] == "2"


def test_the_shipped_service_risks_no_money():
    (options,) = re.findall(r'"RUN_OPTIONS=([^"]*)"', (FOLDER / "snipersight.service").read_text())
    assert "dry-run" in options
    assert "live" not in options
