"""An outbox in memory that keeps the promises of the port `Outbox`, for tests of its users.

`test_outbox_machine` holds the one in the database against it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from snipersight.domain.errors import LeaseLost, StateUnavailable
from snipersight.domain.outbox import (
    Delivery,
    DeliveryDraft,
    StoppedLane,
    StoredNotice,
    Waiting,
)
from snipersight.domain.store import QueueDraft
from tests.fakes.memory_outbox_item import NOT_TOLD, Item


@dataclass
class MemoryOutbox:
    """Implements `Outbox`.

    Attributes:
        clock: microseconds.
        is_leased: claims need the lease, and those of all but its holder are void.
        error: raised by every method while set, as by a store that cannot be reached.
    """

    clock: Callable[[], int]
    is_leased: bool = False
    error: StateUnavailable | None = None
    notices: list[Item] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    lanes: dict[tuple[str, str], StoppedLane] = field(default_factory=dict)
    moved: dict[tuple[str, str], str] = field(default_factory=dict)
    windows: dict[str, int] = field(default_factory=dict)
    first: dict[tuple[str, str, str], str] = field(default_factory=dict)
    attempts: dict[tuple[int, int], list[Any]] = field(default_factory=dict)
    holder: str = ""
    holder_until_us: int = 0

    def check(self) -> None:
        """Raise what a store raises that is away."""
        if self.error is not None:
            raise self.error

    def keep_lease(self, owner: str, for_us: int) -> bool:
        """Take the lease, or hold it for its time again."""
        if self.holder != owner and self.holder_until_us > self.clock():
            return False
        self.holder, self.holder_until_us = owner, self.clock() + for_us
        return True

    def put(self, draft: QueueDraft) -> bool:
        """Store a notice."""
        self.check()
        if any(one.draft.key == draft.key for one in self.notices):
            return False
        now_us = self.clock()
        due_us = now_us if draft.available_us is None else draft.available_us
        number = len(self.notices)
        self.notices.append(
            Item(number=number, draft=draft, created_us=now_us, available_us=due_us)
        )
        return True

    def put_instead(self, draft: QueueDraft, keys: Collection[str]) -> bool:
        """Store a notice and be done with what it stands for."""
        waiting = [one for one in self.notices if one.draft.key in keys and one.state == "pending"]
        if not self.put(draft):
            return False
        for one in waiting:
            one.let_go("done", self.clock(), None)
        return True

    def put_once_within(self, draft: QueueDraft, *, subject: str, window_us: int) -> bool:
        """Store a notice unless its window is open."""
        self.check()
        if self.windows.get(subject, 0) > self.clock() or not self.put(draft):
            return False
        self.windows[subject] = self.clock() + window_us
        return True

    def release(self, batch: str, *, key: str | None = None) -> int:
        """Make the notices of a batch due, or the one of a key."""
        self.check()
        found = [
            one
            for one in self.notices
            if one.state == "pending" and one.draft.payload.get("batch") == batch
            if key is None or one.draft.key == key
        ]
        for one in found:
            one.available_us = min(one.available_us, self.clock())
        return len(found)

    def claim_notices(self, owner: str, *, limit: int, for_us: int) -> tuple[StoredNotice, ...]:
        """Claim notices that are due."""
        self.check()
        claimed = [one for one in self.notices if one.state == "claimed"]
        if any(self.clock() < one.until_us <= self.clock() + for_us for one in claimed):
            return ()
        for one in claimed:
            one.state = "pending"
        due = [one for one in self.notices if one.is_due(self.clock(), None)]
        due.sort(key=lambda one: (-one.draft.priority, one.number))
        for one in due[:limit]:
            one.claim(owner, self.clock() + for_us)
        return tuple(
            StoredNotice(
                item_id=one.number,
                attempt=one.attempt,
                owner=owner,
                key=one.draft.key,
                payload=one.draft.payload,
                created_us=one.created_us,
            )
            for one in due[:limit]
        )

    def fan_out(
        self, notices: Sequence[StoredNotice], deliveries: Sequence[DeliveryDraft]
    ) -> int | None:
        """Finish notices and store deliveries."""
        self.check()
        held = [self._held(self.notices, notice) for notice in notices]
        if None in held:
            return None
        for one in held:
            assert one is not None
            one.let_go("done", self.clock(), None)
        return sum(self._store(draft) for draft in deliveries)

    def refuse_notice(self, notice: StoredNotice, *, error: str) -> bool:
        """Give a notice up."""
        self.check()
        return self._end(self.notices, notice, "dead", self.clock(), error)

    def claim_deliveries(
        self,
        owner: str,
        *,
        limit: int,
        for_us: int,
        but_not: Collection[tuple[str, str]] = (),
        at_least: int = 0,
    ) -> tuple[Delivery, ...]:
        """Claim the heads of lanes that are due."""
        self.check()
        if self.is_leased and (self.holder != owner or self.holder_until_us <= self.clock()):
            raise LeaseLost("not ours")
        only = owner if self.is_leased else None
        busy = {*but_not, *(self.place(held) for held in self.live_claims(only))}
        found = [one for one in self.heads() if self._may_be_claimed(one, only, busy)]
        found = [one for one in found if one.draft.priority >= at_least]
        found.sort(key=lambda one: (-one.draft.priority, one.number))
        return tuple(self._taken(one, owner, for_us) for one in found[:limit])

    def delivered(self, delivery: Delivery, *, message_id: str) -> bool:
        """Finish a delivery."""
        self.check()
        self._end_attempt(delivery)
        draft = delivery.draft
        for thread in (draft.thread, *draft.begins):
            if thread and message_id:
                self.first.setdefault((thread, draft.channel, draft.address), message_id)
        return self._end(self.items, delivery, "done", self.clock(), None)

    def retry(
        self, delivery: Delivery, *, at_us: int, error: str, is_ambiguous: bool = False
    ) -> bool:
        """Hand a delivery back."""
        self.check()
        self._end_attempt(delivery)
        if not self._end(self.items, delivery, "pending", at_us, error):
            return False
        self.items[delivery.item_id].is_ambiguous |= is_ambiguous
        return True

    def bury(self, delivery: Delivery, *, error: str) -> bool:
        """Give a delivery up."""
        self.check()
        self._end_attempt(delivery)
        return self._end(self.items, delivery, "dead", self.clock(), error)

    def stop(self, channel: str, address: str, *, error: str) -> bool:
        """Stop a chat or a channel."""
        self.check()
        if (channel, address) in self.lanes:
            return False
        self.lanes[channel, address] = StoppedLane(
            channel=channel, address=address, error=error, since_us=self.clock()
        )
        return True

    def stopped(self) -> tuple[StoppedLane, ...]:
        """Return what is stopped."""
        self.check()
        return tuple(self.lanes.values())

    def resume(self, channel: str | None = None, address: str | None = None) -> int:
        """Let what is stopped go on, and what was given up be tried again."""
        self.check()
        lanes = [
            place
            for place in self.lanes
            if channel in (None, place[0]) and address in (None, place[1])
        ]
        for place in lanes:
            del self.lanes[place]
        dead = [one for one in self.items if self._is_revived(one, channel, address)]
        for one in self.items:
            if one.state == "pending" and self._is_named(one, channel, address):
                one.available_us = min(one.available_us, self.clock())
        if channel is None and address is None:
            dead += [one for one in self.notices if one.state == "dead"]
        for one in dead:
            one.state, one.available_us = "pending", self.clock()
        return len(lanes) + len(dead)

    def move(self, channel: str, address: str, new_address: str) -> None:
        """Lead a chat to its new address."""
        self.check()
        if address == new_address:
            return
        self.moved.pop((channel, new_address), None)
        for place, led in list(self.moved.items()):
            if place[0] == channel and led == address:
                self.moved[place] = new_address
        self.moved[channel, address] = new_address

    def waiting(self) -> Waiting:
        """Return how much is not finished."""
        self.check()
        waiting = [one for one in self.items if one.is_unfinished]
        going = [one for one in waiting if not self._is_stopped(one)]
        nexts = (one.until_us if one.state == "claimed" else one.available_us for one in going)
        return Waiting(
            sendable=len(going),
            stopped=len(waiting) - len(going),
            next_us=min(nexts, default=None),
            unworded=sum(
                one.state == "claimed" or one.is_due(self.clock(), None) for one in self.notices
            ),
        )

    def attempts_since(self, since_us: int) -> tuple[tuple[str, str, int], ...]:
        """Return the attempts since a moment."""
        self.check()
        found = [
            (channel, address, self.clock() if ended_us is None else ended_us)
            for channel, address, at_us, ended_us in self.attempts.values()
            if at_us >= since_us
        ]
        return tuple(sorted(found, key=lambda one: one[2]))

    def now_us(self) -> int:
        """Return the time."""
        self.check()
        return self.clock()

    def heads(self) -> list[Item]:
        """Return the head of each lane."""
        heads: dict[tuple[str, str], Item] = {}
        for one in self.items:
            if one.is_unfinished:
                head = heads.setdefault(self.place(one), one)
                if one.draft.priority > head.draft.priority:
                    heads[self.place(one)] = one
        return list(heads.values())

    def place(self, one: Item) -> tuple[str, str]:
        """Return channel and present address of a delivery."""
        draft = one.draft
        return draft.channel, self.moved.get((draft.channel, draft.address), draft.address)

    def live_claims(self, owner: str | None) -> list[Item]:
        """Return the deliveries that somebody holds."""
        now_us = self.clock()
        return [one for one in self.items if one.is_claimed(now_us, owner)]

    def _store(self, draft: DeliveryDraft) -> bool:
        if any(one.draft.key == draft.key for one in self.items):
            return False
        now_us = self.clock()
        number = len(self.items)
        self.items.append(Item(number=number, draft=draft, created_us=now_us, available_us=now_us))
        return True

    def _may_be_claimed(
        self, one: Item, owner: str | None, busy: Collection[tuple[str, str]]
    ) -> bool:
        channel, address = self.place(one)
        return (
            one.is_due(self.clock(), owner)
            and not self._is_stopped(one)
            and (channel, "") not in busy
            and (channel, address) not in busy
        )

    def _is_stopped(self, one: Item) -> bool:
        channel, address = self.place(one)
        return (channel, "") in self.lanes or (channel, address) in self.lanes

    def _taken(self, one: Item, owner: str, for_us: int) -> Delivery:
        if one.state == "claimed":
            one.is_ambiguous, one.last_error = True, NOT_TOLD
            for (number, _), told in self.attempts.items():
                if number == one.number and told[3] is None:
                    told[3] = self.clock()
        one.claim(owner, self.clock() + for_us)
        channel, address = self.place(one)
        self.attempts[one.number, one.attempt] = [channel, address, self.clock(), None]
        return Delivery(
            item_id=one.number,
            attempt=one.attempt,
            owner=owner,
            draft=replace(one.draft, address=address),
            reply_to=self.first.get((one.draft.thread, channel, address), ""),
            created_us=one.created_us,
            claimed_us=self.clock(),
            is_ambiguous=one.is_ambiguous,
            last_error=one.last_error,
        )

    def _held(self, among: list[Item], held: Delivery | StoredNotice) -> Item | None:
        one = among[held.item_id]
        return one if one.is_held_as(held) else None

    def _end(
        self,
        among: list[Item],
        held: Delivery | StoredNotice,
        state: str,
        at_us: int,
        error: str | None,
    ) -> bool:
        one = self._held(among, held)
        if one is None:
            return False
        one.let_go(state, at_us, error)
        return True

    def _end_attempt(self, delivery: Delivery) -> None:
        self.attempts[delivery.item_id, delivery.attempt][3] = self.clock()

    def _is_revived(self, one: Item, channel: str | None, address: str | None) -> bool:
        return one.state == "dead" and self._is_named(one, channel, address)

    def _is_named(self, one: Item, channel: str | None, address: str | None) -> bool:
        draft = one.draft
        return (
            channel in (None, draft.channel)
            and address in (None, draft.address, self.place(one)[1])
            and (draft.expires_us is None or draft.expires_us > self.clock())
        )
