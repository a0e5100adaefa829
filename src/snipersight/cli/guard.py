"""The border of a command: every error becomes one readable block on stderr and an exit code."""

from __future__ import annotations

import functools
import os
import sys
import textwrap
import traceback
from collections.abc import Callable
from typing import ParamSpec

import typer

from snipersight.cli.exits import ExitCode, exit_code_of
from snipersight.domain.errors import SniperSightError

P = ParamSpec("P")
_WIDTH = 96
_afterwards: dict[str, Callable[[], None]] = {}


def reported(command: Callable[P, ExitCode]) -> Callable[P, None]:
    """Return the command with its errors shown and its result as the process's exit code.

    A command has a parameter `debug`; with it, errors show their traceback too. What was left for
    afterwards is done once the user has read the answer, or the error.
    """

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        _afterwards.clear()
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()  # a reader that left is noticed here, not in a late traceback
        except BrokenPipeError:
            code = _leave_pipe()
        except SniperSightError as error:
            code = _show(error, debug=bool(kwargs.get("debug")))
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:  # noqa: BLE001 - the last border; the user gets one clear block
            code = _show_fault(error, debug=bool(kwargs.get("debug")))
        while _afterwards:
            _afterwards.popitem()[1]()
        raise typer.Exit(code)

    return guarded


def after_answer(name: str, work: Callable[[], None]) -> None:
    """Leave work for when the user has the answer; told again under its name, it is done once.

    Args:
        name: of the work.
        work: raises nothing.
    """
    _afterwards[name] = work


def say(message: str) -> None:
    """Print one remark to stderr."""
    print(message, file=sys.stderr)


def error_block(error: SniperSightError) -> str:
    """Return what is wrong, where, and what to do, one line each where it fits."""
    rows = (("error:", error.what), ("where:", error.where), ("to do:", error.next_step))
    return "\n".join(_row(label, text) for label, text in rows if text)


def _row(label: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=f"{label:<7} ",
        subsequent_indent=" " * 8,
        break_long_words=False,  # a path or symbol stays whole, to be copied
        break_on_hyphens=False,
    )


def _show(error: SniperSightError, *, debug: bool) -> ExitCode:
    from snipersight.bot.telemetry.masking import mask

    if debug:
        say(mask("".join(traceback.format_exception(error))))
    say(mask(error_block(error)))
    return exit_code_of(error)


def _show_fault(error: Exception, *, debug: bool) -> ExitCode:
    from snipersight.bot.telemetry.masking import mask

    if debug:
        say(mask("".join(traceback.format_exception(error))))
    first_line = str(error).strip().partition("\n")[0]
    fault = SniperSightError(
        f"{type(error).__name__}: {first_line}",
        where="inside SniperSight; this is a fault of the program",
        next_step="" if debug else "run the command again with --debug and report what it prints",
    )
    say(mask(error_block(fault)))
    return ExitCode.INTERNAL


def _leave_pipe() -> ExitCode:
    # The interpreter flushes stdout once more on its way out; there must be somewhere to go.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.BROKEN_PIPE
