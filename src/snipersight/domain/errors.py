"""Everything SniperSight raises, grouped by what the caller does next.

Expected outcomes (a refused plan, a symbol without a setup) are return values, never exceptions.
"""

from __future__ import annotations


class SniperSightError(Exception):
    """Base of every error of ours: what happened, where, and what to do next.

    Args:
        what: one sentence that says what is wrong, with the offending value.
        where: the file, symbol, key or venue it was found in; empty if there is none.
        next_step: what the user can do about it; empty if nothing can be done.
    """

    def __init__(self, what: str, *, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __str__(self) -> str:
        """Return the whole message on one line, in the order what, where, next step."""
        parts = [f"{self.where}: {self.what}" if self.where else self.what, self.next_step]
        return " — ".join(part for part in parts if part)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the keyword arguments when the error crosses a process border."""
        return (_rebuild, (type(self), self.what, self.where, self.next_step))


def _rebuild(kind: type[SniperSightError], what: str, where: str, next_step: str) -> object:
    return kind(what, where=where, next_step=next_step)


class ConfigInvalid(SniperSightError):
    """A setting, profile or argument is impossible: stop at start-up."""


class DataInvalid(SniperSightError):
    """Candles or instruments break their contract: leave the symbol out and say so."""


class UnknownSymbol(DataInvalid):
    """The source does not list the symbol."""


class NoData(DataInvalid):
    """The source knows the symbol but holds no (or not enough) candles for the request."""


class VenueUnavailable(SniperSightError):
    """A venue cannot be reached or limits our rate: the same call may succeed later."""


class StateUnavailable(SniperSightError):
    """The home folder or the database cannot be read or written: nothing was changed."""


class OutcomeUnknown(StateUnavailable):
    """A change was being stored when the store broke off: look before repeating it."""


class LeaseLost(StateUnavailable):
    """Another process took over what this one was doing: stop doing it."""


class InvalidPlan(SniperSightError):
    """A plan's prices contradict each other; such a plan cannot exist."""


class VenueStopped(SniperSightError):
    """A venue refuses us as a whole (keys, permissions, ban, wrong host): a person must look."""


class OrderRefused(SniperSightError):
    """An order was not sent, or the venue refused it: nothing was traded by it."""
