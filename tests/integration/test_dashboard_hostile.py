"""Texts that were made to do harm are texts on every page: nothing runs, nothing breaks, nothing turns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from snipersight.bootstrap.access.tokens import make_token
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operations import halt_entries
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.telemetry import open_telemetry
from snipersight.domain.access import Scope
from snipersight.domain.event_log import StoredEvent
from snipersight.domain.evidence import OutcomeStatus
from snipersight.domain.units import Symbol
from snipersight.performance.verdict import Finding
from snipersight.storage.home import Home
from snipersight.storage.kept_runs import KeptRun, RunFolder
from snipersight.storage.leases import Leases
from snipersight.storage.telemetry.evidence import SqlEvidenceStore
from snipersight.web.pages.kit import plain
from tests.builders import DECIDED_AT_MS
from tests.builders.evidence import a_scan, a_signal, an_outcome
from tests.fakes.dashboard_desk import PHONE, hurdles
from tests.fakes.dashboard_home import dashboard_home
from tests.fakes.dashboard_live import LiveDesk, open_live_desk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="apt install chromium"),
]

NAMES = (
    "<img src=x onerror=window.hit=1>",
    '"><script>window.hit=1</script>',
    "</title></style><svg onload=window.hit=1>",
    "{{constructor.constructor('window.hit=1')()}}",
    "javascript:window.hit=1",
    "../../../etc/passwd",
    "$text",
    "@level",
    "\u202eTDSU/CTB gpj.exe",
    "عملة/بيتكوين",
    "a\x00b\x1b[31m\u2028c",
    "𝕎" * 40,
    "UNBROKEN" * 60,
)
FITS = "document.documentElement.scrollWidth <= innerWidth"
PAGES = ("/?show=all", "/book", "/risk", "/evidence", "/audit", "/system")


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[tuple[LiveDesk, str]]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    (folder / "disk").mkdir()
    database = f"sqlite:///{folder}/disk/snipersight.db"
    with (
        dashboard_home(folder / "home", database=database) as settings,
        open_live_desk(folder, began_ms=DECIDED_AT_MS, database=database) as opened,
    ):
        token = _poison(settings)
        opened.begin_dashboard()
        yield opened, token


def _poison(settings: Settings) -> str:
    """Write these names wherever a venue, a file or a person can; return a token."""
    with open_books(settings, account_id=None, follows_balance=False) as books:
        for at, name in enumerate(NAMES):
            halt_entries(books.ports, reason=name, actor="cli")
            Leases(books.store.database).acquire(f"worker:{at}", owner=name[:64], for_us=60_000_000)
        token: str = make_token(books, "laptop", Scope.ADMIN).secret
    with open_telemetry(settings) as telemetry:
        _signals(telemetry.evidence)
        telemetry.events.append(
            [
                StoredEvent(seq=0, event_type="stream_down", at_us=at, body=_event(name))
                for at, name in enumerate(NAMES, 10)
            ]
        )
    runs = RunFolder(Home(settings.snipersight_home).backtests)
    for at, name in enumerate(NAMES):
        runs.keep(_run(at, name))
    log = settings.snipersight_home / "logs" / "snipersight.jsonl"
    with log.open("a") as lines:
        for name in NAMES:
            lines.write(json.dumps({"level": name, "message": name, name: name}) + "\n")
    return token


def _signals(store: SqlEvidenceStore) -> None:
    signals = [
        a_signal(
            100 + at,
            symbol=Symbol(name),
            **dict.fromkeys(("regime", "profile", "venue", "trade_type", "leader"), name),
        )
        for at, name in enumerate(NAMES)
    ]
    store.record(a_scan(9, funnel=dict.fromkeys(NAMES, 3)), signals)
    store.save_outcomes(
        [an_outcome(key=one.key, status=OutcomeStatus.CLOSED, net_r=1.5) for one in signals[::2]]
    )


def _event(name: str) -> str:
    return json.dumps({"event": "stream_down", "at": name, "venue": name, "what": name})


def _run(number: int, name: str) -> KeptRun:
    return KeptRun(
        run_id=f"{number:016x}",
        made_ms=number,
        profile=name,
        profile_hash=name,
        values_hash=name,
        is_shipped=False,
        policy_hash=name,
        code_hash=name,
        candles_hash=name,
        source=name,
        markets=(name,),
        start_ms=0,
        end_ms=10,
        currency=name,
        starting_balance="10000",
        rearm_days=7,
        random_runs=0,
        trials=1,
        out_of_sample=0,
        finding=Finding.NOT_SHOWN,
        sentence=name,
        metrics={name: 1.0},
        returns=(0.01, -0.02),
    )


def _unharmed(page: Page) -> None:
    assert page.evaluate("window.hit") is None
    assert page.locator("img, script[src=''], svg[onload]").count() == 0
    for size in (PHONE, {"width": 1440, "height": 900}):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dict of two numbers
        assert page.evaluate(FITS), page.url


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_texts_that_mean_harm_shows_them_as_texts(desk, path):
    opened, token = desk
    with opened.visit(token, path) as page:
        page.wait_for_selector("main h1")
        page.wait_for_function("!document.querySelector('main .ghost')")
        _unharmed(page)
        said = page.inner_text("main")
        assert not any(sign in said for sign in "\x00\x1b\u2028\u202e")
        if path not in ("/book", "/risk"):  # they show what the gate has looked at, and one reason
            assert "<img src=x" in said
            assert "{{constructor" in said
        assert hurdles(page) == []


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_signal_of_a_market_that_means_harm_can_be_looked_at(desk, number):
    opened, token = desk
    with opened.visit(token, "/?show=all") as page:
        page.goto(f"{opened.url}/signals/plan-{100 + number}")
        page.wait_for_function(
            "!document.querySelector('main > * .ghost, main .section > div .ghost')"
        )
        _unharmed(page)
        assert plain(NAMES[number]) in page.inner_text("main h1")


def test_no_script_ran_no_request_left_and_no_console_complained(desk):
    opened, _ = desk
    assert opened.seen.elsewhere == []
    assert opened.seen.complaints == []
