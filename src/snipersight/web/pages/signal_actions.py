"""What a person can say about a signal, each with what it does before it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from nicegui.events import GenericEventArguments

from snipersight.bootstrap.access.commanding import Wish
from snipersight.bootstrap.dashboard.views import SignalView
from snipersight.domain.access import Scope
from snipersight.domain.commands import CommandKind
from snipersight.domain.wording import size_text
from snipersight.web.pages.kit import Node, button, chip, panel
from snipersight.web.pages.saying import Saying
from snipersight.web.pages.visit import Visit
from snipersight.web.pages.words import moment, money, price, sentence

_OFFERED: Final = (
    (CommandKind.APPROVE, "Approve", "good", "a"),
    (CommandKind.REJECT, "Reject", "", "x"),
    (CommandKind.TOOK, "Took it", "", "o"),
    (CommandKind.CANCEL, "Cancel entries", "bad", "c"),
)
_EFFECTS: Final = {
    CommandKind.APPROVE: "Price and limits are checked again, then its entries are sent.",
    CommandKind.REJECT: "It is not traded. The first decision on a plan is the only one.",
    CommandKind.TOOK: "You traded it yourself: it counts against the limits from now on.",
    CommandKind.CANCEL: "Entries that wait are cancelled; what is held keeps its stop and targets.",
}


class SignalActions:
    """The buttons of one signal's page; their dialogs outlive every change of the page.

    Args:
        visit: the open page.
        plan_id: of the signal.
    """

    def __init__(self, visit: Visit, plan_id: str) -> None:
        self._visit = visit
        self._saying = Saying(visit, plan_id)
        self._took: dict[str, str] = {"size": "", "price": ""}
        self._details: dict[CommandKind, Node] = {}
        for kind, words, tone, _ in _OFFERED:
            self._dialog(kind, words, tone)

    def draw(self, view: SignalView) -> None:
        """Draw what can be said now, and what was said before."""
        self._saying.account = view.account_id
        self._tell_details(view)
        _, body = panel("Decide", classes="decide")
        with body.classes("body stack"):
            may = [one for one in _OFFERED if one[0] in view.may]
            if may:
                with Node("div", classes="bar"):
                    for kind, words, tone, key in may:
                        self._opener(kind, words, tone, key)
                if not self._visit.may(Scope.TRADE):
                    Node("p", "Your token may only read; deciding needs scope trade.", "aside")
            else:
                Node("p", sentence(view.closed_because) or "There is nothing to decide.", "aside")
            _said(view)

    def _opener(self, kind: CommandKind, words: str, tone: str, key: str) -> None:
        opener = button(words, tone, data_opens=f"say-{kind}", data_key=key, title=f"({key})")
        if not self._visit.may(Scope.TRADE):
            opener.put(disabled=True)

    def _dialog(self, kind: CommandKind, words: str, tone: str) -> None:
        title = f"say-{kind}-title"
        with (
            Node("dialog", id=f"say-{kind}", aria_labelledby=title),
            Node("div", classes="inside"),
        ):
            Node("h2", f"{words}?", id=title)
            self._details[kind] = Node("p", classes="strong")
            Node("p", _EFFECTS[kind], "aside")
            Node("p", "This account is LIVE: real money.", "neg strong when-live")
            if kind is CommandKind.TOOK:
                self._numbers()
            with Node("div", classes="end"):
                button("Back", "plain", data_closes="")
                sure = button(words, tone or "bad", data_closes="")
                sure.on("click", lambda: self._say(kind))

    def _numbers(self) -> None:
        for name, label in (("size", "Size, if not the approved one"), ("price", "Price")):
            with Node("label", classes="field"):
                Node("span", label)
                asked = Node("input", classes="text", inputmode="decimal", maxlength=40)
            asked.on("change", self._noting(name), js_handler=_VALUE)

    def _noting(self, name: str) -> Callable[[GenericEventArguments], None]:
        def note(event: GenericEventArguments) -> None:
            self._took[name] = str(event.args)[:40]

        return note

    async def _say(self, kind: CommandKind) -> None:
        wish = Wish(kind=kind)
        if kind is CommandKind.TOOK:
            wish = replace(wish, size=self._took["size"], price=self._took["price"])
        await self._saying.say(wish)

    def _tell_details(self, view: SignalView) -> None:
        plan, verdict = view.plan, view.verdict
        if plan is None:
            return
        words = f"{plan.direction} {plan.symbol} at {price(plan.entry_near)}, stop {price(plan.stop_loss.price)}"
        if verdict is not None and verdict.size is not None:
            words += f": {size_text(verdict.size)}, risk {money(verdict.risk)}"
        for told in self._details.values():
            told.text = words


_VALUE: Final = "(event) => emit(event.target.value)"


def _said(view: SignalView) -> None:
    if not view.commands:
        return
    with Node("ul", classes="stack"):
        for one in view.commands:
            with Node("li"):
                chip(str(one.kind))
                Node("span", f" {one.name or one.actor}, {moment(one.at_ms)}: ", "muted")
                Node("span", one.sentence or "waits to be done")
