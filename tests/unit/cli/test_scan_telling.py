import asyncio

import pytest

from snipersight.bot.telemetry.masking import register_secrets
from snipersight.cli.scan_telling import ScanTeller
from snipersight.domain.errors import DataInvalid, StateUnavailable


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
