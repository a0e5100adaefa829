"""Walking through the steps of a replay by single keys."""

from __future__ import annotations

import os
import sys
import termios
import tty
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from snipersight.cli.arguments import parse_as_of
from snipersight.cli.console import output, progress
from snipersight.cli.guard import say
from snipersight.cli.step_text import step_lines
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.wording import minute_of

if TYPE_CHECKING:
    from snipersight.engine.stepping.stepper import Step, Stepper

KEYS: Final = "Enter next · n next event · p next plan · b back · g go to a date · q quit"


class Wish(Enum):
    """What a key asks for."""

    NEXT = auto()
    EVENT = auto()
    PLAN = auto()
    BACK = auto()
    GO = auto()
    QUIT = auto()


_WISHES: Final = {
    "\n": Wish.NEXT,
    "\r": Wish.NEXT,
    " ": Wish.NEXT,
    "\x1b[C": Wish.NEXT,  # arrow to the right
    "n": Wish.EVENT,
    "p": Wish.PLAN,
    "b": Wish.BACK,
    "\x1b[D": Wish.BACK,  # arrow to the left
    "g": Wish.GO,
    "q": Wish.QUIT,
    "\x04": Wish.QUIT,  # Ctrl-D
    "": Wish.QUIT,  # the terminal is gone
}
_STOPS: Final[dict[Wish, Callable[[Step], bool]]] = {
    Wish.NEXT: lambda _step: True,
    Wish.EVENT: lambda step: step.is_event,
    Wish.PLAN: lambda step: bool(step.planned),
}
_NONE_LEFT: Final = {
    Wish.NEXT: "this was the last close",
    Wish.EVENT: "no event follows; this is where it looked from",
    Wish.PLAN: "no plan follows; this is where it looked from",
}


def wish_of(key: str) -> Wish | None:
    """Return what a key asks for; None for one that means nothing here."""
    return _WISHES.get(key) or _WISHES.get(key.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyboard:
    """Where keys and dates come from.

    Args:
        key: waits for a key and returns its characters; empty where nobody types any more.
        line: asks a question and returns the line that is typed.
    """

    key: Callable[[], str]
    line: Callable[[str], str]


async def walk(stepper: Stepper, heading: str, keyboard: Keyboard | None = None) -> None:
    """Print the first step, then those that keys ask for, until `q`.

    Args:
        stepper: of the period.
        heading: what is stepped through, in one line.
        keyboard: where keys come from; the terminal unless given.

    Raises:
        DataInvalid, VenueUnavailable: candles on the way cannot be read.
    """
    keys = keyboard or Keyboard(key=read_key, line=input)
    say(heading)
    say(KEYS)
    place = 0
    await _show(stepper, place)
    while (wish := wish_of(keys.key())) is not Wish.QUIT:
        if wish is None:
            say(KEYS)
            continue
        moved = await _moved(stepper, place, wish, keys)
        if moved is not None:
            place = moved
            await _show(stepper, place)


async def _moved(stepper: Stepper, place: int, wish: Wish, keys: Keyboard) -> int | None:
    """Return where a wish leads; None, with a word of why, where it leads nowhere."""
    if wish is Wish.BACK:
        if place == 0:
            say("this is the first close")
        return place - 1 if place else None
    if wish is Wish.GO:
        return await _asked(stepper, keys)
    return await _searched(stepper, place, wish)


async def _searched(stepper: Stepper, place: int, wish: Wish) -> int | None:
    with progress() as report:
        for index in range(place + 1, len(stepper)):
            report(f"looking at {minute_of(stepper.close_ms(index))}", index, len(stepper))
            if _STOPS[wish](await stepper.step(index)):
                return index
    say(_NONE_LEFT[wish])
    return None


async def _asked(stepper: Stepper, keys: Keyboard) -> int | None:
    """Return the first close at or after the date that is typed."""
    try:
        wanted_ms = parse_as_of(keys.line("go to: "), where="g")
    except ConfigInvalid as error:
        say(str(error))
        return None
    place = stepper.first_at(wanted_ms)
    if place is None:
        first, last = stepper.close_ms(0), stepper.close_ms(len(stepper) - 1)
        say(f"the closes are those from {minute_of(first)} to {minute_of(last)} UTC")
        return None
    with progress() as report:
        for index in range(place):
            report(f"looking at {minute_of(stepper.close_ms(index))}", index, place)
            await stepper.step(index)
    return place


async def _show(stepper: Stepper, place: int) -> None:
    step = await stepper.step(place)
    console = output()
    for line in step_lines(step, len(stepper)):
        console.print(line, soft_wrap=True)


def read_key() -> str:
    """Return the next key of the terminal, arrows as their whole sequence; empty at its end."""
    stream = sys.stdin.fileno()
    before = termios.tcgetattr(stream)
    try:
        tty.setcbreak(stream)
        return os.read(stream, 8).decode("utf-8", "replace")
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)
