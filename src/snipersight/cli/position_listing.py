"""What `snipersight positions` does once its words are understood."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.trade_views import TradeView, trades_of, views_of
from snipersight.cli.console import output
from snipersight.cli.execution_opening import OpenAccount, open_for_execution
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.position_views import print_trades, trade_json
from snipersight.domain import wording as texts
from snipersight.domain.errors import SniperSightError
from snipersight.domain.execution import Trade

if TYPE_CHECKING:
    from snipersight.bootstrap.worlds import World
    from snipersight.domain.instrument import Instrument
    from snipersight.domain.orders import Quote
    from snipersight.domain.units import Symbol

SCHEMA: Final = "snipersight.positions/1"


def show_trades(
    env_file: Path | None, *, account: str | None, everything: bool, limit: int, as_json: bool
) -> ExitCode:
    """Print an account's executed trades, live ones unless all are wanted.

    A venue that does not answer is said; its trades are shown without a price.
    """
    with open_for_execution(env_file, account) as opened:
        name, store = opened.books.ports.account_id, opened.books.ports.store
        trades = store.view(name, lambda unit: trades_of(unit, everything=everything, limit=limit))
        prices = asyncio.run(_prices(opened, trades))
        views = store.view(
            name, lambda unit: views_of(unit, trades, prices.instruments, prices.quotes)
        )
    if as_json:
        values = {"schema": SCHEMA, "account": name, "trades": list(map(trade_json, views))}
        print(json.dumps(values, indent=2, ensure_ascii=False))
    elif views:
        print_trades(views, output())
        _say_moment(views)
    else:
        print(f"Account {name} has no {'' if everything else 'live '}trade that was executed.")
    return ExitCode.OK


class _Prices:
    """Markets and prices, as far as their venues told them."""

    def __init__(self) -> None:
        self.instruments: dict[Symbol, Instrument] = {}
        self.quotes: dict[Symbol, Quote] = {}


async def _prices(opened: OpenAccount, trades: Sequence[Trade]) -> _Prices:
    found = _Prices()
    live = [one for one in trades if one.state.is_live]
    try:
        worlds = opened.worlds() if live else ()
    except SniperSightError as error:
        say(f"warning: prices are not known: {error}")
        return found
    for world in worlds:
        try:
            await _ask(opened, world, live, found)
        except SniperSightError as error:
            say(f"warning: prices of {world.venue} are not known: {error}")
    return found


async def _ask(opened: OpenAccount, world: World, live: Sequence[Trade], found: _Prices) -> None:
    here = [
        one.symbol
        for one in live
        if (one.venue, one.environment) == (world.venue, world.environment)
    ]
    async with opened.venue(world) as venue:
        listed = await venue.instruments()
        for symbol in here:
            if symbol in listed:
                found.instruments[symbol] = listed[symbol]
                found.quotes[symbol] = await venue.quote(symbol)


def _say_moment(views: Sequence[TradeView]) -> None:
    """Say of which moment simulated prices are: time stands still there between commands."""
    moments = [
        view.quote.at_us
        for view in views
        if view.quote is not None and view.trade.environment == "simulated"
    ]
    if moments:
        moment = texts.minute_of(max(moments) // 1000)
        say(f"Simulated venue as of {moment} UTC; `snipersight reconcile` plays on.")
