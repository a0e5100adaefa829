"""A plug-in's process: loads it, then calls it once for every line that comes in.

    python -m snipersight.bot.hooks.child NAME VALUE ANSWERS SECONDS MEGABYTES

Events come on standard input and answers leave on the descriptor ANSWERS. The process ends with
its input, and by itself when a call takes longer than SECONDS: nobody may be left to end it.
"""

from __future__ import annotations

import errno
import faulthandler
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn

from snipersight.bot.hooks.limits import Memory, limit_process
from snipersight.bot.hooks.messages import Answer, AnswerKind, answer_line

if TYPE_CHECKING:
    import pluggy

_LEAVING_S: Final = 2.0
_REFUSED: Final = 3  # exit code
_TOO_MUCH: Final = "took more memory than it may"
_TOO_MANY: Final = "left too many files open"
_STDERR: Final = 2  # not `sys.stderr`, which the plug-in may have closed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What this process was started for."""

    name: str
    value: str
    answers: int
    timeout_s: float
    memory_mb: int


def main(words: list[str]) -> int:
    """Serve one plug-in until there are no more events; return the exit code."""
    name, value, answers, seconds, megabytes = words
    task = _Task(
        name=name,
        value=value,
        answers=int(answers),
        timeout_s=float(seconds),
        memory_mb=int(megabytes),
    )
    os.set_inheritable(task.answers, False)  # not for what the plug-in starts
    events = _take_input()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the scanner, which then ends this
    faulthandler.enable(file=_STDERR)
    limit_process(task.memory_mb)
    made = _load(task)
    if made is None:
        return _REFUSED
    memory = Memory(task.memory_mb)
    for line in events:
        answer = _call(made, task, line)
        if memory.is_over():
            _leave(task, _TOO_MUCH)
        _answer(task, answer)
    faulthandler.dump_traceback_later(
        _LEAVING_S, file=_STDERR, exit=True
    )  # for what it does on its way out
    return 0


def _take_input() -> BinaryIO:
    """Return the stream of events; the plug-in's own standard input is empty."""
    events = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return events


def _load(task: _Task) -> pluggy.PluginManager | None:
    """Return the loaded plug-in, after saying so; None after saying why there is none."""
    from snipersight.bot.hooks.loading import PluginRefused, load_hooks, wanted_events

    try:
        with _deadline(task.timeout_s):
            made = load_hooks(task.name, task.value)
    except PluginRefused as error:
        _answer(task, Answer(kind=AnswerKind.REFUSED, text=str(error)))
    except MemoryError:
        _leave(task, _TOO_MUCH)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises is its answer
        _answer(task, Answer(kind=AnswerKind.REFUSED, text=f"loading it raised {_words(error)}"))
    else:
        _answer(task, Answer(kind=AnswerKind.READY, events=wanted_events(made)))
        return made
    return None


def _call(made: pluggy.PluginManager, task: _Task, line: bytes) -> Answer:
    """Call the plug-in for one event and return how it went."""
    event = json.loads(line)
    caller = getattr(made.hook, event["event"])
    given = {key: event[key] for key in caller.spec.argnames}
    try:
        with _deadline(task.timeout_s):
            caller(**given)
    except MemoryError:
        _leave(task, _TOO_MUCH)
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - as above
        if isinstance(error, OSError) and error.errno == errno.EMFILE:
            _leave(task, _TOO_MANY)
        traceback.print_exc()
        return Answer(kind=AnswerKind.RAISED, text=_words(error))
    return Answer(kind=AnswerKind.DONE)


@contextmanager
def _deadline(timeout_s: float) -> Iterator[None]:
    """End this process if what is inside takes longer, and print where it stood."""
    # A thread of the interpreter's own: it needs no lock that the plug-in could be holding.
    faulthandler.dump_traceback_later(timeout_s, file=_STDERR, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _leave(task: _Task, why: str) -> NoReturn:
    os.write(task.answers, answer_line(Answer(kind=AnswerKind.LIMIT, text=why)))
    os._exit(_REFUSED)  # anything else would need more of what there is too little of


def _answer(task: _Task, answer: Answer) -> None:
    with suppress(OSError, ValueError):  # the plug-in closed it
        sys.stdout.flush()
    os.write(task.answers, answer_line(answer))


def _words(error: BaseException) -> str:
    told = f"{type(error).__name__}: {error}".rstrip(": ")
    return told.encode(errors="replace").decode() + _place(error)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
