"""Every other command: what it does, what it answers, and that it is done once."""

from decimal import Decimal

import pytest

from snipersight.bootstrap.kill_switch import switch_now
from snipersight.bootstrap.taking import HandTrade, take_plan
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.ledger import EntryState, Origin
from snipersight.domain.plan import PlanId
from tests.builders.operating import (
    ACCOUNT,
    BOB,
    Scene,
    a_bench,
    a_press,
    a_scene,
    told_decisions,
)

DONE, REFUSED = CommandState.DONE, CommandState.REFUSED


def entries(scene: Scene, plan_id: str):
    return scene.books.store.decisions.view(
        ACCOUNT, lambda unit: unit.entries_of_plan(PlanId(plan_id))
    )


async def test_a_trade_by_hand_counts_at_the_near_edge_and_the_approved_size(
    tmp_path, books, clock
):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        answer = await scene.desk.submit(a_press(CommandKind.TOOK, plan.plan_id))
        [entry] = entries(scene, plan.plan_id)
    assert (entry.state, entry.origin) == (EntryState.OPEN, Origin.BY_HAND)
    assert (entry.fill_price, entry.open_size) == (Decimal(99), Decimal("32.258"))
    assert answer.sentence == "32.258 BTC at 99 count towards every limit."
    assert told_decisions(books) == 1


async def test_size_and_price_that_were_said_count_instead(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        said = {"size": "2.5", "price": "98.75"}
        await scene.desk.submit(a_press(CommandKind.TOOK, plan.plan_id, arguments=said))
        [entry] = entries(scene, plan.plan_id)
    assert (entry.fill_price, entry.open_size) == (Decimal("98.75"), Decimal("2.5"))


@pytest.mark.parametrize("size", ["", "much", "-1", "0", "NaN", "1e30"])
async def test_a_size_that_is_none_is_refused(tmp_path, books, clock, size):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        answer = await scene.desk.submit(
            a_press(CommandKind.TOOK, plan.plan_id, arguments={"size": size})
        )
        assert entries(scene, plan.plan_id) == ()
    assert (answer.state, answer.sentence) == (REFUSED, f"{size!r} is no size.")


async def test_what_was_taken_before_is_refused_and_not_counted_twice(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        take_plan(books, plan.plan_id, HandTrade(size=Decimal(1), price=Decimal(99)))
        answer = await scene.desk.submit(a_press(CommandKind.TOOK, plan.plan_id))
        assert len(entries(scene, plan.plan_id)) == 1
    assert answer.state is REFUSED
    assert "The plan was taken before" in answer.sentence


async def test_a_plan_that_is_traded_can_no_longer_be_rejected(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        take_plan(books, plan.plan_id, HandTrade(size=Decimal(1), price=Decimal(99)))
        answer = await scene.desk.submit(a_press(CommandKind.REJECT, plan.plan_id))
    assert answer.state is REFUSED
    assert "it is traded already" in answer.sentence.lower()


async def test_pause_stops_entries_and_resume_allows_them(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        paused = await scene.desk.submit(a_press(CommandKind.PAUSE))
        refused = await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id))
        resumed = await scene.desk.submit(a_press(CommandKind.RESUME, by=BOB))
        approved = await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id, by=BOB))
    assert paused.sentence == "No entry is sent until somebody resumes."
    assert "pause by Ann (halted)" in refused.sentence
    assert resumed.sentence == "Entries are allowed again."
    assert approved.state is DONE


async def test_a_resume_that_came_too_late_lifts_nothing(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(CommandKind.PAUSE))
        late = await scene.desk.submit(a_press(CommandKind.RESUME, expires_us=clock()))
        entered = await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id))
    assert (late.state, late.sentence) == (REFUSED, "It came too late to be carried out.")
    assert "halted" in entered.sentence


async def test_resume_says_what_still_holds_entries_back(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        await scene.desk.submit(a_press(CommandKind.KILL))
        answer = await scene.desk.submit(a_press(CommandKind.RESUME))
    assert answer.state is DONE
    assert answer.sentence == (
        "The halt is lifted; what still holds entries back: the kill switch "
        "(`snipersight kill --rearm`)."
    )


async def test_a_kill_is_latched_and_cancels_what_works(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id))
        said = {"flatten": True, "reason": "a storm"}
        answer = await scene.desk.submit(a_press(CommandKind.KILL, arguments=said))
        assert await scene.execution.venue.open_orders() == ()
    switch = switch_now(books)
    assert switch is not None
    assert (switch.actor, switch.reason, switch.flatten) == ("telegram:1", "a storm", True)
    assert answer.sentence == (
        "Entries are killed: working ones are cancelled and every position is closed. "
        "`snipersight kill --rearm` allows them again."
    )


async def test_the_entries_of_a_plan_are_cancelled(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id))
        answer = await scene.desk.submit(a_press(CommandKind.CANCEL, plan.plan_id[:8]))
        assert await scene.execution.venue.open_orders() == ()
    assert answer.state is DONE


async def test_a_trade_is_closed_with_the_name_of_who_said_so(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        plan = scene.tell()
        await scene.desk.submit(a_press(CommandKind.APPROVE, plan.plan_id))
        answer = await scene.desk.submit(a_press(CommandKind.FLATTEN, plan.plan_id, by=BOB))
        [trade] = scene.trades()
    assert answer.state is DONE
    assert trade.exit_reason == "closed by Bob"


@pytest.mark.parametrize("kind", [CommandKind.CANCEL, CommandKind.FLATTEN])
@pytest.mark.parametrize("which", ["", "nothing00"])
async def test_what_is_not_traded_is_neither_cancelled_nor_closed(
    tmp_path, books, clock, kind, which
):
    async with a_scene(books, a_bench(tmp_path), clock) as scene:
        answer = await scene.desk.submit(a_press(kind, which))
    assert answer.state is REFUSED
    assert answer.sentence.startswith(("It is not said which trade", "No live trade of account"))


async def test_every_kind_is_done_by_somebody(tmp_path, books, clock):
    async with a_scene(books, a_bench(tmp_path), clock, is_running=False) as scene:
        assert set(scene.desk._work.doers) == set(CommandKind)
