"""What `snipersight backtest` does once its words are understood."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.options import TextFormat
from snipersight.cli.recorded_words import RecordedWords, recorded_request
from snipersight.cli.result_files import require_writable

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.backtest import Making, Studied
    from snipersight.bootstrap.evidence.recorded import RecordedRequest
    from snipersight.bootstrap.session import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestWords(RecordedWords):
    """What is asked, as the user wrote it."""

    rearm_days: int
    random_runs: int
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a result is shown.

    Args:
        format: on stdout.
        has_page: whether a page is written as well.
        page: where to; None: into the home folder.
    """

    format: TextFormat
    has_page: bool = False
    page: Path | None = None


def list_backtests(env_file: Path | None, format_: TextFormat) -> ExitCode:
    """Print the backtests that were made.

    Raises:
        ConfigInvalid: a setting is wrong.
        StateUnavailable: one of them cannot be read.
    """
    from snipersight.bootstrap.settings import load_settings
    from snipersight.cli.backtest_listing import runs_document
    from snipersight.cli.stats_text import print_document
    from snipersight.storage.home import Home
    from snipersight.storage.kept_runs import RunFolder

    runs = RunFolder(Home(load_settings(env_file)[0].snipersight_home).backtests).all()
    if format_ is TextFormat.JSON:
        print(json.dumps([asdict(one) for one in runs], indent=2, ensure_ascii=False))
    else:
        print_document(runs_document(runs))
    return ExitCode.OK


def perform_backtest(words: BacktestWords, shown: Shown) -> ExitCode:
    """Run a backtest, print what it shows, and return how it went.

    Raises:
        ConfigInvalid: an option or setting is wrong.
        NoData: the folder holds no candles.
        VenueUnavailable: the exchange cannot be reached.
    """
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(words.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    cache = configure_compile_cache(surroundings.home.path)
    request = recorded_request(words, surroundings)
    require_writable(shown.page, option="--out")
    if cache.is_cold:
        say("Compiling the detectors for the first time, about 20 s …")
    from snipersight.bootstrap.evidence.backtest import Making

    making = Making(
        random_runs=words.random_runs,
        workers=words.workers,
        rearm_days=words.rearm_days,
        kept_in=surroundings.home.backtests,
    )
    done = _studied(request, surroundings, making)
    cache.remember_warm()
    unread = done.world.unread
    for symbol, reason in unread:
        say(f"warning: {symbol} could not be read: {reason}")
    _show(done, shown.format)
    if shown.has_page:
        from snipersight.cli.backtest_writing import write_page

        write_page(done, surroundings.home, out=shown.page)
    return ExitCode.PARTIAL if unread else ExitCode.OK


def _studied(request: RecordedRequest, surroundings: Surroundings, making: Making) -> Studied:
    from snipersight.bootstrap.evidence.backtest import study_recorded
    from snipersight.cli.console import progress

    with progress() as show:
        return run_to_end(study_recorded(request, surroundings.settings, making, progress=show))


def _show(done: Studied, format_: TextFormat) -> None:
    study, profile, remarks = done.study, done.world.terms.profile.name, done.world.remarks
    if format_ is TextFormat.JSON:
        from snipersight.cli.backtest_json import study_json

        print(json.dumps(study_json(study, profile, remarks), indent=2, ensure_ascii=False))
        return
    from snipersight.cli.backtest_document import study_document
    from snipersight.cli.stats_text import print_document

    print_document(study_document(study, profile, remarks))
