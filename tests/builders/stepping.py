"""A market of generated candles, stepped through where two plans are made and end."""

from __future__ import annotations

import asyncio

from snipersight.domain.units import Symbol
from snipersight.engine.report import ScanRequest
from snipersight.engine.stepping.moment_source import MomentSource
from snipersight.engine.stepping.stepper import Judged, Step, Stepper, open_stepper
from tests.fakes.candle_table import CandleTable
from tests.fakes.events import RecordingEvents
from tests.fakes.live_scanning import BAR_MS, BTC
from tests.fakes.scanning import NOON_MS, a_gate, a_lively_profile, an_account

PROFILE = a_lively_profile(gates={"leader_alignment": "not_against"})
BARS = 100
END_MS = NOON_MS - 260 * BAR_MS  # two plans are made in these bars, and both end there


def a_stepper(table: CandleTable, symbol: Symbol = BTC, **period: int | None) -> Stepper:
    asked = {"start_ms": None, "end_ms": END_MS, "bars": BARS} | period
    judged = Judged(gate=a_gate(account=an_account()), account=an_account(), sink=RecordingEvents())
    source = MomentSource(inner=table, symbol=symbol)
    return asyncio.run(open_stepper(source, ScanRequest(profile=PROFILE), judged, **asked))  # type: ignore[arg-type]


def steps_of(stepper: Stepper) -> list[Step]:
    async def all_of() -> list[Step]:
        return [await stepper.step(index) for index in range(len(stepper))]

    return asyncio.run(all_of())
