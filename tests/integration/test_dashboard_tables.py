"""The tables of evidence, audit and system hold what the store holds, word by word."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from snipersight.bootstrap.access.tokens import make_token
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.evidence.runs import record_run
from snipersight.bootstrap.settings import Settings
from snipersight.domain.access import Scope
from snipersight.domain.wording import percent, signed_percent
from snipersight.storage.home import Home
from snipersight.storage.kept_runs import KeptRun, RunFolder
from snipersight.storage.kept_sweeps import KeptSweep, SweepFolder
from tests.builders import DECIDED_AT_MS
from tests.builders.backtest_worlds import a_world, study_of
from tests.builders.sweeps import a_request, swept, write_candles
from tests.fakes.dashboard_desk import PHONE, hurdles
from tests.fakes.dashboard_home import APPROVED, REFUSED, dashboard_home
from tests.fakes.dashboard_live import LiveDesk, open_live_desk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="apt install chromium"),
]

FITS = "document.documentElement.scrollWidth <= innerWidth"
LINES = 130  # more than a page of the log
FAILED = {
    "timestamp": "2026-05-30T05:00:00Z",
    "level": "ERROR",
    "message": "signal_rejected",
    "module": "snipersight.engine",
    "context_id": "scan-9",
    "symbol": "BNB/USDT:USDT",
    "plan_id": str(REFUSED.plan_id),
    "reason": "rejected:max_total",
    "api_key": "never-to-be-shown",
    "exception": "Traceback (most recent call last):\n  a line\nValueError: broken",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """A desk with what its store holds."""

    desk: LiveDesk
    token: str
    alone: tuple[KeptRun, ...]
    sweep: KeptSweep
    runs: dict[str, KeptRun]


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Iterator[Told]:
    folder: Path = tmp_path_factory.mktemp("tables")
    (folder / "disk").mkdir()
    database = f"sqlite:///{folder}/disk/snipersight.db"
    with dashboard_home(folder / "home", database=database) as settings, ExitStack() as stack:
        alone = _keep_runs(settings, folder)
        _log(settings)
        desk = stack.enter_context(
            open_live_desk(folder, began_ms=DECIDED_AT_MS, database=database)
        )
        with open_books(settings, account_id=None, follows_balance=False) as books:
            token: str = make_token(books, "laptop", Scope.ADMIN).secret
        kept = Home(settings.snipersight_home).backtests
        (sweep,) = SweepFolder.beside(kept).all()
        runs = {one.run_id: one for one in RunFolder(kept).all()}
        desk.begin_dashboard()
        yield Told(desk=desk, token=token, alone=alone, sweep=sweep, runs=runs)


def _keep_runs(settings: Settings, folder: Path) -> tuple[KeptRun, ...]:
    """Keep a sweep of four runs and two backtests that differ in a rule; return the latter."""
    kept = Home(settings.snipersight_home).backtests
    varied = ("planner.stop_buffer_atr=0.1,1", "gates.max_range_position=0.5,1")
    swept(a_request(write_candles(folder), *varied), folder / "scratch", kept_in=kept)
    made = [
        record_run(study_of(one), one, kept)
        for one in (a_world(bars=240), a_world(bars=240, time_stop_hours="5"))
    ]
    return tuple(one for one in made if one is not None)


def _log(settings: Settings) -> None:
    log = settings.snipersight_home / "logs" / "snipersight.jsonl"
    plain = [{"level": "INFO", "message": f"line {at}"} for at in range(LINES)]
    log.write_text("".join(json.dumps(one) + "\n" for one in (*plain, FAILED)))


def table_of(page: Page, caption: str) -> list[dict[str, str]]:
    """Return the rows of a table by its headlines."""
    table = page.locator(f"table:has(caption:text-is('{caption}'))")
    table.locator("tbody tr").first.wait_for()
    names = table.locator("th").all_text_contents()
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def figures(run: KeptRun) -> dict[str, str]:
    """Return some of a run's figures as a page must say them."""
    held = run.metrics
    return {
        "Trades": f"{held['trades']:,.0f}",
        "Return": signed_percent(held["total_return"] or 0.0),
        "Drawdown": percent(held["deepest_drawdown"] or 0.0),
        "Sharpe": f"{held['sharpe']:.2f}".replace("-", "−"),
    }


def test_backtests_are_told_with_their_return_and_drawdown(told):
    with told.desk.visit(told.token, "/evidence") as page:
        rows = table_of(page, "Backtests")
        assert len(rows) == 2  # those of the sweep stand with it
        for run, row in zip(reversed(told.alone), rows, strict=True):
            assert row["Run"].startswith(f"{run.profile} {run.run_id[:8]}")
            assert {name: row[name] for name in figures(run)} == figures(run)


def test_a_sweep_stands_together_with_what_was_varied_and_what_it_said(told):
    with told.desk.visit(told.token, "/evidence") as page:
        rows = table_of(page, f"Runs of the sweep of {told.sweep.profile}, best Sharpe first")
        by_id = {one.run_id[:8]: one for one in told.sweep.runs}
        assert len(rows) == len(told.sweep.runs) == 4
        for row in rows:
            swept_run = by_id[row["Run"][:8]]
            assert tuple(row[name] for name in told.sweep.varied) == swept_run.values
            run = told.runs[swept_run.run_id]
            assert {name: row[name] for name in figures(run)} == figures(run)
        ratios = [told.runs[by_id[row["Run"][:8]].run_id].metrics["sharpe"] for row in rows]
        assert ratios == sorted(ratios, reverse=True)
        whole = page.inner_text(f"section[aria-label='Sweep of {told.sweep.profile}']")
        assert f"{told.sweep.trials} trials on these candles" in whole
        for question, said in told.sweep.answers:
            assert question in whole
            assert said[1:].rstrip(".") in whole
        page.set_viewport_size(PHONE)
        widths = page.eval_on_selector_all(
            ".answers dd", "all => all.map((one) => one.clientWidth)"
        )
        assert min(widths) > PHONE["width"] / 2


def test_chosen_runs_are_laid_side_by_side_with_their_differences(told):
    base, other = told.alone
    with told.desk.visit(told.token, "/evidence") as page:
        table_of(page, "Backtests")
        for run in (base, other):
            page.check(f"input[name=run][value='{run.run_id}']")
        page.click("section[aria-label='Backtests'] button:text('Compare')")
        page.wait_for_url("**/evidence?*run=*")
        first, second = other, base  # as they stand in the list
        rows = {one.pop("Figure"): one for one in table_of(page, "Side by side")}
        gain = (second.metrics["total_return"] or 0) - (first.metrics["total_return"] or 0)
        told_gain = signed_percent(gain).removesuffix(" %")
        assert rows["Return"][f"{first.profile} {first.run_id[:8]}"] == figures(first)["Return"]
        assert rows["Return"]["Difference"] == f"{told_gain} pp"
        assert page.locator("text=Not the same ground").count() == 0
        assert hurdles(page) == []
        swept_id = told.sweep.runs[0].run_id
        page.goto(f"{told.desk.url}/evidence?run={base.run_id}&run={swept_id}")
        page.wait_for_selector("text=Not the same ground")
        page.set_viewport_size(PHONE)
        assert page.evaluate(FITS)


@pytest.mark.parametrize("symbol", ["btc", "BTC/USDT", "btc/usd"])
def test_the_audit_is_searched_by_how_a_symbol_begins(told, symbol):
    with told.desk.visit(told.token, f"/audit?account=main&kind=decision&symbol={symbol}") as page:
        rows = table_of(page, "Records of the audit, newest first")
        assert len(rows) == 3
        assert all(APPROVED.symbol in row["What"] for row in rows)


def test_the_audit_is_searched_by_who_and_when(told):
    caption = "Records of the audit, newest first"
    with told.desk.visit(told.token, "/audit?account=main&actor=CLI") as page:
        assert {row["By"] for row in table_of(page, caption)} == {"cli"}
        day = table_of(page, caption)[0]["When"][:10]
        page.goto(f"{told.desk.url}/audit?account=main&actor=cli&since={day}&until={day}")
        assert {row["When"][:10] for row in table_of(page, caption)} == {day}
        page.goto(f"{told.desk.url}/audit?account=main&actor=cli&until=2001-01-01")
        page.wait_for_selector("text=No such record")
        assert page.input_value("input[name=until]") == "2001-01-01"


def test_a_record_unfolds_and_is_judged_again_beside_its_row(told):
    with told.desk.visit(told.token, "/audit?account=main&kind=decision") as page:
        row = page.locator(f"tr:has(a[href*='{APPROVED.plan_id}'])")
        row.locator("summary").click()
        body = row.locator("pre")
        body.locator("span").first.wait_for()
        assert f'"plan_id": "{APPROVED.plan_id}"' in body.inner_text()
        row.locator("text=Judge again").click()
        row.locator(".answer .chip.good").wait_for()
        assert page.locator(".answer .chip").count() == 1
        assert hurdles(page) == []


def test_a_line_of_the_log_is_told_with_its_fields_and_its_exception(told):
    with told.desk.visit(told.token, "/system?q=bnb") as page:
        (row,) = table_of(page, "Log")
        assert (row["Level"], row["Context"]) == ("ERROR", "scan-9")
        for name in ("symbol", "plan_id", "reason"):
            assert f"{name} {FAILED[name]}" in row["What"].replace("\n", " ")
        assert "never-to-be-shown" not in page.content()
        page.click("summary:text('Exception')")
        page.wait_for_selector("pre span")
        assert page.inner_text("pre").split("\n") == FAILED["exception"].split("\n")
        assert hurdles(page) == []
        page.set_viewport_size(PHONE)
        assert page.evaluate(FITS)


def test_older_lines_of_the_log_are_reached(told):
    with told.desk.visit(told.token, "/system") as page:
        newest = [row["What"].split("\n")[0] for row in table_of(page, "Log")]
        page.click("text=Older lines")
        page.wait_for_url("**before=*")
        older = [row["What"].split("\n")[0] for row in table_of(page, "Log")]
        assert newest + older == [
            "signal_rejected",
            *(f"line {at}" for at in reversed(range(LINES))),
        ]


def test_markets_and_gates_are_told_in_whole_words(told):
    with told.desk.visit(told.token, "/evidence?account=main") as page:
        markets = {row["Group"] for row in table_of(page, "By market")}
        assert "BTC/USDT:USDT" in markets
        assert "gated:" not in page.inner_text("main").replace("gated: ", "")
