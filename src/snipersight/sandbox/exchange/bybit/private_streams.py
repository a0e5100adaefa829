"""Bybit's private topics: an account's orders, executions, positions and wallet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
        if not self._world.lines.of_account(account):
            return
        if event.order is not None:
            self._tell(account, "order", order_event(self._desk, event.order))
        elif event.fill is not None:
            self._tell(account, "execution", self._executions.event(account, event.fill))
        elif event.position is not None:
            self._tell_position(account, event.position)
        else:
            self._tell(account, "wallet", self._account.wallet_body(account))

    def _tell_position(self, account: str, change: PositionChange) -> None:
        """Tell how the position stands now, and the wallet, which changes along with it."""
        idx = self._desk.idx(account, change.direction)
        body = position_event(self._desk, account, change.symbol, idx)
        self._tell(account, "position", body)
        self._tell(account, "wallet", self._account.wallet_body(account))

    def _tell(self, account: str, topic: str, body: Mapping[str, Any]) -> None:
        at_ms = self._world.clock() // 1_000
        said = {
            "id": f"{account}-{self._desk.sequence}",
            "topic": topic,
            "creationTime": at_ms,
            "data": [dict(body)],
        }
        message = dumps(said)
        for line in self._world.lines.of_account(account):
            if topic in line.topics:
                line.tell(message)
