"""One trade's round: look at the venue, store what is new, decide, store that, send, look again."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from snipersight.bot.executor.actions import (
    Action,
    Alarm,
    Cancel,
    Cover,
    Finish,
    Flatten,
    GiveUp,
    LookUp,
    MoveStop,
    Place,
    ReleaseRest,
    Situation,
)
from snipersight.bot.executor.booking import Booker
from snipersight.bot.executor.books import Look, TradeBooks
from snipersight.bot.executor.desk import Desk
from snipersight.bot.executor.evidence import CancelAsked, Fact, GivenUp
from snipersight.bot.executor.gathering import (
    Gathered,
    OpenOrders,
    Prices,
    acknowledges,
    gather,
    heard,
)
from snipersight.bot.executor.sending import Courier
from snipersight.bot.executor.situations import holding_in, noted, situation_of
from snipersight.bot.executor.sparing import Spared, ask_spare, is_spare_needed
from snipersight.bot.executor.trade_file import Changes, TradeFile, Verdict, after
from snipersight.bot.executor.venue_health import VenueHealth
from snipersight.domain.errors import StateUnavailable, VenueStopped, VenueUnavailable
from snipersight.domain.execution import Leg, OrderIntent, TradeId
from snipersight.domain.instrument import MarketKind
from snipersight.domain.orders import Fill, Quote, VenueOrder
from snipersight.domain.units import Symbol

_MOST_ROUNDS: Final = 12  # a rule that never comes to rest is taken up again in the next cycle

Decide = Callable[[Situation], tuple[Action, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is known of the venue before a trade is looked at.

    Args:
        orders: open orders; None: they are asked for.
        prices: of the markets; None: they are asked for.
        heard: orders that the stream told of.
        fills: executions that the stream told of.
        is_hint: something was told, and a whole look is not due for its own sake.
    """

    orders: OpenOrders | None = None
    prices: Prices | None = None
    heard: tuple[VenueOrder, ...] = ()
    fills: tuple[Fill, ...] = ()
    is_hint: bool = False


class TradeKeeper:
    """Brings one trade after the other to where nothing is left to do for it now.

    Args:
        desk: account and venue.
        books: its trades.
        courier: sends.
        booker: books fills.
        health: of the venue.
        decide: the rule.
    """

    def __init__(
        self,
        desk: Desk,
        books: TradeBooks,
        courier: Courier,
        booker: Booker,
        health: VenueHealth,
        *,
        decide: Decide,
    ) -> None:
        self._desk: Final = desk
        self._books: Final = books
        self._courier: Final = courier
        self._booker: Final = booker
        self._health: Final = health
        self._decide: Final = decide
        self._calm_us: Final[dict[TradeId, int]] = {}
        self._locks: Final[defaultdict[TradeId, asyncio.Lock]] = defaultdict(asyncio.Lock)

    def lock(self, trade_id: TradeId) -> asyncio.Lock:
        """Return what keeps two rounds of one trade apart."""
        return self._locks[trade_id]

    async def tend(self, trade_id: TradeId, news: News) -> bool:
        """Do everything for a trade that is due now.

        Returns:
            Whether that is all: False where the venue did not say what it shows of the trade, so
            that it should be asked again soon.

        Raises:
            LeaseLost: another executor has taken over.
            StateUnavailable: the store is away and was never read.
        """
        async with self.lock(trade_id):
            file = (await self._books.recall(trade_id)).file(trade_id)
            if file is None:
                self._locks.pop(trade_id, None)
                return True
            if (news.heard or news.fills) and not self._pairs_exits(file):
                # What a fill needs for its protection is known: no question is waited for.
                acted = await self._round(trade_id, heard(news.heard, file), None, news.fills)
                if not acted and _tells_nothing(news, file):
                    return True
                news = replace(news, heard=(), fills=())
            gathered = await self._look_whole(file, news)
            return gathered.is_answered and not await self._are_missing(trade_id, gathered)

    async def _look_whole(self, file: TradeFile, news: News) -> Gathered:
        """Ask the venue what it shows of a trade, and go on until nothing is due."""
        trade_id, asked_us = file.trade.trade_id, self._desk.clock()
        gathered, quote = await asyncio.gather(
            self._gathered(file, news), self._quote(file.trade.symbol, news.prices)
        )
        facts = (*heard(news.heard, file), *gathered.facts)
        if await self._settle_gone(gathered):
            file = (await self._books.recall(trade_id)).file(trade_id) or file
        fills = news.fills
        if await self._book_spot(file, facts, fills):
            fills = ()
        spared = await self._spared(trade_id, facts)
        facts = (*facts, *spared.facts)
        calm_us = None if news.heard or news.fills else self._calm_us.get(trade_id)
        is_asking = spared.spare is not None
        for _ in range(_MOST_ROUNDS):
            spare = spared.spare
            if not await self._round(trade_id, facts, quote, fills, spare=spare, calm_us=calm_us):
                break
            if is_asking:
                # What was decided by it must not be taken back for want of it, and the rest of a
                # sale that was filled in part is sold once that part is booked.
                spared = await self._spared(trade_id, (), is_due=True)
            facts, fills, calm_us = spared.facts, (), None
        await self._note_calm(trade_id, asked_us, gathered)
        return gathered

    async def _note_calm(self, trade_id: TradeId, asked_us: int, gathered: Gathered) -> None:
        """Remember when the venue last showed a trade that lacked no stop."""
        file = (await self._books.recall(trade_id)).file(trade_id)
        if file is None:
            self._calm_us.pop(trade_id, None)
        elif gathered.is_answered and file.trade.uncovered_since_us is None:
            self._calm_us[trade_id] = asked_us

    def _pairs_exits(self, file: TradeFile) -> bool:
        return self._desk.venue.capabilities(file.trade.symbol).pairs_exits

    async def _gathered(self, file: TradeFile, news: News) -> Gathered:
        seen = news.orders
        if seen is None:
            asked_us = self._desk.clock()
            try:
                orders = await self._desk.venue.open_orders(file.trade.symbol)
            except (VenueUnavailable, VenueStopped) as error:
                await self._note(file, error)
                return Gathered(is_answered=False)
            seen = OpenOrders(asked_us=asked_us, orders=orders)
        gathered = gather(file, seen)
        if gathered.altered:
            await self._tell_altered(file, gathered)
        return gathered

    async def _quote(self, symbol: Symbol, prices: Prices | None) -> Quote | None:
        if prices is not None and prices.is_fresh(self._desk.clock()):
            return prices.quotes.get(symbol)
        try:
            return await self._desk.venue.quote(symbol)
        except (VenueUnavailable, VenueStopped):
            return None  # the rules say what is done without a price

    async def _settle_gone(self, gathered: Gathered) -> bool:
        """Find out about orders that are not open any more, and cancel those that should not be.

        Returns:
            Whether there were any.
        """
        tasks = [self._courier.look_up(one) for one in gathered.gone]
        tasks += [self._courier.cancel(one) for one in gathered.to_cancel]
        await self._courier.settle(tasks)
        return bool(tasks)

    async def _are_missing(self, trade_id: TradeId, gathered: Gathered) -> bool:
        """Return whether nobody has said yet what became of an order that is open no more."""
        file = None
        if gathered.gone:
            file = (await self._books.recall(trade_id)).file(trade_id)
        return file is not None and any(file.intent(one.client_id) == one for one in gathered.gone)

    async def _round(
        self,
        trade_id: TradeId,
        facts: tuple[Fact, ...],
        quote: Quote | None,
        fills: tuple[Fill, ...],
        *,
        spare: Decimal | None = None,
        calm_us: int | None = None,
    ) -> bool:
        """Decide once and carry it out; return whether there may be more to do at once."""
        look = await self._books.recall(trade_id)
        file = look.file(trade_id)
        if file is None:
            return False
        learnt = self._learnt(file, facts, quote)
        seen = after(file, learnt)
        situation = self._situation(seen, look, quote, learnt.at_us)
        actions = self._decide(replace(situation, spare=spare, calm_us=calm_us))
        actions = tuple(one for one in actions if not self._is_early(one))
        file = await self._store(seen, learnt, actions)
        tasks = self._send(file, actions)
        is_unbooked = bool(holding_in(self._desk, file).unbooked) or bool(fills)
        booked = await self._book(file, fills) if is_unbooked else 0
        await self._courier.settle(tasks)
        return bool(actions) or booked > 0

    def _learnt(self, file: TradeFile, facts: tuple[Fact, ...], quote: Quote | None) -> Changes:
        now_us = self._desk.clock()
        learnt = Changes(trade_id=file.trade.trade_id, at_us=now_us, facts=facts)
        seen = after(file, learnt)
        what = noted(seen, holding_in(self._desk, seen), quote, now_us=now_us)
        learnt = learnt if what is None else replace(learnt, verdicts=(what,))
        is_news = after(file, learnt) != file
        return learnt if is_news else Changes(trade_id=file.trade.trade_id, at_us=now_us)

    def _situation(
        self, file: TradeFile, look: Look, quote: Quote | None, now_us: int
    ) -> Situation:
        is_allowed = look.entries_allowed and not self._health.is_stopped
        return situation_of(self._desk, file, quote, entries_allowed=is_allowed, now_us=now_us)

    def _is_early(self, action: Action) -> bool:
        """Return whether an order is given up or looked up while its request is still out."""
        if isinstance(action, GiveUp | LookUp):
            return self._courier.is_placing(action.client_id)
        return False

    async def _store(
        self, seen: TradeFile, learnt: Changes, actions: tuple[Action, ...]
    ) -> TradeFile:
        """Store facts, verdicts and new orders, entries apart; return the trade as it is then."""
        changes, alarms = _as_changes(learnt, actions)
        entries = tuple(one for one in changes.journaled if one.leg is Leg.ENTRY)
        others = tuple(one for one in changes.journaled if one.leg is not Leg.ENTRY)
        changes = replace(changes, journaled=others)
        file = seen
        if not changes.is_empty or alarms:
            file = await self._books.write(changes, alarms=alarms) or seen
        if not entries:
            return file
        entering = Changes(trade_id=learnt.trade_id, at_us=learnt.at_us, journaled=entries)
        try:
            return await self._books.write(entering) or file
        except StateUnavailable:
            return file  # what enters waits until it can be journaled

    def _send(self, file: TradeFile, actions: tuple[Action, ...]) -> list[asyncio.Task[None]]:
        """Send what was journaled; what the store did not take is not in the file and stays here."""
        tasks = []
        for action in actions:
            match action:
                case Place(intents=intents):
                    known = tuple(file.intent(one.client_id) for one in intents)
                    journaled = tuple(one for one in known if one is not None)
                    if len(journaled) == len(intents):
                        tasks.append(self._courier.place(journaled))
                case Cancel(client_id=client_id):
                    tasks += [self._courier.cancel(one) for one in _found(file, client_id)]
                case LookUp(client_id=client_id):
                    tasks += [self._courier.look_up(one) for one in _found(file, client_id)]
        return tasks

    async def _book_spot(
        self, file: TradeFile, facts: tuple[Fact, ...], fills: tuple[Fill, ...]
    ) -> bool:
        """Book new fills on spot before deciding: what a fee took tells what can be protected.

        Where the venue does not say in time, the rules go by the most that a fee may take.
        """
        if file.trade.market is not MarketKind.SPOT:
            return False
        changes = Changes(trade_id=file.trade.trade_id, at_us=self._desk.clock(), facts=facts)
        if not holding_in(self._desk, after(file, changes)).unbooked:
            return False
        return await self._book(file, fills) > 0

    async def _spared(
        self, trade_id: TradeId, facts: tuple[Fact, ...], *, is_due: bool = False
    ) -> Spared:
        """Ask what the account has beyond a trade's own, where that decides what may be placed."""
        file = (await self._books.recall(trade_id)).file(trade_id)
        if file is None:
            return Spared()
        file = after(file, Changes(trade_id=trade_id, at_us=self._desk.clock(), facts=facts))
        if not is_spare_needed(self._desk, file, is_due=is_due):
            return Spared()
        try:
            return await ask_spare(self._desk, self._booker, file)
        except VenueStopped as error:
            await self._note(file, error)
            return Spared()

    async def _book(self, file: TradeFile, fills: tuple[Fill, ...]) -> int:
        try:
            return await self._booker.book(file, heard=fills)
        except (VenueUnavailable, VenueStopped) as error:
            await self._note(file, error)
            return 0

    async def _note(self, file: TradeFile, error: VenueUnavailable | VenueStopped) -> None:
        """Tell that the venue refuses us; that it does not answer is no news of a trade."""
        if not isinstance(error, VenueStopped):
            return
        at_us = self._desk.clock()
        alarms = self._health.note_refusal(error, at_us=at_us)
        changes = Changes(trade_id=file.trade.trade_id, at_us=at_us)
        await self._books.write(changes, alarms=alarms)

    async def _tell_altered(self, file: TradeFile, gathered: Gathered) -> None:
        changes = Changes(trade_id=file.trade.trade_id, at_us=self._desk.clock())
        alarms = tuple(_altered_alarm(one) for one in gathered.altered)
        await self._books.write(changes, alarms=alarms)


def _as_changes(learnt: Changes, actions: tuple[Action, ...]) -> tuple[Changes, tuple[Alarm, ...]]:
    """Return what is written of decided actions, beside what was learnt, and what is told."""
    facts: list[Fact] = list(learnt.facts)
    verdicts: list[Verdict] = list(learnt.verdicts)
    journaled: list[OrderIntent] = []
    for action in actions:
        match action:
            case Place(intents=intents):
                journaled += [replace(one, sent_us=learnt.at_us) for one in intents]
            case Cancel(client_id=client_id):
                facts.append(CancelAsked(client_id=client_id))
            case GiveUp(client_id=client_id):
                facts.append(GivenUp(client_id=client_id))
            case MoveStop() | Flatten() | Cover() | Finish():
                verdicts.append(action)
    changes = replace(
        learnt,
        facts=tuple(facts),
        verdicts=tuple(verdicts),
        journaled=tuple(journaled),
        releases_rest=any(isinstance(one, ReleaseRest) for one in actions),
    )
    return changes, tuple(one for one in actions if isinstance(one, Alarm))


def _tells_nothing(news: News, file: TradeFile) -> bool:
    """Return whether a hint merely confirms orders: no question follows from that."""
    return news.is_hint and not news.fills and all(acknowledges(one, file) for one in news.heard)


def _found(file: TradeFile, client_id: str) -> tuple[OrderIntent, ...]:
    intent = file.intent(client_id)
    return () if intent is None else (intent,)


def _altered_alarm(intent: OrderIntent) -> Alarm:
    text = (
        f"Order {intent.client_id} in {intent.request.symbol} was changed by hand at the venue. "
        "It is cancelled, and what the trade needs is placed anew."
    )
    return Alarm(subject=f"order:altered:{intent.client_id}", text=text)
