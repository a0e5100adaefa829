"""Looking after trades from the command line: what happens is printed as it happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snipersight.cli.guard import say
from snipersight.cli.stopping import stop_on_signals
from snipersight.domain import wording as texts

if TYPE_CHECKING:
    from snipersight.bootstrap.execution import Execution
    from snipersight.bootstrap.narrating import Narrator
    from snipersight.bot.executor.books import Look


async def take_over(execution: Execution) -> Narrator:
    """Bring an account to the present before anything new: play, reconcile, tell.

    Raises:
        LeaseLost: another executor has taken over.
        StateUnavailable: the store is away and was never read.
        VenueUnavailable: the venue does not answer.
    """
    from snipersight.bootstrap.narrating import Narrator
    from snipersight.bootstrap.session import now_ms
    from snipersight.cli.console import progress

    narrator = Narrator(execution.desk, say)
    await narrator.begin()
    done = await execution.executor.start()
    for sentence in done.sentences:
        say(sentence)
    until_ms = now_ms()
    paper = execution.paper
    begun_ms = until_ms if paper is None else paper.clock_us // 1000

    with progress() as show:

        async def on_bar(moment_ms: int) -> None:
            await narrator.tell()
            show(
                f"playing to {texts.minute_of(until_ms)}",
                moment_ms - begun_ms,
                until_ms - begun_ms,
            )

        await execution.play(until_ms, on_bar=on_bar)
    await narrator.tell()
    return narrator


async def follow_to_end(execution: Execution, narrator: Narrator) -> Look:
    """Look after everything until nothing is left, or Ctrl-C.

    Raises:
        LeaseLost: another executor has taken over.
        StateUnavailable: the store is away and was never read.
        VenueUnavailable: a live source cannot be reached.
    """
    from snipersight.bootstrap.following import Follower
    from snipersight.bootstrap.session import now_ms

    say("Looking after the trades; Ctrl-C ends that, and stops stay at the venue.")
    with stop_on_signals() as stop:
        follower = Follower(execution, narrator, stop=stop, now_ms=now_ms)
        return await follower.follow()


async def after_sending(execution: Execution, narrator: Narrator, *, follow: bool | None) -> None:
    """Follow what was sent, or say who looks after it.

    Args:
        execution: with orders at its venue.
        narrator: tells what happens.
        follow: as the user said; None: at an exchange, where nobody else would protect a fill.
    """
    is_outside = execution.paper is None
    if follow if follow is not None else is_outside:
        await follow_to_end(execution, narrator)
    elif is_outside:
        say(
            "warning: nobody looks after these orders now: what is filled gets its stop only once "
            "`snipersight reconcile --follow` runs"
        )
    else:
        say("The simulated venue keeps them; `snipersight reconcile` plays the time that passes.")
