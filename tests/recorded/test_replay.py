"""A recorded quarter over five symbols, read again: ten signals checked by hand on the candles.

The table was worked out from the five-minute bars alone, in this way. An entry is filled by the
first bar that trades beyond its price, all at their own prices; a target likewise. A stop fills at
its price where the bar opens before it, less slippage of 0.03 %. Every fill pays 0.1 %. R is
`near - stop + cost` of the whole size. What was read on the bars:

| Signal | What the bars show |
|---|---|
| ETH 05-13 | 17:05 trades below 2948.4, 17:25 below 2942.97: all is filled at 2946.501 on average. 05-17 15:20 goes above T1, 05-20 19:20 above T2 and T3; the lowest in between, 3047.67, is far above break-even. (0.4·149.859 + 0.3·220.509 + 0.3·274.899) / 107.480 = 1.9405R |
| SOL 05-13 | 05-14 06:10 trades below 144.5, 06:15 below 144.2: 144.59. T1 05-15 13:35, T2 05-16 00:05, T3 05-17 07:00; lowest after T1 150.41. 14.765 / 7.7334 = 1.9092R |
| XRP 05-15 | the 4h bar that closes at 05-19 20:00 at 0.5077 is the first below the swing low 0.5123 of 05-16; price has not been at 0.5061 |
| LINK 05-24 | 05-27 17:35 touches 18.677; price has not been at 16.56 |
| LINK 05-27 | the 4h bar that closes at 05-31 16:00 at 17.565 is the first below the swing low 17.847 of 05-28; price comes to 17.297 on 06-06 only |
| BTC 06-03 | 06-04 15:50 touches 70368.6; price comes to 68285.29 on 06-11 only |
| ETH 06-20 | 06-21 08:50 below near, 06-23 20:30 below far: 3455.274. 06-24 09:30 opens at 3359.6 and falls through the stop. −106.454 / 124.649 = −0.8540R |
| LINK 06-25 | 06-29 15:15 near, 06-30 00:10 mid, 07-04 01:30 far, before the plan expires on 07-05: 13.4987. 07-04 23:40 opens at 12.731 and falls through the stop. −0.9037 / 1.0059 = −0.8984R |
| BTC 05-10 | 14:35 near, 14:45 mid and far: 61708.362. 16:05 opens at 60735.73 and falls through the stop. −1148.152 / 1324.21 = −0.8670R |
| SOL 06-27 | 06-30 04:20 near; mid and far are reached on 07-04, after the plan has expired on 07-03: half of the size. 07-04 01:55 falls through the stop. −0.5·2.9 / 3.1989 = −0.4533R |
"""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

import pytest

from snipersight.bootstrap.evidence.recorded import RecordedRequest
from snipersight.bootstrap.evidence.replay import ReplaySummary, replay
from snipersight.bootstrap.profiles import list_profiles
from snipersight.bootstrap.settings import load_settings
from snipersight.domain.candles import utc_text
from snipersight.domain.evidence import EvidenceFilter, Kind, Origin, Outcome, SignalRecord
from snipersight.domain.timeframe import DAY_MS, HOUR_MS
from snipersight.market.parquet_source import ParquetDirectory
from snipersight.market.universe import select_universe
from tests.fakes.memory_evidence import MemoryEvidence
from tests.fakes.recorded import SPOT_2024

SYMBOLS = "BTC/USDT,ETH/USDT,SOL/USDT,LINK/USDT,XRP/USDT"
START_MS = 1_711_929_600_000  # 2024-04-01
END_MS = 1_719_792_000_000  # 2024-07-01
NEVER = "-"

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not SPOT_2024.is_dir(), reason="the recorded candles are not here"),
]

# signal, entered, ended, how, filled, gross R, fees R
BY_HAND = (
    ("swing ETH 05-13T12:00", "05-13T17:10", "05-20T19:25", "closed targets", 1.0, 1.9405, 0.0568),
    ("swing SOL 05-13T20:00", "05-14T06:15", "05-17T07:05", "closed targets", 1.0, 1.9092, 0.0393),
    ("swing XRP 05-15T20:00", NEVER, "05-19T20:00", "invalidated ", 0.0, 0.0, 0.0),
    ("swing LINK 05-24T04:00", NEVER, "05-27T17:40", "missed ", 0.0, 0.0, 0.0),
    ("swing LINK 05-27T16:00", NEVER, "05-31T16:00", "invalidated ", 0.0, 0.0, 0.0),
    ("swing BTC 06-03T12:00", NEVER, "06-04T15:55", "missed ", 0.0, 0.0, 0.0),
    ("swing ETH 06-20T08:00", "06-21T08:55", "06-24T09:35", "closed stop", 1.0, -0.8540, 0.0546),
    ("swing LINK 06-25T04:00", "06-29T15:20", "07-04T23:45", "closed stop", 1.0, -0.8984, 0.0259),
    ("balanced BTC 05-10T00:00", "05-10T14:40", "05-10T16:10", "closed stop", 1.0, -0.8670, 0.0923),
    ("balanced SOL 06-27T14:00", "06-30T04:25", "07-04T02:00", "closed stop", 0.5, -0.4533, 0.0425),
)


def replayed(
    profile: str, *, evidence: MemoryEvidence, end_ms: int = END_MS, symbols: str = SYMBOLS
) -> ReplaySummary:
    request = RecordedRequest(
        data=SPOT_2024,
        profile=list_profiles(Path("no-own-profiles"))[profile].load(),
        symbols=symbols,
        start_ms=START_MS,
        end_ms=end_ms,
    )
    settings = load_settings()[0]
    return asyncio.run(replay(request, settings, evidence, progress=lambda *_: None))


@cache
def a_quarter(profile: str) -> tuple[MemoryEvidence, ReplaySummary]:
    evidence = MemoryEvidence()
    return evidence, replayed(profile, evidence=evidence)


def signals(evidence: MemoryEvidence) -> dict[str, tuple[SignalRecord, Outcome]]:
    """Return signals and ends by profile, symbol and the time of the decision."""
    found = {}
    for key in evidence.table(EvidenceFilter()).key:
        signal = evidence.signal(key)
        assert signal is not None
        name = f"{signal.profile} {signal.symbol.split('/')[0]} {moment(signal.decided_ms)}"
        found[name] = (signal, evidence.outcomes(key)[Kind.MODELLED])
    return found


def moment(time_ms: int) -> str:
    return utc_text(time_ms)[5:16] if time_ms else NEVER


@pytest.mark.parametrize("row", BY_HAND, ids=lambda row: row[0].replace(" ", "-"))
def test_ten_signals_end_as_the_candles_say(row):
    name, entered, ended, end, filled, gross_r, fees_r = row
    evidence, _summary = a_quarter(name.split()[0])
    _signal, outcome = signals(evidence)[name]
    assert f"{outcome.status} {outcome.ending}" == end
    assert (moment(outcome.entered_ms), moment(outcome.ended_ms)) == (entered, ended)
    assert outcome.filled_fraction == pytest.approx(filled)
    assert outcome.gross_r == pytest.approx(gross_r, abs=5e-5)
    assert outcome.fees_r == pytest.approx(fees_r, abs=5e-5)
    assert outcome.resolution_ms == 300_000


@pytest.mark.parametrize("profile", ["swing", "balanced"])
def test_every_plan_of_the_quarter_is_one_signal_with_one_end(profile):
    evidence, summary = a_quarter(profile)
    kept = evidence.table(EvidenceFilter(origin=Origin.REPLAY))
    counted = sum(sum(scan.funnel.values()) for scan in evidence.scans(EvidenceFilter()))
    assert counted == summary.funnel.total()
    assert len(kept) == summary.signals == summary.statuses.total() == summary.new
    approved = summary.funnel["approved"]
    assert kept.verdict.counts()["approved"] == approved == summary.verdicts["approved"] > 0
    assert set(kept.account_id.counts()) == {"replay"}


def test_the_same_replay_again_changes_nothing():
    evidence, first = a_quarter("swing")
    before = signals(evidence)
    again = replayed("swing", evidence=evidence)
    assert (again.new, again.signals) == (0, first.signals)
    assert signals(evidence) == before
    assert len(evidence.scans(EvidenceFilter())) == first.symbols


def test_a_shorter_replay_decides_the_same_until_its_end():
    whole, part = signals(a_quarter("swing")[0]), MemoryEvidence()
    end_ms = END_MS - 30 * DAY_MS
    replayed("swing", evidence=part, end_ms=end_ms)
    expected = {name for name, (one, _) in whole.items() if one.decided_ms <= end_ms}
    assert set(signals(part)) == expected != set(whole)
    for name, (signal, _outcome) in signals(part).items():
        assert signal.terms == whole[name][0].terms


def test_of_the_largest_only_what_was_decided_among_them_counts():
    """No market is looked at before the hour in which it became one of the largest."""
    evidence, source = MemoryEvidence(), ParquetDirectory(SPOT_2024)
    replayed("balanced", evidence=evidence, symbols="top5")
    listed = asyncio.run(source.instruments())

    def is_large(signal: SignalRecord) -> bool:
        hour_ms = signal.decided_ms // HOUR_MS * HOUR_MS
        volumes = asyncio.run(source.quote_volumes(list(listed), at_ms=hour_ms))
        chosen = select_universe("top5", instruments=listed, volumes=volumes, watchlists={})
        return signal.symbol in chosen.symbols

    named = signals(a_quarter("balanced")[0])
    expected = {name for name, (one, _) in named.items() if is_large(one)}
    found = {name: one for name, (one, _) in signals(evidence).items()}
    assert all(is_large(one) for one in found.values())
    assert {name for name, one in found.items() if one.symbol in SYMBOLS.split(",")} == expected
    assert set() != expected != set(named)
