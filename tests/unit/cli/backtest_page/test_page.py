"""The page of a backtest: what it says, that it is whole, and that it needs nothing but itself."""

import re

import pytest

from snipersight.bootstrap.evidence.backtest import Studied
from snipersight.cli.backtest_page.account import month_returns
from snipersight.cli.backtest_page.building import page_of
from snipersight.cli.backtest_page.parting import walked, window_days
from snipersight.cli.backtest_page.trades import drawn_trade
from snipersight.cli.backtest_writing import write_page
from snipersight.cli.report_page.rendering import Page, html_of
from snipersight.domain.evidence import OutcomeStatus
from snipersight.engine.backtesting.measuring import closed_trades, equity_of
from snipersight.performance.returns import total_return
from snipersight.storage.home import Home
from tests.builders.backtest_worlds import (
    a_world,
    long_study,
    long_world,
    some_runs,
    study_of,
    without_trades,
)
from tests.unit.cli.report_page.test_page import Reader

pytestmark = pytest.mark.slow

MADE_MS = 1_711_929_600_000


@pytest.fixture(scope="module")
def whole() -> Page:
    return page_of(long_study(some_runs(200)), long_world().arena, "testing", made_ms=MADE_MS)


def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(html_of(page))
    reader.close()
    assert not reader.open
    return reader


def test_the_verdict_comes_first_and_each_reason_with_it(whole: Page):
    study = long_study(some_runs(200))
    assert whole.answers[0].sentence == study.verdict.sentence
    (reasons,) = (one for one in whole.figures if one.key == "reasons")
    assert reasons is whole.figures[0]
    assert reasons.grid is not None
    said = [row[2].removesuffix(".").lower() for row in reasons.grid.rows]
    assert said == [one.sentence.lower() for one in study.verdict.reasons]


def test_every_figure_is_there_with_words_and_numbers(whole: Page):
    trades = {f"{kind}-{place}" for kind in ("best", "worst") for place in range(1, 6)}
    assert {one.key for one in whole.figures} == trades | {
        *("reasons", "account", "months", "spread", "costs", "random", "figures", "walk"),
        *("years", "regimes", "symbols", "funnel"),
    }
    pictures = read(whole).all("svg")
    assert len(pictures) == 2 * sum(bool(one.wide) for one in whole.figures)
    assert all(len(picture["aria-label"] or "") > 20 for picture in pictures)
    assert all(one.grid is not None and one.grid.rows for one in whole.figures)


def test_nothing_is_fetched_no_script_is_there_and_ids_are_unique(whole: Page):
    html = html_of(whole)
    reader = read(whole)
    assert not reader.all("script") + reader.all("link") + reader.all("img")
    assert not re.findall(r"https?:|@import|url\((?!#)", html)
    assert not [name for _tag, held in reader.elements for name in held if name == "style"]
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    referred = {*re.findall(r'href="#([^"]+)"', html), *re.findall(r"url\(#([^)]+)\)", html)}
    assert referred <= set(ids)


def test_without_random_runs_they_are_not_shown():
    page = page_of(long_study(), long_world().arena, "testing", made_ms=MADE_MS)
    assert "random" not in {one.key for one in page.figures}


def test_a_run_without_a_trade_has_a_page_too():
    world = without_trades(a_world(bars=48))
    page = page_of(study_of(world), world.arena, "testing", made_ms=MADE_MS)
    assert not [one for one in page.figures if one.key.startswith(("best", "worst"))]
    assert "There was no candidate" in " ".join(read(page).words)


def test_the_months_multiply_to_the_whole_return():
    equity = equity_of(long_study().result)
    grown = 1.0
    for value in month_returns(equity).values():
        grown *= 1.0 + value
    assert grown - 1.0 == pytest.approx(total_return(equity))


def test_each_trade_of_the_walk_counts_once_and_those_of_the_first_window_not_at_all():
    study = long_study()
    days, closed = window_days(study), closed_trades(study.result)
    assert days is not None
    parts = walked(study, days)
    period = equity_of(study.result).period
    first_ms = period.start_ms + days * 86_400_000
    last_ms = first_ms + int((period.end_ms - first_ms) // (days * 86_400_000)) * days * 86_400_000
    is_walked = (closed.opened_ms >= first_ms) & (closed.opened_ms < last_ms)
    assert sum(part.trades for part in parts) == int(is_walked.sum()) > 0
    assert [part.name for part in parts] == sorted(part.name for part in parts)


def test_a_period_of_two_short_months_has_no_walk():
    assert window_days(study_of(a_world(bars=24 * 40))) is None


def test_best_and_worst_are_of_different_trades_in_order(whole: Page):
    titles = [one.title for one in whole.figures if one.key.startswith(("best", "worst"))]
    results = [float(one.partition(": ")[2].removesuffix("R").replace("−", "-")) for one in titles]
    every = sorted(
        round(one.outcome.net_r, 2)
        for one in long_study().result.trades
        if one.outcome.status is OutcomeStatus.CLOSED
    )
    assert results == pytest.approx([*every[:-6:-1], *every[:5]], abs=0.011)


def test_a_drawn_trade_shows_where_the_stop_lay_and_what_was_sold():
    trade = next(one for one in long_study().result.trades if len(one.steps) > 1)
    drawn = drawn_trade(trade)
    assert drawn.stops[0][1] == float(trade.plan.stop_loss.price)
    assert len(drawn.deals) == sum((s.entered > 0) + (s.closed > 0) for s in trade.steps)
    assert drawn.deals[0].is_entry
    assert not drawn.deals[-1].is_entry


def test_a_written_page_is_private_and_replaces_an_older_one(tmp_path):
    world = a_world(bars=72)
    done = Studied(study=study_of(world), world=world)
    target = tmp_path / "page.html"
    target.write_text("old")
    write_page(done, Home(tmp_path / "home"), out=target)
    assert target.read_text().startswith("<!doctype html>")
    assert target.stat().st_mode & 0o777 == 0o600
    named = write_page(done, Home(tmp_path / "home"), out=None)
    assert named.parent == tmp_path / "home" / "reports"
    assert named.name.startswith("backtest-testing-")
