"""From a signal with buttons to orders and back: sender, operator and desk on one store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from snipersight.bootstrap.books import Books, open_books
from snipersight.bootstrap.kill_switch import switch_now
from snipersight.bootstrap.notifying import open_notifying
from snipersight.bootstrap.settings import VARIABLES, load_settings
from snipersight.domain.execution import Trade
from snipersight.domain.standing import TradingState
from snipersight.risk.manager import RiskManager
from snipersight.sandbox.telegram import FaultKind, FaultPlan, SentMessage, TelegramSandbox
from tests.builders.execution_desk import DeskClock
from tests.builders.operating import Scene, a_bench, a_scene
from tests.fakes.operating import (
    ADMIN,
    CHANNELS,
    DESK_ROOM,
    TRADER,
    VIEWER,
    BotScene,
    a_sandbox,
    listening,
)
from tests.fakes.scripted_talk import until


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TelegramSandbox]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "channels.toml").write_text(CHANNELS)
    async with a_sandbox() as opened:
        values = {
            "SNIPERSIGHT_HOME": str(tmp_path / "home"),
            "TELEGRAM_BOT_TOKEN": opened.token,
            "TELEGRAM_API_URL": opened.url,
            "TELEGRAM_ADMINS": str(ADMIN),
            "TELEGRAM_TRADERS": str(TRADER),
            "TELEGRAM_VIEWERS": str(VIEWER),
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        yield opened


@dataclass(kw_only=True)
class Whole:
    """Everything that a person meets."""

    books: Books
    desk: Scene
    bot: BotScene

    async def signal(self) -> SentMessage:
        """Tell a plan, and return its message in the room of the desk."""
        self.desk.tell()
        await self.deliver()
        return next(one for one in self.bot.told(DESK_ROOM) if one.keyboard)

    async def deliver(self) -> None:
        notifying = open_notifying(self.books.settings, self.books.store.database)
        try:
            await notifying.deliver(10)
        finally:
            await notifying.close()

    def state(self) -> TradingState:
        return RiskManager().status().state


@asynccontextmanager
async def everything(server: TelegramSandbox, tmp_path: Path) -> AsyncIterator[Whole]:
    clock = DeskClock()
    settings = load_settings()[0]
    with open_books(settings, account_id="practice", clock=clock, is_sandbox_time=True) as books:
        async with (
            a_scene(books, a_bench(tmp_path), clock) as scene,
            listening(books, server, scene.desk) as bot,
        ):
            yield Whole(books=books, desk=scene, bot=bot)


def data(message: SentMessage, text: str) -> str:
    """Return what a button sends back."""
    return next(one.data for row in message.keyboard for one in row if one.text.endswith(text))


async def test_a_press_on_approve_is_one_trade_and_everybody_learns_whose(server, tmp_path):
    async with everything(server, tmp_path) as whole:
        signal = await whole.signal()
        approve, reject = data(signal, "Approve"), data(signal, "Reject")
        presses = [
            whole.bot.press(signal, approve, user_id=TRADER),
            whole.bot.press(signal, reject, user_id=ADMIN),
            whole.bot.press(signal, approve, user_id=TRADER),
        ]
        await until(lambda: None not in map(server.answer_to, presses))
        first, second, third = map(server.answer_to, presses)
        (trade,) = whole.desk.trades()
        await until(lambda: len(whole.bot.now(signal).keyboard) == 2)
        assert isinstance(trade, Trade)
        assert "Tom" in (second or "")
        assert first
        assert third
        assert whole.bot.now(signal).keyboard[0][0].text == "✅ Approved · Tom"
        told = await whole.bot.ask(VIEWER, "/positions")
        assert trade.symbol in told.text
        assert trade.plan_id[:8] in told.text
        orders = await whole.bot.ask(VIEWER, "/orders")
        assert "entry 1: buy" in orders.text
        await whole.deliver()
        assert any("Tom" in one.text for one in whole.bot.told(DESK_ROOM)[1:])


async def test_why_explains_the_signal_under_it(server, tmp_path):
    async with everything(server, tmp_path) as whole:
        signal = await whole.signal()
        await whole.bot.pressed(signal, data(signal, "Why"), user_id=VIEWER)
        await until(lambda: any("APPROVED" in one.text for one in whole.bot.told(DESK_ROOM)))
        answer = next(one for one in whole.bot.told(DESK_ROOM) if "APPROVED" in one.text)
        assert answer.reply_to == signal.message_id
        assert whole.desk.trades() == ()


async def test_pause_and_resume_are_held_by_the_account(server, tmp_path):
    async with everything(server, tmp_path) as whole:
        await whole.bot.ask(TRADER, "/pause the fed speaks")
        assert whole.state() is TradingState.HALTED
        assert "the fed speaks" in (await whole.bot.ask(VIEWER, "/status")).text
        question = await whole.bot.ask(ADMIN, "/resume")
        assert whole.state() is TradingState.HALTED
        await whole.bot.pressed(question, question.keyboard[0][0].data, user_id=ADMIN)
        assert whole.state() is TradingState.ACTIVE


async def test_the_kill_switch_is_pulled_once_it_is_confirmed(server, tmp_path):
    async with everything(server, tmp_path) as whole:
        question = await whole.bot.ask(ADMIN, "/kill flatten")
        assert switch_now(whole.books) is None
        await whole.bot.pressed(question, question.keyboard[0][0].data, user_id=ADMIN)
        switch = switch_now(whole.books)
        assert switch is not None
        assert (switch.flatten, switch.actor) == (True, f"telegram:{ADMIN}")
        assert "Kill switch" in (await whole.bot.ask(VIEWER, "/status")).text


async def test_a_trade_by_hand_is_a_position(server, tmp_path):
    async with everything(server, tmp_path) as whole:
        plan = whole.desk.tell()
        await whole.bot.ask(TRADER, f"/took {plan.plan_id[:6]} 2 98.5")
        told = await whole.bot.ask(TRADER, "/positions")
        assert "by hand" in told.text
        assert "2 BTC" in told.text


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.DROP_AFTER])
async def test_people_are_heard_again_once_telegram_is_back(server, tmp_path, kind):
    async with everything(server, tmp_path) as whole:
        server.set_faults(FaultPlan(rates={kind: 1.0}, methods=frozenset({"getupdates"})))
        await whole.bot.ask(VIEWER, "/help")  # ends the request that is under way
        await until(lambda: bool(whole.bot.health.troubles))
        whole.bot.write(TRADER, "/pause while it is away")
        assert whole.state() is TradingState.ACTIVE
        server.set_faults(FaultPlan())
        await until(lambda: whole.state() is TradingState.HALTED)
        await until(lambda: whole.bot.health.is_well)
