import asyncio
from types import SimpleNamespace

import pytest

from snipersight.bot.telemetry.masking import register_secrets
from snipersight.cli.scan_telling import ScanTeller
from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    StateUnavailable,
    VenueUnavailable,
)


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (StateUnavailable("the database is locked"), "told: the database is locked"),
        (DataInvalid("of an unknown kind", where="signal:1"), "told: signal:1: of an unknown kind"),
        (RuntimeError("at 7:opensesame"), "told: RuntimeError: at ***"),
    ],
)
def test_whatever_fails_while_telling_is_said_and_ends_no_scan(trouble, told, capsys):
    register_secrets(["7:opensesame"])

    async def fail() -> None:
        raise trouble

    teller = ScanTeller.__new__(ScanTeller)  # a whole one needs a scan
    asyncio.run(teller._safely(fail))
    said = capsys.readouterr().err
    assert said.startswith("warning: not everything could be ")
    assert told.partition("***")[0] in said
    assert "opensesame" not in said


def test_a_stop_is_no_failure():
    async def stop() -> None:
        raise asyncio.CancelledError

    teller = ScanTeller.__new__(ScanTeller)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(teller._safely(stop))


class Listening(ScanTeller):
    """A teller that only notes what it is to tell of a scan's end."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self._session = SimpleNamespace(source=SimpleNamespace(venue="binance"))  # type: ignore[misc,assignment] # all that is asked of it

    def _store_digest(self) -> None:
        """Sum up nothing."""

    async def _tell_end(self, trigger: str, text: str, subject: str) -> None:
        assert "opensesame" not in text
        self.told.append((trigger, subject))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (VenueUnavailable("timed out", where="binance"), [("venue_down", "binance")]),
        (KeyError("opensesame"), [("error", "scan KeyError")]),
        (ConfigInvalid("no such symbol"), []),
        (None, []),
    ],
)
def test_what_ends_a_scan_is_told_unless_it_is_the_users_to_mend(error, told):
    async def scan() -> int:
        if error is not None:
            raise error
        return 7

    teller = Listening()
    if error is None:
        assert asyncio.run(teller.run(scan)) == 7
    else:
        with pytest.raises(type(error)):
            asyncio.run(teller.run(scan))
    assert teller.told == told
