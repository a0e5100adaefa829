"""The account through the command line: a person follows one plan from the table to its end."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from snipersight.bootstrap.settings import VARIABLES
from tests.fakes.terminal import in_this_process

# A scan of the built-in market that approves something; seed and moment are fixed.
SCAN = ("scan", "--symbols", "SUI/USDT,SUI/USDT:USDT", "--as-of", "2024-06-01", "--no-notify")


class Desk:
    """A home of its own, and the commands run on it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return in_this_process(self.home, *arguments, **more)

    def said(self, *arguments: str, **more: str) -> str:
        """Return what a command that succeeds prints."""
        ended = self.run(*arguments, **more)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def told(self, *arguments: str, **more: str) -> dict[str, Any]:
        """Return the JSON object of a command that succeeds."""
        found: dict[str, Any] = json.loads(self.said(*arguments, "--json", **more))
        return found

    def scanned(self, *arguments: str, **more: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.said(*SCAN, "--format", "json", *arguments, **more))
        return found


class DeskOfProcesses(Desk):
    """The same with a process for each command that writes: nothing but the home folder lasts."""

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        if arguments[0] not in ("scan", "took", "closed"):
            return super().run(*arguments, **more)
        names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
        own = {"SNIPERSIGHT_HOME": str(self.home), "COLUMNS": "100"}
        return subprocess.run(
            [sys.executable, "-m", "snipersight", *arguments],
            capture_output=True,
            text=True,
            timeout=110,
            env=names | own | more,
            check=False,
        )


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "home")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """Return a desk after one scan, and its report; nothing may be changed on it."""
    desk = Desk(tmp_path_factory.mktemp("desk") / "home")
    return desk, desk.scanned()


def test_a_new_account_stands_at_the_configured_balance(desk):
    text = desk.said("risk", "status", DEFAULT_ACCOUNT_BALANCE="2500", ACCOUNT_CURRENCY="EUR")
    assert text.startswith("ACTIVE")
    assert "2,500.00 EUR" in text
    assert "0 %" in text


def test_what_holds_the_account_is_its_owners_alone(scanned):
    desk, _ = scanned
    files = [path for path in desk.home.rglob("*") if path.is_file() and "kernels" not in str(path)]
    assert {"snipersight.db", "audit.key", "audit-head.json"} <= {path.name for path in files}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_a_scan_reserves_nothing_and_its_plan_can_be_taken_and_closed(tmp_path):
    desk = DeskOfProcesses(tmp_path / "home")
    report = desk.scanned()
    plan = report["plans"][0]
    near, size = plan["entry"]["near"], plan["size"]["base"]
    assert desk.told("risk", "positions")["entries"] == []

    taken = desk.told("took", plan["plan_id"][:12], "--size", size, "--price", near)
    assert taken["breached"] == []
    entry = taken["entry"]
    assert (entry["state"], entry["origin"], entry["plan_id"]) == (
        "open",
        "by_hand",
        plan["plan_id"],
    )
    assert entry["stop_price"] == plan["stop"]["price"]
    (held,) = desk.told("risk", "positions")["entries"]
    assert held == entry
    risk = next(row for row in desk.told("risk", "status")["used"] if row["code"] == "max_total")
    assert abs(float(risk["used"]) - float(plan["risk"]["amount"])) < 0.01

    part = desk.told(
        "closed", plan["plan_id"], "--price", near, "--size", str(float(size) / 2), "--fees", "0"
    )
    assert part["entry"]["state"] == "open"
    assert float(part["earned"]) == 0
    text = desk.said("closed", plan["plan_id"], "--price", plan["stop"]["price"], "--stopped")
    assert "nothing stays open" in text
    assert desk.told("risk", "positions")["entries"] == []
    (ended,) = desk.told("risk", "positions", "--all")["entries"]
    assert ended["state"] == "closed"
    assert float(ended["realised"]) < 0
    status = desk.told("risk", "status")
    assert status["realised"] == ended["realised"]
    assert status["loss_streak"] == 1
    assert [one["symbol"] for one in status["cooldowns"]] == [plan["symbol"]]

    again = desk.scanned()
    reasons = {row["reason"] for row in again["refusals"]}
    assert "rejected:cooldown" in reasons
    assert again["plans"] == []


def test_a_taken_plan_counts_against_the_next_and_is_refused_as_live(desk):
    report = desk.scanned()
    first, second = report["plans"]
    desk.said("took", first["plan_id"], "--size", first["size"]["base"], "--price", "1.66")
    again = desk.scanned(MAX_OPEN_POSITIONS="1")
    assert again["plans"] == []
    judged = [row for row in again["refusals"] if row["reason"].startswith("rejected:")]
    codes = {
        row["plan"]["plan_id"]: {check["code"] for check in row["checks"] if not check["passed"]}
        for row in judged
    }
    assert "already_live" in codes[first["plan_id"]]
    assert "max_positions" in codes[second["plan_id"]]


def test_a_trade_beyond_a_limit_is_recorded_and_which_limit_is_said(desk):
    plan = desk.scanned()["plans"][0]
    ended = desk.run("took", plan["plan_id"], "--size", "9000", "--price", "1.66")
    assert ended.returncode == 0
    assert "beyond max_per_asset" in ended.stderr
    assert "Recorded for account practice: LONG 9,000 SUI" in ended.stdout
    assert len(desk.told("risk", "positions")["entries"]) == 1
    assert "0.00 USDT" in desk.said("risk", "capacity", plan["symbol"]).splitlines()[0]


def test_what_is_practised_takes_nothing_from_the_account_that_trades(desk):
    before = desk.told("risk", "capacity", "--account", "main")
    plan = desk.scanned()["plans"][0]
    took = ("took", plan["plan_id"][:12], "--size", plan["size"]["base"], "--price", "1.66")
    assert desk.told(*took)["account"] == "practice"
    assert desk.told("risk", "capacity") == before  # main, because it exists
    status = desk.told("risk", "status")
    assert (status["account"], status["equity"], status["positions"]) == ("main", "10000", 0)
    held = desk.told("risk", "positions", "--account", "practice")
    assert [entry["plan_id"] for entry in held["entries"]] == [plan["plan_id"]]
    page = desk.said("audit", "show", plan["plan_id"])
    assert "practice" in page
    assert "agrees" in desk.said("audit", "replay", plan["plan_id"][:12])
    assert desk.told("closed", plan["plan_id"], "--price", "1.5")["account"] == "practice"
    assert desk.told("risk", "status")["realised"] == "0"


def test_a_halt_without_an_account_stops_each_and_with_one_only_that(desk):
    desk.said("risk", "status", "--account", "main")
    desk.said("risk", "status", "--account", "practice")
    halted = desk.told("risk", "halt")["accounts"]
    assert [(one["account"], one["state"]) for one in halted] == [
        ("main", "HALTED"),
        ("practice", "HALTED"),
    ]
    assert "Account practice: Resumed" in desk.said("risk", "resume", "--account", "practice")
    assert desk.told("risk", "status")["state"] == "HALTED"
    assert "Account main: Resumed" in desk.said("risk", "resume")


def test_a_halt_without_an_account_holds_for_one_that_is_opened_later(desk):
    desk.said("risk", "halt", "--reason", "news at eight")
    status = desk.told("risk", "status", "--account", "main")
    assert (status["account"], status["state"]) == ("main", "HALTED")
    assert desk.said("risk", "resume").count("Resumed") == 2
    assert desk.told("risk", "status", "--account", "main")["state"] == "ACTIVE"
    assert "Checked 4 records" in desk.said("audit", "verify", "--account", "main")


def test_a_resume_without_an_account_holds_for_one_that_is_opened_later(desk):
    desk.said("risk", "halt")
    desk.said("risk", "resume")
    assert desk.told("risk", "status", "--account", "main")["state"] == "ACTIVE"


def test_a_halt_of_one_account_leaves_one_that_is_opened_later(desk):
    desk.said("risk", "halt", "--account", "practice")
    assert desk.told("risk", "status", "--account", "main")["state"] == "ACTIVE"


def test_a_halt_refuses_every_plan_with_its_reason_until_it_is_lifted(desk):
    assert "Halted" in desk.said("risk", "halt", "--reason", "news at eight")
    report = desk.scanned()
    assert report["plans"] == []
    (refusal, *_) = [row for row in report["refusals"] if row["reason"] == "rejected:halted"]
    assert refusal["detail"] == "news at eight"
    table = desk.said(*SCAN)
    assert "halted" in table
    assert "news at eight" in table
    assert "news at eight" in desk.said("risk", "status")
    assert "nothing stops entries" in desk.said("risk", "resume")
    assert desk.scanned()["plans"]


def test_money_in_and_out_and_another_configured_balance_are_no_profit(desk):
    assert "balance 12,500.00" in desk.said("risk", "deposit", "2500", "--reason", "savings")
    assert "balance 12,000.00" in desk.said("risk", "withdraw", "500")
    ended = desk.run("risk", "withdraw", "20000")
    assert ended.returncode == 2
    assert "more than the equity of 12000" in ended.stderr
    ended = desk.run("risk", "deposit", "1", "--json", DEFAULT_ACCOUNT_BALANCE="11000")
    assert "a deposit of 1000 USDT was recorded" in ended.stderr
    status = json.loads(ended.stdout)
    assert (status["equity"], status["realised"], status["flows"]) == ("13001", "0", "2001")
    assert {row["fraction"] for row in status["losses"]} == {"0"}


def test_an_explanation_judges_alike_and_records_nothing(scanned):
    desk, report = scanned
    before, records = desk.told("risk", "status"), desk.said("audit", "list", "--json")
    symbol = report["plans"][0]["symbol"]
    text = desk.said("explain", symbol, "--as-of", "2024-06-01", "--format", "json")
    (approved,) = json.loads(text)["approved"]
    assert approved["plan_id"] == report["plans"][0]["plan_id"]
    assert approved["size"] == report["plans"][0]["size"]
    assert desk.said("audit", "list", "--json") == records
    after = desk.told("risk", "status")
    assert {**before, "at": ""} == {**after, "at": ""}


def test_a_balance_to_try_sizes_by_it_and_leaves_the_account(scanned):
    desk, report = scanned
    tried = desk.scanned("--balance", "500")
    assert (tried["account"]["equity"], tried["account"]["source"]) == ("500", "--balance")
    risks = [float(plan["risk"]["amount"]) for plan in tried["plans"]]
    assert risks
    assert max(risks) <= 5
    assert desk.told("risk", "status")["equity"] == "10000"
    assert report["account"]["equity"] == "10000"


def test_a_verdict_for_a_balance_to_try_is_told_apart_and_its_plan_can_be_taken(desk):
    plan = desk.scanned("--balance", "500")["plans"][0]
    records = desk.told("audit", "list", "--kind", "decision")["records"]
    assert {record["actor"] for record in records} == {"what-if"}
    assert "what-if: approved" in desk.said("audit", "list", COLUMNS="200")
    taken = desk.told("took", plan["plan_id"], "--size", plan["size"]["base"], "--price", "1.66")
    assert taken["entry"]["plan_id"] == plan["plan_id"]
    desk.scanned()
    newest = desk.told("audit", "list", "--kind", "decision", "--limit", "1")["records"]
    assert newest[0]["actor"] == "scan"


def test_every_limit_is_shown_with_its_variable(desk):
    limits = desk.told("risk", "limits", "--profile", "balanced", MAX_DRAWDOWN="0.1")
    by_name = {row["name"]: row for row in limits["limits"]}
    assert by_name["max_drawdown"]["variable"] == "MAX_DRAWDOWN"
    assert by_name["max_drawdown"]["value"] == "0.1"
    assert by_name["risk_fraction"]["variable"] is None
    text = desk.said("risk", "limits")
    for name in VARIABLES:
        shown = name in text
        assert shown is any(row["variable"] == name for row in limits["limits"]), name
    assert not desk.home.joinpath("snipersight.db").exists()  # limits need no account


WRONG = [
    (("took", "nope", "--size", "1", "--price", "1"), "no plan nope was judged"),
    (("took", "nope", "--size", "1", "--price", "1"), "snipersight audit list"),
    (("took", "nope", "--size", "-1", "--price", "1"), "--size"),
    (("took", "nope", "--size", "1", "--price", "cheap"), "'cheap' is no number"),
    (("took", "nope", "--size", "1", "--price", "1", "--leverage", "0.5"), "below 1"),
    (("closed", "nope", "--price", "1"), "risk positions --all"),
    (("closed", "nope", "--price", "1", "--fees", "-1"), "--fees"),
    (("risk", "deposit", "0"), "not above 0"),
    (("risk", "withdraw", "nan"), "not above 0"),
    (("risk", "capacity", "BTC"), "is not a symbol"),
    (("risk", "limits", "--profile", "balenced"), "did you mean balanced?"),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG)
def test_wrong_words_are_answered_with_what_to_write(desk, arguments, told):
    ended = desk.run(*arguments)
    assert ended.returncode == 2
    assert told in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def test_a_plan_cannot_be_taken_twice_nor_closed_twice(desk):
    plan = desk.scanned()["plans"][0]
    took = ("took", plan["plan_id"], "--size", "10", "--price", "1.66")
    closed = ("closed", plan["plan_id"], "--price", "1.7")
    assert "nothing open is" in desk.run(*closed).stderr
    desk.said(*took)
    ended = desk.run(*took)
    assert ended.returncode == 2
    assert "taken before" in ended.stderr
    too_much = desk.run(*closed, "--size", "11")
    assert too_much.returncode == 2
    assert "+" in desk.said(*closed)
    assert "has ended: closed" in " ".join(desk.run(*closed).stderr.split())


def test_contradictory_limits_stop_every_command_that_needs_them(desk):
    for command in (("risk", "status"), ("risk", "limits"), SCAN):
        ended = desk.run(*command, MAX_PER_ASSET_EXPOSURE="0.5", MAX_DRAWDON="0.1")
        assert ended.returncode == 2
        words = " ".join(ended.stderr.split())
        assert "MAX_PER_ASSET_EXPOSURE 0.5 exceeds MAX_TOTAL_EXPOSURE" in words
        assert "did you mean MAX_DRAWDOWN?" in words


def test_an_edited_balance_keeps_nobody_from_looking_and_stopping(desk):
    desk.said("risk", "withdraw", "9000")
    for command in (("status",), ("halt",), ("resume",), ("positions",), ("capacity",)):
        ended = desk.run("risk", *command, DEFAULT_ACCOUNT_BALANCE="500")
        assert ended.returncode == 0, ended.stderr
        told = "DEFAULT_ACCOUNT_BALANCE is 500, but account practice began with 10000"
        assert told in " ".join(ended.stderr.split())
    refused = desk.run("risk", "deposit", "1", DEFAULT_ACCOUNT_BALANCE="500")
    assert refused.returncode == 2
    assert "9500 is more than the equity of 1000" in refused.stderr
    flows = desk.said("audit", "list", "--kind", "flow")
    assert flows.count("flow") == 1, flows  # looking recorded none


def test_a_damaged_database_approves_nothing_and_the_scan_goes_on(desk):
    desk.said("risk", "status")
    (desk.home / "snipersight.db").write_bytes(b"no database at all" * 100)
    ended = desk.run(*SCAN, "--format", "json")
    assert ended.returncode == 4
    assert "no plan is approved" in ended.stderr
    report = json.loads(ended.stdout)
    assert report["plans"] == []
    refused = [row for row in report["refusals"] if row["reason"] == "rejected:audit_unwritable"]
    assert refused
    assert refused[0]["plan"] is not None
    ended = desk.run("explain", "SUI/USDT", "--as-of", "2024-06-01")
    assert ended.returncode == 4
    assert "no plan is approved" in ended.stderr
    assert "SUI/USDT" in ended.stdout
    ended = desk.run("risk", "status")
    assert ended.returncode == 4
    assert "Traceback" not in ended.stderr
