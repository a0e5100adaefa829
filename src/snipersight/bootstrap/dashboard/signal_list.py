"""A page of signals: what evidence keeps of them, with where each is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.dashboard.accounts import account_names
from snipersight.bootstrap.dashboard.cursors import cursor_of, place_of
from snipersight.bootstrap.dashboard.signal_states import Taken, standing_of, taken_of
from snipersight.bootstrap.dashboard.views_signals import (
    SignalFilter,
    SignalOrder,
    SignalPage,
    SignalRow,
    SignalState,
)
from snipersight.bootstrap.dashboard.views_system import Topic
from snipersight.domain.evidence import OutcomeStatus, SignalKey
from snipersight.storage.telemetry.signal_listing import ListedSignal, Listing, list_signals

if TYPE_CHECKING:
    from snipersight.bootstrap.dashboard.store import DashboardStore

MOST: Final = 500
_LONGEST_TEXT: Final = 100


def signal_page(store: DashboardStore, wanted: SignalFilter) -> SignalPage:
    """Return the signals that are wanted; see `DashboardReader.signals`."""
    telemetry, read_ms = store.telemetry(), store.clock() // 1000
    listing = _listing(wanted)
    if telemetry is None:
        return SignalPage(rows=(), next_cursor=None, read_ms=read_ms)
    database = telemetry.database
    found = store.kept(Topic.PLANS, wanted, lambda: list_signals(database, listing))
    shown, rest = found[: listing.limit - 1], found[listing.limit - 1 :]
    taken = store.kept(Topic.POSITIONS, _keys(shown), lambda: _taken(store, shown))
    return SignalPage(
        rows=tuple(signal_row(one, taken.get(one.signal.key)) for one in shown),
        next_cursor=_cursor(wanted, shown[-1]) if rest else None,
        read_ms=read_ms,
    )


def signal_row(listed: ListedSignal, taken: Taken | None) -> SignalRow:
    """Return a signal as lists show it.

    Args:
        listed: with what evidence has of it.
        taken: what the book has of it; None: nobody traded it.
    """
    signal, terms = listed.signal, listed.signal.terms
    standing = standing_of(listed, taken)
    return SignalRow(
        account_id=signal.account_id,
        plan_id=signal.plan_id,
        setup_id=signal.setup_id,
        context_id=signal.context_id,
        origin=signal.origin,
        venue=signal.venue,
        symbol=signal.symbol,
        timeframe=signal.timeframe.name,
        direction=signal.direction,
        trade_type=signal.trade_type,
        profile=signal.profile,
        tier=signal.tier,
        score=signal.score,
        risk_reward=signal.risk_reward,
        regime=signal.regime,
        leader=signal.leader,
        session=signal.session,
        verdict=signal.verdict,
        reason=signal.reason,
        decided_ms=signal.decided_ms,
        judged_ms=signal.judged_ms,
        state=standing.state,
        is_modelled=standing.is_modelled,
        net_r=standing.net_r,
        targets_hit=standing.targets_hit,
        modelled=listed.modelled,
        actual=listed.actual,
        entry_near=terms.near,
        entry_far=terms.far,
        stop=terms.stop,
        targets=tuple(price for price, _ in terms.targets),
        valid_until_ms=terms.valid_until_ms,
    )


def _keys(listed: Sequence[ListedSignal]) -> tuple[str, ...]:
    return tuple(one.signal.key for one in listed)


def _taken(store: DashboardStore, listed: Sequence[ListedSignal]) -> dict[SignalKey, Taken]:
    """Return what the books have of these signals, by signal; a replay has none."""
    found: dict[SignalKey, Taken] = {}
    for account in account_names(store):
        of_account = {
            str(one.signal.plan_id): one.signal.key
            for one in listed
            if one.signal.account_id == account
        }
        if of_account:
            taken = taken_of(store, account, of_account)
            found |= {of_account[plan]: one for plan, one in taken.items()}
    return found


def _listing(wanted: SignalFilter) -> Listing:
    equal = {
        "account_id": wanted.account,
        "symbol": wanted.symbol,
        "profile": wanted.profile,
        "tier": wanted.tier,
        "origin": None if wanted.origin is None else wanted.origin.value,
        "direction": None if wanted.direction is None else wanted.direction.value,
    }
    statuses = {one for one in OutcomeStatus if SignalState(one.value) in wanted.states}
    after = None
    if wanted.cursor is not None:
        after = place_of(wanted.cursor, order=wanted.order.value)
    return Listing(
        equal={name: value for name, value in equal.items() if value is not None},
        statuses=frozenset(statuses),
        refused=SignalState.REFUSED in wanted.states,
        text=wanted.text.strip()[:_LONGEST_TEXT],
        since_ms=wanted.since_ms,
        until_ms=wanted.until_ms,
        by_score=wanted.order is SignalOrder.RANK,
        after=after,
        limit=min(max(wanted.limit, 1), MOST) + 1,  # one more tells whether there is another page
    )


def _cursor(wanted: SignalFilter, last: ListedSignal) -> str:
    signal = last.signal
    value = signal.score if wanted.order is SignalOrder.RANK else signal.decided_ms
    return cursor_of(wanted.order.value, value, signal.key)
