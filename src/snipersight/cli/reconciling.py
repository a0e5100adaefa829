"""What `snipersight reconcile` does once its words are understood."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from snipersight.bootstrap.account_names import account_at
from snipersight.cli.executed_text import world_text
from snipersight.cli.execution_opening import open_for_execution
from snipersight.cli.exits import ExitCode
from snipersight.cli.following import follow_to_end, take_over

if TYPE_CHECKING:
    from snipersight.bootstrap.worlds import World
    from snipersight.bot.executor.reconciling.outcome import Reconciled
    from snipersight.cli.execution_opening import OpenAccount

SCHEMA: Final = "snipersight.reconcile/1"


def perform_reconcile(
    env_file: Path | None, *, account: str | None, venue: str | None, follow: bool, as_json: bool
) -> ExitCode:
    """Bring each world of an account to the present and say what was found.

    Raises:
        ConfigInvalid: the settings are wrong, or do not fit the trades.
        LeaseLost: another process executes the account's trades.
        StateUnavailable: the store cannot be used.
        VenueUnavailable: a venue does not answer.
    """
    with open_for_execution(env_file, account or account_at(venue), signs=True) as opened:
        worlds = opened.worlds(venue=venue)
        done = asyncio.run(_each(opened, worlds, follow=follow))
        account_id = opened.books.ports.account_id
    if as_json:
        values = {
            "schema": SCHEMA,
            "account": account_id,
            "worlds": [_json(world, one) for world, one in done],
        }
        print(json.dumps(values, indent=2, ensure_ascii=False))
    elif not done:
        print(f"Account {account_id} has no live trade; there is nothing to compare.")
    else:
        print("\n".join(line for world, one in done for line in _lines(world, one)))
    is_whole = all(one.is_complete and one.is_settled for _, one in done)
    return ExitCode.OK if is_whole else ExitCode.PARTIAL


async def _each(
    opened: OpenAccount, worlds: tuple[World, ...], *, follow: bool
) -> list[tuple[World, Reconciled]]:
    done = []
    for world in worlds:
        async with opened.execution(world) as execution:
            narrator = await take_over(execution)
            done.append((world, await execution.executor.reconcile()))
            if follow:
                await follow_to_end(execution, narrator)
    return done


def _lines(world: World, done: Reconciled) -> list[str]:
    where = world_text(world)
    lines = [f"{where}: {sentence}" for sentence in done.sentences]
    if done.foreign_orders or done.foreign_positions:
        lines.append(
            f"{where}: {done.foreign_orders} orders and {done.foreign_positions} positions are "
            "not ours and were not touched"
        )
    if not done.is_complete:
        lines.append(f"{where}: it did not answer everything; reconcile again")
    return lines or [f"{where}: books and venue agree."]


def _json(world: World, done: Reconciled) -> dict[str, Any]:
    return {
        "venue": world.venue,
        "environment": world.environment.value,
        "sentences": list(done.sentences),
        "foreign_orders": done.foreign_orders,
        "foreign_positions": done.foreign_positions,
        "is_complete": done.is_complete,
        "is_settled": done.is_settled,
    }
