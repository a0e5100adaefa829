"""Tasks carried out by a crew: each is done, or failed with a reason, whoever dies on the way."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Final, TypeVar

from snipersight.domain.errors import DataInvalid, StateUnavailable
from snipersight.engine.sweeping.crews import Crew

T = TypeVar("T")
R = TypeVar("R")

_TRIES: Final = 2  # a task whose worker dies has a second one, in case the first was not to blame
_TICK_S: Final = 0.2  # how soon somebody who leaves is noticed
_NOTED_S: Final = 2  # a worker that is replaced at once is not worth a word
GO_ON: Final = (
    "run the same command again once scheduler and workers are there: what was made is kept, and "
    "the rest is made"
)


def stage_name(work: str, absent_s: float) -> str:
    """Return what is being done, and for how long nobody has been there to do it.

    Args:
        work: that is being done.
        absent_s: seconds without anybody.
    """
    return work if absent_s < _NOTED_S else f"{work}: no worker since {absent_s:,.0f} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A task that could not be done.

    Args:
        reason: why, in words.
    """

    reason: str


def carried_out(
    tasks: Sequence[T],
    work: Callable[[T], R],
    crew: Crew,
    *,
    tick: Callable[[float], object] = lambda _absent_s: None,
) -> Iterator[tuple[int, R | Failed]]:
    """Yield place and result of each task, in the order they end.

    A task whose worker dies is tried once more, on another worker; a second death fails it. Data
    that cannot be used fails a task at once. Whatever else a task raises is raised here.

    Args:
        tasks: in the order they begin.
        work: does one; it and the tasks are pickled if the crew needs that.
        crew: carries them out.
        tick: called now and then, with the seconds for which nobody has been there to work; what
            it raises ends the work.

    Raises:
        StateUnavailable: nobody has been there for too long, or the crew gave up a task.
    """
    waiting, deaths = deque(range(len(tasks))), Counter[int]()
    running: dict[Future[R], int] = {}
    while waiting or running:
        while waiting and len(running) < crew.width:
            place = waiting.popleft()
            running[crew.submit(work, tasks[place])] = place
        ended, _others = wait(running, timeout=_TICK_S, return_when=FIRST_COMPLETED)
        tick(0.0 if ended else crew.absent_s())
        for future in sorted(ended, key=running.__getitem__):
            place = running.pop(future)
            crew.release(future)
            result = _result(future, crew)
            if result is not None:
                yield place, result
                continue
            deaths[place] += 1
            if deaths[place] < _TRIES:
                waiting.append(place)  # behind the others: they do not wait for it
            else:
                yield (
                    place,
                    Failed(reason=f"it ended its worker {_TRIES} times, as for want of memory"),
                )


def _result(future: Future[R], crew: Crew) -> R | Failed | None:
    """Return what a task gave; None where its worker died."""
    if future.cancelled():  # by who carries it out: nobody here does that while it is waited for
        raise StateUnavailable(
            "the connection to those who make the runs was lost",
            where="sweep",
            next_step=GO_ON,
        )
    error = future.exception()
    if error is None:
        return future.result()
    if crew.is_death(error):
        return None
    if isinstance(error, DataInvalid):
        return Failed(reason=str(error))
    raise error
