"""What a question to the evidence is about, in words that every view shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from snipersight.domain.evidence import Kind, Origin
from snipersight.domain.statistics import ENOUGH
from snipersight.domain.wording import counted, minute_of

if TYPE_CHECKING:
    from snipersight.bootstrap.findings import Findings
    from snipersight.domain.statistics import TierComparison

_ADJECTIVES: Final = {
    Origin.LIVE: "live",
    Origin.PRACTICE: "practice",
    Origin.REPLAY: "replayed",
}
NOTES: Final = (
    ("R", "the loss that was planned for the whole size at the near edge, costs included"),
    ("hit", "entered, closed, and above zero net of fees, slippage and funding"),
    ("expectancy", "average net R of a closed signal"),
    (
        "modelled",
        (
            "what the matching rules say happened on later candles, the worse where a bar leaves it "
            "open; no order was sent for it"
        ),
    ),
    ("actual", "what happened to orders that were sent, on a testnet too, and to trades by hand"),
    (
        "intervals",
        "hold with 95 % confidence; signals of one day move together and are drawn together",
    ),
    (
        "too few",
        (
            f"nothing is estimated from fewer than {ENOUGH.closed} closed signals on "
            f"{ENOUGH.days} days"
        ),
    ),
)


def heading(findings: Findings) -> str:
    """Return `2,413 replayed signals`."""
    return counted(len(findings.table), f"{adjective(findings.wanted.origin)} signal".lstrip())


def adjective(origin: Origin | None) -> str:
    """Return what signals of an origin are called; empty where none is known."""
    return "" if origin is None else _ADJECTIVES[origin]


def period(findings: Findings) -> str:
    """Return from when to when they were decided; empty without any."""
    times = findings.table.decided_ms
    if not len(times):
        return ""
    return f"decided {minute_of(int(times[0]))} to {minute_of(int(times[-1]))} UTC"


def scope(findings: Findings) -> str:
    """Return what was asked for: period, filters, whose outcomes."""
    wanted = findings.wanted
    parts = (
        period(findings),
        f"profile {wanted.profile}" if wanted.profile else "",
        wanted.symbol or "",
        f"account {wanted.account_id}" if wanted.account_id else "",
        f"{wanted.kind.value} outcomes, net of costs",
    )
    return ", ".join(part for part in parts if part)


def left_out(findings: Findings) -> tuple[str, ...]:
    """Return which signals of other origins play no part, a sentence each."""
    return tuple(
        f"{counted(count, f'{adjective(origin)} signal')} left out; "
        f"`--origin {origin.value}` shows them"
        for origin, count in findings.others
    )


def about(findings: Findings) -> tuple[str, ...]:
    """Return the lines below the title: what was asked for, what counts, what is left out."""
    lines = [scope(findings)]
    if findings.wanted.kind is Kind.ACTUAL:
        lines.append("signals that nobody has traded count as waiting")
    return tuple(map(sentence, (*lines, *repeated(findings), *left_out(findings))))


def repeated(findings: Findings) -> tuple[str, ...]:
    """Return that some setups count more than once, and why; nothing where none does."""
    from snipersight.bot.telemetry.statistics.columns import setups_in

    signals, setups = len(findings.told), setups_in(findings.told)
    if setups == signals:
        return ()
    why = (
        "one that several accounts, profiles or versions of a profile signalled counts each time; "
        "`--account` and `--profile` tell of one"
    )
    return (f"{counted(signals, 'approved signal')} of {counted(setups, 'setup')}: {why}",)


def next_steps(findings: Findings) -> tuple[str, ...]:
    """Return what to do where there is nothing to show yet; nothing where there is."""
    if findings.wanted.kind is Kind.ACTUAL and len(findings.table):
        return ()
    if len(findings.table):
        return _while_following(findings)
    wanted = findings.wanted
    filters = (wanted.profile, wanted.symbol, wanted.account_id, wanted.since_ms, wanted.until_ms)
    if any(one is not None for one in filters):
        return ("No signal matches; `snipersight stats` without options shows what there is.",)
    return (
        "No signal is recorded yet.",
        (
            "`snipersight scan` records the signals it finds; `snipersight replay` reads a recorded "
            "period and records what would have been."
        ),
    )


def _while_following(findings: Findings) -> tuple[str, ...]:
    from snipersight.bot.telemetry.statistics.columns import is_closed

    if is_closed(findings.told).any():
        return ()
    return ("No approved signal has closed yet; `snipersight outcomes` looks how far they are.",)


def reading(findings: Findings, comparison: TierComparison) -> tuple[tuple[str, str], ...]:
    """Return the questions a trader has with what the evidence says, most important first."""
    view = findings.view
    return (
        (comparison_question(comparison), comparison.sentence),
        ("What does a signal bring?", view.expectancy().sentence),
        ("How many hit?", view.hit_rate().sentence),
        (score_question(findings), view.calibration.sentence),
        ("Is something off?", "; ".join(troubles(findings))),
    )


def comparison_question(comparison: TierComparison) -> str:
    """Return what the comparison of two tiers answers."""
    pair = f"{comparison.better}-tier signals do better than {comparison.worse}-tier"
    return f"Do {pair}, net of costs, and how sure are we?"


def score_question(findings: Findings) -> str:
    """Return what calibration answers; scores of several profiles are no one scale."""
    profiles = len(findings.told.profile.counts())
    if profiles < 2:
        return "What has a score meant?"
    return f"What has a score meant? ({profiles} profiles together; --profile tells of one)"


def troubles(findings: Findings) -> tuple[str, ...]:
    """Return alarms and what has drifted, a sentence each; one that there is none."""
    drifts = findings.view.drifts()
    drifted = (drift.sentence for drift in drifts if drift.is_drift)
    found = (*(alarm.sentence for alarm in findings.view.alarms()), *drifted)
    if found:
        return found
    if any(drift.p_value is not None for drift in drifts):
        return ("no alarm: nothing has changed by more than chance explains",)
    return ("no alarm; too little history to compare the present with",)


def sentence(text: str) -> str:
    """Return a text that begins with a capital and ends with a full stop."""
    stripped = text.strip()
    if not stripped:
        return ""
    ended = stripped if stripped[-1] in ".!?" else f"{stripped}."
    return ended[0].upper() + ended[1:]
