"""The part of a scan that a process has: turns, marks, and what is told of a store that is away."""

import asyncio
from collections.abc import Collection
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from sqlalchemy import update

from snipersight.bootstrap.executor_store import GuardedStore
from snipersight.bootstrap.run_clock import RunClock
from snipersight.bootstrap.running import sharing
from snipersight.bootstrap.running.sharing import Shares, open_shares
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.domain.outbox import NOTICES
from snipersight.domain.shares import SLOTS, Scope
from snipersight.domain.store import QueueDraft
from snipersight.domain.units import Currency, Symbol
from snipersight.storage.database import Database
from snipersight.storage.decision_store import SqlDecisionStore
from snipersight.storage.outbox import SqlOutbox
from snipersight.storage.schema import LEASE
from snipersight.storage.share_rows import Share
from snipersight.storage.shares import SqlShares
from tests.fakes.venue_clients import until

SCOPE = Scope(account_id="main", market="binance", profile_hash="0f", symbols="top20")
SYMBOLS = tuple(Symbol(f"ASSET{number}/USDT") for number in range(60))
CLOSE_MS = 1_790_000_040_000
BAR_MS = 60_000
TERM_US = 12_000_000


class ScriptedTime:
    """The system's time of a run, which a test sets."""

    def __init__(self, ms: int = CLOSE_MS + 5) -> None:
        self.ms = ms

    def us(self) -> int:
        return self.ms * 1000


@pytest.fixture
def time():
    return ScriptedTime()


@pytest.fixture
def open_one(database, time):
    """Return what opens one member of the scan after the other."""

    def opened(name: str, **options) -> Shares:
        return Shares(
            SqlShares(database, SCOPE, member=name), clock=RunClock(system_us=time.us), **options
        )

    return opened


@asynccontextmanager
async def kept(*all_shares: Shares):
    """Look after parts as a run does, while a test goes on."""
    tasks = [asyncio.create_task(shares.keep()) for shares in all_shares]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def look_twice(*all_shares: Shares) -> None:
    """Let everybody look after its part twice, as within two seconds."""
    for _ in range(2):
        for shares in all_shares:
            await shares._look_after()


def run_out(database: Database, owner: str) -> None:
    database.write(
        lambda it: it.execute(
            update(LEASE)
            .where(LEASE.c.owner == owner)
            .values(expires_us=LEASE.c.expires_us - 2 * TERM_US)
        )
    )


def is_refused(database: Database, shares: Shares) -> bool:
    try:
        database.write(shares.guard)
    except LeaseLost:
        return True
    return False


async def test_alone_everything_is_ours_at_once(open_one):
    shares = open_one("a")
    assert shares.mine(SYMBOLS) == ()
    shares.rest()
    await shares.join()
    assert shares.mine(SYMBOLS) == SYMBOLS
    assert shares.members == 1


async def test_two_share_every_symbol_between_them(open_one):
    first, second = open_one("a"), open_one("b")
    await first.join()
    await second.join()
    await look_twice(first, second)
    parts = first.mine(SYMBOLS), second.mine(SYMBOLS)
    assert sorted((*parts[0], *parts[1])) == sorted(SYMBOLS)
    assert all(len(part) > len(SYMBOLS) / 4 for part in parts)
    assert (first.part, second.part) == ("00ff", "ff00")


async def test_nothing_is_let_go_of_within_a_turn_and_its_mark_lets_go(open_one, database):
    first, second = open_one("a"), open_one("b")
    await first.join()
    begun = first.mine(SYMBOLS)
    await second.join()
    await look_twice(first, second)
    await first.require()
    assert first.mine(SYMBOLS) == begun
    assert not is_refused(database, first)
    assert first.part == ""
    await first.mark(CLOSE_MS)
    assert len(first.slots) == SLOTS // 2
    assert not is_refused(database, first)
    await look_twice(second)
    assert len(second.slots) == SLOTS // 2
    assert {second.scanned_to(symbol) for symbol in second.mine(SYMBOLS)} == {CLOSE_MS}


async def test_a_turn_whose_scan_failed_lets_go_without_a_mark(open_one):
    first, second = open_one("a"), open_one("b")
    await first.join()
    first.mine(SYMBOLS)
    await second.join()
    first.rest()
    await look_twice(first, second)
    assert len(second.slots) == SLOTS // 2
    assert {second.scanned_to(symbol) for symbol in SYMBOLS} == {None}


async def test_what_was_scanned_at_a_close_is_in_no_second_turn_of_it(open_one, database):
    first, second = open_one("a"), open_one("b")
    await first.join()
    first.mine(SYMBOLS)
    await second.join()
    await first.mark(CLOSE_MS)
    await look_twice(second, first)
    assert not second.begin(unless_scanned_to=CLOSE_MS)
    assert second.begin(unless_scanned_to=CLOSE_MS + BAR_MS)
    await second.mark(CLOSE_MS + BAR_MS)
    await second.leave()
    await look_twice(first)
    assert first.begin(unless_scanned_to=CLOSE_MS + BAR_MS)
    assert first.part == "00ff"
    assert first.begin()
    assert first.part == ""


async def test_a_turn_that_never_ends_holds_nobody_up_for_good(open_one, monkeypatch):
    monkeypatch.setattr(sharing, "_LONGEST_TURN_S", 0.0)
    first, second = open_one("a"), open_one("b")
    await first.join()
    first.mine(SYMBOLS)
    await second.join()
    await look_twice(first, second)
    assert len(second.slots) == SLOTS // 2


class AskedWhileSettling(SqlShares):
    """Rows of a member that is asked what is its own just before it lets something go."""

    def ask(self) -> None:
        """Do nothing, until a test puts something in its place."""

    def settle(self, *, may_give: Collection[int]) -> Share:
        self.ask()
        return super().settle(may_give=may_give)


async def test_a_turn_counts_on_nothing_that_is_being_let_go_of(open_one, database, time):
    rows = AskedWhileSettling(database, SCOPE, member="a")
    first, second = Shares(rows, clock=RunClock(system_us=time.us)), open_one("b")
    await first.join()
    await second.join()
    asked: list[tuple[Symbol, ...]] = []
    rows.ask = lambda: asked.append(first.mine(SYMBOLS))  # type: ignore[method-assign]  # once
    await first._look_after()
    assert len(asked) == 1
    assert asked[0] != SYMBOLS
    assert first.part == "00ff"
    assert not is_refused(database, first)


async def test_slots_gained_within_a_turn_wait_for_the_next_one(open_one, database):
    first, second = open_one("a"), open_one("b")
    await first.join()
    await second.join()
    await look_twice(first, second)
    begun = second.mine(SYMBOLS)
    second.gained.clear()
    run_out(database, "a")
    await look_twice(second)
    assert second.gained.is_set()
    assert second.mine(SYMBOLS) == begun
    await second.mark(CLOSE_MS)
    assert second.mine(SYMBOLS) == SYMBOLS


async def test_one_that_slept_past_its_term_is_refused_notices_and_takes_part_again(
    open_one, database
):
    first, second = open_one("a"), open_one("b")
    await first.join()
    await second.join()
    await look_twice(first, second)
    first.mine(SYMBOLS)
    run_out(database, "a")
    await look_twice(second)
    assert is_refused(database, first)
    with pytest.raises(LeaseLost, match="silent for too long"):
        await first.require()
    with pytest.raises(LeaseLost, match="b holds the lease"):
        await first.mark(CLOSE_MS)
    await first._look_after()
    assert first.mine(SYMBOLS) == ()
    first.rest()
    await look_twice(second, first)
    assert len(first.mine(SYMBOLS)) > len(SYMBOLS) / 4
    assert not is_refused(database, first)


async def test_a_guarded_store_and_outbox_write_nothing_once_overtaken(open_one, database):
    shares = open_one("a")
    decisions = SqlDecisionStore(database, clock=lambda: 7)
    decisions.create_account("main", Currency("USDT"), Decimal(100), at_us=5)
    store, outbox = GuardedStore(decisions, shares), SqlOutbox(database, guard=shares.guard)
    draft = AuditDraft(kind=AuditKind.OPERATOR, subject="x", actor="test", at_us=9)
    await shares.join()
    shares.mine(SYMBOLS)
    head = store.transact("main", lambda unit: unit.append(draft)).seq
    assert outbox.put(QueueDraft(topic=NOTICES, key="one"))
    run_out(database, "a")
    with pytest.raises(LeaseLost):
        store.transact("main", lambda unit: unit.append(draft))
    with pytest.raises(LeaseLost):
        outbox.put(QueueDraft(topic=NOTICES, key="two"))
    assert store.view("main", lambda unit: unit.account.head.seq) == head
    assert outbox.waiting().unworded == 1


async def test_nobody_writes_before_its_first_turn(open_one, database):
    shares = open_one("a")
    await shares.join()
    assert is_refused(database, shares)


async def test_marks_reach_the_next_life_and_never_go_back(open_one):
    first = open_one("a")
    await first.join()
    for close_ms in (CLOSE_MS, CLOSE_MS - BAR_MS):
        first.mine(SYMBOLS)
        await first.mark(close_ms)
    await first.leave()
    second = open_one("b")
    assert second.scanned_to(SYMBOLS[0]) is None
    await second.join()
    assert {second.scanned_to(symbol) for symbol in SYMBOLS} == {CLOSE_MS}


async def test_a_mark_of_the_future_is_not_believed_and_gives_way(open_one, time):
    first = open_one("a")
    await first.join()
    time.ms += 3_600_000
    first.mine(SYMBOLS)
    await first.mark(CLOSE_MS + 3_600_000)
    time.ms -= 3_600_000  # the clock was an hour ahead
    assert first.scanned_to(SYMBOLS[0]) is None
    first.mine(SYMBOLS)
    await first.mark(CLOSE_MS)
    assert first.scanned_to(SYMBOLS[0]) == CLOSE_MS


async def test_clocks_a_little_apart_believe_each_other(open_one, time):
    first = open_one("a")
    await first.join()
    first.mine(SYMBOLS)
    await first.mark(CLOSE_MS)
    time.ms = CLOSE_MS - 90_000
    assert first.scanned_to(SYMBOLS[0]) == CLOSE_MS


async def test_whoever_leaves_lets_the_others_have_everything_and_stays_away(open_one, database):
    first, second = open_one("a"), open_one("b")
    await second.join()
    async with kept(first):
        await until(lambda: first.members > 0)
        await first.leave()
        assert first.mine(SYMBOLS) == ()
        await first._look_after()
    await look_twice(second)
    assert len(second.slots) == SLOTS
    assert is_refused(database, first)


async def test_two_that_are_kept_share_within_seconds(open_one):
    first, second = open_one("a"), open_one("b")
    async with kept(first):
        await until(lambda: len(first.slots) == SLOTS)
        async with kept(second):
            await until(lambda: len(second.slots) == SLOTS // 2)


async def test_a_store_that_is_away_is_told_once_and_asked_again(database, open_one, monkeypatch):
    told: list[StateUnavailable | None] = []
    shares = open_one("a", on_trouble=told.append, look_s=0.01)
    broken, read = StateUnavailable("the disk is full"), database.read

    def away(_work):
        raise broken

    async with kept(shares):
        await until(lambda: shares.members > 0)
        monkeypatch.setattr(database, "read", away)
        await until(lambda: told != [])
        await asyncio.sleep(0.1)
        monkeypatch.setattr(database, "read", read)
        await until(lambda: len(told) == 2)
    assert told == [broken, None]


async def test_looking_after_a_part_that_is_at_rest_writes_nothing(open_one, database):
    shares = open_one("a")
    await shares.join()
    commits = database.commits
    for _ in range(3):
        await shares._look_after()
    assert database.commits == commits


async def test_two_of_one_process_are_two_members(database):
    pair = [open_shares(database, SCOPE, clock=RunClock()) for _ in range(2)]
    for shares in pair:
        await shares.join()
    await look_twice(*pair)
    assert [len(shares.slots) for shares in pair] == [SLOTS // 2] * 2
