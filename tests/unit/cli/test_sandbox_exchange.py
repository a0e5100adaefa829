"""`snipersight sandbox exchange`: its amounts and the settings that it prints."""

import signal
import subprocess
import sys
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from snipersight.bootstrap.settings import Settings
from snipersight.cli.sandbox import app
from snipersight.cli.sandbox_exchange import money_of
from snipersight.domain.errors import ConfigInvalid


@pytest.mark.parametrize("written", ["", "much", "0", "-5", "NaN", "Infinity"])
def test_what_is_no_money_is_refused(written: str):
    with pytest.raises(ConfigInvalid, match="no amount"):
        money_of(written)


def test_money_is_exact():
    assert money_of("10000.10") == Decimal("10000.10")


def test_help_names_the_options():
    shown = CliRunner().invoke(app, ["exchange", "--help"], env={"COLUMNS": "120"}).output
    for name in ("--port", "--market", "--faults", "--time-scale", "--balance", "--folder"):
        assert name in shown


def test_an_impossible_time_scale_is_an_error_with_its_code():
    result = CliRunner().invoke(app, ["exchange", "--time-scale", "0"])
    assert result.exit_code != 0


def test_it_prints_settings_that_settings_accept_and_ends_on_a_signal():
    command = [sys.executable, "-m", "snipersight", "sandbox", "exchange", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        printed = [run.stdout.readline().strip() for _ in range(8)]
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 0, said
    assert "requests answered" in said
    pairs = dict(line.split("=", 1) for line in printed if not line.startswith("#"))
    settings = Settings(**{name.lower(): value for name, value in pairs.items()})  # type: ignore[arg-type]
    assert settings.gateway_address is not None
    assert str(settings.environment) == "demo"
    assert printed[-1].startswith("# report: http://127.0.0.1:")
