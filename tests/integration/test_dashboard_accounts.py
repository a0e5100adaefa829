"""Two accounts on one dashboard: what a page shows is what its head, its stop and its buttons mean."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from pydantic import SecretStr

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import Settings
from snipersight.bot.notifications.notices.dashboard_link import signal_url
from tests.fakes.dashboard_desk import PHONE, hurdles
from tests.fakes.dashboard_live import LiveDesk, open_live_desk
from tests.fakes.run_story import ARGUMENTS, BEGAN_MS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),  # the first process compiles the detectors
    pytest.mark.skipif(shutil.which("chromium") is None, reason="apt install chromium"),
]

ROW = "a[data-row]"
PLANS_MS = 180_000  # three plans within an hour of the bot's, a minute of which takes a second
HEAD = ".head .mode"
SHOWN = f"{HEAD} select"
FITS = "document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[LiveDesk]:
    with open_live_desk(tmp_path_factory.mktemp("accounts"), began_ms=BEGAN_MS) as opened:
        yield opened


@pytest.fixture(scope="module")
def token(desk) -> str:
    """Practise as the documentation says: a token on an empty home, then a bot of a day long past."""
    made: str = desk.program("dashboard", "token", "add", "laptop", "--scope", "admin").strip()
    desk.begin_bot(*ARGUMENTS, "--approve", "--time-scale", "60", at_ms=BEGAN_MS + 30_000)
    settings = Settings(
        snipersight_home=desk.home, database_url=SecretStr(desk.env["DATABASE_URL"])
    )
    with open_books(settings, account_id="main", follows_balance=False):
        pass
    desk.begin_dashboard()
    return made


@pytest.fixture(scope="module")
def plans(desk, token) -> list[str]:
    """Return three signals of the account that practises, oldest first."""
    with desk.visit(token, "/?account=practice&show=all") as page:
        page.wait_for_function(f"document.querySelectorAll('{ROW}').length >= 3", timeout=PLANS_MS)
        found = [one.get_attribute("href") or "" for one in page.query_selector_all(ROW)]
    return [re.split("[/?]", path)[2] for path in reversed(found)][:3]


def shown(page: Page) -> tuple[str, str]:
    """Return the account in the head, and how real its orders are."""
    page.wait_for_selector(SHOWN)
    return page.input_value(SHOWN), page.inner_text(f"{HEAD} .badge")


def press(page: Page, kind: str, button: str) -> None:
    page.click(f".decide >> text={button}")
    page.click(f"dialog#say-{kind} .end button:has-text('{button}')")


def test_a_rehearsal_begins_long_ago_although_a_token_was_there_first(desk, token):
    assert "later than --at" not in (desk.folder / "run.log").read_text()


def test_the_link_of_a_message_opens_a_signal_under_its_own_account(desk, token, plans):
    own = signal_url(desk.url, plans[0], "practice").removeprefix(desk.url)
    desk.known.pop(token, None)  # whoever follows it may have to log in first
    with desk.visit(token, own, size=PHONE) as page:
        assert shown(page) == ("practice", "PAPER")
        assert page.evaluate(FITS)
        page.click(".rail a[href^='/book']")
        page.wait_for_url("**/book?account=practice")
        assert shown(page) == ("practice", "PAPER")
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url("**/risk?account=practice")
        page.goto(desk.url)
        assert shown(page)[0] == "main"


def test_the_page_of_a_signal_stops_and_decides_for_its_own_account(desk, token, plans):
    with desk.visit(token, f"/signals/{plans[0]}") as page:  # `main` is shown elsewhere
        assert shown(page) == ("practice", "PAPER")
        page.keyboard.press("S")
        dialog = page.inner_text("dialog#stop")
        assert "Stop practice (paper)?" in dialog
        assert "Kill every account" in dialog
        assert hurdles(page) == []
        page.keyboard.press("Escape")
        page.click(".decide >> text=Approve")
        assert page.is_hidden("dialog#say-approve .when-live")
        page.click("dialog#say-approve button.good")
        page.wait_for_selector("section[aria-label='Orders'] >> text=entry 1")


def test_what_a_person_says_by_button_is_done(desk, token, plans):
    approved, rejected, taken = plans
    with desk.visit(token, f"/signals/{rejected}") as page:
        press(page, "reject", "Reject")
        page.wait_for_selector(".decide .chip >> text=reject")
        page.goto(f"{desk.url}/signals/{taken}")
        press(page, "took", "Took it")
        page.wait_for_selector(".decide .chip >> text=took")
        page.goto(f"{desk.url}/signals/{approved}")
        page.wait_for_selector(".decide .chip >> text=approve")
        if page.is_visible(".decide >> text=Cancel entries"):
            press(page, "cancel", "Cancel entries")
            page.wait_for_selector(".decide .chip >> text=cancel")


def test_ages_count_by_the_time_of_the_account(desk, token, plans):
    with desk.visit(token, "/?account=practice&show=all") as page:
        page.wait_for_selector("td time[data-at]")
        pace = page.get_attribute("[data-pace]", "data-pace")
        assert pace == "60"
        said = page.inner_text("td time[data-at] >> nth=-1")
        assert said.endswith(("min", "h"))  # an hour of the bot's, a minute of ours


def test_one_account_is_paused_and_no_other(desk, token, plans):
    with desk.visit(token, f"/signals/{plans[0]}", size=PHONE) as page:
        page.click(".head .button.stop")
        page.click("dialog#stop >> text=Pause practice (paper)")
        page.wait_for_selector(".head >> text=Paused")
        page.goto(f"{desk.url}/?account=main")
        assert shown(page)[0] == "main"
        assert "Paused" not in page.inner_text(".head")


def test_two_taps_on_a_phone_stop_every_account_and_close_what_is_held(desk, token, plans):
    with desk.visit(token, f"/signals/{plans[0]}", size=PHONE) as page:
        page.click(".head .button.stop")
        page.check("dialog#stop .every input[type=checkbox]")
        assert page.evaluate(FITS)
        page.click("dialog#stop >> text=Kill every account")
        page.wait_for_selector(".head .state.bad")
        for account in ("main", "practice"):
            page.goto(f"{desk.url}/risk?account={account}")
            page.wait_for_selector("text=The kill switch is pulled")
            assert shown(page)[0] == account
            page.goto(f"{desk.url}/audit?account={account}&kind=kill")
            page.wait_for_selector("main >> text=flatten")


def test_no_request_left_the_machine_and_no_console_complained(desk, plans):
    assert desk.seen.elsewhere == []
    assert desk.seen.complaints == []
