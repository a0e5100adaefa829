"""What may be asked of a running bot: another time only where nothing is real."""

from pathlib import Path

import pytest

from snipersight.bootstrap.running.asked import RunAsked, clock_of
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import ConfigInvalid

SETTINGS = load_settings()[0]
MARKET = SourceChoice()
AT_MS = 1_780_315_200_000


def test_a_recording_is_not_run():
    with pytest.raises(ConfigInvalid, match="come to its end"):
        clock_of(RunAsked(source=SourceChoice(data=Path("candles"))), SETTINGS)


@pytest.mark.parametrize("asked", [{"time_scale": 60.0}, {"at_ms": AT_MS}])
def test_a_real_market_lives_by_the_present(asked: dict[str, float]):
    with pytest.raises(ConfigInvalid, match="lives by the present"):
        clock_of(RunAsked(source=SourceChoice(exchange="binance"), **asked), SETTINGS)  # type: ignore[arg-type]  # one of two


@pytest.mark.parametrize("scale", [0.0, -1.0, 3601.0, float("nan"), float("inf")])
def test_an_impossible_pace_is_refused(scale: float):
    with pytest.raises(ConfigInvalid, match="time scale"):
        clock_of(RunAsked(source=MARKET, time_scale=scale), SETTINGS)


def test_a_sandbox_begins_when_it_is_told_to():
    clock = clock_of(RunAsked(source=MARKET, at_ms=AT_MS, time_scale=60.0), SETTINGS)
    assert AT_MS <= clock.ms() < AT_MS + 60_000
    assert not RunAsked(source=MARKET).is_sandbox_time
