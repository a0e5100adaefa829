"""From recorded signals to answers: `stats`, `report` and `export` on a store of the test's own."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.cli.app import app
from snipersight.domain.evidence import Ending, Origin, OutcomeStatus
from tests.builders.evidence import DECIDED_MS, a_refusal, a_scan, a_signal, an_outcome
from tests.fakes.browser import NO_BROWSER, PROGRAM, opened, running_browser

DAY_MS = 86_400_000
SIGNALS = 80


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of the test's own."""
    path = tmp_path / "home"
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(path))
    monkeypatch.setenv("COLUMNS", "120")
    return path


@pytest.fixture
def recorded(home: Path) -> Path:
    """Return a home with eighty closed signals on forty days, half of them hits, and a refusal."""
    numbers = range(SIGNALS)
    signals = [
        a_signal(
            number,
            origin=Origin.REPLAY,
            decided_ms=DECIDED_MS + number // 2 * DAY_MS,
            tier="A" if number % 2 else "C",
        )
        for number in numbers
    ]
    outcomes = [
        an_outcome(
            number,
            status=OutcomeStatus.CLOSED,
            ending=Ending.TARGETS if number % 2 else Ending.STOP,
            entered_ms=DECIDED_MS + number // 2 * DAY_MS + 1,
            ended_ms=DECIDED_MS + number // 2 * DAY_MS + 2 + number,
            gross_r=1.6 if number % 2 else -0.9,
            fees_r=0.1,
            net_r=1.5 if number % 2 else -1.0,
        )
        for number in numbers
    ]
    refusal = a_refusal(SIGNALS, origin=Origin.REPLAY, decided_ms=DECIDED_MS)
    with open_telemetry(load_settings()[0]) as telemetry:
        telemetry.evidence.record(a_scan(origin=Origin.REPLAY), [*signals, refusal])
        telemetry.evidence.save_outcomes(outcomes)
    return home


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_an_empty_store_says_what_to_do_and_is_no_error(home: Path):
    result = _run("stats")
    assert result.exit_code == 0
    assert "No signal is recorded yet" in result.stdout
    assert "snipersight scan" in result.stdout


def test_the_question_between_tiers_is_answered(recorded: Path):
    result = _run("stats")
    assert result.exit_code == 0
    assert "81 replayed signals" in result.stdout
    assert "A-tier signals do better than C-tier: +2.50R" in result.stdout


def test_machine_formats_are_alone_on_stdout(recorded: Path):
    values = json.loads(_run("stats", "--format", "json").stdout)
    assert (values["origin"], values["signals"], values["hit_rate"]["hits"]) == ("replay", 81, 40)
    rows = list(
        csv.DictReader(io.StringIO(_run("stats", "--by", "tier", "--format", "csv").stdout))
    )
    assert [(row["name"], row["closed"]) for row in rows] == [("A", "40"), ("C", "40")]
    empty = _run("stats", "--format", "csv", "--profile", "absent")
    assert "No signal matches" in empty.stderr
    assert "No signal" not in empty.stdout


def test_filters_reach_the_store(recorded: Path):
    day_two = "2023-11-15"  # signals of the second day: 2023-11-15T22:13:20
    values = json.loads(
        _run(
            *("stats", "--since", day_two, "--until", "2023-11-16", "--account", "main"),
            *("--symbol", "BTC/USDT:USDT", "--profile", "balanced", "--format", "json"),
        ).stdout
    )
    assert values["signals"] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "2024-02-01", "--until", "2024-01-01"), "ends before it begins"),
        (("--by", "gate", "--kind", "actual"), "nothing real has happened"),
        (("--since", "yesterday"), "is no time"),
        (("--symbol", "BTC"), "is not a symbol"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(home: Path, arguments, said):
    result = _run("stats", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_what_was_recorded_can_be_read_where_analytics_is_off(
    recorded: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ANALYTICS_ENABLED", "false")
    result = _run("stats", "--format", "json")
    assert json.loads(result.stdout)["signals"] == 81
    assert "ANALYTICS_ENABLED is false" in result.stderr


def test_a_store_that_cannot_be_read_is_told_with_what_to_do(recorded: Path):
    (recorded / "telemetry.db").write_bytes(b"no database " * 1000)
    result = _run("stats")
    assert result.exit_code == 4
    assert "to do:" in result.stderr


def test_the_report_is_private_and_replaces_an_older_one_whole(recorded: Path, tmp_path: Path):
    target = tmp_path / "page.html"
    target.write_text("older")
    result = _run("report", "--out", str(target))
    assert result.exit_code == 0
    assert str(target) in result.stdout
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_text().startswith("<!doctype html>")
    assert not list(tmp_path.glob(".*.part"))


def test_a_report_without_a_name_goes_to_the_home(recorded: Path):
    assert _run("report").exit_code == 0
    (written,) = (recorded / "reports").iterdir()
    assert written.suffix == ".html"


def test_a_report_that_cannot_be_written_leaves_the_older_one(recorded: Path, tmp_path: Path):
    target = tmp_path / "taken"
    target.mkdir()
    (target / "older").write_text("older")
    result = _run("report", "--out", str(target))
    assert result.exit_code == 4
    assert "--out" in result.stderr
    assert (target / "older").read_text() == "older"
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part"))


def test_an_export_holds_every_signal_and_refuses_other_endings(recorded: Path, tmp_path: Path):
    target = tmp_path / "signals.csv"
    result = _run("export", str(target))
    assert result.exit_code == 0
    with target.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 81
    assert {"symbol", "modelled_net_r", "actual_net_r"} <= set(rows[0])
    assert _run("export", str(tmp_path / "signals.xlsx")).exit_code == 2


@pytest.mark.skipif(not PROGRAM, reason=NO_BROWSER)
@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_a_phone_shows_the_page_in_its_theme_within_its_width(
    recorded: Path, tmp_path: Path, scheme: str
):
    target = tmp_path / "page.html"
    assert _run("report", "--out", str(target)).exit_code == 0
    with running_browser(tmp_path / "browser") as port:
        async with opened(port, target.as_uri()) as page:
            features = [{"name": "prefers-color-scheme", "value": scheme}]
            await page.call("Emulation.setEmulatedMedia", features=features)
            assert await page.run("document.documentElement.scrollWidth") == 390
            ground = await page.run("getComputedStyle(document.body).backgroundColor")
            assert ground == ("rgb(13, 18, 25)" if scheme == "dark" else "rgb(255, 255, 255)")
            # The policy would leave the page unstyled if it did not name this very stylesheet.
            widths = await page.run(
                "[...document.querySelectorAll('svg.narrow')].map(s => s.getBoundingClientRect())"
                ".map(r => Math.round(r.width))"
            )
            assert set(widths) == {358}
            hidden = await page.run(
                "[...document.querySelectorAll('svg.wide')].every(s => !s.checkVisibility())"
            )
            assert hidden is True
            cut = await page.run(CUT_OFF)
            assert cut == []


# Words of pictures that leave the picture's box: they would be cut off or overlap a neighbour.
CUT_OFF = """
[...document.querySelectorAll('svg.narrow')].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')]
    .filter(text => {
      const own = text.getBoundingClientRect();
      return own.left < box.left - 9 || own.right > box.right + 9;
    })
    .map(text => text.textContent);
})
"""
