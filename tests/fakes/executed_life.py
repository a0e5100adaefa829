"""The life of one executed trade, step by step, with what must hold after every step."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from snipersight.bot.executor.actions import (
    Action,
    Cover,
    Finish,
    Flatten,
    MoveStop,
    Place,
    Situation,
)
from snipersight.bot.executor.client_ids import LONGEST, is_ours
from snipersight.bot.executor.managing.amounts import is_protectable, usable
from snipersight.bot.executor.managing.assuming import assume
from snipersight.bot.executor.managing.doubts import is_doubtful
from snipersight.domain.direction import Direction
from snipersight.domain.execution import Leg, ManagementRules, OrderIntent, TradeState
from snipersight.domain.instrument import Fees
from snipersight.domain.orders import OrderStatus
from tests.builders.situations import (
    PERPETUAL,
    SECOND_US,
    SPOT,
    a_market,
    a_trade,
    mirrored,
    spot_market,
)
from tests.fakes.venue_model import BookOrder, Fate, Shell, VenueModel

KINDS = ("long", "short", "spot", "spot_stop_limit")
LEVELS = "92 94.9 95 96 98 99 100 100.5 101 105 110 112 120 125".split()
FOREIGN = ("0", "0", "0.004", "0.07", "1.5", "40")
PARTS = ("0.01", "0.5", "1.07", "2", "3")
RULES = (
    ManagementRules(),
    ManagementRules(trailing_atr=Decimal(2)),
    ManagementRules(trailing_atr=Decimal(1), time_stop_us=120 * SECOND_US),
)
_ENDS = (OrderStatus.CANCELLED, OrderStatus.EXPIRED)
_ZERO = Decimal(0)


class ExecutedLife:
    """One trade at the model of a venue.

    Args:
        kind: `long` or `short` on the perpetual, or `spot`.
        has_fees: whether the venue takes a fee, on spot in the base currency.
        rules: of its management.
        foreign: spot units in the account that are not the trade's.
    """

    def __init__(
        self, kind: str, *, has_fees: bool, rules: ManagementRules, foreign: str = "0"
    ) -> None:
        self.direction = Direction.SHORT if kind == "short" else Direction.LONG
        is_spot = kind.startswith("spot")
        spot = replace(SPOT, has_stop_market=kind == "spot")
        rate = Decimal("0.001") if has_fees else _ZERO
        fees = Fees(maker=rate, taker=rate)
        trade = a_trade(
            self.direction,
            symbol="BTC/USDT" if is_spot else "BTC/USDT:USDT",
            rules=rules,
            cost="0.3" if has_fees else "0",
        )
        self.venue = VenueModel(
            instrument=spot_market(fees=fees) if is_spot else a_market(fees=fees),
            abilities=spot if is_spot else PERPETUAL,
            price=mirrored(Decimal(105), self.direction),
            foreign=Decimal(foreign) if is_spot else _ZERO,
        )
        self.shell = Shell(venue=self.venue, trade=trade, pending=trade.size)

    def go_round(self, fates: list[Fate]) -> None:
        """Decide once and do it; each request meets the next fate."""
        situation, actions = self.shell.decide()
        known = situation
        for action in actions:
            self._judge(known, action)
            known = assume(known, (action,))
        self.shell.do(situation, actions, fates)
        self._judge_cover(situation)
        self.judge_entries()
        self.judge_exits()

    def go_on(self, rounds: int) -> None:
        """Go on in peace for a while."""
        for _ in range(rounds):
            self.shell.see_all()
            self.go_round([])
            self.wait(1)

    def hear(self, pick: int) -> None:
        """Hear of one order."""
        if self.venue.orders:
            self.shell.see(sorted(self.venue.orders)[pick % len(self.venue.orders)])

    def move(self, level: str) -> None:
        """Let the price go to a level of the long, or its mirror image."""
        self.venue.move(mirrored(Decimal(level), self.direction))
        self.judge_exits()

    def fill_part(self, pick: int, part: str) -> None:
        """Let price touch an order and execute some of it."""
        order = self._pick(pick)
        level = order and (order.intent.request.price or order.intent.request.trigger_price)
        if order is not None and level:
            self.venue.price = level
            self.venue.fill(order, Decimal(part))
            self.judge_exits()

    def end_by_hand(self, pick: int) -> None:
        """Let somebody else, or the venue, end an order."""
        order = self._pick(pick)
        if order is not None:
            self.venue.end(order, _ENDS[pick % 2])

    def wait(self, seconds: int) -> None:
        """Let time pass, and what is on its way arrive before its window is over."""
        for _ in range(seconds):
            self.shell.now_us += SECOND_US
            sent = [self.shell.intents[one[0].client_id].sent_us for one in self.venue.late]
            window = self.venue.abilities.lookup_us * 9 // 10
            if any(at is not None and self.shell.now_us >= at + window for at in sent):
                self.venue.arrive()
                self.judge_exits()

    def kill(self) -> None:
        """Allow no entry any more."""
        self.shell.entries_allowed = False

    def close(self) -> None:
        """Let a person close the trade."""
        if self.shell.trade.state is not TradeState.DONE:
            situation = self.shell.situation()
            self.shell.do(situation, (Flatten(why="a person closed it"),), [])

    def finish(self) -> None:
        """Go on with an honest venue to where nothing is due, and look at what is left.

        Raises:
            AssertionError: something is due for ever, uncovered, or left over.
        """
        self.shell.is_quoted = True
        self.shell.settle()
        situation = self.shell.situation()
        open_orders = self.venue.open_orders()
        if self.shell.trade.state is TradeState.DONE:
            assert not open_orders
            assert self._is_dust(self.venue.held)
            return
        assert not self.shell.trade.exit_reason, "decided, and not closed"
        self._judge_exits(situation, open_orders)

    def judge_entries(self) -> None:
        """Look at the venue's entries: within the size approved, one a slice."""
        entries = [one for one in self.venue.orders.values() if one.intent.leg is Leg.ENTRY]
        committed = sum((one.filled + one.rest for one in entries), _ZERO)
        assert committed <= self.shell.trade.size, "more entered than approved"
        slices = [one.intent.index for one in entries if one.is_open or one.filled]
        assert len(slices) == len(set(slices)), "two entries for one slice"

    def is_protected(self) -> bool:
        """Return whether stops at the venue cover what is held there, as far as they can."""
        stops = [one for one in self.venue.open_orders() if one.intent.leg is Leg.STOP]
        bare = self.venue.held - sum((one.rest for one in stops), _ZERO)
        return self._is_dust(bare)

    def judge_exits(self) -> None:
        """Look at what the venue sold: what the trade held, and nobody else's whole lot."""
        lot = self.venue.instrument.lot or _ZERO
        assert self.venue.held > -lot, "somebody else's units were sold"

    def _judge(self, situation: Situation, action: Action) -> None:
        if isinstance(action, Place):
            self._judge_order(situation, action.intents)
        if isinstance(action, MoveStop):
            is_tighter = self.direction.is_winning(action.price, entry=situation.trade.stop_price)
            assert is_tighter, "the stop was loosened"
        if isinstance(action, Cover):
            was_covered = situation.trade.uncovered_since_us is None
            assert action.is_covered is not was_covered, "cover told twice"
        if isinstance(action, Finish):
            assert not self.venue.open_orders(), "over, and an order is left"
            assert not self.venue.late, "over, and an order is on its way"
            assert self._is_dust(self.venue.held), "over, and something is held"

    def _judge_order(self, situation: Situation, new: tuple[OrderIntent, ...]) -> None:
        trade = situation.trade
        assert all(is_ours(one.client_id) and len(one.client_id) <= LONGEST for one in new)
        if new[0].leg is Leg.ENTRY:
            may_enter = situation.entries_allowed and not trade.exit_reason
            assert may_enter, "an entry after the end of entries"
            assert situation.now_us < trade.valid_until_us
            earlier = [one for one in situation.intents if _is_same_slice(one, new[0])]
            assert all(one.may_retry for one in earlier), "an entry was sent again blindly"
            return
        targets = [one for one in situation.intents if one.leg is Leg.TARGET]
        if new[0].leg is Leg.TARGET and not situation.abilities.pairs_exits:
            resting = sum((one.rest for one in targets), _ZERO)
            assert resting + new[0].request.size <= situation.held, "targets beyond the position"
        assert new[0].request.size <= situation.held, "an exit larger than what is held"
        if situation.abilities.pairs_exits:
            taken = _taken(situation) + new[0].request.size
            assert taken <= situation.held, "units disposed of twice"

    def _judge_cover(self, situation: Situation) -> None:
        since = situation.trade.uncovered_since_us
        if since is None or self.shell.trade.uncovered_since_us is None or not usable(situation):
            return
        if self.shell.now_us >= since + self.shell.timings.stop_deadline_us:
            assert self.shell.trade.exit_reason, "naked for longer than the deadline"

    def _judge_exits(self, situation: Situation, open_orders: list[BookOrder]) -> None:
        if not is_protectable(situation):
            return
        stops = [one for one in open_orders if one.intent.leg is Leg.STOP]
        assert sum((one.rest for one in stops), _ZERO) == usable(situation), "not covered"
        assert all(one.intent.request.trigger_price == situation.trade.stop_price for one in stops)
        targets = [one for one in open_orders if one.intent.leg is Leg.TARGET]
        assert sum((one.rest for one in targets), _ZERO) <= usable(situation)
        assert self.venue.held - usable(situation) < Decimal("0.01")

    def _is_dust(self, size: Decimal) -> bool:
        market = self.venue.instrument
        worth = size * self.venue.price
        return size < (market.lot or _ZERO) or worth < (market.min_notional or _ZERO)

    def _pick(self, pick: int) -> BookOrder | None:
        resting = self.venue.open_orders()
        return resting[pick % len(resting)] if resting else None


def _is_same_slice(one: OrderIntent, other: OrderIntent) -> bool:
    return one.leg is Leg.ENTRY and one.index == other.index


def _taken(situation: Situation) -> Decimal:
    """Return the units that open exits tie up, those of a pair once."""
    lists = {
        frozenset((one.client_id, one.pair_id or one.client_id)): one.rest
        for one in sorted(situation.intents, key=lambda one: one.rest)
        if one.leg is not Leg.ENTRY and one.state.is_open and not is_doubtful(one, situation)
    }
    return sum(lists.values(), _ZERO)


def live(seed: int, *, steps: int = 40) -> ExecutedLife:
    """Return a life of seeded steps, gone through to its end."""
    dice = Random(seed)
    life = ExecutedLife(
        dice.choice(KINDS),
        has_fees=dice.random() < 0.5,
        rules=dice.choice(RULES),
        foreign=dice.choice(FOREIGN),
    )
    for _ in range(steps):
        _step(life, dice)
    life.finish()
    return life


def _step(life: ExecutedLife, dice: Random) -> None:
    number = dice.randrange(100)
    pick = dice.randrange(100)
    if number < 25:
        life.go_on(dice.randint(1, 3))
    elif number < 45:
        life.go_round(dice.choices([Fate.DONE, Fate.DONE, *Fate], k=3))
    elif number < 55:
        life.hear(pick)
    elif number < 67:
        life.move(dice.choice(LEVELS))
    elif number < 80:
        life.fill_part(pick, dice.choice(PARTS))
    elif number < 85:
        life.end_by_hand(pick)
    elif number < 94:
        life.wait(dice.choice([1, 2, 5, 12]))
    else:
        _disturb(life, dice)


def _disturb(life: ExecutedLife, dice: Random) -> None:
    number = dice.randrange(10)
    if number < 3:
        life.shell.is_quoted = dice.random() < 0.7
    elif number < 5:
        life.shell.is_denying = dice.random() < 0.7
    elif number < 8:
        life.venue.is_filling_stops = dice.random() < 0.5
    elif number == 8 and dice.random() < 0.5:
        life.shell.is_answering = dice.random() < 0.5
    elif number == 8:
        life.kill()
    else:
        life.close()
