"""What `snipersight scan --execute` does with the plans that the scan found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.cli.account_opening import sign_audit
from snipersight.cli.executed_text import executed_lines, world_text
from snipersight.cli.following import after_sending, take_over
from snipersight.cli.guard import say
from snipersight.domain import wording as texts
from snipersight.domain.errors import ConfigInvalid, OrderRefused
from snipersight.domain.execution import Mode

if TYPE_CHECKING:
    from snipersight.bootstrap.execution import Execution, Opening
    from snipersight.bootstrap.session import Session
    from snipersight.bootstrap.worlds import World
    from snipersight.cli.opening import ScanOptions
    from snipersight.domain.plan import TradePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteWords:
    """How the plans of a scan are to be executed, as the user wrote it."""

    mode: str
    confirm: str | None
    follow: bool | None
    unproven: str | None = None


def require_executable(options: ScanOptions) -> None:
    """Refuse to execute what is no look at the present, or not sized for the account.

    Raises:
        ConfigInvalid: --as-of or --balance was named.
    """
    named = "--as-of" if options.as_of is not None else "--balance"
    if options.as_of is not None or options.balance is not None:
        raise ConfigInvalid(
            f"{named} asks what if, and --execute trades what is",
            where="--execute",
            next_step=f"leave out {named}, or --execute",
        )


def require_execute(
    *, mode: str, confirm: str | None, follow: bool | None, unproven: str | None = None
) -> None:
    """Refuse what is said of orders where none are to be sent: it would be passed over in silence.

    Raises:
        ConfigInvalid: a mode other than `dry-run`, --confirm, --unproven or --follow was named.
    """
    named = {
        "--mode": Mode(mode) is not Mode.DRY_RUN,
        "--confirm": confirm is not None,
        "--unproven": unproven is not None,
        "--follow": follow is True,
    }
    said = [name for name, is_said in named.items() if is_said]
    if said:
        raise ConfigInvalid(
            f"{' and '.join(said)} belongs to orders, and without --execute none are sent",
            where=said[0],
            next_step=f"add --execute, or leave out {' and '.join(said)}",
        )


def world_of(session: Session, words: ExecuteWords, *, env_file: Path | None) -> World:
    """Return where the orders of a scan go, before it looks at anything.

    Raises:
        ConfigInvalid: the account does not trade there, or not in that mode, or the profile has no
            shown edge and is not named as unproven.
        StateUnavailable: backtests cannot be read, or an unproven profile cannot be recorded.
    """
    from snipersight.bootstrap.accounts import load_accounts, variables
    from snipersight.bootstrap.proven import Traded, permit_profile
    from snipersight.bootstrap.worlds import choose_world

    surroundings = session.surroundings
    settings = surroundings.settings
    world = choose_world(
        settings,
        load_accounts(settings)[session.account.account_id],
        session.source.venue,
        mode=Mode(words.mode),
        held=variables(env_file),
        confirmed=words.confirm,
    )
    permit_profile(
        session.request.profile,
        traded=Traded(venue=world.venue),
        mode=world.mode,
        unproven=words.unproven,
        folder=surroundings.home.backtests,
        ports=None if session.books is None else session.books.ports,
    )
    return world


async def execute_plans(
    session: Session,
    options: ScanOptions,
    plans: Sequence[TradePlan],
    *,
    world: World,
    words: ExecuteWords,
) -> int:
    """Execute plans in rank order, say what became of each, and return how many were refused.

    What a person rejected, or traded by hand, is left alone, and that is said.

    Raises:
        ConfigInvalid: the preflight found what forbids it.
        LeaseLost: another process executes the account's trades.
        StateUnavailable: the store cannot be used.
        VenueUnavailable: the venue does not answer.
    """
    from snipersight.bootstrap.executing import require_ready
    from snipersight.bootstrap.execution import open_execution

    plans = await asyncio.to_thread(_undecided, session, plans)
    if not plans:
        say("There is no plan to execute.")
        return 0
    execution = await open_execution(_opening(session, options, world, words))
    try:
        say(f"Executing {texts.counted(len(plans), 'plan')}: {world_text(world)}.")
        for finding in await require_ready(execution, [one.symbol for one in plans]):
            say(f"warning: {finding.name}: {finding.sentence}")
        narrator = None if world.mode is Mode.DRY_RUN else await take_over(execution)
        refused = [not await _execute(execution, plan, world) for plan in plans]
        if session.books is not None and world.mode is not Mode.DRY_RUN:
            sign_audit(session.books)
        if narrator is not None and not all(refused):
            await after_sending(execution, narrator, follow=words.follow)
        return sum(refused)
    finally:
        await execution.close()


def _undecided(session: Session, plans: Sequence[TradePlan]) -> tuple[TradePlan, ...]:
    """Return the plans that no person has decided on; say what is left to them."""
    from snipersight.bootstrap.operating.decided import is_kept_by_hand

    if session.books is None:
        return tuple(plans)
    left = []
    for plan in plans:
        if is_kept_by_hand(session.books, plan):
            say(
                f"Not executed: {plan.direction} {plan.symbol}: a person rejected it, or trades it "
                f"by hand. `snipersight trade {plan.plan_id}` executes it all the same."
            )
        else:
            left.append(plan)
    return tuple(left)


async def _execute(execution: Execution, plan: TradePlan, world: World) -> bool:
    from snipersight.bootstrap.executing import execute_plan

    try:
        executed = await execute_plan(execution, plan)
    except OrderRefused as error:
        say(f"Not executed: {plan.direction} {plan.symbol}: {error}")
        return False
    for line in executed_lines(executed, world):
        say(line)
    return executed.trade is not None


def _opening(session: Session, options: ScanOptions, world: World, words: ExecuteWords) -> Opening:
    from snipersight.bootstrap.execution import Opening
    from snipersight.bootstrap.gate import LedgerGate
    from snipersight.bootstrap.store import system_us

    books, gate = session.books, session.gate
    if books is None or not isinstance(gate, LedgerGate):
        raise session.unusable or ValueError("a session without books and without a reason")
    profile = session.request.profile
    return Opening(
        world=world,
        books=books,
        clock=system_us,
        source=session.source,
        choice=options.source,
        rules=profile.management.rules(session.surroundings.settings.stop_trigger),
        observations=gate.observations,
        confirmed=words.confirm,
        say=say,
    )
