"""Members of a scan under crashes, freezes, comings and goings, and a clock that is set.

The rows are real; time is not, so that a term passes at once. What a member holds in memory is what
it was told last, as in a process that was stopped.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import create_engine

from snipersight.domain.errors import LeaseLost
from snipersight.domain.shares import SLOTS, Moves
from snipersight.storage.leases import Lease, require_leases
from snipersight.storage.schema import METADATA
from snipersight.storage.share_rows import Share, ShareRows

KEY = "00112233aabbccdd"
TERM_US = 12_000_000
SECOND_US = 1_000_000
BEGAN_US = 1_790_000_000 * SECOND_US
BAR_MS = 60_000


@dataclass
class Member:
    """A process: what it was told last, and what it is scanning."""

    name: str
    share: Share = field(default_factory=Share)
    turn: Mapping[int, Lease] = field(default_factory=dict)
    hands: Mapping[int, int] = field(default_factory=dict)  # changed so often when the turn began
    is_frozen: bool = False


class SharesMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.engine = create_engine("sqlite://")
        METADATA.create_all(self.engine)
        self.now_us = BEGAN_US
        self.members: list[Member] = []
        self.scanned_ms: dict[int, int] = {}
        self.hands: Counter[int] = Counter()
        self.born = 0

    def teardown(self):
        self.engine.dispose()

    def rows(self, connection, member: Member) -> ShareRows:
        return ShareRows.locked(
            connection, KEY, member=member.name, for_us=TERM_US, clock=lambda _: self.now_us
        )

    def settle(self, member: Member) -> None:
        """Look after its part, as `keep` does: within a turn it gives nothing."""
        kept = self.kept(member)
        with self.engine.begin() as connection:
            gives = () if member.turn else range(SLOTS)
            share = self.rows(connection, member).settle(may_give=gives)
        self.accept(member, share, kept=kept)
        if not self.holds(member, member.share.leases, member.turn):
            member.turn = {}

    def accept(self, member: Member, share: Share, *, kept: set[int]) -> None:
        """Note what changed hands: also from one to itself, if nobody had it in between."""
        member.share = share
        self.hands.update(share.leases.keys() - kept)

    def kept(self, member: Member) -> set[int]:
        held = member.share.leases.items()
        return {slot for slot, lease in held if self.passes({slot: lease})}

    def holds(self, member: Member, held: Mapping[int, Lease], turn: Mapping[int, Lease]) -> bool:
        return all(slot in held and held[slot].token == turn[slot].token for slot in turn)

    def passes(self, leases: Mapping[int, Lease]) -> bool:
        with self.engine.begin() as connection:
            try:
                require_leases(connection, leases.values(), clock=lambda _: self.now_us)
            except LeaseLost:
                return False
        return True

    def awake(self) -> list[Member]:
        return [member for member in self.members if not member.is_frozen]

    def a_member(self, data: Any, *, among: list[Member]) -> Member:
        chosen: Member = data.draw(st.sampled_from(among))
        return chosen

    @precondition(lambda self: len(self.members) < 5)
    @rule()
    def join(self):
        self.born += 1
        member = Member(f"host:{self.born}")
        self.members.append(member)
        self.settle(member)

    @precondition(lambda self: self.awake())
    @rule(data=st.data())
    def look_after(self, data):
        self.settle(self.a_member(data, among=self.awake()))

    @precondition(lambda self: self.awake())
    @rule(data=st.data())
    def begin_turn(self, data):
        self.begin(self.a_member(data, among=self.awake()))

    @precondition(lambda self: self.awake())
    @rule(data=st.data(), others_look=st.booleans())
    def sleep_within_a_turn(self, data, others_look):
        member = self.a_member(data, among=self.awake())
        self.begin(member)
        self.now_us += TERM_US + SECOND_US
        for other in self.awake() if others_look else ():
            if other is not member:
                self.settle(other)
        slept = dict(member.turn)
        self.settle(member)
        for slot, lease in slept.items():
            # A clock that was set back meanwhile lets a lease last longer than its term.
            assert lease.expires_us > self.now_us or not self.passes({slot: lease})

    @precondition(lambda self: self.awake())
    @rule(data=st.data(), bars=st.integers(0, 2))
    def take_a_turn(self, data, bars):
        member = self.a_member(data, among=self.awake())
        self.begin(member)
        self.end(member, bars)

    @precondition(lambda self: any(member.turn for member in self.awake()))
    @rule(data=st.data(), bars=st.integers(0, 2))
    def end_turn(self, data, bars):
        self.end(self.a_member(data, among=[one for one in self.awake() if one.turn]), bars)

    def begin(self, member: Member) -> None:
        member.turn = dict(member.share.leases)
        member.hands = {slot: self.hands[slot] for slot in member.turn}

    def end(self, member: Member, bars: int) -> None:
        as_of_ms = self.now_us // 1000 // BAR_MS * BAR_MS - bars * BAR_MS
        turn, member.turn = member.turn, {}
        is_held, kept = self.passes(turn), self.kept(member)
        try:
            with self.engine.begin() as connection:
                rows = self.rows(connection, member)
                rows.require(turn)
                rows.mark(turn, as_of_ms=as_of_ms, believed_ms=10**18)
                share = rows.settle(may_give=range(SLOTS))
        except LeaseLost:
            assert not is_held
            return
        assert is_held
        self.accept(member, share, kept=kept)
        for slot in turn:
            self.scanned_ms[slot] = max(self.scanned_ms.get(slot, 0), as_of_ms)

    @precondition(lambda self: self.awake())
    @rule(data=st.data())
    def freeze(self, data):
        self.a_member(data, among=self.awake()).is_frozen = True

    @precondition(lambda self: len(self.awake()) < len(self.members))
    @rule(data=st.data())
    def wake(self, data):
        frozen = [member for member in self.members if member.is_frozen]
        self.a_member(data, among=frozen).is_frozen = False

    @precondition(lambda self: self.members)
    @rule(data=st.data())
    def crash(self, data):
        self.members.remove(self.a_member(data, among=self.members))

    @precondition(lambda self: self.awake())
    @rule(data=st.data())
    def leave(self, data):
        member = self.a_member(data, among=self.awake())
        with self.engine.begin() as connection:
            self.rows(connection, member).leave()
        self.members.remove(member)

    @rule(seconds=st.sampled_from([1, 4, 11, 13, 70]))
    def time_passes(self, seconds):
        self.now_us += seconds * SECOND_US

    @rule(minutes=st.sampled_from([-90, -1, 1, 90]))
    def the_clock_is_set(self, minutes):
        self.now_us += minutes * 60 * SECOND_US

    @precondition(lambda self: self.awake())
    @rule()
    def come_to_rest(self):
        """Let everybody that lives look after its part for a term: no turn is open."""
        for member in self.awake():
            member.turn = {}
        for seconds in (1, 4, 4, 4, 1, 1, 1):
            self.now_us += seconds * SECOND_US
            for member in self.awake():
                self.settle(member)
        held = [slot for member in self.awake() for slot in member.share.leases]
        assert sorted(held) == list(range(SLOTS))
        parts = [len(member.share.leases) for member in self.awake()]
        assert max(parts) - min(parts) <= 1
        assert all(member.share.moves == Moves() for member in self.awake())
        assert all(self.passes(member.share.leases) for member in self.awake())

    @invariant()
    def no_slot_is_written_by_two(self):
        writers: dict[int, str] = {}
        for member in self.members:  # those that are frozen, too: they might wake
            for leases in (member.share.leases, member.turn):
                for slot, lease in leases.items():
                    if self.passes({slot: lease}):
                        assert writers.setdefault(slot, member.name) == member.name

    @invariant()
    def a_turn_that_was_broken_writes_nothing(self):
        for member in self.members:
            for slot, lease in member.turn.items():
                if self.passes({slot: lease}):
                    assert self.hands[slot] == member.hands[slot]

    @invariant()
    def marks_are_what_was_marked(self):
        watcher = Member("watcher")
        with self.engine.begin() as connection:
            rows = self.rows(connection, watcher)
            found = rows.scanned_ms(range(SLOTS))
        assert found == self.scanned_ms


SharesMachine.TestCase.settings = settings(max_examples=18, stateful_step_count=30)
TestSharesMachine = SharesMachine.TestCase
