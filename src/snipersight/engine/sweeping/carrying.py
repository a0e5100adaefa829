"""Tasks carried out by a crew: each is done, or failed with a reason, whoever dies on the way."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Final, TypeVar

from snipersight.domain.errors import DataInvalid
from snipersight.engine.sweeping.crews import Crew

T = TypeVar("T")
R = TypeVar("R")

_TRIES: Final = 2  # a task whose worker dies has a second one, in case the first was not to blame
_TICK_S: Final = 0.2  # how soon somebody who leaves is noticed


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
    tick: Callable[[], object] = lambda: None,
) -> Iterator[tuple[int, R | Failed]]:
    """Yield place and result of each task, in the order they end.

    A task whose worker dies is tried once more, on another worker; a second death fails it. Data
    that cannot be used fails a task at once. Whatever else a task raises is raised here.

    Args:
        tasks: in the order they begin.
        work: does one; it and the tasks are pickled if the crew needs that.
        crew: carries them out.
        tick: called now and then while nothing ends; what it raises ends the work.
    """
    waiting, deaths = deque(range(len(tasks))), Counter[int]()
    running: dict[Future[R], int] = {}
    while waiting or running:
        while waiting and len(running) < crew.width:
            place = waiting.popleft()
            running[crew.submit(work, tasks[place])] = place
        ended, _others = wait(running, timeout=_TICK_S, return_when=FIRST_COMPLETED)
        tick()
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
    error = future.exception()
    if error is None:
        return future.result()
    if crew.is_death(error):
        return None
    if isinstance(error, DataInvalid):
        return Failed(reason=str(error))
    raise error
