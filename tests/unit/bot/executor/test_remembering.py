"""What is remembered of trades is never older than what was written last."""

from __future__ import annotations

from dataclasses import replace

from snipersight.bot.executor.remembering import Look, TradeMemory
from snipersight.bot.executor.trade_file import TradeFile
from snipersight.domain.execution import TradeId, TradeState
from snipersight.domain.standing import TradingState
from tests.builders.trades import a_trade

FIRST, SECOND = TradeId("first"), TradeId("second")


def a_file(trade_id: str = "first", note: str = "", *, is_over: bool = False) -> TradeFile:
    state = TradeState.DONE if is_over else TradeState.OPEN
    ended_us = 1 if is_over else None
    return TradeFile(trade=a_trade(trade_id, note=note, state=state, ended_us=ended_us))


def a_look(*files: TradeFile) -> Look:
    return Look(files=files, state=TradingState.ACTIVE)


def having_read(*files: TradeFile, at_us: int = 0) -> TradeMemory:
    memory = TradeMemory()
    memory.take(a_look(*files), None, began=memory.now, at_us=at_us)
    return memory


def notes(memory: TradeMemory) -> dict[str, str]:
    return {one.trade.trade_id: one.trade.note for one in memory.look.files}


def test_a_reading_that_a_write_overtook_keeps_what_was_written():
    memory = having_read(a_file(), a_file("second"))
    began = memory.now
    memory.write(a_file(note="written"), number=1, at_us=5)
    told = memory.take(a_look(a_file(), a_file("second", "read")), None, began=began, at_us=4)
    assert notes(memory) == {"first": "written", "second": "read"}
    assert {one.trade.note for one in told.files} == {"written", "read"}


def test_of_two_writes_the_later_commit_counts_whichever_is_heard_of_first():
    memory = having_read(a_file())
    memory.write(a_file(note="later"), number=2, at_us=5)
    memory.write(a_file(note="earlier"), number=1, at_us=5)
    assert notes(memory) == {"first": "later"}


def test_a_trade_that_ended_does_not_come_back_by_a_reading_from_before():
    memory = having_read(a_file())
    began = memory.now
    memory.write(a_file(is_over=True), number=1, at_us=5)
    assert memory.take(a_look(a_file()), FIRST, began=began, at_us=4).files == ()
    assert memory.take(a_look(a_file()), None, began=began, at_us=4).files == ()
    assert memory.take(a_look(), None, began=memory.now, at_us=6).files == ()


def test_a_trade_let_in_while_the_store_was_read_stays_known():
    memory = having_read()
    began = memory.now
    memory.let_in(a_file())
    memory.take(a_look(), None, began=began, at_us=4)
    assert notes(memory) == {"first": ""}


def test_one_trade_is_read_anew_without_touching_the_others():
    memory = having_read(a_file(), a_file("second"))
    told = memory.take(a_look(a_file(note="new")), FIRST, began=memory.now, at_us=4)
    assert [one.trade.note for one in told.files] == ["new"]
    assert notes(memory) == {"first": "new", "second": ""}
    memory.take(a_look(), SECOND, began=memory.now, at_us=5)
    assert notes(memory) == {"first": "new"}


def test_what_was_read_or_written_is_fresh_for_a_second():
    memory = having_read(a_file(), at_us=1)
    assert memory.is_fresh(FIRST, at_us=1_000_000)
    assert not memory.is_fresh(FIRST, at_us=1_000_001)
    assert not memory.is_fresh(SECOND, at_us=1)
    memory.write(a_file(), number=1, at_us=900_000)
    assert not memory.is_fresh(FIRST, at_us=1_000_001), "the kill switch was read longer ago"


def test_before_anything_was_read_nothing_is_fresh():
    memory = TradeMemory()
    memory.write(a_file(), number=1, at_us=0)
    assert not memory.is_fresh(FIRST, at_us=0)


def test_what_was_written_elsewhere_is_read_again():
    memory = having_read(a_file())
    began = memory.now
    memory.doubt(FIRST)
    assert not memory.is_fresh(FIRST, at_us=0)
    memory.take(a_look(a_file(note="too early")), FIRST, began=began, at_us=0)
    assert not memory.is_fresh(FIRST, at_us=0)
    memory.take(a_look(a_file(note="read")), FIRST, began=memory.now, at_us=0)
    assert memory.is_fresh(FIRST, at_us=0)
    assert notes(memory) == {"first": "read"}


def test_the_kill_switch_and_the_state_are_those_read_last():
    memory = having_read(a_file())
    halted = replace(a_look(a_file()), state=TradingState.HALTED)
    assert not memory.take(halted, FIRST, began=memory.now, at_us=1).entries_allowed
    assert not memory.look.entries_allowed


def test_numbers_of_trades_that_are_long_over_are_forgotten():
    memory = having_read()
    for number in range(1, 1_001):
        memory.write(a_file(f"trade-{number}", is_over=True), number=number, at_us=0)
        memory.take(a_look(), None, began=memory.now, at_us=0)
    assert len(memory._changed) < 300
