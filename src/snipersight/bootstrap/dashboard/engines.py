"""Whether an engine lives behind the store, and how far the orders of an account go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.accounts import VENUES, environment_of, load_accounts
from snipersight.bootstrap.dashboard.views_account import EngineState, EngineView
from snipersight.domain.execution import Mode
from snipersight.domain.venue import Environment
from snipersight.storage.executor_lease import executor_lease_name, recorded_mode
from snipersight.storage.signs_of_life import SignOfLife, signs_of_life
from snipersight.storage.telemetry.newest import newest_scan_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snipersight.bootstrap.dashboard.store import DashboardStore
    from snipersight.domain.store import UnitOfWork

_OWN: Final = ("worker:", "executor:")  # what a running bot holds all the time


def engine_view(store: DashboardStore, account_id: str) -> EngineView:
    """Return the engine by the signs of life it leaves in the store.

    Raises:
        StateUnavailable: the store cannot be read.
    """
    signs = signs_of_life(store.database)
    own = [one for one in signs if one.name.startswith(_OWN)]
    seen_us = max((one.seen_us for one in own), default=None)
    telemetry, executor = store.telemetry(), _executor(signs, account_id)
    return EngineView(
        state=_state(own),
        seen_ms=None if seen_us is None else seen_us // 1000,
        age_ms=None if seen_us is None else max(0, store.clock() - seen_us) // 1000,
        last_scan_ms=None if telemetry is None else newest_scan_ms(telemetry.database, account_id),
        executor=executor,
        executor_mode=None
        if executor is None
        else recorded_mode(store.database, account_id, owner=executor),
    )


def mode_of(store: DashboardStore, unit: UnitOfWork, engine: EngineView) -> str:
    """Return how far an account's orders go: `dry-run`, `paper`, `live`, or empty if nobody knows.

    The boldest of what is open and of whoever executes, by its own word; else a process that
    executes nothing, else what was executed last.
    """
    modes = [one.mode for one in unit.book.live_trades()]
    if engine.executor is not None:
        modes.append(engine.executor_mode or _mode_here(store, unit.account.account_id))
    if modes:
        return max(modes, key=list(Mode).index).value
    if engine.state is EngineState.LIVE:
        return Mode.DRY_RUN.value
    newest = unit.book.trades(limit=1)
    return newest[0].mode.value if newest else ""


def _state(signs: Sequence[SignOfLife]) -> EngineState:
    if not signs:
        return EngineState.NONE
    return EngineState.LIVE if any(one.is_live for one in signs) else EngineState.SILENT


def _executor(signs: Sequence[SignOfLife], account_id: str) -> str | None:
    name = executor_lease_name(account_id)
    return next((one.owner for one in signs if one.name == name and one.is_live), None)


def _mode_here(store: DashboardStore, account_id: str) -> Mode:
    """Return the mode that our settings leave to whoever executes and has not said it (yet)."""
    account = load_accounts(store.settings).get(account_id)
    if account is None:
        return Mode.PAPER
    worlds = {environment_of(store.settings, account, venue) for venue in VENUES}
    return Mode.LIVE if Environment.LIVE in worlds else Mode.PAPER
