"""Structured logs: one JSON object a line in a rotating private file, warnings on the console.

Each line carries `timestamp`, `level`, `message`, `stage`, the fields of the call and the
`context_id` of the scan it belongs to. Secrets are masked before a line is built.
"""

from __future__ import annotations

import contextvars
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from loguru import logger

from snipersight.bot.telemetry.log_files import LogFile, tell_anew
from snipersight.bot.telemetry.masking import mask, mask_fields, register_secrets
from snipersight.bot.telemetry.times import zulu

if TYPE_CHECKING:
    from loguru import Message, Record

P = ParamSpec("P")
T = TypeVar("T")

LOG_FILE: Final = "snipersight.jsonl"
_NOISY: Final = (
    *("httpx", "httpcore", "urllib3", "asyncio", "ccxt"),
    *("matplotlib", "numba", "alembic", "sqlalchemy"),
)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_LINE: Final = "_line"  # where the finished JSON waits for the file's format
_MODULE: Final = "_module"  # the logger's name of the standard library

_context_id: ContextVar[str | None] = ContextVar("context_id", default=None)


def configure_logging(
    *,
    logs: Path | None,
    level: str = "INFO",
    console_level: str = "WARNING",
    secrets: Iterable[str] = (),
) -> None:
    """Set up logging for this process; a second call replaces the first.

    Args:
        logs: folder of the log files, private to the user; None writes no file.
        level: lowest level that reaches the file.
        console_level: lowest level that reaches stderr.
        secrets: exact values that must never appear.
    """
    register_secrets(secrets)
    logger.remove()
    tell_anew()
    logger.configure(patcher=_prepare)
    logger.add(_write_to_stderr, level=console_level, format="{message}", diagnose=False)
    if logs is not None:
        logger.add(
            LogFile(logs / LOG_FILE, gap_line=_gap_line),
            level=level,
            format=lambda _record: f"{{extra[{_LINE}]}}\n",
            colorize=False,
            diagnose=False,
            backtrace=False,
        )
    _capture_standard_logging(level)


@contextmanager
def log_context(context_id: str) -> Iterator[None]:
    """Put `context_id` on every line logged inside, in this task and the tasks it starts.

    `asyncio.to_thread` takes it along; for a thread pool and `run_in_executor` see `in_context`.
    """
    token = _context_id.set(context_id)
    try:
        yield
    finally:
        _context_id.reset(token)


def bind_context(context_id: str) -> None:
    """Put `context_id` on every line logged from now on, until the current task ends.

    For the start of something whose end is the task's own; otherwise use `log_context`.
    """
    _context_id.set(context_id)


def current_context() -> str | None:
    """Return the `context_id` that is bound here; None outside of a scan."""
    return _context_id.get()


def in_context(function: Callable[P, T]) -> Callable[P, T]:
    """Return the function bound to the present context, for a thread that would not inherit it.

    For `ThreadPoolExecutor.submit`, `run_in_executor` and `threading.Thread`. It may be called
    any number of times, also side by side.
    """
    context = contextvars.copy_context()

    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.copy().run(function, *args, **kwargs)

    return run


def log_structured(message: str, *, level: str = "INFO", stage: str = "", **fields: object) -> None:
    """Log one line with typed fields.

    Args:
        message: what happened, in a few words.
        level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
        stage: step of the pipeline, `confluence_scoring`.
        fields: anything that belongs to it; what JSON cannot hold is written as text.
    """
    named = {"stage": stage} if stage else {}
    logger.bind(**named, **fields).opt(depth=1).log(level, "{}", message)


def log_pipeline_stage(stage: str, context: Mapping[str, object]) -> None:
    """Log that a stage of the pipeline was reached, with what it knows.

    Args:
        stage: name of the stage.
        context: its fields: symbol, score, counts.
    """
    logger.bind(**{**context, "stage": stage}).opt(depth=1).info("{}", stage)


def json_line(record: Record) -> str:
    """Return a record as one line of JSON, secrets masked."""
    line: dict[str, object] = {
        "timestamp": zulu(record["time"]),
        "level": record["level"].name,
        "message": mask(record["message"]),
        "module": record["extra"].get(_MODULE, record["name"]),
    }
    # A field may not pass for the line's own time or level; a leading _ is for ourselves.
    extra = {k: v for k, v in record["extra"].items() if k not in line and not k.startswith("_")}
    line |= mask_fields(extra)
    if (error := record["exception"]) is not None and error.type is not None:
        # Lines and names only: the values of variables may be secrets.
        text = "".join(traceback.format_exception(error.type, error.value, error.traceback))
        line["exception"] = mask(text)
    return _ENCODER.encode(line)


def _gap_line(lost: int) -> str:
    """Return the line that stands where others could not be written."""
    return _ENCODER.encode(
        {
            "timestamp": zulu(datetime.now(UTC)),
            "level": "WARNING",
            "message": f"{lost} lines are missing here: the log could not be written",
            "module": __name__,
        }
    )


def _prepare(record: Record) -> None:
    if (context_id := _context_id.get()) is not None:
        record["extra"].setdefault("context_id", context_id)
    try:
        record["extra"][_LINE] = json_line(record)
    except Exception as error:  # noqa: BLE001 - a field's own code may raise anything, a log call nothing
        record["extra"] = {"unwritable": type(error).__name__}
        record["extra"][_LINE] = json_line(record)


def _write_to_stderr(message: Message) -> None:
    record = message.record
    level = record["level"].name.lower()
    with suppress(OSError):  # where stderr cannot be written, nobody can be told
        print(f"{level}: {mask(record['message'])}", file=sys.stderr)  # noqa: T201 - the console


class _Intercept(logging.Handler):
    """Hands the standard library's records to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        """Forward one record under its own level and module."""
        known = record.levelname in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
        level = record.levelname if known else record.levelno
        origin = logger.bind(**{_MODULE: record.name}).opt(exception=record.exc_info)
        origin.log(level, "{}", record.getMessage())


def _capture_standard_logging(level: str) -> None:
    logging.basicConfig(handlers=[_Intercept()], level=level, force=True)
    for known in list(logging.root.manager.loggerDict.values()):
        # Who writes by itself would pass the file by, and the masks.
        if isinstance(known, logging.Logger) and known.handlers:
            known.handlers.clear()
            known.propagate = True
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
