"""What `stats` says of the twelve signals that are worked out by hand."""

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from snipersight.bootstrap.findings import Findings, find
from snipersight.bot.telemetry.evidence_view import EvidenceView
from snipersight.cli.evidence_options import By
from snipersight.cli.stats_document import breakdown, overview
from snipersight.cli.stats_text import markdown_lines, print_document
from snipersight.cli.stats_values import stats_csv, stats_json
from snipersight.domain.evidence import EvidenceFilter, Kind, Origin, ScanCount
from snipersight.domain.statistics import Enough
from tests.builders.evidence import a_scan
from tests.builders.evidence_sets import (
    SetStore,
    changed,
    filled,
    joined,
    no_signals,
    scans_made_up,
    signals_made_up,
)
from tests.builders.worked_evidence import worked_table

SCAN: ScanCount = a_scan(
    funnel={"no_setup": 20, "gated:min_score": 4, "rejected:max_total": 2, "approved": 4}
)
ANYTHING = Enough(closed=1, days=1)

# Eight of the approved signals closed: 2, −1, 1.5, −1, −1, −0.5, 0.5 and 0 R, together +0.5 R,
# +0.06 R each; three of them hit, 38 %. Tier A: 2, 1.5 and −0.5, tier C: −1, −1 and 0.
OVERVIEW = """\
12 live signals
Decided 2024-06-26 00:00 to 2024-07-03 00:00 UTC, modelled outcomes, net of costs.

Do A-tier signals do better than C-tier, net of costs, and how sure are we?
  A-tier: too few to say: 3 closed, 30 needed; C-tier: too few to say: 3 closed, 30 needed.

What does a signal bring?
  Too few to say: 8 closed, 30 needed.

How many hit?
  Too few to say: 8 closed, 30 needed; beside them 1 open, 1 missed, 1 expired.

What has a score meant?
  Too little evidence: 8 closed, 30 needed.

Is something off?
  No alarm; too little history to compare the present with.

Tiers
tier  signals  approved  closed  hit rate  expectancy  planned  median MAE  median MFE
A           5         4       3   too few     too few    2.12R           –           –
B           3         3       2   too few     too few    2.17R           –           –
C           4         4       3   too few     too few    2.00R           –           –

Results in R, net of costs
Too few to say: 8 closed, 30 needed.
of all results   net R
worst           −1.00R
best            +2.00R
average              –

Planned reward to risk
The average plan of 11 is for 2.09R, the middle one for 2.00R.

How candidates ended
4 of 30 candidates in 1 scan were approved (13.3 %).
ended               candidates  of those that came as far    share
no_setup                    20                         30   66.7 %
gated:min_score              4                         10   40.0 %
rejected:max_total           2                          6   33.3 %
approved                     4                          4  100.0 %
"""


@pytest.fixture
def findings() -> Findings:
    return find(SetStore(worked_table(), counts=[SCAN]), EvidenceFilter())


def shown(document, *, width: int = 110) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False)
    print_document(document, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def told(findings: Findings) -> Findings:
    """Return the findings as if a single closed signal were enough to say something."""
    view = EvidenceView(
        origin=findings.view.origin, table=findings.table, scans=[SCAN], enough=ANYTHING
    )
    return replace(findings, view=view)


def test_the_overview_of_too_few_says_so_and_prints_no_percentage_of_them(findings):
    assert shown(overview(findings)) == OVERVIEW


def test_setups_that_count_more_than_once_are_told():
    table = worked_table()
    twice = changed(table, setup_id=filled(table.setup_id, "one"))
    text = shown(overview(find(SetStore(twice), EvidenceFilter())), width=300)
    assert "11 approved signals of 1 setup: one that several accounts, profiles" in text


def test_with_enough_the_numbers_are_those_worked_by_hand(findings):
    text = shown(overview(told(findings)))
    assert "38 % of 8 closed signals hit" in text
    assert "+0.06R a closed signal on average" in text
    tiers = [line.split() for line in text.splitlines() if line.startswith(("A ", "B ", "C "))]
    assert [(row[0], row[3], row[4]) for row in tiers if row[1] != "less"] == [
        ("A", "3", "67"),
        ("B", "2", "50"),
        ("C", "3", "0"),
    ]


def test_a_window_of_eighty_columns_has_the_table_without_its_last_columns(findings):
    text = shown(breakdown(told(findings), By.TIER), width=80)
    assert "expectancy" in text
    assert "median" not in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize("width", [30, 45, 62])
def test_nothing_is_cut_off_in_a_narrow_window(by, width):
    found = find(SetStore(signals_made_up(400), counts=scans_made_up()), EvidenceFilter())
    text = shown(breakdown(found, by), width=width)
    assert "…" not in text
    # A part of a row that is longer than the window stands alone on its line and wraps.
    assert max(map(len, text.splitlines())) <= width


def test_a_gate_is_told_by_what_it_refused(findings):
    lines = shown(breakdown(told(findings), By.GATE)).splitlines()
    (row,) = (line.split() for line in lines if line.startswith("gated:min_score"))
    assert row[:3] == ["gated:min_score", "1", "1"]
    assert any(line.startswith("- gated:min_score: too few to say") for line in lines)


def test_factors_are_told_as_groups(findings):
    document = breakdown(findings, By.FACTOR)
    grid = document.sections[0].grid
    assert grid is not None
    assert {row[0] for row in grid.rows} >= {"sweep: absent", "sweep: present"}


def test_without_a_signal_the_next_step_is_told():
    text = shown(overview(find(SetStore(no_signals()), EvidenceFilter())))
    assert "No signal is recorded yet" in text
    assert "snipersight scan" in text


def test_a_filter_that_matches_nothing_is_told_apart_from_an_empty_store():
    found = find(SetStore(worked_table()), EvidenceFilter(profile="absent"))
    assert "No signal matches" in shown(overview(found))


def test_origins_are_never_mixed_and_what_is_left_out_is_told():
    live = signals_made_up(20, origin=Origin.LIVE)
    found = find(SetStore(joined(live, signals_made_up(50))), EvidenceFilter())
    assert len(found.table) == 20
    text = shown(overview(found))
    assert "20 live signals" in text
    assert "50 replayed signals left out; `--origin replay` shows them." in text


def test_signals_that_nobody_has_followed_say_what_looks_at_them():
    table = worked_table()
    waiting = changed(table, status=filled(table.status, "waiting"))
    text = shown(overview(find(SetStore(waiting), EvidenceFilter())))
    assert "snipersight outcomes" in text


def test_json_is_one_object_without_a_number_where_there_is_too_little(findings):
    values = json.loads(json.dumps(stats_json(findings, None), allow_nan=False))
    assert values["schema"] == "snipersight.stats/1"
    assert (values["origin"], values["kind"]) == ("live", "modelled")
    assert (values["signals"], values["approved"]) == (12, 11)
    assert (values["first"], values["last"]) == ("2024-06-26T00:00:00Z", "2024-07-03T00:00:00Z")
    assert (values["hit_rate"]["hits"], values["hit_rate"]["closed"]) == (3, 8)
    assert values["hit_rate"]["rate"] is None
    assert values["tier_comparison"]["difference"] is None


@pytest.mark.parametrize("by", list(By))
def test_json_of_groups_names_the_property(findings, by):
    values = json.loads(json.dumps(stats_json(findings, by), allow_nan=False))
    assert values["by"] == by
    assert values["groups"]


def test_csv_has_all_signals_first_and_empty_cells_for_too_little(findings):
    rows = list(csv.DictReader(io.StringIO(stats_csv(findings, None))))
    assert [row["name"] for row in rows] == ["all", "A", "B", "C"]
    assert (rows[0]["signals"], rows[0]["hits"], rows[0]["hit_rate"]) == ("12", "3", "")
    worked = list(csv.DictReader(io.StringIO(stats_csv(told(findings), None))))
    assert float(worked[0]["hit_rate"]) == 3 / 8
    assert float(worked[0]["mean_r"]) == 0.5 / 8


def test_csv_of_gates_has_columns_of_its_own(findings):
    (row,) = csv.DictReader(io.StringIO(stats_csv(findings, By.GATE)))
    assert (row["name"], row["refused"], row["closed"]) == ("gated:min_score", "1", "1")


def test_a_name_that_a_spreadsheet_would_compute_is_text():
    table = worked_table()
    symbol = filled(table.symbol, "=1+1/USDT")
    found = find(SetStore(changed(table, symbol=symbol)), EvidenceFilter())
    (row,) = csv.DictReader(io.StringIO(stats_csv(found, By.SYMBOL)))
    assert row["name"] == "'=1+1/USDT"


def test_markdown_escapes_names_and_keeps_tables(findings):
    table = worked_table()
    symbol = filled(table.symbol, "A|<b>/USDT")
    found = find(SetStore(changed(table, symbol=symbol)), EvidenceFilter())
    text = "\n".join(markdown_lines(breakdown(found, By.SYMBOL)))
    assert "| A\\|\\<b\\>/USDT |" in text
    assert "# 12 live signals" in text


def test_actual_outcomes_are_named_as_such():
    found = find(SetStore(no_signals(), actual=worked_table()), EvidenceFilter(kind=Kind.ACTUAL))
    text = shown(overview(found))
    assert "actual outcomes" in text
    assert "Signals that nobody has traded count as waiting." in text
