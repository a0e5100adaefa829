"""The owner of the ledger: asks the exposure limits and reserves, fills, closes and releases.

Whoever reserves is asked and written in one transaction, so that two scanners cannot both take
the last of the budget. What happened at a venue is a fact: it is written whatever the limits say.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeVar

from snipersight.domain.audit import AuditKind
from snipersight.domain.decision import Check
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.ledger import EntryId, LedgerEntry
from snipersight.domain.observations import Correlations
from snipersight.domain.store import Clock, DecisionStore, UnitOfWork
from snipersight.domain.units import NO_MONEY, Currency, Money
from snipersight.risk.exposure.book import Claim
from snipersight.risk.exposure.capacity import available, claim_check, held_check
from snipersight.risk.exposure.checks import MAX_PER_ASSET, MAX_TOTAL
from snipersight.risk.exposure.proposals import Number, exact_number, propose, refusal
from snipersight.risk.ledger import moves as ledger_moves
from snipersight.risk.ledger import work as ledger_work
from snipersight.risk.ledger.records import expire_due
from snipersight.risk.ledger.work import Change, Clerk
from snipersight.risk.policy import RiskPolicy
from snipersight.risk.registry import RiskPorts, not_configured, ports_of

T = TypeVar("T")

_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)
_ALL_UNKNOWN: Final = Correlations()


class ExposureManager:
    """The exposure of one account, derived from its ledger.

    Args:
        account_id, store, clock, policy: what is not given is taken from the registered ports at
            each call; without any, every question is refused with the code `not_configured`.
        actor: who causes what is recorded, `cli`, `executor`.
    """

    def __init__(
        self,
        *,
        account_id: str | None = None,
        store: DecisionStore | None = None,
        clock: Clock | None = None,
        policy: RiskPolicy | None = None,
        actor: str = "cli",
    ) -> None:
        self._account_id = account_id
        self._store = store
        self._clock = clock
        self._policy = policy
        self._actor = actor

    def check_per_asset_limit(
        self,
        symbol: str,
        position_size: Number,
        *,
        entry: Number | None = None,
        stop: Number | None = None,
        leverage: Number = _ONE,
        quote_rate: Number | None = None,
        cost_per_unit: Number = _ZERO,
    ) -> Check:
        """Return whether one more trade keeps the limit of its underlying.

        Truthy: all trades in the asset, whatever they are quoted in, stay within
        `MAX_PER_ASSET_EXPOSURE` with it. Falsy: they would not (`max_per_asset`), or it cannot be
        told: `price_and_stop_needed` without entry and stop, because neither risk nor notional
        nor margin follows from a size; see `propose` for further codes; `ledger_unavailable`;
        `not_configured`.

        Args:
            symbol: ccxt's unified symbol.
            position_size: base units, above 0.
            entry, stop: prices; a stop below the entry makes it a long.
            leverage: notional ÷ margin.
            quote_rate: account currency for one unit of the quote currency; needed where they
                differ.
            cost_per_unit: fees and slippage of entry and stop, quote currency per base unit.
        """
        return self._ask_limit(
            MAX_PER_ASSET,
            lambda currency: propose(
                symbol,
                position_size,
                account_currency=currency,
                entry=entry,
                stop=stop,
                leverage=leverage,
                quote_rate=quote_rate,
                cost_per_unit=cost_per_unit,
            ),
        )

    def check_total_exposure(
        self,
        position_size: Number = 0,
        *,
        symbol: str | None = None,
        entry: Number | None = None,
        stop: Number | None = None,
        leverage: Number = _ONE,
        quote_rate: Number | None = None,
        cost_per_unit: Number = _ZERO,
    ) -> Check:
        """Return whether all trades together keep `MAX_TOTAL_EXPOSURE`, with one more or as is.

        Truthy: they do. Falsy: they do not (`max_total`), or it cannot be told, as for
        `check_per_asset_limit`.

        Args:
            position_size: base units of one more trade; 0 asks for the trades there are.
            symbol, entry, stop, leverage, quote_rate, cost_per_unit: of the further trade.
        """
        if position_size == 0:
            return self._ask(
                lambda unit, clerk: held_check(unit, policy=clerk.policy, now_us=clerk.now_us)
            )
        return self._ask_limit(
            MAX_TOTAL,
            lambda currency: propose(
                "" if symbol is None else symbol,
                position_size,
                account_currency=currency,
                entry=entry,
                stop=stop,
                leverage=leverage,
                quote_rate=quote_rate,
                cost_per_unit=cost_per_unit,
            ),
        )

    def get_available_capacity(
        self, symbol: str | None = None, *, correlations: Correlations = _ALL_UNKNOWN
    ) -> Money:
        """Return what a further trade may take on the policy's basis, in account currency.

        The least that any limit of that basis leaves; for a symbol also the limits of its asset
        and cluster, for the side that has less. Never negative; 0 where no further position is
        allowed, equity is zero or negative, or nothing is registered. It says nothing of
        breakers.

        Args:
            symbol: of the trade; None: of any asset that nothing held is correlated with.
            correlations: between the underlyings; an unknown one counts as 1 on the same side.

        Raises:
            StateUnavailable: the ledger cannot be read.
        """
        ports = self._ports()
        if ports is None:
            return NO_MONEY
        clerk = self._clerk(ports)
        return ports.store.view(
            ports.account_id,
            lambda unit: available(
                unit,
                symbol,
                policy=clerk.policy,
                now_us=clerk.now_us,
                correlations=correlations,
            ),
        )

    def reserve(self, entry: LedgerEntry, *, correlations: Correlations = _ALL_UNKNOWN) -> Check:
        """Take budget for a trade, if every limit allows it; asked and taken in one transaction.

        A reservation without an end gets the policy's. Reserving the same entry again changes
        nothing and passes, so that a caller who missed the answer may ask once more.

        Args:
            entry: state RESERVED, of this account.
            correlations: between the underlyings; an unknown one counts as 1 on the same side.

        Returns:
            A truthy check `reserved`, or the first refusal: `clock_backwards`, `stale_plan`,
            `already_live`, a breaker, `cooldown`, a limit, `entry_id_taken`, `ledger_unavailable`,
            `not_configured`. Nothing is taken then; only where the store broke off while it was
            written is that unknown, and asking again with the same entry tells.

        Raises:
            ValueError: the entry is not a reservation of this account.
        """
        try:
            return self._change(
                lambda unit, clerk: ledger_work.reserve(
                    unit, clerk, entry, correlations=correlations
                )
            )
        except StateUnavailable as error:
            return refusal("ledger_unavailable", str(error))

    def confirm(
        self, entry_id: EntryId, *, size: Number, price: Number, at_us: int | None = None
    ) -> Check:
        """Record a fill of (part of) a reservation.

        One that was released or has expired counts again with it, even beyond the limits: the
        venue filled the order before it heard of the end. If its setup was reserved anew since,
        it counts without a setup.

        Args:
            entry_id: of the reservation.
            size: base units filled, at most what is pending; of a reservation that was given
                back, whatever was filled.
            price: of the fill, quote per base unit.
            at_us: when it was filled, microseconds UTC; None: now.

        Returns:
            A truthy check `filled`, or a falsy one: `unknown_entry`, `impossible_change`,
            `not_configured`; nothing is recorded then.

        Raises:
            StateUnavailable: the fill could not be recorded.
        """

        def fill(entry: LedgerEntry, now_us: int) -> LedgerEntry:
            return ledger_moves.fill(
                entry,
                size=exact_number("size", size),
                price=exact_number("price", price),
                at_us=now_us if at_us is None else at_us,
            )

        return self._move(entry_id, AuditKind.FILLED, fill, size=str(size), price=str(price))

    def release(self, entry_id: EntryId, *, reason: str) -> Check:
        """Give back what is pending: cancelled, void or not wanted any more.

        Returns:
            A truthy check `released`, or a falsy one as for `confirm`.

        Raises:
            StateUnavailable: it could not be recorded.
        """

        def release(entry: LedgerEntry, now_us: int) -> LedgerEntry:
            return ledger_moves.release(entry, at_us=now_us)

        return self._move(entry_id, AuditKind.RELEASED, release, reason=reason)

    def move_stop(self, entry_id: EntryId, *, price: Number) -> Check:
        """Record that the protective stop is at another price, whatever it risks there.

        Returns:
            A truthy check `stop_moved`, or a falsy one as for `confirm`.

        Raises:
            StateUnavailable: it could not be recorded.
        """

        def move(entry: LedgerEntry, _now_us: int) -> LedgerEntry:
            return ledger_moves.move_stop(entry, price=exact_number("price", price))

        return self._move(entry_id, AuditKind.STOP_MOVED, move, price=str(price))

    def note_protection(self, entry_id: EntryId, *, is_covered: bool) -> Check:
        """Record whether stops cover the whole open size; since when they do not is kept.

        Returns:
            A truthy check `stop_moved`, or a falsy one as for `confirm`.

        Raises:
            StateUnavailable: it could not be recorded.
        """

        def note(entry: LedgerEntry, now_us: int) -> LedgerEntry:
            if is_covered:
                return ledger_moves.protect(entry)
            return ledger_moves.unprotect(entry, at_us=now_us)

        return self._move(entry_id, AuditKind.STOP_MOVED, note, is_covered=is_covered)

    def close(
        self,
        entry_id: EntryId,
        *,
        price: Number,
        size: Number | None = None,
        cost: Number | None = None,
        by_stop: bool = False,
    ) -> Check:
        """Record that (part of) a position was closed; its result goes to the account's standing.

        Args:
            entry_id: of the position.
            price: of the close, quote per base unit.
            size: base units; None: all that is open.
            cost: fees and slippage of the part, entry and exit, in quote currency; None: what
                the trade was planned with.
            by_stop: the protective stop closed it; a cooldown begins.

        Returns:
            A truthy check `closed`, or `reduced` while something is open or pending, that
            measures what the part earned in account currency; or a falsy one as for `confirm`.

        Raises:
            StateUnavailable: it could not be recorded.
        """
        return self._change(
            lambda unit, clerk: ledger_work.close(
                unit, clerk, entry_id, price=price, size=size, cost=cost, by_stop=by_stop
            )
        )

    def take(
        self, entry: LedgerEntry, *, correlations: Correlations = _ALL_UNKNOWN
    ) -> tuple[Check, ...]:
        """Record a trade that was taken already: a fact, whatever the limits say of it.

        Recording the same entry again changes nothing.

        Args:
            entry: live, of this account.
            correlations: between the underlyings; an unknown one counts as 1 on the same side.

        Returns:
            The limits that it breaches.

        Raises:
            ConfigInvalid: its setup is live under another entry, or its id is taken.
            StateUnavailable: it could not be recorded, or nothing is registered.
            ValueError: the entry is not live, or of another account.
        """
        return self._record(
            lambda unit, clerk: ledger_work.take(unit, clerk, entry, correlations=correlations)
        )

    def expire_due(self) -> tuple[LedgerEntry, ...]:
        """Give back what is pending beyond its time, and return those entries as they are now.

        What our executor ordered stays until `release`: it may still be filled at the venue.

        Raises:
            StateUnavailable: it could not be recorded, or nothing is registered.
        """
        return self._record(
            lambda unit, clerk: expire_due(unit, at_us=clerk.at_us(unit), actor=clerk.actor)
        )

    def _move(self, entry_id: EntryId, kind: AuditKind, change: Change, **details: object) -> Check:
        return self._change(
            lambda unit, clerk: ledger_work.move(
                unit, clerk, entry_id, kind=kind, change=change, **details
            )
        )

    def _ask_limit(self, code: str, claimed: Callable[[Currency], Claim | Check]) -> Check:
        """Ask one limit about a trade that is priced in the account's currency."""

        def question(unit: UnitOfWork, clerk: Clerk) -> Check:
            claim = claimed(unit.account.currency)
            return claim_check(unit, code, claim, policy=clerk.policy, now_us=clerk.now_us)

        return self._ask(question)

    def _ask(self, question: Callable[[UnitOfWork, Clerk], Check]) -> Check:
        ports = self._ports()
        if ports is None:
            return not_configured()
        clerk = self._clerk(ports)
        try:
            return ports.store.view(ports.account_id, lambda unit: question(unit, clerk))
        except StateUnavailable as error:
            return refusal("ledger_unavailable", str(error))

    def _change(self, work: Callable[[UnitOfWork, Clerk], Check]) -> Check:
        ports = self._ports()
        return not_configured() if ports is None else self._transact(ports, work)

    def _record(self, work: Callable[[UnitOfWork, Clerk], T]) -> T:
        ports = self._ports()
        if ports is None:
            raise StateUnavailable(not_configured().sentence)
        return self._transact(ports, work)

    def _transact(self, ports: RiskPorts, work: Callable[[UnitOfWork, Clerk], T]) -> T:
        # The clock is read inside: a transaction may have waited for another one.
        return ports.store.transact(ports.account_id, lambda unit: work(unit, self._clerk(ports)))

    def _clerk(self, ports: RiskPorts) -> Clerk:
        return Clerk(now_us=ports.clock(), actor=self._actor, policy=ports.policy)

    def _ports(self) -> RiskPorts | None:
        return ports_of(
            account_id=self._account_id,
            store=self._store,
            clock=self._clock,
            policy=self._policy,
        )
