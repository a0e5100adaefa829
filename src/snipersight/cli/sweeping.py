"""What `snipersight sweep` does once its words are understood."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.options import TextFormat
from snipersight.cli.recorded_words import RecordedWords, recorded_request
from snipersight.cli.result_files import require_writable
from snipersight.cli.sweep_options import SearchName, parse_walk

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.backtest import Making
    from snipersight.bootstrap.evidence.sweep import SweepRequest, Swept
    from snipersight.bootstrap.session import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepWords(RecordedWords):
    """What is asked, as the user wrote it."""

    vary: tuple[str, ...]
    search: SearchName
    runs: int
    seed: int
    walk_forward: str | None
    workers: int
    cluster: str | None
    patience_s: int
    rearm_days: int
    random_runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepShown:
    """How a result is shown.

    Args:
        format: on stdout.
        table: file for every run; None: none.
        page: file for one HTML page; None: none.
    """

    format: TextFormat
    table: Path | None = None
    page: Path | None = None


def perform_sweep(words: SweepWords, shown: SweepShown) -> ExitCode:
    """Make a sweep, print what it shows, write what was asked for, and return how it went.

    Raises:
        ConfigInvalid: an option or setting is wrong.
        NoData: the folder holds no candles, or not one run could be made.
        StateUnavailable: runs cannot be kept, or a file cannot be written.
    """
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(words.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    cache = configure_compile_cache(surroundings.home.path)
    request = _request(words, surroundings)
    require_writable(shown.table, option="--out", suffix=".parquet")
    require_writable(shown.page, option="--report")
    if cache.is_cold:
        say("Compiling the detectors for the first time, about 20 s …")
    swept = _swept(request, words, surroundings)
    cache.remember_warm()
    _tell_trouble(swept)
    _show(swept, shown.format)
    _write(swept, shown)
    return ExitCode.PARTIAL if swept.unread or swept.failed else ExitCode.OK


def _request(words: SweepWords, surroundings: Surroundings) -> SweepRequest:
    """Return what is to be tried; whatever is wrong with it is found before anything runs."""
    from snipersight.bootstrap.evidence.sweep import SweepRequest
    from snipersight.bootstrap.evidence.sweep_address import require_safe
    from snipersight.bootstrap.evidence.sweep_space import Variants
    from snipersight.engine.sweeping.axes import Space, parse_axis
    from snipersight.engine.sweeping.searching import SearchKind

    space = Space(axes=tuple(map(parse_axis, words.vary)))
    walk = None if words.walk_forward is None else parse_walk(words.walk_forward)
    if words.cluster is not None:
        require_safe(words.cluster)
    recorded = recorded_request(words, surroundings)
    return SweepRequest(
        recorded=recorded,
        variants=Variants(recorded.profile, space, surroundings.settings),
        search=SearchKind(words.search.value),
        runs=words.runs,
        seed=words.seed,
        walk=walk,
    )


def _swept(request: SweepRequest, words: SweepWords, surroundings: Surroundings) -> Swept:
    from snipersight.bootstrap.evidence.sweep import sweep_recorded
    from snipersight.bootstrap.evidence.sweep_crews import opened_crew
    from snipersight.cli.console import progress

    making = _making(words, surroundings)
    with (
        progress() as show,
        opened_crew(
            workers=making.workers,
            cluster=words.cluster,
            patience_s=words.patience_s,
            tell=lambda sentence: say(f"warning: {sentence}"),
        ) as crew,
    ):
        return run_to_end(
            sweep_recorded(
                request,
                surroundings.settings,
                making,
                crew,
                cache=surroundings.home.cache(),
                progress=show,
            )
        )


def _making(words: SweepWords, surroundings: Surroundings) -> Making:
    from snipersight.bootstrap.evidence.backtest import Making, cores

    return Making(
        random_runs=words.random_runs,
        workers=words.workers or cores(),
        rearm_days=words.rearm_days,
        kept_in=surroundings.home.backtests,
    )


def _tell_trouble(swept: Swept) -> None:
    for symbol, reason in swept.unread:
        say(f"warning: {symbol} could not be read: {reason}")
    for one in swept.failed:
        names = " ".join(swept.request.variants.names(one.choice))
        say(f"warning: {names} failed: {one.failure}")


def _show(swept: Swept, format_: TextFormat) -> None:
    if format_ is TextFormat.JSON:
        from snipersight.cli.sweep_json import sweep_json

        print(json.dumps(sweep_json(swept), indent=2, ensure_ascii=False))
        return
    from snipersight.cli.stats_text import print_document
    from snipersight.cli.sweep_document import sweep_document

    print_document(sweep_document(swept))


def _write(swept: Swept, shown: SweepShown) -> None:
    if shown.table is not None:
        from snipersight.bootstrap.environment import absolute
        from snipersight.cli.sweep_json import sweep_rows
        from snipersight.storage.sweep_table import write_rows

        table = absolute(shown.table)
        write_rows(sweep_rows(swept), table)
        say(f"Wrote {len(swept.trials):,} runs to {table}")
    if shown.page is not None:
        from snipersight.cli.sweep_page.writing import write_page

        write_page(swept, shown.page)
