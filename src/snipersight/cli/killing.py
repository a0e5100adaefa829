"""What `snipersight kill` does once its words are understood."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from snipersight.bootstrap.kill_switch import pull_switch, rearm_switch, switch_now
from snipersight.cli.account_opening import accounts_meant
from snipersight.cli.execution_opening import OpenAccount, open_for_execution
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.domain import wording as texts
from snipersight.domain.errors import ConfigInvalid, LeaseLost, SniperSightError
from snipersight.domain.execution import KillSwitch
from snipersight.domain.venue import Environment

if TYPE_CHECKING:
    from snipersight.bootstrap.worlds import World

SCHEMA: Final = "snipersight.kill/1"
_ACTOR: Final = "cli"
_ROUNDS: Final = 20
_ROUND_S: Final = 0.5


def perform_kill(
    env_file: Path | None, *, account: str | None, flatten: bool, reason: str, as_json: bool
) -> ExitCode:
    """Pull the switch of an account, or of every one, and carry it out at each venue.

    Raises:
        ConfigInvalid: the settings are wrong, or there is no such account.
        StateUnavailable: the store cannot be used.
    """
    done = []
    for name in accounts_meant(env_file, account):
        with open_for_execution(env_file, name, signs=True) as opened:
            switch = pull_switch(opened.books, flatten=flatten, reason=reason.strip(), actor=_ACTOR)
            if switch.done_us is None:
                asyncio.run(_carry_out(opened, switch))
            done.append((name, switch_now(opened.books)))
    return _answer(done, as_json=as_json)


def perform_rearm(
    env_file: Path | None, *, account: str | None, flatten: bool, as_json: bool
) -> ExitCode:
    """Allow entries again, and say where they are.

    Raises:
        ConfigInvalid: --flatten goes with it, the settings are wrong, or no such account.
        StateUnavailable: the store cannot be used.
    """
    if flatten:
        raise ConfigInvalid(
            "--rearm allows entries again and --flatten closes positions",
            where="--flatten",
            next_step="say one of them",
        )
    lines, found = [], []
    for name in accounts_meant(env_file, account):
        with open_for_execution(env_file, name, signs=True) as opened:
            was_pulled = rearm_switch(opened.books, actor=_ACTOR)
        found.append({"account": name, "was_pulled": was_pulled})
        word = "re-armed, entries are allowed again" if was_pulled else "the switch was not pulled"
        lines.append(f"Account {name}: {word}.")
    if as_json:
        print(json.dumps({"schema": SCHEMA, "rearmed": found}, indent=2))
    else:
        print("\n".join(lines))
    return ExitCode.OK


async def _carry_out(opened: OpenAccount, switch: KillSwitch) -> None:
    """Cancel and close at each venue; one that does not answer keeps none of the others."""
    for world in opened.worlds():
        try:
            await _in_world(opened, world, switch)
        except LeaseLost:
            say("Another process executes this account's trades; it carries the kill out.")
            await _wait(opened)
        except SniperSightError as error:
            say(f"warning: {world.venue} {world.environment}: {error}")


async def _in_world(opened: OpenAccount, world: World, switch: KillSwitch) -> None:
    # The simulated venue lives in one process at a time; a real one takes cancels from anybody,
    # and they must not wait for whoever may have been killed with the lease in its hands.
    if world.environment is not Environment.SIMULATED:
        async with opened.execution(world, is_beside=True) as beside:
            await beside.executor.kill(actor=_ACTOR, reason=switch.reason, flatten=switch.flatten)
    async with opened.execution(world) as execution:
        executor = execution.executor
        await executor.kill(actor=_ACTOR, reason=switch.reason, flatten=switch.flatten)
        for _ in range(_ROUNDS):
            look = await executor.cycle()
            if look.kill is None or look.kill.done_us is not None:
                return
            if execution.paper is not None:
                continue  # everything there happens at once
            await asyncio.sleep(_ROUND_S)


async def _wait(opened: OpenAccount) -> None:
    for _ in range(_ROUNDS):
        now = switch_now(opened.books)
        if now is None or now.done_us is not None:
            return
        await asyncio.sleep(_ROUND_S)


def _answer(done: list[tuple[str, KillSwitch | None]], *, as_json: bool) -> ExitCode:
    if as_json:
        values = {"schema": SCHEMA, "accounts": [_json(name, one) for name, one in done]}
        print(json.dumps(values, indent=2))
    else:
        print("\n".join(_line(name, one) for name, one in done))
    is_done = all(one is None or one.done_us is not None for _, one in done)
    return ExitCode.OK if is_done else ExitCode.PARTIAL


def _line(name: str, switch: KillSwitch | None) -> str:
    if switch is None:
        return f"Account {name}: somebody has re-armed the switch meanwhile."
    since = texts.minute_of(switch.since_us // 1000)
    what = f"Account {name}: entries are killed since {since} UTC"
    and_closed = " and every position of ours is closed" if switch.flatten else ""
    if switch.done_us is not None:
        return f"{what}; none is open{and_closed}. `snipersight kill --rearm` allows them again."
    return (
        f"{what}, but a venue has not confirmed all of it yet; `snipersight reconcile` goes on, "
        "and so does a process that looks after the account."
    )


def _json(name: str, switch: KillSwitch | None) -> dict[str, Any]:
    if switch is None:
        return {"account": name, "is_pulled": False}
    return {
        "account": name,
        "is_pulled": True,
        "flatten": switch.flatten,
        "reason": switch.reason,
        "actor": switch.actor,
        "since": texts.iso_of(switch.since_us // 1000),
        "done_at": None if switch.done_us is None else texts.iso_of(switch.done_us // 1000),
    }
