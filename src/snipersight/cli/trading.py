"""What `snipersight trade` does once its words are understood."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.sources import SourceChoice
from snipersight.cli.account_opening import sign_audit, tell_events
from snipersight.cli.executed_text import SCHEMA, executed_json, executed_lines, world_text
from snipersight.cli.exits import ExitCode
from snipersight.cli.following import after_sending, take_over
from snipersight.cli.guard import say
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.execution import Mode

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bootstrap.executing import Executed
    from snipersight.bootstrap.execution import Opening
    from snipersight.bootstrap.session import Surroundings
    from snipersight.bootstrap.worlds import World
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import TradePlan
    from snipersight.domain.ports import CandleSource
    from snipersight.domain.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeWords:
    """How a plan is to be executed, as the user wrote it.

    `follow` is None where nothing was said of it; `source` where none was named.
    """

    mode: str
    confirm: str | None
    unproven: str | None
    follow: bool | None
    source: SourceChoice | None
    account: str | None
    env_file: Path | None


def perform_trade(plan_id: str, words: TradeWords, *, as_json: bool) -> ExitCode:
    """Execute one plan and say what became of it.

    Returns:
        0 if its orders were sent or written down, 3 if something refused it.

    Raises:
        ConfigInvalid: no such plan, or it must not be executed so.
        StateUnavailable: the store cannot be used, or another process executes.
        VenueUnavailable: the venue does not answer.
    """
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(words.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    configure_compile_cache(surroundings.home.path)
    executed, world = asyncio.run(_Trading(surroundings, words, as_json=as_json).run(plan_id))
    if as_json:
        values = {"schema": SCHEMA, "trade": executed_json(executed, world)}
        print(json.dumps(values, indent=2, ensure_ascii=False))
    return ExitCode.PARTIAL if executed.trade is None else ExitCode.OK


class _Trading:
    """One run of the command."""

    def __init__(self, surroundings: Surroundings, words: TradeWords, *, as_json: bool) -> None:
        self._surroundings = surroundings
        self._settings = surroundings.settings
        self._words = words
        self._as_json = as_json

    async def run(self, plan_id: str) -> tuple[Executed, World]:
        from snipersight.bootstrap.account_executions import open_candles
        from snipersight.bootstrap.accounts import own_settings
        from snipersight.bootstrap.gate import within_limit
        from snipersight.bootstrap.paper_origins import choice_of
        from snipersight.bootstrap.profiles import load_profile

        account_id, plan = self._plan(plan_id)
        world = self._world(account_id, plan)
        profile = load_profile(plan.profile, own_folder=self._surroundings.home.profiles)
        profile, remarks = within_limit(profile, own_settings(self._settings, account_id))
        for remark in remarks:
            say(f"warning: {remark}")
        choice = self._words.source or choice_of(self._settings, account_id, plan.venue)
        source = open_candles(self._surroundings, choice)
        try:
            _require_same_venue(source, plan)
            return await self._with_books(world, plan, profile, source, choice), world
        finally:
            await source.close()

    def _plan(self, plan_id: str) -> tuple[str, TradePlan]:
        from snipersight.bootstrap.books import open_books
        from snipersight.bootstrap.known_accounts import check_account
        from snipersight.bootstrap.plan_accounts import account_of_plan
        from snipersight.bootstrap.taking import find_decision

        account = check_account(self._settings, self._words.account)
        account = account or account_of_plan(self._settings, plan_id)
        with open_books(self._settings, account_id=account, follows_balance=False) as books:
            return books.ports.account_id, find_decision(books, plan_id).plan

    def _world(self, account_id: str, plan: TradePlan) -> World:
        from snipersight.bootstrap.accounts import load_accounts, variables
        from snipersight.bootstrap.worlds import choose_world

        return choose_world(
            self._settings,
            load_accounts(self._settings)[account_id],
            plan.venue,
            mode=Mode(self._words.mode),
            held=variables(self._words.env_file),
            confirmed=self._words.confirm,
        )

    async def _with_books(
        self,
        world: World,
        plan: TradePlan,
        profile: Profile,
        source: CandleSource,
        choice: SourceChoice,
    ) -> Executed:
        from snipersight.bootstrap.books import open_books
        from snipersight.bootstrap.execution import Opening
        from snipersight.bootstrap.proven import Traded, permit_profile
        from snipersight.bootstrap.store import system_us

        account_id = world.account.account_id
        with open_books(self._settings, account_id=account_id, profile=profile) as books:
            permit_profile(
                profile,
                traded=Traded(venue=plan.venue, symbols=(plan.symbol,)),
                mode=world.mode,
                unproven=self._words.unproven,
                folder=self._surroundings.home.backtests,
                ports=books.ports,
            )
            seen = await self._observed(books, world, plan, profile, source)
            opening = Opening(
                world=world,
                books=books,
                clock=system_us,
                source=source,
                choice=choice,
                rules=profile.management.rules(self._settings.stop_trigger),
                observations=seen,
                confirmed=self._words.confirm,
                say=say,
            )
            executed = await self._executed(opening, plan)
            if world.mode is not Mode.DRY_RUN:
                sign_audit(books)
                tell_events(books)
            return executed

    async def _observed(
        self,
        books: Books,
        world: World,
        plan: TradePlan,
        profile: Profile,
        source: CandleSource,
    ) -> Observations:
        """Return the markets as they are now, if the plan still stands.

        Raises:
            ConfigInvalid: it does not.
        """
        from snipersight.bootstrap.reviewing import observe_for

        seen, over = await observe_for(
            plan, books, profile=profile, source=source, is_preview=world.mode is Mode.DRY_RUN
        )
        if seen is None:
            raise ConfigInvalid(
                f"the plan is over: {over}",
                where=f"{plan.symbol} {plan.plan_id}",
                next_step="`snipersight scan` finds the plans that stand",
            )
        return seen

    async def _executed(self, opening: Opening, plan: TradePlan) -> Executed:
        from snipersight.bootstrap.executing import execute_plan, require_ready
        from snipersight.bootstrap.execution import open_execution

        execution = await open_execution(opening)
        try:
            for finding in await require_ready(execution, [plan.symbol]):
                say(f"warning: {finding.name}: {finding.sentence}")
            is_rehearsed = opening.world.mode is Mode.DRY_RUN
            say(f"{world_text(opening.world)}:")
            narrator = None if is_rehearsed else await take_over(execution)
            executed = await execute_plan(execution, plan)
            if not self._as_json:
                print("\n".join(executed_lines(executed, opening.world)))
            if executed.trade is not None and narrator is not None:
                await after_sending(execution, narrator, follow=self._words.follow)
            return executed
        finally:
            await execution.close()


def _require_same_venue(source: CandleSource, plan: TradePlan) -> None:
    if source.venue != plan.venue:
        raise ConfigInvalid(
            f"the plan is for {plan.venue}, and the source is {source.venue}",
            where=plan.plan_id,
            next_step="name the source that the scan read, or none",
        )
