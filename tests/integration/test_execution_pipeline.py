"""Plans of a scan, executed on paper on the built-in venue and followed to their end.

Every command runs at a moment of its own: the account is what the store
and the paper venue's file hold between them.
"""

import json
from decimal import Decimal
from typing import Any

import pytest

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.paper_origins import paper_file
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.ledger import EntryState, Origin
from snipersight.domain.orders import Side
from snipersight.matching import MatchingEngine
from tests.fakes.program import Program

SCANNED = "2025-07-19T00:05:00+00:00"
FOLLOWED = "2025-07-20T12:00:00+00:00"
ENDED = "2025-07-25T01:00:00+00:00"
NAMES = "XRP/USDT:USDT,ADA/USDT:USDT,BNB/USDT:USDT,DOGE/USDT:USDT"
SCAN = ("scan", "--symbols", NAMES)
BNB = "d06c5586"  # the plan that is filled and reaches every target
_HOUR_MS = 3_600_000

pytestmark = pytest.mark.slow


class Desk(Program):
    """The program, and what it prints for programs."""

    def json(self, moment: str, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ok(moment, *arguments, "--json"))
        return found


@pytest.fixture
def desk(tmp_path) -> Desk:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    return Desk(home)


def ledger_and_venue(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, Any]:
    """Return ledger entries and fills of the store, and the paper venue's engine."""
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(desk.home))
    settings = load_settings()[0]
    with open_books(settings, account_id="practice") as books:
        fills, entries = books.store.decisions.view(
            "practice",
            lambda unit: (
                [fill for one in unit.book.trades() for fill in unit.book.fills(one.trade_id)],
                [unit.entry(one.entry_id) for one in unit.book.trades()],
            ),
        )
    saved = paper_file(settings, "practice", "sandbox").load()
    assert saved is not None
    return entries, fills, MatchingEngine.restore(saved["engine"])


def test_scanned_plans_are_executed_on_paper_and_followed_to_their_end(desk, monkeypatch):
    sent = desk.run(SCANNED, *SCAN, "--execute", "--mode", "paper")
    assert sent.returncode == 0, sent.stderr
    assert "Executing 4 plans: paper on the simulated venue at prices of sandbox." in sent.stderr
    assert sent.stderr.count("Sent: SHORT") == 4
    assert "BNB/USDT:USDT" in sent.stdout

    working = desk.json(SCANNED, "orders")["orders"]
    assert len(working) == 12  # three entries a plan
    assert {(one["leg"], one["state"], one["filled"]) for one in working} == {
        ("entry", "working", "0")
    }
    reserved = desk.json(SCANNED, "risk", "positions")["entries"]
    assert {(one["origin"], one["state"]) for one in reserved} == {("executed", "reserved")}

    told = desk.run(FOLLOWED, "reconcile")
    assert told.returncode == 0, told.stderr
    assert "BNB/USDT:USDT  entry 1 filled: sell 4.85 BNB at 436.05" in told.stderr
    assert "BNB/USDT:USDT  target 1 filled: buy 4.84 BNB at 425.19" in told.stderr
    assert "BNB/USDT:USDT  stop moved to 436.19" in told.stderr  # average entry less costs
    assert "books and venue agree" in told.stdout

    live = {one["symbol"]: one for one in desk.json(FOLLOWED, "positions")["trades"]}
    bnb = live["BNB/USDT:USDT"]
    assert (bnb["state"], bnb["held"], bnb["covered"]) == ("open", "4.84", "4.84")
    assert (bnb["stop"], bnb["targets_hit"], bnb["is_protected"]) == ("436.19", 1, True)
    assert Decimal(bnb["realised"]) > 0
    table = desk.ok(FOLLOWED, "positions")
    assert "protected" in table
    assert "425.19 ✓" in table

    assert desk.run(ENDED, "reconcile").returncode == 0
    assert desk.json(ENDED, "positions")["trades"] == []
    assert desk.json(ENDED, "orders")["orders"] == []
    done = {one["symbol"]: one for one in desk.json(ENDED, "positions", "--all")["trades"]}
    assert {one["state"] for one in done.values()} == {"done"}
    assert done["BNB/USDT:USDT"]["targets_hit"] == 3
    shown = desk.ok(ENDED, "audit", "show", BNB)
    for word in ("journaled: limit", "filled", "stop_moved", "funding", "closed"):
        assert word in shown
    assert "Nothing was changed" in desk.ok(ENDED, "audit", "verify")

    entries, fills, engine = ledger_and_venue(desk, monkeypatch)
    assert {(one.origin, one.state) for one in entries} == {
        (Origin.EXECUTED, EntryState.CLOSED),
        (Origin.EXECUTED, EntryState.RELEASED),
    }
    assert engine.orders("practice") == ()
    assert engine.positions("practice") == ()
    assert [one.fill for one in fills] == list(engine.fills("practice"))
    realised = sum((one.realised for one in entries), Decimal(0))
    cash = sum(
        (
            one.fill.size * one.fill.price * (1 if one.fill.side is Side.SELL else -1)
            for one in fills
        ),
        Decimal(0),
    )
    paid = sum((one.fill.fee for one in fills), Decimal(0))
    funding = sum((one.amount for one in engine.funding("practice")), Decimal(0))
    assert realised == cash - paid + funding
    assert engine.equity("practice") == Decimal(10_000) + realised


def test_a_rehearsal_sends_and_records_nothing(desk, monkeypatch):
    done = desk.run(SCANNED, *SCAN, "--execute")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Rehearsed: SHORT") == 4
    assert "dry run: submit sell 4.85 BNB/USDT:USDT limit at 436.05" in done.stderr
    assert desk.json(SCANNED, "orders", "--all")["orders"] == []
    assert desk.json(SCANNED, "risk", "positions", "--all")["entries"] == []
    assert not (desk.home / "paper").exists()


def test_one_plan_is_traded_cancelled_killed_and_rearmed(desk):
    desk.ok(SCANNED, *SCAN)
    traded = desk.run("2025-07-19T00:06:00+00:00", "trade", BNB, "--mode", "paper")
    assert traded.returncode == 0, traded.stderr
    assert "Sent: SHORT BNB/USDT:USDT" in traded.stdout
    again = desk.run("2025-07-19T00:07:00+00:00", "trade", BNB, "--mode", "paper")
    assert again.returncode == 3
    assert "Not executed" in again.stdout

    half = "2025-07-19T02:50:00+00:00"  # two of three entries are filled
    assert "entry 2 filled" in desk.run(half, "reconcile").stderr
    cancelled = desk.ok("2025-07-19T02:55:00+00:00", "cancel", BNB)
    assert "its entries are cancelled; 7.75 BNB stay open, protected." in cancelled
    [trade] = desk.json("2025-07-19T02:56:00+00:00", "positions")["trades"]
    assert (trade["held"], trade["covered"]) == ("7.75", "7.75")

    killed = desk.run("2025-07-19T03:00:00+00:00", "kill", "--flatten", "--reason", "a test")
    assert killed.returncode == 0, killed.stderr
    assert "every position of ours is closed" in killed.stdout
    assert desk.json("2025-07-19T03:01:00+00:00", "positions")["trades"] == []
    refused = desk.run("2025-07-19T03:02:00+00:00", "trade", "75dad195", "--mode", "paper")
    assert refused.returncode == 3, refused.stderr
    assert "a test" in refused.stdout
    looked = desk.ok("2025-07-19T03:03:00+00:00", "doctor")
    assert "the kill switch is pulled: a test" in looked
    rearmed = desk.ok("2025-07-19T03:04:00+00:00", "kill", "--rearm")
    assert "entries are allowed again" in rearmed
    sent = desk.run("2025-07-19T03:05:00+00:00", "trade", "75dad195", "--mode", "paper")
    assert sent.returncode == 0, sent.stderr
    closed = desk.ok("2025-07-19T03:06:00+00:00", "flatten", "--all", "--account", "practice")
    assert "XRP/USDT:USDT" in closed
    assert "closed" in closed


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--mode", "live", "--confirm", "practice"), "sandbox has no live world"),
        (("--mode", "paper", "--as-of", "2025-07-18"), "--as-of asks what if"),
        (("--mode", "paper", "--balance", "500"), "--balance asks what if"),
        (("--mode", "paper", "--account", "main"), "traded by the account practice alone"),
        (("--mode", "paper", "--account", "nobody"), "there is no account 'nobody'"),
    ],
)
def test_what_must_not_be_executed_is_refused_before_anything_is_scanned(desk, arguments, part):
    done = desk.run(SCANNED, *SCAN, "--execute", *arguments)
    assert done.returncode == 2
    assert part in " ".join(done.stderr.split())
    assert "to do:" in done.stderr
    assert done.stdout == ""
