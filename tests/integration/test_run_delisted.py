"""A market that is delisted while the bot holds a position in it: the bot goes on, and says so."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.run_day import BEGINS_MS
from benchmarks.run_presses import KEEN_ROOM, keen_profile
from snipersight.bootstrap.running.asked import RunAsked
from snipersight.bootstrap.running.held_markets import MARKETS
from snipersight.bootstrap.running.opening import OpenRun, open_run
from snipersight.bootstrap.running.process import RunProcess
from snipersight.bootstrap.session import open_surroundings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.cli.trade_carrying import told
from snipersight.domain.commands import CommandKind
from snipersight.domain.errors import UnknownSymbol
from snipersight.domain.execution import Leg, Mode, Trade
from snipersight.domain.units import Symbol
from snipersight.sandbox import market as built_in
from snipersight.sandbox.market import SyntheticMarket
from tests.fakes.scripted_talk import until

# A keen profile finds plans then that price enters within twenty minutes.
BEGAN_MS = BEGINS_MS + 145 * 60_000
BAR_MS = 300_000
SCALE = 300.0  # a bar a second
HELD, OTHER = Symbol("ARB/USDT:USDT"), Symbol("BTC/USDT:USDT")

pytestmark = pytest.mark.timeout(400)


class Delisting(SyntheticMarket):
    """The built-in market, some of whose symbols are gone from one moment to the next."""

    gone: set[Symbol]

    async def instruments(self) -> Any:
        listed = await super().instruments()
        return {symbol: one for symbol, one in listed.items() if symbol not in self.gone}

    async def candles(self, symbol: Symbol, *arguments: Any, **options: Any) -> Any:
        self._require_listed(symbol)
        return await super().candles(symbol, *arguments, **options)

    async def reference_price(self, symbol: Symbol, **options: Any) -> Any:
        self._require_listed(symbol)
        return await super().reference_price(symbol, **options)

    def _require_listed(self, symbol: Symbol) -> None:
        if symbol in self.gone:
            raise UnknownSymbol(f"no market {symbol!r}", where="sandbox")


@dataclass
class Bot:
    """A running bot, looked at from beside."""

    run: OpenRun

    def trades(self) -> tuple[Trade, ...]:
        ports = self.run.books.ports
        return ports.store.view(ports.account_id, lambda unit: unit.book.trades())

    def is_held(self, symbol: Symbol) -> bool:
        live = [one for one in self.trades() if one.state.is_live and one.symbol == symbol]
        return any(one.opened_us is not None for one in live)

    def has_stop(self, trade: Trade) -> bool:
        ports = self.run.books.ports
        intents = ports.store.view(ports.account_id, lambda unit: unit.book.intents(trade.trade_id))
        return any(one.leg is Leg.STOP and one.state.is_open for one in intents)

    def has_told(self, symbol: Symbol) -> bool:
        parts = self.run.vitals.health().parts
        return any(symbol in one.trouble for one in parts if one.name == MARKETS)

    def scanned_ms(self) -> int:
        last = self.run.vitals.health().last_scan
        return 0 if last is None else last.as_of_ms


async def test_a_held_market_that_is_delisted_keeps_nothing_else_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: set[Symbol] = set()

    def market(*arguments: Any, **options: Any) -> Delisting:
        made = Delisting(*arguments, **options)
        made.gone = gone
        return made

    monkeypatch.setattr(built_in, "SyntheticMarket", market)
    for name, value in {**KEEN_ROOM, "SNIPERSIGHT_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RUN_LISTEN", "none")
    monkeypatch.setenv("MAX_DATA_AGE_SECONDS", "86400")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/desk.toml").write_text(keen_profile(), encoding="utf-8")
    asked = RunAsked(
        source=SourceChoice(),
        profile="desk",
        symbols=f"{HELD},{OTHER}",
        mode=Mode.PAPER,
        at_ms=BEGAN_MS,
        time_scale=SCALE,
    )
    said: list[str] = []
    async with open_run(open_surroundings(None), asked, say=said.append) as run:
        stop, bot = asyncio.Event(), Bot(run)
        process = asyncio.create_task(RunProcess(run, stop=stop).through())
        await until(lambda: process.done() or bot.is_held(HELD), within_s=150)
        assert not process.done(), said
        gone.add(HELD)
        gone_ms = run.clock.ms()
        await until(lambda: process.done() or bot.has_told(HELD), within_s=60)
        await until(lambda: process.done() or bot.scanned_ms() > gone_ms + 3 * BAR_MS, within_s=60)
        # The scans go on with the other market, and what is held keeps its stop.
        assert not process.done(), said
        [trade] = [one for one in bot.trades() if one.state.is_live]
        assert bot.has_stop(trade)
        # A person closes it, beside the bot.
        assert await told(run.books, [trade], CommandKind.FLATTEN, runner="the bot")
        await until(lambda: not bot.is_held(HELD), within_s=30)
        await until(lambda: not bot.has_told(HELD), within_s=30)
        stop.set()
        summary = await process
    assert summary.closes > 3
    assert not [line for line in said if "Traceback" in line or "no more" in line], said
