"""The decisions that send nothing: a plan rejected, and one that a person traded by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final

from snipersight.bootstrap.books import Books
from snipersight.bootstrap.operating.decided import is_rehearsed
from snipersight.bootstrap.operating.records import Outcome, Settling, done, refused
from snipersight.bootstrap.taking import HandTrade, find_decision, take_plan
from snipersight.domain import wording as texts
from snipersight.domain.commands import Command
from snipersight.domain.decision import Approved, Check
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.instrument import parse_symbol
from snipersight.domain.plan import TradePlan
from snipersight.domain.units import LARGEST
from snipersight.risk.audit.codec import RecordedDecision
from snipersight.storage.commands import StoredCommand


class Rejecting:
    """Records that a plan is not to be executed; its setup is not offered again.

    Args:
        books: of the account.
    """

    def __init__(self, books: Books) -> None:
        self._books: Final = books

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return that the plan is rejected.

        Raises:
            ConfigInvalid: no such plan was judged.
            StateUnavailable: the store cannot be read.
        """
        return await asyncio.to_thread(self._reject, stored.command)

    def _reject(self, command: Command) -> Outcome:
        plan = find_decision(self._books, command.subject).plan
        ports = self._books.ports
        entries = ports.store.view(
            ports.account_id, lambda unit: unit.entries_of_plan(plan.plan_id)
        )
        if any(entry.state.is_live for entry in entries):
            return refused("it is traded already; cancel its entries, or close it", plan)
        if is_rehearsed(command):
            return done("nothing of this setup is rehearsed any more (dry run).", plan)
        return done("nothing of this setup is executed.", plan)


class Taking:
    """Records a trade made by hand in the ledger, in one transaction with its answer.

    Args:
        books: of the account.
    """

    def __init__(self, books: Books) -> None:
        self._books: Final = books

    async def __call__(self, stored: StoredCommand, settling: Settling) -> Outcome:
        """Return what was recorded: at the near edge and the approved size unless said otherwise.

        Raises:
            ConfigInvalid: no such plan was judged, it is in the ledger already, or a number is
                not known.
            StateUnavailable: it could not be recorded.
        """
        return await asyncio.to_thread(self._take, stored.command, settling)

    def _take(self, command: Command, settling: Settling) -> Outcome:
        decision = find_decision(self._books, command.subject)
        trade = _hand_trade(command, decision)
        if trade is None:
            return refused(
                "the risk gate gave the plan no size; say what you hold with "
                f"`snipersight took {decision.plan.plan_id[:8]} --size … --price …`",
                decision.plan,
            )
        words = _words(decision.plan, trade)
        store = settling.joined(lambda result: done(words + _beyond(result), decision.plan))
        joined = replace(self._books, ports=replace(self._books.ports, store=store))
        take_plan(joined, decision.plan.plan_id, trade, actor=command.actor)
        return done(words, decision.plan)


def _hand_trade(command: Command, decision: RecordedDecision) -> HandTrade | None:
    verdict, plan = decision.decision, decision.plan
    size = _number(command, "size")
    if size is None and isinstance(verdict, Approved):
        size = Decimal(verdict.size)
    if size is None:
        return None
    price = _number(command, "price")
    return HandTrade(size=size, price=Decimal(plan.entry_near) if price is None else price)


def _number(command: Command, name: str) -> Decimal | None:
    said = command.arguments.get(name)
    if said is None:
        return None
    try:
        number = Decimal(str(said))
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not 0 < number <= LARGEST:
        raise ConfigInvalid(
            f"{str(said)[:40]!r} is no {name}",
            where=name,
            next_step="write it as a number above 0, such as 0.18",
        )
    return number


def _words(plan: TradePlan, trade: HandTrade) -> str:
    base = parse_symbol(plan.symbol)[0]
    price = texts.price_text(trade.price, texts.decimals_of((trade.price, plan.entry_near)))
    return f"{texts.size_text(trade.size)} {base} at {price} count towards every limit."


def _beyond(result: object) -> str:
    checks = [one for one in result if isinstance(one, Check)] if isinstance(result, tuple) else []
    return "".join(f" It is beyond {check.code}: {check.sentence}." for check in checks)
