"""The stop control: two taps from every page end all entries, and a sentence says what each does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from snipersight.bootstrap.access.commanding import Wish
from snipersight.domain.access import Scope
from snipersight.domain.commands import CommandKind
from snipersight.web.pages.kit import Node, button
from snipersight.web.pages.saying import Saying
from snipersight.web.pages.visit import Visit

_PAUSE: Final = (
    "No entry from now on; positions keep their stops and targets. Resuming is done on the "
    "terminal or in the chat."
)
_KILL: Final = (
    "Ends all entries and cancels those that wait, until the switch is re-armed on the terminal. "
    "It survives restarts."
)


def stop_dialog(visit: Visit) -> None:
    """Draw what the head's Stop opens: the first tap opens it, the second one stops."""
    with Node("dialog", id="stop", aria_labelledby="stop-title"), Node("div", classes="inside"):
        Node("h2", "Stop this account?", id="stop-title")
        stop_choices(visit)
        with Node("div", classes="end"):
            button("Back", "plain", data_closes="")


def stop_choices(visit: Visit, *, is_sure: bool = True) -> None:
    """Draw pause and kill, each with what it does; what the caller may not press is disabled.

    Args:
        visit: the open page.
        is_sure: whoever sees it has asked for it already; else kill asks once more.
    """
    saying = Saying(visit)
    with Node("div", classes="choice"):
        pause = button("Pause entries", "stop big", autofocus=is_sure, data_closes="")
        Node("p", _PAUSE)
        pause.on("click", lambda: saying.say(Wish(kind=CommandKind.PAUSE, reason=_REASON)))
        _close_to(pause, visit, Scope.TRADE)
    with Node("div", classes="choice"):
        if is_sure:
            _kill(visit, saying)
        else:
            button("Kill switch …", "kill big", data_opens="stop", aria_haspopup="dialog")
        Node("p", _KILL)


def _kill(visit: Visit, saying: Saying) -> None:
    kill = button("Kill switch", "kill big", data_closes="")
    wants = {"flatten": False}
    with Node("label", classes="field"):
        flatten = Node("input", type="checkbox")
        Node("span", "close every position at market, too")
    flatten.on("change", lambda event: wants.update(flatten=bool(event.args)), js_handler=_CHECKED)
    wish = Wish(kind=CommandKind.KILL, reason=_REASON)
    kill.on("click", lambda: saying.say(replace(wish, flatten=wants["flatten"])))
    _close_to(kill, visit, Scope.ADMIN)


_REASON: Final = "stopped on the dashboard"
_CHECKED: Final = "(event) => emit(event.target.checked)"


def _close_to(pressed: Node, visit: Visit, needed: Scope) -> None:
    if not visit.may(needed):
        pressed.put(disabled=True)
        Node("p", f"Your token has scope {visit.caller.scope}; this needs {needed}.", "aside")
