"""A home with an account, tokens for it, and who looks after the dashboard's door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from snipersight.bootstrap.access.doorkeeper import Doorkeeper
from snipersight.bootstrap.access.tokens import NewToken, make_token, revoke_named
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.dashboard.store import DashboardStore
from snipersight.bootstrap.settings import Settings, load_settings
from snipersight.domain.access import Scope
from snipersight.domain.errors import StateUnavailable
from snipersight.storage.migrating import DECISIONS

START_US = 1_790_000_000_000_000


@dataclass
class Hands:
    """A clock of both kinds that a test sets."""

    us: int = START_US
    s: float = 100.0

    def now_us(self) -> int:
        """Return microseconds UTC."""
        return self.us

    def now_s(self) -> float:
        """Return seconds that only grow."""
        return self.s

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self.s += seconds
        self.us += int(seconds * 1_000_000)


@dataclass
class Door:
    """A home with one account, and the doorkeeper of its dashboard."""

    settings: Settings
    store: DashboardStore
    doorkeeper: Doorkeeper
    hands: Hands = field(default_factory=Hands)

    def token(
        self, name: str = "laptop", scope: Scope = Scope.ADMIN, for_us: int | None = None
    ) -> str:
        """Make a token and return it."""
        return self.make(name, scope, for_us=for_us).secret

    def close_files(self) -> None:
        """Let go of what is open, as after a read that failed: it would go on being read."""

        def fail() -> None:
            raise StateUnavailable("the store is away")

        with suppress(StateUnavailable):
            self.store.reading(fail)

    def make(self, name: str, scope: Scope, *, for_us: int | None = None) -> NewToken:
        """Make a token."""
        books = self.store.books(None)
        return make_token(books, name, scope, for_us=for_us, clock=self.hands.now_us)

    def revoke(self, name: str = "laptop", actor: str = "cli") -> None:
        """Revoke a token."""
        revoke_named(self.store.books(None), name, actor=actor, clock=self.hands.now_us)

    @property
    def database_file(self) -> Path:
        """Return the file of the store."""
        return self.settings.snipersight_home / "snipersight.db"


@contextmanager
def a_door(home: Path, hands: Hands | None = None) -> Iterator[Door]:
    """Yield the door of a home, which has an account from now on."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SNIPERSIGHT_HOME", str(home))
        settings, _ = load_settings()
    hands = Hands() if hands is None else hands
    with open_books(settings, account_id="main", clock=hands.now_us):
        pass
    store = DashboardStore(settings, clock=hands.now_us)
    doorkeeper = Doorkeeper(store, clock_s=hands.now_s)
    try:
        yield Door(settings=settings, store=store, doorkeeper=doorkeeper, hands=hands)
    finally:
        doorkeeper.close()
        store.close()


@pytest.fixture
def door(tmp_path, migrated_file):
    """Return a door whose clock stands still."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    migrated_file(f"sqlite:///{home / 'snipersight.db'}", DECISIONS)
    with a_door(home) as opened:
        yield opened
