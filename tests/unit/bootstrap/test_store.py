import stat
from decimal import Decimal

import pytest

from snipersight.bootstrap.account_names import MAIN, PRACTICE
from snipersight.bootstrap.database_place import database_url
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.store import open_store
from snipersight.domain.audit import AuditKind
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.standing import BreakerName
from snipersight.storage.audit_log import AuditLog


def test_the_database_lies_in_the_home_for_its_owner_alone(tmp_path):
    settings, _ = load_settings()
    with open_store(settings) as store:
        (account,) = store.decisions.accounts()
    assert (account.account_id, account.currency) == (MAIN, "USDT")
    assert account.standing.balance == Decimal("10000.0")
    file = tmp_path / "home" / "snipersight.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_another_database_is_named_by_its_url(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    settings, _ = load_settings()
    open_store(settings).close()
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "home").exists()
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@host/desk")
    assert database_url(load_settings()[0]) == "postgresql://me:secret@host/desk"


def test_what_was_stored_is_there_when_it_is_opened_again():
    settings, _ = load_settings()
    with open_store(settings, clock=lambda: 1_700_000_000_000_000) as store:
        assert store.clock() == 1_700_000_000_000_000
        (before,) = store.decisions.accounts()
        store.key_values.put("cursor", "7")
        store.queue("message").put("signal:1", {})
        assert store.leases.acquire("scanner", owner="a", for_us=60_000_000) is not None
    with open_store(settings) as store:
        assert store.decisions.accounts() == (before,)
        held = store.key_values.get("cursor")
        assert held is not None
        assert held.value == "7"
        assert store.queue("message").counts().pending == 1
        assert store.leases.acquire("scanner", owner="b", for_us=1) is None


def test_an_account_cannot_change_its_currency(monkeypatch):
    open_store(load_settings()[0]).close()
    monkeypatch.setenv("ACCOUNT_CURRENCY", "EUR")
    with pytest.raises(ConfigInvalid, match="USDT"):
        open_store(load_settings()[0])


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(StateUnavailable, match="home"):
        open_store(load_settings()[0])


def test_an_account_opened_after_a_halt_of_all_begins_halted_and_says_why():
    settings, _ = load_settings()
    with open_store(settings, account_id=PRACTICE) as store:
        store.coming_accounts.halt("news at eight")
    with open_store(settings, account_id=MAIN) as store:
        main, practice = store.decisions.accounts()
        command, breaker = AuditLog(store.database).records(MAIN)
        assert store.queue("message").counts().pending == 1
    assert practice.standing.tripped == ()
    (held,) = main.standing.tripped
    assert (held.name, held.sentence) == (BreakerName.OPERATOR, "news at eight")
    assert [command.kind, breaker.kind] == [AuditKind.OPERATOR, AuditKind.BREAKER]
    assert command.actor == breaker.actor == "opening"


def test_an_account_opened_after_all_were_resumed_begins_as_usual():
    settings, _ = load_settings()
    with open_store(settings, account_id=PRACTICE) as store:
        store.coming_accounts.halt("news at eight")
        store.coming_accounts.resume()
    with open_store(settings, account_id=MAIN) as store:
        main, _ = store.decisions.accounts()
        assert store.queue("message").counts().pending == 0
    assert main.standing.tripped == ()
    assert main.head.seq == 0


def test_an_account_that_exists_is_not_halted_by_being_opened_again():
    settings, _ = load_settings()
    with open_store(settings) as store:
        store.coming_accounts.halt("news at eight")
    with open_store(settings) as store:
        (main,) = store.decisions.accounts()
    assert main.standing.tripped == ()
