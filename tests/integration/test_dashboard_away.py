"""What people see on the dashboard while a server, a file or their own right to look is gone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from snipersight.bootstrap.access.tokens import make_token, revoke_named
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.settings import Settings
from snipersight.domain.access import Scope
from snipersight.storage.database import connect_database
from snipersight.storage.migrating import migrate
from snipersight.storage.telemetry.tables import TELEMETRY
from tests.builders import DECIDED_AT_MS
from tests.fakes.dashboard_home import dashboard_home
from tests.fakes.dashboard_live import LiveDesk, open_live_desk
from tests.fakes.postgres import PostgresMissing, PostgresServer, running_postgres

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="apt install chromium"),
]

NOTICE = "main .notice >> text=Out of date"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Yield a server of this file's own, which it may stop."""
    try:
        with running_postgres() as server:
            yield server
    except PostgresMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def desk(tmp_path, server) -> Iterator[tuple[LiveDesk, Settings]]:
    with server.fresh_database() as url:
        with connect_database(url) as database:
            migrate(database)
            migrate(database, TELEMETRY)
        with (
            dashboard_home(tmp_path / "home", database=url) as settings,
            open_live_desk(tmp_path, began_ms=DECIDED_AT_MS, database=url) as opened,
        ):
            opened.begin_dashboard()
            yield opened, settings


def _token(settings: Settings, name: str) -> str:
    with open_books(settings, account_id=None, follows_balance=False) as books:
        made: str = make_token(books, name, Scope.ADMIN).secret
        return made


def test_a_server_that_is_away_is_told_with_the_age_of_what_is_shown(desk, server):
    opened, settings = desk
    with opened.visit(_token(settings, "laptop"), "/audit") as page:
        page.wait_for_selector("main tbody tr")
        server.stop()
        page.wait_for_selector(NOTICE)
        assert "cannot be reached" in page.inner_text("main .notice")
        assert " s ago" in page.inner_text("main .notice")
        assert page.locator("main tbody tr").count() > 0
        server.start()
        page.wait_for_selector(NOTICE, state="detached")
        with open_books(settings, account_id=None, follows_balance=False) as books:
            halt_entries(books.ports, reason="said after it came back", actor="cli")
        page.wait_for_selector("main >> text=said after it came back")


def test_a_page_that_is_opened_while_a_server_is_away_fills_once_it_is_back(desk, server):
    opened, settings = desk
    with opened.visit(_token(settings, "laptop")) as page:
        server.stop()
        page.goto(f"{opened.url}/book")  # whoever is in stays in
        page.wait_for_selector("main .blank >> text=cannot be reached")
        server.start()
        page.wait_for_selector("section[aria-label='Limits and use']")


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Iterator[tuple[LiveDesk, Settings]]:
    folder = tmp_path_factory.mktemp("here")
    database = f"sqlite:///{folder}/disk/snipersight.db"
    (folder / "disk").mkdir()
    with (
        dashboard_home(folder / "home", database=database) as settings,
        open_live_desk(folder, began_ms=DECIDED_AT_MS, database=database) as opened,
    ):
        opened.begin_dashboard()
        yield opened, settings


def test_a_page_whose_token_is_revoked_leads_to_the_login(here):
    opened, settings = here
    with opened.visit(_token(settings, "guest"), "/book") as page:
        page.wait_for_function("window.socket && window.socket.connected")
        with open_books(settings, account_id=None, follows_balance=False) as books:
            revoke_named(books, "guest", actor="cli")
        page.wait_for_url("**/login?next=/book")
        assert page.is_visible("input[type=password]")


def test_a_browser_that_is_logged_out_in_one_tab_is_so_in_the_others(here):
    opened, settings = here
    with opened.visit(_token(settings, "desk"), "/risk") as page:
        page.wait_for_function("window.socket && window.socket.connected")
        other = page.context.new_page()
        other.goto(f"{opened.url}/logout")
        other.click("button[type=submit]")
        other.wait_for_url("**/login")
        page.wait_for_url("**/login?next=/risk")


def test_a_file_that_vanished_is_not_called_one_that_never_was(here):
    opened, settings = here
    with opened.visit(_token(settings, "looker"), "/book") as page:
        page.wait_for_selector("section[aria-label='Limits and use']")
        with opened.without_store():
            page.wait_for_selector(NOTICE)
            page.goto(f"{opened.url}/risk")
            page.wait_for_selector("main .blank >> text=was removed or renamed")
            assert "no database yet" not in page.inner_text("main")
        page.wait_for_selector("section[aria-label='Losses against their limits']")
