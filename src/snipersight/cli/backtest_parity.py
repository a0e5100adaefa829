"""What `snipersight backtest --verify-parity` does and shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import say
from snipersight.cli.options import TextFormat
from snipersight.cli.recorded_words import recorded_request
from snipersight.cli.stats_document import Document, Section
from snipersight.cli.stats_grids import Grid
from snipersight.domain.wording import counted, iso_of, minute_of

if TYPE_CHECKING:
    from snipersight.bootstrap.evidence.backtest import Making
    from snipersight.bootstrap.evidence.parity import Verified
    from snipersight.bootstrap.evidence.recorded import RecordedRequest
    from snipersight.bootstrap.session import Surroundings
    from snipersight.cli.backtesting import BacktestWords
    from snipersight.engine.parity.comparing import Difference

SCHEMA: Final = "snipersight.parity/1"
_TITLES: Final = {
    "parity": "Backtest and run agree",
    "different": "Backtest and run differ",
    "unproven": "Nothing differs, and not everything was compared",
}
_WHAT: Final = {
    "plans": "what closes decided: each plan with all it says, each refused setup",
    "decisions": "verdicts of the gate: size and every check with what it measured",
    "orders": "entries, stops and targets by price and size",
    "ledger": "fills, fees, results, balance and breakers",
}


def perform_parity(words: BacktestWords, format_: TextFormat) -> ExitCode:
    """Verify parity, print what was compared, and return 0 where everything was and agrees.

    Raises:
        ConfigInvalid: an option or setting is wrong.
        NoData: the folder holds no candles.
    """
    from snipersight.bootstrap.compile_cache import configure_compile_cache
    from snipersight.bootstrap.evidence.backtest import Making
    from snipersight.bootstrap.session import open_surroundings

    surroundings = open_surroundings(words.env_file)
    for warning in surroundings.warnings:
        say(f"warning: {warning}")
    cache = configure_compile_cache(surroundings.home.path)
    request = recorded_request(words, surroundings)
    if cache.is_cold:
        say("Compiling the detectors for the first time, about 20 s …")
    verified = _verified(request, surroundings, Making(rearm_days=words.rearm_days))
    cache.remember_warm()
    for symbol, reason in verified.unread:
        say(f"warning: {symbol} could not be read: {reason}")
    _show(verified, format_)
    finding = verified.comparison.finding
    return ExitCode.OK if finding == "parity" else ExitCode.FOUND


def _verified(request: RecordedRequest, surroundings: Surroundings, making: Making) -> Verified:
    from snipersight.bootstrap.evidence.parity import verify_parity
    from snipersight.cli.console import progress

    with progress() as show:
        return run_to_end(verify_parity(request, surroundings.settings, making, progress=show))


def _show(verified: Verified, format_: TextFormat) -> None:
    if format_ is TextFormat.JSON:
        print(json.dumps(parity_json(verified), indent=2, ensure_ascii=False))
        return
    from snipersight.cli.stats_text import print_document

    print_document(parity_document(verified))


def parity_document(verified: Verified) -> Document:
    """Return what a terminal shows of a comparison.

    Args:
        verified: compared.
    """
    comparison, period = verified.comparison, verified.period
    span = f"{minute_of(period.start_ms)} to {minute_of(period.end_ms)} UTC"
    counts = Grid(
        head=("compared", "what it is", "number"),
        rows=tuple(
            (kind.value, _WHAT[kind.value], f"{count:,}")
            for kind, count in comparison.compared.items()
        ),
        words=2,
    )
    sections = [Section(title="Compared", grid=counts)]
    if comparison.differences:
        rows = tuple(map(_cells, comparison.differences))
        grid = Grid(head=_HEAD, rows=rows, words=len(_HEAD))
        sections.append(Section(title="Differences", grid=grid))
    return Document(
        title=_TITLES[comparison.finding.value],
        about=(
            f"{counted(len(verified.markets), 'market')}, {span}",
            f"{counted(len(comparison.differences), 'difference')}",
        ),
        sections=tuple(sections),
        remarks=_remarks(verified),
    )


_HEAD: Final = ("time, UTC", "symbol", "of", "what", "value", "backtest", "run")


def _cells(one: Difference) -> tuple[str, ...]:
    return (
        minute_of(one.at_ms),
        one.symbol or "account",
        one.kind.value,
        one.key,
        one.name or "all of it",
        one.backtest,
        one.run,
    )


def _remarks(verified: Verified) -> tuple[str, ...]:
    missing = [kind.value for kind, count in verified.comparison.compared.items() if not count]
    if not missing or verified.comparison.differences:
        return ()
    none = f"No {' and no '.join(missing)} occurred in the period: nothing is shown of them"
    return (f"{none}. Choose a longer one, or more markets.",)


def parity_json(verified: Verified) -> dict[str, Any]:
    """Return a comparison as values of JSON.

    Args:
        verified: compared.
    """
    comparison, period = verified.comparison, verified.period
    return {
        "schema": SCHEMA,
        "finding": comparison.finding.value,
        "from": iso_of(period.start_ms),
        "to": iso_of(period.end_ms),
        "markets": list(verified.markets),
        "compared": {kind.value: count for kind, count in comparison.compared.items()},
        "differences": [
            {
                "at": iso_of(one.at_ms),
                "symbol": one.symbol,
                "kind": one.kind.value,
                "key": one.key,
                "value": one.name,
                "backtest": one.backtest,
                "run": one.run,
            }
            for one in comparison.differences
        ],
    }
