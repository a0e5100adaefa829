"""From a verdict to its proof: what the audit commands show, find and refuse."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from typer.testing import CliRunner, Result

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import load_settings
from snipersight.cli.app import app
from snipersight.domain.decision import Approved
from snipersight.domain.ledger import Origin
from snipersight.risk.audit_pipeline import AuditLogger
from snipersight.risk.exposure_limits import ExposureManager
from snipersight.risk.manager import RiskManager
from tests.builders.instruments import an_instrument
from tests.builders.ledger import DECIDED_AT_US, observations
from tests.builders.plans import a_plan

_BTC, _ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"
_PLAN = a_plan(symbol=_BTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home of the test's own."""
    path = tmp_path / "home"
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(path))
    monkeypatch.setenv("COLUMNS", "160")
    return path


@pytest.fixture
def traded(home: Path) -> Path:
    """Return a home whose audit holds an approval, a refusal, fills and a note, all signed."""
    _trade()
    return home


def _trade() -> None:
    with open_books(load_settings()[0], clock=lambda: DECIDED_AT_US) as books:
        manager, exposure = RiskManager(), ExposureManager()
        manager.observe(observations(an_instrument(_BTC), an_instrument(_ETH)))
        approved = manager.validate_plan(_PLAN, reserve=Origin.EXECUTED)
        assert isinstance(approved, Approved)
        assert approved.reservation_id is not None
        exposure.confirm(approved.reservation_id, size=approved.size, price=_PLAN.entry_near)
        assert not manager.validate_plan(_PLAN)
        AuditLogger().log_quality_gate(_PLAN, "min_score", True)
        assert books.sign() is None


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["audit", *arguments])


def _json(*arguments: str) -> Any:
    result = _run(*arguments, "--json")
    return json.loads(result.stdout)


def _edit(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "snipersight.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_without_a_database_nothing_is_created(home: Path):
    for arguments in (["list"], ["verify"], ["show", "1"], ["replay", "--all"], ["report"]):
        result = _run(*arguments)
        assert result.exit_code == 4
        assert "no audit" in result.stderr
    assert not home.exists()


def test_a_reader_follows_an_approval_and_a_refusal_to_their_replay(traded: Path):
    listed = _run("list", "--kind", "decision")
    assert listed.exit_code == 0
    rows = [line for line in listed.stdout.splitlines() if _PLAN.plan_id[:16] in line]
    assert [("approved" in row, "rejected" in row) for row in rows] == [
        (False, True),
        (True, False),
    ]
    for row, verdict in zip(rows, ("rejected: already_live", "approved"), strict=True):
        seq = row.split()[0]
        page = _run("show", seq).stdout
        assert f"Record {seq}  decision  {verdict}" in page
        assert "42250" in page
        assert re.search(r"passed +max_total +\d", page)
        assert ("FAILED" in page) is (verdict != "approved")
        replayed = _run("replay", seq)
        assert (replayed.exit_code, "agrees" in replayed.stdout) == (0, True)


def test_a_plan_is_shown_with_all_that_happened_to_it(traded: Path):
    page = _run("show", _PLAN.plan_id[:10]).stdout
    for told in ("rejected: already_live", "reserved: open 0", "open: open", "min_score passed"):
        assert told in page
    shown = _json("show", _PLAN.plan_id[:10])
    kinds = [record["kind"] for record in shown["records"]]
    assert kinds == ["decision", "reserved", "filled", "decision", "quality_gate"]
    assert shown["record"]["seq"] == shown["records"][3]["seq"]


def test_records_of_every_kind_can_be_shown(traded: Path):
    for seq in range(1, len(_json("list", "--limit", "99")["records"]) + 1):
        result = _run("show", str(seq))
        assert result.exit_code == 0, result.stderr
        assert f"Record {seq}  " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (["--verdict", "approved"], ["decision"]),
        (["--symbol", _BTC, "--kind", "reserved", "--kind", "filled"], ["filled", "reserved"]),
        (["--symbol", _ETH], []),
        (["--since", "24h"], []),
        (["--since", "2024-01-01", "--limit", "1"], ["quality_gate"]),
        (["--kind", "POLICY"], ["policy"]),
    ],
    ids=str,
)
def test_the_list_is_narrowed(traded: Path, arguments: list[str], kinds: list[str]):
    assert [record["kind"] for record in _json("list", *arguments)["records"]] == kinds


def test_an_empty_list_says_so(traded: Path):
    assert _run("list", "--symbol", _ETH).stdout == "No record of account main matches.\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["list", "--kind", "sale"], "no kind of record"),
        (["list", "--verdict", "maybe"], "no verdict"),
        (["list", "--since", "yesterday"], "24h, 7d"),
        (["show", "999"], "no record '999'"),
        (["show", ""], "no record"),
        (["verify", "--head", "5"], "SEQ:HASH"),
        (["verify", "--trust", "abc"], "no public key"),
        (["replay"], "SEQ, PLAN_ID or --all"),
        (["replay", "1"], "no decision, but policy"),
        (["report", "--until", "soon"], "--until"),
    ],
    ids=str,
)
def test_bad_input_is_answered_with_what_to_do(traded: Path, arguments: list[str], told: str):
    result = _run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr.replace("\n        ", " ")
    assert result.stdout == ""


def test_an_account_that_is_not_there_cannot_be_read(traded: Path):
    result = _run("list", "--account", "other")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no account 'other'" in result.stderr
    assert "write one that there is: main" in result.stderr


def test_letters_that_fit_several_plans_are_asked_for_more(home: Path):
    with open_books(load_settings()[0]):
        AuditLogger().log_decision("aa-one", True)
        AuditLogger().log_decision("aa-two", True)
    result = _run("show", "aa-")
    assert result.exit_code == 2
    assert "could be aa-one or aa-two" in result.stderr
    assert _run("show", "aa-o").exit_code == 0


def test_a_sound_audit_is_said_to_be_so(traded: Path):
    result = _run("verify")
    assert result.exit_code == 0
    assert "1 checkpoint held" in result.stdout
    assert "Nothing was changed, removed, inserted or moved." in result.stdout
    (sentence,) = _json("verify")["not_excluded"]
    assert sentence.startswith("That the account's standing")
    assert f"note: {sentence}" in result.stdout


def test_a_standing_that_was_edited_is_not_found_and_verify_says_so(traded: Path):
    database = traded / "snipersight.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        (text,) = connection.execute("SELECT standing FROM account").fetchone()
        standing = json.loads(text)
        assert standing["realised"] != "99999"
        changed = json.dumps(standing | {"realised": "99999"})
        connection.execute("UPDATE account SET standing = ?", (changed,))
    result = _run("verify")
    assert result.exit_code == 0
    assert "its row is not part of the chain" in result.stdout


def test_a_change_is_found_and_ends_with_one(traded: Path):
    _edit(traded, "UPDATE audit SET body = replace(body, 'approved', 'rejected') WHERE seq = 2")
    result = _run("verify")
    assert result.exit_code == 1
    assert "FOUND  changed: record 2" in result.stdout
    found = _json("verify")
    assert (found["sound"], found["findings"][0]["first_seq"]) == (False, 2)


def _cut(home: Path) -> None:
    """Remove the last record and every trace of it within the database."""
    _edit(
        home,
        "DELETE FROM audit WHERE seq = (SELECT head_seq FROM account)",
        "DELETE FROM audit_checkpoint",
        "UPDATE account SET head_seq = head_seq - 1, head_hash = "
        "(SELECT hash FROM audit ORDER BY seq DESC LIMIT 1)",
    )


def test_a_cut_tail_is_found_by_the_head_file_and_else_not_excluded(traded: Path):
    head = traded / "keys" / "audit-head.json"
    kept = json.loads(head.read_text())["heads"]
    (entry,) = kept.values()
    _cut(traded)
    result = _run("verify")
    assert result.exit_code == 1
    assert "FOUND  truncated: record 6: cut off the end" in result.stdout
    head.unlink()
    alone = _run("verify")
    assert alone.exit_code == 0
    assert "That records were cut off the end cannot be excluded" in alone.stdout
    noted = _run("verify", "--head", f"{entry['seq']}:{entry['hash']}")
    assert noted.exit_code == 1
    assert "--head names record 6" in noted.stdout


def test_a_head_file_that_is_gone_is_said_once_and_noted_for_good(traded: Path):
    (traded / "keys" / "audit-head.json").unlink()
    halt = ["risk", "halt", "--reason", "test", "--account", "main"]
    first = CliRunner().invoke(app, halt)
    assert "kept outside the database was missing" in " ".join(first.stderr.split()), first
    again = CliRunner().invoke(app, halt)
    assert "kept outside" not in again.stderr
    found = _run("verify")
    assert found.exit_code == 0
    assert "tells that the head kept outside the database was missing" in found.stdout
    assert len(_json("verify")["notes"]) == 1


def test_a_head_file_that_was_changed_is_a_finding(traded: Path):
    head = traded / "keys" / "audit-head.json"
    head.write_text(head.read_text().replace('"seq": 6', '"seq": 5'))
    result = _run("verify")
    assert result.exit_code == 1
    assert "not what was signed" in result.stdout


def test_a_key_that_others_may_read_stops_the_check(traded: Path):
    (traded / "keys" / "audit.key").chmod(0o644)
    result = _run("verify")
    assert result.exit_code == 4
    assert "chmod 600" in result.stderr


def test_another_key_is_a_finding_until_it_is_trusted(traded: Path):
    (traded / "keys" / "audit.key").unlink()
    unchecked = _run("verify")
    assert unchecked.exit_code == 0
    assert "no key is known" in unchecked.stdout
    foreign = _run("verify", "--trust", "ab" * 32)
    assert foreign.exit_code == 1
    assert "FOUND  foreign_key" in foreign.stdout
    signed_by = re.search(r"not yours: ([0-9a-f]{64})", foreign.stdout)
    assert signed_by is not None
    assert _run("verify", "--trust", signed_by.group(1)).exit_code == 0


def test_records_of_nobody_are_a_finding(traded: Path):
    _edit(traded, "UPDATE audit SET account_id = 'ghost' WHERE seq = 6")
    result = _run("verify")
    assert result.exit_code == 1
    assert "an account 'ghost' that does not exist" in result.stdout


@pytest.mark.parametrize("single", [False, True])
def test_an_export_holds_every_record_and_can_be_checked_anywhere(
    traded: Path, tmp_path: Path, single: bool
):
    file = tmp_path / "audit.json"
    result = _run("export", str(file), *(["--single"] if single else []))
    assert result.exit_code == 0, result.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    if single:
        whole = json.loads(file.read_text())
        assert whole["verified"]["sound"]
        records = whole["records"]
    else:
        records = [json.loads(line) for line in file.read_text().splitlines()]
    assert records == _json("list", "--limit", "99")["records"][::-1]
    for record in records:
        body = rfc8785.dumps(record["body"]).decode()
        names = ("prev_hash", "account_id", "seq", "at_us", "kind", "subject", "actor")
        parts = [*(str(record[name]) for name in names), body]
        text = "".join(f"{len(part.encode())}:{part}" for part in parts)
        assert hashlib.sha256(text.encode()).hexdigest() == record["hash"]


def test_an_audit_that_does_not_verify_is_not_exported(traded: Path, tmp_path: Path):
    _edit(traded, "UPDATE audit SET actor = 'nobody' WHERE seq = 3")
    file = tmp_path / "audit.jsonl"
    result = _run("export", str(file))
    assert result.exit_code == 1
    assert "Nothing was exported." in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_an_export_replaces_no_file_and_needs_its_folder(traded: Path, tmp_path: Path):
    file = tmp_path / "audit.jsonl"
    file.write_text("mine")
    assert "exists already" in _run("export", str(file)).stderr
    assert file.read_text() == "mine"
    assert "cannot be written" in _run("export", str(tmp_path / "none" / "a.jsonl")).stderr


def test_replaying_everything_agrees_with_the_ledger(traded: Path):
    result = _run("replay", "--all")
    assert result.exit_code == 0
    assert (
        "Judged 2 decisions again: 2 the same, 0 different, 0 could not be judged." in result.stdout
    )
    assert "The ledger is what its records say." in result.stdout


def test_a_ledger_that_was_changed_behind_the_audit_is_found(traded: Path):
    _edit(traded, "UPDATE ledger SET stop_price = '41000'")
    result = _run("replay", "--all")
    assert result.exit_code == 1
    assert "is another one in the ledger than by the audit" in result.stdout
    assert _json("replay", "--all")["sound"] is False


def test_limits_that_changed_since_are_said(traded: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MAX_LEVERAGE", "2")
    with open_books(load_settings()[0], clock=lambda: DECIDED_AT_US):
        RiskManager().observe(observations(an_instrument(_BTC)))
    result = _run("replay", "2")
    assert result.exit_code == 0
    assert "agrees" in result.stdout
    assert "limits changed since: max_leverage 5 → 2" in result.stdout
    assert "Judged by limits that are others today: 2." in _run("replay", "--all").stdout


def test_a_report_sums_up_as_markdown_and_json(traded: Path):
    text = _run("report").stdout
    assert "Approved: 1, of which 1 took budget. Rejected: 1." in text
    assert "| already_live | 1 |" in text
    report = _json("report")
    assert report["refusals_by_code"]["already_live"] == 1
    assert report["by_symbol"] == {_BTC: {"approved": 1, "rejected": 1}}
    assert (
        "No record of account main lies in this period." in _run("report", "--since", "1h").stdout
    )


@pytest.mark.parametrize("command", ["list", "show", "report", "verify", "export", "replay"])
def test_every_command_has_help_with_examples(command: str):
    shown = _run(command, "--help")
    assert shown.exit_code == 0
    assert f"snipersight audit {command}" in shown.stdout.split("Examples")[1]


def test_a_damaged_record_stops_no_other_command_without_a_word(traded: Path):
    _edit(traded, "UPDATE audit SET body = CAST(x'7bff7d' AS TEXT) WHERE seq = 3")
    for arguments in (["list"], ["show", "3"], ["report"], ["replay", "--all"]):
        result = _run(*arguments)
        assert result.exit_code == 4
        assert "record 3 of the audit is damaged" in result.stderr
        assert "audit verify" in result.stderr
    assert _run("verify").exit_code == 1
