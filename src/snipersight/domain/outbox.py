"""The outbox: notices wait in the store until they are worded, deliveries until they are sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from snipersight.domain.store import QueueDraft

NOTICES = "message"  # topic of what is to be told, stored with the decision it tells of
DELIVERIES = "delivery"  # topic of what goes to one chat


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotice:
    """A notice as its claimer holds it.

    Args:
        item_id, attempt, owner: the claim.
        key: idempotency key.
        payload: `kind` and what it needs; see `bot.notifications.notices.payloads`.
        created_us: when it was stored, microseconds UTC.
    """

    item_id: int
    attempt: int
    owner: str
    key: str
    payload: Mapping[str, object]
    created_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDraft:
    """One message to one chat.

    Args:
        key: idempotency key: notice, chat and part.
        channel, address: where to.
        body: as its notifier prepared it.
        priority: higher goes first, also within the chat; equal ones in order.
        expires_us: later than this it is not sent any more; None: whenever.
        thread: key of a signal whose messages hang together; empty for none. The first message
            delivered under it in a chat is what later ones reply to.
        begins: keys of other signals that it tells of: the same holds for them.
    """

    key: str
    channel: str
    address: str
    body: Mapping[str, object]
    priority: int = 0
    expires_us: int | None = None
    thread: str = ""
    begins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery as its claimer holds it.

    Args:
        item_id, attempt, owner: the claim; `attempt` is 1 the first time.
        draft: what is to be sent; the address is the present one of a chat that moved.
        reply_to: message id of the thread's first message in this chat; empty for none.
        created_us, claimed_us: microseconds UTC of the database.
        is_ambiguous: an earlier attempt may have been delivered.
        last_error: what went wrong the time before; None if nothing did.
    """

    item_id: int
    attempt: int
    owner: str
    draft: DeliveryDraft
    reply_to: str
    created_us: int
    claimed_us: int
    is_ambiguous: bool
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedLane:
    """A chat, or a channel as a whole, that takes nothing until a person has looked.

    Args:
        channel: which.
        address: of the chat; empty for the whole channel.
        error: why.
        since_us: microseconds UTC.
    """

    channel: str
    address: str
    error: str
    since_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is not finished, all of it at one moment.

    Args:
        sendable: deliveries in lanes that go on, claimed ones included.
        stopped: those in lanes that are stopped, or of a channel that is.
        next_us: when the next one of a lane that goes on is due or its claim runs out,
            microseconds UTC; may be past; None without any.
        unworded: notices that are due or being worded: deliveries to come.
    """

    sendable: int
    stopped: int
    next_us: int | None
    unworded: int = 0


class SenderLease(Protocol):
    """The right to be the only one who sends from a store; it ends by itself unless kept."""

    @property
    def owner(self) -> str:
        """Return who takes it, and claims deliveries under it; unique to a process."""
        ...

    @property
    def for_us(self) -> int:
        """Return for how long it is held from the moment it is kept, microseconds."""
        ...

    def keep(self) -> bool:
        """Take it, or hold it from now on for its time again; False while another one has it.

        Raises:
            StateUnavailable: the store cannot be written; what is held keeps its old end.
        """
        ...

    def give_back(self) -> None:
        """Let another one have it at once; nothing happens if it is not held.

        Raises:
            StateUnavailable: the store cannot be written; it ends with its time.
        """
        ...


class Outbox(Protocol):
    """Every method is one transaction and may raise `StateUnavailable`; times are the database's."""

    def put(self, draft: QueueDraft) -> bool:
        """Store a notice by itself; False if its key was stored before."""
        ...

    def put_instead(self, draft: QueueDraft, keys: Collection[str]) -> bool:
        """Store a notice that says what others say too; those that still wait are done with it.

        False, and nothing is changed, if its key was stored before.
        """
        ...

    def put_once_within(self, draft: QueueDraft, *, subject: str, window_us: int) -> bool:
        """Store a notice unless one of the same subject was stored within the window."""
        ...

    def release(self, batch: str, *, key: str | None = None) -> int:
        """Make the notices of a batch due now, or the one of a key; return how many there are."""
        ...

    def claim_notices(self, owner: str, *, limit: int, for_us: int) -> tuple[StoredNotice, ...]:
        """Claim notices that are due, highest priority first, then oldest first.

        Nothing while anybody holds a claim, so that none is worded before an older one; whoever
        claims after one ran out takes it from its owner. Everybody claims for the same time.
        """
        ...

    def fan_out(
        self, notices: Sequence[StoredNotice], deliveries: Sequence[DeliveryDraft]
    ) -> int | None:
        """Finish notices and store what became of them; return how many deliveries are new.

        None, and nothing is changed, if a claim has gone to somebody else.
        """
        ...

    def refuse_notice(self, notice: StoredNotice, *, error: str) -> bool:
        """Give up a notice that cannot be worded, for a person to look at."""
        ...

    def claim_deliveries(
        self,
        owner: str,
        *,
        limit: int,
        for_us: int,
        but_not: Collection[tuple[str, str]] = (),
        at_least: int = 0,
    ) -> tuple[Delivery, ...]:
        """Claim deliveries that are due: at most one of each chat, the head of its lane.

        The head is the unfinished delivery of highest priority, among these the oldest. Chats
        and channels that are stopped are passed over. A claim that ran out with its owner marks
        the delivery ambiguous. The claim counts as an attempt from this moment on.

        Args:
            owner: who sends them, unique to a process.
            limit: most deliveries, at least 1.
            for_us: microseconds until the claim runs out: longer than a request can take.
            but_not: channel and address of chats to pass over, at their limit now; an empty
                address: all of the channel.
            at_least: lowest priority that may leave now; the rest waits.

        Raises:
            LeaseLost: another sender has the right to claim deliveries now.
        """
        ...

    def delivered(self, delivery: Delivery, *, message_id: str) -> bool:
        """Finish a delivery and remember its message; False if the claim has gone elsewhere."""
        ...

    def retry(
        self, delivery: Delivery, *, at_us: int, error: str, is_ambiguous: bool = False
    ) -> bool:
        """Hand a delivery back, not to be sent before `at_us`; its chat waits for it."""
        ...

    def bury(self, delivery: Delivery, *, error: str) -> bool:
        """Give a delivery up, for a person to look at; its chat goes on without it."""
        ...

    def stop(self, channel: str, address: str, *, error: str) -> bool:
        """Stop a chat, or with an empty address a channel; False if it was stopped before."""
        ...

    def stopped(self) -> tuple[StoppedLane, ...]:
        """Return what is stopped."""
        ...

    def resume(self, channel: str | None = None, address: str | None = None) -> int:
        """Let what is stopped go on, and buried deliveries be tried again; return how many."""
        ...

    def move(self, channel: str, address: str, new_address: str) -> None:
        """Send what goes to a chat to its new address from now on."""
        ...

    def waiting(self) -> Waiting:
        """Return how many deliveries are not finished, and when the next one is due."""
        ...

    def attempts_since(self, since_us: int) -> tuple[tuple[str, str, int], ...]:
        """Return channel, address and latest possible time of the attempts since, oldest first.

        What the limits of a channel count, whoever made the attempts. The channel may have counted
        one as late as when its outcome was recorded; if that never was, as late as now.
        """
        ...

    def now_us(self) -> int:
        """Return the database's time, microseconds UTC."""
        ...
