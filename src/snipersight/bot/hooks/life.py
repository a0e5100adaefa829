"""One life of a plug-in's process: from its start to its end, one event at a time."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from snipersight.bot.hooks.doorbell import Doorbell
from snipersight.bot.hooks.messages import (
    LARGEST_ANSWER,
    Answer,
    AnswerKind,
    event_line,
    parse_answer,
)
from snipersight.bot.hooks.output import PrintedOutput
from snipersight.bot.hooks.process import HookProcess
from snipersight.bot.hooks.states import TroubleKind
from snipersight.bot.hooks.waiting import WaitingEvents
from snipersight.domain.hooks import HookEvent

# The process ends itself first and prints where it stood; only one that cannot is ended by us.
_GRACE_S: Final = 1.0
_LEAVING_S: Final = 2.5
_LAST_WORDS: Final = 16  # reads of what it printed before it ended
_LOADING: Final = "loading"


class LifeListener(Protocol):
    """Is told how a life goes, on its thread."""

    def ready(self, events: tuple[str, ...]) -> None:
        """Note that the plug-in was loaded, and the events it wants."""
        ...

    def done(self) -> None:
        """Note that it was called for an event."""
        ...

    def raised(self, event: HookEvent, text: str) -> None:
        """Note that it raised at an event."""
        ...

    def untellable(self, event: HookEvent, text: str) -> None:
        """Note that an event is no JSON."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Why a life is over.

    Args:
        kind: what is wrong.
        sentence: in words.
        lost: an event was being told.
    """

    kind: TroubleKind
    sentence: str
    lost: bool = False


class HookLife:
    """Tells one process events, and notices whatever it does.

    Args:
        process: just started.
        waiting: events to tell.
        output: takes what it prints.
        bell: rings when there are events, or when it is over.
        listener: is told how it goes.
        timeout_s: a call, and loading, may last so long.
        leave_at: when to let it go, by `time.monotonic`; None while it may stay. What waits is
            told before.
    """

    def __init__(
        self,
        process: HookProcess,
        waiting: WaitingEvents,
        output: PrintedOutput,
        *,
        bell: Doorbell,
        listener: LifeListener,
        timeout_s: float,
        leave_at: Callable[[], float | None],
    ) -> None:
        self._process = process
        self._waiting = waiting
        self._output = output
        self._bell = bell
        self._listener = listener
        self._timeout_s = timeout_s
        self._leave_at = leave_at
        self._wanted: tuple[str, ...] | None = None
        self._told: HookEvent | None = None
        self._since_s = time.monotonic()
        self._unsent = b""
        self._heard = b""
        self._may_print = True

    def run(self) -> End | None:
        """Return why the life ended; None if it was let go."""
        try:
            return self._run()
        finally:
            self._process.kill()
            self._last_words()
            self._process.close()

    def _run(self) -> End | None:
        while True:
            end = self._next()
            if end is not None:
                return end
            if self._is_leaving():
                self._let_go()
                return None
            end = self._wait()
            if end is not None:
                return end

    def _next(self) -> End | None:
        """Begin to tell the next event if it is idle; return an end if its time is up."""
        if self._wanted is not None and self._told is None:
            self._begin()
        if self._is_busy() and time.monotonic() >= self._due_s():
            return self._hung()
        return None

    def _is_busy(self) -> bool:
        return self._wanted is None or self._told is not None

    def _due_s(self) -> float:
        return self._since_s + self._timeout_s + _GRACE_S

    def _begin(self) -> None:
        while (event := self._waiting.take()) is not None:
            if event.name not in (self._wanted or ()):
                continue
            try:
                self._unsent = event_line(event)
            except ValueError as error:
                self._listener.untellable(event, str(error))
                continue
            self._told, self._since_s = event, time.monotonic()
            return

    def _is_leaving(self) -> bool:
        leave_at = self._leave_at()
        if leave_at is None:
            return False
        return time.monotonic() >= leave_at or not self._is_busy()

    def _let_go(self) -> None:
        self._process.end_input()
        if self._told is None:
            self._process.exit_code(within_s=_LEAVING_S)

    def _wait(self) -> End | None:
        """Wait until something happens and see to it; return an end if there is no more to see."""
        poll = select.poll()
        poll.register(self._bell.fileno(), select.POLLIN)
        poll.register(self._process.answers, select.POLLIN)
        now_s = time.monotonic()
        hears_output = self._may_print and self._output.may_read(now_s)
        if hears_output:
            poll.register(self._process.output, select.POLLIN)
        if self._unsent:
            poll.register(self._process.events, select.POLLOUT)
        happened = {one for one, _event in poll.poll(self._patience_ms(now_s))}
        if self._bell.fileno() in happened:
            self._bell.answer()
        if self._process.output in happened:
            self._may_print = self._output.read(self._process.output)
        if self._process.answers in happened:
            return self._hear()
        if self._process.events in happened:
            self._send()
        return None

    def _patience_ms(self, now_s: float) -> float | None:
        leave_at = self._leave_at()
        moments = [leave_at] if leave_at is not None else []
        if self._is_busy():
            moments.append(self._due_s())
        if self._may_print and not self._output.may_read(now_s):
            moments.append(now_s + 1.0)
        return max(0.0, min(moments) - now_s) * 1000 + 1 if moments else None

    def _send(self) -> None:
        with suppress(BlockingIOError, BrokenPipeError):  # its end is heard where it answers
            sent = os.write(self._process.events, self._unsent)
            self._unsent = self._unsent[sent:]

    def _hear(self) -> End | None:
        told = b""
        with suppress(BlockingIOError):
            told = os.read(self._process.answers, LARGEST_ANSWER)
            if not told:
                return self._ended()
        *lines, self._heard = (self._heard + told).split(b"\n")
        for line in lines:
            end = self._take(line)
            if end is not None:
                return end
        return self._garbled() if len(self._heard) > LARGEST_ANSWER else None

    def _take(self, line: bytes) -> End | None:
        try:
            answer = parse_answer(line)
        except ValueError:
            return self._garbled()
        if answer.kind is AnswerKind.REFUSED:
            return End(kind=TroubleKind.REFUSED, sentence=f"cannot be used: {answer.text}")
        if answer.kind is AnswerKind.LIMIT:
            return self._end(TroubleKind.LIMIT, f"{answer.text} {self._during()}")
        if answer.kind is AnswerKind.READY:
            self._wanted = answer.events
            self._listener.ready(answer.events)
            return None
        return self._answered(answer)

    def _answered(self, answer: Answer) -> End | None:
        event, self._told, self._unsent = self._told, None, b""
        if event is None:
            return self._garbled()
        self._listener.done()
        if answer.kind is AnswerKind.RAISED:
            self._listener.raised(event, answer.text)
        return None

    def _ended(self) -> End:
        code = self._process.exit_code(within_s=_GRACE_S)
        if self._is_busy() and time.monotonic() - self._since_s >= self._timeout_s:
            return self._hung()
        return self._end(TroubleKind.ENDED, f"{_exit_words(code)} {self._during()}")

    def _hung(self) -> End:
        sentence = f"did not come back within {self._timeout_s:g} s {self._during()}"
        return self._end(TroubleKind.HUNG, f"{sentence}; {self._output.path} may say where it was")

    def _garbled(self) -> End:
        return self._end(
            TroubleKind.ENDED, f"wrote into the channel of its answers {self._during()}"
        )

    def _end(self, kind: TroubleKind, sentence: str) -> End:
        return End(kind=kind, sentence=sentence, lost=self._told is not None)

    def _during(self) -> str:
        if self._wanted is None:
            return f"while {_LOADING}"
        return "between events" if self._told is None else f"at {self._told.name}"

    def _last_words(self) -> None:
        for _ in range(_LAST_WORDS if self._may_print else 0):
            self._may_print = self._output.read(self._process.output)
            if not self._may_print:
                return


def _exit_words(code: int | None) -> str:
    if code is None:
        return "closed the channel of its answers"
    if code >= 0:
        return f"ended by itself with exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"
