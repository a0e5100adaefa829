"""Carries a pulled kill switch out: the process that executes does it, or else this one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.kill_switch import switch_now
from snipersight.cli.guard import say
from snipersight.domain.errors import LeaseLost, SniperSightError
from snipersight.domain.venue import Environment
from snipersight.storage.executor_lease import executor_of

if TYPE_CHECKING:
    from snipersight.bootstrap.worlds import World
    from snipersight.cli.execution_opening import OpenAccount

_ROUNDS: Final = 20
_ROUND_S: Final = 0.5
_LOOK_S: Final = 0.1
_AT_ONCE_S: Final = 1.2  # within which a process that is well has carried it out
_LONGEST_S: Final = 17.0  # a little more than the lease of one that was killed


async def carry_out(opened: OpenAccount) -> str | None:
    """Have a switch that was latched carried out; return as soon as all of it is done.

    Whoever executes the account's trades does it at once. Where that one has died, or hangs, its
    entries at an exchange are cancelled from here, and all else is done once its lease has run out.

    Args:
        opened: the account, its switch latched.

    Returns:
        The process that carried it out, or still does; None where this one did.
    """
    runner = _runner(opened)
    if runner is not None:
        say(f"Entries are stopped. Process {runner} executes the account's trades; it cancels …")
        if await _is_done_by(opened, within_s=_AT_ONCE_S):
            return runner
        await _cancel_beside(opened)
        if await _is_done_by(opened, within_s=_LONGEST_S) or _runner(opened) is not None:
            return runner
        say(f"Process {runner} is gone; this one carries the kill out.")
    await _carry_out_here(opened)
    return None


def _runner(opened: OpenAccount) -> str | None:
    """Return the process that executes the account's trades, `host:pid`."""
    owner = executor_of(opened.books.store.database, opened.books.ports.account_id)
    return None if owner is None else owner.rpartition(":")[0]


async def _is_done_by(opened: OpenAccount, *, within_s: float) -> bool:
    """Wait until another process has carried it out; False once it is gone, or it took too long."""
    until_s = time.monotonic() + within_s
    while time.monotonic() < until_s:
        now = await asyncio.to_thread(switch_now, opened.books)
        if now is None or now.done_us is not None:
            return True
        if await asyncio.to_thread(_runner, opened) is None:
            return False
        await asyncio.sleep(_LOOK_S)
    return False


async def _cancel_beside(opened: OpenAccount) -> None:
    """Cancel entries without the lease, for its holder may hang or be dead.

    The simulated venue lives in one process at a time; a real one takes cancels from anybody.
    """
    for world in opened.worlds():
        if world.environment is Environment.SIMULATED:
            continue
        try:
            async with opened.execution(world, is_beside=True) as beside:
                await beside.executor.carry_out_kill()
        except SniperSightError as error:
            _warn(world, error)


async def _carry_out_here(opened: OpenAccount) -> None:
    """Cancel and close at each venue; one that does not answer keeps none of the others."""
    for world in opened.worlds():
        try:
            await _in_world(opened, world)
        except LeaseLost:
            say("Another process has taken over; it carries the kill out.")
            await _is_done_by(opened, within_s=_LONGEST_S)
        except SniperSightError as error:
            _warn(world, error)


async def _in_world(opened: OpenAccount, world: World) -> None:
    async with opened.execution(world) as execution:
        executor = execution.executor
        await executor.carry_out_kill()
        for _ in range(_ROUNDS):
            look = await executor.cycle()
            if look.kill is None or look.kill.done_us is not None:
                return
            if execution.paper is not None:
                continue  # everything there happens at once
            await asyncio.sleep(_ROUND_S)


def _warn(world: World, error: SniperSightError) -> None:
    say(f"warning: {world.venue} {world.environment}: {error}")
