"""Bybit's private topics: an account's orders, executions, positions and wallet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from snipersight.domain.orders import Fill, VenueOrder
from snipersight.matching import MatchEvent, PositionChange
from snipersight.sandbox.exchange.bybit.account import AccountDesk
from snipersight.sandbox.exchange.bybit.desk import Desk
from snipersight.sandbox.exchange.bybit.executions import ExecutionDesk
from snipersight.sandbox.exchange.bybit.order_bodies import order_event
from snipersight.sandbox.exchange.bybit.position_bodies import position_event
from snipersight.sandbox.exchange.calls import dumps


class PrivateStreams:
    """Tells an account's lines what the engine did, as far as they asked for it.

    Args:
        desk: of the venue.
        executions: what an execution looks like.
        account: what a wallet looks like.
    """

    def __init__(self, desk: Desk, *, executions: ExecutionDesk, account: AccountDesk) -> None:
        self._desk = desk
        self._world = desk.world
        self._executions = executions
        self._account = account

    def on_event(self, event: MatchEvent) -> None:
        """Tell of one event, which the desk knows already."""
        account = event.account_id
        if event.order is not None:
            self._tell_order(account, event.order)
        elif event.fill is not None:
            self._tell_fill(account, event.fill)
        elif event.position is not None:
            self._tell_position(account, event.position)
            self._tell_wallet(account)
        else:
            self._tell_wallet(account)

    def _tell_order(self, account: str, order: VenueOrder) -> None:
        self._tell(account, "order", lambda: order_event(self._desk, order))

    def _tell_fill(self, account: str, fill: Fill) -> None:
        self._tell(account, "execution", lambda: self._executions.event(account, fill))

    def _tell_position(self, account: str, change: PositionChange) -> None:
        """Tell how the position stands now, whatever has happened since."""
        idx = self._desk.idx(account, change.direction)
        symbol = change.symbol
        self._tell(account, "position", lambda: position_event(self._desk, account, symbol, idx))

    def _tell_wallet(self, account: str) -> None:
        self._tell(account, "wallet", lambda: self._account.wallet_body(account))

    def _tell(self, account: str, topic: str, body: Callable[[], Mapping[str, Any]]) -> None:
        """Tell the account's lines that asked for a topic; the body is written for those alone."""
        lines = [line for line in self._world.lines.of_account(account) if topic in line.topics]
        if not lines:
            return
        said = {
            "id": f"{account}-{self._desk.sequence}",
            "topic": topic,
            "creationTime": self._world.clock() // 1_000,
            "data": [dict(body())],
        }
        message = dumps(said)
        for line in lines:
            line.tell(message)
