"""What /status and /risk answer."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from snipersight.bot.notifications.wording.escaping import Markdown, escape
from snipersight.bot.operator.facts import BudgetFacts, LossFacts, RiskFacts, RunFacts, StatusFacts
from snipersight.bot.operator.wording.lines import joined, moment, sentence
from snipersight.domain import wording as texts
from snipersight.domain.execution import KillSwitch
from snipersight.domain.standing import BreakerName, TradingState, TrippedBreaker
from snipersight.risk.breakers.equity_marks import marked_equity
from snipersight.risk.manager import RiskStatus

_MARKS: Final = {
    TradingState.ACTIVE: "🟢",
    TradingState.REDUCING: "🟡",
    TradingState.HALTED: "🔴",
}
_MEANS: Final = {
    TradingState.ACTIVE: "new trades are allowed",
    TradingState.REDUCING: "positions may only become smaller",
    TradingState.HALTED: "no new trades; exits go on",
}
_NAMES: Final = {BreakerName.OPERATOR: "paused by hand"}
_REARM: Final = "`snipersight kill --rearm` at the terminal"
_BAR: Final = 10


def status_text(facts: StatusFacts) -> Markdown:
    """Return where everything stands."""
    return joined(_status_lines(facts))


def risk_text(facts: RiskFacts) -> Markdown:
    """Return losses and budget against their limits."""
    lines = [*_state_lines(facts.status), "", "**Losses**"]
    lines += [_loss(one) for one in facts.losses]
    streak, most = facts.status.standing.loss_streak, facts.status.policy.max_loss_streak
    lines += [f"Trades lost in a row: {streak} of {most}", "", "**Budget**"]
    lines += [_budget(one, facts.status.account.currency) for one in facts.budgets]
    return joined(lines)


def _status_lines(facts: StatusFacts) -> Iterator[str]:
    yield from _state_lines(facts.risk, shows_kill=facts.switch is None)
    if facts.switch is not None:
        yield _switch(facts.switch)
    yield ""
    yield escape(
        f"Positions {facts.positions} · waiting for entry {facts.waiting} · orders {facts.orders}"
    )
    if facts.unprotected:
        yield f"⚠️ **{texts.counted(facts.unprotected, 'position')} without a full stop**"
    if facts.run is not None:
        yield from ("", *_run_lines(facts.run))


def _state_lines(status: RiskStatus, *, shows_kill: bool = True) -> Iterator[str]:
    state, standing = status.state, status.standing
    yield f"{_MARKS[state]} **{state.value}** {escape(f'– {_MEANS[state]}')}"
    account = status.account
    equity = texts.amount_text(marked_equity(standing))
    yield escape(f"Account {account.account_id}: {equity} {account.currency}")
    for breaker in standing.tripped:
        if shows_kill or not breaker.is_kill:
            yield escape(_breaker(breaker))
    for cooldown in standing.cooldowns:
        until = moment(cooldown.until_us)
        yield escape(f"No {cooldown.direction.value} in {cooldown.symbol} until {until} UTC")


def _breaker(breaker: TrippedBreaker) -> str:
    if breaker.until_us is not None:
        until = f"until {moment(breaker.until_us)} UTC"
    elif breaker.is_kill:
        return f"Killed since {moment(breaker.tripped_us)} UTC, until {_REARM}: {breaker.sentence}"
    elif breaker.name is BreakerName.OPERATOR:
        until = "until /resume"
    elif breaker.name is BreakerName.UNPROTECTED:
        until = "until the position is protected"
    else:
        until = "until `snipersight risk resume --rearm`"
    name = _NAMES.get(breaker.name, breaker.name.value.replace("_", " "))
    why = f": {breaker.sentence}" if breaker.sentence else ""
    return f"{sentence(name)[:-1]} since {moment(breaker.tripped_us)} UTC, {until}{why}"


def _switch(switch: KillSwitch) -> str:
    how = "closes positions, too" if switch.flatten else "entries only"
    done = "done" if switch.done_us is not None else "not yet confirmed by the venue"
    why = f": {switch.reason}" if switch.reason else ""
    words = f"pulled {moment(switch.since_us)} UTC by {switch.actor}, {how}, {done}{why}"
    return f"🛑 **Kill switch** {escape(f'{words}. It holds until {_REARM}.')}"


def _run_lines(run: RunFacts) -> Iterator[str]:
    asks = ", asks before each trade" if run.asks else ""
    markets = texts.counted(run.symbols, "symbol")
    yield escape(f"Mode {run.mode}{asks}; {markets} of {run.venue}, profile {run.profile}")
    if run.scanned_to_ms is not None:
        then = "" if run.next_ms is None else f", next {texts.minute_of(run.next_ms)[-5:]}"
        yield escape(f"Scanned to {texts.minute_of(run.scanned_to_ms)} UTC{then}")
    for trouble in run.troubles:
        yield f"⚠️ {escape(sentence(trouble))}"


def _loss(loss: LossFacts) -> Markdown:
    share = loss.now / loss.limit if loss.limit > 0 else Decimal(1)
    words = f"{sentence(loss.name)[:-1]}: {texts.percent(loss.now)} of {texts.percent(loss.limit)}"
    return Markdown(f"`{texts.bar(share, _BAR)}` {escape(words)}")


def _budget(budget: BudgetFacts, currency: str) -> Markdown:
    share = budget.amount / budget.limit if budget.limit > 0 else Decimal(1)
    if budget.is_count:
        words = f"{budget.amount:f} of {budget.limit:f} {budget.name}"
    else:
        taken, limit = map(texts.amount_text, (budget.amount, budget.limit))
        words = f"{sentence(budget.name)[:-1]}: {taken} of {limit} {currency}"
    return Markdown(f"`{texts.bar(share, _BAR)}` {escape(words)}")
