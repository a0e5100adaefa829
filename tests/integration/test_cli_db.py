"""`snipersight db`, from a first upgrade to a pruned and restored database."""

import json
import shutil
import subprocess
from contextlib import chdir
from pathlib import Path

import pytest
from sqlalchemy import update

from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.bootstrap.signing import sign_audit
from snipersight.bootstrap.store import Store, open_store
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.storage.schema import QUEUE
from tests.fakes.terminal import in_this_process

DAY_US = 86_400_000_000


class Program:
    """The command with a home of its own and no foreign settings."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.file = self.home / "snipersight.db"
        self._folder = folder

    def __call__(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it, in the folder that its home is in."""
        with chdir(self._folder):
            return in_this_process(self.home, "db", *arguments, **environment)


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


@pytest.fixture
def settings(program, monkeypatch):
    """Return the settings that the program reads."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(program.home))
    return load_settings()[0]


def record(store: Store, *, days_old: int, count: int) -> None:
    """Add records of one age to the audit."""
    at_us = store.clock() - days_old * DAY_US
    draft = AuditDraft(kind=AuditKind.OPERATOR, subject="", actor="test", at_us=at_us)
    for _ in range(count):
        store.decisions.transact(store.account_id, lambda unit: unit.append(draft))


@pytest.mark.parametrize("command", ["upgrade", "check", "backup", "prune"])
def test_every_command_has_help_with_examples(program, command):
    shown = program(command, "--help")
    assert shown.returncode == 0
    assert f"snipersight db {command}" in shown.stdout.split("Examples")[1]


def test_an_upgrade_makes_the_database_and_a_check_finds_nothing_wrong(program):
    before = program("check", "--json")
    assert before.returncode == 0
    assert json.loads(before.stdout)["exists"] is False
    assert not program.file.exists()
    first, second = program("upgrade"), program("upgrade")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "has its tables now, version 0004" in first.stdout
    assert "nothing to do" in second.stdout
    after = program("check")
    assert (after.returncode, after.stderr) == (0, "")
    assert "Nothing is wrong with it." in after.stdout


def test_the_exit_code_tells_a_warning_from_a_fault(program):
    program("upgrade")
    program.file.chmod(0o640)
    warned = program("check")
    assert warned.returncode == 3
    assert "warning: others than its owner can use snipersight.db (mode 0640)" in warned.stdout
    program.file.write_bytes(b"no database" * 500)
    broken = program("check", "--json")
    assert broken.returncode == 4
    assert json.loads(broken.stdout)["is_usable"] is False


def test_old_records_go_to_a_file_and_a_backup_from_before_has_them_still(program, settings):
    with open_store(settings) as store:
        record(store, days_old=2000, count=3)
        sign_audit(settings, store.database, at_us=store.clock())
        record(store, days_old=1, count=1)
        for number in range(100):
            store.queue("message").put(str(number), {"text": "x" * 20_000})
        for item in store.queue("message").claim("a", limit=100, for_us=DAY_US):
            store.queue("message").acknowledge(item)
    kept = program("backup", "before.db", "--json")
    assert kept.returncode == 0, kept.stderr
    dry = program("prune", "--dry-run", "--json")
    assert json.loads(dry.stdout)["audits"][0]["records"] == 3
    done = program("prune", "--json")
    assert done.returncode == 0, done.stderr
    held = json.loads(done.stdout)
    (audit,) = held["audits"]
    assert (audit["records"], audit["kept_because"]) == (3, None)
    assert len(Path(audit["archive"]).read_text().splitlines()) == 1 + 3
    assert program("check").returncode == 0
    backup = Path(json.loads(kept.stdout)["file"])
    assert json.loads(kept.stdout)["rows"]["audit"] == 4
    shutil.copy(backup, program.file)
    restored = program("check", "--json")
    assert json.loads(restored.stdout)["rows"]["audit"] == 4


def test_a_prune_shrinks_the_file(program, settings):
    with open_store(settings) as store:
        queue = store.queue("message")
        queue.put("old", {"text": "x" * 1_000_000})
        (item,) = queue.claim("a", limit=1, for_us=DAY_US)
        queue.acknowledge(item)
        store.database.write(lambda it: it.execute(update(QUEUE).values(available_us=1)))
    done = program("prune")
    assert done.returncode == 0, done.stderr
    assert "Removed 1 finished item of the queue" in done.stdout
    assert program.file.stat().st_size < 500_000


def test_without_a_signature_old_records_stay_and_the_reason_is_told(program, settings):
    with open_store(settings) as store:
        record(store, days_old=2000, count=2)
    done = program("prune")
    assert done.returncode == 3
    assert "warning: 2 old records of the audit of main had to stay: no key" in done.stdout
    assert not (program.home / "archive").exists()


def test_a_server_is_refused_a_backup_with_the_command_that_makes_one(program):
    refused = program(
        "backup", "desk.dump", DATABASE_URL="postgresql://me:hidden-word@host.invalid/desk"
    )
    assert refused.returncode == 2
    assert "pg_dump --format=custom" in refused.stderr
    assert "hidden-word" not in refused.stdout + refused.stderr


def test_a_server_gets_its_tables_only_by_the_upgrade(program, postgres_url):
    empty = program("check", DATABASE_URL=postgres_url)
    assert empty.returncode == 4
    assert "run `snipersight db upgrade`" in empty.stdout
    assert program("prune", DATABASE_URL=postgres_url).returncode == 4
    assert program("upgrade", DATABASE_URL=postgres_url).returncode == 0
    assert program("check", DATABASE_URL=postgres_url).returncode == 0
    pruned = program("prune", DATABASE_URL=postgres_url)
    assert pruned.returncode == 0, pruned.stderr
