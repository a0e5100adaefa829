"""A signal followed from its first appearance to its end on the dashboard, whatever dies meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from snipersight.domain.access import Scope
from snipersight.domain.timeframe import MINUTE_MS
from tests.fakes.dashboard_desk import LAPTOP, PATIENCE_MS, PHONE, hurdles
from tests.fakes.dashboard_live import LiveDesk, open_live_desk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),  # the first process compiles the detectors
    pytest.mark.skipif(shutil.which("chromium") is None, reason="apt install chromium"),
]

DECIDED_MS = 1_780_128_900_000  # 2026-05-30T08:15, when a short is planned
HELD_MS = DECIDED_MS + 81 * MINUTE_MS  # its entries were reached six minutes before
OVER_MS = DECIDED_MS + 105 * MINUTE_MS  # its stop was reached ten minutes before
RUN = (
    *("--symbols", "DOGE/USDT:USDT", "--profile", "aggressive"),
    *("--mode", "paper", "--approve", "--time-scale", "10"),
)
ROW = "a[data-row]"
ORDERS = "section[aria-label='Orders']"
FITS = "document.documentElement.scrollWidth <= innerWidth"
GONE = "!document.querySelector('.notice')"
NO_CONNECTION = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_CONTENT_LENGTH",
    "WebSocket",
    "Failed to fetch",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[LiveDesk]:
    began_ms = DECIDED_MS - MINUTE_MS // 2
    with open_live_desk(tmp_path_factory.mktemp("live"), began_ms=began_ms) as opened:
        yield opened


@pytest.fixture(scope="module")
def page(desk) -> Iterator[Page]:
    """Return the page of somebody who is there all the time."""
    token = desk.token("laptop", Scope.ADMIN)
    desk.begin_bot(*RUN, at_ms=desk.began_ms)
    desk.begin_dashboard()
    with desk.visit(token) as opened:
        yield opened


@pytest.fixture(scope="module")
def approved(page) -> str:
    """Wait for a signal, open it and approve it; return its address."""
    page.click(ROW)  # it appears by itself
    page.wait_for_selector(".candles canvas")
    page.click(".decide >> text=Approve")
    page.click("dialog#say-approve button.good")
    path: str = page.evaluate("location.pathname")
    return path


@pytest.fixture(scope="module")
def held(desk: LiveDesk, page: Page, approved: str) -> str:
    """Kill the bot, and begin another one once what was approved is held; return the address."""
    page.wait_for_selector(f"{ORDERS} >> text=working")
    desk.kill("run")
    page.wait_for_selector(".head .beat >> text=engine silent for")
    assert "Not running" in page.inner_text(".head")
    desk.begin_bot(*RUN, at_ms=HELD_MS)
    page.wait_for_selector(".head .beat:not(:has-text('silent'))")
    assert "Running" in page.inner_text(".head")
    return approved


def test_what_is_approved_on_the_page_is_sent(page, approved):
    page.wait_for_selector(".decide >> text=laptop")
    page.wait_for_selector(f"{ORDERS} >> text=entry 1")
    assert "dashboard:laptop" in page.inner_text("section[aria-label='What happened']")
    assert page.is_visible(".decide >> text=Cancel entries")


def test_a_bot_that_was_killed_is_silent_on_the_page_until_another_one_goes_on(page, held):
    page.wait_for_selector(f"{ORDERS} .chip.good >> text=protected at")
    assert "filled" in page.inner_text(ORDERS)
    page.wait_for_selector(f"{ORDERS} >> text=target 1")


@pytest.mark.parametrize("path", ["/", "/book", "/risk", "/system"])
def test_a_page_of_an_account_that_holds_something_is_open_to_everybody(desk, page, held, path):
    page.goto(desk.url + path)
    page.wait_for_selector("main h1")
    for theme in ("light", "dark"):
        page.keyboard.press("t")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert hurdles(page) == []
    page.set_viewport_size(PHONE)
    assert hurdles(page, "target-size", "scrollable-region-focusable") == []
    assert page.evaluate(FITS)
    page.set_viewport_size(LAPTOP)


def test_a_store_that_is_away_is_told_with_the_age_of_what_is_shown(desk, page, held):
    page.goto(f"{desk.url}/book")
    page.wait_for_selector("section[aria-label='Positions'] .chip.good")
    desk.end("run")  # what executes would wait for its disk as well
    with desk.without_store():
        page.wait_for_selector("main .notice >> text=Out of date")
        assert " s ago" in page.inner_text("main .notice")
        assert "DOGE" in page.inner_text("section[aria-label='Positions']")
        assert page.evaluate(FITS)
    page.wait_for_function(GONE)


def test_a_page_finds_its_dashboard_again_and_shows_how_the_signal_ended(desk, page, held):
    page.goto(desk.url + held)
    page.wait_for_selector(f"{ORDERS} >> text=protected at")
    page.wait_for_function("window.socket && window.socket.connected")
    desk.kill("dashboard")
    page.wait_for_selector("text=Trying to reconnect")
    desk.begin_dashboard()
    desk.begin_bot(*RUN, at_ms=OVER_MS)
    # A bot that begins on a busy machine takes its time; by when it is in, a tick may have passed.
    page.wait_for_selector(f"{ORDERS} >> text=/done, −0.9[0-9]R/", timeout=3 * PATIENCE_MS)
    assert desk.seen.complaints == [one for one in desk.seen.complaints if _is_of_the_gap(one)]
    desk.seen.complaints.clear()


def test_two_taps_on_a_phone_end_everything(desk, page, held):
    page.set_viewport_size(PHONE)
    page.click(".head .button.stop")
    page.click("dialog#stop .button.kill")
    page.wait_for_selector(".head .state.bad")
    page.goto(f"{desk.url}/risk")
    page.wait_for_selector("text=The kill switch is pulled")
    assert "stopped on the dashboard" in page.inner_text("main")


def test_no_request_left_the_machine_and_no_console_complained(desk, held):
    assert desk.seen.elsewhere == []
    assert [one for one in desk.seen.complaints if not _is_of_the_gap(one)] == []


def _is_of_the_gap(complaint: str) -> bool:
    """Return whether a browser tells that nobody answered, which it does by itself."""
    return any(one in complaint for one in NO_CONNECTION)
