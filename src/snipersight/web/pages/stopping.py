"""The stop control: two taps from every page end all entries, and a sentence says what each does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from snipersight.bootstrap.access.commanding import Wish
from snipersight.bootstrap.dashboard.views import Overview
from snipersight.domain.access import Scope
from snipersight.domain.commands import CommandKind
from snipersight.web.pages.kit import Node, button
from snipersight.web.pages.saying import Saying
from snipersight.web.pages.visit import Visit
from snipersight.web.pages.words import mode_words

_PAUSE: Final = (
    "No entry from now on; positions keep their stops and targets. Resuming is done on the "
    "terminal or in the chat."
)
_KILL: Final = (
    "Ends all entries and cancels those that wait, until the switch is re-armed on the terminal. "
    "It survives restarts."
)
_REASON: Final = "stopped on the dashboard"
_CHECKED: Final = "(event) => emit(event.target.checked)"
_EVERY: Final = "every account"

Say = Callable[[Wish], Awaitable[None]]


def stop_dialog(visit: Visit) -> None:
    """Draw what the head's Stop opens: the first tap opens it, the second one stops."""
    with Node("dialog", id="stop", aria_labelledby="stop-title"), Node("div", classes="inside"):
        title = Node("h2", "Stop this account?", id="stop-title")
        own = stop_choices(visit)
        every = Node("div", classes="every")
        with Node("div", classes="end"):
            button("Back", "plain", data_closes="")

    def tell(overview: Overview) -> None:
        title.text = f"Stop {_named(overview)}?"
        if len(overview.accounts) > 1 and not every.default_slot.children:
            with every:
                _every_account(visit, own)

    visit.heads.append(tell)


def stop_choices(visit: Visit, *, is_sure: bool = True) -> Saying:
    """Draw pause and kill of the account that is shown, each with what it does.

    What the caller may not press is disabled. The buttons name account and mode once both are known.

    Args:
        visit: the open page.
        is_sure: whoever sees it has asked for it already; else kill asks once more.

    Returns:
        What says it.
    """
    saying = Saying(visit)
    with Node("div", classes="choice"):
        pause = _pause(visit, "this account", saying.say, is_first=is_sure)
        Node("p", _PAUSE)
    with Node("div", classes="choice"):
        if is_sure:
            kill = _kill(visit, "this account", saying.say)
        else:
            kill = button("Kill switch …", "kill big", data_opens="stop", aria_haspopup="dialog")
        Node("p", _KILL)

    def tell(overview: Overview) -> None:
        # What the button names is what it stops, whatever else is chosen in another tab.
        saying.account, saying.accounts = overview.account_id, overview.accounts
        pause.text = f"Pause {_named(overview)}"
        kill.text = f"Kill {_named(overview)}" + ("" if is_sure else " …")

    visit.heads.append(tell)
    return saying


def _every_account(visit: Visit, saying: Saying) -> None:
    with Node("div", classes="choice"):
        _pause(visit, _EVERY, saying.say_to_every)
    with Node("div", classes="choice"):
        _kill(visit, _EVERY, saying.say_to_every)


def _pause(visit: Visit, what: str, say: Say, *, is_first: bool = False) -> Node:
    pause = button(f"Pause {what}", "stop big", autofocus=is_first, data_closes="")
    pause.on("click", lambda: say(Wish(kind=CommandKind.PAUSE, reason=_REASON)))
    _close_to(pause, visit, Scope.TRADE)
    return pause


def _kill(visit: Visit, what: str, say: Say) -> Node:
    kill = button(f"Kill {what}", "kill big", data_closes="")
    wants = {"flatten": False}
    with Node("label", classes="field"):
        flatten = Node("input", type="checkbox")
        Node("span", "close every position at market, too")
    flatten.on("change", lambda event: wants.update(flatten=bool(event.args)), js_handler=_CHECKED)
    wish = Wish(kind=CommandKind.KILL, reason=_REASON)
    kill.on("click", lambda: say(replace(wish, flatten=wants["flatten"])))
    _close_to(kill, visit, Scope.ADMIN)
    return kill


def _named(overview: Overview) -> str:
    return f"{overview.account_id} ({mode_words(overview.mode)})"


def _close_to(pressed: Node, visit: Visit, needed: Scope) -> None:
    if not visit.may(needed):
        pressed.put(disabled=True)
        Node("p", f"Your token has scope {visit.caller.scope}; this needs {needed}.", "aside")
