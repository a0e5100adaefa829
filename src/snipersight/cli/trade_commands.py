"""What `snipersight cancel` and `flatten` do once their words are understood."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
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


def perform_cancel(
    env_file: Path | None, which: str, *, account: str | None, as_json: bool
) -> ExitCode:
    """Cancel the entries of the named trade and say what became of it.

    Raises:
        ConfigInvalid: no live trade goes by that name.
        LeaseLost: another process executes the account's trades.
        VenueUnavailable: the venue does not answer.
    """

    async def cancel(execution: Execution, trade: Trade) -> None:
        await execution.executor.cancel_order(trade.trade_id)

    with open_for_execution(env_file, account, plan=which, signs=True) as opened:
        trades = find_live(opened.books, which)
        views = asyncio.run(_act(opened, trades, cancel, until=_has_no_entry))
    return _answer(views, _has_no_entry, _cancelled, opened, as_json=as_json)


def perform_flatten(
    env_file: Path | None,
    which: str | None,
    *,
    everything: bool,
    account: str | None,
    as_json: bool,
) -> ExitCode:
    """Close the named trade, or all of an account, and say what became of them.

    While another process executes the account's trades, the order to close is left to that one.

    Raises:
        ConfigInvalid: no live trade goes by that name, or neither a name nor --all was given.
        VenueUnavailable: the venue does not answer.
    """
    if (which is None) is not everything:
        raise ConfigInvalid(
            "it is not said what to close" if which is None else "a trade and --all are both named",
            where="PLAN",
            next_step="name one trade, or say --all",
        )

    async def flatten(execution: Execution, trade: Trade) -> None:
        await execution.executor.flatten(trade.trade_id, reason=_WHY)

    with open_for_execution(env_file, account, plan=which, signs=True) as opened:
        trades = find_live(opened.books, which)
        try:
            views = asyncio.run(_act(opened, trades, flatten, until=_is_over))
        except LeaseLost:
            views = asyncio.run(_leave_to_other(opened, trades))
    return _answer(views, _is_over, _closed, opened, as_json=as_json)


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


async def _leave_to_other(opened: OpenAccount, trades: Sequence[Trade]) -> tuple[TradeView, ...]:
    from snipersight.bootstrap.live_trades import order_closed

    say("Another process executes this account's trades; it is told to close them …")
    order_closed(opened.books, trades, why=_WHY)
    for _ in range(_ROUNDS):
        await asyncio.sleep(_ROUND_S)
        if all(map(_is_over, _views(opened, trades))):
            break
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


def _answer(
    views: Sequence[TradeView],
    is_done: Callable[[TradeView], bool],
    words: Callable[[TradeView], str],
    opened: OpenAccount,
    *,
    as_json: bool,
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
            print(f"{trade.direction} {trade.symbol} (plan {trade.plan_id}): {words(view)}.")
    return ExitCode.OK if all(map(is_done, views)) else ExitCode.PARTIAL
