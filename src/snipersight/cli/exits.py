"""Exit codes, the same for every command."""

from __future__ import annotations

from enum import IntEnum

from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    OrderRefused,
    SniperSightError,
    StateUnavailable,
    UnknownSymbol,
    VenueStopped,
    VenueUnavailable,
)


class ExitCode(IntEnum):
    """What the caller of a command learns without reading its output."""

    OK = 0
    INTERNAL = 1
    FOUND = 1
    USAGE = 2
    PARTIAL = 3
    NO_SOURCE = 4
    NO_STORE = 4
    INTERRUPTED = 130
    BROKEN_PIPE = 141


HELP = (
    "Exit codes: 0 done, also when no plan was found; 1 a fault of SniperSight itself, or a "
    "finding of `audit verify`, `audit replay` or `health`; "
    "2 wrong usage, setting or profile; 3 done, but at least one symbol could not be read, or an "
    "order was refused or is not confirmed yet; "
    "4 the data source, the venue or the database cannot be used, so that nothing could be "
    "scanned, approved, sent or recorded; 130 interrupted."
)


def exit_code_of(error: SniperSightError) -> ExitCode:
    """Return the code for an error that ended a command."""
    if isinstance(error, (ConfigInvalid, UnknownSymbol)):
        return ExitCode.USAGE
    if isinstance(error, StateUnavailable):
        return ExitCode.NO_STORE
    if isinstance(error, (VenueUnavailable, VenueStopped, DataInvalid)):
        return ExitCode.NO_SOURCE
    if isinstance(error, OrderRefused):
        return ExitCode.PARTIAL
    return ExitCode.INTERNAL
