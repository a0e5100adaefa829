"""What `snipersight cancel` and `flatten` do once their words are understood."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.live_trades import find_live
from snipersight.bootstrap.trade_views import TradeView, views_of
from snipersight.cli.execution_opening import OpenAccount, open_for_execution
from snipersight.cli.exits import ExitCode
from snipersight.cli.following import take_over
from snipersight.cli.guard import say
from snipersight.cli.position_views import trade_json
from snipersight.domain import wording as texts
from snipersight.domain.commands import CommandKind
from snipersight.domain.errors import ConfigInvalid, LeaseLost
from snipersight.domain.execution import Leg, Trade
from snipersight.domain.instrument import parse_symbol

if TYPE_CHECKING:
    from snipersight.bootstrap.execution import Execution
    from snipersight.domain.store import UnitOfWork

Act = Callable[["Execution", Trade], Awaitable[object]]

SCHEMA: Final = "snipersight.trades/1"
_WHY: Final = "closed by a person"
_ROUNDS: Final = 20
_ROUND_S: Final = 0.5
_LOOK_S: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person wants done with trades.

    Args:
        kind: as the process that executes is told.
        act: does it here.
        is_done: whether the venue has confirmed it.
        words: what became of one trade.
    """

    kind: CommandKind
    act: Act
    is_done: Callable[[TradeView], bool]
    words: Callable[[TradeView], str]


def perform_cancel(
    env_file: Path | None, which: str, *, account: str | None, as_json: bool
) -> ExitCode:
    """Cancel the entries of the named trade and say what became of it.

    Where another process executes the account's trades, that one does it.

    Raises:
        ConfigInvalid: no live trade goes by that name.
        LeaseLost: the process that executes the account's trades does not answer.
        OrderRefused: it refuses.
        VenueUnavailable: the venue does not answer.
    """
    with open_for_execution(env_file, account, plan=which, signs=True) as opened:
        views = asyncio.run(carry_out(opened, find_live(opened.books, which), CANCEL))
    return _answer(views, CANCEL, opened, as_json=as_json)


def perform_flatten(
    env_file: Path | None,
    which: str | None,
    *,
    everything: bool,
    account: str | None,
    as_json: bool,
) -> ExitCode:
    """Close the named trade, or all of an account, and say what became of them.

    Where another process executes the account's trades, that one does it.

    Raises:
        ConfigInvalid: no live trade goes by that name, or neither a name nor --all was given.
        OrderRefused: the process that executes the account's trades refuses.
        VenueUnavailable: the venue does not answer.
    """
    if (which is None) is not everything:
        raise ConfigInvalid(
            "it is not said what to close" if which is None else "a trade and --all are both named",
            where="PLAN",
            next_step="name one trade, or say --all",
        )
    with open_for_execution(env_file, account, plan=which, signs=True) as opened:
        views = asyncio.run(carry_out(opened, find_live(opened.books, which), FLATTEN))
    return _answer(views, FLATTEN, opened, as_json=as_json)


async def carry_out(
    opened: OpenAccount, trades: Sequence[Trade], order: Order
) -> tuple[TradeView, ...]:
    """Have an order done: by the process that executes, or here where nobody does."""
    from snipersight.cli.trade_carrying import runner_of, told

    runner = runner_of(opened.books)
    if runner is not None and trades:
        if await told(opened.books, trades, order.kind, runner=runner):
            return await _until_done(opened, trades, order)
        if runner_of(opened.books) is not None:
            return await _leave_to(runner, opened, trades, order)
        say(f"Process {runner} is gone; this one does it.")
    return await _act(opened, trades, order.act, until=order.is_done)


async def _leave_to(
    runner: str, opened: OpenAccount, trades: Sequence[Trade], order: Order
) -> tuple[TradeView, ...]:
    """Leave a close in the books, where every executor finds it; a cancel cannot be left there."""
    from snipersight.bootstrap.live_trades import order_closed

    if order.kind is not CommandKind.FLATTEN:
        raise LeaseLost(
            f"process {runner} executes the trades of account {opened.books.ports.account_id} and "
            "takes no commands",
            where=f"account {opened.books.ports.account_id}",
            next_step="end it, then say this again; `flatten` closes trades beside it",
        )
    order_closed(opened.books, trades, why=_WHY)
    return await _until_done(opened, trades, order)


async def _until_done(
    opened: OpenAccount, trades: Sequence[Trade], order: Order
) -> tuple[TradeView, ...]:
    """Return trades as they are once all is confirmed, or after some seconds."""
    until_s = time.monotonic() + _ROUNDS * _ROUND_S
    while not all(map(order.is_done, views := _views(opened, trades))):
        if time.monotonic() >= until_s:
            break
        await asyncio.sleep(_LOOK_S)
    return views


async def _act(
    opened: OpenAccount,
    trades: Sequence[Trade],
    act: Act,
    *,
    until: Callable[[TradeView], bool],
) -> tuple[TradeView, ...]:
    """Act on each trade in its world, and wait a few seconds for the venue to show it."""
    for world in opened.worlds():
        here = [
            one
            for one in trades
            if (one.venue, one.environment) == (world.venue, world.environment)
        ]
        if not here:
            continue
        async with opened.execution(world) as execution:
            await take_over(execution)
            for trade in here:
                await act(execution, trade)
            for _ in range(_ROUNDS):
                await execution.executor.cycle()
                if all(until(one) for one in _views(opened, here)):
                    break
                if execution.paper is not None:
                    break  # its time stands still: nothing more would happen
                await asyncio.sleep(_ROUND_S)
    return _views(opened, trades)


def _views(opened: OpenAccount, trades: Sequence[Trade]) -> tuple[TradeView, ...]:
    def read(unit: UnitOfWork) -> tuple[TradeView, ...]:
        now = [unit.book.trade(one.trade_id) or one for one in trades]
        return views_of(unit, now, {}, {})

    return opened.books.ports.store.view(opened.books.ports.account_id, read)


def _has_no_entry(view: TradeView) -> bool:
    return not any(one.leg is Leg.ENTRY and one.state.is_open for one in view.intents)


def _is_over(view: TradeView) -> bool:
    return not view.trade.state.is_live


def _cancelled(view: TradeView) -> str:
    base, held = parse_symbol(view.trade.symbol)[0], view.holding.held
    if not _has_no_entry(view):
        return "the venue has not confirmed the cancel yet"
    if held == 0:
        return "its entries are cancelled, nothing was filled"
    return f"its entries are cancelled; {texts.size_text(held)} {base} stay open, {view.protection}"


def _closed(view: TradeView) -> str:
    base, held = parse_symbol(view.trade.symbol)[0], view.holding.held
    if _is_over(view):
        return f"closed, {texts.signed_amount(view.realised)} net of costs"
    return f"{texts.size_text(held)} {base} are not closed yet; it goes on until they are"


async def _cancel(execution: Execution, trade: Trade) -> None:
    await execution.executor.cancel_order(trade.trade_id)


async def _flatten(execution: Execution, trade: Trade) -> None:
    await execution.executor.flatten(trade.trade_id, reason=_WHY)


CANCEL: Final = Order(kind=CommandKind.CANCEL, act=_cancel, is_done=_has_no_entry, words=_cancelled)
FLATTEN: Final = Order(kind=CommandKind.FLATTEN, act=_flatten, is_done=_is_over, words=_closed)


def _answer(
    views: Sequence[TradeView], order: Order, opened: OpenAccount, *, as_json: bool
) -> ExitCode:
    if as_json:
        values = {
            "schema": SCHEMA,
            "account": opened.books.ports.account_id,
            "trades": list(map(trade_json, views)),
        }
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        for view in views:
            trade = view.trade
            print(f"{trade.direction} {trade.symbol} (plan {trade.plan_id}): {order.words(view)}.")
    return ExitCode.OK if all(map(order.is_done, views)) else ExitCode.PARTIAL
