"""The dashboard's pages in a browser, beside a bot that trades on the built-in market."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from snipersight.domain.access import Scope
from tests.fakes.dashboard_desk import LAPTOP, PHONE, DashboardDesk, hurdles, open_desk
from tests.fakes.run_story import ARGUMENTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="apt install chromium"),
]

# Just before two plans of `run_story`; a second of theirs is a minute of the bot's.
RUN = (*ARGUMENTS, "--at", "2026-05-30T04:15:30", "--time-scale", "30")
HOSTILE = "<img src=x onerror=window.hit=1>"
ROW = "a[data-row]"
COMPILED_MS = 110_000  # the first chart after a change of the analysis compiles the detectors
PAGES = ("/?show=all", "/book", "/risk", "/evidence", "/audit", "/system")
# Whether no tag of a level hides another one, or leaves the chart.
APART = """() => {
  const boxes = [...document.querySelectorAll('.tags .tag')].map((one) => one.getBoundingClientRect());
  const frame = document.querySelector('.candles').getBoundingClientRect();
  const high = boxes.sort((one, other) => one.top - other.top);
  return high.length >= 5 && high[0].top >= frame.top && high.at(-1).bottom <= frame.bottom
    && high.every((one, at) => one.right <= innerWidth && (!at || one.top >= high[at - 1].bottom));
}"""
# Every control that a finger cannot reach, as what clips it ends before it does.
BEYOND = """() => [...document.querySelectorAll('main :is(button, a, select, input, summary)')]
  .filter((one) => {
    let edge = innerWidth;
    for (let box = one.parentElement; box; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== 'visible') edge = Math.min(edge, box.getBoundingClientRect().right);
    return one.getBoundingClientRect().right > edge + 0.5;
  }).map((one) => one.textContent || one.name)"""
# Every cell of a card whose text does not fit into it.
CUT = """() => [...document.querySelectorAll('.cards td')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"""
TAGS = "document.querySelectorAll('.tags .tag:not(.last)').length"
TOUCH = "Input.dispatchTouchEvent"
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[DashboardDesk]:
    with open_desk(tmp_path_factory.mktemp("pages"), *RUN) as opened:
        yield opened


@pytest.fixture(scope="module")
def admin(desk) -> str:
    made: str = desk.token("laptop", Scope.ADMIN)
    return made


@pytest.fixture(scope="module")
def signalled(desk, admin) -> str:
    """Wait with the list open, and return the address of the signal that appears."""
    with desk.visit(admin) as page:
        page.wait_for_selector(ROW)  # nobody reloads
        assert "Short" in page.inner_text("table.rows")
        path: str = page.get_attribute(ROW, "href")
        return path


@pytest.mark.parametrize("path", PAGES)
def test_a_page_works_in_both_themes_and_on_a_phone(desk, admin, signalled, path):
    with desk.visit(admin, path) as page:
        page.wait_for_selector("main h1")
        assert hurdles(page) == []
        page.keyboard.press("t")
        assert page.evaluate("document.documentElement.dataset.theme") == "light"
        assert hurdles(page, "color-contrast") == []
        page.set_viewport_size(PHONE)
        assert page.evaluate(FITS)
        assert page.is_visible(".rail a[aria-current]")
        assert page.is_visible(".button.stop")


@pytest.mark.timeout(240)
def test_a_signal_is_told_whole_and_its_candles_can_be_replayed(desk, admin, signalled):
    with desk.visit(admin, signalled) as page:
        page.wait_for_selector(".candles canvas", timeout=COMPILED_MS)
        for title in ("Plan", "Why it ranks here", "Risk gate", "What happened", "Orders"):
            assert page.is_visible(f"section[aria-label='{title}']"), title
        assert hurdles(page) == []
        page.wait_for_function(APART)
        page.click("text=At the decision")
        decided = page.inner_text(".page-head").split("decided ")[1][:16]
        page.wait_for_selector(f"text=As known at {decided} UTC")
        page.keyboard.press("ArrowLeft")
        page.wait_for_function(
            f"!document.querySelector('.when').textContent.includes('{decided}')"
        )
        page.wait_for_function(f"{TAGS} === 0")  # the plan was not made yet
        page.keyboard.press("d")
        page.wait_for_function(f"{TAGS} >= 5")
        page.click("text=/^8 of [0-9]+ zones$/")
        page.wait_for_selector("text=/^All [0-9]+ zones$/")
        page.set_viewport_size(PHONE)
        page.wait_for_function(APART)  # the stop is near to an edge of the entry
        assert page.evaluate(FITS)
        assert page.evaluate(BEYOND) == []
        assert page.evaluate(CUT) == []
        plan, history = (
            page.locator(f"section[aria-label='{title}']").bounding_box()["y"]
            for title in ("Plan", "What happened")
        )
        assert plan < history


@pytest.mark.timeout(240)
def test_a_finger_on_the_candles_moves_the_page_up_and_down(desk, admin, signalled):
    with desk.visit(admin, signalled, size=PHONE) as page:
        page.wait_for_selector(".candles canvas", timeout=COMPILED_MS)
        box = page.locator(".candles").bounding_box()
        finger = page.context.new_cdp_session(page)
        finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        x, y = box["x"] + box["width"] / 3, box["y"] + 50
        finger.send(TOUCH, {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for up in range(12, 192, 12):
            finger.send(TOUCH, {"type": "touchMove", "touchPoints": [{"x": x, "y": y - up}]})
        finger.send(TOUCH, {"type": "touchEnd", "touchPoints": []})
        page.wait_for_function("scrollY > 100")


def test_what_is_sent_stands_in_the_book_with_its_claims_on_the_budget(desk, admin, signalled):
    with desk.visit(admin, "/book") as page:
        page.wait_for_selector("section[aria-label='Working orders'] tbody tr")
        assert "PAPER" in page.inner_text(".head")
        assert "Risk of all trades" in page.inner_text("section[aria-label='Limits and use']")


def test_the_chain_is_verified_and_a_decision_is_judged_again(desk, admin, signalled):
    with desk.visit(admin, "/audit?kind=decision") as page:
        page.click("text=Verify the chain")
        page.wait_for_selector("text=nothing was changed")
        page.click("text=Judge again >> nth=0")
        page.wait_for_selector(".answer .chip.good")


def test_keys_lead_everywhere(desk, admin, signalled):
    with desk.visit(admin) as page:
        page.keyboard.press("?")
        assert page.is_visible("dialog#help[open]")
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url("**/risk")
        page.wait_for_selector("main h1")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to contents"


@pytest.mark.parametrize(
    "path", [f"/?q={HOSTILE}&show=all", f"/signals/{HOSTILE}", f"/audit?plan={HOSTILE}"]
)
def test_markup_in_an_address_is_text(desk, admin, signalled, path):
    with desk.visit(admin, path) as page:
        page.wait_for_selector(".blank")
        assert page.evaluate("window.hit") is None
        assert page.locator("img").count() == 0


def test_whoever_may_only_read_can_press_nothing(desk, admin, signalled):
    with desk.visit(desk.token("wall", Scope.READ), "/risk", size=PHONE) as page:
        page.click(".button.stop >> nth=0")
        assert page.is_disabled("dialog#stop .button.stop")
        assert page.is_disabled("dialog#stop .button.kill")
        assert "needs trade" in page.inner_text("dialog#stop")


def test_markup_in_a_reason_is_text(desk, admin, signalled):
    desk.program("risk", "halt", "--reason", HOSTILE)
    with desk.visit(admin, "/risk") as page:
        for path in ("/risk", "/audit"):
            page.goto(desk.url + path)
            page.wait_for_selector(f"main >> text={HOSTILE}")
            assert page.evaluate("window.hit") is None
    desk.program("risk", "resume")


def test_two_taps_pause_and_two_more_kill(desk, admin, signalled):
    with desk.visit(admin, size=PHONE) as page:
        page.click(".head .button.stop")
        page.click("dialog#stop >> text=Pause practice (paper)")
        page.wait_for_selector(".head >> text=Paused")
        page.set_viewport_size(LAPTOP)
        page.keyboard.press("S")
        page.click("dialog#stop .button.kill")
        page.wait_for_selector(".head .state.bad")
        page.goto(f"{desk.url}/risk")
        page.wait_for_selector("text=The kill switch is pulled")
        assert "dashboard:laptop" in page.inner_text("main")


def test_no_request_leaves_the_machine_and_no_console_complains(desk, signalled):
    assert desk.seen.elsewhere == []
    assert desk.seen.complaints == []
