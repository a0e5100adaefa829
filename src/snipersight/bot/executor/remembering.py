"""An account's trades as they were last read, kept up with what this process writes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from snipersight.bot.executor.trade_file import TradeFile
from snipersight.domain.execution import KillSwitch, TradeId
from snipersight.domain.standing import TradingState

_MOMENT_US: Final = 1_000_000
_LATEST: Final = 256  # no reading takes as long as so many writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything of an account that decides what its trades need.

    Args:
        files: the live trades at this venue, oldest first.
        kill: the kill switch; None while it is not pulled.
        state: what the account may do.
        is_stored: False: the store is away, and this is what was last known.
    """

    files: tuple[TradeFile, ...] = ()
    kill: KillSwitch | None = None
    state: TradingState = TradingState.HALTED
    is_stored: bool = True

    @property
    def entries_allowed(self) -> bool:
        """Return whether entries may rest, and be journaled where the store takes them.

        One that is away for a moment is no reason to cancel what was approved and sent.
        """
        return self.kill is None and self.state is TradingState.ACTIVE

    def file(self, trade_id: TradeId) -> TradeFile | None:
        """Return one live trade."""
        return next((one for one in self.files if one.trade.trade_id == trade_id), None)

    def of(self, only: TradeId | None) -> Look:
        """Return it with one of its trades alone; None: with all of them."""
        if only is None:
            return self
        return replace(self, files=tuple(one for one in self.files if one.trade.trade_id == only))


class TradeMemory:
    """What is known of the trades without asking the store.

    Readings and writings overlap, and may be heard of in another order than they happened.

    Attributes:
        look: the account as it is known.
        has_read: whether the store was read before; else `look` says nothing.
    """

    def __init__(self) -> None:
        self.look = Look(is_stored=False)
        self.has_read = False
        self._looked_us = 0
        self._read_us: Final[dict[TradeId, int]] = {}
        self._changes = 0
        self._changed: Final[dict[TradeId, int]] = {}
        self._written: Final[dict[TradeId, int]] = {}

    @property
    def now(self) -> int:
        """Return the number of changes up to now; a reading takes note of it when it begins."""
        return self._changes

    def is_fresh(self, trade_id: TradeId, *, at_us: int) -> bool:
        """Return whether trade, kill switch and state were read or written within a second."""
        read_us = self._read_us.get(trade_id)
        if read_us is None or not self.has_read:
            return False
        return 0 <= at_us - min(self._looked_us, read_us) < _MOMENT_US

    def take(self, stored: Look, only: TradeId | None, *, began: int, at_us: int) -> Look:
        """Keep what was read, and return it with what is newer.

        Args:
            stored: as it was read.
            only: the trade that was read; None: all of them.
            began: `now` when the reading began.
            at_us: when that was, microseconds UTC.
        """
        newer = {trade_id for trade_id, number in self._changed.items() if number > began}
        read = {one.trade.trade_id: one for one in stored.files if one.trade.trade_id not in newer}
        kept = {one.trade.trade_id: one for one in self.look.files if one.trade.trade_id in newer}
        others = {} if only is None else {one.trade.trade_id: one for one in self.look.files}
        if only is not None and only not in newer:
            others.pop(only, None)
        self.look = replace(stored, files=tuple((others | read | kept).values()))
        self._looked_us = at_us
        self._read_us.update(dict.fromkeys(read, at_us))
        if only is None:
            self.has_read = True
            self._forget(began)
        return self.look.of(only)

    def let_in(self, file: TradeFile) -> None:
        """Take note of a trade that was just let in: the store may be away before it is read."""
        state = self.look.state if self.has_read else TradingState.ACTIVE
        self.look = replace(self.look, state=state)
        self.has_read = True
        self._put(file)

    def write(self, file: TradeFile, *, number: int, at_us: int) -> None:
        """Keep a trade as a transaction left it.

        Args:
            file: the trade.
            number: of the transaction; they are numbered in the order of their commits.
            at_us: when it began, microseconds UTC.
        """
        trade_id = file.trade.trade_id
        if number > self._written.get(trade_id, 0):
            self._written[trade_id] = number
            self._read_us[trade_id] = at_us
            self._put(file)

    def doubt(self, trade_id: TradeId) -> None:
        """Have a trade read before it is next needed: something of it was written elsewhere."""
        self._note_change(trade_id)
        self._read_us.pop(trade_id, None)

    def _put(self, file: TradeFile) -> None:
        files = {one.trade.trade_id: one for one in self.look.files} | {file.trade.trade_id: file}
        live = tuple(one for one in files.values() if one.trade.state.is_live)
        self.look = replace(self.look, files=live)
        self._note_change(file.trade.trade_id)

    def _note_change(self, trade_id: TradeId) -> None:
        self._changes += 1
        self._changed[trade_id] = self._changes

    def _forget(self, began: int) -> None:
        """Forget the numbers of trades that are over."""
        live = {one.trade.trade_id for one in self.look.files}
        old: Iterable[TradeId] = [
            trade_id
            for trade_id, number in self._changed.items()
            if trade_id not in live and number <= began - _LATEST
        ]
        for trade_id in old:
            for kept in (self._changed, self._written, self._read_us):
                kept.pop(trade_id, None)
