import pytest

from snipersight.cli.exits import ExitCode, exit_code_of
from snipersight.domain.errors import (
    ConfigInvalid,
    LeaseLost,
    NoData,
    OrderRefused,
    SniperSightError,
    StateUnavailable,
    UnknownSymbol,
    VenueStopped,
    VenueUnavailable,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigInvalid, ExitCode.USAGE),
        (UnknownSymbol, ExitCode.USAGE),
        (NoData, ExitCode.NO_SOURCE),
        (VenueUnavailable, ExitCode.NO_SOURCE),
        (VenueStopped, ExitCode.NO_SOURCE),
        (StateUnavailable, ExitCode.NO_STORE),
        (LeaseLost, ExitCode.NO_STORE),
        (OrderRefused, ExitCode.PARTIAL),
        (SniperSightError, ExitCode.INTERNAL),
    ],
)
def test_an_error_that_ended_a_command_has_its_exit_code(
    error: type[SniperSightError], code: ExitCode
):
    assert exit_code_of(error("what")) is code
