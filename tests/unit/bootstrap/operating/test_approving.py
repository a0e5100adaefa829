"""A press on Approve: everything is asked again, and the orders leave once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from snipersight.bootstrap.gate import LedgerGate
from snipersight.bootstrap.kill_switch import pull_switch
from snipersight.bootstrap.operating.decided import UNASKED
from snipersight.bootstrap.operations import halt_entries
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.decision import Approved
from snipersight.domain.errors import VenueUnavailable
from snipersight.domain.ledger import EntryState, Origin
from snipersight.domain.notices import SignalEvent, update_key
from snipersight.domain.outbox import NOTICES
from snipersight.domain.store import QueueDraft
from tests.builders.candles import rows
from tests.builders.execution_desk import a_paper_plan
from tests.builders.operating import (
    ACCOUNT,
    ANN,
    BOB,
    a_bench,
    a_press,
    a_scene,
    after,
    of_setup,
    told_decisions,
)

APPROVE, REJECT = CommandKind.APPROVE, CommandKind.REJECT


async def test_an_approved_plan_is_executed_recorded_and_told(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert answer.state is CommandState.DONE, answer.sentence
        assert answer.is_first
        [trade] = scene.trades()
        assert (trade.plan_id, len(await scene.execution.venue.open_orders())) == (plan.plan_id, 3)
        assert answer.sentence == f"Entry orders for {trade.size:f} BTC were sent (paper)."
        noted, settled = scene.said()
        assert (noted["actor"], noted["command"], noted["said"]["name"]) == (
            "telegram:1",
            "approve",
            "Ann",
        )
        assert (settled["state"], settled["actor"]) == ("done", "telegram:1")
    counts = books.store.queue(NOTICES).counts()
    assert counts.pending == 2  # the signal, and the decision on it


async def test_of_two_people_the_first_counts_and_the_second_learns_who(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        answers = await asyncio.gather(
            scene.desk.submit(a_press(APPROVE, plan.plan_id, by=ANN)),
            scene.desk.submit(a_press(APPROVE, plan.plan_id[:8], by=BOB)),
            scene.desk.submit(a_press(REJECT, plan.plan_id, by=BOB)),
        )
        assert len(scene.trades()) == 1
    assert sorted(one.is_first for one in answers) == [False, False, True]
    winner = next(one.command for one in answers if one.is_first)
    assert {one.command.key for one in answers} == {winner.key}
    late = next(one.sentence for one in answers if not one.is_first)
    assert late.startswith(f"{winner.name} ")
    assert " at 2024-01-01 00:00 UTC. " in late


async def test_the_same_press_delivered_twice_is_one_and_answered_alike(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        press = a_press(APPROVE, scene.tell().plan_id)
        first = await scene.desk.submit(press)
        again = await scene.desk.submit(press)
        assert (again, len(scene.trades())) == (first, 1)


async def test_a_plan_that_nobody_judged_is_refused(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        answer = await scene.desk.submit(a_press(APPROVE, "0123456789"))
    assert answer.state is CommandState.REFUSED
    assert "no plan 0123456789 was judged" in answer.sentence.lower()


@pytest.mark.parametrize(("minutes", "is_late"), [("60", True), ("61", False), ("0", False)])
async def test_a_signal_is_approved_as_long_as_the_settings_say(
    tmp_path, books, clock, minutes, is_late
):
    changed = books.settings.model_copy(update={"approval_minutes": int(minutes)})
    async with a_scene(replace(books, settings=changed), a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        after(clock, 12)  # an hour
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
    assert (answer.state is CommandState.REFUSED) is is_late, answer.sentence
    assert ("older than 60 minutes" in answer.sentence) is is_late


async def test_an_expired_plan_is_refused(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = a_paper_plan()
        plan = scene.tell(replace(plan, valid_until=plan.created_at + timedelta(minutes=5)))
        after(clock, 1)
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
    assert answer.sentence == "The plan expired at 2024-01-01 00:05 UTC."


async def test_a_plan_that_touched_its_stop_meanwhile_is_refused(tmp_path, books, clock):
    bench = a_bench(tmp_path, rows("100 100 95 100\n" + "100 100 100 100\n" * 9))
    async with a_scene(books, bench, clock) as scene:
        plan = scene.tell()
        after(clock, 3)  # one bar of its timeframe
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert scene.trades() == ()
    assert "price touched its stop" in answer.sentence


async def test_an_end_that_was_told_is_one(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        key = update_key(ACCOUNT, plan.plan_id, SignalEvent.INVALIDATED)
        books.store.decisions.transact(
            ACCOUNT, lambda unit: unit.enqueue(QueueDraft(topic=NOTICES, key=key))
        )
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
    assert "the idea failed before an entry" in answer.sentence


@pytest.mark.parametrize(
    ("close", "refusal"),
    [
        ("100.70", ""),  # 0.23 R beyond where it was told
        ("100.80", "0.27 R away"),
        ("97.9", "through the entry zone"),
        ("98.5", ""),
    ],
)
async def test_price_may_have_run_so_far_and_no_farther(tmp_path, books, clock, close, refusal):
    bench = a_bench(tmp_path, rows(f"100 101 97 {close}\n" + "100 100 100 100\n" * 3))
    async with a_scene(books, bench, clock) as scene:
        plan = scene.tell()
        after(clock, 1)
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert len(scene.trades()) == (0 if refusal else 1), answer.sentence
    assert refusal in answer.sentence


async def test_the_gate_is_asked_again_at_that_moment(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        halt_entries(books.ports, reason="lunch", actor="cli")
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert scene.trades() == ()
    assert answer.state is CommandState.REFUSED
    assert "lunch" in answer.sentence


async def test_a_pulled_kill_switch_refuses(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        pull_switch(books, flatten=False, reason="storm", actor="cli")
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert scene.trades() == ()
    assert "storm" in answer.sentence


async def test_a_rejected_setup_stays_rejected_under_every_plan_of_it(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        rejected = await scene.desk.submit(a_press(REJECT, plan.plan_id, by=BOB))
        later = scene.tell(of_setup(plan, "later000"))
        answer = await scene.desk.submit(a_press(APPROVE, later.plan_id))
    assert (rejected.state, rejected.sentence) == (
        CommandState.DONE,
        "Nothing of this setup is executed.",
    )
    assert answer.sentence == "Bob rejected this setup."


async def test_a_refused_approval_has_decided_nothing(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        halt_entries(books.ports, reason="lunch", actor="cli")
        refused = await scene.desk.submit(a_press(APPROVE, plan.plan_id, key="one"))
        await scene.desk.submit(a_press(CommandKind.RESUME))
        approved = await scene.desk.submit(a_press(APPROVE, plan.plan_id, by=BOB))
        assert (refused.state, approved.state) == (CommandState.REFUSED, CommandState.DONE)
        assert approved.is_first
        same = await scene.desk.submit(a_press(APPROVE, plan.plan_id, key="one"))
        assert (same.state, len(scene.trades())) == (CommandState.REFUSED, 1)


async def test_a_market_that_cannot_be_asked_refuses_and_may_be_asked_again(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        scene.source.faults[plan.symbol] = VenueUnavailable("the exchange does not answer")
        away = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert scene.trades() == ()
        scene.source.faults.clear()
        back = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
    assert (away.state, back.state) == (CommandState.REFUSED, CommandState.DONE)
    assert away.sentence == "Its market cannot be looked at: the exchange does not answer."


async def test_a_reservation_that_a_crash_left_is_given_back_first(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        left = await asyncio.to_thread(_reserve, scene, plan)
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert answer.state is CommandState.DONE, answer.sentence
        entries = books.store.decisions.view(
            ACCOUNT, lambda unit: unit.entries_of_plan(plan.plan_id)
        )
    assert [one.state for one in entries] == [EntryState.RELEASED, EntryState.RESERVED]
    assert entries[0].entry_id == left


def _reserve(scene, plan):
    gate = LedgerGate(replace(scene.books.ports, store=scene.execution.desk.store))
    gate.observe(scene.seen())
    verdict = gate.validate_plan(plan, reserve=Origin.EXECUTED)
    assert isinstance(verdict, Approved)
    return verdict.reservation_id


async def test_a_trade_whose_answer_was_lost_is_not_sent_again(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        executed = await scene.trading.execute(plan, scene.seen())
        assert executed.trade is not None
        after(clock, 13)  # also when it would be too late to approve
        answer = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert (answer.state, len(scene.trades())) == (CommandState.DONE, 1)


async def test_a_command_that_came_too_late_is_not_done(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        late = a_press(APPROVE, plan.plan_id, expires_us=clock())
        answer = await scene.desk.submit(late)
        assert scene.trades() == ()
    assert answer.sentence == "It came too late to be carried out."


@pytest.mark.parametrize(
    ("asks", "mode", "refusal"),
    [
        (False, "paper", ""),
        (True, "paper", "here a person has to approve"),
        (False, "live", "left to be executed as live, and this process is paper"),
        (False, "", "and this process is paper"),
    ],
)
async def test_what_another_process_left_needs_a_person_where_one_is_asked_and_the_same_mode(
    tmp_path, books, clock, asks, mode, refusal
):
    async with a_scene(books, a_bench(tmp_path), clock, asks=asks) as scene:
        plan = scene.tell()
        left = a_press(APPROVE, plan.plan_id, by=(UNASKED, "SniperSight"), arguments={"mode": mode})
        answer = await scene.desk.submit(left)
        assert refusal in answer.sentence
        assert len(scene.trades()) == (not refusal)
        assert told_decisions(books) == (not refusal)  # it comes back: nobody has to be told
        pressed = await scene.desk.submit(a_press(APPROVE, plan.plan_id))
        assert (pressed.state, len(scene.trades())) == (CommandState.DONE, 1), pressed.sentence
