"""What `stats` does not load: it would take longer than the statistics."""

import subprocess
import sys

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from tests.builders.evidence import a_scan, a_signal

_PROGRAM = """
import sys
from typer.testing import CliRunner
from snipersight.cli.app import app
assert CliRunner().invoke(app, ["stats", "--format", "json"]).exit_code == 0
names = sys.argv[1].split()
print([name for name in names if name in sys.modules])
"""
_NEEDLESS = (
    "alembic ccxt cryptography loguru matplotlib numba polars psycopg scipy talib"
    " snipersight.storage.decision_store snipersight.storage.key_value"
)


def test_statistics_load_nothing_that_they_do_not_use(tmp_path, monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path))
    with open_telemetry(load_settings()[0]) as telemetry:
        telemetry.evidence.record(a_scan(), [a_signal()])

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, _NEEDLESS], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"
