"""Questions to a venue: an answer that cannot be read is no answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from snipersight.domain.errors import DataInvalid, UnknownSymbol, VenueUnavailable

# What reading an answer that is not as documented raises.
UNREADABLE: Final = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError)

P = ParamSpec("P")
T = TypeVar("T")


def question(
    ask: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Return the question; what cannot be read in its answer is `VenueUnavailable`.

    Whoever asks knows then that nothing is known, and asks again; a field that is missing must
    not end a program that has positions to protect.
    """

    @wraps(ask)
    async def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await ask(*args, **kwargs)
        except UnknownSymbol:
            raise
        except (DataInvalid, *UNREADABLE) as error:
            raise VenueUnavailable(
                f"the answer cannot be read: {type(error).__name__} {error}",
                where=ask.__qualname__,
                next_step="ask again; if it persists, the venue has changed its answers",
            ) from error

    return asked
