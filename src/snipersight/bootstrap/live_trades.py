"""Live trades by the names a person has for them, and the word that they are to be closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bot.executor.actions import Flatten
from snipersight.bot.executor.trade_file import judged
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Trade
from snipersight.domain.store import UnitOfWork

_SHORTEST: Final = 6


def find_live(books: Books, which: str | None) -> tuple[Trade, ...]:
    """Return the live trades of a name, oldest first; None means all.

    Args:
        books: of the account.
        which: plan id or its beginning, trade id or its beginning, or symbol.

    Raises:
        ConfigInvalid: nothing, or several plans answer to it.
        StateUnavailable: the store cannot be read.
    """
    account_id = books.ports.account_id
    live = books.ports.store.view(account_id, lambda unit: unit.book.live_trades())
    if which is None:
        return live
    named = [one for one in live if which in (one.plan_id, one.trade_id, one.symbol)]
    if not named and len(which) >= _SHORTEST:
        named = [
            one for one in live if one.plan_id.startswith(which) or one.trade_id.startswith(which)
        ]
    if len({one.plan_id for one in named}) > 1:
        raise ConfigInvalid(
            f"{which} means {len(named)} trades: {', '.join(one.plan_id for one in named)}",
            where="PLAN",
            next_step="write the whole id of one",
        )
    if not named:
        raise ConfigInvalid(
            f"no live trade of account {account_id} is {which}",
            where="PLAN",
            next_step="`snipersight positions` shows them; `closed` records what you traded by hand",
        )
    return tuple(named)


def order_closed(books: Books, trades: Sequence[Trade], *, why: str) -> None:
    """Leave word that trades are to be closed, for the process that executes them.

    Raises:
        StateUnavailable: the store cannot be written.
    """
    ports = books.ports

    def work(unit: UnitOfWork) -> None:
        at_us = max(ports.clock(), unit.account.last_us)
        for trade in trades:
            stored = unit.book.trade(trade.trade_id)
            if stored is not None and stored.state.is_live:
                unit.book.save_trade(judged(stored, Flatten(why=why), at_us=at_us))

    ports.store.transact(ports.account_id, work)
