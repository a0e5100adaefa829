"""What `snipersight kill` does once its words are understood."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from snipersight.bootstrap.kill_switch import pull_switch, rearm_switch, switch_now
from snipersight.cli.account_opening import accounts_meant
from snipersight.cli.execution_opening import open_for_execution
from snipersight.cli.exits import ExitCode
from snipersight.cli.kill_carrying import carry_out
from snipersight.domain import wording as texts
from snipersight.domain.errors import ConfigInvalid, SniperSightError
from snipersight.domain.execution import KillSwitch

SCHEMA: Final = "snipersight.kill/1"
_ACTOR: Final = "cli"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """What came of a kill.

    Args:
        account: whose entries.
        switch: as it holds afterwards; None: somebody has re-armed it meanwhile.
        by: the process that carried it out or still does, `host:pid`; None: this command, or
            there was nothing to do.
    """

    account: str
    switch: KillSwitch | None
    by: str | None = None


def perform_kill(
    env_file: Path | None, *, account: str | None, flatten: bool, reason: str, as_json: bool
) -> ExitCode:
    """Pull the switch of an account, or of every one, and carry it out at each venue.

    All are latched before any is carried out, which may take its time; and what goes wrong with
    one account keeps none of the others from being killed.

    Raises:
        ConfigInvalid: the settings are wrong, or there is no such account.
        StateUnavailable: the store cannot be used.
    """
    errors: list[SniperSightError] = []

    def latched(name: str) -> str:
        with open_for_execution(env_file, name) as opened:
            pull_switch(opened.books, flatten=flatten, reason=reason.strip(), actor=_ACTOR)
        return name

    pulled = tuple(_each(latched, accounts_meant(env_file, account), errors))
    done = tuple(_each(lambda name: _carried_out(env_file, name), pulled, errors))
    code = _answer(done, as_json=as_json) if done else ExitCode.PARTIAL
    if errors:
        raise errors[0]
    return code


def _each(
    work: Callable[[str], T], names: Iterable[str], errors: list[SniperSightError]
) -> Iterator[T]:
    """Yield what comes of each name; what goes wrong is kept for the end."""
    for name in names:
        try:
            yield work(name)
        except SniperSightError as error:
            errors.append(error)


def _carried_out(env_file: Path | None, name: str) -> Killed:
    with open_for_execution(env_file, name, signs=True, is_again=True) as opened:
        switch = switch_now(opened.books)
        if switch is None or switch.done_us is not None:
            return Killed(account=name, switch=switch)
        by = asyncio.run(carry_out(opened))
        return Killed(account=name, switch=switch_now(opened.books), by=by)


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


def _answer(done: Sequence[Killed], *, as_json: bool) -> ExitCode:
    if as_json:
        values = {"schema": SCHEMA, "accounts": [_json(one) for one in done]}
        print(json.dumps(values, indent=2))
    else:
        print("\n".join(_line(one) for one in done))
    is_done = all(one.switch is None or one.switch.done_us is not None for one in done)
    return ExitCode.OK if is_done else ExitCode.PARTIAL


def _line(one: Killed) -> str:
    switch = one.switch
    if switch is None:
        return f"Account {one.account}: somebody has re-armed the switch meanwhile."
    since = texts.minute_of(switch.since_us // 1000)
    what = f"Account {one.account}: entries are killed since {since} UTC"
    and_closed = " and every position of ours is closed" if switch.flatten else ""
    if switch.done_us is not None:
        by = "" if one.by is None else f"Carried out by the running process {one.by}. "
        return (
            f"{what}; none is open{and_closed}. {by}`snipersight kill --rearm` allows them again."
        )
    if one.by is not None:
        return (
            f"{what}, but a venue has not confirmed all of it yet; process {one.by}, which "
            "executes the account's trades, goes on with it."
        )
    return (
        f"{what}, but a venue has not confirmed all of it yet; `snipersight reconcile` goes on, "
        "and so does a process that looks after the account."
    )


def _json(one: Killed) -> dict[str, Any]:
    switch = one.switch
    if switch is None:
        return {"account": one.account, "is_pulled": False}
    return {
        "account": one.account,
        "is_pulled": True,
        "flatten": switch.flatten,
        "reason": switch.reason,
        "actor": switch.actor,
        "since": texts.iso_of(switch.since_us // 1000),
        "done_at": None if switch.done_us is None else texts.iso_of(switch.done_us // 1000),
        "carried_out_by": one.by,
    }
